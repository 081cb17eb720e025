//! What golden cases of a bearable size do not say, filled in and read in full.

use clientela_methods::clv::{
    self, Baseline, BoostingUnavailable, ClvReport, ClvTier, Comparison, Correlation,
    CustomerForecast, ForecastOptions, GapMover, NotIdentified, Remark, Selection, Shortfall,
    TenthsOff,
};
use clientela_narrative::Language;
use clientela_numerics::StopToken;
use clientela_tables::{Date, PurchaseHistoriesBuilder, PurchaseLine, UniqueIds};

use super::standing::Standing;
use super::*;

/// 24 customers who bought one to four times within 280 days: enough to show hold-outs, too few to choose by.
fn table() -> Table {
    let today: Date = "2025-04-24".parse().expect("a date");
    let mut builder = PurchaseHistoriesBuilder::new();
    let mut ids = UniqueIds::with_capacity(24);
    for customer in 0..24 {
        let line = |order: i32| PurchaseLine::<&str> {
            transaction_id: None,
            date: Date::from_days(today.days_since_epoch() - 280 + 3 * customer + 50 * order)
                .expect("a date"),
            amount: f64::from(20 + customer),
            cost: None,
        };
        builder.push(&(0..=customer % 4).map(line).collect::<Vec<_>>());
        ids.insert(&customer.to_string());
    }
    Table {
        buyers: Buyers {
            histories: builder.finish(today, ids.into_ids()),
            has_costs_in_part: false,
        },
        options: ForecastOptions::default(),
        currency: None,
    }
}

fn report(table: &Table) -> ClvReport {
    clv::forecast(&table.buyers.histories, &table.options, &StopToken::new()).expect("a report")
}

/// A sentence in each language, spaces that must not break as any others.
#[track_caller]
fn check(say: impl Fn(Language) -> String, expected: [&str; 3]) {
    let said = Language::ALL.map(|language| say(language).replace('\u{a0}', " "));
    assert_eq!(said, expected.map(str::to_owned));
}

#[track_caller]
fn check_remark(remark: Remark, expected: [&str; 3]) {
    let table = table();
    let report = ClvReport {
        remarks: vec![remark],
        ..report(&table)
    };
    let words = remarks::warnings(&table, &report).remove(0).words;
    let say = |language| clientela_narrative::Say::say(&words, language);
    check(say, expected);
}

fn customer(tier: ClvTier, alive: Option<f64>, days_since_last: u32) -> CustomerForecast {
    let mut forecast = report(&table()).customers.remove(3);
    assert_eq!(forecast.explanation.orders.n_purchases, 4);
    (forecast.tier, forecast.probability_alive) = (tier, alive);
    forecast.explanation.gap = Some(GapMover {
        days_since_last,
        usual_gap_days: Some(30.0),
        factor: None,
    });
    forecast
}

#[test]
fn a_discounted_forecast_says_its_rate() {
    let mut table = table();
    table.options.discount_rate_annual = 0.1;
    let mut forecast = customer(ClvTier::Medium, Some(0.9), 10);
    (forecast.value, forecast.purchases) = (95.0, 2.04);
    (forecast.value_per_purchase, forecast.prediction) = (50.0, None);
    let reading = prose::Reading {
        forecast: &forecast,
        standing: Standing::OfMany,
        options: &table.options,
        currency: None,
    };
    check(
        |language| clientela_narrative::Say::say(&reading, language),
        [
            "95.00 expected over the next 12 months, discounted at 10% a year: 2.0 purchases of 50.00 on average. In the middle of the base: give a reason for the next purchase.",
            "95,00 previstos en los próximos 12 meses, descontados al 10 % anual: 2,0 compras de 50,00 en promedio. En la parte media de la base: ofrezca un motivo para la próxima compra.",
            "95,00 previstos nos próximos 12 meses, descontados a 10% ao ano: 2,0 compras de 50,00 em média. Na parte média da base: ofereça um motivo para a próxima compra.",
        ],
    );
}

fn advise(forecast: &CustomerForecast, standing: Standing) -> impl Fn(Language) -> String {
    let forecast = forecast.clone();
    move |language| advice::sentence(&forecast, standing, language)
}

