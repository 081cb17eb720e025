//! What the hold-outs say, in words: the verdict, the rule that chose, and what is missing.

use clientela_methods::clv::{
    Baseline, BoostingUnavailable, ClvReport, Comparison, FamilyScore, Selection as Rule, Shortfall,
};
use clientela_narrative::terms::Noun;
use clientela_narrative::{Language, counted, list, money, percent, sentence, signed_percent};

use super::Table;
use super::evidence::{Selection, Unavailable};
use crate::wire::Currency;

/// The family that serves against the baselines: by mean error, by large errors and by the total, never by one alone.
pub fn verdict(table: &Table, report: &ClvReport, language: Language) -> String {
    let validation = &report.validation;
    let mut served = validation.families.iter();
    let served = served.find(|score| score.family == report.best);
    let (Some(score), Some(window_days)) = (served, validation.window_days) else {
        return sentence!(
            language,
            "There is no hold-out, so nothing tells how far this forecast may be off.",
            "No hay periodo de prueba, así que nada dice cuánto puede fallar este pronóstico.",
            "Não há período de teste, então nada diz o quanto esta previsão pode errar."
        );
    };
    let measures: [fn(&Comparison) -> bool; 3] = [
        |found| found.mae_is_lower,
        |found| found.rmse_is_lower,
        |found| found.total_is_closer,
    ];
    let names = [
        sentence!(language, "Mean error", "Error medio", "Erro médio"),
        "RMSE".to_owned(),
        sentence!(language, "Total", "Total", "Total"),
    ];
    let windows = windows(score.n_origins, validation.origins.len(), language);
    let mut sentences = vec![errors(
        score,
        &windows,
        window_days,
        table.currency,
        language,
    )];
    let is_best = |found: &Comparison| measures.iter().all(|is_better| is_better(found));
    if validation.verdict.iter().all(is_best) {
        sentences.push(best(language));
        return sentences.join(" ");
    }
    for (name, is_better) in names.iter().zip(measures) {
        let worse = validation.verdict.iter().filter(|found| !is_better(found));
        let worse: Vec<&str> = worse
            .map(|found| baseline(found.baseline, language))
            .collect();
        sentences.push(compared(name, &worse, language));
    }
    sentences.join(" ")
}

/// `2 hold-outs`, or `2 of 3 hold-outs` where not every family could forecast each.
fn windows(n_pooled: usize, n_origins: usize, language: Language) -> String {
    let (one, many, of) = match language {
        Language::En => ("hold-out", "hold-outs", "of"),
        Language::Es => ("periodo de prueba", "periodos de prueba", "de"),
        Language::Pt => ("período de teste", "períodos de teste", "de"),
    };
    let all = counted(n_origins as u64, one, many, language);
    if n_pooled == n_origins {
        all
    } else {
        format!("{n_pooled} {of} {all}")
    }
}

fn errors(
    score: &FamilyScore,
    windows: &str,
    window_days: u32,
    currency: Option<Currency>,
    language: Language,
) -> String {
    let figures = [score.scores.mae, score.scores.rmse];
    let [mae, rmse] = figures.map(|figure| in_money(figure, currency, language));
    let family = score.family.name();
    let days = Noun::Day.counted(window_days as usize, language);
    let Some(bias) = score.scores.bias else {
        return sentence!(
            language,
            "In {windows} of {days}, {family} had a mean error of {mae} per customer (RMSE {rmse}); nothing came, so the total has no rate of error.",
            "En {windows} de {days}, {family} tuvo un error medio de {mae} por cliente (RMSE {rmse}); no entró ningún valor, así que el total no tiene tasa de error.",
            "Em {windows} de {days}, {family} teve erro médio de {mae} por cliente (RMSE {rmse}); não entrou nenhum valor, então o total não tem taxa de erro."
        );
    };
    let bias = signed_percent(bias, 1, language);
    sentence!(
        language,
        "In {windows} of {days}, {family} had a mean error of {mae} per customer (RMSE {rmse}), and of {bias} in total.",
        "En {windows} de {days}, {family} tuvo un error medio de {mae} por cliente (RMSE {rmse}) y del {bias} en el total.",
        "Em {windows} de {days}, {family} teve erro médio de {mae} por cliente (RMSE {rmse}) e de {bias} no total."
    )
}

