//! Which form of an answer a request asks for.

use clientela_analyses::Format;
use http::HeaderMap;
use http::header::ACCEPT;

use crate::language::weighted;
use crate::problem::Problem;

/// The format named by `?format=`, else the one of `available` that `Accept` prefers.
///
/// # Errors
/// A problem that names the formats there are, where none is acceptable.
pub fn asked(
    query: Option<&str>,
    headers: &HeaderMap,
    available: &[Format],
) -> Result<Format, Problem> {
    let named = form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .find(|(key, _)| key == "format");
    let found = match named {
        Some((_, name)) => Format::from_name(&name).filter(|format| available.contains(format)),
        None => accepted(headers, available),
    };
    found.ok_or_else(|| Problem::format_not_available(available))
}

/// One element of `Accept`.
struct Range<'a> {
    kind: &'a str,
    subkind: &'a str,
    weight: u16,
}

impl Range<'_> {
    /// How exactly this range names `media_type`: 2 both halves, 1 the first, 0 anything; `None` if it doesn't.
    fn names(&self, media_type: &str) -> Option<u8> {
        let essence = media_type.split(';').next().unwrap_or_default();
        let (kind, subkind) = essence.split_once('/')?;
        match (self.kind, self.subkind) {
            ("*", "*") => Some(0),
            (own, "*") => own.eq_ignore_ascii_case(kind).then_some(1),
            (own, sub) => {
                (own.eq_ignore_ascii_case(kind) && sub.eq_ignore_ascii_case(subkind)).then_some(2)
            }
        }
    }
}

/// The preferred format: by weight, then by the place in the header, then by the order of `available`.
fn accepted(headers: &HeaderMap, available: &[Format]) -> Option<Format> {
    let values: Vec<&str> = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    let ranges: Vec<Range<'_>> = values
        .iter()
        .flat_map(|value| value.split(','))
        .filter_map(range)
        .collect();
    if ranges.is_empty() {
        return available.first().copied();
    }
    let mut best: Option<(u16, usize, Format)> = None;
    for &format in available {
        let Some((weight, place)) = preference(&ranges, format) else {
            continue;
        };
        let is_better = best
            .is_none_or(|(other, before, _)| weight > other || (weight == other && place < before));
        if weight > 0 && is_better {
            best = Some((weight, place, format));
        }
    }
    best.map(|(_, _, format)| format)
}

fn range(element: &str) -> Option<Range<'_>> {
    let (name, weight) = weighted(element);
    let (kind, subkind) = name.split_once('/')?;
    Some(Range {
        kind,
        subkind,
        weight,
    })
}

/// Weight and place of the range that names `format` most exactly (RFC 9110, section 12.5.1).
fn preference(ranges: &[Range<'_>], format: Format) -> Option<(u16, usize)> {
    let media_type = format.media_type();
    let named = ranges.iter().enumerate().filter_map(|(place, range)| {
        let exactness = range.names(media_type)?;
        Some((exactness, std::cmp::Reverse(place), range.weight))
    });
    let (_, std::cmp::Reverse(place), weight) = named.max()?;
    Some((weight, place))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: [Format; 2] = [Format::Json, Format::Csv];

    fn check(query: &str, accept: &str, available: &[Format], expected: Option<Format>) {
        let mut headers = HeaderMap::new();
        if !accept.is_empty() {
            headers.insert(ACCEPT, accept.parse().unwrap());
        }
        let found = asked(Some(query), &headers, available).ok();
        assert_eq!(found, expected, "?{query}, Accept: {accept}");
    }

    #[test]
    fn json_is_what_an_undecided_client_gets() {
        for accept in [
            "",
            "*/*",
            "application/*",
            "application/json",
            "application/json; charset=utf-8",
            "application/json, text/plain, */*",
            "nonsense",
            "text/html, application/json;q=0.1",
        ] {
            check("", accept, &TABLE, Some(Format::Json));
        }
    }

    #[test]
    fn accept_chooses_by_weight_exactness_and_place() {
        let drawings = [Format::Json, Format::Sunburst, Format::Newick, Format::Svg];
        for (accept, available, expected) in [
            ("text/csv", &TABLE[..], Some(Format::Csv)),
            ("text/csv, */*", &TABLE[..], Some(Format::Csv)),
            ("text/csv;q=0.5, */*;q=0.4", &TABLE[..], Some(Format::Csv)),
            ("text/csv;q=0.1, */*;q=0.4", &TABLE[..], Some(Format::Json)),
            ("text/csv, application/json", &TABLE[..], Some(Format::Csv)),
            ("application/json;q=0, */*", &TABLE[..], Some(Format::Csv)),
            ("TEXT/*", &TABLE[..], Some(Format::Csv)),
            ("text/html", &TABLE[..], None),
            ("application/json;q=0", &TABLE[..], None),
            ("image/svg+xml", &TABLE[..], None),
            ("image/svg+xml", &drawings[..], Some(Format::Svg)),
            ("text/plain", &drawings[..], Some(Format::Newick)),
            ("application/json", &drawings[..], Some(Format::Json)),
        ] {
            check("", accept, available, expected);
        }
    }

    #[test]
    fn the_query_decides_before_accept() {
        check("format=csv", "application/json", &TABLE, Some(Format::Csv));
        check("format=", "text/csv", &TABLE, None);
        check("format=svg", "", &TABLE, None);
        check("format=pdf", "", &TABLE, None);
        check("format=json", "text/csv", &TABLE, Some(Format::Json));
    }
}
