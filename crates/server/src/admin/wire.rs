//! The shapes of tenants on the wire.

use clientela_analyses::limits::ERRORS_MAX;
use clientela_analyses::wire::{Expected, Flag, messages};
use clientela_analyses::{InvalidClass, Words, words};
use clientela_store::{NewTenant, Rotation, Secret, Tenant, TenantId, TenantPatch};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::json::kind_of;
use crate::problem::{Problem, WrongField};

const NAME_CHARACTERS_MAX: usize = 200;
/// Published clients send the 45 addresses they know; this leaves room for many more.
const ROUTES_MAX: usize = 1000;
const ROUTE_BYTES_MAX: usize = 256;

/// What only answers carry: sent back, as a client does that changes an object it has read, it is no metadata.
const ANSWERED_ONLY: [&str; 4] = ["secret", "ts_create", "ts_update", "previous_valid_until"];

/// A customer of this service, whom the rest of the program calls a tenant.
#[derive(Serialize, JsonSchema)]
pub struct Customer {
    /// The public half of the credentials: a version 4 UUID.
    #[schemars(extend("format" = "uuid"))]
    customer_api_id: String,
    /// A name for people.
    name: Option<String>,
    /// Whether the credentials are accepted.
    enabled: bool,
    /// When it was created, RFC 3339 in UTC.
    #[schemars(extend("format" = "date-time"))]
    ts_create: String,
    /// When it was last changed, its secret included.
    #[schemars(extend("format" = "date-time"))]
    ts_update: String,
    /// Routes it may call: `*`, a route name, `/api/{route}` or `/api/v1/ai/{route}`.
    allowed_routes: Vec<String>,
    /// Further fields as they were sent.
    metadata: Map<String, Value>,
}

/// A customer with the secret that was just made.
#[derive(Serialize, JsonSchema)]
pub struct CreatedCustomer {
    #[serde(flatten)]
    customer: Customer,
    /// The secret half of the credentials, shown only here.
    secret: String,
}

/// A customer after a rotation.
#[derive(Serialize, JsonSchema)]
pub struct RotatedCustomer {
    #[serde(flatten)]
    customer: Customer,
    /// The new secret, shown only here.
    secret: String,
    /// Until when the secret before it is still accepted.
    #[schemars(extend("format" = "date-time"))]
    previous_valid_until: String,
}

/// Customers, oldest first.
#[derive(Serialize, JsonSchema)]
pub struct Customers {
    /// The customers.
    pub customers: Vec<Customer>,
}

/// A customer to create. Everything is optional; further fields are kept as metadata.
#[derive(JsonSchema)]
#[schemars(extend("additionalProperties" = true))]
#[expect(dead_code, reason = "documents what `new_tenant` reads")]
pub struct NewCustomer {
    /// A name for people.
    #[schemars(length(max = 200))]
    name: Option<String>,
    /// An id of one's own choice; also `customerApiId`.
    #[schemars(extend("format" = "uuid"))]
    customer_api_id: Option<String>,
    /// Routes it may call; all by default. Also `allowedRoutes`.
    allowed_routes: Option<Vec<String>>,
    /// Whether it may call anything yet; yes by default.
    enabled: Option<Flag>,
}

/// What to change of a customer: only what is sent. Further fields are kept as metadata, `null` removes one.
#[derive(JsonSchema)]
#[schemars(extend("additionalProperties" = true))]
#[expect(dead_code, reason = "documents what `patch` reads")]
pub struct CustomerChange {
    /// A name for people.
    #[schemars(length(max = 200))]
    name: Option<String>,
    /// Routes it may call, in place of those before. Also `allowedRoutes`.
    allowed_routes: Option<Vec<String>>,
    /// `true` enables it again.
    enabled: Option<Flag>,
}

impl From<Tenant> for Customer {
    fn from(tenant: Tenant) -> Self {
        Self {
            customer_api_id: tenant.customer_api_id.to_string(),
            name: tenant.name,
            enabled: tenant.enabled,
            ts_create: tenant.ts_create.to_string(),
            ts_update: tenant.ts_update.to_string(),
            allowed_routes: tenant.allowed_routes,
            metadata: tenant.metadata,
        }
    }
}

impl CreatedCustomer {
    pub fn new(tenant: Tenant, secret: &Secret) -> Self {
        Self {
            customer: tenant.into(),
            secret: secret.expose().to_owned(),
        }
    }
}

impl From<Rotation> for RotatedCustomer {
    fn from(rotation: Rotation) -> Self {
        Self {
            customer: rotation.tenant.into(),
            secret: rotation.secret.expose().to_owned(),
            previous_valid_until: rotation.previous_valid_until.to_string(),
        }
    }
}

/// A tenant from the fields of a request.
///
/// # Errors
/// Where any field is wrong; all of them together.
pub fn new_tenant(object: Map<String, Value>) -> Result<NewTenant, Problem> {
    let mut fields = Fields::new(object);
    let customer_api_id = fields.tenant_id();
    let name = fields.name();
    let allowed_routes = fields.routes();
    let enabled = fields.enabled();
    let mut metadata = fields.finish()?;
    metadata.retain(|_, value| !value.is_null());
    let default = NewTenant::default();
    Ok(NewTenant {
        customer_api_id,
        name,
        enabled: enabled.unwrap_or(default.enabled),
        allowed_routes: allowed_routes.unwrap_or(default.allowed_routes),
        metadata,
    })
}

