//! Refund rules: what becomes of lines with a negative amount and of cancelled invoices.
//!
//! A request either holds refunds, with dates of their own, or has them taken off its purchases before: [`Holds`].

use std::collections::HashSet;

use crate::Decimal;
use crate::lines::Line;
use crate::options::RefundRule;
use crate::summary::Reason;
use crate::tally::{At, Tally};

/// What remains after refunds were dealt with.
pub(crate) struct Settled {
    pub rows: Vec<Line>,
    pub n_reduced: u64,
    pub amount_reduced: Decimal,
    pub amount_unmatched: Decimal,
    pub n_dated: u64,
    pub amount_dated: Decimal,
    pub cost_dated: Decimal,
}

/// Refunds were found, and no rule says how they count.
pub(crate) struct Undeclared {
    pub first: Vec<At>,
    pub n_lines: u64,
}

/// Lines that an error names.
const PLACES_SHOWN: usize = 5;

/// How a request holds refunds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// It has no place for them: what they take off is taken off before.
    Purchases,
    /// As negative amounts with their own dates, and with costs where the files have them.
    Refunds { with_costs: bool },
}

/// Applies `rule`; lines that leave are counted in `tally`.
pub(crate) fn settle(
    rows: Vec<Line>,
    rule: RefundRule,
    holds: Holds,
    tally: &mut Tally,
) -> Result<Settled, Undeclared> {
    match (rule, holds) {
        (RefundRule::Error, _) => {
            let refunds = || {
                rows.iter()
                    .filter(|line| line.is_refund)
                    .map(|line| line.at)
            };
            let n_lines = refunds().count() as u64;
            if n_lines > 0 {
                return Err(Undeclared {
                    first: refunds().take(PLACES_SHOWN).collect(),
                    n_lines,
                });
            }
            Ok(unchanged(rows))
        }
        (RefundRule::Drop, _) => Ok(unchanged(dropped(rows, tally))),
        (RefundRule::Net, Holds::Purchases) => Ok(netted(rows, tally)),
        (RefundRule::Net, Holds::Refunds { with_costs }) => Ok(dated(rows, with_costs, tally)),
    }
}

fn unchanged(rows: Vec<Line>) -> Settled {
    Settled {
        rows,
        n_reduced: 0,
        amount_reduced: Decimal::ZERO,
        amount_unmatched: Decimal::ZERO,
        n_dated: 0,
        amount_dated: Decimal::ZERO,
        cost_dated: Decimal::ZERO,
    }
}

/// Leaves refunds where they are: the request holds them, and its route takes them off from their day on.
///
/// A refund of nothing leaves even where amounts of zero are kept: the request could not tell it from a purchase. A
/// request has no cost below zero, so that what returned goods had cost can't be credited; a refund's cost is then 0, as
/// without one the whole base would lose its margins.
fn dated(mut rows: Vec<Line>, with_costs: bool, tally: &mut Tally) -> Settled {
    let mut settled = unchanged(Vec::new());
    rows.retain_mut(|line| {
        if !line.is_refund {
            return true;
        }
        if line.amount.is_zero() {
            tally.drop_line(Reason::ZeroAmount, Some(line.amount), line.at);
            return false;
        }
        settled.n_dated += 1;
        settled.amount_dated += line.amount;
        settled.cost_dated += line.cost.unwrap_or_default();
        line.cost = with_costs.then_some(Decimal::ZERO);
        true
    });
    settled.rows = rows;
    settled
}

fn dropped(mut rows: Vec<Line>, tally: &mut Tally) -> Vec<Line> {
    rows.retain(|line| {
        if line.is_refund {
            let reason = if line.is_cancelled {
                Reason::CancelledInvoice
            } else {
                Reason::Refund
            };
            tally.drop_line(reason, Some(line.amount), line.at);
        }
        !line.is_refund
    });
    rows
}

