use super::*;

fn wrong(path: &str, en: &str) -> WrongField {
    WrongField {
        path: path.to_owned(),
        messages: vec![Words {
            en: en.to_owned(),
            es: format!("{en} (es)"),
            pt: format!("{en} (pt)"),
        }],
    }
}

#[test]
fn the_detail_counts_the_fields_and_names_the_first() {
    let long = "k".repeat(300);
    let cases = [
        (
            vec![wrong("a.b", "is required")],
            "1 field is not valid, a.b: is required.",
        ),
        (
            vec![wrong("$", "must be an object.")],
            "The body as a whole is not valid: must be an object.",
        ),
        (
            vec![wrong("a", "is required"), wrong("b", "is odd")],
            "2 fields are not valid, the first is a: is required.",
        ),
        (
            vec![wrong(&long, "is odd")],
            &format!("1 field is not valid, {}…: is odd.", &long[..120]),
        ),
        (Vec::new(), "The request is not valid."),
    ];
    for (fields, expected) in cases {
        let total = fields.len();
        assert_eq!(invalid_detail(&fields, total).en, expected);
    }
}

#[test]
fn every_code_is_listed_once_with_words_in_every_language() {
    let entries = catalogue();
    let statuses: Vec<u16> = entries.iter().map(|entry| entry.statuses[0]).collect();
    assert!(statuses.is_sorted(), "{statuses:?}");
    let mut codes: Vec<&str> = entries.iter().map(|entry| entry.code).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), entries.len());
    for entry in entries {
        for words in [&entry.title, &entry.remedy] {
            assert!(words.en != words.es && words.es != words.pt, "{words:?}");
            assert!(Language::ALL.iter().all(|&l| words.say(l).len() > 5));
        }
    }
}

#[test]
fn the_published_exceptions_differ_by_status_alone() {
    let say = |class| {
        let fields = vec![wrong("data[0].answer", "must be from 0 to 10, got 11")];
        Problem::invalid(class, fields, 1)
    };
    let ordinary = say(InvalidClass::Values);
    let exception = say(InvalidClass::PublishedException);
    assert_eq!(ordinary.0.status, 422);
    assert_eq!(exception.0.status, 400);
    assert_eq!(ordinary.0.code, exception.0.code);
}
