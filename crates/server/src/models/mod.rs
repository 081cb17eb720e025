//! Saved models over HTTP: `/api/v1/models`, for whoever saved them.
//!
//! A tenant lists and removes its own whatever its `allowed_routes`: those say what may be computed, and what was
//! computed is the tenant's. An id that is unknown and one of another tenant are one answer.

mod shelf;
mod wire;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use clientela_analyses::ModelId;
use clientela_store::{ModelCard, ModelOwner, StoreError};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Uri};
use serde::Serialize;

use crate::app::App;
use crate::credentials;
use crate::problem::Problem;

pub use shelf::{of, save};
pub use wire::{Model, ModelList};

/// `GET /api/v1/models`
pub async fn list(State(app): State<App>, headers: HeaderMap) -> Response {
    for_owner(&app, &headers, async |owner| {
        let cards = app.store().models(owner).await?;
        let models = cards.into_iter().map(Model::from).collect();
        Ok(answer(&ModelList { models }))
    })
    .await
}

/// `GET /api/v1/models/{model_id}`
pub async fn get(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Response {
    for_owner(&app, &headers, async |owner| {
        told(app.store().model(owner, &id_of(&uri)?).await)
    })
    .await
}

/// `DELETE /api/v1/models/{model_id}`: the model is gone, and the answer tells what it was.
pub async fn delete(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Response {
    for_owner(&app, &headers, async |owner| {
        told(app.store().delete_model(owner, &id_of(&uri)?).await)
    })
    .await
}

/// Lets `act` answer for whoever sent the request. Body and media type are ignored.
async fn for_owner(
    app: &App,
    headers: &HeaderMap,
    act: impl AsyncFnOnce(ModelOwner) -> Result<Response, Problem>,
) -> Response {
    let caller = match credentials::identify(app, headers).await {
        Ok(caller) => caller,
        Err(problem) => return problem.into_response(),
    };
    let answered = match caller.may_enter() {
        Ok(()) => act(caller.owner()).await,
        Err(problem) => Err(problem),
    };
    caller.answered(answered)
}

/// The id in the path; what is no id at all names nobody's model.
fn id_of(uri: &Uri) -> Result<String, Problem> {
    let sent = uri.path().strip_prefix("/api/v1/models/");
    let id: Option<ModelId> = sent.and_then(|id| id.parse().ok());
    id.map(|id| id.to_string())
        .ok_or_else(Problem::model_not_found)
}

fn told(card: Result<ModelCard, StoreError>) -> Result<Response, Problem> {
    Ok(answer(&Model::from(card?)))
}

fn answer(value: &impl Serialize) -> Response {
    let body = serde_json::to_vec(value).expect("text keys only");
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
