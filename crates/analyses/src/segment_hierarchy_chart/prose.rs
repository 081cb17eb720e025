//! The words of the drawing, and what an answer cannot show.

use clientela_narrative::terms::{Noun, capitalized};
use clientela_narrative::{Language, Words, counted, integer, number, words};

use super::analysis::Report;
use super::response::Cluster;
use crate::Warning;
use crate::limits::SUNBURST_LEVELS_MAX;

/// A tree, to be said.
pub struct Picture {
    pub n_leaves: usize,
    /// Branches that are drawn: fewer than leaves where the tree is condensed.
    pub n_shown: usize,
    pub n_customers: u64,
    /// The distance of the topmost merge; `None` of a single leaf.
    pub height: Option<f64>,
    /// Clusters that are colored.
    pub n_clusters: Option<usize>,
}

impl Picture {
    fn customers(&self) -> [String; 3] {
        Language::ALL.map(|language| Noun::Customer.counted(self.n_customers as usize, language))
    }

    /// Heading and accessible name.
    pub fn title(&self) -> Words {
        words!(
            "Customers by similarity",
            "Clientes según su similitud",
            "Clientes por semelhança"
        )
    }

    /// The line below it: how many, how to read the picture, and what of the tree it leaves out.
    pub fn subtitle(&self) -> Words {
        let Words { en, es, pt } = self.reading();
        if self.n_shown == self.n_leaves {
            return Words { en, es, pt };
        }
        let [all_en, all_es, all_pt] =
            Language::ALL.map(|language| integer(self.n_leaves as i64, language));
        let n = self.n_shown;
        words!(
            "{en} Of {all_en} leaves, only the top {n} branches are drawn: a triangle stands for a branch with everyone in it.",
            "{es} De {all_es} hojas solo se dibujan las {n} ramas superiores: un triángulo representa una rama con todos sus clientes.",
            "{pt} De {all_pt} folhas, só os {n} ramos superiores são desenhados: um triângulo representa um ramo com todos os seus clientes.",
        )
    }

    fn reading(&self) -> Words {
        let [en, es, pt] = self.customers();
        let Some(n_clusters) = self.n_clusters else {
            return words!(
                "{en}. The further left two branches join, the more they differ.",
                "{es}. Cuanto más a la izquierda se unen dos ramas, más se diferencian.",
                "{pt}. Quanto mais à esquerda dois ramos se unem, mais eles diferem.",
            );
        };
        let segments = |language| Noun::Segment.counted(n_clusters, language);
        let [segments_en, segments_es, segments_pt] = Language::ALL.map(segments);
        words!(
            "{en} in {segments_en}. The further left two branches join, the more they differ.",
            "{es} en {segments_es}. Cuanto más a la izquierda se unen dos ramas, más se diferencian.",
            "{pt} em {segments_pt}. Quanto mais à esquerda dois ramos se unem, mais eles diferem.",
        )
    }

    /// What a reader who can't see the picture should know.
    pub fn description(&self) -> Words {
        let [en, es, pt] = self.customers();
        let n_leaves = self.n_leaves as u64;
        let leaves_en = counted(n_leaves, "leaf", "leaves", Language::En);
        let leaves_es = counted(n_leaves, "hoja", "hojas", Language::Es);
        let leaves_pt = counted(n_leaves, "folha", "folhas", Language::Pt);
        let Some(height) = self.height else {
            return words!(
                "Dendrogram of a single leaf: {en}.",
                "Dendrograma de una sola hoja: {es}.",
                "Dendrograma de uma única folha: {pt}.",
            );
        };
        let [at_en, at_es, at_pt] = Language::ALL.map(|language| number(height, 2, language));
        words!(
            "Dendrogram of {en} with {leaves_en}. The last two branches join at distance {at_en}.",
            "Dendrograma de {es} con {leaves_es}. Las dos últimas ramas se unen a la distancia {at_es}.",
            "Dendrograma de {pt} com {leaves_pt}. Os dois últimos ramos se unem à distância {at_pt}.",
        )
    }

    /// What the line is called that parts the clusters.
    pub fn cut(n_clusters: usize, language: Language) -> String {
        Noun::Segment.counted(n_clusters, language)
    }
}

/// The names of the axis on a linear, a square root and a logarithmic scale.
pub fn axis() -> [Words; 3] {
    [
        words!("Distance", "Distancia", "Distância"),
        words!(
            "Distance (square root scale)",
            "Distancia (escala de raíz cuadrada)",
            "Distância (escala de raiz quadrada)"
        ),
        words!(
            "Distance (logarithmic scale)",
            "Distancia (escala logarítmica)",
            "Distância (escala logarítmica)"
        ),
    ]
}

/// The name of a cluster in the legend of the drawing: `Segment 0: 31 customers (wine, cheese, tea)`.
pub fn cluster_name(cluster: &Cluster, language: Language) -> String {
    let segment = capitalized(Noun::Segment.form(1, language));
    let customers = Noun::Customer.counted(cluster.n_customers as usize, language);
    let name = format!("{segment} {}: {customers}", cluster.cluster_id);
    match cluster.top_categories.as_deref() {
        Some(top) if !top.trim().is_empty() => format!("{name} ({})", top.trim()),
        _ => name,
    }
}

/// What an answer cannot show, or shows otherwise than it was sent.
pub fn warnings(report: &Report) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if report.n_condensed > 0 {
        warnings.push(condensed(report.n_condensed));
    }
    if report.n_inverted > 0 {
        warnings.push(inverted(report.n_inverted));
    }
    if report.legend_does_not_fit {
        warnings.push(legend_does_not_fit());
    }
    warnings
}

fn condensed(n_branches: usize) -> Warning {
    let [en, es, pt] = Language::ALL.map(|language| integer(n_branches as i64, language));
    let words = words!(
        "The tree is deeper than {SUNBURST_LEVELS_MAX} levels. Branches condensed, without their children: {en}.",
        "El árbol tiene más de {SUNBURST_LEVELS_MAX} niveles. Ramas condensadas, sin sus hijos: {es}.",
        "A árvore tem mais de {SUNBURST_LEVELS_MAX} níveis. Ramos condensados, sem os filhos: {pt}.",
    );
    Warning::new("sunburst_condensed", words).figure("n_branches", n_branches)
}

fn inverted(n_rows: usize) -> Warning {
    let [en, es, pt] = Language::ALL.map(|language| Noun::Row.counted(n_rows, language));
    let words = words!(
        "The matrix has {en} with a smaller distance than one of the branches that join there, so heights in the tree cross; Ward linkage never does that.",
        "La matriz tiene {es} con una distancia menor que la de una de las ramas que se unen allí, así que las alturas del árbol se cruzan; el enlace de Ward nunca lo hace.",
        "A matriz tem {pt} com uma distância menor que a de um dos ramos que ali se unem, então as alturas da árvore se cruzam; a ligação de Ward nunca faz isso.",
    );
    Warning::new("distances_not_ascending", words)
        .at("dendrogram.linkage_matrix")
        .figure("n_rows", n_rows)
}

fn legend_does_not_fit() -> Warning {
    let words = words!(
        "The segments of the legend are no cut of this tree, so the drawing has a single color.",
        "Los segmentos de la leyenda no son un corte de este árbol, así que el dibujo tiene un solo color.",
        "Os segmentos da legenda não são um corte desta árvore, então o desenho tem uma só cor.",
    );
    Warning::new("legend_does_not_fit", words).at("dendrogram.cluster_legend")
}
