//! Findings about one customer, and the sentences for them.

use clientela_methods::clv::{ClvFeatures, ClvFeaturesReport, PotentialTier, ValueBasis};
use clientela_narrative::terms::Noun;
use clientela_narrative::{Language, Say, Words, counted, days_ago, money, sentence, words};

use crate::Warning;
use crate::wire::Currency;
use crate::wire::purchases::Buyers;

/// A customer's place in the base, to be said.
pub struct Reading<'a> {
    pub features: &'a ClvFeatures,
    pub high_from: Option<f64>,
    pub churn_threshold_days: u32,
    pub currency: Option<Currency>,
}

impl Reading<'_> {
    pub fn days_since_last(&self) -> u32 {
        self.features.age_days - self.features.recency_days
    }

    fn money(&self, value: f64, language: Language) -> String {
        money(value, self.currency.as_ref().map(Currency::code), language)
    }

    fn when(&self, language: Language) -> String {
        days_ago(self.days_since_last() as usize, language)
    }

    /// How often, when last, and for how much.
    fn history(&self, language: Language) -> String {
        let n_purchases = self.features.frequency as usize + 1;
        let purchases = Noun::Purchase.counted(n_purchases, language);
        let (when, value) = (self.when(language), self.value(language));
        if n_purchases == 1 {
            format!("{purchases}, {when}")
        } else {
            sentence!(
                language,
                "{purchases}, the last one {when}, {value}",
                "{purchases}, la última {when}, {value}",
                "{purchases}, a última {when}, {value}"
            )
        }
    }

    fn value(&self, language: Language) -> String {
        let money = self.money(self.features.monetary_value, language);
        match self.features.basis {
            ValueBasis::Margin => sentence!(
                language,
                "with an average margin of {money} per repeat purchase",
                "con un margen promedio de {money} por recompra",
                "com margem média de {money} por recompra"
            ),
            ValueBasis::Amount => sentence!(
                language,
                "with an average of {money} per repeat purchase",
                "con un promedio de {money} por recompra",
                "com média de {money} por recompra"
            ),
        }
    }

    fn advice(&self) -> Words {
        match (self.features.tier, self.features.churned) {
            (PotentialTier::High, false) => words!(
                "High potential: keep this customer close, with early access and personal service.",
                "Potencial alto: cuide a este cliente con acceso anticipado y trato personal.",
                "Potencial alto: cuide deste cliente com acesso antecipado e tratamento pessoal.",
            ),
            (PotentialTier::High, true) => words!(
                "High potential, but silent for long: a personal offer to come back is worth making.",
                "Potencial alto, pero lleva mucho tiempo sin comprar: vale la pena una oferta personal para que vuelva.",
                "Potencial alto, mas está há muito tempo sem comprar: vale a pena uma oferta pessoal para que volte.",
            ),
            (PotentialTier::Medium, false) => words!(
                "Medium potential: suggest products that go with what this customer already buys.",
                "Potencial medio: sugiera productos que combinen con lo que ya compra.",
                "Potencial médio: sugira produtos que combinem com o que ele já compra.",
            ),
            (PotentialTier::Medium, true) => words!(
                "Medium potential, but silent for long: give a concrete reason to come back.",
                "Potencial medio, pero lleva mucho tiempo sin comprar: ofrézcale un motivo concreto para volver.",
                "Potencial médio, mas está há muito tempo sem comprar: ofereça um motivo concreto para voltar.",
            ),
            (PotentialTier::Low, false) => words!(
                "Low potential so far: the second purchase is the step that counts, so offer a reason for it soon.",
                "Potencial bajo por ahora: la segunda compra es el paso decisivo, así que ofrezca pronto un motivo para hacerla.",
                "Potencial baixo por enquanto: a segunda compra é o passo decisivo, então ofereça logo um motivo para ela.",
            ),
            (PotentialTier::Low, true) => words!(
                "Low potential, and silent for long: a reminder that costs little is enough.",
                "Potencial bajo, y lleva mucho tiempo sin comprar: basta con un recordatorio económico.",
                "Potencial baixo, e está há muito tempo sem comprar: basta um lembrete de baixo custo.",
            ),
        }
    }

    fn in_language(&self, language: Language) -> String {
        if !self.features.has_purchases {
            return sentence!(
                language,
                "No purchase is left once refunds are taken off: find out what went wrong before offering anything.",
                "Descontadas las devoluciones, no queda ninguna compra: averigüe qué falló antes de ofrecer nada.",
                "Descontadas as devoluções, não resta nenhuma compra: descubra o que deu errado antes de oferecer algo."
            );
        }
        let (history, advice) = (self.history(language), self.advice().say(language));
        format!("{history}. {advice}")
    }
}

