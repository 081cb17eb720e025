//! Counts by reason while lines are read.

use crate::Decimal;
use crate::error::Place;
use crate::summary::{Dropped, FileSummary, Reason};

/// Counts by reason while lines are read.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    by_reason: [Option<Count>; Reason::ALL.len()],
}

/// Lines of one reason; the place is kept as indices until the end.
#[derive(Clone, Copy, Debug)]
struct Count {
    n_lines: u64,
    amount: Decimal,
    first: At,
}

/// File and line of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct At {
    pub file: u32,
    pub line: u32,
}

impl At {
    pub(crate) fn place(self, files: &[FileSummary]) -> Place {
        Place {
            file: files[self.file as usize].name.clone(),
            line: u64::from(self.line),
        }
    }
}

impl Tally {
    pub(crate) fn drop_line(&mut self, reason: Reason, amount: Option<Decimal>, at: At) {
        let count = self.by_reason[reason as usize].get_or_insert(Count {
            n_lines: 0,
            amount: Decimal::ZERO,
            first: at,
        });
        count.n_lines += 1;
        count.amount += amount.unwrap_or_default();
        count.first = count.first.min(at);
    }

    pub(crate) fn dropped(&self, files: &[FileSummary]) -> Vec<Dropped> {
        let counted = Reason::ALL.into_iter().zip(&self.by_reason);
        let rows = counted.filter_map(|(reason, count)| {
            let Count {
                n_lines,
                amount,
                first,
            } = (*count)?;
            Some(Dropped {
                reason,
                n_lines,
                amount,
                first: first.place(files),
            })
        });
        rows.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tally_keeps_count_amount_and_the_first_place() {
        let mut tally = Tally::default();
        tally.drop_line(
            Reason::BadDate,
            Some(Decimal::from_whole(5)),
            At { file: 0, line: 9 },
        );
        tally.drop_line(Reason::BadDate, None, At { file: 0, line: 3 });
        let file = FileSummary {
            name: "a.csv".into(),
            n_lines: 9,
            encoding: "utf-8",
            delimiter: "comma",
            date_order: None,
            decimal_mark: "point",
            fractional_ids: false,
            columns: Vec::new(),
        };
        let dropped = tally.dropped(&[file]);
        assert_eq!(dropped.len(), 1);
        assert_eq!(
            (dropped[0].n_lines, dropped[0].amount),
            (2, Decimal::from_whole(5))
        );
        assert_eq!(dropped[0].first.to_string(), "a.csv line 3");
    }
}
