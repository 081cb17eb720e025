//! What the figures cannot tell.

use clientela_narrative::terms::Noun;
use clientela_narrative::{Language, words};
use clientela_tables::Purchases;

use crate::Warning;

pub fn warnings(table: &Purchases) -> Vec<Warning> {
    loyalty_score_mixed(table).into_iter().collect()
}

/// A missing score becomes 0.0; that misleads only where other customers have one.
fn loyalty_score_mixed(table: &Purchases) -> Option<Warning> {
    let is_missing =
        |customer: &&clientela_tables::CustomerPurchases| customer.loyalty_score.is_none();
    let n_missing = table.customers.iter().filter(is_missing).count();
    if n_missing == 0 || n_missing == table.customers.len() {
        return None;
    }
    let say = |language| Noun::Customer.counted(n_missing, language);
    let (en, es, pt) = (say(Language::En), say(Language::Es), say(Language::Pt));
    let words = words!(
        "{en} without loyalty_score: 0.0 is returned in that case, which a segmentation reads as the lowest score.",
        "{es} sin loyalty_score: en ese caso se devuelve 0.0, que una segmentación lee como la puntuación más baja.",
        "{pt} sem loyalty_score: nesse caso é devolvido 0.0, que uma segmentação lê como a pontuação mais baixa.",
    );
    Some(
        Warning::new("loyalty_score_missing", words)
            .at("customers")
            .figure("n_customers", n_missing),
    )
}
