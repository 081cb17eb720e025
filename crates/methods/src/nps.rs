//! Net promoter score: overall, by group, by month, with intervals and with groups held against the rest.
//!
//! Sources: Reichheld (2003), "The One Number You Need to Grow", Harvard Business Review 81(12), 46–54, for the score;
//! Bonett, Price (2012), "Adjusted Wald Confidence Interval for a Difference of Binomial Proportions Based on Paired
//! Data", Journal of Educational and Behavioral Statistics 37(4), 479–488, for the interval: promoters and detractors
//! are two cells of one multinomial sample, as the discordant cells of a paired table are; Rocks (2016), "Interval
//! Estimation for the 'Net Promoter Score'", The American Statistician 70(4), 365–372, finds adjusted Wald intervals
//! best for this score; Holm (1979), "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal
//! of Statistics 6(2), 65–70.
//! Cost: O(n + g log g) for g groups. Deterministic.
//! Tested against: the SFO guest survey of 2017, and hand-computed intervals.

use std::collections::BTreeMap;

use clientela_numerics::special::{normal_cdf, normal_quantile};
use clientela_tables::Answers;

/// Confidence of all intervals.
pub const CONFIDENCE: f64 = 0.95;

/// Adjusted p-values below this are called significant.
pub const SIGNIFICANCE: f64 = 0.05;

/// Answers by what they mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Answers 9 and 10.
    pub promoters: u64,
    /// Answers 7 and 8.
    pub passives: u64,
    /// Answers 0 to 6.
    pub detractors: u64,
}

/// A score with its interval, in points from −100 to 100.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Half the width before the ends are cut at ±100.
    pub margin_of_error: f64,
    /// Lower end, at least −100.
    pub low: f64,
    /// Upper end, at most 100.
    pub high: f64,
}

impl Tally {
    /// Adds one answer, 0–10.
    pub fn add(&mut self, answer: u8) {
        match answer {
            9.. => self.promoters += 1,
            7..=8 => self.passives += 1,
            ..=6 => self.detractors += 1,
        }
    }

    /// Number of answers.
    #[must_use]
    pub fn responses(&self) -> u64 {
        self.promoters + self.passives + self.detractors
    }

    /// The net promoter score: 100 · (promoters − detractors) / responses, from −100 to 100.
    ///
    /// # Panics
    /// Without any answer.
    #[must_use]
    pub fn score(&self) -> f64 {
        let net = self.promoters as f64 - self.detractors as f64;
        100.0 * net / self.divisor()
    }

    /// Percentages of promoters, passives and detractors.
    ///
    /// # Panics
    /// Without any answer.
    #[must_use]
    pub fn percentages(&self) -> [f64; 3] {
        [self.promoters, self.passives, self.detractors]
            .map(|count| 100.0 * count as f64 / self.divisor())
    }

    fn divisor(&self) -> f64 {
        assert!(self.responses() > 0, "a score of at least one answer");
        self.responses() as f64
    }

    /// Confidence interval of the score at [`CONFIDENCE`].
    ///
    /// ```text
    /// p = (promoters + 1) / (n + 2)      d = (detractors + 1) / (n + 2)
    /// p − d ± z · √((p + d − (p − d)²) / (n + 2))
    /// ```
    ///
    /// Reading: the one added promoter and detractor keep the interval honest where all answers agree: 10 promoters
    /// of 10 give 52 to 100, not 100 to 100. The score itself always lies within. One answer says nearly nothing.
    #[must_use]
    pub fn interval(&self) -> Interval {
        let (center, variance) = self.adjusted();
        let half = normal_quantile(0.5 + 0.5 * CONFIDENCE) * variance.sqrt();
        Interval {
            margin_of_error: 100.0 * half,
            low: (100.0 * (center - half)).max(-100.0),
            high: (100.0 * (center + half)).min(100.0),
        }
    }

    /// Adjusted net share of promoters and its variance, of Bonett and Price.
    fn adjusted(&self) -> (f64, f64) {
        let n = self.responses() as f64 + 2.0;
        let promoters = (self.promoters as f64 + 1.0) / n;
        let detractors = (self.detractors as f64 + 1.0) / n;
        let net = promoters - detractors;
        (net, (promoters + detractors - net * net) / n)
    }

