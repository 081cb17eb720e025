//! What decided which family serves, in words.

use clientela_methods::churn::{Criterion, Evidence};
use clientela_narrative::{Language, number, sentence};

/// One sentence.
pub fn reason(evidence: &Evidence, language: Language) -> String {
    let best = evidence.best.name();
    match evidence.criterion {
        Criterion::OnlyFamily => sentence!(
            language,
            "{best} is the only family that could be fitted.",
            "{best} es la única familia que pudo ajustarse.",
            "{best} é a única família que pôde ser ajustada."
        ),
        Criterion::RocAuc => {
            let area = best_area(evidence);
            let area = number(area, 3, language);
            sentence!(
                language,
                "{best} has the highest ROC-AUC on held-out rows ({area}).",
                "{best} tiene el ROC-AUC más alto en las filas apartadas ({area}).",
                "{best} tem o ROC-AUC mais alto nas linhas separadas ({area})."
            )
        }
        Criterion::F1 => sentence!(
            language,
            "ROC-AUC is equal in three decimals; {best} has the highest F1.",
            "El ROC-AUC es igual en tres decimales; {best} tiene el F1 más alto.",
            "O ROC-AUC é igual em três casas decimais; {best} tem o F1 mais alto."
        ),
        Criterion::Accuracy => sentence!(
            language,
            "ROC-AUC and F1 are equal; {best} has the highest accuracy.",
            "El ROC-AUC y el F1 son iguales; {best} tiene la exactitud más alta.",
            "O ROC-AUC e o F1 são iguais; {best} tem a acurácia mais alta."
        ),
        Criterion::Simplicity => sentence!(
            language,
            "All figures are equal; {best} is the simplest family.",
            "Todas las cifras son iguales; {best} es la familia más simple.",
            "Todos os números são iguais; {best} é a família mais simples."
        ),
    }
}

fn best_area(evidence: &Evidence) -> f64 {
    let mut families = evidence.families.iter();
    let best = families.find(|family| family.family == evidence.best);
    best.expect("the best is one of them").metrics.roc_auc.area
}
