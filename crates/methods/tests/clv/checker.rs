//! What holds of every forecast, however poor its data.

use clientela_methods::clv::{ClvReport, Interval, Validation};
use clientela_tables::PurchaseHistories;

/// Asserts that figures are numbers in their ranges, and says of which base they are.
struct Checker<'n>(&'n str);

impl Checker<'_> {
    #[track_caller]
    fn finite(&self, values: &[f64]) {
        assert!(
            values.iter().all(|value| value.is_finite()),
            "{}: {values:?}",
            self.0
        );
    }

    #[track_caller]
    fn probabilities(&self, values: &[Option<f64>]) {
        let mut values = values.iter().flatten();
        assert!(
            values.all(|value| (0.0..=1.0).contains(value)),
            "{}",
            self.0
        );
    }

    #[track_caller]
    fn intervals(&self, intervals: &[Option<Interval>]) {
        for Interval { lower, upper } in intervals.iter().flatten() {
            self.finite(&[*lower, *upper]);
            assert!(lower <= upper, "{}: {lower} {upper}", self.0);
        }
    }

    fn customers(&self, report: &ClvReport) {
        for customer in &report.customers {
            self.finite(&[
                customer.value,
                customer.purchases,
                customer.value_per_purchase,
            ]);
            assert!(customer.purchases >= 0.0, "{}", self.0);
            self.probabilities(&[customer.probability_alive, customer.probability_zero]);
            self.intervals(&[customer.prediction, customer.expectation]);
            let movers = &customer.explanation;
            let gap = movers.gap.and_then(|gap| gap.factor);
            let factors = [
                movers.orders.factor,
                gap,
                movers.value.factor,
                movers.learned,
            ];
            self.finite(&factors.map(|factor| factor.unwrap_or(1.0)));
        }
        for total in report.totals.tiers.iter().chain([&report.totals.all]) {
            self.finite(&[total.value, total.purchases]);
            self.intervals(&[total.value_interval, total.purchases_interval]);
        }
    }

    fn validation(&self, validation: &Validation) {
        let families = validation.families.iter().map(|score| score.scores);
        for scores in families.chain(validation.baselines.iter().map(|score| score.scores)) {
            self.finite(&[
                scores.mae,
                scores.rmse,
                scores.forecast_total,
                scores.actual_total,
            ]);
            self.finite(&[scores.bias.unwrap_or(0.0), scores.spearman.unwrap_or(0.0)]);
        }
        for decile in &validation.calibration {
            self.finite(&[decile.mean_forecast, decile.mean_actual]);
        }
        for coverage in &validation.coverage {
            self.probabilities(&[Some(coverage.share_inside)]);
            self.intervals(
                &coverage
                    .totals
                    .map(|total| total.map(|(_, interval)| interval)),
            );
        }
        self.probabilities(&[validation.new_customers_share]);
    }

    fn model(&self, report: &ClvReport) {
        let model = &report.model;
        let count = model.count.iter().flat_map(|count| &count.parameters);
        for parameter in count.chain(model.value.iter().flat_map(|value| &value.parameters)) {
            self.finite(&[parameter.estimate, parameter.standard_error.unwrap_or(0.0)]);
        }
        self.finite(model.season.as_ref().map_or(&[], |index| index));
        self.finite(&[model.season_factor, model.total_spread]);
        for week in report.tracking.iter().flat_map(|tracking| &tracking.weeks) {
            self.finite(&[week.expected, week.expected_cumulative]);
        }
    }
}

/// Asserts of every figure of a forecast that it is a number in its range.
#[track_caller]
pub fn check_report(name: &str, table: &PurchaseHistories, report: &ClvReport) {
    assert_eq!(report.customers.len(), table.len(), "{name}");
    let checker = Checker(name);
    checker.customers(report);
    checker.validation(&report.validation);
    checker.model(report);
}
