//! What to aim for with a cluster, and what the profiles cannot tell.

use clientela_methods::profiles::{Profile, Profiles, Role};
use clientela_narrative::terms::Noun;
use clientela_narrative::{Language, Say, percent, words};
use clientela_numerics::round_decimal;

use crate::Warning;

/// What to aim for with a cluster in this role.
pub struct Insight(pub Role);

impl Insight {
    /// The same for programs.
    pub fn code(&self) -> &'static str {
        match self.0 {
            Role::Mainstay => "retention_upsell",
            Role::Potential => "growth_potential",
        }
    }
}

impl Say for Insight {
    /// The published texts, which clients compare.
    fn en(&self) -> String {
        match self.0 {
            Role::Mainstay => "Focus on retention & upsell",
            Role::Potential => "Growth-potential segment",
        }
        .to_owned()
    }

    fn es(&self) -> String {
        match self.0 {
            Role::Mainstay => "Priorizar la retención y la venta adicional",
            Role::Potential => "Segmento con potencial de crecimiento",
        }
        .to_owned()
    }

    fn pt(&self) -> String {
        match self.0 {
            Role::Mainstay => "Priorizar a retenção e a venda adicional",
            Role::Potential => "Segmento com potencial de crescimento",
        }
        .to_owned()
    }
}

/// What the profiles cannot tell.
pub fn warnings(report: &Profiles, n_customers: usize) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if report.n_noise > 0 {
        warnings.push(noise(report, n_customers));
    }
    let has_share = |profile: &Profile| profile.share_of_revenue_pct.is_some();
    if !report.clusters.iter().all(has_share) {
        warnings.push(without_revenue());
    }
    let has_interval = |profile: &&Profile| profile.spend_interval.is_some();
    let n_single = report.clusters.len() - report.clusters.iter().filter(has_interval).count();
    if n_single > 0 {
        warnings.push(single_customers(n_single));
    }
    warnings
}

/// Noise has no profile, but its revenue counts in the total.
fn noise(report: &Profiles, n_customers: usize) -> Warning {
    let n_noise = report.n_noise;
    let [en, es, pt] = Language::ALL.map(|language| Noun::Customer.counted(n_noise, language));
    let words = match report.noise_share_pct {
        _ if n_noise == n_customers => words!(
            "All customers are labeled −1 (noise), so there is no segment to describe.",
            "Todos los clientes llevan la etiqueta −1 (ruido), así que no hay ningún segmento que describir.",
            "Todos os clientes têm o rótulo −1 (ruído), então não há nenhum segmento a descrever.",
        ),
        Some(share) if share > 0.0 => {
            let say = |language| percent(share / 100.0, 1, language);
            let [part_en, part_es, part_pt] = Language::ALL.map(say);
            words!(
                "Noise (label −1) has no profile: {en} with {part_en} of the revenue. The shares of the profiles leave that part out.",
                "El ruido (etiqueta −1) no tiene perfil: {es} con el {part_es} de los ingresos. Esa parte queda fuera de las cuotas de los perfiles.",
                "O ruído (rótulo −1) não tem perfil: {pt} com {part_pt} da receita. Essa parte fica fora das participações dos perfis.",
            )
        }
        _ => words!(
            "Noise (label −1) has no profile: {en}.",
            "El ruido (etiqueta −1) no tiene perfil: {es}.",
            "O ruído (rótulo −1) não tem perfil: {pt}.",
        ),
    };
    let warning = Warning::new("noise_left_out", words)
        .at("labels")
        .figure("n_customers", n_noise);
    match report.noise_share_pct {
        Some(share) => warning.figure("share_of_revenue_pct", round_decimal(share, 2)),
        None => warning,
    }
}

fn without_revenue() -> Warning {
    let words = words!(
        "Nobody spent anything, so there are no shares of revenue to compare.",
        "Nadie gastó nada, así que no hay cuotas de ingresos que comparar.",
        "Ninguém gastou nada, então não há participações na receita a comparar.",
    );
    Warning::new("no_revenue", words).at("cluster_profiles.share_of_revenue_pct")
}

fn single_customers(n_clusters: usize) -> Warning {
    let [en, es, pt] = Language::ALL.map(|language| Noun::Segment.counted(n_clusters, language));
    let words = words!(
        "{en} with a single customer: an interval of the average needs at least two, so it is left empty there.",
        "{es} con un solo cliente: un intervalo de la media necesita al menos dos, así que ahí queda vacío.",
        "{pt} com um único cliente: um intervalo da média precisa de pelo menos dois, por isso ali fica vazio.",
    );
    Warning::new("interval_needs_two_customers", words)
        .at("cluster_profiles.avg_spend_interval")
        .figure("n_clusters", n_clusters)
}
