//! What the demo says in its own words.

use std::net::SocketAddr;

use clientela_analyses::Language;

/// Headings and phrases in one language.
pub struct Titles {
    pub language: Language,
    pub shop: &'static str,
    pub customers: &'static str,
    pub lines: &'static str,
    pub seed: &'static str,
    pub tier: &'static str,
    pub share: &'static str,
    pub revenue: &'static str,
    pub rfm: &'static str,
    pub loyalty: &'static str,
    pub nps: &'static str,
    pub answers: &'static str,
    pub segments: &'static str,
    pub segment: &'static str,
    pub chosen: &'static str,
    pub average_spend: &'static str,
    pub purchases: &'static str,
    pub categories: &'static str,
    pub to_do: &'static str,
    pub files: &'static str,
    pub served: &'static str,
    pub try_it: &'static str,
    pub stop: &'static str,
}

/// The titles of a language.
pub fn of(language: Language) -> Titles {
    match language {
        Language::En => Titles {
            language,
            shop: "A sample shop",
            customers: "customers",
            lines: "order lines",
            seed: "seed",
            tier: "tier",
            share: "share of customers",
            revenue: "revenue %",
            rfm: "Recency, frequency, monetary value",
            loyalty: "Loyalty index",
            nps: "Net promoter score",
            answers: "answers",
            segments: "Segments",
            segment: "segment",
            chosen: "Chosen among",
            average_spend: "avg spend",
            purchases: "purchases",
            categories: "what they buy",
            to_do: "What to do next",
            files: "Requests, answers and the drawing of the tree are in",
            served: "The same answers are served at",
            try_it: "Try it:",
            stop: "Ctrl-C ends it.",
        },
        Language::Es => Titles {
            language,
            shop: "Una tienda de muestra",
            customers: "clientes",
            lines: "líneas de pedido",
            seed: "semilla",
            tier: "nivel",
            share: "proporción de clientes",
            revenue: "ingresos %",
            rfm: "Recencia, frecuencia, valor monetario",
            loyalty: "Índice de lealtad",
            nps: "Net promoter score",
            answers: "respuestas",
            segments: "Segmentos",
            segment: "segmento",
            chosen: "Elegido entre",
            average_spend: "gasto medio",
            purchases: "compras",
            categories: "qué compran",
            to_do: "Qué hacer ahora",
            files: "Las solicitudes, las respuestas y el dibujo del árbol están en",
            served: "Las mismas respuestas se sirven en",
            try_it: "Pruébelo:",
            stop: "Ctrl-C lo termina.",
        },
        Language::Pt => Titles {
            language,
            shop: "Uma loja de amostra",
            customers: "clientes",
            lines: "linhas de pedido",
            seed: "semente",
            tier: "nível",
            share: "proporção de clientes",
            revenue: "receita %",
            rfm: "Recência, frequência, valor monetário",
            loyalty: "Índice de lealdade",
            nps: "Net promoter score",
            answers: "respostas",
            segments: "Segmentos",
            segment: "segmento",
            chosen: "Escolhido entre",
            average_spend: "gasto médio",
            purchases: "compras",
            categories: "o que compram",
            to_do: "O que fazer agora",
            files: "As requisições, as respostas e o desenho da árvore estão em",
            served: "As mesmas respostas são servidas em",
            try_it: "Experimente:",
            stop: "Ctrl-C encerra.",
        },
    }
}

impl Titles {
    /// Where the demo is served, and a line to try it with.
    pub fn invitation(&self, address: SocketAddr, folder: &str) -> String {
        format!(
            "{} http://{address} (http://{address}/docs)\n{}\n\n  curl -s http://{address}/api/v1/ai/customer_rfm \
             -H 'Content-Type: application/json' -d @{folder}/2-rfm.request.json\n\n{}",
            self.served, self.try_it, self.stop
        )
    }
}
