//! Remarks on the fields of the rows, and what they hold.

use clientela_learn::metrics::binary::AreaInterval;
use clientela_narrative::terms::Noun;
use clientela_narrative::{integer, number, sentence};

use super::super::terms::{column_title, in_all, quoted, share};
use crate::Warning;
use crate::wire::messages::shortened;

fn at(code: &'static str, column: &str, words: clientela_narrative::Words) -> Warning {
    Warning::new(code, words)
        .at(format!("columns.{}", shortened(column)))
        .figure("column", shortened(column))
}

pub fn leak(column: &str, roc_auc: AreaInterval) -> Warning {
    let words = in_all(|language| {
        let name = quoted(column, language);
        let area = number(roc_auc.area, 3, language);
        sentence!(
            language,
            "{name} alone tells who left (ROC-AUC {area}): most likely it was written afterwards, and nobody will know it in time. Name it in ignore_columns unless you know it before the customer leaves; evidence.without_leaks has the figures without it.",
            "{name} por sí solo dice quién se fue (ROC-AUC {area}): lo más probable es que se haya registrado después, y entonces nadie lo sabrá a tiempo. Nómbrelo en ignore_columns, salvo que lo conozca antes de que el cliente se vaya; evidence.without_leaks tiene las cifras sin él.",
            "{name} sozinho diz quem saiu (ROC-AUC {area}): o mais provável é que tenha sido registrado depois, e então ninguém o saberá a tempo. Nomeie-o em ignore_columns, a não ser que o conheça antes de o cliente sair; evidence.without_leaks tem os números sem ele."
        )
    });
    at("leak", column, words)
        .figure("roc_auc", roc_auc.area)
        .figure("roc_auc_lower", roc_auc.lower)
}

pub fn duplicates(n_rows: usize, of_all: f64) -> Warning {
    let words = in_all(|language| {
        let rows = Noun::Row.counted(n_rows, language);
        let of_all = share(of_all, language);
        sentence!(
            language,
            "{rows} ({of_all}) repeat others in all that models see: a model that has seen one knows the next, which flatters the figures. evidence.duplicates has them with equal rows kept together.",
            "{rows} ({of_all}) repiten otras en todo lo que ven los modelos: un modelo que ha visto una conoce la siguiente, y eso embellece las cifras. evidence.duplicates las da con las filas iguales juntas.",
            "{rows} ({of_all}) repetem outras em tudo o que os modelos veem: um modelo que viu uma conhece a seguinte, e isso embeleza os números. evidence.duplicates os dá com as linhas iguais juntas."
        )
    });
    Warning::new("duplicate_rows", words)
        .at("data")
        .figure("n_rows", n_rows)
        .figure("share", of_all)
}

pub fn imputed(column: &str, n_rows: usize) -> Warning {
    let words = in_all(|language| {
        let name = column_title(column, language);
        let rows = Noun::Row.counted(n_rows, language);
        sentence!(
            language,
            "{name} is missing in {rows}: the median stands in, and models see that it was missing.",
            "{name} no consta en {rows}: se usa la mediana, y los modelos ven que faltaba.",
            "{name} não consta em {rows}: usa-se a mediana, e os modelos veem que faltava."
        )
    });
    at("imputed", column, words).figure("n_rows", n_rows)
}

pub fn nps_answers() -> Warning {
    let words = in_all(|language| {
        sentence!(
            language,
            "All values of nps lie from 0 to 10, as answers to the question do; the field takes a score from −100 to 100. Send −100 for answers up to 6, 0 for 7 and 8, 100 for 9 and 10.",
            "Todos los valores de nps están entre 0 y 10, como las respuestas a la pregunta; el campo espera una puntuación de −100 a 100. Envíe −100 para respuestas hasta 6, 0 para 7 y 8, y 100 para 9 y 10.",
            "Todos os valores de nps estão entre 0 e 10, como as respostas à pergunta; o campo espera uma pontuação de −100 a 100. Envie −100 para respostas até 6, 0 para 7 e 8, e 100 para 9 e 10."
        )
    });
    at("nps_looks_like_answers", "nps", words)
}

pub fn empty(column: &str) -> Warning {
    let words = in_all(|language| {
        let name = quoted(column, language);
        sentence!(
            language,
            "No row to learn from has a value of {name}, so models do not see it.",
            "Ninguna fila de aprendizaje tiene valor en {name}, así que los modelos no lo ven.",
            "Nenhuma linha de aprendizado tem valor em {name}, então os modelos não o veem."
        )
    });
    at("empty_column", column, words)
}