/// Takes every refund from the latest earlier purchase of the same customer and product, what exceeds it from the one
/// before, and so on.
///
/// Refunds are dealt with in the order of time. A purchase of the same moment counts as earlier: files that hold dates
/// only say no more. Where the file has no products, the customer alone decides.
fn netted(mut rows: Vec<Line>, tally: &mut Tally) -> Settled {
    let whole: Vec<(usize, Decimal)> = in_order_of_time(&rows)
        .into_iter()
        .map(|at| (at, rows[at].amount))
        .collect();
    let mut settled = unchanged(Vec::new());
    // Purchases that can still take up a refund, the latest last.
    let mut open: Vec<usize> = Vec::new();
    let mut group = None;
    for &(at, amount) in &whole {
        let key = (rows[at].customer, rows[at].product);
        if group != Some(key) {
            group = Some(key);
            open.clear();
        }
        if !rows[at].is_refund {
            open.push(at);
            continue;
        }
        let left = take_from(&mut rows, &mut open, -amount);
        settled.amount_unmatched += left;
        let reason = match left {
            Decimal::ZERO => Reason::RefundNetted,
            left if left < -amount => Reason::RefundPartlyNetted,
            _ => Reason::RefundUnmatched,
        };
        tally.drop_line(reason, Some(amount), rows[at].at);
    }
    let mut is_kept: Vec<bool> = rows.iter().map(|line| !line.is_refund).collect();
    for &(at, amount) in &whole {
        let line = &rows[at];
        if line.is_refund || line.amount == amount {
            continue;
        }
        if line.amount.is_zero() {
            tally.drop_line(Reason::FullyRefunded, Some(amount), line.at);
            is_kept[at] = false;
        } else {
            settled.n_reduced += 1;
            settled.amount_reduced += amount - line.amount;
        }
    }
    let mut is_kept = is_kept.into_iter();
    rows.retain(|_| is_kept.next().unwrap_or(false));
    settled.rows = rows;
    settled
}

/// Lowers the latest of the `open` purchases by `refund`; returns what none could take up.
fn take_from(rows: &mut [Line], open: &mut Vec<usize>, refund: Decimal) -> Decimal {
    let mut left = refund;
    while !left.is_zero() {
        let Some(&latest) = open.last() else { break };
        let purchase = &mut rows[latest];
        let taken = left.min(purchase.amount);
        purchase.amount -= taken;
        left -= taken;
        if purchase.amount.is_zero() {
            open.pop();
        }
    }
    left
}

/// Lines of customers and products that have refunds: by customer and product, then time, purchases before refunds,
/// then the order of the files.
fn in_order_of_time(rows: &[Line]) -> Vec<usize> {
    let key = |line: &Line| (line.customer, line.product);
    let with_refunds: HashSet<_> = rows.iter().filter(|line| line.is_refund).map(key).collect();
    let mut order: Vec<usize> = (0..rows.len())
        .filter(|&at| with_refunds.contains(&key(&rows[at])))
        .collect();
    order.sort_unstable_by_key(|&at| (key(&rows[at]), rows[at].moment, rows[at].is_refund, at));
    order
}

#[cfg(test)]
mod tests {
    use clientela_tables::Date;

    use super::*;
    use crate::dates::Moment;

    /// Lines of (customer, product, day, amount).
    fn lines(rows: &[(u32, u32, u32, i64)]) -> Vec<Line> {
        let line = |(at, &(customer, product, day, amount)): (usize, &(u32, u32, u32, i64))| Line {
            amount: Decimal::from_whole(amount),
            cost: Some(Decimal::from_whole(amount.abs() / 2)),
            moment: Moment {
                date: Date::from_ymd(2024, 1, day).unwrap(),
                second_of_day: 0,
            },
            customer,
            transaction: at as u32,
            product: Some(product),
            kind: None,
            is_refund: amount < 0,
            is_cancelled: false,
            at: At {
                file: 0,
                line: at as u32 + 2,
            },
        };
        rows.iter().enumerate().map(line).collect()
    }

    fn net(rows: &[(u32, u32, u32, i64)]) -> (Vec<(usize, String)>, Settled) {
        let mut tally = Tally::default();
        let Ok(settled) = settle(lines(rows), RefundRule::Net, Holds::Purchases, &mut tally) else {
            panic!("net is a rule")
        };
        let kept = settled
            .rows
            .iter()
            .map(|line| (line.at.line as usize - 2, line.amount.to_string()))
            .collect();
        (kept, settled)
    }

