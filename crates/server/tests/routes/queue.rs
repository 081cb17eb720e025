//! Deadlines, the waiting line, faults.

use std::time::{Duration, Instant};

use clientela_server::ServerConfig;

use super::support::*;

#[tokio::test]
async fn an_analysis_over_its_deadline_is_504_and_the_server_goes_on() {
    let server = Server::misbehaving(ServerConfig {
        deadline: Duration::from_millis(100),
        cores: 1,
        waiting_max: 0,
        ..config()
    })
    .await;
    let began = Instant::now();
    let answer = server.send(post("/api/slow", "null")).await;
    answer.problem(504, "out-of-time");
    assert!(began.elapsed() < Duration::from_secs(2));
    // The only core and the only place are free again within 200 ms.
    let cores_are_free_after = Instant::now();
    loop {
        let answer = server.send(post("/api/echo", "{}")).await;
        if answer.status == 200 {
            break;
        }
        answer.problem(503, "overloaded");
        assert!(cores_are_free_after.elapsed() < Duration::from_millis(200));
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn a_full_line_is_503_with_a_time_to_come_back() {
    let server = Server::misbehaving(ServerConfig {
        cores: 1,
        waiting_max: 2,
        ..config()
    })
    .await;
    let began = Instant::now();
    let send = || server.send(post("/api/slow", "300"));
    let answers = tokio::join!(send(), send(), send(), send(), send());
    let answers = [answers.0, answers.1, answers.2, answers.3, answers.4];
    let (served, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|a| a.status == 200);
    assert_eq!(served.len(), 3);
    assert!(
        began.elapsed() >= Duration::from_millis(900),
        "one at a time"
    );
    for answer in refused {
        answer.problem(503, "overloaded");
        assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
    }
    server.send(post("/api/slow", "1")).await.ok();
}

#[tokio::test]
async fn running_and_waiting_requests_are_in_the_figures() {
    let server = Server::misbehaving(ServerConfig {
        cores: 1,
        waiting_max: 5,
        ..config()
    })
    .await;
    let send = || server.send(post("/api/slow", "200"));
    let look = async {
        tokio::time::sleep(Duration::from_millis(80)).await;
        server.send(get("/metrics")).await.text()
    };
    let (_, _, _, figures) = tokio::join!(send(), send(), send(), look);
    assert!(
        figures.contains("\nclientela_analyses_running 1\n"),
        "{figures}"
    );
    assert!(
        figures.contains("\nclientela_analyses_waiting 2\n"),
        "{figures}"
    );
    assert!(
        figures.contains("\nclientela_analyses_cores 1\n"),
        "{figures}"
    );
    let after = server.send(get("/metrics")).await.text();
    assert!(
        after.contains("\nclientela_analyses_running 0\n"),
        "{after}"
    );
    let counted = "clientela_requests_total{route=\"slow\",status=\"2xx\"} 3\n";
    assert!(after.contains(counted), "{after}");
}

#[tokio::test]
async fn a_panic_and_a_fault_are_500_with_an_id_and_without_the_cause() {
    let server = Server::misbehaving(config()).await;
    for route in ["panicking", "faulty"] {
        let uri = format!("/api/v1/ai/{route}");
        let answer = server.send(post(&uri, "{}")).await;
        let problem = answer.problem(500, "internal");
        assert!(!problem["request_id"].as_str().unwrap().is_empty());
        let said = answer.text();
        assert!(
            !said.contains("cannot be") && !said.contains("cause"),
            "{said}"
        );
    }
    server.send(post("/api/echo", "{}")).await.ok();
}