pub fn constant(column: &str) -> Warning {
    let words = in_all(|language| {
        let name = quoted(column, language);
        sentence!(
            language,
            "{name} has the same value in all rows to learn from, so models do not see it.",
            "{name} tiene el mismo valor en todas las filas de aprendizaje, así que los modelos no lo ven.",
            "{name} tem o mesmo valor em todas as linhas de aprendizado, então os modelos não o veem."
        )
    });
    at("constant_column", column, words)
}

pub fn like_an_id(column: &str) -> Warning {
    let words = in_all(|language| {
        let name = quoted(column, language);
        sentence!(
            language,
            "{name} numbers the rows, as an id does, so models do not see it.",
            "{name} numera las filas, como un identificador, así que los modelos no lo ven.",
            "{name} numera as linhas, como um identificador, então os modelos não o veem."
        )
    });
    at("id_column", column, words)
}

pub fn too_many_levels(
    column: &str,
    [n_levels, n_levels_max]: [usize; 2],
    looks_numeric: bool,
) -> Warning {
    let words = in_all(|language| {
        let name = quoted(column, language);
        let [n, max] = [n_levels, n_levels_max].map(|n| integer(n as i64, language));
        if looks_numeric {
            return sentence!(
                language,
                "All {n} texts in {name} are numbers, and too many to be told apart as words (at most {max}), so models do not see them. Send them as numbers, without quotes.",
                "Los {n} textos de {name} son números, y demasiados para distinguirlos como palabras (máximo {max}), así que los modelos no los ven. Envíelos como números, sin comillas.",
                "Os {n} textos de {name} são números, e numerosos demais para distingui-los como palavras (máximo {max}), então os modelos não os veem. Envie-os como números, sem aspas."
            );
        }
        sentence!(
            language,
            "{name} has {n} different texts, too many to be told apart (at most {max} with so many rows), so models do not see it. Group them into fewer.",
            "{name} tiene {n} textos distintos, demasiados para distinguirlos (máximo {max} con estas filas), así que los modelos no lo ven. Agrúpelos en menos.",
            "{name} tem {n} textos diferentes, demais para distingui-los (máximo {max} com estas linhas), então os modelos não o veem. Agrupe-os em menos."
        )
    });
    at("too_many_values", column, words)
        .figure("n_values", n_levels)
        .figure("n_values_max", n_levels_max)
}

pub fn same(column: &str, same_as: &str) -> Warning {
    let words = in_all(|language| {
        let [name, other] = [column, same_as].map(|name| quoted(name, language));
        sentence!(
            language,
            "{name} says the same as {other} in every row, so models see {other} alone.",
            "{name} dice lo mismo que {other} en todas las filas, así que los modelos solo ven {other}.",
            "{name} diz o mesmo que {other} em todas as linhas, então os modelos só veem {other}."
        )
    });
    at("same_column", column, words).figure("same_as", shortened(same_as))
}

pub fn mixed(column: &str) -> Warning {
    let words = in_all(|language| {
        let name = quoted(column, language);
        sentence!(
            language,
            "{name} holds values of different types: with any text all of them count as words, else booleans as 0 and 1. Send one type.",
            "{name} contiene valores de distinto tipo: si hay algún texto, todos cuentan como palabras; si no, los booleanos cuentan como 0 y 1. Envíe un solo tipo.",
            "{name} contém valores de tipos diferentes: se houver algum texto, todos contam como palavras; se não, os booleanos contam como 0 e 1. Envie um só tipo."
        )
    });
    at("mixed_column", column, words)
}

pub fn numbers_as_text(column: &str) -> Warning {
    let words = in_all(|language| {
        let name = quoted(column, language);
        sentence!(
            language,
            "All texts in {name} are numbers, and were taken for words: nothing is learned of their order. Send them as numbers, without quotes.",
            "Todos los textos de {name} son números y se tomaron por palabras: no se aprende nada de su orden. Envíelos como números, sin comillas.",
            "Todos os textos de {name} são números e foram tomados por palavras: nada se aprende da sua ordem. Envie-os como números, sem aspas."
        )
    });
    at("numbers_as_text", column, words)
}

pub fn no_values() -> Warning {
    let words = in_all(|language| {
        sentence!(
            language,
            "No row has a value in value_column, so nothing can be said about money.",
            "Ninguna fila tiene valor en value_column, así que no se puede decir nada sobre dinero.",
            "Nenhuma linha tem valor em value_column, então nada se pode dizer sobre dinheiro."
        )
    });
    Warning::new("no_values", words).at("value_column")
}
