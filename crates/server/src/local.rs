//! An open server answers this machine only: without credentials, a web page from elsewhere must not reach it, neither
//! directly (its `Origin` tells) nor by a name of its own that resolves to loopback (its `Host` tells).

use clientela_analyses::words;
use std::net::{Ipv4Addr, Ipv6Addr};

use axum::extract::Request;
use http::header::{HOST, ORIGIN};

use crate::problem::{Code, Problem};

/// # Errors
/// Where `request` names another host, or comes from a page of another host.
pub fn check(request: &Request) -> Result<(), Problem> {
    let headers = request.headers();
    let host = match headers.get(HOST) {
        Some(host) => host.to_str().ok(),
        None => request.uri().authority().map(http::uri::Authority::as_str),
    };
    let origin_is_local = headers
        .get(ORIGIN)
        .is_none_or(|origin| origin.to_str().is_ok_and(is_local_origin));
    if host.is_some_and(is_local_host) && origin_is_local {
        Ok(())
    } else {
        Err(not_local())
    }
}

/// Whether an origin such as `http://localhost:3000` is on this machine.
pub fn is_local_origin(origin: &str) -> bool {
    let host = origin
        .strip_prefix("http://")
        .or_else(|| origin.strip_prefix("https://"));
    host.is_some_and(is_local_host)
}

/// Whether a host with or without a port is a loopback one.
fn is_local_host(host: &str) -> bool {
    if let Some(rest) = host.strip_prefix('[') {
        let Some((address, port)) = rest.split_once(']') else {
            return false;
        };
        return address.parse() == Ok(Ipv6Addr::LOCALHOST) && is_port_or_nothing(port);
    }
    let end = host.find(':').unwrap_or(host.len());
    let (name, port) = host.split_at(end);
    let is_loopback = name.eq_ignore_ascii_case("localhost")
        || name
            .parse()
            .is_ok_and(|address: Ipv4Addr| address.is_loopback());
    is_loopback && is_port_or_nothing(port)
}

fn is_port_or_nothing(text: &str) -> bool {
    text.is_empty()
        || text
            .strip_prefix(':')
            .is_some_and(|port| port.parse::<u16>().is_ok())
}

fn not_local() -> Problem {
    Problem::new(
        Code::NotLocal,
        words!(
            "This server runs without credentials and answers only requests to localhost that no foreign web page makes.",
            "Este servidor funciona sin credenciales y solo responde a solicitudes dirigidas a localhost que no haga una página web ajena.",
            "Este servidor funciona sem credenciais e só responde a solicitações para localhost que não venham de uma página da web alheia.",
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_hosts_are_local() {
        for host in [
            "localhost",
            "LOCALHOST:8080",
            "127.0.0.1",
            "127.0.0.1:80",
            "127.255.1.2:65535",
            "[::1]",
            "[::1]:8080",
        ] {
            assert!(is_local_host(host), "{host}");
        }
        for host in [
            "",
            "localhost.example.com",
            "localhost:",
            "localhost:x",
            "localhost:80:80",
            "127.0.0.1.example.com",
            "128.0.0.1",
            "0.0.0.0",
            "[::]",
            "[::1",
            "[::1]x",
            "::1",
            "192.168.0.1:8080",
            "2130706433",
            "127.1",
        ] {
            assert!(!is_local_host(host), "{host}");
        }
    }

    #[test]
    fn only_pages_of_this_machine_are_local_origins() {
        for (origin, expected) in [
            ("http://localhost:3000", true),
            ("https://127.0.0.1", true),
            ("http://[::1]:5173", true),
            ("null", false),
            ("", false),
            ("localhost", false),
            ("file://localhost", false),
            ("https://example.com", false),
            ("http://localhost.example.com", false),
            ("http://localhost@example.com", false),
        ] {
            assert_eq!(is_local_origin(origin), expected, "{origin}");
        }
    }
}
