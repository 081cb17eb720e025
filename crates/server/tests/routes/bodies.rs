//! What can be wrong with a body before its values are looked at.

use std::io::Write as _;

use axum::body::Body;
use clientela_server::ServerConfig;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use super::support::*;

const MIB: usize = 1 << 20;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// `n` MiB of zeros, gzipped piece by piece.
fn bomb(n: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let piece = vec![b' '; MIB];
    for _ in 0..n {
        encoder.write_all(&piece).unwrap();
    }
    encoder.finish().unwrap()
}

async fn compressed(coding: &str, bytes: &[u8]) -> Vec<u8> {
    use async_compression::tokio::bufread::{BrotliEncoder, ZstdEncoder};
    use tokio::io::AsyncReadExt as _;
    let mut packed = Vec::new();
    match coding {
        "gzip" => packed = gzip(bytes),
        "br" => drop(BrotliEncoder::new(bytes).read_to_end(&mut packed).await),
        _ => drop(ZstdEncoder::new(bytes).read_to_end(&mut packed).await),
    }
    packed
}

#[tokio::test]
async fn a_missing_content_type_counts_as_json() {
    let server = Server::usual().await;
    let mut request = post(RFM, RFM_BODY).admin();
    request.headers_mut().remove("content-type");
    server.send(request).await.ok();
    for media_type in [
        "application/json; charset=utf-8",
        "application/vnd.x+json",
        " ",
    ] {
        let request = post(RFM, RFM_BODY).admin();
        let answer = server.send(request.with("content-type", media_type)).await;
        answer.ok();
    }
}

#[tokio::test]
async fn a_form_is_415_with_the_remedy_for_curl() {
    let server = Server::usual().await;
    let form = "application/x-www-form-urlencoded";
    for language in ["en", "es", "pt"] {
        let request = post(&format!("{RFM}?lang={language}"), RFM_BODY).admin();
        let answer = server.send(request.with("content-type", form)).await;
        let problem = answer.problem(415, "unsupported-media-type");
        let detail = problem["detail"].as_str().unwrap();
        assert!(
            detail.contains("-H 'Content-Type: application/json'"),
            "{detail}"
        );
    }
    let request = post(RFM, RFM_BODY).admin();
    let answer = server.send(request.with("content-type", "text/csv")).await;
    answer.problem(415, "unsupported-media-type");
}

#[tokio::test]
async fn compressed_bodies_are_read() {
    let server = Server::usual().await;
    let plain = server.send(post(RFM, RFM_BODY).admin()).await.ok();
    for coding in ["gzip", "br", "zstd"] {
        let body = compressed(coding, RFM_BODY.as_bytes()).await;
        let request = post(RFM, body).admin().with("content-encoding", coding);
        let answer = server.send(request).await.ok();
        assert_eq!(answer["customers"], plain["customers"], "{coding}");
        assert_eq!(
            answer["run"]["input_digest"], plain["run"]["input_digest"],
            "the digest is of the decoded body"
        );
    }
    // Two gzip members are one body.
    let (start, end) = RFM_BODY.as_bytes().split_at(50);
    let body = [gzip(start), gzip(end)].concat();
    let request = post(RFM, body).admin().with("content-encoding", "gzip");
    server.send(request).await.ok();
}

