//! Tenants over HTTP: `/admin/customers`, for the holder of the admin secret.

mod json;
mod wire;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use clientela_analyses::{InvalidClass, words};
use clientela_store::TenantId;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, StatusCode};
use jiff::Timestamp;
use serde::Serialize;

use crate::app::App;
use crate::body;
use crate::credentials;
use crate::problem::{Problem, WrongField};

pub use wire::{
    CreatedCustomer, Customer, CustomerChange, Customers, NewCustomer, RotatedCustomer,
};

/// A tenant with its metadata; far below the limit of the analyses.
pub const BODY_BYTES_MAX: usize = 256 << 10;

/// `GET /admin/customers`
pub async fn list(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    credentials::require_admin(&app, request.headers()).await?;
    let include_disabled = include_disabled(request.uri().query())?;
    let tenants = app.store().list(include_disabled).await?;
    let customers = tenants.into_iter().map(Customer::from).collect();
    Ok(answer(StatusCode::OK, &Customers { customers }))
}

/// `POST /admin/customers`
pub async fn create(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    let body = read(&app, request).await?;
    let new = wire::new_tenant(json::object(&body)?)?;
    let (tenant, secret) = app.store().create(new, Timestamp::now()).await?;
    let location = format!("/admin/customers/{}", tenant.customer_api_id);
    let mut response = answer(StatusCode::CREATED, &CreatedCustomer::new(tenant, &secret));
    let location = HeaderValue::try_from(location).expect("an id is plain");
    response.headers_mut().insert(LOCATION, location);
    Ok(response)
}

/// `GET /admin/customers/{id}`
pub async fn get(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    credentials::require_admin(&app, request.headers()).await?;
    let tenant = app.store().get(id_of(&request)?).await?;
    Ok(answer(StatusCode::OK, &Customer::from(tenant)))
}

/// `PUT /admin/customers/{id}`
pub async fn update(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    let id = id_of(&request);
    let body = read(&app, request).await?;
    let id = id?;
    let patch = wire::patch(json::object(&body)?, id)?;
    let tenant = app.store().update(id, patch, Timestamp::now()).await?;
    Ok(answer(StatusCode::OK, &Customer::from(tenant)))
}

/// `DELETE /admin/customers/{id}`
pub async fn disable(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    credentials::require_admin(&app, request.headers()).await?;
    let tenant = app
        .store()
        .disable(id_of(&request)?, Timestamp::now())
        .await?;
    Ok(answer(StatusCode::OK, &Customer::from(tenant)))
}

/// `POST /admin/customers/{id}/rotate`; there is nothing to say in a body, so none is read.
pub async fn rotate(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    credentials::require_admin(&app, request.headers()).await?;
    let keep_old_for = app.config().keep_old_secret_for;
    let store = app.store();
    let rotation = store
        .rotate(id_of(&request)?, keep_old_for, Timestamp::now())
        .await?;
    Ok(answer(StatusCode::OK, &RotatedCustomer::from(rotation)))
}

/// The id in the path; what is no id at all is nobody's.
fn id_of(request: &Request) -> Result<TenantId, Problem> {
    let rest = request.uri().path().strip_prefix("/admin/customers/");
    let id = rest.and_then(|rest| rest.split('/').next());
    id.and_then(|id| id.parse().ok())
        .ok_or_else(Problem::customer_not_found)
}

/// The checks of the contract up to the body, in their order.
async fn read(app: &App, request: Request) -> Result<Vec<u8>, Problem> {
    credentials::require_admin(app, request.headers()).await?;
    let announced = body::announced(request.headers())?;
    let bytes_max = app.config().body_bytes_max.min(BODY_BYTES_MAX);
    body::read(
        request.into_body(),
        announced,
        bytes_max,
        app.config().deadline,
    )
    .await
}

fn include_disabled(query: Option<&str>) -> Result<bool, Problem> {
    let sent = form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .find(|(key, _)| key == "include_disabled");
    match sent.as_ref().map(|(_, value)| value.as_ref()) {
        None | Some("false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(_) => {
            let message = words!(
                "must be true or false",
                "debe ser true o false",
                "deve ser true ou false"
            );
            let wrong = vec![WrongField::new("include_disabled", message)];
            Err(Problem::invalid(InvalidClass::Values, wrong, 1))
        }
    }
}

fn answer(status: StatusCode, value: &impl Serialize) -> Response {
    let body = serde_json::to_vec(value).expect("text keys only");
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