impl Say for Reading<'_> {
    fn en(&self) -> String {
        self.in_language(Language::En)
    }
    fn es(&self) -> String {
        self.in_language(Language::Es)
    }
    fn pt(&self) -> String {
        self.in_language(Language::Pt)
    }
}

/// A figure of a customer.
#[derive(Clone, Copy, Debug)]
pub enum Metric {
    Frequency,
    Recency,
    Age,
    MonetaryValue,
    Churned,
    Tier,
}

/// What one figure means.
pub struct Explained<'a> {
    pub reading: &'a Reading<'a>,
    pub metric: Metric,
}

impl Explained<'_> {
    pub fn say(&self, language: Language) -> String {
        match self.metric {
            Metric::Frequency => self.frequency(language),
            Metric::Recency => self.recency(language),
            Metric::Age => self.age(language),
            Metric::MonetaryValue => self.monetary_value(language),
            Metric::Churned => self.churned(language),
            Metric::Tier => self.tier(language),
        }
    }

    fn frequency(&self, language: Language) -> String {
        let features = self.reading.features;
        let n = features.frequency;
        if !features.has_purchases {
            return nothing_left(language);
        }
        if n == 0 {
            return sentence!(
                language,
                "No repeat purchase: bought on a single day.",
                "Sin recompras: compró en un solo día.",
                "Sem recompras: comprou em um único dia."
            );
        }
        let (one, many) = match language {
            Language::En => ("repeat purchase", "repeat purchases"),
            Language::Es | Language::Pt => ("recompra", "recompras"),
        };
        let repeats = counted(u64::from(n), one, many, language);
        let days = Noun::Day.counted(n as usize + 1, language);
        sentence!(
            language,
            "{repeats}: bought on {days} in all.",
            "{repeats}: compró en {days} en total.",
            "{repeats}: comprou em {days} no total."
        )
    }

    fn recency(&self, language: Language) -> String {
        let features = self.reading.features;
        if !features.has_purchases {
            return nothing_left(language);
        }
        if features.recency_days == 0 {
            return sentence!(
                language,
                "The first purchase and the last are on the same day.",
                "La primera compra y la última son del mismo día.",
                "A primeira compra e a última são do mesmo dia."
            );
        }
        let days = Noun::Day.counted(features.recency_days as usize, language);
        sentence!(
            language,
            "{days} from the first purchase to the last.",
            "{days} de la primera compra a la última.",
            "{days} da primeira compra à última."
        )
    }

    fn age(&self, language: Language) -> String {
        let features = self.reading.features;
        let days = Noun::Day.counted(features.age_days as usize, language);
        if features.has_purchases {
            sentence!(
                language,
                "{days} since the first purchase.",
                "{days} desde la primera compra.",
                "{days} desde a primeira compra."
            )
        } else {
            sentence!(
                language,
                "{days} since the first transaction.",
                "{days} desde la primera transacción.",
                "{days} desde a primeira transação."
            )
        }
    }

    fn monetary_value(&self, language: Language) -> String {
        let features = self.reading.features;
        let value = self.reading.money(features.monetary_value, language);
        if features.frequency == 0 {
            return sentence!(
                language,
                "{value}, because there is no repeat purchase to average.",
                "{value}, porque no hay ninguna recompra que promediar.",
                "{value}, porque não há nenhuma recompra para a média."
            );
        }
        match features.basis {
            ValueBasis::Margin => sentence!(
                language,
                "{value} of margin per repeat purchase on average; the first purchase does not count.",
                "{value} de margen por recompra en promedio; la primera compra no cuenta.",
                "{value} de margem por recompra em média; a primeira compra não conta."
            ),
            ValueBasis::Amount => sentence!(
                language,
                "{value} per repeat purchase on average; the first purchase does not count.",
                "{value} por recompra en promedio; la primera compra no cuenta.",
                "{value} por recompra em média; a primeira compra não conta."
            ),
        }
    }

    fn churned(&self, language: Language) -> String {
        let when = self.reading.when(language);
        let threshold = Noun::Day.counted(self.reading.churn_threshold_days as usize, language);
        match (
            self.reading.features.has_purchases,
            self.reading.features.churned,
        ) {
            (true, false) => sentence!(
                language,
                "Last purchase {when}, under the threshold of {threshold}: counts as active.",
                "Última compra {when}, por debajo del umbral de {threshold}: cuenta como activo.",
                "Última compra {when}, abaixo do limite de {threshold}: conta como ativo."
            ),
            (true, true) => sentence!(
                language,
                "Last purchase {when}, at or over the threshold of {threshold}: counts as lost.",
                "Última compra {when}, que alcanza el umbral de {threshold}: cuenta como perdido.",
                "Última compra {when}, que atinge o limite de {threshold}: conta como perdido."
            ),
            (false, false) => sentence!(
                language,
                "First transaction {when}, under the threshold of {threshold}: counts as active.",
                "Primera transacción {when}, por debajo del umbral de {threshold}: cuenta como activo.",
                "Primeira transação {when}, abaixo do limite de {threshold}: conta como ativo."
            ),
            (false, true) => sentence!(
                language,
                "First transaction {when}, at or over the threshold of {threshold}: counts as lost.",
                "Primera transacción {when}, que alcanza el umbral de {threshold}: cuenta como perdido.",
                "Primeira transação {when}, que atinge o limite de {threshold}: conta como perdido."
            ),
        }
    }

    fn tier(&self, language: Language) -> String {
        let value = self
            .reading
            .money(self.reading.features.monetary_value, language);
        let from = self.reading.high_from.unwrap_or_default();
        let from = self.reading.money(from, language);
        match self.reading.features.tier {
            PotentialTier::High => sentence!(
                language,
                "High: {value} per repeat purchase reaches the 70th percentile of repeat buyers ({from}).",
                "High: {value} por recompra alcanza el percentil 70 de los clientes que repiten ({from}).",
                "High: {value} por recompra atinge o percentil 70 dos clientes que recompram ({from})."
            ),
            PotentialTier::Medium => sentence!(
                language,
                "Medium: {value} per repeat purchase is below the 70th percentile of repeat buyers ({from}).",
                "Medium: {value} por recompra queda por debajo del percentil 70 de los clientes que repiten ({from}).",
                "Medium: {value} por recompra fica abaixo do percentil 70 dos clientes que recompram ({from})."
            ),
            PotentialTier::Low => sentence!(
                language,
                "Low: no repeat purchase so far.",
                "Low: sin recompras por ahora.",
                "Low: sem recompras por enquanto."
            ),
        }
    }
}

