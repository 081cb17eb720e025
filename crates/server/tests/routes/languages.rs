//! In which language answers and problems speak.

use super::support::*;

async fn spoken(server: &Server, query: &str, header: &str, body: &str) -> (String, String) {
    let uri = format!("{RFM}{query}");
    let request = post(&uri, body.to_owned()).admin();
    let answer = server.send(request.with("accept-language", header)).await;
    let text = match answer.status.as_u16() {
        200 => answer.json()["customers"][0]["interpretation"].clone(),
        _ => answer.json()["title"].clone(),
    };
    (
        answer.header("content-language").to_owned(),
        text.as_str().unwrap().to_owned(),
    )
}

#[tokio::test]
async fn query_then_header_then_body_then_english() {
    let server = Server::usual().await;
    let with_lang = |lang: &str| RFM_BODY.replacen('{', &format!(r#"{{"lang": "{lang}", "#), 1);
    for (query, header, body, expected) in [
        ("?lang=pt", "es", "en", "pt"),
        ("?lang=fr", "es", "pt", "es"),
        ("", "fr, *", "pt-BR", "pt"),
        ("", "en;q=0.1, es;q=0.9", "pt", "es"),
        ("", "", "de", "en"),
        ("", "*", "", "en"),
    ] {
        let (language, text) = spoken(&server, query, header, &with_lang(body)).await;
        assert_eq!(language, expected, "{query} {header} {body}");
        let (_, english) = spoken(&server, "?lang=en", "", RFM_BODY).await;
        assert_eq!(text == english, expected == "en", "{text}");
    }
}

#[tokio::test]
async fn problems_speak_the_language_asked_for_in_head_or_body() {
    let server = Server::usual().await;
    let invalid = r#"{"lang": "es", "customers": []}"#;
    let es = "Algunos campos no son válidos";
    let pt = "Alguns campos não são válidos";
    for (query, header, expected) in [("", "", es), ("", "pt", pt), ("?lang=pt", "es", pt)] {
        let (language, title) = spoken(&server, query, header, invalid).await;
        assert_eq!(title, expected);
        assert_eq!(language, if expected == es { "es" } else { "pt" });
    }
    let answer = server.send(get("/nothing?lang=pt")).await;
    let problem = answer.problem(404, "not-found");
    assert_eq!(problem["title"], "Não há nada aqui");
    assert_eq!(answer.header("content-language"), "pt");
    assert!(
        answer
            .headers
            .get_all("vary")
            .iter()
            .any(|v| v == "accept-language")
    );
}
