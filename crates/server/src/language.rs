//! Which language a request asks for outside its body.

use clientela_analyses::Language;
use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;

/// The language named by `?lang=`, else by `Accept-Language`. A value that names none of ours is passed over.
pub fn asked(query: Option<&str>, headers: &HeaderMap) -> Option<Language> {
    from_query(query.unwrap_or_default()).or_else(|| from_header(headers))
}

fn from_query(query: &str) -> Option<Language> {
    form_urlencoded::parse(query.as_bytes())
        .filter(|(key, _)| key == "lang")
        .find_map(|(_, tag)| Language::from_tag(&tag))
}

/// Of equal weights the first one counts; a weight of 0 excludes.
fn from_header(headers: &HeaderMap) -> Option<Language> {
    let mut best: Option<(Language, u16)> = None;
    for value in headers.get_all(ACCEPT_LANGUAGE) {
        for element in value.to_str().unwrap_or_default().split(',') {
            let (tag, weight) = weighted(element);
            let Some(language) = Language::from_tag(tag) else {
                continue;
            };
            if weight > best.map_or(0, |(_, weight)| weight) {
                best = Some((language, weight));
            }
        }
    }
    best.map(|(language, _)| language)
}

/// An element of a list such as `pt-BR;q=0.8`, and its weight in thousandths. A weight that is none counts as 1.
pub fn weighted(element: &str) -> (&str, u16) {
    let (name, parameters) = element.split_once(';').unwrap_or((element, ""));
    let weight = parameters.split(';').find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        key.trim()
            .eq_ignore_ascii_case("q")
            .then(|| thousandths(value.trim()))?
    });
    (name.trim(), weight.unwrap_or(1000))
}

/// A weight has at most three decimals (RFC 9110, section 12.4.2).
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let is_weight = matches!(whole, "0" | "1")
        && decimals.len() <= 3
        && decimals.bytes().all(|byte| byte.is_ascii_digit());
    let digits = format!("{whole}{decimals:0<3}");
    digits
        .parse()
        .ok()
        .filter(|&weight: &u16| is_weight && weight <= 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, header: &str, expected: Option<Language>) {
        let mut headers = HeaderMap::new();
        if !header.is_empty() {
            headers.insert(ACCEPT_LANGUAGE, header.parse().unwrap());
        }
        let found = asked(Some(query), &headers);
        assert_eq!(found, expected, "?{query}, Accept-Language: {header}");
    }

    #[test]
    fn the_query_comes_before_the_header_and_unknown_languages_are_passed_over() {
        use Language::{En, Es, Pt};
        check("", "", None);
        check("lang=es", "pt", Some(Es));
        check("a=1&lang=PT", "en", Some(Pt));
        check("lang=fr", "pt-BR", Some(Pt));
        check("lang=", "es-419", Some(Es));
        check("lang=fr&lang=es", "", Some(Es));
        check("lang=%70t", "", Some(Pt));
        check("", "fr, *;q=0.5", None);
        check("", "fr-FR,fr;q=0.9,en;q=0.8,pt;q=0.7", Some(En));
        check("", "en;q=0.2, es;q=0.3 , pt ; q=0.25", Some(Es));
        check("", "es;q=0, pt;q=0.001", Some(Pt));
        check("", "es;q=0", None);
        check("", "pt, es", Some(Pt));
        check("", "en;q=0.5, es;q=abc", Some(Es));
        check("", "en;q=0.9999, pt", Some(En));
    }
}
