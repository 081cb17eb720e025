//! The sentences about a divided segment.

use clientela_methods::segmentation::winner::DecidedBy;
use clientela_narrative::{Language, number, sentence};
use clientela_numerics::round_decimal;

use super::findings::{Scored, Selection, Structure};

/// Decimals of a score in a sentence.
const DECIMALS: u32 = 3;
/// Decimals on the wire; in a sentence, where fewer would not tell two scores apart.
const DECIMALS_MAX: u32 = 6;

/// A score, told apart from another one.
fn score(value: f64, other: f64, language: Language) -> String {
    let differ = |&decimals: &u32| round_decimal(value, decimals) != round_decimal(other, decimals);
    let decimals = (DECIMALS..=DECIMALS_MAX).find(differ).unwrap_or(DECIMALS);
    number(value, decimals as usize, language)
}

/// Its k, silhouette and Davies–Bouldin, told apart from those beside it.
fn said(of: &Scored, beside: &Scored, language: Language) -> (usize, String, String) {
    let (one, other) = (of.scores, beside.scores);
    (
        of.k,
        score(one.silhouette, other.silhouette, language),
        score(one.davies_bouldin, other.davies_bouldin, language),
    )
}

impl Selection {
    /// How the number of groups was chosen.
    pub fn say(&self, language: Language) -> String {
        match self {
            Self::Whole {
                n_customers,
                n_distinct,
                smallest_k: k,
            } => sentence!(
                language,
                "This segment stays whole: dividing it takes at least {k} distinct rows and more than {k} customers. Distinct rows here: {n_distinct}; customers: {n_customers}.",
                "Este segmento queda entero: para dividirlo hacen falta al menos {k} filas distintas y más de {k} clientes. Filas distintas aquí: {n_distinct}; clientes: {n_customers}.",
                "Este segmento fica inteiro: para dividi-lo são necessárias pelo menos {k} linhas distintas e mais de {k} clientes. Linhas distintas aqui: {n_distinct}; clientes: {n_customers}.",
            ),
            Self::OnlyOne(best) => {
                let (k, silhouette, davies_bouldin) = said(best, best, language);
                sentence!(
                    language,
                    "Only k = {k} was tried: silhouette {silhouette}, Davies–Bouldin {davies_bouldin}; there is no runner-up.",
                    "Solo se probó k = {k}: silueta {silhouette}, Davies–Bouldin {davies_bouldin}; no hay con qué compararlo.",
                    "Só k = {k} foi testado: silhueta {silhouette}, Davies–Bouldin {davies_bouldin}; não há com o que comparar.",
                )
            }
            Self::Contest {
                best,
                runner_up,
                decided_by,
            } => contest(best, runner_up, *decided_by, language),
        }
    }
}

/// The winner, the runner-up, and the score between them.
fn contest(best: &Scored, other: &Scored, decided_by: DecidedBy, language: Language) -> String {
    let (k, silhouette, davies_bouldin) = said(best, other, language);
    let (k_2, silhouette_2, davies_bouldin_2) = said(other, best, language);
    match decided_by {
        DecidedBy::Silhouette => sentence!(
            language,
            "k = {k} has the highest silhouette, {silhouette}; the runner-up, k = {k_2}, has {silhouette_2} (Davies–Bouldin {davies_bouldin} against {davies_bouldin_2}).",
            "k = {k} tiene la silueta más alta, {silhouette}; le sigue k = {k_2}, con {silhouette_2} (Davies–Bouldin {davies_bouldin} frente a {davies_bouldin_2}).",
            "k = {k} tem a silhueta mais alta, {silhouette}; em seguida vem k = {k_2}, com {silhouette_2} (Davies–Bouldin {davies_bouldin} contra {davies_bouldin_2}).",
        ),
        DecidedBy::DaviesBouldin => sentence!(
            language,
            "k = {k} and k = {k_2} have the same silhouette, {silhouette}; k = {k} has the lower Davies–Bouldin, {davies_bouldin} against {davies_bouldin_2}.",
            "k = {k} y k = {k_2} tienen la misma silueta, {silhouette}; k = {k} tiene el Davies–Bouldin más bajo, {davies_bouldin} frente a {davies_bouldin_2}.",
            "k = {k} e k = {k_2} têm a mesma silhueta, {silhouette}; k = {k} tem o Davies–Bouldin mais baixo, {davies_bouldin} contra {davies_bouldin_2}.",
        ),
        DecidedBy::NClusters | DecidedBy::Family => sentence!(
            language,
            "k = {k} and k = {k_2} score alike (silhouette {silhouette}, Davies–Bouldin {davies_bouldin}), so the smaller number of groups is taken.",
            "k = {k} y k = {k_2} puntúan igual (silueta {silhouette}, Davies–Bouldin {davies_bouldin}), así que se toma el menor número de grupos.",
            "k = {k} e k = {k_2} pontuam igual (silhueta {silhouette}, Davies–Bouldin {davies_bouldin}), por isso fica o menor número de grupos.",
        ),
    }
}

