use clientela_learn::metrics::binary::{
    AreaInterval, Interval, LiftBin, PrecisionRecallPoint, ReliabilityBin, RocPoint,
};
use clientela_methods::churn::{Family, NoModel};

use super::drawn::Untested;
use super::*;

const LANGUAGES: [Language; 3] = [Language::En, Language::Es, Language::Pt];

/// What 1,000 rows showed, 300 of whom left; of two bins of forecasts the second does not hold.
fn tested() -> Tested {
    let bin = |mean_forecast, rate| ReliabilityBin {
        n: 500.0,
        mean_forecast,
        rate,
        lower: rate - 0.04,
        upper: rate + 0.04,
    };
    let tenth = |rate, cumulative_share, cumulative_gain| LiftBin {
        n: 100.0,
        mean_forecast: rate,
        rate,
        lift: rate / 0.3,
        cumulative_share,
        cumulative_gain,
    };
    let roc = |false_positive_rate, true_positive_rate| RocPoint {
        false_positive_rate,
        true_positive_rate,
        threshold: None,
    };
    let precision_recall = |recall, precision| PrecisionRecallPoint {
        recall,
        precision,
        threshold: 0.5,
    };
    Tested {
        family: Family::RandomForest,
        n_churned: 300,
        n_others: 700,
        few_customers: None,
        roc_auc: AreaInterval {
            area: 0.754,
            standard_error: Some(0.01),
            lower: 0.7415,
            upper: 0.7667,
        },
        average_precision: 0.606,
        average_precision_interval: Some(Interval {
            lower: 0.585,
            upper: 0.627,
        }),
        ece: 0.0131,
        ece_expected: 0.0146,
        reliability: vec![bin(0.2, 0.21), bin(0.5, 0.4)],
        lift: vec![
            tenth(0.7, 0.1, 0.233),
            tenth(0.56, 0.2, 0.42),
            tenth(0.3, 0.3, 0.52),
        ],
        roc_curve: vec![roc(0.0, 0.0), roc(0.2, 0.6), roc(1.0, 1.0)],
        precision_recall_curve: vec![precision_recall(0.2, 0.8), precision_recall(1.0, 0.3)],
    }
}

fn drawn(evidence: Result<Tested, Untested>) -> Drawn {
    Drawn {
        histogram: Histogram {
            step: 0.05,
            counts: vec![4, 0, 7],
        },
        evidence,
    }
}

#[track_caller]
fn check_words(evidence: fn() -> Result<Tested, Untested>, expected: [&[&str]; 3]) {
    for (language, expected) in LANGUAGES.into_iter().zip(expected) {
        let svg = draw(&drawn(evidence()), language);
        // Long texts are broken into lines; the description of the drawing is not.
        let text = svg
            .replace(['\n', '\u{a0}'], " ")
            .replace("&#39;", "'")
            .replace("&quot;", "\"");
        for words in expected {
            assert!(text.contains(words), "{words} in {text}");
        }
    }
}

