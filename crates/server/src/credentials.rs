//! Who sends a request, and what they may call.
//!
//! A non-empty admin header decides alone; else the tenant's credentials; else the anonymous tenant; else nobody.
//! A credential that is sent and wrong is refused in every mode, and nothing tells which half was wrong.

use axum::response::{IntoResponse, Response};
use clientela_analyses::{AnyAnalysis, words};
use clientela_store::{Authentication, ModelOwner, Tenant};
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;

use crate::app::App;
use crate::problem::{Code, Problem};

pub const ADMIN_SECRET: &str = "x-admin-secret";
pub const TENANT_ID: &str = "x-customer-api-id";
pub const TENANT_SECRET: &str = "x-secret";
/// Reminds of a rotation that is due.
const SECRET_AGE: &str = "x-secret-age-days";

/// A secret this old should be rotated.
const REMINDER_FROM_DAYS: i64 = 90;

/// Whoever sent a request.
#[derive(Debug)]
pub enum Caller {
    /// Holds the admin secret.
    Admin,
    /// Holds a tenant's credentials, or counts as one without them.
    Tenant {
        tenant: Box<Tenant>,
        /// Age of the secret, where one was sent.
        secret_age_days: Option<i64>,
    },
    /// The built-in tenant of an open server.
    Open,
}

/// The first value that is not empty after trimming: some clients send empty headers.
fn sent<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a [u8]> {
    let mut values = headers.get_all(name).iter();
    values.find_map(|value| Some(value.as_bytes().trim_ascii()).filter(|bytes| !bytes.is_empty()))
}

/// Finds out who sends a request to an analysis.
///
/// # Errors
/// Where it is nobody, or the store does not answer.
pub async fn identify(app: &App, headers: &HeaderMap) -> Result<Caller, Problem> {
    if let Some(secret) = sent(headers, ADMIN_SECRET) {
        return admin(app, secret);
    }
    if let Some(caller) = tenant(app, headers).await? {
        return Ok(caller);
    }
    if app.config().open {
        return Ok(Caller::Open);
    }
    let Some(id) = app.anonymous_tenant() else {
        return Err(Problem::unauthorized());
    };
    Ok(Caller::Tenant {
        tenant: Box::new(app.store().get(id).await?),
        secret_age_days: None,
    })
}

/// Lets only the admin through. A tenant's right credentials are not enough, wrong ones are as wrong as anywhere.
///
/// # Errors
/// Where it is anybody else.
pub async fn require_admin(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    if let Some(secret) = sent(headers, ADMIN_SECRET) {
        return admin(app, secret).map(|_| ());
    }
    match tenant(app, headers).await? {
        Some(_) => Err(Problem::new(
            Code::AdminOnly,
            words!(
                "This route opens to the admin secret only.",
                "Esta ruta solo se abre con el secreto de administración.",
                "Esta rota só se abre com o segredo de administração.",
            ),
        )),
        None => Err(Problem::admin_unauthorized()),
    }
}

fn admin(app: &App, secret: &[u8]) -> Result<Caller, Problem> {
    let expected = app.config().admin_secret.as_ref();
    if expected.is_some_and(|expected| expected.matches(secret)) {
        Ok(Caller::Admin)
    } else {
        Err(Problem::admin_unauthorized())
    }
}

/// The tenant whose credentials were sent; `None` where none were. One half without the other is wrong.
async fn tenant(app: &App, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
    let (id, secret) = (sent(headers, TENANT_ID), sent(headers, TENANT_SECRET));
    if id.is_none() && secret.is_none() {
        return Ok(None);
    }
    let text =
        |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
    let (id, secret) = (text(id), text(secret));
    let found = app
        .store()
        .authenticate(&id, &secret, Timestamp::now())
        .await?;
    match found {
        Authentication::Accepted {
            tenant,
            secret_age_days,
            ..
        } => Ok(Some(Caller::Tenant {
            tenant,
            secret_age_days: Some(secret_age_days),
        })),
        Authentication::Rejected => Err(Problem::unauthorized()),
    }
}

impl Caller {
    /// Whether this caller may call anything.
    ///
    /// # Errors
    /// Where the tenant is disabled.
    pub fn may_enter(&self) -> Result<(), Problem> {
        match self {
            Self::Tenant { tenant, .. } if !tenant.enabled => Err(disabled()),
            _ => Ok(()),
        }
    }