#[test]
fn a_forecast_that_most_of_the_base_has_is_not_called_low() {
    let standing = Standing::Shared {
        n_equal: 1_500,
        n_customers: 2_000,
    };
    check(
        advise(&customer(ClvTier::Low, Some(0.9), 10), standing),
        [
            "1,500 of 2,000 customers have this same forecast, so the tier hardly sets anyone apart: give a reason for the next purchase.",
            "1500 de 2000 clientes tienen este mismo pronóstico, así que el nivel apenas distingue a nadie: ofrezca un motivo para la próxima compra.",
            "1.500 de 2.000 clientes têm esta mesma previsão, então o nível quase não distingue ninguém: ofereça um motivo para a próxima compra.",
        ],
    );
    check(
        advise(&customer(ClvTier::Low, Some(0.004), 10), Standing::Alone),
        [
            "There is no other customer to compare with. The probability of still being active is low (under 1%): a reminder that costs little is worth a try.",
            "No hay otros clientes con los que comparar. La probabilidad de que siga activo es baja (menos del 1 %): vale la pena probar con un recordatorio de bajo costo.",
            "Não há outros clientes com que comparar. A probabilidade de que continue ativo é baixa (menos de 1%): vale a pena tentar um lembrete de baixo custo.",
        ],
    );
}

#[test]
fn a_long_silence_that_the_model_does_not_see_is_told_where_the_forecast_is_high() {
    let silent = customer(ClvTier::High, None, 125);
    check(
        advise(&silent, Standing::OfMany),
        [
            "Among the highest forecasts of the base, yet silent for 125 days, about 4 times the usual gap, which this forecast does not take for leaving: find out soon whether anything is wrong.",
            "Entre los pronósticos más altos de la base, pero lleva 125 días sin comprar, unas 4 veces su intervalo habitual, y este pronóstico no lo toma por abandono: averigüe pronto si algo va mal.",
            "Entre as previsões mais altas da base, mas está há 125 dias sem comprar, cerca de 4 vezes o intervalo habitual, e esta previsão não toma isso por abandono: descubra logo se algo vai mal.",
        ],
    );
    // A silence that may be chance, and one that the probability of being active already holds.
    for not_silent in [
        customer(ClvTier::High, None, 119),
        customer(ClvTier::High, Some(0.8), 125),
    ] {
        let said = advise(&not_silent, Standing::OfMany)(Language::En);
        assert!(said.contains("keep this customer close"), "{said}");
    }
    // A single gap is no habit.
    let mut once = silent;
    once.explanation.orders.n_purchases = 2;
    let said = advise(&once, Standing::OfMany)(Language::En);
    assert!(said.contains("keep this customer close"), "{said}");
}

#[test]
fn a_rank_among_few_names_how_many_they_are() {
    check(
        advise(
            &customer(ClvTier::Low, Some(0.2), 10),
            Standing::OfFew { n_customers: 3 },
        ),
        [
            "Among the lowest forecasts of only 3 customers, with a probability of 20% of still being active: spend little here.",
            "Entre los pronósticos más bajos de solo 3 clientes, con una probabilidad del 20 % de seguir activo: gaste poco aquí.",
            "Entre as previsões mais baixas de apenas 3 clientes, com probabilidade de 20% de continuar ativo: gaste pouco aqui.",
        ],
    );
}

#[test]
fn the_verdict_names_every_baseline_that_is_not_beaten() {
    let table = table();
    let mut report = report(&table);
    let score = &mut report.validation.families[0].scores;
    (score.mae, score.rmse, score.bias) = (12.0, 30.5, None);
    let not_better = |baseline, mae_is_lower| Comparison {
        baseline,
        mae_is_lower,
        rmse_is_lower: false,
        total_is_closer: true,
    };
    report.validation.verdict = vec![
        not_better(Baseline::LastWindow, false),
        not_better(Baseline::Zero, false),
        not_better(Baseline::PopulationMean, true),
    ];
    check(
        |language| verdict::verdict(&table, &report, language),
        [
            "In 1 hold-out of 93 days, BG/NBD + Gamma-Gamma had a mean error of 12.00 per customer (RMSE 30.50); nothing came, so the total has no rate of error. Mean error: not better than the baselines “same as last time” and “nothing”. RMSE: better than none of the three baselines. Total: better than all three baselines.",
            "En 1 periodo de prueba de 93 días, BG/NBD + Gamma-Gamma tuvo un error medio de 12,00 por cliente (RMSE 30,50); no entró ningún valor, así que el total no tiene tasa de error. Error medio: no es mejor que las referencias «igual que la última vez» y «nada». RMSE: no es mejor que ninguna de las tres referencias. Total: mejor que las tres referencias.",
            "Em 1 período de teste de 93 dias, BG/NBD + Gamma-Gamma teve erro médio de 12,00 por cliente (RMSE 30,50); não entrou nenhum valor, então o total não tem taxa de erro. Erro médio: não é melhor que as referências “igual à última vez” e “nada”. RMSE: não é melhor que nenhuma das três referências. Total: melhor que as três referências.",
        ],
    );
}

