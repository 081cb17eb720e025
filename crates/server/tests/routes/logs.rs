//! One line per request, and nothing in it that is the client's.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use clientela_store::NewTenant;
use clientela_test_support::recall::RECALL;
use serde_json::Value;
use tracing::subscriber::DefaultGuard;

use super::support::*;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Catches what this thread logs while the guard lives; the router runs on the thread of its test.
    fn catch() -> (Self, DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_max_level(tracing::Level::TRACE)
            .with_writer(move || writer.clone())
            .finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// The lines of the server itself, at the levels that are on by default.
    fn lines(&self) -> Vec<Value> {
        let lines = self.text();
        let lines = lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        lines
            .filter(|line: &Value| {
                let is_ours = line["target"].as_str().unwrap().starts_with("clientela");
                is_ours && (line["level"] == "INFO" || line["level"] == "ERROR")
            })
            .collect()
    }
}

#[tokio::test]
async fn a_request_is_one_line_without_anything_of_the_client() {
    let server = Server::usual().await;
    let tenant = server.tenant(NewTenant::default()).await;
    let (log, guard) = Log::catch();
    let uri = format!("{RFM}?lang=es&secret=in-the-query");
    let request = post(&uri, RFM_BODY.replace("\"A\"", "\"customer-of-theirs\""));
    let request = request.credentials(&tenant).with("x-request-id", "id-7");
    let answer = server.send(request).await;
    answer.ok();
    let n_out = answer.body.len();
    drop(answer);
    drop(guard);

    let lines = log.lines();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    let line = &lines[0];
    assert_eq!(line["message"], "request answered");
    assert_eq!(line["request_id"], "id-7");
    assert_eq!(line["method"], "POST");
    assert_eq!(line["route"], "customer_rfm");
    assert_eq!(line["status"], 200);
    assert_eq!(
        line["bytes_in"],
        RFM_BODY.len() + "customer-of-theirs".len() - 1
    );
    assert_eq!(line["bytes_out"], n_out);
    assert!(line["duration_ms"].as_f64().unwrap() > 0.0);
    let own: Vec<String> = log.lines().iter().map(ToString::to_string).collect();
    for private in [
        &*tenant.id,
        &tenant.secret,
        "customer-of-theirs",
        "in-the-query",
        "120.5",
    ] {
        assert!(!own.concat().contains(private), "{private}");
    }
}

#[tokio::test]
async fn models_are_logged_without_their_names_and_contents() {
    let server = Server::with(config(), RECALL).await;
    let tenant = server.tenant(NewTenant::default()).await;
    let (log, guard) = Log::catch();
    let body = r#"{"values": [123456.5], "save_model": true}"#;
    let saved = server.send(post("/api/recall", body).credentials(&tenant));
    let id = saved.await.ok()["model_id"].as_str().unwrap().to_owned();
    let uri = format!("/api/v1/models/{id}");
    for request in [get("/api/v1/models"), get(&uri), get(&uri)] {
        server.send(request.credentials(&tenant)).await.ok();
    }
    drop(guard);

    let lines = log.lines();
    let routes: Vec<&str> = lines
        .iter()
        .map(|line| line["route"].as_str().unwrap())
        .collect();
    assert_eq!(routes, ["recall", "models", "models", "models"]);
    let own: Vec<String> = lines.iter().map(ToString::to_string).collect();
    for private in [&*id, "123456", &*tenant.id] {
        assert!(!own.concat().contains(private), "{private}");
    }
}

#[tokio::test]
async fn the_cause_of_a_fault_is_logged_once_under_the_id_of_the_answer() {
    let server = Server::misbehaving(config()).await;
    for (route, cause) in [
        ("panicking", "panicked: a state that cannot be at "),
        ("faulty", "the inner cause"),
    ] {
        let (log, guard) = Log::catch();
        let answer = server.send(post(&format!("/api/{route}"), "{}")).await;
        let problem = answer.problem(500, "internal");
        drop(guard);
        let errors: Vec<Value> = log
            .lines()
            .into_iter()
            .filter(|line| line["level"] == "ERROR")
            .collect();
        assert_eq!(errors.len(), 1, "{errors:#?}");
        assert_eq!(errors[0]["request_id"], problem["request_id"]);
        assert!(errors[0]["cause"].as_str().unwrap().starts_with(cause));
    }
}