/// What a silhouette means, after the one at hand and what follows from it; `None` where there is none.
pub fn silhouette(score: Option<f64>, language: Language) -> String {
    let explanation = sentence!(
        language,
        "The silhouette tells how much nearer customers are to their own group than to the next one, from −1 to 1; higher is better.",
        "La silueta indica cuánto más cerca están los clientes de su propio grupo que del siguiente, de −1 a 1; cuanto más alta, mejor.",
        "A silhueta indica quanto os clientes estão mais perto do próprio grupo do que do seguinte, de −1 a 1; quanto mais alta, melhor.",
    );
    let Some(score) = score else {
        return explanation;
    };
    let reading = match Structure::of(score) {
        Structure::Strong => sentence!(
            language,
            "the groups are clearly apart",
            "los grupos están claramente separados",
            "os grupos estão claramente separados",
        ),
        Structure::Reasonable => sentence!(
            language,
            "the groups are fairly well apart",
            "los grupos están bastante bien separados",
            "os grupos estão razoavelmente separados",
        ),
        Structure::Weak => sentence!(
            language,
            "the groups are hardly apart, and other data might divide differently",
            "los grupos apenas se separan, y con otros datos la división podría ser distinta",
            "os grupos mal se separam, e com outros dados a divisão poderia ser diferente",
        ),
        Structure::None => sentence!(
            language,
            "the groups overlap so much that the division may mean nothing",
            "los grupos se solapan tanto que la división puede no significar nada",
            "os grupos se sobrepõem tanto que a divisão pode não significar nada",
        ),
    };
    let figure = number(score, DECIMALS as usize, language);
    format!("{figure}: {reading}. {explanation}")
}

/// What a Davies–Bouldin score means, after the one at hand; `None` where there is none.
pub fn davies_bouldin(score: Option<f64>, language: Language) -> String {
    let explanation = sentence!(
        language,
        "Davies–Bouldin tells how wide groups are compared with the distance to the group most like them; 0 is best, lower is better.",
        "Davies–Bouldin indica cuán anchos son los grupos frente a la distancia al grupo que más se les parece; 0 es lo ideal y, cuanto más bajo, mejor.",
        "Davies–Bouldin indica quão largos são os grupos diante da distância ao grupo mais parecido; 0 é o ideal e, quanto mais baixo, melhor.",
    );
    match score {
        None => explanation,
        Some(score) => format!(
            "{}. {explanation}",
            number(score, DECIMALS as usize, language)
        ),
    }
}

#[cfg(test)]
mod tests {
    use clientela_methods::segmentation::Scores;

    use super::*;

    fn scored(k: usize, silhouette: f64, davies_bouldin: f64) -> Scored {
        let scores = Scores {
            silhouette,
            davies_bouldin,
            calinski_harabasz: 1.0,
        };
        Scored { k, scores }
    }

    #[track_caller]
    fn check(best: Scored, runner_up: Scored, decided_by: DecidedBy, expected: [&str; 3]) {
        let selection = Selection::Contest {
            best,
            runner_up,
            decided_by,
        };
        let said = Language::ALL.map(|language| selection.say(language));
        assert_eq!(said, expected.map(str::to_owned));
    }

    #[test]
    fn the_silhouette_decides_and_both_scores_are_told() {
        check(
            scored(3, 0.650_961, 0.459),
            scored(2, 0.595_982, 0.532),
            DecidedBy::Silhouette,
            [
                "k = 3 has the highest silhouette, 0.651; the runner-up, k = 2, has 0.596 (Davies–Bouldin 0.459 against 0.532).",
                "k = 3 tiene la silueta más alta, 0,651; le sigue k = 2, con 0,596 (Davies–Bouldin 0,459 frente a 0,532).",
                "k = 3 tem a silhueta mais alta, 0,651; em seguida vem k = 2, com 0,596 (Davies–Bouldin 0,459 contra 0,532).",
            ],
        );
    }

    #[test]
    fn scores_that_look_alike_get_more_decimals() {
        check(
            scored(2, 0.650_96, 0.4),
            scored(3, 0.650_91, 0.4),
            DecidedBy::Silhouette,
            [
                "k = 2 has the highest silhouette, 0.6510; the runner-up, k = 3, has 0.6509 (Davies–Bouldin 0.400 against 0.400).",
                "k = 2 tiene la silueta más alta, 0,6510; le sigue k = 3, con 0,6509 (Davies–Bouldin 0,400 frente a 0,400).",
                "k = 2 tem a silhueta mais alta, 0,6510; em seguida vem k = 3, com 0,6509 (Davies–Bouldin 0,400 contra 0,400).",
            ],
        );
    }

    #[test]
    fn equal_silhouettes_leave_it_to_davies_bouldin_then_to_the_smaller_number() {
        check(
            scored(3, 0.5, 0.3),
            scored(2, 0.5, 0.4),
            DecidedBy::DaviesBouldin,
            [
                "k = 3 and k = 2 have the same silhouette, 0.500; k = 3 has the lower Davies–Bouldin, 0.300 against 0.400.",
                "k = 3 y k = 2 tienen la misma silueta, 0,500; k = 3 tiene el Davies–Bouldin más bajo, 0,300 frente a 0,400.",
                "k = 3 e k = 2 têm a mesma silhueta, 0,500; k = 3 tem o Davies–Bouldin mais baixo, 0,300 contra 0,400.",
            ],
        );
        check(
            scored(2, 0.5, 0.3),
            scored(3, 0.5, 0.3),
            DecidedBy::NClusters,
            [
                "k = 2 and k = 3 score alike (silhouette 0.500, Davies–Bouldin 0.300), so the smaller number of groups is taken.",
                "k = 2 y k = 3 puntúan igual (silueta 0,500, Davies–Bouldin 0,300), así que se toma el menor número de grupos.",
                "k = 2 e k = 3 pontuam igual (silhueta 0,500, Davies–Bouldin 0,300), por isso fica o menor número de grupos.",
            ],
        );
    }

    #[test]
    fn every_strength_of_structure_reads_differently() {
        let readings: Vec<String> = [0.9, 0.6, 0.3, -0.2]
            .map(|score| silhouette(Some(score), Language::En))
            .into_iter()
            .collect();
        for (reading, says) in readings
            .iter()
            .zip(["clearly", "fairly", "hardly", "overlap"])
        {
            assert!(reading.contains(says), "{reading}");
        }
        assert!(silhouette(None, Language::En).starts_with("The silhouette"));
    }
}