fn nothing_left(language: Language) -> String {
    sentence!(
        language,
        "No purchase is left once refunds are taken off.",
        "Descontadas las devoluciones, no queda ninguna compra.",
        "Descontadas as devoluções, não resta nenhuma compra."
    )
}

/// Repeat buyers below which a percentile of them is hardly more than a rank.
const REPEAT_BUYERS_MIN: usize = 10;

/// What the figures cannot tell.
pub fn warnings(buyers: &Buyers, report: &ClvFeaturesReport) -> Vec<Warning> {
    [
        value_basis(buyers, report),
        without_purchases(report),
        few_repeat_buyers(report),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Margins and amounts do not compare.
fn value_basis(buyers: &Buyers, report: &ClvFeaturesReport) -> Option<Warning> {
    let (n_margin, n_amount) = (report.n_by_margin, report.n_by_amount);
    if n_margin == 0 {
        let words = words!(
            "Only some transactions have a cost, and no customer has one on each of them, so costs were left aside: values are amounts.",
            "Solo algunas transacciones tienen costo y ningún cliente lo tiene en todas, así que los costos no se usaron: los valores son importes.",
            "Só algumas transações têm custo e nenhum cliente o tem em todas, então os custos não foram usados: os valores são montantes de venda.",
        );
        return buyers
            .has_costs_in_part
            .then(|| Warning::new("costs_ignored", words).at("customers"));
    }
    if n_amount == 0 {
        return None;
    }
    let say = |n, language| Noun::Customer.counted(n, language);
    let [margin_en, margin_es, margin_pt] = Language::ALL.map(|l| say(n_margin, l));
    let [amount_en, amount_es, amount_pt] = Language::ALL.map(|l| say(n_amount, l));
    let words = words!(
        "Values are margins for {margin_en} and amounts for {amount_en}, because costs are missing: monetary_value and tiers compare unlike things. Send a cost with every transaction, or with none.",
        "Los valores son márgenes para {margin_es} e importes para {amount_es}, porque faltan costos: monetary_value y los niveles comparan cosas distintas. Envíe el costo en todas las transacciones o en ninguna.",
        "Os valores são margens para {margin_pt} e montantes de venda para {amount_pt}, porque faltam custos: monetary_value e os níveis comparam coisas diferentes. Envie o custo em todas as transações ou em nenhuma.",
    );
    Some(
        Warning::new("value_basis_mixed", words)
            .at("customers")
            .figure("n_margin", n_margin)
            .figure("n_amount", n_amount),
    )
}

fn without_purchases(report: &ClvFeaturesReport) -> Option<Warning> {
    let n_customers = report.n_without_purchases;
    let say = |language| Noun::Customer.counted(n_customers, language);
    let [en, es, pt] = Language::ALL.map(say);
    let words = words!(
        "{en} without any purchase left once refunds are taken off: all figures are 0 but T, which counts from the first transaction.",
        "{es} sin ninguna compra una vez descontadas las devoluciones: todas las cifras son 0 salvo T, que se cuenta desde la primera transacción.",
        "{pt} sem nenhuma compra depois de descontadas as devoluções: todos os números são 0, menos T, contado desde a primeira transação.",
    );
    (n_customers > 0).then(|| {
        Warning::new("no_purchases_left", words)
            .at("customers")
            .figure("n_customers", n_customers)
    })
}

fn few_repeat_buyers(report: &ClvFeaturesReport) -> Option<Warning> {
    let repeats = report.customers.iter().filter(|f| f.frequency > 0);
    let n_repeat_buyers = repeats.count();
    let words = match n_repeat_buyers {
        0 => words!(
            "No customer has a repeat purchase, so all are Low: the data do not rank them.",
            "Ningún cliente tiene recompras, así que todos son Low: los datos no permiten ordenarlos.",
            "Nenhum cliente tem recompras, então todos são Low: os dados não permitem ordená-los.",
        ),
        1 => words!(
            "Only 1 customer has repeat purchases and is High without comparison; take the tier as a first impression.",
            "Solo 1 cliente tiene recompras y es High sin comparación posible; tome el nivel como una primera impresión.",
            "Apenas 1 cliente tem recompras e é High sem comparação possível; considere o nível uma primeira impressão.",
        ),
        n if n < REPEAT_BUYERS_MIN => words!(
            "High and Medium rank only {n} repeat buyers with each other; take them as a first impression.",
            "High y Medium ordenan entre sí a solo {n} clientes con recompras; tómelos como una primera impresión.",
            "High e Medium ordenam entre si apenas {n} clientes com recompras; considere-os uma primeira impressão.",
        ),
        _ => return None,
    };
    Some(
        Warning::new("few_repeat_buyers", words)
            .at("clv_potential_tier")
            .figure("n_repeat_buyers", n_repeat_buyers),
    )
}
