//! What is wrong with a field, in every language: the field is named by its path, so a message names rule and value.

use clientela_narrative::{Words, words};
use clientela_tables::Date;

use super::field::{Expected, Kind};

/// A required field is missing or `null`.
#[must_use]
pub fn required() -> Words {
    words!("is required", "es obligatorio", "é obrigatório")
}

/// Something else than `expected` was found.
#[must_use]
pub fn wrong_type(expected: Expected, got: Option<Kind>) -> Words {
    let expected = expectation(expected);
    // Of all that can be received, only a list is feminine in Portuguese.
    let received = match got {
        Some(Kind::Array) => "recebida",
        _ => "recebido",
    };
    let got = finding(got);
    Words {
        en: format!("must be {}, got {}", expected.en, got.en),
        es: format!("debe ser {}; se recibió {}", expected.es, got.es),
        pt: format!("deve ser {}; foi {received} {}", expected.pt, got.pt),
    }
}

fn expectation(expected: Expected) -> Words {
    match expected {
        Expected::Text => words!("a string", "un texto", "um texto"),
        Expected::Id => words!(
            "a string or a whole number",
            "un texto o un número entero",
            "um texto ou um número inteiro"
        ),
        Expected::Number => words!("a number", "un número", "um número"),
        Expected::Whole => words!("a whole number", "un número entero", "um número inteiro"),
        Expected::Flag => words!(
            "true, false, 0 or 1",
            "true, false, 0 o 1",
            "true, false, 0 ou 1"
        ),
        Expected::Date => {
            words!(
                "a date (YYYY-MM-DD) as a string",
                "una fecha (AAAA-MM-DD) como texto",
                "uma data (AAAA-MM-DD) como texto"
            )
        }
        Expected::Array => words!("an array", "una lista (array)", "uma lista (array)"),
        Expected::Object => words!("an object", "un objeto", "um objeto"),
        Expected::TextOrArray => {
            words!(
                "a string or an array of strings",
                "un texto o una lista de textos",
                "um texto ou uma lista de textos"
            )
        }
        Expected::Scalar => words!(
            "a string, a number or a boolean",
            "un texto, un número o un booleano",
            "um texto, um número ou um booleano"
        ),
        Expected::Anything => words!("a JSON value", "un valor JSON", "um valor JSON"),
        Expected::ObjectOrNumbers => words!(
            "an object or an array of numbers",
            "un objeto o una lista de números",
            "um objeto ou uma lista de números"
        ),
    }
}

fn finding(kind: Option<Kind>) -> Words {
    match kind {
        None => words!("null", "null", "null"),
        Some(Kind::Boolean) => words!("a boolean", "un booleano", "um booleano"),
        Some(Kind::Number) => words!("a number", "un número", "um número"),
        Some(Kind::Fraction) => {
            words!(
                "a number with a fraction",
                "un número con decimales",
                "um número com casas decimais"
            )
        }
        Some(Kind::Overflow) => words!(
            "a number too large for double precision",
            "un número demasiado grande para la doble precisión",
            "um número grande demais para a precisão dupla"
        ),
        Some(Kind::Decimal) => words!(
            "a number with a decimal point or an exponent",
            "un número con punto decimal o exponente",
            "um número com ponto decimal ou expoente"
        ),
        Some(Kind::Text) => words!("a string", "un texto", "um texto"),
        Some(Kind::Array) => words!("an array", "una lista (array)", "uma lista (array)"),
        Some(Kind::Object) => words!("an object", "un objeto", "um objeto"),
    }
}

/// An empty id.
#[must_use]
pub fn empty_id() -> Words {
    words!(
        "must not be empty",
        "no puede estar vacío",
        "não pode ficar vazio"
    )
}

/// An id over the limit.
#[must_use]
pub fn id_too_long(bytes: usize, max: usize) -> Words {
    words!(
        "must be at most {max} bytes long, got {bytes}",
        "debe tener como máximo {max} bytes; tiene {bytes}",
        "deve ter no máximo {max} bytes; tem {bytes}",
    )
}

/// An empty list where at least one element is needed.
#[must_use]
pub fn empty_list() -> Words {
    words!(
        "must have at least one element",
        "debe tener al menos un elemento",
        "deve ter pelo menos um elemento"
    )
}

/// A number outside its range.
#[must_use]
pub fn out_of_range(value: f64, min: f64, max: f64) -> Words {
    let value = plain(value);
    bounded(
        &words!("{value}", "{value}", "{value}"),
        (&plain(min), min > f64::MIN),
        (&plain(max), max < f64::MAX),
    )
}

/// A negative amount where nothing says that it is a refund.
#[must_use]
pub fn refund_without_order(amount: f64) -> Words {
    let amount = plain(amount);
    words!(
        "must not be negative, got {amount}; a refund needs a transaction_id, or allow_refunds: true in the request",
        "no puede ser negativo; se recibió {amount}. Una devolución necesita transaction_id, o allow_refunds: true en la solicitud",
        "não pode ser negativo; foi recebido {amount}. Uma devolução precisa de transaction_id, ou de allow_refunds: true na solicitação",
    )
}

