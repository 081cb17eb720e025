//! The one translation from what went wrong to an answer (RFC 9457), and the only place that knows the statuses of errors.

mod catalogue;
mod render;

use std::time::Duration;

use clientela_analyses::{Failure, Format, InvalidClass, Language, Say, Violation, Words, words};
use clientela_store::{ModelLimits, StoreError};
use http::header::{ACCEPT_ENCODING, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, StatusCode};

pub use catalogue::{CatalogueEntry, Code, catalogue};
pub(crate) use render::{MEDIA_TYPE, RequestId, say_problems};

/// Why a request has no answer, not yet put into words of one language.
#[derive(Clone, Debug)]
pub(crate) struct Problem(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    code: Code,
    status: StatusCode,
    detail: Words,
    fields: Option<Fields>,
    available: Vec<&'static str>,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// The language that the body asked for, where the request was read that far.
    language: Option<Language>,
    /// For the log, never for the client.
    cause: Option<String>,
}

/// What is wrong with the fields of a request.
#[derive(Clone, Debug)]
struct Fields {
    wrong: Vec<WrongField>,
    total: usize,
}

/// One field, and what is wrong with it.
#[derive(Clone, Debug)]
pub(crate) struct WrongField {
    pub path: String,
    pub messages: Vec<Words>,
}

impl WrongField {
    /// One thing is wrong with the field at `path`.
    pub(crate) fn new(path: impl Into<String>, message: Words) -> Self {
        Self {
            path: path.into(),
            messages: vec![message],
        }
    }
}

impl From<Violation> for WrongField {
    fn from(violation: Violation) -> Self {
        Self {
            path: violation.path,
            messages: violation.messages,
        }
    }
}

/// The status of a code; the documented exceptions of [`Code::InvalidInput`] are in [`status_of_class`].
pub(crate) fn status_of(code: Code) -> StatusCode {
    match code {
        Code::NotJson | Code::UnreadableBody => StatusCode::BAD_REQUEST,
        Code::Unauthorized => StatusCode::UNAUTHORIZED,
        Code::TenantDisabled | Code::RouteNotAllowed | Code::AdminOnly | Code::NotLocal => {
            StatusCode::FORBIDDEN
        }
        Code::NotFound | Code::CustomerNotFound | Code::ModelNotFound => StatusCode::NOT_FOUND,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::FormatNotAvailable => StatusCode::NOT_ACCEPTABLE,
        Code::BodyTimeout => StatusCode::REQUEST_TIMEOUT,
        Code::CustomerIdTaken | Code::ModelsFull => StatusCode::CONFLICT,
        Code::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::UriTooLong => StatusCode::URI_TOO_LONG,
        Code::UnsupportedMediaType | Code::UnsupportedContentEncoding => {
            StatusCode::UNSUPPORTED_MEDIA_TYPE
        }
        Code::InvalidInput => StatusCode::UNPROCESSABLE_ENTITY,
        Code::Overloaded | Code::Draining | Code::StoreAway => StatusCode::SERVICE_UNAVAILABLE,
        Code::OutOfTime => StatusCode::GATEWAY_TIMEOUT,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The public API answers three classes of value errors with 400.
fn status_of_class(class: InvalidClass) -> StatusCode {
    match class {
        InvalidClass::Values => StatusCode::UNPROCESSABLE_ENTITY,
        InvalidClass::PublishedException => StatusCode::BAD_REQUEST,
    }
}

/// When a client that was turned away may come back: a place in the line is soon free, a restart takes longer.
const RETRY_WHEN_OVERLOADED: u32 = 2;
const RETRY_WHEN_DRAINING: u32 = 10;
const RETRY_WHEN_STORE_AWAY: u32 = 5;

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Malformed { detail } => Self::new(Code::NotJson, detail),
            Failure::Invalid {
                class,
                violations,
                total,
            } => {
                let wrong = violations.into_iter().map(WrongField::from).collect();
                Self::invalid(class, wrong, total)
            }
            Failure::NotAcceptable { available } => Self::format_not_available(&available),
            Failure::ModelsAway { cause } => Self::store_away(cause),
            Failure::OutOfTime => Self::stopped(),
            Failure::Internal { cause } => Self::internal(cause),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Taken { .. } => Self::new(
                Code::CustomerIdTaken,
                words!(
                    "Another customer has this customer_api_id already; choose another or leave it out.",
                    "Otro cliente ya tiene este customer_api_id; elija otro u omítalo.",
                    "Outro cliente já tem este customer_api_id; escolha outro ou omita-o.",
                ),
            ),
            StoreError::Unknown { .. } => Self::customer_not_found(),
            StoreError::UnknownModel { .. } => Self::model_not_found(),
            StoreError::ModelsFull {
                n_models,
                n_bytes,
                limits,
            } => Self::models_full(n_models, n_bytes, limits),
            outage => Self::store_away(outage.to_string()),
        }
    }
}

