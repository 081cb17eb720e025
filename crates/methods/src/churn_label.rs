//! Whether a customer counts as lost, by the rule of the business.
//!
//! Source: the API contract's §12, `churn_label`.
//! Cost: O(1) for each row. Deterministic.

use clientela_tables::{ChurnEvidence, ChurnSnapshot, Date};

/// Whether the customer of a snapshot counts as lost.
///
/// ```text
/// shop:          snapshot − last purchase ≥ window_days
/// subscription:  cancelled
/// prepaid:       balance ≤ 0 and not topped up
/// ```
///
/// `window_days` is at least 1; only shops look at it.
#[must_use]
pub fn is_churned(snapshot: &ChurnSnapshot, window_days: u32) -> bool {
    match snapshot.evidence {
        ChurnEvidence::LastPurchase(last) => is_silent(last, snapshot.date, window_days),
        ChurnEvidence::Subscription { cancelled } => cancelled,
        ChurnEvidence::Prepaid { balance, topped_up } => balance <= 0.0 && !topped_up,
    }
}

/// Whether a shop's customer who last bought on a day counts as lost on another, which is not before it.
///
/// ```text
/// date − last ≥ window_days
/// ```
#[must_use]
pub fn is_silent(last: Date, date: Date, window_days: u32) -> bool {
    i64::from(date.days_since(last)) >= i64::from(window_days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(evidence: ChurnEvidence, expected: bool) {
        let snapshot = ChurnSnapshot {
            customer_id: "a".into(),
            date: Date::parse("2025-04-01").expect("a date"),
            evidence,
        };
        assert_eq!(is_churned(&snapshot, 90), expected, "{evidence:?}");
    }

    #[test]
    fn each_business_has_its_rule() {
        let bought = |day| ChurnEvidence::LastPurchase(Date::parse(day).expect("a date"));
        check(bought("2025-01-01"), true); // 90 days before
        check(bought("2025-01-02"), false);
        check(bought("2025-04-01"), false);
        check(ChurnEvidence::Subscription { cancelled: true }, true);
        check(ChurnEvidence::Subscription { cancelled: false }, false);
        for (balance, topped_up, churned) in [
            (0.0, false, true),
            (-3.0, false, true),
            (0.0, true, false),
            (0.01, false, false),
        ] {
            check(ChurnEvidence::Prepaid { balance, topped_up }, churned);
        }
    }
}