/// A whole number outside its range.
#[must_use]
pub fn out_of_whole_range(value: i64, min: i64, max: i64) -> Words {
    // Numbers beyond 64 bits come as the largest or smallest that there is.
    let value = match value {
        i64::MAX => words!("{value} or more", "{value} o más", "{value} ou mais"),
        i64::MIN => words!("{value} or less", "{value} o menos", "{value} ou menos"),
        _ => words!("{value}", "{value}", "{value}"),
    };
    bounded(
        &value,
        (&min.to_string(), min > i64::MIN),
        (&max.to_string(), max < i64::MAX),
    )
}

fn bounded(value: &Words, (min, has_min): (&str, bool), (max, has_max): (&str, bool)) -> Words {
    let Words { en, es, pt } = value;
    match (has_min, has_max) {
        (true, true) => words!(
            "must be from {min} to {max}, got {en}",
            "debe estar entre {min} y {max}; se recibió {es}",
            "deve estar entre {min} e {max}; foi recebido {pt}",
        ),
        (true, false) => words!(
            "must be at least {min}, got {en}",
            "debe ser como mínimo {min}; se recibió {es}",
            "deve ser no mínimo {min}; foi recebido {pt}",
        ),
        _ => words!(
            "must be at most {max}, got {en}",
            "debe ser como máximo {max}; se recibió {es}",
            "deve ser no máximo {max}; foi recebido {pt}",
        ),
    }
}

/// A number as a client would write it in JSON.
#[must_use]
pub fn plain(value: f64) -> String {
    if value.abs() < 1e15 {
        format!("{value}")
    } else {
        format!("{value:e}")
    }
}

/// A string that is no date.
#[must_use]
pub fn not_a_date() -> Words {
    words!(
        "must be a date that exists, as YYYY-MM-DD or a date-time, from 1900 to 2200",
        "debe ser una fecha que exista, como AAAA-MM-DD o fecha y hora, entre 1900 y 2200",
        "deve ser uma data que exista, como AAAA-MM-DD ou data e hora, entre 1900 e 2200",
    )
}

/// A date after `today`.
#[must_use]
pub fn after_today(date: Date, today: Date) -> Words {
    words!(
        "must not be after today ({today}), got {date}",
        "no puede ser posterior a hoy ({today}); se recibió {date}",
        "não pode ser posterior a hoje ({today}); foi recebido {date}",
    )
}

/// A string that can't be the code of a currency.
#[must_use]
pub fn not_a_currency(given: &str) -> Words {
    let given = shortened(given);
    words!(
        "must be a currency code of three letters (ISO 4217) such as EUR, got \"{given}\"",
        "debe ser un código de moneda de tres letras (ISO 4217), como EUR; se recibió \"{given}\"",
        "deve ser um código de moeda de três letras (ISO 4217), como BRL; foi recebido \"{given}\"",
    )
}

/// An id that stands more than once.
#[must_use]
pub fn repeated_id(id: &str) -> Words {
    let id = shortened(id);
    words!(
        "customer \"{id}\" appears more than once",
        "el cliente \"{id}\" aparece más de una vez",
        "o cliente \"{id}\" aparece mais de uma vez",
    )
}

/// A key that stands twice in one object.
#[must_use]
pub fn repeated_key() -> Words {
    words!(
        "appears twice in one object",
        "aparece dos veces en un mismo objeto",
        "aparece duas vezes no mesmo objeto"
    )
}

/// A word that is none of those accepted.
#[must_use]
pub fn unknown_word(given: &str, accepted: &[&str]) -> Words {
    let (given, accepted) = (shortened(given), accepted.join(", "));
    words!(
        "must be one of {accepted}; got \"{given}\"",
        "debe ser uno de {accepted}; se recibió \"{given}\"",
        "deve ser um de {accepted}; foi recebido \"{given}\"",
    )
}

/// The beginning of a text that a message repeats.
#[must_use]
pub fn shortened(text: &str) -> String {
    const CHARACTERS_MAX: usize = 40;
    let visible: String = text
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    if visible.chars().count() <= CHARACTERS_MAX {
        return visible;
    }
    visible.chars().take(CHARACTERS_MAX).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_names_the_ends_it_has() {
        assert_eq!(
            out_of_range(-3.5, 0.0, 1e13).en,
            "must be from 0 to 10000000000000, got -3.5"
        );
        assert_eq!(
            out_of_range(1e300, f64::MIN, 2.0).en,
            "must be at most 2, got 1e300"
        );
        assert_eq!(
            out_of_whole_range(0, 1, i64::MAX).es,
            "debe ser como mínimo 1; se recibió 0"
        );
        assert_eq!(
            out_of_whole_range(i64::MAX, 2, 10).pt,
            "deve estar entre 2 e 10; foi recebido 9223372036854775807 ou mais"
        );
    }

    #[test]
    fn texts_of_a_client_are_repeated_short_and_without_control_characters() {
        assert_eq!(shortened("a\nb"), "a\u{fffd}b");
        assert_eq!(shortened(&"é".repeat(40)), "é".repeat(40));
        assert_eq!(shortened(&"é".repeat(41)), format!("{}…", "é".repeat(40)));
    }
}
