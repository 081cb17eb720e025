//! What only a real connection shows: early answers to large bodies, clients that leave, an orderly end.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use clientela_server::{ServeError, ServerConfig, bind};
use clientela_store::Store;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::support::*;

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

async fn start(config: ServerConfig) -> Running {
    let store = Store::in_memory().await.unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let config = ServerConfig {
        listen: "127.0.0.1:0".parse().unwrap(),
        ..config
    };
    let server = bind(config, store).await.unwrap();
    let address = server.address();
    let ended = tokio::spawn(server.serve(async { drop(stopped.await) }));
    Running {
        address,
        stop,
        ended,
    }
}

impl Running {
    async fn end(self) {
        self.stop.send(()).unwrap();
        let ended = tokio::time::timeout(Duration::from_secs(10), self.ended).await;
        ended.expect("an end").unwrap();
    }

    async fn send(&self, head: &str, body: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        // Many clients give up when they can't send everything, and never look for the answer.
        stream.write_all(body).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }
}

fn head(path: &str, length: usize, more: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n{more}\r\n"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_sends_too_much_still_gets_its_answer() {
    let server = start(config()).await;
    let large = vec![b' '; 25_000_000];
    let admin = format!("x-admin-secret: {ADMIN}\r\n");
    for (path, more, status) in [
        (RFM, &*admin, "413"),
        (RFM, "x-secret: wrong\r\n", "401"),
        (RFM, "", "401"),
        ("/nothing", "", "404"),
    ] {
        let answer = server.send(&head(path, large.len(), more), &large).await;
        let expected = format!("HTTP/1.1 {status} ");
        assert!(
            answer.starts_with(&expected),
            "{}",
            &answer[..60.min(answer.len())]
        );
        assert!(answer.contains("request_id"));
    }
    let answer = server
        .send(&head(RFM, RFM_BODY.len(), &admin), RFM_BODY.as_bytes())
        .await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    server.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_before_sending_is_told_before_sending() {
    let server = start(config()).await;
    let began = Instant::now();
    let head = head(RFM, 25_000_000, "expect: 100-continue\r\n");
    let answer = server.send(&head, b"").await;
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    assert!(began.elapsed() < Duration::from_secs(2));
    server.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_leaves_stops_its_analysis() {
    // `serve` offers only the real analyses, so this one is put on a socket by hand.
    let server = Server::misbehaving(config()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = server.router.clone();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let figures = || async { server.send(get("/metrics")).await.text() };
    let is_running = || async {
        let text = figures().await;
        text.contains("\nclientela_analyses_running 1\n")
    };

    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = head("/api/slow", 4, "") + "null";
    stream.write_all(request.as_bytes()).await.unwrap();
    let sent = Instant::now();
    while !is_running().await {
        assert!(sent.elapsed() < Duration::from_secs(5), "never began");
    }
    drop(stream);
    let left = Instant::now();
    while is_running().await {
        assert!(left.elapsed() < Duration::from_secs(5), "never stopped");
    }
    let counted = "clientela_requests_total{route=\"slow\",status=\"client_left\"} 1\n";
    assert!(figures().await.contains(counted), "{}", figures().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_does_not_arrive_is_408() {
    let server = start(ServerConfig {
        deadline: Duration::from_millis(100),
        ..config()
    })
    .await;
    let admin = format!("x-admin-secret: {ADMIN}\r\n");
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let request = head(RFM, 100, &admin) + "{";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
    drop(stream);
    server.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_without_end_are_refused() {
    let server = start(config()).await;
    let more = format!("x-filler: {}\r\n", "x".repeat(100_000));
    let answer = server.send(&head(RFM, 0, &more), b"").await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    let answer = server.send("nonsense\r\n\r\n", b"").await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    server.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_server_ends_at_once_and_leaves_its_address() {
    let server = start(config()).await;
    let address = server.address;
    let idle = TcpStream::connect(address).await.unwrap();
    let began = Instant::now();
    server.end().await;
    assert!(began.elapsed() < Duration::from_secs(4));
    drop(idle);
    TcpListener::bind(address).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_request_ends_well_while_new_ones_are_turned_away() {
    let server = start(config()).await;
    let admin = format!("x-admin-secret: {ADMIN}\r\n");
    let mut slow = TcpStream::connect(server.address).await.unwrap();
    let begun = head(RFM, RFM_BODY.len(), &admin) + &RFM_BODY[..40];
    slow.write_all(begun.as_bytes()).await.unwrap();
    // The request has begun when the server waits for the rest of its body.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let Running {
        address,
        stop,
        ended,
    } = server;
    stop.send(()).unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;

    let mut late = TcpStream::connect(address).await.unwrap();
    let request = head(RFM, RFM_BODY.len(), &admin) + RFM_BODY;
    late.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    late.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains("retry-after: "), "{answer}");

    slow.write_all(&RFM_BODY.as_bytes()[40..]).await.unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let ended = tokio::time::timeout(Duration::from_secs(10), ended).await;
    ended.expect("an end").unwrap();
}

#[tokio::test]
async fn an_address_in_use_is_told() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = ServerConfig {
        listen: taken.local_addr().unwrap(),
        ..config()
    };
    let store = Store::in_memory().await.unwrap();
    let outcome = bind(config, store).await.map(|_| ());
    let Err(ServeError::Listen { source, .. }) = outcome else {
        panic!("listened on a taken address");
    };
    assert_eq!(source.kind(), std::io::ErrorKind::AddrInUse);
}
