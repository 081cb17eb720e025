//! What is at risk, and what contacts would bring if assumptions hold.

use clientela_methods::churn::{Money as Found, WhatIfRow, WhatIfTable as FoundTable};
use clientela_narrative::terms::Noun;
use clientela_narrative::{Language, money, number, percent, sentence};
use schemars::JsonSchema;
use serde::Serialize;

use super::table::Table;
use super::terms::band_code;
use crate::wire::{Count, Currency, Money, Score};

/// Revenue at risk. A customer of several rows counts once, by the latest; one who has left does not count.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnMoney")]
pub struct MoneyAtRisk {
    /// Customers that count: not lost, and with a value.
    n_customers: Count,
    /// Customers that have left by their latest row.
    n_lost: Count,
    /// Customers without a value.
    n_without_value: Count,
    /// Customers with a value below 0, which counts as 0.
    n_negative: Count,
    /// What all that count are worth.
    value: Money,
    /// Probability times value, over all that count.
    revenue_at_risk: Money,
    /// Its share of `value`; left out where nobody is worth anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    share_at_risk: Option<Score>,
    /// The same by band, the highest first.
    by_band: Vec<BandAtRisk>,
    /// The tenth of the customers with the most at risk.
    top_tenth: TopTenth,
}

/// The customers of a band.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnBandMoney")]
struct BandAtRisk {
    /// Its name.
    #[schemars(extend("enum" = ["High", "Medium", "Low"]))]
    risk_band: &'static str,
    /// Customers that count.
    n_customers: Count,
    /// What they are worth.
    value: Money,
    /// How much of it is at risk.
    revenue_at_risk: Money,
}

/// How much lies with few customers.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnTopTenth")]
struct TopTenth {
    /// How many they are.
    n_customers: Count,
    /// Their revenue at risk.
    revenue_at_risk: Money,
    /// Its share of all that is at risk; left out where nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    share: Option<Score>,
}

pub fn at_risk(found: &Found) -> MoneyAtRisk {
    let by_band = found.by_band.iter().map(|band| BandAtRisk {
        risk_band: band_code(band.band),
        n_customers: band.n_customers as Count,
        value: Money::new(band.value),
        revenue_at_risk: Money::new(band.at_risk),
    });
    MoneyAtRisk {
        n_customers: found.n_customers as Count,
        n_lost: found.n_lost as Count,
        n_without_value: found.n_without_value as Count,
        n_negative: found.n_negative as Count,
        value: Money::new(found.value),
        revenue_at_risk: Money::new(found.at_risk),
        share_at_risk: found.share_at_risk.map(Score::new),
        by_band: by_band.collect(),
        top_tenth: TopTenth {
            n_customers: found.top_tenth.n_customers as Count,
            revenue_at_risk: Money::new(found.top_tenth.at_risk),
            share: found.top_tenth.share.map(Score::new),
        },
    }
}

/// What contacting the customers with the most at risk would bring. Cost and save rate are assumptions of the request, not found in the data.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnWhatIfTable")]
pub struct WhatIfTable {
    /// Always true: the figures hold as far as the assumptions do.
    assumption_driven: bool,
    /// As sent.
    cost_per_contact: Money,
    /// As sent.
    save_rate: Score,
    /// Customers that could be contacted.
    n_customers: Count,
    /// Contacts that bring the highest net; 0 where none pays.
    n_best: Count,
    /// The save rate above which the first contact pays, above 1 where none ever does; left out where nothing is at risk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pays_from_save_rate: Option<Score>,
    /// By number of contacts: 1, 2, 5, 10, 20, 50 and 100 % of the customers, and the best number.
    rows: Vec<Contacts>,
    /// The same in words.
    text: String,
}

/// What so many contacts would bring.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnContacts")]
struct Contacts {
    /// Customers contacted, those with the most at risk first.
    n_contacts: Count,
    /// Their share.
    share: Score,
    /// Whether no other number brings a higher net.
    is_best: bool,
    /// Those of them who are expected to leave if nobody does anything.
    expected_churners: Score,
    /// What the contacts cost.
    cost: Money,
    /// Value that is expected to be kept.
    saved_value: Money,
    /// That less the cost.
    expected_net: Money,
    /// Lower end of the net's 95 % interval by chance alone, with assumptions and probabilities taken as right.
    net_lower: Money,
    /// Its upper end.
    net_upper: Money,
    /// The save rate at which the net is 0, above 1 where none suffices; left out where nothing is at risk.
    #[serde(skip_serializing_if = "Option::is_none")]
    break_even_save_rate: Option<Score>,
    /// The net of the same contacts under other assumptions.
    sensitivity: Sensitivity,
}

/// Nets under other assumptions.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnNetSensitivity")]
struct Sensitivity {
    /// With half of the save rate.
    save_rate_halved: Money,
    /// With one and a half times the save rate, at most 1.
    save_rate_half_more: Money,
    /// At half of the cost.
    cost_halved: Money,
    /// At one and a half times the cost.
    cost_half_more: Money,
    /// With probabilities as low as held-out rows allow; left out without such rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    probabilities_low: Option<Money>,
    /// With probabilities as high as they allow.
    #[serde(skip_serializing_if = "Option::is_none")]
    probabilities_high: Option<Money>,
}

