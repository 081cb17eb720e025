//! Every address, and the layers that all requests pass.

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use clientela_analyses::words;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::SizeAbove;

use crate::analyze::analyze;
use crate::app::App;
use crate::cors::cors;
use crate::linger::linger;
use crate::observe::observe;
use crate::problem::{Code, Problem, say_problems};
use crate::{admin, local, models, pages, service};

/// Shorter answers fit into one packet anyway.
const COMPRESS_FROM_BYTES: u64 = 1024;
/// The address carries two short options.
const URI_BYTES_MAX: usize = 8 << 10;

/// The whole server as a service: call it with requests, or let [`crate::serve`] put it on a socket.
pub fn router(app: App) -> Router {
    let compression = CompressionLayer::new().compress_when(SizeAbove::new(COMPRESS_FROM_BYTES));
    // The last layer is the outermost one.
    analyses(&app)
        .merge(admin_routes())
        .merge(model_routes())
        .merge(service_routes())
        .fallback(service::not_found)
        .method_not_allowed_fallback(service::other_method)
        .layer(from_fn_with_state(app.clone(), gate))
        .layer(from_fn(linger))
        .layer(from_fn(say_problems))
        .layer(compression)
        .layer(from_fn_with_state(app.clone(), cors))
        .layer(from_fn_with_state(app.clone(), observe))
        .with_state(app)
}

/// Both addresses of every name of every analysis lead to the one handler.
fn analyses(app: &App) -> Router<App> {
    let mut router = Router::new();
    for &analysis in app.analyses() {
        for route in analysis.routes() {
            for path in [format!("/api/v1/ai/{route}"), format!("/api/{route}")] {
                let handler =
                    move |State(app): State<App>, request: Request| analyze(app, analysis, request);
                router = router.route(&path, post(handler));
            }
        }
    }
    router
}

fn admin_routes() -> Router<App> {
    let one = get(admin::get).put(admin::update).delete(admin::disable);
    Router::new()
        .route("/admin/customers", get(admin::list).post(admin::create))
        .route("/admin/customers/{id}", one)
        .route("/admin/customers/{id}/rotate", post(admin::rotate))
}

fn model_routes() -> Router<App> {
    let one = get(models::get).delete(models::delete);
    Router::new()
        .route("/api/v1/models", get(models::list))
        .route("/api/v1/models/{model_id}", one)
}

fn service_routes() -> Router<App> {
    Router::new()
        .route("/", get(service::start))
        .route("/health", get(service::health))
        .route("/ready", get(service::ready))
        .route("/metrics", get(service::metrics))
        .route("/openapi.json", get(service::openapi))
        .route("/docs", get(pages::index))
        .route("/docs/style.css", get(pages::style))
        .route("/docs/{page}", get(pages::page))
        .route("/problems", get(pages::problems))
        .route("/problems/{code}", get(pages::problem))
}

/// What is checked before an address is looked at.
async fn gate(State(app): State<App>, request: Request, next: Next) -> Response {
    match admitted(&app, &request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

fn admitted(app: &App, request: &Request) -> Result<(), Problem> {
    if app.config().open {
        local::check(request)?;
    }
    let uri = request.uri();
    if uri.path().len() + uri.query().map_or(0, str::len) > URI_BYTES_MAX {
        return Err(Problem::new(
            Code::UriTooLong,
            words!(
                "The address has more than {URI_BYTES_MAX} bytes; options go into the body.",
                "La dirección tiene más de {URI_BYTES_MAX} bytes; las opciones van en el cuerpo.",
                "O endereço tem mais de {URI_BYTES_MAX} bytes; as opções vão no corpo.",
            ),
        ));
    }
    // Whoever watches the service must still see it while it ends.
    let is_watched = matches!(uri.path(), "/health" | "/ready" | "/metrics");
    if app.is_draining() && !is_watched {
        return Err(Problem::draining());
    }
    Ok(())
}
