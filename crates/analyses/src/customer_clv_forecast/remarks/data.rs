//! Remarks about the purchases themselves.

use clientela_methods::clv::Correlation;
use clientela_narrative::terms::Noun;
use clientela_narrative::{number, percent, sentence, signed};

use super::in_all;
use crate::Warning;

pub fn mixed_costs(n_with: usize, n_without: usize) -> Warning {
    let words = in_all(|language| {
        let without = Noun::Customer.counted(n_without, language);
        sentence!(
            language,
            "Costs were left aside, because some transaction of {without} has none: values are amounts. For margins send a cost with every transaction.",
            "Los costos no se usaron, porque falta alguno en las transacciones de {without}: los valores son importes. Para obtener márgenes envíe el costo en todas.",
            "Os custos não foram usados, porque falta algum nas transações de {without}: os valores são montantes de venda. Para obter margens envie o custo em todas."
        )
    });
    Warning::new("costs_ignored", words)
        .at("customers")
        .figure("n_with", n_with)
        .figure("n_without", n_without)
}

pub fn without_purchases(n_customers: usize) -> Warning {
    let words = in_all(|language| {
        let customers = Noun::Customer.counted(n_customers, language);
        sentence!(
            language,
            "{customers} without any purchase left once refunds are taken off: the forecast is 0 there.",
            "{customers} sin ninguna compra una vez descontadas las devoluciones: ahí el pronóstico es 0.",
            "{customers} sem nenhuma compra depois de descontadas as devoluções: nesse caso a previsão é 0."
        )
    });
    Warning::new("no_purchases_left", words)
        .at("customers")
        .figure("n_customers", n_customers)
}

pub fn value_not_positive(n_customers: usize) -> Warning {
    let words = in_all(|language| {
        let customers = Noun::Customer.counted(n_customers, language);
        sentence!(
            language,
            "{customers} whose repeat purchases brought nothing, or less: left out of the value model, and valued by their own mean, drawn toward that of the base.",
            "{customers} cuyas recompras no aportaron nada, o restaron valor: fuera del modelo de valor, con su propio promedio acercado al de la base.",
            "{customers} cujas recompras não trouxeram nada, ou tiraram valor: fora do modelo de valor, com a própria média aproximada à da base."
        )
    });
    Warning::new("value_not_positive", words)
        .at("customers")
        .figure("n_customers", n_customers)
}

pub fn left_truncated(n_first_month: usize, monthly_mean: f64) -> Warning {
    let words = in_all(|language| {
        let first = Noun::Customer.counted(n_first_month, language);
        let mean = number(monthly_mean, 1, language);
        sentence!(
            language,
            "{first} made their first purchase in the first month, against {mean} a month on average: the history seems to begin in mid-life, so old customers look new and expected purchases too high. Send the whole history.",
            "{first} con su primera compra en el primer mes, frente a {mean} al mes en promedio: el historial parece empezar a mitad de camino, así que clientes antiguos parecen nuevos y las compras esperadas salen altas. Envíe el historial completo.",
            "{first} com a primeira compra no primeiro mês, ante {mean} por mês em média: o histórico parece começar no meio do caminho, então clientes antigos parecem novos e as compras esperadas saem altas. Envie o histórico completo."
        )
    });
    Warning::new("left_truncated", words)
        .at("customers")
        .figure("n_first_month", n_first_month)
        .figure("monthly_mean", monthly_mean)
}

pub fn value_not_independent(found: Correlation) -> Warning {
    let Correlation {
        estimate: rho,
        lower,
        upper,
        n_customers,
    } = found;
    let words = in_all(|language| {
        let [rho, low, high] = [rho, lower, upper].map(|rho| signed(rho, 2, language));
        let level = percent(0.95, 0, language);
        sentence!(
            language,
            "How often customers buy and for how much are not independent (rank correlation {rho}, {level} interval {low} to {high}), though the value model takes them to be: forecasts at both ends may be off.",
            "La frecuencia y el valor de las compras no son independientes (correlación de rangos {rho}, intervalo del {level} de {low} a {high}), aunque el modelo de valor supone que sí: los pronósticos de ambos extremos pueden fallar.",
            "A frequência e o valor das compras não são independentes (correlação de postos {rho}, intervalo de {level} de {low} a {high}), embora o modelo de valor suponha que sim: as previsões dos dois extremos podem errar."
        )
    });
    Warning::new("value_independence", words)
        .at("model_parameters")
        .figure("n_customers", n_customers)
        .figure("spearman", rho)
        .figure("lower", lower)
        .figure("upper", upper)
}

pub fn regular_buyers(median_variation: f64, n_customers: usize) -> Warning {
    let words = in_all(|language| {
        let variation = number(median_variation, 2, language);
        let customers = Noun::Customer.counted(n_customers, language);
        sentence!(
            language,
            "Customers with at least 6 purchases ({customers}) buy at regular gaps (median variation {variation}), which the count models take for chance: they notice late when someone stops.",
            "Quienes han comprado al menos 6 veces ({customers}) lo hacen a intervalos regulares (variación mediana: {variation}), que los modelos de conteo toman por azar: tardan en notar que alguien dejó de comprar.",
            "Quem já comprou pelo menos 6 vezes ({customers}) compra em intervalos regulares (variação mediana: {variation}), que os modelos de contagem tomam por acaso: demoram a notar que alguém parou de comprar."
        )
    });
    Warning::new("regular_buyers", words)
        .at("customers")
        .figure("median_variation", median_variation)
        .figure("n_customers", n_customers)
}
