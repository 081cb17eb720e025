//! The words of the drawing that hold whatever the figures; those that tell the figures are [`notes`].

use clientela_narrative::{Language, percent, sentence};

use super::drawn::{Drawn, Tested};
use super::notes;

/// What stands above all plots.
pub struct Heading {
    pub title: String,
    pub subtitle: String,
    pub description: String,
}

/// The words of one plot.
pub struct PlotWords {
    pub heading: String,
    pub note: String,
    pub x: String,
    pub y: String,
}

/// The words of the plots that show what held-out rows showed.
pub struct TestedWords {
    pub reliability: PlotWords,
    pub lift: PlotWords,
    pub roc: PlotWords,
    pub precision_recall: PlotWords,
    pub family: String,
    pub honest: String,
    pub tenths: String,
    pub average: String,
    pub chance: String,
    pub base_rate: String,
    pub strip: String,
}

impl Heading {
    pub fn of(drawn: &Drawn, language: Language) -> Self {
        let tested = match &drawn.evidence {
            Ok(tested) => tested,
            Err(untested) => {
                let why = notes::untested(*untested, language);
                let title = sentence!(
                    language,
                    "Churn risks, not tested",
                    "Riesgos de abandono, sin probar",
                    "Riscos de saída, sem teste"
                );
                return Self {
                    title,
                    subtitle: why.clone(),
                    description: why,
                };
            }
        };
        let subtitle = notes::tested(tested, language);
        let notes = [
            notes::area(tested, language),
            notes::calibration(tested, language),
            notes::gains(tested, language),
        ];
        Self {
            title: sentence!(
                language,
                "Churn risks against what happened",
                "Riesgos de abandono y lo que ocurrió",
                "Riscos de saída e o que aconteceu"
            ),
            description: format!("{subtitle} {}", notes.join(" ")),
            subtitle,
        }
    }
}

impl TestedWords {
    pub fn of(tested: &Tested, language: Language) -> Self {
        let rate = percent(tested.base_rate(), 1, language);
        Self {
            reliability: reliability(tested, language),
            lift: lift(tested, language),
            roc: roc(tested, language),
            precision_recall: precision_recall(tested, language),
            family: tested.family.name().to_owned(),
            honest: sentence!(
                language,
                "As forecast",
                "Como se pronosticó",
                "Como previsto"
            ),
            tenths: sentence!(
                language,
                "Tenths of rows, 95% intervals",
                "Deciles, intervalos del 95 %",
                "Decis, intervalos de 95%"
            ),
            average: sentence!(
                language,
                "Average of all rows",
                "Promedio de todas las filas",
                "Média de todas as linhas"
            ),
            chance: sentence!(language, "Chance", "Azar", "Acaso"),
            base_rate: sentence!(
                language,
                "Chance: {rate} left",
                "Azar: se fue el {rate}",
                "Acaso: saíram {rate}"
            ),
            strip: sentence!(
                language,
                "Rows by forecast",
                "Filas según el pronóstico",
                "Linhas segundo a previsão"
            ),
        }
    }
}

fn reliability(tested: &Tested, language: Language) -> PlotWords {
    PlotWords {
        heading: sentence!(
            language,
            "Do the probabilities hold?",
            "¿Se cumplen las probabilidades?",
            "As probabilidades se cumprem?"
        ),
        note: notes::calibration(tested, language),
        x: sentence!(
            language,
            "Forecast probability, %",
            "Probabilidad pronosticada, %",
            "Probabilidade prevista, %"
        ),
        y: sentence!(
            language,
            "Share that left, %",
            "Parte que se fue, %",
            "Parcela que saiu, %"
        ),
    }
}

fn lift(tested: &Tested, language: Language) -> PlotWords {
    PlotWords {
        heading: sentence!(
            language,
            "How many times as often do the riskiest leave?",
            "¿Cuántas veces más se van los de mayor riesgo?",
            "Quantas vezes mais saem os de maior risco?"
        ),
        note: notes::gains(tested, language),
        x: sentence!(
            language,
            "Tenth of the rows, highest risks first",
            "Decil de las filas, primero los riesgos más altos",
            "Decil das linhas, primeiro os riscos mais altos"
        ),
        y: sentence!(
            language,
            "Times the average",
            "Veces el promedio",
            "Vezes a média"
        ),
    }
}

fn roc(tested: &Tested, language: Language) -> PlotWords {
    PlotWords {
        heading: sentence!(
            language,
            "Who left ranks above who stayed (ROC)",
            "Quien se fue, por encima de quien se quedó (ROC)",
            "Quem saiu acima de quem ficou (ROC)"
        ),
        note: notes::area(tested, language),
        x: sentence!(
            language,
            "False alarms: share of those who stayed, %",
            "Falsas alarmas: parte de quienes se quedaron, %",
            "Alarmes falsos: parcela de quem ficou, %"
        ),
        y: sentence!(
            language,
            "Found: share of those who left, %",
            "Hallados: parte de quienes se fueron, %",
            "Achados: parcela de quem saiu, %"
        ),
    }
}

fn precision_recall(tested: &Tested, language: Language) -> PlotWords {
    PlotWords {
        heading: sentence!(
            language,
            "How many warnings are right? (precision and recall)",
            "¿Cuántos avisos aciertan? (precisión y exhaustividad)",
            "Quantos avisos acertam? (precisão e revocação)"
        ),
        note: notes::average_precision(tested, language),
        x: sentence!(
            language,
            "Found: share of those who left, %",
            "Hallados: parte de quienes se fueron, %",
            "Achados: parcela de quem saiu, %"
        ),
        y: sentence!(
            language,
            "Warnings that are right, %",
            "Avisos que aciertan, %",
            "Avisos que acertam, %"
        ),
    }
}

/// The words of the one plot there is where nothing was tested.
pub fn distribution(language: Language) -> PlotWords {
    PlotWords {
        heading: sentence!(
            language,
            "How probable churn is said to be",
            "Qué tan probable se dice que es el abandono",
            "Quão provável se diz que é a saída"
        ),
        note: String::new(),
        x: sentence!(
            language,
            "Probability, %",
            "Probabilidad, %",
            "Probabilidade, %"
        ),
        y: sentence!(language, "Rows", "Filas", "Linhas"),
    }
}