pub fn what_if(found: &FoundTable, table: &Table, language: Language) -> WhatIfTable {
    WhatIfTable {
        assumption_driven: true,
        cost_per_contact: Money::new(found.assumed.cost_per_contact),
        save_rate: Score::new(found.assumed.save_rate),
        n_customers: found.n_customers as Count,
        n_best: found.n_best as Count,
        pays_from_save_rate: found.pays_from_save_rate.map(Score::new),
        rows: found.rows.iter().map(contacts).collect(),
        text: told(found, table.currency, language),
    }
}

fn contacts(row: &WhatIfRow) -> Contacts {
    let sensitivity = &row.sensitivity;
    Contacts {
        n_contacts: row.n_contacts as Count,
        share: Score::new(row.share),
        is_best: row.is_best,
        expected_churners: Score::new(row.expected_churners),
        cost: Money::new(row.cost),
        saved_value: Money::new(row.saved_value),
        expected_net: Money::new(row.net),
        net_lower: Money::new(row.net_lower),
        net_upper: Money::new(row.net_upper),
        break_even_save_rate: row.break_even_save_rate.map(Score::new),
        sensitivity: Sensitivity {
            save_rate_halved: Money::new(sensitivity.save_rate_halved),
            save_rate_half_more: Money::new(sensitivity.save_rate_half_more),
            cost_halved: Money::new(sensitivity.cost_halved),
            cost_half_more: Money::new(sensitivity.cost_half_more),
            probabilities_low: sensitivity.probabilities_low.map(Money::new),
            probabilities_high: sensitivity.probabilities_high.map(Money::new),
        },
    }
}

fn told(found: &FoundTable, currency: Option<Currency>, language: Language) -> String {
    let amount = |value| money(value, currency.as_ref().map(Currency::code), language);
    let cost = amount(found.assumed.cost_per_contact);
    let rate = percent(found.assumed.save_rate, 0, language);
    let assumed = sentence!(
        language,
        "If a contact costs {cost} and keeps {rate} of those who would leave, which is your assumption and not in the data",
        "Si un contacto cuesta {cost} y retiene al {rate} de quienes se irían, lo que es un supuesto suyo y no está en los datos",
        "Se um contato custa {cost} e retém {rate} de quem sairia, o que é uma suposição sua e não está nos dados"
    );
    let Some(best) = found.rows.iter().find(|row| row.is_best) else {
        let Some(rate) = found.pays_from_save_rate.filter(|rate| *rate <= 1.0) else {
            return sentence!(
                language,
                "{assumed}, no contact pays, whatever the save rate.",
                "{assumed}, ningún contacto compensa, sea cual sea la tasa de retención.",
                "{assumed}, nenhum contato compensa, seja qual for a taxa de retenção."
            );
        };
        let rate = percent(rate, 1, language);
        return sentence!(
            language,
            "{assumed}, no contact pays; the first would with a save rate above {rate}.",
            "{assumed}, ningún contacto compensa; el primero lo haría con una tasa de retención superior al {rate}.",
            "{assumed}, nenhum contato compensa; o primeiro compensaria com uma taxa de retenção acima de {rate}."
        );
    };
    let customers = Noun::Customer.counted(best.n_contacts, language);
    let net = amount(best.net);
    let halved = amount(best.sensitivity.save_rate_halved);
    let leavers = number(best.expected_churners, 1, language);
    sentence!(
        language,
        "{assumed}, contacting the {customers} with the most at risk ({leavers} of them expected to leave) brings {net} net, more than any other number; with half the save rate it would be {halved}.",
        "{assumed}, contactar a {customers}, los de mayor riesgo en dinero ({leavers} de ellos se irían), deja {net} netos, más que cualquier otro número; con la mitad de la tasa de retención serían {halved}.",
        "{assumed}, contatar {customers}, os de maior risco em dinheiro ({leavers} deles sairiam), deixa {net} líquidos, mais que qualquer outro número; com metade da taxa de retenção seriam {halved}."
    )
}

/// How much is at risk, in one sentence.
pub fn headline(found: &Found, currency: Option<Currency>, language: Language) -> String {
    let amount = |value| money(value, currency.as_ref().map(Currency::code), language);
    let (at_risk, value) = (amount(found.at_risk), amount(found.value));
    let customers = Noun::Customer.counted(found.n_customers, language);
    let Some(share) = found.share_at_risk else {
        return sentence!(
            language,
            "Nothing is at risk: {customers} that count have no value above 0.",
            "No hay nada en riesgo: {customers} que cuentan, ninguno con un valor superior a 0.",
            "Nada está em risco: {customers} que contam, nenhum com valor acima de 0."
        );
    };
    let share = percent(share, 1, language);
    sentence!(
        language,
        "{at_risk} of {value} is at risk ({share}), over {customers} who have not left.",
        "{at_risk} de {value} están en riesgo ({share}), entre {customers} que no se han ido.",
        "{at_risk} de {value} estão em risco ({share}), entre {customers} que não saíram."
    )
}