impl Problem {
    pub(crate) fn new(code: Code, detail: Words) -> Self {
        Self(Box::new(Parts {
            code,
            status: status_of(code),
            detail,
            fields: None,
            available: Vec::new(),
            headers: Vec::new(),
            language: None,
            cause: None,
        }))
    }

    /// Values that break the rules; all fields together.
    pub(crate) fn invalid(class: InvalidClass, wrong: Vec<WrongField>, total: usize) -> Self {
        let mut problem = Self::new(Code::InvalidInput, invalid_detail(&wrong, total));
        problem.0.status = status_of_class(class);
        problem.0.fields = Some(Fields { wrong, total });
        problem
    }

    /// Neither the language nor the format asked for changes what there is.
    pub(crate) fn format_not_available(available: &[Format]) -> Self {
        let names: Vec<&'static str> = available.iter().map(|format| format.name()).collect();
        let listed = names.join(", ");
        let mut problem = Self::new(
            Code::FormatNotAvailable,
            words!(
                "The formats of this answer are: {listed}.",
                "Los formatos de esta respuesta son: {listed}.",
                "Os formatos desta resposta são: {listed}.",
            ),
        );
        problem.0.available = names;
        problem
    }

    /// The same sentence whichever half is wrong, and whether or not the tenant exists.
    pub(crate) fn unauthorized() -> Self {
        Self::new(
            Code::Unauthorized,
            words!(
                "The credentials are missing or not valid; send X-Customer-Api-Id and X-Secret as they were issued.",
                "Faltan las credenciales o no son válidas; envíe X-Customer-Api-Id y X-Secret tal como se emitieron.",
                "As credenciais faltam ou não são válidas; envie X-Customer-Api-Id e X-Secret como foram emitidos.",
            ),
        )
        .challenge()
    }

    pub(crate) fn admin_unauthorized() -> Self {
        Self::new(
            Code::Unauthorized,
            words!(
                "The admin secret is missing or not valid; send it as X-Admin-Secret.",
                "Falta el secreto de administración o no es válido; envíelo como X-Admin-Secret.",
                "O segredo de administração falta ou não é válido; envie-o como X-Admin-Secret.",
            ),
        )
        .challenge()
    }

    fn challenge(self) -> Self {
        self.header(
            WWW_AUTHENTICATE,
            HeaderValue::from_static("ApiKey realm=\"clientela\""),
        )
    }

    pub(crate) fn customer_not_found() -> Self {
        Self::new(
            Code::CustomerNotFound,
            words!(
                "There is no customer with this customer_api_id.",
                "No hay ningún cliente con este customer_api_id.",
                "Não há nenhum cliente com este customer_api_id.",
            ),
        )
    }

    /// The same sentence for a model that never was and for one of another customer.
    pub(crate) fn model_not_found() -> Self {
        Self::new(
            Code::ModelNotFound,
            words!(
                "You have no saved model with this model_id.",
                "Usted no tiene ningún modelo guardado con este model_id.",
                "Você não tem nenhum modelo salvo com este model_id.",
            ),
        )
    }