#[tokio::test]
async fn an_unknown_compression_is_415_and_a_broken_one_400() {
    let server = Server::usual().await;
    for coding in ["deflate", "gzip, br"] {
        let request = post(RFM, RFM_BODY).admin();
        let answer = server.send(request.with("content-encoding", coding)).await;
        answer.problem(415, "unsupported-content-encoding");
        assert_eq!(answer.header("accept-encoding"), "gzip, br, zstd, identity");
    }
    let whole = gzip(RFM_BODY.as_bytes());
    for body in [RFM_BODY.as_bytes(), &whole[..whole.len() / 2], &[]] {
        let request = post(RFM, body.to_vec()).admin();
        let answer = server.send(request.with("content-encoding", "gzip")).await;
        answer.problem(400, "unreadable-body");
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_413() {
    let server = Server::usual().await;
    let large = vec![b' '; 25_000_000];
    let announced = post(RFM, large.clone())
        .admin()
        .with("content-length", "25000000");
    let answer = server.send(announced).await;
    let problem = answer.problem(413, "body-too-large");
    assert!(problem["detail"].as_str().unwrap().contains("20 MiB"));

    let pieces = futures_util::stream::iter(
        large
            .chunks(MIB)
            .map(|piece| Ok::<_, std::io::Error>(piece.to_vec()))
            .collect::<Vec<_>>(),
    );
    let unannounced = post(RFM, Body::from_stream(pieces)).admin();
    let answer = server.send(unannounced).await;
    answer.problem(413, "body-too-large");
    server.send(post(RFM, RFM_BODY).admin()).await.ok();
}

#[tokio::test]
async fn the_limit_is_exact() {
    let exact = RFM_BODY.len();
    for (body_bytes_max, status) in [(exact, 200), (exact - 1, 413)] {
        let server = Server::new(ServerConfig {
            body_bytes_max,
            ..config()
        })
        .await;
        let plain = post(RFM, RFM_BODY).admin();
        assert_eq!(server.send(plain).await.status, status);
        let packed = post(RFM, gzip(RFM_BODY.as_bytes())).admin();
        let answer = server.send(packed.with("content-encoding", "gzip")).await;
        assert_eq!(answer.status, status);
    }
}

#[tokio::test]
async fn a_gzip_bomb_is_413_before_it_has_unfolded() {
    let server = Server::usual().await;
    let bomb = bomb(1024);
    assert!(bomb.len() < 2 * MIB);
    let began = std::time::Instant::now();
    let request = post(RFM, bomb).admin().with("content-encoding", "gzip");
    let answer = server.send(request).await;
    answer.problem(413, "body-too-large");
    assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
    server.send(post(RFM, RFM_BODY).admin()).await.ok();
}

#[tokio::test]
async fn a_zstd_window_that_claims_the_memory_is_refused() {
    // Magic number, a frame header with a 64 MiB window and no content size, one empty last block.
    let frame = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x80, 0x01, 0x00, 0x00];
    let server = Server::usual().await;
    let request = post(RFM, frame.to_vec()).admin();
    let answer = server.send(request.with("content-encoding", "zstd")).await;
    answer.problem(400, "unreadable-body");
}

#[tokio::test]
async fn what_is_not_json_is_400_and_says_where() {
    let server = Server::usual().await;
    let deep = format!(
        r#"{{"customers": {}{}}}"#,
        "[".repeat(5000),
        "]".repeat(5000)
    );
    for (body, said) in [
        ("", "empty"),
        ("{", "line 1"),
        ("{\"customers\": [\n1,,2]}", "line 2"),
        ("{'customers': []}", "line 1"),
        ("customers=1", "line 1"),
        ("{\"a\": NaN}", "line 1"),
        ("\u{0}\u{1}", "line 1"),
        (deep.as_str(), "64 levels"),
    ] {
        let answer = server.send(post(RFM, body.to_owned()).admin()).await;
        let problem = answer.problem(400, "not-json");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(said), "{detail}");
    }
    let latin = post(RFM, vec![b'{', b'"', 0xe9, b'"', b':', b'1', b'}']).admin();
    server.send(latin).await.problem(400, "not-json");
}

#[tokio::test]
async fn all_wrong_fields_come_together_with_paths_and_a_count() {
    let server = Server::usual().await;
    let body = r#"{"bins": 99, "bins_": 1, "customers": [
        {"customer_id": "A", "transactions": [{"date": "2025-02-30", "amount": "NaN"}]},
        {"customer_id": "A", "transactions": [{"date": "2025-02-20", "amount": 1e400}]},
        {"transactions": []}
    ]}"#;
    let answer = server.send(post(RFM, body).admin()).await;
    let problem = answer.problem(422, "invalid-input");
    let errors = problem["errors"].as_object().unwrap();
    assert_eq!(problem["errors_total"], errors.len());
    for path in [
        "bins",
        "customers[0].transactions[0].date",
        "customers[0].transactions[0].amount",
        "customers[1].customer_id",
        "customers[1].transactions[0].amount",
        "customers[2].customer_id",
        "customers[2].transactions",
    ] {
        let messages = errors[path].as_array().unwrap();
        assert!(!messages.is_empty() && messages.iter().all(Value::is_string));
    }
    let detail = problem["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("7 fields are not valid, the first is bins: "),
        "{detail}"
    );
}

#[tokio::test]
async fn at_most_100_paths_are_named_and_all_are_counted() {
    let server = Server::usual().await;
    let row = r#"{"customer_id": true, "transactions": [{"date": "2025-02-20", "amount": 1}]}"#;
    let body = format!(r#"{{"customers": [{}]}}"#, vec![row; 250].join(","));
    let answer = server.send(post(RFM, body).admin()).await;
    let problem = answer.problem(422, "invalid-input");
    assert_eq!(problem["errors"].as_object().unwrap().len(), 100);
    assert_eq!(problem["errors_total"], 250);
}

#[tokio::test]
async fn large_answers_are_compressed_for_those_who_ask() {
    let server = Server::usual().await;
    let row = |i: usize| {
        format!(
            r#"{{"customer_id": {i}, "transactions": [{{"date": "2025-02-20", "amount": 1}}]}}"#
        )
    };
    let rows: Vec<String> = (0..50).map(row).collect();
    let body = format!(
        r#"{{"today": "2025-03-01", "customers": [{}]}}"#,
        rows.join(",")
    );
    for (accepted, coding) in [("gzip", "gzip"), ("br", "br"), ("zstd", "zstd"), ("", "")] {
        let request = post(RFM, body.clone()).admin();
        let answer = server.send(request.with("accept-encoding", accepted)).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-encoding"), coding);
    }
    let small = server
        .send(get("/health").with("accept-encoding", "gzip"))
        .await;
    assert_eq!(small.header("content-encoding"), "");
}

#[tokio::test]
async fn an_address_of_many_bytes_is_414() {
    let server = Server::usual().await;
    let uri = format!("{RFM}?lang={}", "x".repeat(9000));
    let answer = server.send(post(&uri, RFM_BODY).admin()).await;
    answer.problem(414, "uri-too-long");
}