#[test]
fn what_was_tested_is_told_with_its_figures_in_every_language() {
    check_words(
        || Ok(tested()),
        [
            &[
                "Churn risks against what happened",
                "Random Forest, on 1,000 rows whose outcome is known and that the model did not see; 300 (30.0%) left.",
                "Area 0.754, with 95% confidence 0.742 to 0.767: how often someone who left ranks above someone who stayed.",
                "On average 1.3 points off; a perfect model would be 1.5 off with as many rows. 1 of 2 intervals hold the forecast.",
                "The 20% with the highest risks hold 42% of all who left.",
                "Do the probabilities hold?",
                "How many times as often do the riskiest leave?",
                "Who left ranks above who stayed (ROC)",
                "How many warnings are right? (precision and recall)",
                "Forecast 50.0%, left 40.0% (36.0% to 44.0%), n = 500",
                "2.33 times the average: 70.0% of 100 left; up to here 23.3% of all who left",
                "As forecast",
                "Tenths of rows, 95% intervals",
                "Average of all rows",
                "Chance: 30.0% left",
                "Rows by forecast",
                "Forecast probability, %",
                "Share that left, %",
                "Tenth of the rows, highest risks first",
                "Times the average",
                "False alarms: share of those who stayed, %",
                "Found: share of those who left, %",
                "Warnings that are right, %",
                "10%–15%: 7",
            ],
            &[
                "Riesgos de abandono y lo que ocurrió",
                "Random Forest, con 1000 filas de desenlace conocido que el modelo no vio; 300 (30,0 %) se fueron.",
                "Área 0,754; con un 95 % de confianza, de 0,742 a 0,767: con qué frecuencia quien se fue queda por encima de quien se quedó.",
                "De media, a 1,3 puntos; un modelo perfecto estaría a 1,5 con tantas filas. 1 de 2 intervalos contienen el pronóstico.",
                "El 20 % con los riesgos más altos reúne al 42 % de quienes se fueron.",
                "¿Se cumplen las probabilidades?",
                "¿Cuántas veces más se van los de mayor riesgo?",
                "Quien se fue, por encima de quien se quedó (ROC)",
                "¿Cuántos avisos aciertan? (precisión y exhaustividad)",
                "Pronóstico 50,0 %, se fueron 40,0 % (36,0 % a 44,0 %), n = 500",
                "2,33 veces el promedio: se fue el 70,0 % de 100; hasta aquí, el 23,3 % de quienes se fueron",
                "Como se pronosticó",
                "Deciles, intervalos del 95 %",
                "Promedio de todas las filas",
                "Azar: se fue el 30,0 %",
                "Filas según el pronóstico",
                "Probabilidad pronosticada, %",
                "Parte que se fue, %",
                "Decil de las filas, primero los riesgos más altos",
                "Veces el promedio",
                "Falsas alarmas: parte de quienes se quedaron, %",
                "Hallados: parte de quienes se fueron, %",
                "Avisos que aciertan, %",
            ],
            &[
                "Riscos de saída e o que aconteceu",
                "Random Forest, em 1.000 linhas de desfecho conhecido que o modelo não viu; 300 (30,0%) saíram.",
                "Área 0,754; com 95% de confiança, de 0,742 a 0,767: com que frequência quem saiu fica acima de quem ficou.",
                "Em média, a 1,3 pontos; um modelo perfeito ficaria a 1,5 com tantas linhas. 1 de 2 intervalos contêm a previsão.",
                "Os 20% com os riscos mais altos reúnem 42% de todos os que saíram.",
                "As probabilidades se cumprem?",
                "Quantas vezes mais saem os de maior risco?",
                "Quem saiu acima de quem ficou (ROC)",
                "Quantos avisos acertam? (precisão e revocação)",
                "Previsão 50,0%, saíram 40,0% (36,0% a 44,0%), n = 500",
                "2,33 vezes a média: saíram 70,0% de 100; até aqui, 23,3% de todos os que saíram",
                "Como previsto",
                "Decis, intervalos de 95%",
                "Média de todas as linhas",
                "Acaso: saíram 30,0%",
                "Linhas segundo a previsão",
                "Probabilidade prevista, %",
                "Parcela que saiu, %",
                "Decil das linhas, primeiro os riscos mais altos",
                "Vezes a média",
                "Alarmes falsos: parcela de quem ficou, %",
                "Achados: parcela de quem saiu, %",
                "Avisos que acertam, %",
            ],
        ],
    );
}

#[track_caller]
fn check_untested(untested: Untested, expected: [&str; 3]) {
    for (language, expected) in LANGUAGES.into_iter().zip(expected) {
        assert_eq!(notes::untested(untested, language), expected);
    }
}

