//! Around every request: its id, one line in the log, its place in the figures. Never bodies, ids of customers, secrets.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use http_body::{Body as HttpBody, Frame, SizeHint};
use uuid::Uuid;

use crate::app::{App, InFlight};
use crate::linger::Received;
use crate::metrics::{Ended, RouteLabel};
use crate::problem::RequestId;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const ID_BYTES_MAX: usize = 128;

/// A request that runs. When it is dropped the request has ended: the answer is out, or the client has left.
struct Running {
    app: App,
    id: Arc<str>,
    method: Method,
    label: RouteLabel,
    began: Instant,
    received: Received,
    status: Option<StatusCode>,
    bytes_out: u64,
    _in_flight: InFlight,
}

impl Drop for Running {
    fn drop(&mut self) {
        let ended = Ended {
            label: self.label,
            status: self.status,
            took: self.began.elapsed(),
            bytes_in: self.received.bytes(),
            bytes_out: self.bytes_out,
        };
        let metrics = self.app.metrics();
        metrics.count(&ended);
        let (id, method, route) = (&*self.id, &self.method, metrics.name(self.label));
        let duration_ms = (ended.took.as_secs_f64() * 1e6).round() / 1e3;
        let (bytes_in, bytes_out) = (ended.bytes_in, ended.bytes_out);
        match self.status {
            Some(status) => {
                let status = status.as_u16();
                tracing::info!(request_id = id, %method, route, status, duration_ms, bytes_in, bytes_out, "request answered");
            }
            None => {
                tracing::info!(request_id = id, %method, route, duration_ms, bytes_in, bytes_out, "client left before the answer");
            }
        }
    }
}

/// Gives the request an id, and keeps the books until its answer is out.
pub async fn observe(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id = request_id(request.headers());
    let received = Received::default();
    let mut running = Running {
        id: Arc::clone(&id),
        method: request.method().clone(),
        label: app.metrics().label(request.uri().path(), app.analyses()),
        began: Instant::now(),
        received: received.clone(),
        status: None,
        bytes_out: 0,
        _in_flight: app.in_flight(),
        app,
    };
    request.extensions_mut().insert(RequestId(Arc::clone(&id)));
    request.extensions_mut().insert(received);

    let mut response = next.run(request).await;
    running.status = Some(response.status());
    let headers = response.headers_mut();
    let value = HeaderValue::from_str(&id).expect("an id is made of plain characters");
    headers.insert(REQUEST_ID, value);
    secure(headers);
    response.map(|body| Body::new(Watched { body, running }))
}

/// The client's own id where it is a plain word, else a new one.
fn request_id(headers: &HeaderMap) -> Arc<str> {
    let sent = headers
        .get(REQUEST_ID)
        .and_then(|value| value.to_str().ok())
        .map(str::trim);
    match sent {
        Some(id) if is_plain(id) => id.into(),
        _ => Uuid::new_v4().simple().to_string().into(),
    }
}

fn is_plain(id: &str) -> bool {
    (1..=ID_BYTES_MAX).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:+/=".contains(&byte))
}

/// What every answer tells a browser: take the media type as sent, load and run nothing, show it in no frame. Pages
/// bring a policy of their own.
fn secure(headers: &mut HeaderMap) {
    use http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        ));
}

/// The body of an answer, which ends the request when it is out.
struct Watched {
    body: Body,
    running: Running,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled {
            self.running.bytes_out += frame.data_ref().map_or(0, Bytes::len) as u64;
        }
        polled
    }
    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_ids_are_taken_over() {
        let answered = |sent: &str| {
            let headers = HeaderMap::from_iter([(REQUEST_ID, sent.parse().unwrap())]);
            request_id(&headers).to_string()
        };
        assert_eq!(answered("abc-1.2:3"), "abc-1.2:3");
        let long = "x".repeat(129);
        for odd in ["", "a b", "a\"b", "<id>", &long] {
            let made = answered(odd);
            assert_eq!(made.len(), 32, "{odd}");
            assert!(made.bytes().all(|byte| byte.is_ascii_hexdigit()), "{odd}");
        }
    }
}
