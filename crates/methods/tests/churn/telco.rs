//! A real base, which is not part of the repository: 7,043 customers of a (fictional) telephone company with 19 columns.

use std::fs::File;
use std::path::PathBuf;

use clientela_learn::metrics::binary::RankedOutcomes;
use clientela_methods::churn::{
    DriftLevel, Money, RiskOptions, RiskReport, SavedModel, WhatIf, drift, risk, score,
};
use clientela_numerics::StopToken;
use clientela_tables::{Cell, CustomerTraits, CustomerTraitsBuilder};
use csv::StringRecord;
use flate2::read::GzDecoder;

use crate::reasons::check_reasons;

/// The file as it is.
struct Telco {
    names: StringRecord,
    customers: Vec<StringRecord>,
}

impl Telco {
    /// `None`, with a line that says so, where the file is absent.
    #[expect(clippy::print_stdout, reason = "a test without its data says so")]
    fn read() -> Option<Self> {
        let beside_the_repository = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
        let folder = std::env::var_os("CLIENTELA_DATA");
        let folder = folder.unwrap_or_else(|| beside_the_repository.into());
        let path = "telco_churn/telco_customer_churn.csv.gz";
        let Ok(file) = File::open(PathBuf::from(folder).join(path)) else {
            println!("{path}: ignored, needs ../shared/data or CLIENTELA_DATA");
            return None;
        };
        let mut reader = csv::Reader::from_reader(GzDecoder::new(file));
        let names = reader.headers().expect("a header").clone();
        let customers = reader.records().map(|record| record.expect("CSV"));
        Some(Self {
            customers: customers.collect(),
            names,
        })
    }

    fn field<'r>(&self, customer: &'r StringRecord, name: &str) -> &'r str {
        let place = self.names.iter().position(|known| known == name);
        &customer[place.expect("a column of this name")]
    }

    fn has_churned(customer: &StringRecord) -> bool {
        &customer[customer.len() - 1] == "Yes"
    }

    /// What a customer pays in a month.
    fn worth(&self, customer: &StringRecord) -> f64 {
        let charges = self.field(customer, "MonthlyCharges");
        charges.parse().expect("a number")
    }

    /// Some customers, with or without what became of them.
    fn table(&self, customers: &[&StringRecord], is_labelled: bool) -> CustomerTraits {
        let mut builder = CustomerTraitsBuilder::new();
        let last = self.names.len() - 1;
        for &customer in customers {
            for field in 1..last {
                let column = builder.column(&self.names[field]);
                let text = &customer[field];
                builder.set(column, text.parse().map_or(Cell::Text(text), Cell::Number));
            }
            let churned = is_labelled.then(|| Self::has_churned(customer));
            builder.finish_row(None, churned, Some(self.worth(customer)));
        }
        builder.finish(customers.iter().map(|customer| &customer[0]).collect())
    }
}

#[test]
fn the_best_family_ranks_as_well_as_tuned_boosters_and_is_calibrated() {
    let Some(telco) = Telco::read() else { return };
    let table = telco.table(&telco.customers.iter().collect::<Vec<_>>(), true);
    let report = risk(&table, &RiskOptions::default(), &StopToken::new()).expect("not stopped");
    check_reasons(&table, &report);
    let evidence = report.evidence.expect("models");
    let served = evidence.served.metrics;
    assert!(served.roc_auc.area >= 0.8455, "{:?}", served.roc_auc);
    // A perfectly calibrated model shows 0.010.
    assert!(served.ece < 0.02, "{}", served.ece);
    assert!(served.ece_expected > 0.008 && served.ece_expected < 0.013);
    assert!(served.log_loss < 0.415, "{}", served.log_loss);
    for family in &evidence.families {
        // Logistic regression of the Python stack: 0.8450.
        assert!(family.metrics.roc_auc.area > 0.844, "{family:?}");
    }
    assert!(evidence.leaks.is_empty() && evidence.without_duplicates.is_none());
    assert_eq!(
        report
            .columns
            .iter()
            .filter(|column| column.is_used())
            .count(),
        19
    );
}

