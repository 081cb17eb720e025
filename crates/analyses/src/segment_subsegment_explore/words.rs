//! The sentences about a divided segment.

use clientela_methods::segmentation::winner::DecidedBy;
use clientela_narrative::{Language, Say, number};
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

/// The scores of a winner and its runner-up as texts.
struct Pair {
    k: usize,
    silhouette: String,
    davies_bouldin: String,
}

fn pair(of: &Scored, beside: &Scored, language: Language) -> Pair {
    let (one, other) = (of.scores, beside.scores);
    Pair {
        k: of.k,
        silhouette: score(one.silhouette, other.silhouette, language),
        davies_bouldin: score(one.davies_bouldin, other.davies_bouldin, language),
    }
}

impl Say for Selection {
    fn en(&self) -> String {
        let language = Language::En;
        match self {
            Self::Whole {
                n_customers,
                n_distinct,
                smallest_k: k,
            } => format!(
                "This segment stays whole: dividing it takes at least {k} distinct rows and more than {k} customers. Distinct rows here: {n_distinct}; customers: {n_customers}."
            ),
            Self::OnlyOne(best) => {
                let best = pair(best, best, language);
                format!(
                    "Only k = {} was tried: silhouette {}, Davies–Bouldin {}; there is no runner-up.",
                    best.k, best.silhouette, best.davies_bouldin
                )
            }
            Self::Contest {
                best,
                runner_up,
                decided_by,
            } => {
                let (a, b) = (
                    pair(best, runner_up, language),
                    pair(runner_up, best, language),
                );
                match decided_by {
                    DecidedBy::Silhouette => format!(
                        "k = {} has the highest silhouette, {}; the runner-up, k = {}, has {} (Davies–Bouldin {} against {}).",
                        a.k, a.silhouette, b.k, b.silhouette, a.davies_bouldin, b.davies_bouldin
                    ),
                    DecidedBy::DaviesBouldin => format!(
                        "k = {} and k = {} have the same silhouette, {}; k = {} has the lower Davies–Bouldin, {} against {}.",
                        a.k, b.k, a.silhouette, a.k, a.davies_bouldin, b.davies_bouldin
                    ),
                    DecidedBy::NClusters | DecidedBy::Family => format!(
                        "k = {} and k = {} score alike (silhouette {}, Davies–Bouldin {}), so the smaller number of groups is taken.",
                        a.k, b.k, a.silhouette, a.davies_bouldin
                    ),
                }
            }
        }
    }

    fn es(&self) -> String {
        let language = Language::Es;
        match self {
            Self::Whole {
                n_customers,
                n_distinct,
                smallest_k: k,
            } => format!(
                "Este segmento queda entero: para dividirlo hacen falta al menos {k} filas distintas y más de {k} clientes. Filas distintas aquí: {n_distinct}; clientes: {n_customers}."
            ),
            Self::OnlyOne(best) => {
                let best = pair(best, best, language);
                format!(
                    "Solo se probó k = {}: silueta {}, Davies–Bouldin {}; no hay con qué compararlo.",
                    best.k, best.silhouette, best.davies_bouldin
                )
            }
            Self::Contest {
                best,
                runner_up,
                decided_by,
            } => {
                let (a, b) = (
                    pair(best, runner_up, language),
                    pair(runner_up, best, language),
                );
                match decided_by {
                    DecidedBy::Silhouette => format!(
                        "k = {} tiene la silueta más alta, {}; le sigue k = {}, con {} (Davies–Bouldin {} frente a {}).",
                        a.k, a.silhouette, b.k, b.silhouette, a.davies_bouldin, b.davies_bouldin
                    ),
                    DecidedBy::DaviesBouldin => format!(
                        "k = {} y k = {} tienen la misma silueta, {}; k = {} tiene el Davies–Bouldin más bajo, {} frente a {}.",
                        a.k, b.k, a.silhouette, a.k, a.davies_bouldin, b.davies_bouldin
                    ),
                    DecidedBy::NClusters | DecidedBy::Family => format!(
                        "k = {} y k = {} puntúan igual (silueta {}, Davies–Bouldin {}), así que se toma el menor número de grupos.",
                        a.k, b.k, a.silhouette, a.davies_bouldin
                    ),
                }
            }
        }
    }