fn best(language: Language) -> String {
    sentence!(
        language,
        "Mean error, RMSE and total are better than those of all three baselines.",
        "El error medio, el RMSE y el total son mejores que los de las tres referencias.",
        "O erro médio, o RMSE e o total são melhores que os das três referências."
    )
}

/// One measure against all baselines.
fn compared(measure: &str, worse: &[&str], language: Language) -> String {
    let names = list(worse, language);
    match worse.len() {
        0 => sentence!(
            language,
            "{measure}: better than all three baselines.",
            "{measure}: mejor que las tres referencias.",
            "{measure}: melhor que as três referências."
        ),
        1 => sentence!(
            language,
            "{measure}: not better than the baseline {names}.",
            "{measure}: no es mejor que la referencia {names}.",
            "{measure}: não é melhor que a referência {names}."
        ),
        2 => sentence!(
            language,
            "{measure}: not better than the baselines {names}.",
            "{measure}: no es mejor que las referencias {names}.",
            "{measure}: não é melhor que as referências {names}."
        ),
        _ => sentence!(
            language,
            "{measure}: better than none of the three baselines.",
            "{measure}: no es mejor que ninguna de las tres referencias.",
            "{measure}: não é melhor que nenhuma das três referências."
        ),
    }
}

/// What a baseline is called in running text.
pub fn baseline(baseline: Baseline, language: Language) -> &'static str {
    let [en, es, pt] = match baseline {
        Baseline::LastWindow => [
            "“same as last time”",
            "«igual que la última vez»",
            "“igual à última vez”",
        ],
        Baseline::Zero => ["“nothing”", "«nada»", "“nada”"],
        Baseline::PopulationMean => [
            "“mean of the base”",
            "«promedio de la base»",
            "“média da base”",
        ],
    };
    match language {
        Language::En => en,
        Language::Es => es,
        Language::Pt => pt,
    }
}

/// The rule that decided which family serves.
pub fn selection(rule: Rule, currency: Option<Currency>, language: Language) -> Selection {
    let (code, reason) = match rule {
        Rule::Asked => ("asked", asked(language)),
        Rule::AskedButUnavailable => ("asked_but_unavailable", unavailable_alone(language)),
        Rule::TooFewRepeatBuyers { n_repeat } => {
            ("too_few_repeat_buyers", too_few(n_repeat, language))
        }
        Rule::NoEvidence => ("no_evidence", no_evidence(language)),
        Rule::OnlyCandidate => ("only_candidate", only_candidate(language)),
        Rule::TotalOff { other_bias, bias } => ("total_off", total_off(other_bias, bias, language)),
        Rule::LowerError {
            difference,
            standard_error,
        } => {
            let figures = [difference, standard_error];
            ("lower_error", lower_error(figures, currency, language))
        }
        Rule::NotClearlyLower {
            difference,
            standard_error,
        } => {
            let figures = [difference, standard_error];
            (
                "not_clearly_lower",
                not_clearly_lower(figures, currency, language),
            )
        }
        Rule::LargerErrors { rmse_ratio } => ("larger_errors", larger_errors(rmse_ratio, language)),
        Rule::RegularBuyers => ("regular_buyers", regular_buyers(language)),
    };
    Selection { rule: code, reason }
}

fn asked(language: Language) -> String {
    sentence!(
        language,
        "The request allows only this family.",
        "La solicitud solo permite esta familia.",
        "A solicitação só permite esta família."
    )
}

fn unavailable_alone(language: Language) -> String {
    sentence!(
        language,
        "The request asks for GradientBoosting alone, which could not be trained, so BG/NBD + Gamma-Gamma is used.",
        "La solicitud pide solo GradientBoosting, que no pudo entrenarse, así que se usa BG/NBD + Gamma-Gamma.",
        "A solicitação pede só GradientBoosting, que não pôde ser treinado, então se usa BG/NBD + Gamma-Gamma."
    )
}

fn too_few(n_repeat: usize, language: Language) -> String {
    let buyers = repeat_buyers(n_repeat, language);
    sentence!(
        language,
        "{buyers}: from 10 on a model can be fitted, so this is a mean.",
        "{buyers}: un modelo necesita al menos 10, así que esto es un promedio.",
        "{buyers}: um modelo precisa de pelo menos 10, então isto é uma média."
    )
}