/// A change from the fields of a request to the tenant `id`.
///
/// # Errors
/// Where any field is wrong, or names another id; all of them together.
pub fn patch(object: Map<String, Value>, id: TenantId) -> Result<TenantPatch, Problem> {
    let mut fields = Fields::new(object);
    let sent_id = fields.tenant_id();
    let name = fields.name();
    let allowed_routes = fields.routes();
    let enabled = fields.enabled();
    if sent_id.is_some_and(|sent| sent != id) {
        fields.reject(
            "customer_api_id",
            words!(
                "cannot be changed",
                "no se puede cambiar",
                "não pode ser alterado"
            ),
        );
    }
    Ok(TenantPatch {
        name,
        enabled,
        allowed_routes,
        metadata: fields.finish()?,
    })
}

/// The fields of a request, taken out one by one; what remains is metadata.
struct Fields {
    object: Map<String, Value>,
    wrong: Vec<WrongField>,
}

impl Fields {
    fn new(object: Map<String, Value>) -> Self {
        Self {
            object,
            wrong: Vec::new(),
        }
    }

    fn reject(&mut self, path: impl Into<String>, message: Words) {
        self.wrong.push(WrongField::new(path, message));
    }

    fn wrong_type(&mut self, path: impl Into<String>, expected: Expected, value: &Value) {
        self.reject(path, messages::wrong_type(expected, kind_of(value)));
    }

    /// The field under either spelling; `null` is absent.
    fn take(&mut self, key: &str, camel: &str) -> Option<Value> {
        let own = self.object.shift_remove(key);
        let other = (camel != key)
            .then(|| self.object.shift_remove(camel))
            .flatten();
        if own.is_some() && other.is_some() {
            self.reject(
                camel,
                words!(
                    "is the same field as {key}; send one of them",
                    "es el mismo campo que {key}; envíe solo uno",
                    "é o mesmo campo que {key}; envie só um"
                ),
            );
        }
        own.or(other).filter(|value| !value.is_null())
    }

    fn tenant_id(&mut self) -> Option<TenantId> {
        let value = self.take("customer_api_id", "customerApiId")?;
        let Value::String(text) = &value else {
            self.wrong_type("customer_api_id", Expected::Text, &value);
            return None;
        };
        let id = text.parse().ok();
        if id.is_none() {
            self.reject(
                "customer_api_id",
                words!(
                    "must be a version 4 UUID such as 3f0a6c1e-9d52-4b7a-8c31-5e2f7d90ab46",
                    "debe ser un UUID de versión 4 como 3f0a6c1e-9d52-4b7a-8c31-5e2f7d90ab46",
                    "deve ser um UUID de versão 4 como 3f0a6c1e-9d52-4b7a-8c31-5e2f7d90ab46",
                ),
            );
        }
        id
    }

    fn name(&mut self) -> Option<String> {
        let value = self.take("name", "name")?;
        let Value::String(name) = value else {
            self.wrong_type("name", Expected::Text, &value);
            return None;
        };
        let n_characters = name.chars().count();
        if n_characters > NAME_CHARACTERS_MAX {
            self.reject(
                "name",
                words!(
                    "must have at most {NAME_CHARACTERS_MAX} characters, got {n_characters}",
                    "debe tener como máximo {NAME_CHARACTERS_MAX} caracteres; tiene {n_characters}",
                    "deve ter no máximo {NAME_CHARACTERS_MAX} caracteres; tem {n_characters}",
                ),
            );
        }
        Some(name)
    }

    fn enabled(&mut self) -> Option<bool> {
        let value = self.take("enabled", "enabled")?;
        let enabled = match value.as_f64() {
            Some(0.0) => Some(false),
            Some(1.0) => Some(true),
            _ => value.as_bool(),
        };
        if enabled.is_none() {
            self.wrong_type("enabled", Expected::Flag, &value);
        }
        enabled
    }

    fn routes(&mut self) -> Option<Vec<String>> {
        let value = self.take("allowed_routes", "allowedRoutes")?;
        let Value::Array(items) = value else {
            self.wrong_type("allowed_routes", Expected::Array, &value);
            return None;
        };
        if items.len() > ROUTES_MAX {
            let n_items = items.len();
            self.reject(
                "allowed_routes",
                words!(
                    "must have at most {ROUTES_MAX} entries, got {n_items}",
                    "debe tener como máximo {ROUTES_MAX} entradas; tiene {n_items}",
                    "deve ter no máximo {ROUTES_MAX} entradas; tem {n_items}",
                ),
            );
            return None;
        }
        let mut routes = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            let path = format!("allowed_routes[{index}]");
            match item {
                Value::String(route) if route.len() <= ROUTE_BYTES_MAX => routes.push(route),
                Value::String(route) => {
                    self.reject(path, messages::id_too_long(route.len(), ROUTE_BYTES_MAX));
                }
                other => self.wrong_type(path, Expected::Text, &other),
            }
        }
        Some(routes)
    }

    /// What remains as metadata. An object that is called `metadata` itself is what an answer showed before.
    fn finish(mut self) -> Result<Map<String, Value>, Problem> {
        for key in ANSWERED_ONLY {
            self.object.shift_remove(key);
        }
        match self.object.shift_remove("metadata") {
            None | Some(Value::Null) => {}
            Some(Value::Object(inner)) => self.object.extend(inner),
            Some(other) => {
                self.reject(
                    "metadata",
                    messages::wrong_type(Expected::Object, kind_of(&other)),
                );
            }
        }
        if self.wrong.is_empty() {
            return Ok(self.object);
        }
        let total = self.wrong.len();
        self.wrong.truncate(ERRORS_MAX);
        Err(Problem::invalid(InvalidClass::Values, self.wrong, total))
    }
}