    fn models_full(n_models: usize, n_bytes: usize, limits: ModelLimits) -> Self {
        let (models_max, bytes_max) = (limits.models_max, size(limits.bytes_max));
        let used = size(n_bytes.div_ceil(1 << 20) << 20);
        Self::new(
            Code::ModelsFull,
            words!(
                "The model was not saved: {n_models} are kept with {used} together, and there is room for {models_max} with {bytes_max}; delete one that is no longer used.",
                "El modelo no se guardó: hay {n_models} guardados que ocupan {used} en total y caben {models_max} con {bytes_max}; elimine uno que ya no se use.",
                "O modelo não foi salvo: há {n_models} salvos que ocupam {used} no total e cabem {models_max} com {bytes_max}; exclua um que não seja mais usado.",
            ),
        )
    }

    /// Credentials can't be checked, or models neither read nor saved.
    pub(crate) fn store_away(cause: String) -> Self {
        Self::new(
            Code::StoreAway,
            words!(
                "The store of credentials and models does not answer at the moment; try again shortly.",
                "El almacén de credenciales y modelos no responde en este momento; inténtelo de nuevo en breve.",
                "O armazenamento de credenciais e modelos não responde no momento; tente novamente em instantes.",
            ),
        )
        .retry_after(RETRY_WHEN_STORE_AWAY)
        .caused_by(cause)
    }

    pub(crate) fn body_too_large(bytes_max: usize) -> Self {
        let limit = size(bytes_max);
        Self::new(
            Code::BodyTooLarge,
            words!(
                "The body is larger than {limit} after decompression; send fewer rows at a time, or run the analysis with the command line, which has no such limit.",
                "El cuerpo supera los {limit} una vez descomprimido; envíe menos filas por solicitud o ejecute el análisis con la línea de comandos, que no tiene ese límite.",
                "O corpo passa de {limit} depois de descomprimido; envie menos linhas por vez ou execute a análise pela linha de comando, que não tem esse limite.",
            ),
        )
    }

    pub(crate) fn unsupported_content_encoding() -> Self {
        Self::new(
            Code::UnsupportedContentEncoding,
            words!(
                "A body may be compressed with gzip, br or zstd, one of them at a time, or not at all.",
                "El cuerpo puede venir comprimido con gzip, br o zstd, solo uno de ellos, o sin comprimir.",
                "O corpo pode vir comprimido com gzip, br ou zstd, apenas um deles, ou sem compressão.",
            ),
        )
        .header(
            ACCEPT_ENCODING,
            HeaderValue::from_static("gzip, br, zstd, identity"),
        )
    }

    pub(crate) fn overloaded() -> Self {
        Self::new(
            Code::Overloaded,
            words!(
                "All cores are busy and the waiting line is full; try again in a moment.",
                "Todos los núcleos están ocupados y la fila de espera está llena; inténtelo de nuevo en un momento.",
                "Todos os núcleos estão ocupados e a fila de espera está cheia; tente novamente em instantes.",
            ),
        )
        .retry_after(RETRY_WHEN_OVERLOADED)
    }

    pub(crate) fn draining() -> Self {
        Self::new(
            Code::Draining,
            words!(
                "The server is shutting down and takes no new requests; try again shortly.",
                "El servidor se está deteniendo y no acepta solicitudes nuevas; inténtelo de nuevo en breve.",
                "O servidor está sendo desligado e não aceita novas solicitações; tente novamente em instantes.",
            ),
        )
        .retry_after(RETRY_WHEN_DRAINING)
    }