fn no_evidence(language: Language) -> String {
    sentence!(
        language,
        "The hold-outs are missing or too weak to choose by, so BG/NBD + Gamma-Gamma is used.",
        "Faltan periodos de prueba o son demasiado débiles para elegir, así que se usa BG/NBD + Gamma-Gamma.",
        "Faltam períodos de teste ou são fracos demais para escolher, então se usa BG/NBD + Gamma-Gamma."
    )
}

fn only_candidate(language: Language) -> String {
    sentence!(
        language,
        "GradientBoosting could not be trained, or learned nothing that the models do not know, so BG/NBD + Gamma-Gamma is used.",
        "GradientBoosting no pudo entrenarse, o no aprendió nada que los modelos no sepan, así que se usa BG/NBD + Gamma-Gamma.",
        "O GradientBoosting não pôde ser treinado, ou não aprendeu nada que os modelos não saibam, então se usa BG/NBD + Gamma-Gamma."
    )
}

fn total_off(other_bias: f64, own_bias: f64, language: Language) -> String {
    let [other, own] = [other_bias, own_bias].map(|bias| signed_percent(bias, 0, language));
    let limit = percent(0.3, 0, language);
    sentence!(
        language,
        "The other family's total was off by {other}, more than {limit}; this one's by {own}.",
        "El total de la otra familia se desvió un {other}, más del {limit}; el de esta, un {own}.",
        "O total da outra família teve desvio de {other}, mais de {limit}; o desta, de {own}."
    )
}

fn lower_error(figures: [f64; 2], currency: Option<Currency>, language: Language) -> String {
    let [difference, error] = figures.map(|figure| in_money(figure, currency, language));
    sentence!(
        language,
        "GradientBoosting's mean error per customer is lower by {difference}, more than one standard error ({error}).",
        "El error medio por cliente de GradientBoosting es menor en {difference}, más de un error estándar ({error}).",
        "O erro médio por cliente do GradientBoosting é menor em {difference}, mais de um erro padrão ({error})."
    )
}

/// `difference` is by how much the booster's error is lower; negative where it is higher.
fn not_clearly_lower(
    [difference, error]: [f64; 2],
    currency: Option<Currency>,
    language: Language,
) -> String {
    let [by, error] = [difference.abs(), error].map(|figure| in_money(figure, currency, language));
    if difference <= 0.0 {
        return sentence!(
            language,
            "GradientBoosting's mean error per customer is not lower ({by} more), so the simpler family is used.",
            "El error medio por cliente de GradientBoosting no es menor ({by} más), así que se usa la familia más simple.",
            "O erro médio por cliente do GradientBoosting não é menor ({by} a mais), então se usa a família mais simples."
        );
    }
    sentence!(
        language,
        "GradientBoosting's mean error per customer is lower by {by}, but not by more than one standard error ({error}), so the simpler family is used.",
        "El error medio por cliente de GradientBoosting es menor en {by}, pero no en más de un error estándar ({error}), así que se usa la familia más simple.",
        "O erro médio por cliente do GradientBoosting é menor em {by}, mas não em mais de um erro padrão ({error}), então se usa a família mais simples."
    )
}

fn larger_errors(rmse_ratio: f64, language: Language) -> String {
    let share = percent(rmse_ratio - 1.0, 1, language);
    let limit = percent(0.02, 0, language);
    sentence!(
        language,
        "GradientBoosting's RMSE is {share} higher, more than the {limit} allowed, so BG/NBD + Gamma-Gamma is used.",
        "El RMSE de GradientBoosting es un {share} mayor, por encima del {limit} tolerado, así que se usa BG/NBD + Gamma-Gamma.",
        "O RMSE do GradientBoosting é {share} maior, acima dos {limit} tolerados, então se usa BG/NBD + Gamma-Gamma."
    )
}

fn regular_buyers(language: Language) -> String {
    sentence!(
        language,
        "Customers buy at regular gaps, which the count models take for chance, so GradientBoosting is preferred.",
        "Los clientes compran a intervalos regulares, que los modelos de conteo toman por azar, así que se prefiere GradientBoosting.",
        "Os clientes compram em intervalos regulares, que os modelos de contagem tomam por acaso, então se prefere GradientBoosting."
    )
}

fn in_money(value: f64, currency: Option<Currency>, language: Language) -> String {
    money(value, currency.as_ref().map(Currency::code), language)
}

