//! Remarks on the model, and what it rests on.

use clientela_learn::metrics::binary::AreaInterval;
use clientela_methods::churn::{
    CUSTOMERS_OF_RARER_CLASS, ColumnDrift, Documented, Family, Heuristic, NoModel,
};
use clientela_narrative::terms::Noun;
use clientela_narrative::{Language, integer, number, percent, sentence};

use super::super::terms::{amount, column_name, column_names, in_all, quoted};
use crate::Warning;
use crate::wire::messages::shortened;

/// Columns that a sentence names at most.
const NAMES_MAX: usize = 5;

pub fn heuristic(why: NoModel) -> Warning {
    let words = in_all(|language| {
        let why = no_model(why, language);
        sentence!(
            language,
            "{why} A published formula serves instead, a heuristic that nobody has fitted to your customers: take its order for a start, and its probabilities for no more than a guess.",
            "{why} En su lugar se usa una fórmula publicada, una heurística que nadie ha ajustado a sus clientes: tome su orden como punto de partida y sus probabilidades como una mera conjetura.",
            "{why} Em seu lugar usa-se uma fórmula publicada, uma heurística que ninguém ajustou aos seus clientes: tome a ordem como ponto de partida e as probabilidades como mera conjectura."
        )
    });
    Warning::new("heuristic", words).at("best_algorithm")
}

/// Why nothing could be learned.
pub fn no_model(why: NoModel, language: Language) -> String {
    match why {
        NoModel::NoLabels { .. } => sentence!(
            language,
            "Nothing could be learned: no row says whether the customer left (churned).",
            "No se pudo aprender nada: ninguna fila dice si el cliente se fue (churned).",
            "Nada pôde ser aprendido: nenhuma linha diz se o cliente saiu (churned)."
        ),
        NoModel::OneClass {
            n_labelled,
            churned,
        } => one_class(n_labelled, churned, language),
        NoModel::OneRowOfAClass {
            n_churned,
            n_others,
        } => {
            let [left, stayed] = [n_churned, n_others].map(|n| integer(n as i64, language));
            sentence!(
                language,
                "Nothing could be learned from these outcomes (left: {left}; stayed: {stayed}): it takes at least two of each.",
                "No se pudo aprender nada de estos desenlaces (abandonos: {left}; permanencias: {stayed}): hacen falta al menos dos de cada.",
                "Nada pôde ser aprendido com estes desfechos (saídas: {left}; permanências: {stayed}): são precisos ao menos dois de cada."
            )
        }
        NoModel::OneCustomerOfAClass {
            n_churned,
            n_others,
        } => {
            let [left, stayed] = [n_churned, n_others].map(|n| integer(n as i64, language));
            sentence!(
                language,
                "Nothing could be tested: of these outcomes (left: {left}; stayed: {stayed}) one kind belongs to a single customer.",
                "No se pudo comprobar nada: de estos desenlaces (abandonos: {left}; permanencias: {stayed}) una clase pertenece a un solo cliente.",
                "Nada pôde ser testado: destes desfechos (saídas: {left}; permanências: {stayed}) uma classe pertence a um só cliente."
            )
        }
        NoModel::NoFamilyFitted => sentence!(
            language,
            "Nothing could be learned: no family of models could be fitted to these rows.",
            "No se pudo aprender nada: ninguna familia de modelos pudo ajustarse a estas filas.",
            "Nada pôde ser aprendido: nenhuma família de modelos pôde ser ajustada a estas linhas."
        ),
    }
}

fn one_class(n_labelled: usize, churned: bool, language: Language) -> String {
    let rows = Noun::Row.counted(n_labelled, language);
    if churned {
        return sentence!(
            language,
            "Nothing could be learned: wherever the outcome is known ({rows}) the customer left, so there is nobody to compare with.",
            "No se pudo aprender nada: siempre que se conoce el desenlace ({rows}) el cliente se fue, así que no hay con quién comparar.",
            "Nada pôde ser aprendido: sempre que se conhece o desfecho ({rows}) o cliente saiu, então não há com quem comparar."
        );
    }
    sentence!(
        language,
        "Nothing could be learned: wherever the outcome is known ({rows}) the customer stayed, so there is nobody to compare with.",
        "No se pudo aprender nada: siempre que se conoce el desenlace ({rows}) el cliente se quedó, así que no hay con quién comparar.",
        "Nada pôde ser aprendido: sempre que se conhece o desfecho ({rows}) o cliente ficou, então não há com quem comparar."
    )
}

