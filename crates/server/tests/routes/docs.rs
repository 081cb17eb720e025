//! `/docs` and `/problems`: pages that work offline.

use super::support::*;

/// A page that loads nothing from elsewhere and closes what it opens.
#[track_caller]
fn page(answer: &Answer) -> String {
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'self'"));
    let html = answer.text();
    assert!(html.starts_with("<!doctype html>\n<html lang=\""));
    for foreign in ["<script", "src=\"http", "@import", "<img", "style=\""] {
        assert!(!html.contains(foreign), "{foreign}");
    }
    for tag in ["main", "nav", "table", "figure", "pre", "ul", "div"] {
        let opened =
            html.matches(&format!("<{tag}>")).count() + html.matches(&format!("<{tag} ")).count();
        let closed = html.matches(&format!("</{tag}>")).count();
        assert_eq!(opened, closed, "{tag}");
    }
    html
}

#[tokio::test]
async fn every_analysis_has_a_page_that_the_index_leads_to() {
    let server = Server::usual().await;
    let index = page(&server.send(get("/docs")).await);
    for analysis in clientela_analyses::ALL {
        let name = analysis.name();
        assert!(index.contains(&format!("href=\"/docs/{name}\"")), "{name}");
        let html = page(&server.send(get(&format!("/docs/{name}"))).await);
        for expected in [
            &format!("<h1>{}</h1>", name.replace('_', "_<wbr>")),
            "id=\"request\"",
            "id=\"answer\"",
            "<code>run.engine_version</code>",
            &format!("/api/v1/ai/{name}"),
            &format!("clientela {}", name.replace('_', "-")),
            "aria-current=\"page\"",
        ] {
            let is_bare = expected.contains("engine_version") && !html.contains("run.");
            assert!(is_bare || html.contains(expected), "{name}: {expected}");
        }
    }
    let answer = server.send(get("/docs/no_such_page")).await;
    answer.problem(404, "not-found");
}

#[tokio::test]
async fn the_style_sheet_comes_from_here() {
    let server = Server::usual().await;
    let answer = server.send(get("/docs/style.css")).await;
    assert_eq!(answer.header("content-type"), "text/css; charset=utf-8");
    let style = answer.text();
    assert!(style.contains("prefers-color-scheme: dark"));
    assert!(!style.contains("url(") && !style.contains("@import"));
}

#[tokio::test]
async fn the_type_of_every_problem_leads_to_its_page() {
    let server = Server::usual().await;
    let index = page(&server.send(get("/problems")).await);
    for entry in clientela_server::catalogue() {
        assert!(index.contains(&format!("href=\"{}\"", entry.type_uri)));
        for (language, title) in [("en", &entry.title.en), ("es", &entry.title.es)] {
            let uri = format!("{}?lang={language}", entry.type_uri);
            let answer = server.send(get(&uri)).await;
            let html = page(&answer);
            assert_eq!(answer.header("content-language"), language);
            assert!(html.contains(&format!("<h1>{title}</h1>")), "{html}");
            assert!(html.contains(&format!("<html lang=\"{language}\">")));
            let statuses: Vec<String> = entry.statuses.iter().map(u16::to_string).collect();
            assert!(html.contains(&format!("HTTP {} ·", statuses.join(", "))));
        }
    }
    let answer = server.send(get("/problems/no-such-code")).await;
    answer.problem(404, "not-found");
}