    /// Whether this caller may call `analysis`.
    ///
    /// # Errors
    /// Where the tenant is disabled, or the route is not among its own.
    pub fn may_call(&self, analysis: &dyn AnyAnalysis) -> Result<(), Problem> {
        self.may_enter()?;
        let Self::Tenant { tenant, .. } = self else {
            return Ok(());
        };
        let mut entries = tenant.allowed_routes.iter();
        if entries.any(|entry| opens(entry, analysis.routes())) {
            Ok(())
        } else {
            Err(not_allowed(analysis.name()))
        }
    }

    /// Whose saved models this caller reads, writes and removes. The admin secret opens every route but stands for no
    /// tenant, so it has models of its own; so has the built-in tenant of an open server.
    pub fn owner(&self) -> ModelOwner {
        match self {
            Self::Tenant { tenant, .. } => ModelOwner::Tenant(tenant.customer_api_id),
            Self::Admin => ModelOwner::Operator,
            Self::Open => ModelOwner::Open,
        }
    }

    /// The age of the secret in days, once it is due for rotation.
    fn reminder(&self) -> Option<i64> {
        match self {
            Self::Tenant {
                secret_age_days: Some(days),
                ..
            } if *days >= REMINDER_FROM_DAYS => Some(*days),
            _ => None,
        }
    }

    /// Whatever came of this caller's request, with the reminder where one is due.
    pub fn answered(&self, outcome: Result<Response, Problem>) -> Response {
        let mut response = outcome.unwrap_or_else(IntoResponse::into_response);
        if let Some(days) = self.reminder() {
            response
                .headers_mut()
                .insert(SECRET_AGE, HeaderValue::from(days));
        }
        response
    }
}

/// Whether an entry of `allowed_routes` opens an analysis: by any of its names, bare or as either path.
fn opens(entry: &str, routes: &[&str]) -> bool {
    if entry == "*" {
        return true;
    }
    let name = entry
        .strip_prefix("/api/v1/ai/")
        .or_else(|| entry.strip_prefix("/api/"))
        .unwrap_or(entry);
    routes.contains(&name)
}

fn disabled() -> Problem {
    Problem::new(
        Code::TenantDisabled,
        words!(
            "This customer has been disabled by an administrator.",
            "Un administrador desactivó este cliente.",
            "Um administrador desativou este cliente.",
        ),
    )
}

fn not_allowed(route: &str) -> Problem {
    Problem::new(
        Code::RouteNotAllowed,
        words!(
            "This customer may not call {route}; ask an administrator to add it to allowed_routes.",
            "Este cliente no tiene permiso para llamar a {route}; pida a un administrador que la agregue a allowed_routes.",
            "Este cliente não tem permissão para chamar {route}; peça a um administrador que a adicione a allowed_routes.",
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_spellings_of_an_entry_are_equal_and_unknown_paths_match_nothing() {
        let routes = ["purchasing_segmentation", "customer_segmentation"];
        for (entry, expected) in [
            ("*", true),
            ("purchasing_segmentation", true),
            ("customer_segmentation", true),
            ("/api/purchasing_segmentation", true),
            ("/api/v1/ai/customer_segmentation", true),
            ("", false),
            ("/api/", false),
            ("/api/*", false),
            ("purchasing", false),
            ("/purchasing_segmentation", false),
            ("/v1/purchasing_segmentation", false),
            ("/api/v1/purchasing_segmentation", false),
            ("/api/nlp_analisys", false),
        ] {
            assert_eq!(opens(entry, &routes), expected, "{entry}");
        }
    }

    #[test]
    fn an_empty_header_counts_as_absent_and_values_are_trimmed() {
        let mut headers = HeaderMap::new();
        assert_eq!(sent(&headers, TENANT_SECRET), None);
        headers.append(TENANT_SECRET, "  ".parse().unwrap());
        assert_eq!(sent(&headers, TENANT_SECRET), None);
        headers.append(TENANT_SECRET, " s3 ".parse().unwrap());
        assert_eq!(sent(&headers, TENANT_SECRET), Some(&b"s3"[..]));
    }
}
