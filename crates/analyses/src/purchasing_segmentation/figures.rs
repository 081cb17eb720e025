//! How the figures of a cluster are written.

use clientela_methods::segmentation::Contrast;
use clientela_narrative::terms::{Measure, capitalized};
use clientela_narrative::{Language, money, money_whole, number, signed_percent};

use crate::wire::Currency;

/// From here on decimals of an amount only distract.
const WHOLE_FROM: f64 = 100.0;
/// From here on decimals of a number of days only distract.
const WHOLE_DAYS_FROM: f64 = 10.0;

/// Language and currency of figures in running text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spelling {
    /// The currency of the client's money, where it was named.
    pub currency: Option<Currency>,
    /// The language.
    pub language: Language,
}

impl Spelling {
    /// A mean with as many decimals as people read of this measure.
    pub fn value(&self, measure: Measure, mean: f64) -> String {
        let currency = self.currency.as_ref().map(Currency::code);
        let decimals = match measure {
            Measure::PurchaseTotal | Measure::AvgTicket | Measure::AmountSpent => {
                return if mean >= WHOLE_FROM {
                    money_whole(mean, currency, self.language)
                } else {
                    money(mean, currency, self.language)
                };
            }
            Measure::LoyaltyScore => 2,
            Measure::RecencyDays if mean >= WHOLE_DAYS_FROM => 0,
            _ => 1,
        };
        number(mean, decimals, self.language)
    }

    /// A mean with its measure: `amount spent 2,577`.
    pub fn named(&self, measure: Measure, mean: f64) -> String {
        format!(
            "{} {}",
            measure.name(self.language),
            self.value(measure, mean)
        )
    }

    /// The title of a measure with the means of cluster and base, and how far they are apart.
    pub fn comparison(&self, measure: Measure, contrast: &Contrast) -> String {
        let title = capitalized(measure.name(self.language));
        let [mean, base] = [contrast.mean, contrast.base].map(|mean| self.value(measure, mean));
        let change = if contrast.base > 0.0 {
            let change = contrast.mean / contrast.base - 1.0;
            format!(" ({})", signed_percent(change, 0, self.language))
        } else {
            String::new()
        };
        match self.language {
            Language::En => format!("{title}: mean {mean}, base {base}{change}."),
            Language::Es => format!("{title}: media {mean}, base {base}{change}."),
            Language::Pt => format!("{title}: média {mean}, base {base}{change}."),
        }
    }
}
