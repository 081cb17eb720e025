//! What could not be divided, and why. Segments with the same lot share a remark, so that thousands of them stay readable.

use clientela_methods::segmentation::nested::NestedClusters;
use clientela_narrative::terms::Noun;
use clientela_narrative::{Language, words};

use crate::Warning;

/// Segments that a remark names.
const NAMED_MAX: usize = 20;

pub fn warnings(report: &[NestedClusters], n_noise_skipped: usize) -> Vec<Warning> {
    let (mut whole, mut in_part) = (Vec::new(), Vec::new());
    for nested in report {
        if nested.benchmark.best.is_none() {
            whole.push(nested.parent_id);
        } else if !nested.benchmark.left_out.is_empty() {
            in_part.push(nested.parent_id);
        }
    }
    let mut warnings = Vec::new();
    if n_noise_skipped > 0 {
        warnings.push(noise_skipped(n_noise_skipped));
    }
    if !whole.is_empty() {
        warnings.push(too_small(&whole));
    }
    if !in_part.is_empty() {
        warnings.push(left_out(&in_part));
    }
    warnings
}

/// `0, 4, 7 …`
fn names(ids: &[i32]) -> String {
    let mut names: Vec<String> = ids
        .iter()
        .take(NAMED_MAX)
        .map(ToString::to_string)
        .collect();
    if ids.len() > NAMED_MAX {
        names.push("…".to_owned());
    }
    names.join(", ")
}

fn noise_skipped(n_customers: usize) -> Warning {
    let [en, es, pt] = Language::ALL.map(|language| Noun::Customer.counted(n_customers, language));
    let words = words!(
        "Noise (label −1) is no segment and was not divided: {en}.",
        "El ruido (etiqueta −1) no es un segmento y no se dividió: {es}.",
        "O ruído (rótulo −1) não é um segmento e não foi dividido: {pt}.",
    );
    Warning::new("noise_skipped", words)
        .at("labels")
        .figure("n_customers", n_customers)
}

fn too_small(ids: &[i32]) -> Warning {
    let [en, es, pt] = Language::ALL.map(|language| Noun::Segment.counted(ids.len(), language));
    let names = names(ids);
    let words = words!(
        "Left whole (best_k 1), for want of customers or of differences between them: {en} ({names}).",
        "Sin dividir (best_k 1), por falta de clientes o de diferencias entre ellos: {es} ({names}).",
        "Sem dividir (best_k 1), por falta de clientes ou de diferenças entre eles: {pt} ({names}).",
    );
    Warning::new("segment_too_small", words)
        .at("subsegment_results")
        .figure("n_segments", ids.len())
        .figure("cluster_ids", &ids[..ids.len().min(NAMED_MAX)])
}

fn left_out(ids: &[i32]) -> Warning {
    let [en, es, pt] = Language::ALL.map(|language| Noun::Segment.counted(ids.len(), language));
    let names = names(ids);
    let words = words!(
        "Part of k_range was left out in {en} ({names}): a number of groups needs as many distinct rows and more customers.",
        "Se omitió parte de k_range en {es} ({names}): un número de grupos necesita otras tantas filas distintas y más clientes.",
        "Parte de k_range foi omitida em {pt} ({names}): um número de grupos precisa de outras tantas linhas distintas e de mais clientes.",
    );
    Warning::new("configurations_left_out", words)
        .at("k_range")
        .figure("n_segments", ids.len())
        .figure("cluster_ids", &ids[..ids.len().min(NAMED_MAX)])
}
