//! What golden cases of a bearable size do not say, filled in and read in full.

use clientela_learn::metrics::binary::AreaInterval;
use clientela_methods::churn::{
    Change, ColumnDrift, Comparison, Criterion, DriftLevel, Effect, Evidence, Factor, FactorValue,
    Family, Level, LevelEffect, NoModel, Reached, RiskBand, RiskOptions, Shift, Step,
};
use clientela_narrative::Say as _;
use clientela_numerics::StopToken;
use clientela_tables::{Cell, CustomerTraits, CustomerTraitsBuilder};
use serde_json::json;

use super::verdict::Doubt;
use super::*;
use crate::{Context, by_route};

/// Forty customers, of whom those with more tickets left.
fn traits() -> CustomerTraits {
    let mut builder = CustomerTraitsBuilder::new();
    let column = builder.column("service_tickets");
    for row in 0..40 {
        builder.set(column, Cell::Number(f64::from(row % 7)));
        builder.finish_row(None, Some(row % 7 > 3), None);
    }
    let ids: Vec<String> = (0..40).map(|row| row.to_string()).collect();
    builder.finish(ids.iter().collect())
}

fn evidence() -> Evidence {
    let report = churn::risk(&traits(), &RiskOptions::default(), &StopToken::new());
    report.expect("a report").evidence.expect("evidence")
}

/// A sentence in each language, spaces that must not break as any others.
#[track_caller]
fn check(say: impl Fn(Language) -> String, expected: [&str; 3]) {
    let said = Language::ALL.map(|language| say(language).replace('\u{a0}', " "));
    assert_eq!(said, expected.map(str::to_owned));
}

#[track_caller]
fn check_warning(warning: &Warning, expected: [&str; 3]) {
    check(|language| warning.words.say(language), expected);
}

#[test]
fn what_decided_between_the_families_is_told() {
    let said = |criterion| {
        let evidence = Evidence {
            best: Family::RandomForest,
            criterion,
            ..evidence()
        };
        move |language| selection::reason(&evidence, language)
    };
    check(
        said(Criterion::OnlyFamily),
        [
            "Random Forest is the only family that could be fitted.",
            "Random Forest es la única familia que pudo ajustarse.",
            "Random Forest é a única família que pôde ser ajustada.",
        ],
    );
    check(
        said(Criterion::F1),
        [
            "ROC-AUC is equal in three decimals; Random Forest has the highest F1.",
            "El ROC-AUC es igual en tres decimales; Random Forest tiene el F1 más alto.",
            "O ROC-AUC é igual em três casas decimais; Random Forest tem o F1 mais alto.",
        ],
    );
    check(
        said(Criterion::Accuracy),
        [
            "ROC-AUC and F1 are equal; Random Forest has the highest accuracy.",
            "El ROC-AUC y el F1 son iguales; Random Forest tiene la exactitud más alta.",
            "O ROC-AUC e o F1 são iguais; Random Forest tem a acurácia mais alta.",
        ],
    );
}

#[test]
fn families_that_could_not_be_fitted_are_told() {
    check(
        |language| remarks::no_model(NoModel::NoFamilyFitted, language),
        [
            "Nothing could be learned: no family of models could be fitted to these rows.",
            "No se pudo aprender nada: ninguna familia de modelos pudo ajustarse a estas filas.",
            "Nada pôde ser aprendido: nenhuma família de modelos pôde ser ajustada a estas linhas.",
        ],
    );
    check_warning(
        &remarks::warning(&churn::Remark::FamilyNotFitted(Family::RandomForest)),
        [
            "Random Forest could not be fitted to these rows and is left out.",
            "Random Forest no pudo ajustarse a estas filas y queda fuera.",
            "Random Forest não pôde ser ajustado a estas linhas e fica de fora.",
        ],
    );
}

#[test]
fn a_column_that_turned_into_text_is_told() {
    let column = "spend".to_owned();
    check_warning(
        &remarks::warning(&churn::Remark::ColumnTypeChanged { column }),
        [
            "“spend” was numbers when the saved model learned from it, and is text now; its values count as missing.",
            "«spend» eran números cuando el modelo guardado aprendió de él, y ahora es texto; sus valores cuentan como ausentes.",
            "“spend” eram números quando o modelo salvo aprendeu com ele, e agora é texto; os valores contam como ausentes.",
        ],
    );
}

#[test]
fn a_single_column_that_has_moved_is_told_with_its_index() {
    let moved = ColumnDrift {
        column: "tenure".to_owned(),
        shift: Shift {
            psi: 0.31,
            by_chance: 0.02,
            by_chance_upper: 0.05,
            level: DriftLevel::Large,
            bins: Vec::new(),
        },
    };
    check_warning(
        &remarks::drifted(&[&moved]),
        [
            "These rows differ from those that the model learned from in tenure (PSI 0.31): see drift, and learn a new model if the change is here to stay.",
            "Estas filas se apartan de aquellas con las que aprendió el modelo en la antigüedad (PSI 0,31): consulte drift y entrene un modelo nuevo si el cambio ha venido para quedarse.",
            "Estas linhas se afastam daquelas com que o modelo aprendeu; mudou o tempo de casa (PSI 0,31): consulte drift e treine um modelo novo se a mudança veio para ficar.",
        ],
    );
}