#[track_caller]
fn check_rule(rule: Selection, expected: [&str; 3]) {
    check(
        |language| verdict::selection(rule, None, language).reason,
        expected,
    );
}

#[test]
fn the_rule_that_chose_is_told_with_its_figures() {
    check_rule(
        Selection::TotalOff {
            other_bias: -0.41,
            bias: 0.07,
        },
        [
            "The other family's total was off by -41%, more than 30%; this one's by +7%.",
            "El total de la otra familia se desvió un -41 %, más del 30 %; el de esta, un +7 %.",
            "O total da outra família teve desvio de -41%, mais de 30%; o desta, de +7%.",
        ],
    );
    check_rule(
        Selection::AskedButUnavailable,
        [
            "The request asks for GradientBoosting alone, which could not be trained, so BG/NBD + Gamma-Gamma is used.",
            "La solicitud pide solo GradientBoosting, que no pudo entrenarse, así que se usa BG/NBD + Gamma-Gamma.",
            "A solicitação pede só GradientBoosting, que não pôde ser treinado, então se usa BG/NBD + Gamma-Gamma.",
        ],
    );
    check_rule(
        Selection::LowerError {
            difference: 1.25,
            standard_error: 0.5,
        },
        [
            "GradientBoosting's mean error per customer is lower by 1.25, more than one standard error (0.50).",
            "El error medio por cliente de GradientBoosting es menor en 1,25, más de un error estándar (0,50).",
            "O erro médio por cliente do GradientBoosting é menor em 1,25, mais de um erro padrão (0,50).",
        ],
    );
    check_rule(
        Selection::NotClearlyLower {
            difference: -1.25,
            standard_error: 0.5,
        },
        [
            "GradientBoosting's mean error per customer is not lower (1.25 more), so the simpler family is used.",
            "El error medio por cliente de GradientBoosting no es menor (1,25 más), así que se usa la familia más simple.",
            "O erro médio por cliente do GradientBoosting não é menor (1,25 a mais), então se usa a família mais simples.",
        ],
    );
    check_rule(
        Selection::NotClearlyLower {
            difference: 0.25,
            standard_error: 0.5,
        },
        [
            "GradientBoosting's mean error per customer is lower by 0.25, but not by more than one standard error (0.50), so the simpler family is used.",
            "El error medio por cliente de GradientBoosting es menor en 0,25, pero no en más de un error estándar (0,50), así que se usa la familia más simple.",
            "O erro médio por cliente do GradientBoosting é menor em 0,25, mas não em mais de um erro padrão (0,50), então se usa a família mais simples.",
        ],
    );
    check_rule(
        Selection::LargerErrors { rmse_ratio: 1.051 },
        [
            "GradientBoosting's RMSE is 5.1% higher, more than the 2% allowed, so BG/NBD + Gamma-Gamma is used.",
            "El RMSE de GradientBoosting es un 5,1 % mayor, por encima del 2 % tolerado, así que se usa BG/NBD + Gamma-Gamma.",
            "O RMSE do GradientBoosting é 5,1% maior, acima dos 2% tolerados, então se usa BG/NBD + Gamma-Gamma.",
        ],
    );
    check_rule(
        Selection::RegularBuyers,
        [
            "Customers buy at regular gaps, which the count models take for chance, so GradientBoosting is preferred.",
            "Los clientes compran a intervalos regulares, que los modelos de conteo toman por azar, así que se prefiere GradientBoosting.",
            "Os clientes compram em intervalos regulares, que os modelos de contagem tomam por acaso, então se prefere GradientBoosting.",
        ],
    );
}

