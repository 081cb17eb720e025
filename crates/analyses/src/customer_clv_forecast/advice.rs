//! What to do about a customer: by the place of the forecast in the base, and by whether the customer is still one.

use clientela_methods::clv::{ClvTier, CustomerForecast};
use clientela_narrative::terms::Noun;
use clientela_narrative::{Language, integer, number, sentence};

use super::prose::{probability, share};
use super::standing::Standing;

/// Below this a customer has more likely left than not.
const ALIVE_HALF: f64 = 0.5;

/// Gaps from which on their median is taken for usual.
const GAPS_MIN: u32 = 2;

/// Usual gaps without a purchase that are a long silence: by chance alone one gap in 2⁴ = 16 lasts longer.
const LONG_SILENCE: f64 = 4.0;

/// Whether the customer is still one, as far as the forecast knows.
#[derive(Clone, Copy)]
enum Presence {
    /// Nothing speaks against it.
    Likely,
    /// The customer has more likely left than not.
    Doubtful { alive: f64 },
    /// Silent for long, and nothing in the model makes of it that the customer has left.
    Silent { days: u32, usual_gaps: f64 },
}

/// One sentence.
pub fn sentence(forecast: &CustomerForecast, standing: Standing, language: Language) -> String {
    let presence = presence(forecast);
    let of_base = match standing {
        Standing::Alone | Standing::Shared { .. } => {
            return unranked(standing, presence, language);
        }
        Standing::OfFew { n_customers } => {
            let customers = Noun::Customer.counted(n_customers, language);
            sentence!(
                language,
                "of only {customers}",
                "de solo {customers}",
                "de apenas {customers}"
            )
        }
        Standing::OfMany => sentence!(language, "of the base", "de la base", "da base"),
    };
    match forecast.tier {
        ClvTier::High => high(&of_base, presence, language),
        ClvTier::Medium => medium(&of_base, presence, language),
        ClvTier::Low => low(&of_base, presence, language),
    }
}

fn presence(forecast: &CustomerForecast) -> Presence {
    let explanation = &forecast.explanation;
    if let Some(alive) = forecast.probability_alive {
        return if alive < ALIVE_HALF {
            Presence::Doubtful { alive }
        } else {
            Presence::Likely
        };
    }
    let usual = explanation.gap.and_then(|gap| {
        let has_usual_gap = explanation.orders.n_purchases > GAPS_MIN;
        let usual = gap
            .usual_gap_days
            .filter(|days| has_usual_gap && *days > 0.0)?;
        Some((gap.days_since_last, f64::from(gap.days_since_last) / usual))
    });
    match usual {
        Some((days, usual_gaps)) if usual_gaps >= LONG_SILENCE => {
            Presence::Silent { days, usual_gaps }
        }
        _ => Presence::Likely,
    }
}

fn high(of_base: &str, presence: Presence, language: Language) -> String {
    match presence {
        Presence::Likely => sentence!(
            language,
            "Among the highest forecasts {of_base}: keep this customer close, with early access and personal service.",
            "Entre los pronósticos más altos {of_base}: cuide a este cliente con acceso anticipado y trato personal.",
            "Entre as previsões mais altas {of_base}: cuide deste cliente com acesso antecipado e tratamento pessoal."
        ),
        Presence::Doubtful { alive } => {
            let alive = share(alive, language);
            sentence!(
                language,
                "Among the highest forecasts {of_base}, yet the probability of still being active is low ({alive}): make a personal offer soon.",
                "Entre los pronósticos más altos {of_base}, pero la probabilidad de que siga activo es baja ({alive}): hágale pronto una oferta personal.",
                "Entre as previsões mais altas {of_base}, mas a probabilidade de que continue ativo é baixa ({alive}): faça logo uma oferta pessoal."
            )
        }
        Presence::Silent { days, usual_gaps } => {
            let days = Noun::Day.counted(days as usize, language);
            let times = number(usual_gaps, 0, language);
            sentence!(
                language,
                "Among the highest forecasts {of_base}, yet silent for {days}, about {times} times the usual gap, which this forecast does not take for leaving: find out soon whether anything is wrong.",
                "Entre los pronósticos más altos {of_base}, pero lleva {days} sin comprar, unas {times} veces su intervalo habitual, y este pronóstico no lo toma por abandono: averigüe pronto si algo va mal.",
                "Entre as previsões mais altas {of_base}, mas está há {days} sem comprar, cerca de {times} vezes o intervalo habitual, e esta previsão não toma isso por abandono: descubra logo se algo vai mal."
            )
        }
    }
}