#[test]
fn words_that_nobody_learned_from_are_told() {
    let column = "city".to_owned();
    check_warning(
        &remarks::warning(&churn::Remark::UnseenWords { column, n_rows: 3 }),
        [
            "In 3 rows, “city” has a text that hardly any customer with a known outcome had: the average stands in, and “city” is no reason for these risks.",
            "En 3 filas, «city» tiene un texto que casi ningún cliente con desenlace conocido tenía: se usa el promedio, y «city» no cuenta como motivo de esos riesgos.",
            "Em 3 linhas, “city” tem um texto que quase nenhum cliente com desfecho conhecido tinha: usa-se a média, e “city” não conta como motivo desses riscos.",
        ],
    );
}

#[test]
fn an_order_that_is_too_good_to_be_true_is_told_and_a_doubt() {
    let roc_auc = AreaInterval {
        area: 0.995,
        standard_error: None,
        lower: 0.985,
        upper: 0.999,
    };
    check_warning(
        &remarks::warning(&churn::Remark::TooGood { roc_auc }),
        [
            "The order of the customers is too good to be true (ROC-AUC 0.995, with 95% confidence at least 0.985), although no field alone tells who left. Look among the strongest drivers for fields that are written or change only after a customer leaves, and name them in ignore_columns.",
            "El orden de los clientes es demasiado bueno para ser cierto (ROC-AUC 0,995; con una confianza del 95 %, al menos 0,985), aunque ningún campo por sí solo dice quién se fue. Busque entre los factores más fuertes (drivers) campos que se registran o cambian solo después de que el cliente se va, y nómbrelos en ignore_columns.",
            "A ordem dos clientes é boa demais para ser verdade (ROC-AUC 0,995; com 95% de confiança, ao menos 0,985), embora nenhum campo sozinho diga quem saiu. Procure entre os fatores mais fortes (drivers) campos que só são registrados ou só mudam depois que o cliente sai, e nomeie-os em ignore_columns.",
        ],
    );
    check(
        |language| Doubt::TooGood.text(language),
        [
            "The risks tell almost without a mistake who left, which is too good to be true unless a field is written only after a customer leaves.",
            "Los riesgos distinguen casi sin error quién se fue, algo demasiado bueno para ser cierto, salvo que algún campo se registre solo después de que el cliente se va.",
            "Os riscos distinguem quase sem erro quem saiu, o que é bom demais para ser verdade, a não ser que algum campo só seja registrado depois que o cliente sai.",
        ],
    );
}

fn factor(value: FactorValue<'_>, comparison: Comparison) -> Factor<'_> {
    Factor {
        feature: "city",
        attribution: 0.5,
        value,
        comparison,
    }
}

#[test]
fn words_are_compared_with_what_became_of_others_who_have_them() {
    let same = |churn_rate, is_other| Comparison::Same {
        share: 0.04,
        n_labelled: 12,
        churn_rate,
        is_other,
    };
    let known = factor(FactorValue::Text("Lima"), same(Some(0.5), true));
    check(
        |language| factors::write(&known, Some(0.25), language),
        [
            "city is “Lima”, a rare value (50% of customers with such values left, 25% of all): a sign of leaving.",
            "city es «Lima», un valor poco común (se fue el 50 % de los clientes con valores así; del total, el 25 %): señal de abandono.",
            "city é “Lima”, um valor pouco comum (saíram 50% dos clientes com valores assim; do total, 25%): sinal de saída.",
        ],
    );
    let unknown = factor(FactorValue::Text("Lima"), same(None, false));
    check(
        |language| factors::write(&unknown, None, language),
        [
            "city is “Lima” (as for 4.0% of customers): a sign of leaving.",
            "city es «Lima» (como en el 4,0 % de los clientes): señal de abandono.",
            "city é “Lima” (como em 4,0% dos clientes): sinal de saída.",
        ],
    );
}

#[test]
fn a_number_among_many_equal_ones_is_not_said_to_be_above_or_below_them() {
    let zero = factor(
        FactorValue::Number(0.0),
        Comparison::Number {
            median: 0.0,
            share_lower: 0.0,
            share_higher: 0.3,
        },
    );
    check(
        |language| factors::write(&zero, None, language),
        [
            "city is 0, about the median (0): a sign of leaving.",
            "city es 0, en torno a la mediana (0): señal de abandono.",
            "city é 0, em torno da mediana (0): sinal de saída.",
        ],
    );
}

#[test]
fn the_days_of_a_customer_are_said_within_a_sentence() {
    let days = |language| terms::documented_value(churn::Documented::Tenure, 1.0, language);
    check(
        days,
        [
            "customer for 1 day",
            "cliente desde hace 1 día",
            "cliente há 1 dia",
        ],
    );
}

#[test]
fn rare_words_and_missing_values_have_a_name_among_the_drivers() {
    let level = |level| LevelEffect {
        level,
        n: 3,
        mean_attribution: 0.1,
    };
    let driver = churn::Driver {
        feature: "city".to_owned(),
        kind: churn::ColumnKind::Text,
        mean_absolute: 0.1,
        share: 0.004,
        effect: Effect::Words {
            highest: level(Level::Other),
            lowest: level(Level::Missing),
        },
        missing: None,
    };
    check(
        |language| drivers::told(&driver, language),
        [
            "city makes up less than 1% of what tells customers apart; the risk is highest with rare values and lowest with missing values.",
            "city: menos del 1 % de lo que distingue a los clientes; el riesgo es máximo con valores poco comunes y mínimo con valores ausentes.",
            "city: menos de 1% do que distingue os clientes; o risco é máximo com valores pouco comuns e mínimo com valores ausentes.",
        ],
    );
}

#[test]
fn a_search_that_was_not_exhaustive_does_not_say_that_nothing_is_enough() {
    let change = |steps: Vec<Step<'static>>| {
        Change::NotPossible(Reached {
            steps,
            probability: 0.995,
            band: RiskBand::High,
            is_exact: false,
        })
    };
    let said = |change: &Change<'_>, language| {
        let told = change::respond(change, RiskBand::High, language).expect("a high risk");
        told.text().to_owned()
    };
    check(
        |language| said(&change(Vec::new()), language),
        [
            "No change of actionable fields that was tried brings the model's risk below 60%.",
            "Ninguno de los cambios probados en los campos accionables lleva el riesgo del modelo por debajo del 60 %.",
            "Nenhuma das mudanças testadas nos campos acionáveis leva o risco do modelo abaixo de 60%.",
        ],
    );
    let step = Step {
        feature: "nps",
        from: FactorValue::Number(-20.0),
        to: FactorValue::Number(50.0),
        cost: 0.5,
    };
    check(
        |language| said(&change(vec![step]), language),
        [
            "No change of actionable fields that was tried brings the model's risk below 60%; with NPS of 50 instead of -20 it would be over 99%.",
            "Ninguno de los cambios probados en los campos accionables lleva el riesgo del modelo por debajo del 60 %; con NPS de 50 en lugar de -20 sería de más del 99 %.",
            "Nenhuma das mudanças testadas nos campos acionáveis leva o risco do modelo abaixo de 60%; com NPS de 50 em vez de -20 seria de mais de 99%.",
        ],
    );
}