#[test]
fn what_a_hold_out_lacks_is_told_with_what_it_would_take() {
    check(
        |language| verdict::shortfall(Shortfall::FewRepeatBuyers { n_repeat: 1 }, language),
        [
            "1 repeat buyer before the split; it takes 30 to choose by.",
            "1 cliente con recompras antes del corte; hacen falta 30 para elegir.",
            "1 cliente com recompras antes do corte; são necessários 30 para escolher.",
        ],
    );
    check(
        |language| verdict::shortfall(Shortfall::FewPurchases { n_purchases: 12 }, language),
        [
            "12 purchases in the hold-out; it takes 30 to choose by.",
            "12 compras en el periodo de prueba; hacen falta 30 para elegir.",
            "12 compras no período de teste; são necessárias 30 para escolher.",
        ],
    );
    check(
        |language| verdict::unavailable(BoostingUnavailable::NotAsked, language).reason,
        [
            "The request does not ask for it.",
            "La solicitud no lo pide.",
            "A solicitação não o pede.",
        ],
    );
    let without_window = |days| {
        move |language| {
            let why = BoostingUnavailable::NoTrainingWindow { days };
            verdict::unavailable(why, language).reason
        }
    };
    check(
        without_window(-7),
        [
            "A training window as long as the hold-out would start 7 days before the first date; it has to start 28 days after it.",
            "Una ventana de entrenamiento tan larga como el periodo de prueba empezaría 7 días antes de la primera fecha; debe empezar 28 días después de ella.",
            "Uma janela de treino tão longa quanto o período de teste começaria 7 dias antes da primeira data; precisa começar 28 dias depois dela.",
        ],
    );
    check(
        without_window(1),
        [
            "A training window as long as the hold-out would start 1 day after the first date; it takes 28.",
            "Una ventana de entrenamiento tan larga como el periodo de prueba empezaría 1 día después de la primera fecha; hacen falta 28.",
            "Uma janela de treino tão longa quanto o período de teste começaria 1 dia depois da primeira data; são necessários 28.",
        ],
    );
}

#[test]
fn deciles_that_hold_outs_show_to_be_off_are_named() {
    let off = |deciles: [usize; 2]| {
        let mut is_off = [false; 10];
        deciles.iter().for_each(|decile| is_off[decile - 1] = true);
        Remark::CalibrationOff(TenthsOff {
            is_off,
            worst: deciles[0] - 1,
            mean_forecast: 1.67,
            mean_actual: 4.56,
        })
    };
    check_remark(
        off([1, 1]),
        [
            "On the hold-outs, decile 1 of customers by forecast (1 is the lowest) was off by half or more, beyond what chance explains: 1.67 forecast per customer, 4.56 brought. See validation.calibration before you rely on amounts there.",
            "En los periodos de prueba, el decil 1 de clientes por pronóstico (1 es el más bajo) se desvió en la mitad o más, por encima de lo que explica el azar: 1,67 pronosticados por cliente, 4,56 aportados. Consulte validation.calibration antes de confiar en esos importes.",
            "Nos períodos de teste, o decil 1 de clientes por previsão (1 é o mais baixo) teve desvio de metade ou mais, acima do que o acaso explica: 1,67 previstos por cliente, 4,56 trazidos. Consulte validation.calibration antes de confiar nesses valores.",
        ],
    );
    check_remark(
        off([1, 8]),
        [
            "On the hold-outs, deciles 1 and 8 of customers by forecast (1 is the lowest) were off by half or more, beyond what chance explains; decile 1 most: 1.67 forecast per customer, 4.56 brought. See validation.calibration before you rely on amounts there.",
            "En los periodos de prueba, los deciles 1 y 8 de clientes por pronóstico (1 es el más bajo) se desviaron en la mitad o más, por encima de lo que explica el azar; el que más, el 1: 1,67 pronosticados por cliente, 4,56 aportados. Consulte validation.calibration antes de confiar en esos importes.",
            "Nos períodos de teste, os decis 1 e 8 de clientes por previsão (1 é o mais baixo) tiveram desvio de metade ou mais, acima do que o acaso explica; o maior, o 1: 1,67 previstos por cliente, 4,56 trazidos. Consulte validation.calibration antes de confiar nesses valores.",
        ],
    );
}

