//! A server without a socket, and analyses that misbehave on purpose.

use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, Response, StatusCode};
use clientela_analyses::{AnyAnalysis, Context, Document, Failure, Format, Language};
use clientela_server::{AdminSecret, App, ServerConfig, router};
use clientela_store::{NewTenant, Store};
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::Value;
use tower::ServiceExt as _;

pub const ADMIN: &str = "an-admin-secret-of-more-than-32-characters";
pub const RFM: &str = "/api/v1/ai/customer_rfm";

/// A body that `customer_rfm` answers.
pub const RFM_BODY: &str = r#"{"today": "2025-04-24", "customers": [
    {"customer_id": "A", "transactions": [{"date": "2025-04-21", "amount": 120.5}]},
    {"customer_id": "B", "transactions": [{"date": "2025-01-05", "amount": 10}, {"date": "2025-02-05", "amount": 30}]}
]}"#;

pub struct Server {
    pub router: Router,
    pub app: App,
    pub store: Store,
}

/// An answer whose body has been read.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// A tenant's credentials.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub id: String,
    pub secret: String,
}

pub fn config() -> ServerConfig {
    ServerConfig {
        admin_secret: Some(AdminSecret::new(ADMIN).unwrap()),
        cores: 2,
        ..ServerConfig::default()
    }
}

pub fn open_config() -> ServerConfig {
    ServerConfig {
        open: true,
        ..config()
    }
}

impl Server {
    pub async fn new(config: ServerConfig) -> Self {
        Self::with(config, clientela_analyses::ALL).await
    }

    pub async fn with(config: ServerConfig, analyses: clientela_server::Analyses) -> Self {
        let store = Store::in_memory().await.unwrap();
        Self::on(config, analyses, store).await
    }

    pub async fn on(
        config: ServerConfig,
        analyses: clientela_server::Analyses,
        store: Store,
    ) -> Self {
        let app = App::with_analyses(config, store.clone(), analyses)
            .await
            .unwrap();
        Self {
            router: router(app.clone()),
            app,
            store,
        }
    }

    /// A server with credentials that knows every analysis.
    pub async fn usual() -> Self {
        Self::new(config()).await
    }

    /// A server on which the analyses of this file can be called without credentials.
    pub async fn misbehaving(config: ServerConfig) -> Self {
        let config = ServerConfig {
            open: true,
            ..config
        };
        Self::with(config, MISBEHAVING).await
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        Answer::read(response).await
    }

    pub async fn tenant(&self, new: NewTenant) -> Credentials {
        self.tenant_since(new, Timestamp::now()).await
    }

    pub async fn tenant_since(&self, new: NewTenant, since: Timestamp) -> Credentials {
        let (tenant, secret) = self.store.create(new, since).await.unwrap();
        Credentials {
            id: tenant.customer_api_id.to_string(),
            secret: secret.expose().to_owned(),
        }
    }
}

impl Answer {
    async fn read(response: Response<Body>) -> Self {
        let (head, body) = response.into_parts();
        Self {
            status: head.status,
            headers: head.headers,
            body: body.collect().await.unwrap().to_bytes(),
        }
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The problem of an answer with this status, checked for what every problem has.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["type"], format!("/problems/{code}"));
        assert_eq!(problem["status"], status);
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        for key in ["title", "detail"] {
            assert!(problem[key].as_str().unwrap().len() > 5, "{problem}");
        }
        assert_eq!(problem["errors"].is_object(), code == "invalid-input");
        problem
    }

    #[track_caller]
    pub fn ok(&self) -> Value {
        assert_eq!(self.status.as_u16(), 200, "{}", self.text());
        self.json()
    }
}

/// A request in the making.
pub fn request(method: &str, uri: &str) -> axum::http::request::Builder {
    Request::builder()
        .method(method)
        .uri(uri)
        .header("host", "localhost:8080")
}

pub fn get(uri: &str) -> Request<Body> {
    request("GET", uri).body(Body::empty()).unwrap()
}

pub fn post(uri: &str, body: impl Into<Body>) -> Request<Body> {
    request("POST", uri)
        .header("content-type", "application/json")
        .body(body.into())
        .unwrap()
}

pub trait With {
    fn with(self, name: &'static str, value: &str) -> Self;
    fn credentials(self, credentials: &Credentials) -> Self;
    fn admin(self) -> Self;
}

impl With for Request<Body> {
    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers_mut().insert(name, value.parse().unwrap());
        self
    }
    fn credentials(self, credentials: &Credentials) -> Self {
        self.with("x-customer-api-id", &credentials.id)
            .with("x-secret", &credentials.secret)
    }
    fn admin(self) -> Self {
        self.with("x-admin-secret", ADMIN)
    }
}

/// Far longer than any test waits for a stop, so that a missing one fails and doesn't hang.
const SLOW_MAX: u64 = 8_000;

/// Runs until it is stopped, or until its body's number of milliseconds has passed.
pub struct Slow;
/// Panics.
pub struct Panicking;
/// Has a fault of its own.
pub struct Faulty;
/// Answers its own body, as a drawing where asked.
pub struct Echo;

pub static MISBEHAVING: &[&dyn AnyAnalysis] = &[&Slow, &Panicking, &Faulty, &Echo];

fn document(body: &[u8], context: &Context) -> Document {
    Document {
        media_type: context.format.media_type(),
        body: body.to_vec(),
        language: context.language.unwrap_or(Language::En),
        run: (context.format != Format::Json).then(|| r#"{"n_rows":1}"#.to_owned()),
        n_warnings: 3,
        artifacts: Vec::new(),
        timings: vec![("read", Duration::from_micros(1500))],
    }
}

macro_rules! stand_in {
    ($name:ident, $routes:expr, |$body:ident, $context:ident| $run:expr) => {
        impl AnyAnalysis for $name {
            fn routes(&self) -> &'static [&'static str] {
                &$routes
            }
            fn summary(&self) -> &'static str {
                "A stand-in"
            }
            fn page(&self) -> &'static str {
                "# stand-in"
            }
            fn example(&self) -> &'static str {
                "{}"
            }
            fn formats(&self) -> Vec<Format> {
                vec![Format::Json, Format::Svg]
            }
            fn request_schema(&self, _: &mut SchemaGenerator) -> Schema {
                json_schema!({})
            }
            fn response_schema(&self, _: &mut SchemaGenerator) -> Schema {
                json_schema!({})
            }
            fn run(&self, $body: &[u8], $context: &Context) -> Result<Document, Failure> {
                $run
            }
            fn check(&self, _: &[u8], _: &Context) -> Result<(), Failure> {
                Ok(())
            }
        }
    };
}

stand_in!(Slow, ["slow"], |body, context| {
    let given: u64 = serde_json::from_slice(body).unwrap_or(SLOW_MAX);
    let began = Instant::now();
    while began.elapsed().as_millis() < u128::from(given) {
        if context.stop.poll().is_err() {
            return Err(Failure::OutOfTime);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(document(body, context))
});
stand_in!(Panicking, ["panicking"], |_body, _context| panic!(
    "a state that cannot be"
));
stand_in!(Faulty, ["faulty"], |_body, _context| Err(
    Failure::Internal {
        cause: "the inner cause".to_owned(),
    }
));
stand_in!(Echo, ["echo", "second_echo"], |body, context| Ok(document(
    body, context
)));