#[test]
fn probabilities_that_are_off_beyond_chance_are_a_doubt() {
    check(
        |language| Doubt::CalibrationOff.text(language),
        [
            "The probabilities are off by more than chance explains: see the reliability table, and use their order rather than their size.",
            "Las probabilidades se desvían más de lo que explica el azar: consulte la tabla de fiabilidad y use su orden más que su tamaño.",
            "As probabilidades erram mais do que o acaso explica: consulte a tabela de confiabilidade e use a ordem mais que o tamanho.",
        ],
    );
}

#[test]
fn an_answer_that_nothing_speaks_against_says_so() {
    check(
        |language| verdict::opening(None, language),
        [
            "Use these risks: they were tested on rows that the model had not seen.",
            "Use estos riesgos: se comprobaron con filas que el modelo no había visto.",
            "Use estes riscos: foram testados com linhas que o modelo não tinha visto.",
        ],
    );
}

/// What is wrong with a body's `data` as a whole.
fn said_of_data(data: &serde_json::Value) -> crate::Violation {
    let context = Context {
        language: None,
        today: "2025-04-24".parse().expect("a date"),
        format: Format::Json,
        models: crate::Models::none(),
        stop: StopToken::new(),
    };
    let body = json!({ "data": data }).to_string();
    let analysis = by_route("churn_risk").expect("a route");
    match analysis.run(body.as_bytes(), &context) {
        Err(Failure::Invalid { violations, .. }) => violations.into_iter().next().expect("one"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn data_in_the_place_of_names_is_refused_in_words() {
    let row = |fields: std::ops::Range<usize>| {
        let fields = fields.map(|field| (format!("k{field}"), json!(1)));
        let id = ("customer_id".to_owned(), json!("a"));
        serde_json::Value::Object(fields.chain([id]).collect())
    };
    let violation = said_of_data(&json!([row(0..1_001)]));
    assert_eq!(violation.path, "data");
    check(
        |language| violation.messages[0].say(language),
        [
            "must have at most 1000 different fields in all rows",
            "debe tener como máximo 1000 campos distintos en todas las filas",
            "deve ter no máximo 1000 campos diferentes em todas as linhas",
        ],
    );
    let rows: Vec<_> = (0..2_500).map(|i| row(i % 900..i % 900 + 1)).collect();
    let violation = said_of_data(&json!(rows));
    check(
        |language| violation.messages[0].say(language),
        [
            "must have a value in at least a quarter of its places: 2500 rows with 900 different fields hold only 2500 values; do not use data as names of fields",
            "debe tener un valor en al menos una cuarta parte de sus casillas: 2500 filas con 900 campos distintos contienen solo 2500 valores; no use datos como nombres de campo",
            "deve ter um valor em pelo menos um quarto das suas casas: 2500 linhas com 900 campos diferentes contêm só 2500 valores; não use dados como nomes de campo",
        ],
    );
}
