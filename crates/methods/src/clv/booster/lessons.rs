//! What is learned from: days in the past, and customers as they were known then with what came after.

use clientela_numerics::{StopToken, Stopped};

use super::super::base::Base;
use super::super::features::{self, N_FEATURES};
use super::super::holdout::{is_lead, origin_days};
use super::super::probabilistic::Expected;
use super::super::snapshot::Snapshot;
use super::{BLOCK, Expecting};

/// Days in the past to learn from, at most.
const CUTS_MAX: usize = 4;
/// An expectation counts as at least this share of the mean one: the logarithm of 0 is no offset.
const EXPECTED_SHARE_MIN: f64 = 1e-4;

/// Snapshots of days whose window ends by the day of `snapshot`, with what the models expect within it; latest first.
pub(super) fn lessons<'a>(
    snapshot: &Snapshot<'a>,
    window_days: u32,
    expect: Expecting<'_, 'a>,
    stop: &StopToken,
) -> Result<Vec<(Snapshot<'a>, Vec<Expected>)>, Stopped> {
    let mut lessons = Vec::new();
    for cut in cuts(snapshot.base(), snapshot.day(), window_days) {
        let cut = Snapshot::at(snapshot.base(), cut, stop)?;
        if let Some(expected) = expect(&cut)? {
            lessons.push((cut, expected));
        }
    }
    Ok(lessons)
}

/// Days whose window ends by `day` and that have enough history before them, latest first.
fn cuts(base: Base<'_>, day: i32, window_days: u32) -> Vec<i32> {
    let has_ended = |cut: &i32| cut + window_days as i32 <= day;
    origin_days(base, window_days)
        .filter(has_ended)
        .take(CUTS_MAX)
        .filter(|cut| is_lead(cut - base.first_day()))
        .collect()
}

/// Figures of customers at past days with what came after.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) columns: Vec<Vec<f64>>,
    /// What the models expected.
    expected: Vec<f64>,
    /// What came.
    pub(super) values: Vec<f64>,
}

impl Default for Rows {
    fn default() -> Self {
        Self {
            columns: vec![Vec::new(); N_FEATURES],
            expected: Vec::new(),
            values: Vec::new(),
        }
    }
}

impl Rows {
    /// Members of a snapshot (by place) with what came in the window after it.
    pub(super) fn add(
        &mut self,
        snapshot: &Snapshot<'_>,
        places: &[u32],
        expected: &[Expected],
        window_days: u32,
        stop: &StopToken,
    ) -> Result<(), Stopped> {
        self.add_features(snapshot, places, expected, window_days, stop)?;
        let (start, end) = (snapshot.day(), snapshot.day() + window_days as i32);
        self.values.extend(places.iter().map(|&at| {
            let customer = snapshot.members()[at as usize] as usize;
            snapshot.base().value_between(customer, start, end)
        }));
        stop.poll()
    }

    /// The same without knowing what came.
    pub(super) fn add_features(
        &mut self,
        snapshot: &Snapshot<'_>,
        places: &[u32],
        expected: &[Expected],
        window_days: u32,
        stop: &StopToken,
    ) -> Result<(), Stopped> {
        let columns = features::columns(snapshot, places, expected, window_days, stop)?;
        for (to, from) in self.columns.iter_mut().zip(columns) {
            to.extend(from);
        }
        let values = places.iter().map(|&at| expected[at as usize].value());
        self.expected.extend(values);
        Ok(())
    }

    /// What came, in units; refunds that outweigh purchases count as nothing here and in [`Booster::scale`] in full.
    pub(super) fn targets(&self, unit: f64) -> Vec<f64> {
        self.values
            .iter()
            .map(|value| (value / unit).max(0.0))
            .collect()
    }

    /// Logarithms of what was expected, in units.
    pub(super) fn offsets(&self, unit: f64, stop: &StopToken) -> Result<Vec<f64>, Stopped> {
        let offset = |value: &f64| libm::log((value / unit).max(EXPECTED_SHARE_MIN));
        let mut offsets = Vec::with_capacity(self.expected.len());
        for expected in self.expected.chunks(BLOCK) {
            stop.poll()?;
            offsets.extend(expected.iter().map(offset));
        }
        Ok(offsets)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::base;
    use super::super::testing::table;
    use super::*;

    #[test]
    fn days_to_learn_from_are_those_of_hold_outs_for_odd_windows_too() {
        let full = table(|i| i, 13.0);
        let today = base(&full).today();
        let ago = |day: i32| {
            cuts(base(&full), day, 91)
                .into_iter()
                .map(move |cut| today - cut)
        };
        assert_eq!(ago(today).collect::<Vec<_>>(), [91, 136, 182, 227]);
        assert_eq!(ago(today - 136).collect::<Vec<_>>(), [227, 273, 318, 364]);
    }
}
