//! A real base, which is not part of the repository: 7,043 customers of a (fictional) telephone company with 19 columns.

use std::fs::File;
use std::path::PathBuf;

use clientela_methods::churn::{RiskOptions, risk};
use clientela_numerics::StopToken;
use clientela_tables::{Cell, CustomerTraits, CustomerTraitsBuilder};
use flate2::read::GzDecoder;

/// `None`, with a line that says so, where the file is absent.
#[expect(clippy::print_stdout, reason = "a test without its data says so")]
fn telco() -> Option<CustomerTraits> {
    let beside_the_repository = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let folder = std::env::var_os("CLIENTELA_DATA").unwrap_or_else(|| beside_the_repository.into());
    let path = "telco_churn/telco_customer_churn.csv.gz";
    let Ok(file) = File::open(PathBuf::from(folder).join(path)) else {
        println!("{path}: ignored, needs ../shared/data or CLIENTELA_DATA");
        return None;
    };
    let mut reader = csv::Reader::from_reader(GzDecoder::new(file));
    let names = reader.headers().expect("a header").clone();
    let records: Vec<csv::StringRecord> = reader.records().map(|r| r.expect("CSV")).collect();
    let mut builder = CustomerTraitsBuilder::new();
    let last = names.len() - 1;
    for record in &records {
        for field in 1..last {
            let column = builder.column(&names[field]);
            let text = &record[field];
            builder.set(column, text.parse().map_or(Cell::Text(text), Cell::Number));
        }
        builder.finish_row(None, Some(&record[last] == "Yes"), None);
    }
    Some(builder.finish(records.iter().map(|record| record[0].to_owned()).collect()))
}

#[test]
fn the_best_family_ranks_as_well_as_tuned_boosters_and_is_calibrated() {
    let Some(table) = telco() else { return };
    let report = risk(&table, &RiskOptions::default(), &StopToken::new()).expect("not stopped");
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