    fn without(&self, part: &Self) -> Self {
        Self {
            promoters: self.promoters - part.promoters,
            passives: self.passives - part.passives,
            detractors: self.detractors - part.detractors,
        }
    }
}

/// The bands of a score, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Band {
    /// From 70.
    WorldClass,
    /// From 50.
    Excellent,
    /// From 30.
    Good,
    /// From 0.
    Fair,
    /// Below 0.
    Critical,
}

impl Band {
    /// The band of a score that was rounded for output.
    #[must_use]
    pub fn of(rounded_score: f64) -> Self {
        match rounded_score {
            70.0.. => Self::WorldClass,
            50.0.. => Self::Excellent,
            30.0.. => Self::Good,
            0.0.. => Self::Fair,
            _ => Self::Critical,
        }
    }
}

/// A group held against all other answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// Score of the group minus score of the rest, in points.
    pub difference: f64,
    /// Two-sided p-value of the difference.
    pub p_value: f64,
    /// The same after Holm's correction for the number of groups.
    pub p_value_adjusted: f64,
}

impl Comparison {
    /// Whether chance alone is an unlikely explanation.
    #[must_use]
    pub fn is_significant(&self) -> bool {
        self.p_value_adjusted < SIGNIFICANCE
    }
}

/// One calendar month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    /// Year.
    pub year: i32,
    /// 1–12.
    pub month: u32,
}

/// Scores of a survey.
#[derive(Clone, Debug, PartialEq)]
pub struct NpsReport {
    /// All answers.
    pub overall: Tally,
    /// One for each group of the table.
    pub groups: Vec<Tally>,
    /// One for each group; `None` where there is no rest to compare with.
    pub comparisons: Vec<Option<Comparison>>,
    /// The dated answers by month, in order of time; months without answers are left out.
    pub months: Vec<(Month, Tally)>,
    /// Answers without a date.
    pub n_undated: u64,
}

/// Scores a survey.
#[must_use]
pub fn score(answers: &Answers) -> NpsReport {
    let mut overall = Tally::default();
    let mut groups = vec![Tally::default(); answers.groups().len()];
    let mut months: BTreeMap<Month, Tally> = BTreeMap::new();
    let mut n_undated = 0;
    let rows = answers
        .answers()
        .iter()
        .zip(answers.group_of())
        .zip(answers.dates());
    for ((&answer, &group), date) in rows {
        overall.add(answer);
        groups[group as usize].add(answer);
        match date {
            Some(date) => {
                let (year, month, _) = date.ymd();
                months.entry(Month { year, month }).or_default().add(answer);
            }
            None => n_undated += 1,
        }
    }
    let comparisons = compare(&overall, &groups);
    NpsReport {
        overall,
        groups,
        comparisons,
        months: months.into_iter().collect(),
        n_undated,
    }
}

/// Each group against the rest, corrected for the number of groups.
///
/// ```text
/// z = (net_group − net_rest) / √(variance_group + variance_rest)      p = 2 · Φ(−|z|)
/// ```
///
/// with the adjusted net shares and variances of the interval, so that two unanimous answers prove little.
fn compare(overall: &Tally, groups: &[Tally]) -> Vec<Option<Comparison>> {
    let raw: Vec<Option<(f64, f64)>> = groups
        .iter()
        .map(|group| {
            let rest = overall.without(group);
            (rest.responses() > 0).then(|| {
                let (net, variance) = group.adjusted();
                let (net_rest, variance_rest) = rest.adjusted();
                let z = (net - net_rest) / (variance + variance_rest).sqrt();
                let p_value = (2.0 * normal_cdf(-z.abs())).min(1.0);
                (group.score() - rest.score(), p_value)
            })
        })
        .collect();
    let p_values: Vec<f64> = raw.iter().flatten().map(|&(_, p_value)| p_value).collect();
    let mut adjusted = holm(&p_values).into_iter();
    raw.into_iter()
        .map(|comparison| {
            let (difference, p_value) = comparison?;
            Some(Comparison {
                difference,
                p_value,
                p_value_adjusted: adjusted.next()?,
            })
        })
        .collect()
}

