//! What a benchmark could not do, and why.

use clientela_methods::segmentation::space::VarianceShare;
use clientela_methods::segmentation::{Benchmark, Column, Configuration, Family};
use clientela_narrative::terms::Measure;
use clientela_narrative::{Language, words};

use crate::Warning;

/// Remarks about a benchmark: numbers of clusters left out, configurations without scores, a base left undivided.
///
/// `ks` is the field that the numbers of clusters came from.
pub fn of_benchmark(benchmark: &Benchmark, ks: &'static str, scores: &'static str) -> Vec<Warning> {
    let without_scores = benchmark
        .without_scores()
        .map(|it| without_scores(it).at(scores));
    let left_out = left_out(benchmark).map(|warning| warning.at(ks));
    left_out
        .into_iter()
        .chain(without_scores)
        .chain(undivided(benchmark))
        .collect()
}

fn left_out(benchmark: &Benchmark) -> Option<Warning> {
    if benchmark.left_out.is_empty() {
        return None;
    }
    let ks: Vec<String> = benchmark.left_out.iter().map(ToString::to_string).collect();
    let ks = ks.join(", ");
    let (n_customers, n_distinct) = (benchmark.n_customers, benchmark.n_distinct);
    let words = words!(
        "Left out: k = {ks}. There must be at least k distinct rows and more than k customers (distinct rows: {n_distinct}, customers: {n_customers}).",
        "Se omitió k = {ks}. Debe haber al menos k filas distintas y más de k clientes (filas distintas: {n_distinct}, clientes: {n_customers}).",
        "Omitido: k = {ks}. Deve haver pelo menos k linhas distintas e mais de k clientes (linhas distintas: {n_distinct}, clientes: {n_customers}).",
    );
    Some(
        Warning::new("configurations_left_out", words)
            .figure("k", benchmark.left_out.clone())
            .figure("n_customers", n_customers)
            .figure("n_distinct", n_distinct),
    )
}

fn without_scores(configuration: &Configuration) -> Warning {
    let Configuration { k, n_clusters, .. } = *configuration;
    if configuration.family != Family::Dbscan {
        let words = words!(
            "The mixture with k = {k} fell together into one cluster, so it has no scores.",
            "La mezcla con k = {k} se redujo a un solo grupo, así que no tiene puntuaciones.",
            "A mistura com k = {k} se reduziu a um só grupo, então não tem pontuações.",
        );
        return Warning::new("mixture_without_scores", words).figure("k", k);
    }
    let words = match n_clusters {
        0 => words!(
            "DBSCAN found no dense group of customers, so it has no scores: a larger dbscan_eps or a smaller dbscan_min_samples may find some.",
            "DBSCAN no encontró ningún grupo denso de clientes, así que no tiene puntuaciones: con un dbscan_eps mayor o un dbscan_min_samples menor puede encontrar alguno.",
            "O DBSCAN não encontrou nenhum grupo denso de clientes, então não tem pontuações: com um dbscan_eps maior ou um dbscan_min_samples menor pode encontrar algum.",
        ),
        1 => words!(
            "DBSCAN found a single dense group of customers, so it has no scores: a smaller dbscan_eps may divide it.",
            "DBSCAN encontró un solo grupo denso de clientes, así que no tiene puntuaciones: un dbscan_eps menor puede dividirlo.",
            "O DBSCAN encontrou um só grupo denso de clientes, então não tem pontuações: um dbscan_eps menor pode dividi-lo.",
        ),
        _ => words!(
            "DBSCAN found {n_clusters} clusters but left more than half of the customers out of them, so it has no scores: a larger dbscan_eps may take them in.",
            "DBSCAN encontró {n_clusters} grupos, pero dejó fuera a más de la mitad de los clientes, así que no tiene puntuaciones: un dbscan_eps mayor puede incluirlos.",
            "O DBSCAN encontrou {n_clusters} grupos, mas deixou de fora mais da metade dos clientes, então não tem pontuações: um dbscan_eps maior pode incluí-los.",
        ),
    };
    Warning::new("dbscan_without_scores", words).figure("n_clusters", n_clusters)
}

fn undivided(benchmark: &Benchmark) -> Option<Warning> {
    if benchmark.best.is_some() {
        return None;
    }
    let n_distinct = benchmark.n_distinct;
    // The smallest number of clusters that was asked for; DBSCAN alone needs two places to find two clusters.
    let needed = benchmark.left_out.iter().copied().min().unwrap_or(2);
    let words = if needed > n_distinct {
        words!(
            "Nothing could divide this base, so all customers are one cluster: it would need at least {needed} distinct rows, and has {n_distinct}.",
            "Nada pudo dividir esta base, así que todos los clientes forman un solo grupo: harían falta al menos {needed} filas distintas, y tiene {n_distinct}.",
            "Nada conseguiu dividir esta base, então todos os clientes formam um só grupo: seriam necessárias pelo menos {needed} linhas distintas, e ela tem {n_distinct}.",
        )
    } else if benchmark.left_out.is_empty() {
        words!(
            "No configuration divided this base into two clusters or more, so all customers are one cluster. Its {n_distinct} distinct rows would be enough ({needed} are needed): try other algorithms or another dbscan_eps.",
            "Ninguna configuración dividió esta base en dos grupos o más, así que todos los clientes forman uno solo. Sus {n_distinct} filas distintas bastarían (hacen falta {needed}): pruebe otros algoritmos u otro dbscan_eps.",
            "Nenhuma configuração dividiu esta base em dois grupos ou mais, então todos os clientes formam um só. Suas {n_distinct} linhas distintas bastariam (são necessárias {needed}): experimente outros algoritmos ou outro dbscan_eps.",
        )
    } else {
        let n_customers = benchmark.n_customers;
        words!(
            "Nothing could divide this base, so all customers are one cluster: {needed} clusters need at least {needed} distinct rows and more than {needed} customers, and there are {n_customers}.",
            "Nada pudo dividir esta base, así que todos los clientes forman un solo grupo: {needed} grupos necesitan al menos {needed} filas distintas y más de {needed} clientes, y hay {n_customers}.",
            "Nada conseguiu dividir esta base, então todos os clientes formam um só grupo: {needed} grupos precisam de pelo menos {needed} linhas distintas e de mais de {needed} clientes, e há {n_customers}.",
        )
    };
    Some(
        Warning::new("base_undivided", words)
            .figure("n_distinct", n_distinct)
            .figure("n_distinct_needed", needed),
    )
}

/// The numbers of shoppers in which all of them agree, at their keys; nothing where there is only one place in all.
#[must_use]
pub fn of_shopper_columns(shares: &[VarianceShare]) -> Vec<Warning> {
    let equal = |share: &VarianceShare| match share.column {
        Column::Number(number) if share.share == Some(0.0) => Some(Measure::SHOPPER[number]),
        _ => None,
    };
    let equal = shares.iter().filter_map(equal);
    equal
        .map(|measure| without_spread(measure).at(measure.key()))
        .collect()
}

/// A measure in which all customers agree and which therefore takes no part in distances.
pub fn without_spread(measure: Measure) -> Warning {
    let [en, es, pt] = Language::ALL.map(|language| measure.the(language));
    let words = words!(
        "All customers have the same value here ({en}), so it tells nobody apart and is left out of distances.",
        "Todos los clientes tienen aquí el mismo valor ({es}), así que no distingue a nadie y no entra en las distancias.",
        "Todos os clientes têm aqui o mesmo valor ({pt}), então não distingue ninguém e não entra nas distâncias.",
    );
    Warning::new("feature_without_spread", words)
}