pub fn few_of_rarer_class(n_customers: usize, weight: f64) -> Warning {
    let words = in_all(|language| {
        let customers = Noun::Customer.counted(n_customers, language);
        let weight = percent(weight, 0, language);
        let needed = CUSTOMERS_OF_RARER_CLASS;
        sentence!(
            language,
            "The rarer outcome has {customers}; from {needed} on a model stands alone. Until then the published formula has a share of {weight} in every probability: collect more outcomes before you rely on them.",
            "El desenlace menos frecuente tiene {customers}; un modelo se sostiene solo a partir de {needed}. Hasta entonces la fórmula publicada pesa un {weight} en cada probabilidad: reúna más desenlaces antes de confiar en ellas.",
            "O desfecho menos frequente tem {customers}; um modelo se sustenta sozinho a partir de {needed}. Até lá a fórmula publicada pesa {weight} em cada probabilidade: reúna mais desfechos antes de confiar nelas."
        )
    });
    Warning::new("few_of_rarer_class", words)
        .at("evidence")
        .figure("n_customers", n_customers)
        .figure("weight_of_heuristic", weight)
}

pub fn not_fitted(family: Family) -> Warning {
    let name = family.name();
    let words = in_all(|language| {
        sentence!(
            language,
            "{name} could not be fitted to these rows and is left out.",
            "{name} no pudo ajustarse a estas filas y queda fuera.",
            "{name} não pôde ser ajustado a estas linhas e fica de fora."
        )
    });
    Warning::new("family_not_fitted", words)
        .at("evaluation_metrics")
        .figure("family", name)
}

pub fn no_usable_columns() -> Warning {
    let words = in_all(|language| {
        sentence!(
            language,
            "No field of the rows can tell customers apart, so everyone gets about the rate of the base. columns says why each one is of no use.",
            "Ningún campo de las filas distingue a los clientes, así que todos reciben más o menos la tasa de la base. columns dice por qué no sirve cada uno.",
            "Nenhum campo das linhas distingue os clientes, então todos recebem mais ou menos a taxa da base. columns diz por que cada um não serve."
        )
    });
    Warning::new("no_usable_columns", words).at("columns")
}

pub fn not_better_than_chance(roc_auc: AreaInterval) -> Warning {
    let words = in_all(|language| {
        let [area, lower, upper] =
            [roc_auc.area, roc_auc.lower, roc_auc.upper].map(|end| number(end, 2, language));
        sentence!(
            language,
            "The order of the customers may be chance: ROC-AUC {area}, with 95% confidence from {lower} to {upper}, and 0.5 is what a coin gives. Do not choose whom to call by it.",
            "El orden de los clientes puede ser azar: ROC-AUC {area}, con una confianza del 95 % entre {lower} y {upper}, y 0,5 es lo que da una moneda. No elija con él a quién llamar.",
            "A ordem dos clientes pode ser acaso: ROC-AUC {area}, com 95% de confiança entre {lower} e {upper}, e 0,5 é o que dá uma moeda. Não escolha por ela para quem ligar."
        )
    });
    Warning::new("not_better_than_chance", words)
        .at("evidence")
        .figure("roc_auc", roc_auc.area)
        .figure("roc_auc_lower", roc_auc.lower)
        .figure("roc_auc_upper", roc_auc.upper)
}

pub fn not_better_than_rate(log_loss: f64, of_rate: f64) -> Warning {
    let words = in_all(|language| {
        let [own, rate] = [log_loss, of_rate].map(|loss| number(loss, 4, language));
        sentence!(
            language,
            "To give everyone the rate of the base would have come closer to what happened (log loss {rate}) than these probabilities ({own}).",
            "Dar a todos la tasa de la base se habría acercado más a lo ocurrido (log loss {rate}) que estas probabilidades ({own}).",
            "Dar a todos a taxa da base teria chegado mais perto do que aconteceu (log loss {rate}) que estas probabilidades ({own})."
        )
    });
    Warning::new("not_better_than_rate", words)
        .at("evidence")
        .figure("log_loss", log_loss)
        .figure("log_loss_of_rate", of_rate)
}

pub fn unseen_words(column: &str, n_rows: usize) -> Warning {
    let words = in_all(|language| {
        let name = quoted(column, language);
        let rows = Noun::Row.counted(n_rows, language);
        sentence!(
            language,
            "In {rows}, {name} has a text that hardly any customer with a known outcome had: the average stands in, and {name} is no reason for these risks.",
            "En {rows}, {name} tiene un texto que casi ningún cliente con desenlace conocido tenía: se usa el promedio, y {name} no cuenta como motivo de esos riesgos.",
            "Em {rows}, {name} tem um texto que quase nenhum cliente com desfecho conhecido tinha: usa-se a média, e {name} não conta como motivo desses riscos."
        )
    });
    Warning::new("unseen_values", words)
        .at(format!("columns.{}", shortened(column)))
        .figure("column", shortened(column))
        .figure("n_rows", n_rows)
}