fn medium(of_base: &str, presence: Presence, language: Language) -> String {
    let Presence::Doubtful { alive } = presence else {
        return sentence!(
            language,
            "In the middle {of_base}: give a reason for the next purchase.",
            "En la parte media {of_base}: ofrezca un motivo para la próxima compra.",
            "Na parte média {of_base}: ofereça um motivo para a próxima compra."
        );
    };
    let alive = probability(alive, language);
    sentence!(
        language,
        "In the middle {of_base}, with a probability of {alive} of still being active: a reminder that costs little is worth a try.",
        "En la parte media {of_base}, con una probabilidad {alive} de seguir activo: vale la pena probar con un recordatorio de bajo costo.",
        "Na parte média {of_base}, com probabilidade {alive} de continuar ativo: vale a pena tentar um lembrete de baixo custo."
    )
}

fn low(of_base: &str, presence: Presence, language: Language) -> String {
    let Presence::Doubtful { alive } = presence else {
        return sentence!(
            language,
            "Among the lowest forecasts {of_base}: messages that cost little are enough.",
            "Entre los pronósticos más bajos {of_base}: bastan mensajes de bajo costo.",
            "Entre as previsões mais baixas {of_base}: bastam mensagens de baixo custo."
        );
    };
    let alive = probability(alive, language);
    sentence!(
        language,
        "Among the lowest forecasts {of_base}, with a probability of {alive} of still being active: spend little here.",
        "Entre los pronósticos más bajos {of_base}, con una probabilidad {alive} de seguir activo: gaste poco aquí.",
        "Entre as previsões mais baixas {of_base}, com probabilidade {alive} de continuar ativo: gaste pouco aqui."
    )
}

/// Where the base ranks nobody, the tier must not decide what to do.
fn unranked(standing: Standing, presence: Presence, language: Language) -> String {
    let place = place(standing, language);
    let Presence::Doubtful { alive } = presence else {
        return sentence!(
            language,
            "{place}: give a reason for the next purchase.",
            "{place}: ofrezca un motivo para la próxima compra.",
            "{place}: ofereça um motivo para a próxima compra."
        );
    };
    let alive = share(alive, language);
    sentence!(
        language,
        "{place}. The probability of still being active is low ({alive}): a reminder that costs little is worth a try.",
        "{place}. La probabilidad de que siga activo es baja ({alive}): vale la pena probar con un recordatorio de bajo costo.",
        "{place}. A probabilidade de que continue ativo é baixa ({alive}): vale a pena tentar um lembrete de baixo custo."
    )
}

fn place(standing: Standing, language: Language) -> String {
    let Standing::Shared {
        n_equal,
        n_customers,
    } = standing
    else {
        return sentence!(
            language,
            "There is no other customer to compare with",
            "No hay otros clientes con los que comparar",
            "Não há outros clientes com que comparar"
        );
    };
    let customers = Noun::Customer.counted(n_customers, language);
    if n_equal == n_customers {
        return sentence!(
            language,
            "All {customers} have this same forecast, so the tier sets nobody apart",
            "Los {customers} tienen este mismo pronóstico, así que el nivel no distingue a nadie",
            "Os {customers} têm esta mesma previsão, então o nível não distingue ninguém"
        );
    }
    let equal = integer(n_equal as i64, language);
    sentence!(
        language,
        "{equal} of {customers} have this same forecast, so the tier hardly sets anyone apart",
        "{equal} de {customers} tienen este mismo pronóstico, así que el nivel apenas distingue a nadie",
        "{equal} de {customers} têm esta mesma previsão, então o nível quase não distingue ninguém"
    )
}