#[test]
fn what_only_large_or_odd_bases_show_is_said_in_full() {
    check_remark(
        Remark::BoosterSampled {
            n_rows: 60_000,
            n_rows_available: 276_938,
        },
        [
            "GradientBoosting learned from a seeded sample of 60,000 out of 276,938 rows.",
            "GradientBoosting aprendió de una muestra de 60.000 de las 276.938 filas.",
            "O GradientBoosting aprendeu com uma amostra de 60.000 das 276.938 linhas.",
        ],
    );
    check_remark(
        Remark::MixedCosts {
            n_with: 3,
            n_without: 1,
        },
        [
            "Costs were left aside, because some transaction of 1 customer has none: values are amounts. For margins send a cost with every transaction.",
            "Los costos no se usaron, porque falta alguno en las transacciones de 1 cliente: los valores son importes. Para obtener márgenes envíe el costo en todas.",
            "Os custos não foram usados, porque falta algum nas transações de 1 cliente: os valores são montantes de venda. Para obter margens envie o custo em todas.",
        ],
    );
    check_remark(
        Remark::NoValueModel,
        [
            "Nobody's repeat purchases brought anything, so there is no value model; purchases are valued by a mean.",
            "Las recompras de ningún cliente dejaron valor, así que no hay modelo de valor; las compras se valoran con un promedio.",
            "As recompras de nenhum cliente deixaram valor, então não há modelo de valor; as compras são avaliadas por uma média.",
        ],
    );
    check_remark(
        Remark::ValueModelNotIdentified(NotIdentified::NotPositiveDefinite),
        [
            "The data alone do not determine the value model, so it was fitted with weak priors. The likelihood is flat at its maximum.",
            "Los datos por sí solos no determinan el modelo de valor, así que se ajustó con distribuciones a priori poco informativas. La verosimilitud es plana en su máximo.",
            "Os dados sozinhos não determinam o modelo de valor, então ele foi ajustado com distribuições a priori pouco informativas. A verossimilhança é plana no seu máximo.",
        ],
    );
    check_remark(
        Remark::CountModelNotIdentified(NotIdentified::DropoutOpen),
        [
            "The data alone do not determine the count model, so it was fitted with weak priors. The data hardly tell how likely customers are to leave.",
            "Los datos por sí solos no determinan el modelo de conteo, así que se ajustó con distribuciones a priori poco informativas. Los datos apenas indican con qué probabilidad los clientes dejan de comprar.",
            "Os dados sozinhos não determinam o modelo de contagem, então ele foi ajustado com distribuições a priori pouco informativas. Os dados mal indicam com que probabilidade os clientes deixam de comprar.",
        ],
    );
    check_remark(
        Remark::CountModelNotIdentified(NotIdentified::NoHoldOut),
        [
            "The data alone do not determine the count model, so it was fitted with weak priors. There is no hold-out to test on.",
            "Los datos por sí solos no determinan el modelo de conteo, así que se ajustó con distribuciones a priori poco informativas. No hay periodo de prueba.",
            "Os dados sozinhos não determinam o modelo de contagem, então ele foi ajustado com distribuições a priori pouco informativas. Não há período de teste.",
        ],
    );
    check_remark(
        Remark::ValueNotIndependent(Correlation {
            estimate: -0.42,
            lower: -0.55,
            upper: -0.271,
            n_customers: 90,
        }),
        [
            "How often customers buy and for how much are not independent (rank correlation -0.42, 95% interval -0.55 to -0.27), though the value model takes them to be: forecasts at both ends may be off.",
            "La frecuencia y el valor de las compras no son independientes (correlación de rangos -0,42, intervalo del 95 % de -0,55 a -0,27), aunque el modelo de valor supone que sí: los pronósticos de ambos extremos pueden fallar.",
            "A frequência e o valor das compras não são independentes (correlação de postos -0,42, intervalo de 95% de -0,55 a -0,27), embora o modelo de valor suponha que sim: as previsões dos dois extremos podem errar.",
        ],
    );
}