    #[test]
    fn a_refund_lowers_the_latest_earlier_purchase_and_what_exceeds_it_the_next() {
        let (kept, settled) = net(&[(1, 7, 1, 10), (1, 7, 5, 20), (1, 7, 9, 40), (1, 7, 6, -25)]);
        assert_eq!(kept, [(0, "5".into()), (2, "40".into())]);
        assert_eq!(
            (settled.n_reduced, settled.amount_reduced),
            (1, Decimal::from_whole(5))
        );
    }

    #[test]
    fn a_refund_touches_no_later_purchase_no_other_product_and_no_other_customer() {
        let (kept, settled) = net(&[(1, 7, 9, 10), (1, 8, 1, 10), (2, 7, 1, 10), (1, 7, 5, -4)]);
        assert_eq!(kept, [(0, "10".into()), (1, "10".into()), (2, "10".into())]);
        assert_eq!(settled.amount_unmatched, Decimal::from_whole(4));
    }

    #[test]
    fn a_purchase_of_the_same_day_is_earlier_wherever_it_stands() {
        let (kept, settled) = net(&[(1, 7, 5, -4), (1, 7, 5, 10)]);
        assert_eq!(kept, [(1, "6".into())]);
        assert_eq!(settled.amount_unmatched, Decimal::ZERO);
    }

    #[test]
    fn refunds_follow_time_not_the_order_of_the_file() {
        // The refund of day 2 belongs to day 1; the one of day 4, listed first, finds only what is left.
        let (kept, settled) = net(&[(1, 7, 4, -8), (1, 7, 2, -6), (1, 7, 1, 10), (1, 7, 3, 3)]);
        assert_eq!(kept, Vec::<(usize, String)>::new());
        assert_eq!(settled.amount_unmatched, Decimal::from_whole(1));
    }

    #[test]
    fn without_a_rule_the_first_refunds_are_named() {
        let rows = lines(&[
            (1, 7, 1, -1),
            (1, 7, 2, 5),
            (1, 7, 3, -1),
            (1, 7, 3, -1),
            (1, 7, 3, -1),
            (1, 7, 3, -1),
            (1, 7, 4, -1),
        ]);
        for holds in [Holds::Purchases, Holds::Refunds { with_costs: true }] {
            let tally = &mut Tally::default();
            let Err(found) = settle(rows.clone(), RefundRule::Error, holds, tally) else {
                panic!("refunds are an error")
            };
            assert_eq!(found.n_lines, 6);
            assert_eq!(
                found.first.iter().map(|at| at.line).collect::<Vec<_>>(),
                [2, 4, 5, 6, 7]
            );
        }
    }

    #[test]
    fn a_request_that_holds_refunds_has_each_on_its_own_day_and_no_purchase_is_lowered() {
        let rows = lines(&[(1, 7, 1, 10), (1, 7, 5, -10), (2, 7, 2, -4), (2, 8, 2, 3)]);
        let mut tally = Tally::default();
        let holds = Holds::Refunds { with_costs: true };
        let Ok(settled) = settle(rows.clone(), RefundRule::Net, holds, &mut tally) else {
            panic!("net is a rule")
        };
        let seen = |rows: &[Line]| -> Vec<_> {
            let of = |line: &Line| (line.amount, line.moment, line.customer, line.product);
            rows.iter().map(of).collect()
        };
        assert_eq!(seen(&settled.rows), seen(&rows));
        let costs: Vec<_> = settled.rows.iter().map(|line| line.cost).collect();
        let whole = |cost: i64| Some(Decimal::from_whole(cost));
        assert_eq!(costs, [whole(5), whole(0), whole(0), whole(1)]);
        assert_eq!(
            (settled.n_dated, settled.amount_dated, settled.cost_dated),
            (2, Decimal::from_whole(-14), Decimal::from_whole(7))
        );
        assert_eq!((settled.n_reduced, tally.dropped(&[]).len()), (0, 0));
    }

    #[test]
    fn a_refund_of_nothing_is_none() {
        let mut rows = lines(&[(1, 7, 1, 10), (1, 7, 5, 0)]);
        rows[1].is_refund = true;
        let mut tally = Tally::default();
        let holds = Holds::Refunds { with_costs: false };
        let Ok(settled) = settle(rows, RefundRule::Net, holds, &mut tally) else {
            panic!("net is a rule")
        };
        assert_eq!((settled.rows.len(), settled.n_dated), (1, 0));
    }
}
