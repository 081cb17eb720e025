//! A running server: first start, credentials, shutdown.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

struct Server {
    child: Child,
    address: String,
    said: Vec<String>,
    data: PathBuf,
}

impl Server {
    /// Starts on a free port and waits until it says where.
    fn start(name: &str, arguments: &[&str]) -> Self {
        Self::start_in(fresh(name), arguments)
    }

    /// The same on a data directory with something in it.
    fn start_in(data: PathBuf, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_clientela"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(&data)
            .args(arguments)
            .env_remove("CLIENTELA_DATABASE_URL")
            .env_remove("CLIENTELA_ADMIN_SECRET")
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let mut said = Vec::new();
        let address = loop {
            let line = lines
                .next()
                .expect("the server says where it listens")
                .expect("UTF-8");
            let address = line
                .split_once("listens on http://")
                .map(|(_, rest)| rest.split(' ').next().unwrap_or(rest).to_owned());
            said.push(line);
            if let Some(address) = address {
                break address;
            }
        };
        // The pipe must be read on, or the server's log would fill it.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            address,
            said,
            data,
        }
    }

    /// Sends one request, returns status and everything else.
    fn request(&self, method: &str, path: &str, headers: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}",
            self.address
        )
        .expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let status = answer
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .expect("a status");
        (status, answer)
    }
}

/// Where a data directory may be made.
fn fresh(name: &str) -> PathBuf {
    let data = std::env::temp_dir().join(format!("clientela-serve-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&data);
    data
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.data);
    }
}

const NPS: &str = r#"{"data": [{"customer_id": 1, "answer": 9}]}"#;

#[test]
fn the_first_start_makes_a_tenant_whose_credentials_only_the_owner_can_read() {
    let data = fresh("first");
    let file = data.join("first-tenant.txt");
    fs::create_dir(&data).expect("a folder");
    fs::write(&file, "of an earlier store, for all to read").expect("a file");
    let server = Server::start_in(data, &[]);
    let said = server.said.join("\n");
    assert!(said.contains("first-tenant.txt"), "{said}");
    let line = fs::read_to_string(&file).expect("the credentials");
    assert_eq!(
        fs::metadata(&file).expect("a file").permissions().mode() & 0o777,
        0o600
    );
    assert!(
        line.starts_with(&format!("curl -s http://{}/", server.address)),
        "the line names the port that was taken: {line}"
    );
    let header = |name: &str| {
        let (_, rest) = line.split_once(&format!("{name}: ")).expect("a header");
        format!("{name}: {}\r\n", rest.split('\'').next().expect("a value"))
    };
    let (id, secret) = (header("X-Customer-Api-Id"), header("X-Secret"));
    assert!(!said.contains(secret.trim_end()), "the secret is not shown");
    assert_eq!(server.request("POST", "/api/v1/ai/nps", "", NPS).0, 401);
    let (status, answer) = server.request("POST", "/api/v1/ai/nps", &format!("{id}{secret}"), NPS);
    assert_eq!(status, 200, "{answer}");
}

/// Runs the program to its end: exit code, standard output, standard error.
fn outcome(arguments: &[&str], data: &Path) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_clientela"))
        .args(arguments)
        .arg("--data-dir")
        .arg(data)
        .env_remove("CLIENTELA_DATABASE_URL")
        .env_remove("CLIENTELA_ADMIN_SECRET")
        .output()
        .expect("the program runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, error) = (text(&output.stdout), text(&output.stderr));
    (output.status.code(), out, error)
}

#[test]
fn a_start_that_fails_makes_no_tenant_whose_secret_nobody_saw() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = listener.local_addr().expect("an address").to_string();
    for (name, listen, reason) in [
        ("taken", &*taken, "can't listen"),
        ("unwritten", "127.0.0.1:0", "can't be written"),
    ] {
        let data = fresh(name);
        if name == "unwritten" {
            fs::create_dir_all(data.join("first-tenant.txt")).expect("a folder in the way");
        }
        let (code, _, error) = outcome(&["serve", "--listen", listen], &data);
        assert_eq!(code, Some(2), "{name}: {error}");
        assert!(error.contains(reason), "{name}: {error}");
        let (_, listed, _) = outcome(&["tenant", "list", "--all"], &data);
        assert!(!listed.contains("first tenant"), "{name}: {listed}");
        fs::remove_dir_all(&data).expect("a folder");
    }
}

#[test]
fn open_serves_without_credentials_and_a_signal_ends_it() {
    let mut server = Server::start("open", &["--open"]);
    assert_eq!(server.request("POST", "/api/v1/ai/nps", "", NPS).0, 200);
    assert_eq!(server.request("GET", "/health", "", "").0, 200);
    let killed = Command::new("kill")
        .arg(server.child.id().to_string())
        .status()
        .expect("kill runs");
    assert!(killed.success());
    assert_eq!(server.child.wait().expect("it ends").code(), Some(0));
}