/// Holm's adjusted p-values: the i-th smallest of m becomes the largest of `min(1, (m − j + 1) · p_j)` for j ≤ i.
fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut adjusted = vec![0.0; p_values.len()];
    let mut largest = 0.0_f64;
    for (rank, &index) in order.iter().enumerate() {
        let n_left = (p_values.len() - rank) as f64;
        largest = largest.max((n_left * p_values[index]).min(1.0));
        adjusted[index] = largest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use clientela_tables::Answer;

    use super::*;

    fn tally(promoters: u64, passives: u64, detractors: u64) -> Tally {
        Tally {
            promoters,
            passives,
            detractors,
        }
    }

    #[track_caller]
    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 5e-5, "{found} is not {expected}");
    }

    #[test]
    fn answers_count_as_promoters_passives_and_detractors() {
        let mut found = Tally::default();
        for answer in 0..=10 {
            found.add(answer);
        }
        assert_eq!(found, tally(2, 2, 7));
        close(found.score(), -45.4545);
    }

    #[test]
    fn unanimous_answers_are_not_certain() {
        // p = 11/12, d = 1/12: 10/12 ± 1.959964 · √((1 − 100/144) / 12)
        let found = tally(10, 0, 0).interval();
        close(found.margin_of_error, 31.2754);
        close(found.low, 52.0580);
        assert_eq!(found.high, 100.0);
    }

    #[test]
    fn the_score_lies_within_its_interval() {
        for n in [1, 2, 3, 7, 40, 1000] {
            for promoters in 0..=n.min(40) {
                for detractors in 0..=(n - promoters).min(40) {
                    let tally = tally(promoters, n - promoters - detractors, detractors);
                    let interval = tally.interval();
                    assert!(
                        interval.low <= tally.score() && tally.score() <= interval.high,
                        "{tally:?}: {interval:?}"
                    );
                    assert!(interval.margin_of_error > 0.0);
                }
            }
        }
    }

    #[test]
    fn bands_begin_at_their_lower_ends() {
        for (score, band) in [
            (100.0, Band::WorldClass),
            (70.0, Band::WorldClass),
            (69.99, Band::Excellent),
            (50.0, Band::Excellent),
            (33.33, Band::Good),
            (0.0, Band::Fair),
            (-0.01, Band::Critical),
        ] {
            assert_eq!(Band::of(score), band, "{score}");
        }
    }

    #[test]
    fn holm_adjusts_as_in_its_textbook_example() {
        let found = holm(&[0.01, 0.04, 0.03, 0.005]);
        for (found, expected) in found.into_iter().zip([0.03, 0.06, 0.06, 0.02]) {
            close(found, expected);
        }
        assert_eq!(holm(&[0.9, 0.8]), [1.0, 1.0]);
        assert!(holm(&[]).is_empty());
    }

    #[test]
    fn a_lone_group_has_no_rest_and_two_groups_mirror_each_other() {
        let row = |answer, group: &str| Answer {
            answer,
            date: None,
            group: vec![Some(group.to_owned())],
        };
        let lone = score(&Answers::from_rows(vec![row(9, "a"), row(3, "a")]));
        assert_eq!(lone.comparisons, [None]);
        let mut rows: Vec<Answer> = (0..40).map(|_| row(10, "a")).collect();
        rows.extend((0..40).map(|i| row(if i < 20 { 2 } else { 9 }, "b")));
        let two = score(&Answers::from_rows(rows));
        let [Some(a), Some(b)] = two.comparisons[..] else {
            panic!("two comparisons")
        };
        assert_eq!((a.difference, b.difference), (100.0, -100.0));
        assert_eq!(a.p_value, b.p_value);
        assert_eq!(a.p_value_adjusted, 2.0 * a.p_value);
        assert!(a.is_significant());
    }

    #[test]
    fn months_follow_time_and_undated_answers_are_counted() {
        let row = |answer, date: Option<&str>| Answer {
            answer,
            date: date.and_then(clientela_tables::Date::parse),
            group: Vec::new(),
        };
        let report = score(&Answers::from_rows(vec![
            row(9, Some("2025-02-01")),
            row(0, Some("2024-12-31")),
            row(7, None),
            row(8, Some("2025-02-28")),
        ]));
        let months: Vec<(i32, u32, u64)> = report
            .months
            .iter()
            .map(|(month, tally)| (month.year, month.month, tally.responses()))
            .collect();
        assert_eq!(months, [(2024, 12, 1), (2025, 2, 2)]);
        assert_eq!(report.n_undated, 1);
    }
}