pub fn too_good(roc_auc: AreaInterval) -> Warning {
    let words = in_all(|language| {
        let [area, lower] = [roc_auc.area, roc_auc.lower].map(|end| number(end, 3, language));
        sentence!(
            language,
            "The order of the customers is too good to be true (ROC-AUC {area}, with 95% confidence at least {lower}), although no field alone tells who left. Look among the strongest drivers for fields that are written or change only after a customer leaves, and name them in ignore_columns.",
            "El orden de los clientes es demasiado bueno para ser cierto (ROC-AUC {area}; con una confianza del 95 %, al menos {lower}), aunque ningún campo por sí solo dice quién se fue. Busque entre los factores más fuertes (drivers) campos que se registran o cambian solo después de que el cliente se va, y nómbrelos en ignore_columns.",
            "A ordem dos clientes é boa demais para ser verdade (ROC-AUC {area}; com 95% de confiança, ao menos {lower}), embora nenhum campo sozinho diga quem saiu. Procure entre os fatores mais fortes (drivers) campos que só são registrados ou só mudam depois que o cliente sai, e nomeie-os em ignore_columns."
        )
    });
    Warning::new("too_good", words)
        .at("evidence")
        .figure("roc_auc", roc_auc.area)
        .figure("roc_auc_lower", roc_auc.lower)
}

pub fn absent(column: &str) -> Warning {
    let words = in_all(|language| {
        let name = quoted(column, language);
        sentence!(
            language,
            "The saved model learned from {name}, which these rows do not have; it counts as missing everywhere.",
            "El modelo guardado aprendió de {name}, que estas filas no tienen; cuenta como ausente en todas.",
            "O modelo salvo aprendeu com {name}, que estas linhas não têm; conta como ausente em todas."
        )
    });
    Warning::new("absent_column", words)
        .at(format!("columns.{}", shortened(column)))
        .figure("column", shortened(column))
}

pub fn type_changed(column: &str) -> Warning {
    let words = in_all(|language| {
        let name = quoted(column, language);
        sentence!(
            language,
            "{name} was numbers when the saved model learned from it, and is text now; its values count as missing.",
            "{name} eran números cuando el modelo guardado aprendió de él, y ahora es texto; sus valores cuentan como ausentes.",
            "{name} eram números quando o modelo salvo aprendeu com ele, e agora é texto; os valores contam como ausentes."
        )
    });
    Warning::new("column_type_changed", words)
        .at(format!("columns.{}", shortened(column)))
        .figure("column", shortened(column))
}

pub fn stand_ins(absent: &[Documented], formula: &Heuristic) -> Warning {
    let words = in_all(|language| {
        let parts: Vec<String> = absent
            .iter()
            .map(|column| {
                let value = amount(formula.stand_ins[*column as usize], language);
                format!("{} = {value}", column.name())
            })
            .collect();
        let parts = parts.join(", ");
        sentence!(
            language,
            "No row has some fields that the formula asks for; it counts {parts} for everyone.",
            "Ninguna fila tiene algunos campos que pide la fórmula; cuenta {parts} para todos.",
            "Nenhuma linha tem alguns campos que a fórmula pede; ela conta {parts} para todos."
        )
    });
    Warning::new("formula_stand_ins", words)
        .at("data")
        .figure("n_columns", absent.len())
}

pub fn drifted(columns: &[&ColumnDrift]) -> Warning {
    let names: Vec<&str> = columns.iter().map(|drift| &*drift.column).collect();
    let farthest = columns[0];
    let words = in_all(|language| {
        let psi = number(farthest.shift.psi, 2, language);
        if columns.len() == 1 {
            let name = column_name(&farthest.column, language);
            return sentence!(
                language,
                "These rows differ from those that the model learned from in {name} (PSI {psi}): see drift, and learn a new model if the change is here to stay.",
                "Estas filas se apartan de aquellas con las que aprendió el modelo en {name} (PSI {psi}): consulte drift y entrene un modelo nuevo si el cambio ha venido para quedarse.",
                "Estas linhas se afastam daquelas com que o modelo aprendeu; mudou {name} (PSI {psi}): consulte drift e treine um modelo novo se a mudança veio para ficar."
            );
        }
        let names = column_names(&names, NAMES_MAX, language);
        sentence!(
            language,
            "These rows differ from those that the model learned from in {names} (PSI up to {psi}): see drift, and learn a new model if the change is here to stay.",
            "Estas filas se apartan de aquellas con las que aprendió el modelo en {names} (PSI de hasta {psi}): consulte drift y entrene un modelo nuevo si el cambio ha venido para quedarse.",
            "Estas linhas se afastam daquelas com que o modelo aprendeu; mudaram {names} (PSI de até {psi}): consulte drift e treine um modelo novo se a mudança veio para ficar."
        )
    });
    Warning::new("drift", words)
        .at("drift")
        .figure("n_columns", columns.len())
        .figure("psi", farthest.shift.psi)
}

pub fn nothing_to_save() -> Warning {
    let words = in_all(|language| {
        sentence!(
            language,
            "No model was saved, because none was learned.",
            "No se guardó ningún modelo, porque no se aprendió ninguno.",
            "Nenhum modelo foi salvo, porque nenhum foi aprendido."
        )
    });
    Warning::new("nothing_to_save", words).at("save_model")
}