    fn pt(&self) -> String {
        let language = Language::Pt;
        match self {
            Self::Whole {
                n_customers,
                n_distinct,
                smallest_k: k,
            } => format!(
                "Este segmento fica inteiro: para dividi-lo são necessárias pelo menos {k} linhas distintas e mais de {k} clientes. Linhas distintas aqui: {n_distinct}; clientes: {n_customers}."
            ),
            Self::OnlyOne(best) => {
                let best = pair(best, best, language);
                format!(
                    "Só se testou k = {}: silhueta {}, Davies–Bouldin {}; não há com o que comparar.",
                    best.k, best.silhouette, best.davies_bouldin
                )
            }
            Self::Contest {
                best,
                runner_up,
                decided_by,
            } => {
                let (a, b) = (
                    pair(best, runner_up, language),
                    pair(runner_up, best, language),
                );
                match decided_by {
                    DecidedBy::Silhouette => format!(
                        "k = {} tem a silhueta mais alta, {}; em seguida vem k = {}, com {} (Davies–Bouldin {} contra {}).",
                        a.k, a.silhouette, b.k, b.silhouette, a.davies_bouldin, b.davies_bouldin
                    ),
                    DecidedBy::DaviesBouldin => format!(
                        "k = {} e k = {} têm a mesma silhueta, {}; k = {} tem o Davies–Bouldin mais baixo, {} contra {}.",
                        a.k, b.k, a.silhouette, a.k, a.davies_bouldin, b.davies_bouldin
                    ),
                    DecidedBy::NClusters | DecidedBy::Family => format!(
                        "k = {} e k = {} pontuam igual (silhueta {}, Davies–Bouldin {}), por isso fica o menor número de grupos.",
                        a.k, b.k, a.silhouette, a.davies_bouldin
                    ),
                }
            }
        }
    }
}

/// What a silhouette means, and what the one at hand says; `None` where there is none.
pub struct Silhouette(pub Option<f64>);

impl Silhouette {
    /// The figure with what follows from it, before the explanation.
    fn after(&self, explanation: &str, reading: [&str; 4], language: Language) -> String {
        let Some(silhouette) = self.0 else {
            return explanation.to_owned();
        };
        let reading = reading[Structure::of(silhouette) as usize];
        let figure = number(silhouette, DECIMALS as usize, language);
        format!("{figure}: {reading} {explanation}")
    }
}

impl Say for Silhouette {
    fn en(&self) -> String {
        self.after(
            "The silhouette tells how much nearer customers are to their own group than to the next one, from −1 to 1; higher is better.",
            [
                "the groups are clearly apart.",
                "the groups are fairly well apart.",
                "the groups are hardly apart, and other data might divide differently.",
                "the groups overlap so much that the division may mean nothing.",
            ],
            Language::En,
        )
    }

    fn es(&self) -> String {
        self.after(
            "La silueta indica cuánto más cerca están los clientes de su propio grupo que del siguiente, de −1 a 1; cuanto más alta, mejor.",
            [
                "los grupos están claramente separados.",
                "los grupos están bastante bien separados.",
                "los grupos apenas se separan, y con otros datos la división podría ser distinta.",
                "los grupos se solapan tanto que la división puede no significar nada.",
            ],
            Language::Es,
        )
    }

    fn pt(&self) -> String {
        self.after(
            "A silhueta indica quanto os clientes estão mais perto do próprio grupo do que do seguinte, de −1 a 1; quanto mais alta, melhor.",
            [
                "os grupos estão claramente separados.",
                "os grupos estão razoavelmente separados.",
                "os grupos mal se separam, e com outros dados a divisão poderia ser diferente.",
                "os grupos se sobrepõem tanto que a divisão pode não significar nada.",
            ],
            Language::Pt,
        )
    }
}

/// What a Davies–Bouldin score means, after the one at hand; `None` where there is none.
pub struct DaviesBouldin(pub Option<f64>);

impl DaviesBouldin {
    fn after(&self, explanation: &str, language: Language) -> String {
        match self.0 {
            None => explanation.to_owned(),
            Some(score) => {
                let figure = number(score, DECIMALS as usize, language);
                format!("{figure}. {explanation}")
            }
        }
    }
}

impl Say for DaviesBouldin {
    fn en(&self) -> String {
        self.after(
            "Davies–Bouldin tells how wide groups are compared with the distance to the group most like them; 0 is best, lower is better.",
            Language::En,
        )
    }

    fn es(&self) -> String {
        self.after(
            "Davies–Bouldin indica cuán anchos son los grupos frente a la distancia al grupo que más se les parece; 0 es lo ideal y, cuanto más bajo, mejor.",
            Language::Es,
        )
    }

    fn pt(&self) -> String {
        self.after(
            "Davies–Bouldin indica quão largos são os grupos diante da distância ao grupo mais parecido; 0 é o ideal e, quanto mais baixo, melhor.",
            Language::Pt,
        )
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
            .map(|silhouette| Silhouette(Some(silhouette)).en())
            .into_iter()
            .collect();
        for (reading, says) in readings
            .iter()
            .zip(["clearly", "fairly", "hardly", "overlap"])
        {
            assert!(reading.contains(says), "{reading}");
        }
        assert!(Silhouette(None).en().starts_with("The silhouette"));
    }
}