    pub(crate) fn out_of_time(deadline: Duration) -> Self {
        let seconds = deadline.as_secs_f64();
        Self::new(
            Code::OutOfTime,
            words!(
                "The analysis was stopped at its deadline of {seconds} s; send fewer rows, ask for fewer configurations, or run it with the command line.",
                "El análisis se detuvo al cumplirse su plazo de {seconds} s; envíe menos filas, pida menos configuraciones o ejecútelo con la línea de comandos.",
                "A análise foi interrompida ao atingir seu prazo de {seconds} s; envie menos linhas, peça menos configurações ou execute-a pela linha de comando.",
            ),
        )
    }

    /// Stopped before its deadline: nobody waits for the answer any more.
    fn stopped() -> Self {
        Self::new(
            Code::OutOfTime,
            words!(
                "The analysis was stopped before it was ready.",
                "El análisis se detuvo antes de terminar.",
                "A análise foi interrompida antes de terminar.",
            ),
        )
    }

    pub(crate) fn internal(cause: String) -> Self {
        Self::new(
            Code::Internal,
            words!(
                "The fault is on our side and has been logged under the request_id of this answer; please report it with that id.",
                "El fallo es nuestro y quedó registrado con el request_id de esta respuesta; le rogamos que lo comunique con ese identificador.",
                "A falha é nossa e foi registrada com o request_id desta resposta; por favor, comunique-a com esse identificador.",
            ),
        )
        .caused_by(cause)
    }

    pub(crate) fn code(&self) -> Code {
        self.0.code
    }

    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    fn retry_after(self, seconds: u32) -> Self {
        self.header(RETRY_AFTER, HeaderValue::from(seconds))
    }

    fn caused_by(mut self, cause: String) -> Self {
        self.0.cause = Some(cause);
        self
    }

    /// The same, said in the language of the request's body unless the request's head asked for one.
    pub(crate) fn in_language_of_body(mut self, language: Option<Language>) -> Self {
        self.0.language = language;
        self
    }
}

/// How many fields are wrong, and the first of them.
fn invalid_detail(wrong: &[WrongField], total: usize) -> Words {
    let Some(first) = wrong.first() else {
        return words!(
            "The request is not valid.",
            "La solicitud no es válida.",
            "A solicitação não é válida.",
        );
    };
    let message = |language| {
        let message = first.messages.first().map(|words| words.say(language));
        let message = message.unwrap_or_default();
        message.trim_end_matches('.').to_owned()
    };
    let (en, es, pt) = (
        message(Language::En),
        message(Language::Es),
        message(Language::Pt),
    );
    let path = shortened(&first.path);
    match (path.as_str(), total) {
        ("$", ..=1) => words!(
            "The body as a whole is not valid: {en}.",
            "El cuerpo en su conjunto no es válido: {es}.",
            "O corpo como um todo não é válido: {pt}.",
        ),
        (_, ..=1) => words!(
            "1 field is not valid, {path}: {en}.",
            "1 campo no es válido, {path}: {es}.",
            "1 campo não é válido, {path}: {pt}.",
        ),
        _ => words!(
            "{total} fields are not valid, the first is {path}: {en}.",
            "{total} campos no son válidos; el primero es {path}: {es}.",
            "{total} campos não são válidos; o primeiro é {path}: {pt}.",
        ),
    }
}

/// A number of bytes in the largest unit that divides it.
fn size(bytes: usize) -> String {
    let units = [("GiB", 30), ("MiB", 20), ("KiB", 10), ("bytes", 0)];
    let fitting = units
        .iter()
        .find(|(_, bits)| bytes.is_multiple_of(1 << bits));
    let (unit, bits) = fitting.copied().unwrap_or(("bytes", 0));
    format!("{} {unit}", bytes >> bits)
}

/// A path may end in a key of the client's; a sentence repeats only so much of it.
fn shortened(path: &str) -> String {
    const CHARACTERS_MAX: usize = 120;
    if path.chars().count() <= CHARACTERS_MAX {
        return path.to_owned();
    }
    path.chars().take(CHARACTERS_MAX).chain(['…']).collect()
}

#[cfg(test)]
mod tests;
