//! What the scores cannot tell.

use clientela_methods::loyalty::LoyaltyReport;
use clientela_narrative::terms::{Noun, capitalized};
use clientela_narrative::{Language, words};
use clientela_tables::LoyaltyMetric;

use super::Table;
use super::prose::measure;
use crate::Warning;

pub fn warnings(table: &Table, report: &LoyaltyReport) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if report.is_ranked() {
        let left_out = report.without_spread.iter().map(|&metric| {
            match table.params.ranges[metric as usize] {
                Some(range) => without_width(metric, range.min),
                None => without_spread(metric),
            }
        });
        warnings.extend(left_out);
    } else {
        warnings.push(cohort_of_equals(report));
    }
    let outside = LoyaltyMetric::ALL.into_iter().zip(report.n_outside);
    warnings.extend(
        outside
            .filter(|(_, n)| *n > 0)
            .map(|(metric, n)| outside_range(metric, n)),
    );
    warnings
}

fn without_width(metric: LoyaltyMetric, value: f64) -> Warning {
    let key = metric.key();
    let words = words!(
        "The given range of {key} begins and ends at {value}, so the metric was left out; the other weights were scaled up.",
        "El rango dado de {key} empieza y termina en {value}, así que la métrica no se tuvo en cuenta; los demás pesos se aumentaron en proporción.",
        "O intervalo dado de {key} começa e termina em {value}, então a métrica ficou de fora; os demais pesos foram aumentados na mesma proporção.",
    );
    Warning::new("range_without_width", words).at(format!("ranges.{key}"))
}

fn without_spread(metric: LoyaltyMetric) -> Warning {
    let name = |language| capitalized(&measure(metric).the(language));
    let (en, es, pt) = (name(Language::En), name(Language::Es), name(Language::Pt));
    let is_plural = measure(metric).is_plural();
    let choose = |one, many| if is_plural { many } else { one };
    let (does, varia_es) = (choose("does", "do"), choose("varía", "varían"));
    let varia_pt = choose("varia", "variam");
    let words = words!(
        "{en} {does} not vary between customers and was left out; the other weights were scaled up.",
        "{es} no {varia_es} entre los clientes y no se tuvo en cuenta; los demás pesos se aumentaron en proporción.",
        "{pt} não {varia_pt} entre os clientes, e a métrica ficou de fora; os demais pesos foram aumentados na mesma proporção.",
    );
    Warning::new("metric_without_spread", words).at(format!("ranges.{}", metric.key()))
}

fn cohort_of_equals(report: &LoyaltyReport) -> Warning {
    let n_customers = report.customers.len();
    let words = if n_customers == 1 {
        words!(
            "A single customer can't be ranked, so the score is 1.0. Send the whole cohort, or the \"ranges\" of an earlier answer.",
            "Un solo cliente no se puede ordenar, así que su puntuación es 1,0. Envíe la cohorte completa o los \"ranges\" de una respuesta anterior.",
            "Um único cliente não pode ser ordenado, então a pontuação é 1,0. Envie a coorte completa ou os \"ranges\" de uma resposta anterior.",
        )
    } else {
        words!(
            "A cohort of equals can't be ranked: no weighted metric differs, so all customers score 1.0.",
            "Una cohorte de iguales no se puede ordenar: ninguna métrica con peso difiere, así que todos los clientes tienen 1,0.",
            "Uma coorte de iguais não pode ser ordenada: nenhuma métrica com peso difere, então todos os clientes têm 1,0.",
        )
    };
    Warning::new("cohort_without_spread", words).figure("n_customers", n_customers)
}

fn outside_range(metric: LoyaltyMetric, n_outside: usize) -> Warning {
    let key = metric.key();
    let say = |language| Noun::Customer.counted(n_outside, language);
    let (en, es, pt) = (say(Language::En), say(Language::Es), say(Language::Pt));
    let is_one = n_outside == 1;
    let choose = |one, many| if is_one { one } else { many };
    let (lies, counts) = (choose("lies", "lie"), choose("counts", "count"));
    let (queda, cuenta) = (choose("queda", "quedan"), choose("cuenta", "cuentan"));
    let (fica, conta) = (choose("fica", "ficam"), choose("conta", "contam"));
    let words = words!(
        "{en} {lies} outside the given range of {key} and {counts} as its nearer end.",
        "{es} {queda} fuera del rango dado de {key} y {cuenta} como su extremo más cercano.",
        "{pt} {fica} fora do intervalo dado de {key} e {conta} como o extremo mais próximo.",
    );
    Warning::new("outside_range", words)
        .at(format!("ranges.{key}"))
        .figure("n_customers", n_outside)
}