#[test]
fn where_nothing_was_tested_it_is_told_why() {
    check_untested(
        Untested::Saved(Family::GradientBoosting),
        [
            "A saved Gradient Boosting scored these rows; whether it is right will show when their outcomes are known.",
            "Un Gradient Boosting guardado puntuó estas filas; si acierta se verá cuando se conozca su desenlace.",
            "Um Gradient Boosting salvo pontuou estas linhas; se acerta, só se verá quando o desfecho for conhecido.",
        ],
    );
    let tails = [
        ", so that nothing was learned and nothing tested: the published formula serves.",
        ", así que nada se aprendió ni se probó: rige la fórmula publicada.",
        ", então nada foi aprendido nem testado: vale a fórmula publicada.",
    ];
    let one_class = |churned| NoModel::OneClass {
        n_labelled: 1_234,
        churned,
    };
    let (n_churned, n_others) = (1, 40);
    for (why, starts) in [
        (
            NoModel::NoLabels { n_rows: 200 },
            [
                "None of the rows (200) tells whether its customer left",
                "Ninguna de las filas (200) dice si su cliente se fue",
                "Nenhuma das linhas (200) diz se o cliente saiu",
            ],
        ),
        (
            one_class(true),
            [
                "All customers with a known outcome (1,234) left",
                "Todos los clientes de desenlace conocido (1234) se fueron",
                "Todos os clientes de desfecho conhecido (1.234) saíram",
            ],
        ),
        (
            one_class(false),
            [
                "All customers with a known outcome (1,234) stayed",
                "Todos los clientes de desenlace conocido (1234) se quedaron",
                "Todos os clientes de desfecho conhecido (1.234) ficaram",
            ],
        ),
        (
            NoModel::OneRowOfAClass {
                n_churned,
                n_others,
            },
            [
                "One row is not enough to learn from (left: 1, stayed: 40)",
                "Con una sola fila no se puede aprender (se fueron: 1, se quedaron: 40)",
                "Uma única linha não basta para aprender (saíram: 1, ficaram: 40)",
            ],
        ),
        (
            NoModel::OneCustomerOfAClass {
                n_churned,
                n_others,
            },
            [
                "All rows of one outcome are of a single customer (left: 1, stayed: 40)",
                "Todas las filas de un desenlace son de un solo cliente (se fueron: 1, se quedaron: 40)",
                "Todas as linhas de um desfecho são de um só cliente (saíram: 1, ficaram: 40)",
            ],
        ),
        (
            NoModel::NoFamilyFitted,
            [
                "No family of models could be fitted",
                "Ninguna familia de modelos se pudo ajustar",
                "Nenhuma família de modelos pôde ser ajustada",
            ],
        ),
    ] {
        let mut sentences = starts.map(str::to_owned);
        for (sentence, tail) in sentences.iter_mut().zip(tails) {
            *sentence += tail;
        }
        check_untested(
            Untested::Heuristic(why),
            [0, 1, 2].map(|at| sentences[at].as_str()),
        );
    }
    check_words(
        || Err(Untested::Heuristic(NoModel::NoFamilyFitted)),
        [
            &[
                "Churn risks, not tested",
                "How probable churn is said to be",
                "Probability, %",
                ">Rows<",
            ],
            &[
                "Riesgos de abandono, sin probar",
                "Qué tan probable se dice que es el abandono",
                "Probabilidad, %",
                ">Filas<",
            ],
            &[
                "Riscos de saída, sem teste",
                "Quão provável se diz que é a saída",
                "Probabilidade, %",
                ">Linhas<",
            ],
        ],
    );
}

#[test]
fn few_customers_of_the_rarer_outcome_and_an_area_without_interval_are_told() {
    let few = || Tested {
        n_churned: 19,
        few_customers: Some(19),
        average_precision_interval: None,
        ..tested()
    };
    let expected = [
        (
            " With 19 customers of the rarer outcome, all of this is uncertain.",
            "Area 0.606; chance would reach 0.026.",
        ),
        (
            " Con 19 clientes del desenlace más raro, todo esto es incierto.",
            "Área 0,606; el azar alcanzaría 0,026.",
        ),
        (
            " Com 19 clientes do desfecho mais raro, tudo isto é incerto.",
            "Área 0,606; o acaso alcançaria 0,026.",
        ),
    ];
    for (language, (uncertain, area)) in LANGUAGES.into_iter().zip(expected) {
        let told = notes::tested(&few(), language);
        assert!(told.ends_with(uncertain), "{told}");
        assert_eq!(notes::average_precision(&few(), language), area);
        let enough = Tested {
            few_customers: None,
            ..tested()
        };
        assert!(!notes::tested(&enough, language).ends_with(uncertain));
    }
}

#[test]
fn the_area_of_precision_and_recall_stands_beside_that_of_chance() {
    let expected = [
        "Area 0.606, with 95% confidence 0.585 to 0.627; chance would reach 0.300.",
        "Área 0,606; con un 95 % de confianza, de 0,585 a 0,627. El azar alcanzaría 0,300.",
        "Área 0,606; com 95% de confiança, de 0,585 a 0,627. O acaso alcançaria 0,300.",
    ];
    for (language, expected) in LANGUAGES.into_iter().zip(expected) {
        assert_eq!(notes::average_precision(&tested(), language), expected);
    }
}

#[test]
fn the_diagonal_ends_at_a_round_value_that_all_bins_reach() {
    for (highest, upper, end) in [
        (0.15, 0.44, 50.0),
        (0.95, 0.5, 100.0),
        (0.05, 0.041, 5.0),
        (0.2, 0.213, 25.0),
        (1.0, 0.3, 100.0),
    ] {
        let mut tested = tested();
        tested.reliability.truncate(1);
        tested.reliability[0].upper = upper;
        assert!(
            (reach(&tested, highest) - end).abs() < 1e-9,
            "{highest} {upper}"
        );
    }
}