/// The model of every other customer, after it was written and read, and the customers it never saw.
fn halves(telco: &Telco) -> (SavedModel, Vec<&StringRecord>) {
    let (learned, others): (Vec<_>, Vec<_>) = telco
        .customers
        .iter()
        .enumerate()
        .partition(|(number, _)| number % 2 == 0);
    let [learned, others] = [learned, others].map(|half| {
        let customers = half.into_iter().map(|(_, customer)| customer);
        customers.collect::<Vec<&StringRecord>>()
    });
    let options = RiskOptions {
        keep_model: true,
        ..RiskOptions::default()
    };
    let table = telco.table(&learned, true);
    let report = risk(&table, &options, &StopToken::new()).expect("not stopped");
    let model = report.saved_model(&table, &options).expect("a model");
    let read = SavedModel::from_bytes(&model.to_bytes()).expect("bytes of a model");
    assert_eq!(read, model);
    (read, others)
}

fn scored(telco: &Telco, customers: &[&StringRecord], model: &SavedModel) -> RiskReport {
    let table = telco.table(customers, false);
    score(&table, model, &StopToken::new()).expect("not stopped")
}

#[test]
fn a_saved_model_of_one_half_ranks_the_other_and_sees_who_differs() {
    let Some(telco) = Telco::read() else { return };
    let (model, others) = halves(&telco);
    let report = scored(&telco, &others, &model);
    let probabilities: Vec<f64> = report.customers.iter().map(|c| c.probability).collect();
    let churned: Vec<bool> = others
        .iter()
        .map(|customer| Telco::has_churned(customer))
        .collect();
    let ranked = RankedOutcomes::new(&probabilities, &churned);
    let area = ranked.roc_auc().expect("both classes");
    assert!(area > 0.83, "{area}");
    let promised = model.evidence.served.roc_auc;
    assert!(
        (promised.lower..promised.upper).contains(&area),
        "{area} {promised:?}"
    );
    let same = drift(&model, &report);
    assert_eq!(same.drifted().len(), 0);
    assert_eq!(same.probabilities.level, DriftLevel::Stable);
    let monthly: Vec<&StringRecord> = others
        .into_iter()
        .filter(|customer| telco.field(customer, "Contract") == "Month-to-month")
        .collect();
    let moved = drift(&model, &scored(&telco, &monthly, &model));
    assert_eq!(moved.drifted()[0].column, "Contract");
    assert_eq!(moved.probabilities.level, DriftLevel::Large);
}

#[test]
fn the_money_that_is_said_to_be_at_risk_is_what_left() {
    let Some(telco) = Telco::read() else { return };
    let (model, others) = halves(&telco);
    let report = scored(&telco, &others, &model);
    let table = telco.table(&others, false);
    let money = Money::of(&table, &report).expect("values");
    let left = |customers: &[&StringRecord]| -> f64 {
        let lost = customers
            .iter()
            .filter(|customer| Telco::has_churned(customer));
        lost.map(|customer| telco.worth(customer)).sum()
    };
    // The standard deviation of who leaves is 2.2 % of it.
    let ratio = money.at_risk / left(&others);
    assert!((0.93..1.07).contains(&ratio), "{ratio}");
    // Contacts that are free and keep everybody save what would have left.
    let what_if = WhatIf {
        cost_per_contact: 0.0,
        save_rate: 1.0,
    };
    let contacts = money.what_if(&what_if, &model.evidence.reliability);
    let mut at_risk: Vec<(f64, &StringRecord)> = money
        .revenue_at_risk
        .iter()
        .flatten()
        .copied()
        .zip(others)
        .collect();
    at_risk.sort_by(|a, b| b.0.total_cmp(&a.0));
    let ranked: Vec<&StringRecord> = at_risk.into_iter().map(|(_, customer)| customer).collect();
    for row in &contacts.expect("customers").rows {
        let saved = left(&ranked[..row.n_contacts]);
        let interval = row.net_lower..row.net_upper;
        assert!(interval.contains(&saved), "{saved} {interval:?}");
    }
}
