//! The whole in words: how many at which risk, what it is worth, how far to trust it, what drives it.

use clientela_narrative::Language;

use super::Report;
use super::table::Table;
use super::verdict::Verdict;
use super::{drivers, headline, money};

/// Drivers of the base that are told.
const TOLD_DRIVERS: usize = 3;

pub fn interpretation(
    table: &Table,
    report: &Report,
    verdict: &Verdict,
    language: Language,
) -> String {
    let mut sentences = vec![headline::sentence(table, &report.risk, language)];
    let money = report.money.as_ref();
    sentences.extend(money.map(|found| money::headline(found, table.currency, language)));
    sentences.push(verdict.text().to_owned());
    // A single customer differs from nobody, and what drives an order by chance is noise.
    if report.risk.customers.len() > 1 && verdict.has_order() {
        let told = report.drivers.features.iter().take(TOLD_DRIVERS);
        let told = told.filter(|driver| driver.share > 0.0);
        sentences.extend(told.map(|driver| drivers::told(driver, language)));
        let highest = report.drivers.bands.first();
        sentences.extend(highest.map(|band| drivers::band_text(band, table, language)));
    }
    sentences.join(" ")
}
