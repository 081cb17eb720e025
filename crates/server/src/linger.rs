//! Reads the rest of a body that was refused, before the answer goes out.
//!
//! A client that is still sending when the connection closes often sees a reset instead of the answer that told why. So
//! what remains of a body is read and thrown away, within limits, as long as the client did not ask before sending.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http::Version;
use http::header::EXPECT;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt as _;

/// More than this is not worth reading for the sake of a kind answer.
const BYTES_MAX: u64 = 64 << 20;
const PATIENCE: Duration = Duration::from_secs(5);

/// Bytes of a request's body that came in.
#[derive(Clone, Debug, Default)]
pub struct Received(Arc<Mutex<u64>>);

impl Received {
    pub fn bytes(&self) -> u64 {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn add(&self, n: usize) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += n as u64;
    }
}

/// A body of which the rest can still be read when its first reader is gone.
#[derive(Clone)]
struct Shared {
    body: Arc<Mutex<Body>>,
    received: Received,
}

impl HttpBody for Shared {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut body = self.body.lock().unwrap_or_else(PoisonError::into_inner);
        let polled = Pin::new(&mut *body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled {
            self.received.add(frame.data_ref().map_or(0, Bytes::len));
        }
        polled
    }
    fn is_end_stream(&self) -> bool {
        let body = self.body.lock().unwrap_or_else(PoisonError::into_inner);
        body.is_end_stream()
    }
    fn size_hint(&self) -> SizeHint {
        let body = self.body.lock().unwrap_or_else(PoisonError::into_inner);
        body.size_hint()
    }
}

/// Lets the inner layers answer, then reads what they left of the body.
pub async fn linger(request: Request, next: Next) -> Response {
    let received = request.extensions().get::<Received>().cloned();
    // The streams of HTTP/2 end one by one, so there an early answer arrives in any case.
    let is_sequential = request.version() <= Version::HTTP_11;
    let asked_first = request.headers().contains_key(EXPECT);
    let (head, body) = request.into_parts();
    let shared = Shared {
        body: Arc::new(Mutex::new(body)),
        received: received.unwrap_or_default(),
    };
    let request = Request::from_parts(head, Body::new(shared.clone()));
    let response = next.run(request).await;
    let will_send = !asked_first || shared.received.bytes() > 0;
    if is_sequential && will_send && !shared.is_end_stream() {
        let rest = discard(shared);
        // What can't be read in time stays unread; the answer goes out either way.
        let _ = tokio::time::timeout(PATIENCE, rest).await;
    }
    response
}

async fn discard(mut body: Shared) {
    let expected = body.size_hint().lower();
    if expected > BYTES_MAX {
        return;
    }
    while let Some(Ok(_)) = body.frame().await {
        if body.received.bytes() > BYTES_MAX {
            return;
        }
    }
}
