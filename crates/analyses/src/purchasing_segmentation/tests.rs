use clientela_methods::segmentation::{Contrast, Mark};
use clientela_narrative::terms::Measure;
use clientela_narrative::{Language, Say as _};

use super::persona::{Portrait, Profile, names};
use super::playbook::{Action, CategoryShare, Play, Why, playbook};
use crate::wire::Currency;

fn contrast(mean: f64, base: f64, deviations: f64) -> Contrast {
    let mark = match mean / base {
        high if high >= 1.3 => Some(Mark::High),
        low if low <= 0.7 => Some(Mark::Low),
        _ => None,
    };
    Contrast {
        column: 0,
        mean,
        base,
        deviations,
        mark,
    }
}

fn profile(n_customers: usize, contrasts: &[(Measure, Contrast)]) -> Profile<'static> {
    Profile {
        n_customers,
        n_base: 40,
        currency: None,
        contrasts: contrasts.to_vec(),
        categories: Vec::new(),
    }
}

/// A cluster that spends so much and buys often.
fn spenders(spend: f64, purchases: f64) -> Profile<'static> {
    let contrasts = [
        (Measure::AmountSpent, contrast(spend, 100.0, 2.0)),
        (Measure::Frequency, contrast(purchases, 5.0, 1.0)),
    ];
    profile(3, &contrasts)
}

/// The reason, for a client who spends in euros.
fn why<'a>(play: &'a Play<'a>) -> Why<'a> {
    Why {
        play,
        currency: Currency::from_code("EUR"),
    }
}

#[test]
fn clusters_of_one_kind_are_told_apart_by_as_few_figures_as_it_takes() {
    let same_spend = [
        spenders(300.0, 9.0),
        spenders(300.2, 9.0),
        spenders(300.0, 12.0),
    ];
    let found = names(&same_spend, Language::En);
    assert_eq!(
        found,
        [
            "Big spenders who buy often (0)",
            "Big spenders who buy often (1)",
            "Big spenders who buy often (amount spent 300, purchase frequency 12.0)"
        ]
    );
    let found = names(&[spenders(300.0, 9.0), spenders(450.0, 9.0)], Language::Pt);
    assert_eq!(
        found,
        [
            "Grandes compradores que compram com frequência (valor gasto 300)",
            "Grandes compradores que compram com frequência (valor gasto 450)"
        ]
    );
}

#[test]
fn small_differences_name_nobody() {
    let near = |deviations| {
        let contrasts = [
            (Measure::AmountSpent, contrast(105.0, 100.0, deviations)),
            (Measure::Frequency, contrast(5.1, 5.0, 0.1)),
        ];
        names(&[profile(10, &contrasts)], Language::Es).remove(0)
    };
    assert_eq!(near(0.2), "Clientes típicos");
    assert_eq!(near(0.3), "Grandes compradores");
}

#[test]
fn a_portrait_agrees_with_the_number_of_its_customers() {
    let contrasts = [(Measure::RecencyDays, contrast(120.0, 40.0, 1.5))];
    let say = |n| Language::ALL.map(|language| Portrait(&profile(n, &contrasts)).say(language));
    assert_eq!(
        say(1),
        [
            "1 customer, 2.5% of the base. They stand out by days since the last purchase (mean 120, base 40).",
            "1 cliente, el 2,5\u{a0}% de la base. Se distingue por los días desde la última compra (media 120, base 40).",
            "1 cliente, 2,5% da base. Distingue-se pelos dias desde a última compra (média 120, base 40).",
        ]
    );
    assert!(say(2)[1].contains("2 clientes") && say(2)[1].contains("Se distinguen"));
    assert!(say(2)[2].contains("Distinguem-se"));
}

#[test]
fn every_action_names_the_figure_that_triggered_it() {
    let share = CategoryShare {
        name: "wine",
        cluster: 0.62,
        base: 0.3,
    };
    let plays = playbook(&spenders(300.0, 5.1), Some(share));
    let said: Vec<(String, String)> = plays
        .iter()
        .map(|play| (Action(play).en(), why(play).en()))
        .collect();
    assert_eq!(said.len(), 2);
    assert_eq!(said[0].1, "Amount spent: mean €300, base €100 (+200%).");
    assert_eq!(said[1].0, "Put wine first in what you show them.");
    assert_eq!(said[1].1, "62% of them bought it, 30% of the base.");
}

#[test]
fn a_cluster_like_its_base_is_treated_like_it() {
    let alike = [(Measure::AmountSpent, contrast(110.0, 100.0, 0.2))];
    let common = CategoryShare {
        name: "milk",
        cluster: 0.5,
        base: 0.45,
    };
    let plays = playbook(&profile(12, &alike), Some(common));
    assert_eq!(plays, [Play::AsTheBase(Measure::AmountSpent, alike[0].1)]);
    assert_eq!(
        why(&plays[0]).es(),
        "Importe gastado: media 110\u{a0}€, base 100\u{a0}€ (+10\u{a0}%)."
    );
    assert!(
        playbook(&profile(40, &alike), None).is_empty(),
        "the whole base"
    );
}

#[test]
fn the_shape_follows_from_the_keys_of_the_body() {
    let check = |body: &str, vectors: bool| {
        let example = super::shape_of(body.as_bytes()).example();
        assert_eq!(example.contains("purchase_total"), vectors, "{body}");
    };
    check(r#"{"data": []}"#, true);
    check(
        r#"{"customers": [{"customer_id": 1, "features": {}}]}"#,
        true,
    );
    check(
        r#"{"features": "numeric", "customers": [{"id": 1}]}"#,
        false,
    );
    check(r#"{"data": null, "customers": [{"id": 1}]}"#, false);
    check(r#"{"customers": [{"id": 1, "features": null}]}"#, true);
    check("[1]", false);
}