/// `7 repeat buyers`, to open a sentence.
pub fn repeat_buyers(n: usize, language: Language) -> String {
    if n == 0 {
        return sentence!(
            language,
            "No repeat buyers",
            "Ningún cliente con recompras",
            "Nenhum cliente com recompras"
        );
    }
    let (one, many) = match language {
        Language::En => ("repeat buyer", "repeat buyers"),
        Language::Es => ("cliente con recompras", "clientes con recompras"),
        Language::Pt => ("cliente com recompras", "clientes com recompras"),
    };
    counted(n as u64, one, many, language)
}

/// What a hold-out lacks.
pub fn shortfall(shortfall: Shortfall, language: Language) -> String {
    match shortfall {
        Shortfall::ShortWindow { days } => {
            let days = Noun::Day.counted(days as usize, language);
            sentence!(
                language,
                "The history leaves a hold-out of {days}; it takes 28.",
                "El historial deja un periodo de prueba de {days}; hacen falta 28.",
                "O histórico deixa um período de teste de {days}; são necessários 28."
            )
        }
        Shortfall::FewCustomers { n_customers } => {
            let customers = Noun::Customer.counted(n_customers, language);
            sentence!(
                language,
                "{customers} before the split; it takes 100 to choose by, and 20 to show anything.",
                "{customers} antes del corte; hacen falta 100 para elegir y 20 para mostrar algo.",
                "{customers} antes do corte; são necessários 100 para escolher e 20 para mostrar algo."
            )
        }
        Shortfall::FewRepeatBuyers { n_repeat } => {
            let buyers = repeat_buyers(n_repeat, language);
            sentence!(
                language,
                "{buyers} before the split; it takes 30 to choose by.",
                "{buyers} antes del corte; hacen falta 30 para elegir.",
                "{buyers} antes do corte; são necessários 30 para escolher."
            )
        }
        Shortfall::FewPurchases { n_purchases } => {
            let purchases = Noun::Purchase.counted(n_purchases, language);
            sentence!(
                language,
                "{purchases} in the hold-out; it takes 30 to choose by.",
                "{purchases} en el periodo de prueba; hacen falta 30 para elegir.",
                "{purchases} no período de teste; são necessárias 30 para escolher."
            )
        }
    }
}

/// Why boosting could not compete.
pub fn unavailable(why: BoostingUnavailable, language: Language) -> Unavailable {
    let (code, reason) = match why {
        BoostingUnavailable::NotAsked => (
            "not_asked",
            sentence!(
                language,
                "The request does not ask for it.",
                "La solicitud no lo pide.",
                "A solicitação não o pede."
            ),
        ),
        BoostingUnavailable::NoHoldOut => (
            "no_hold_out",
            sentence!(
                language,
                "There is no hold-out to test it on.",
                "No hay periodo de prueba en el que comprobarlo.",
                "Não há período de teste em que verificá-lo."
            ),
        ),
        BoostingUnavailable::NoTrainingWindow { days } => {
            ("no_training_window", no_training_window(days, language))
        }
        BoostingUnavailable::TooLittleToLearn => (
            "too_little_to_learn",
            sentence!(
                language,
                "There are too few customers or purchases to learn from, or nothing in them that the models do not know.",
                "Hay muy pocos clientes o compras de los que aprender, o nada en ellos que los modelos no sepan.",
                "Há poucos clientes ou compras com que aprender, ou nada neles que os modelos não saibam."
            ),
        ),
    };
    Unavailable { code, reason }
}

/// `days` is when the window would start, counted from the first date.
fn no_training_window(days: i32, language: Language) -> String {
    let apart = Noun::Day.counted(days.unsigned_abs() as usize, language);
    if days < 0 {
        return sentence!(
            language,
            "A training window as long as the hold-out would start {apart} before the first date; it has to start 28 days after it.",
            "Una ventana de entrenamiento tan larga como el periodo de prueba empezaría {apart} antes de la primera fecha; debe empezar 28 días después de ella.",
            "Uma janela de treino tão longa quanto o período de teste começaria {apart} antes da primeira data; precisa começar 28 dias depois dela."
        );
    }
    sentence!(
        language,
        "A training window as long as the hold-out would start {apart} after the first date; it takes 28.",
        "Una ventana de entrenamiento tan larga como el periodo de prueba empezaría {apart} después de la primera fecha; hacen falta 28.",
        "Uma janela de treino tão longa quanto o período de teste começaria {apart} depois da primeira data; são necessários 28."
    )
}
