//! Every code of a problem, with its words: the one list from which the pages under `/problems` and `docs/errors.md` follow.

use super::status_of;
use clientela_analyses::{Words, words};

/// What kind of problem it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// The body is not JSON, or nested too deeply.
    NotJson,
    /// The body can't be decompressed, or ended early.
    UnreadableBody,
    /// Values break the rules of the route.
    InvalidInput,
    /// No credentials, or wrong ones.
    Unauthorized,
    /// The tenant is disabled.
    TenantDisabled,
    /// The tenant may not call this route.
    RouteNotAllowed,
    /// Only the admin secret opens this route.
    AdminOnly,
    /// An open server was reached by another name than a loopback one.
    NotLocal,
    /// There is nothing at this address.
    NotFound,
    /// There is no such tenant.
    CustomerNotFound,
    /// The caller has no such model.
    ModelNotFound,
    /// The address exists, but not for this method.
    MethodNotAllowed,
    /// The answer can't be had in the format asked for.
    FormatNotAvailable,
    /// The body took too long to arrive.
    BodyTimeout,
    /// Another tenant has this id.
    CustomerIdTaken,
    /// No further model can be saved for this caller.
    ModelsFull,
    /// The body is over the limit.
    BodyTooLarge,
    /// The address is over the limit.
    UriTooLong,
    /// The body is of another media type.
    UnsupportedMediaType,
    /// The body is compressed in a way that is not known.
    UnsupportedContentEncoding,
    /// The waiting line is full.
    Overloaded,
    /// The server is shutting down.
    Draining,
    /// The store does not answer.
    StoreAway,
    /// The analysis reached its deadline.
    OutOfTime,
    /// A fault of this program.
    Internal,
}

/// One code as the documentation shows it.
#[derive(Clone, Debug)]
pub struct CatalogueEntry {
    /// The last part of `type`.
    pub code: &'static str,
    /// `type` as it stands in answers, and the path of its page.
    pub type_uri: String,
    /// The statuses it comes with, the usual one first.
    pub statuses: Vec<u16>,
    /// What it is called.
    pub title: Words,
    /// What to do about it.
    pub remedy: Words,
}

/// Every code, in the order of their statuses.
#[must_use]
pub fn catalogue() -> Vec<CatalogueEntry> {
    Code::ALL
        .into_iter()
        .map(|code| CatalogueEntry {
            code: code.slug(),
            type_uri: code.type_uri(),
            statuses: code.statuses(),
            title: code.title(),
            remedy: code.remedy(),
        })
        .collect()
}

impl Code {
    /// All codes, in the order of their statuses.
    pub const ALL: [Self; 25] = [
        Self::NotJson,
        Self::UnreadableBody,
        Self::Unauthorized,
        Self::TenantDisabled,
        Self::RouteNotAllowed,
        Self::AdminOnly,
        Self::NotLocal,
        Self::NotFound,
        Self::CustomerNotFound,
        Self::ModelNotFound,
        Self::MethodNotAllowed,
        Self::FormatNotAvailable,
        Self::BodyTimeout,
        Self::CustomerIdTaken,
        Self::ModelsFull,
        Self::BodyTooLarge,
        Self::UriTooLong,
        Self::UnsupportedMediaType,
        Self::UnsupportedContentEncoding,
        Self::InvalidInput,
        Self::Internal,
        Self::Overloaded,
        Self::Draining,
        Self::StoreAway,
        Self::OutOfTime,
    ];

    /// The last part of `type`.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::NotJson => "not-json",
            Self::UnreadableBody => "unreadable-body",
            Self::InvalidInput => "invalid-input",
            Self::Unauthorized => "unauthorized",
            Self::TenantDisabled => "tenant-disabled",
            Self::RouteNotAllowed => "route-not-allowed",
            Self::AdminOnly => "admin-only",
            Self::NotLocal => "not-local",
            Self::NotFound => "not-found",
            Self::CustomerNotFound => "customer-not-found",
            Self::ModelNotFound => "model-not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::FormatNotAvailable => "format-not-available",
            Self::BodyTimeout => "body-timeout",
            Self::CustomerIdTaken => "customer-id-taken",
            Self::ModelsFull => "models-full",
            Self::BodyTooLarge => "body-too-large",
            Self::UriTooLong => "uri-too-long",
            Self::UnsupportedMediaType => "unsupported-media-type",
            Self::UnsupportedContentEncoding => "unsupported-content-encoding",
            Self::Overloaded => "overloaded",
            Self::Draining => "draining",
            Self::StoreAway => "store-away",
            Self::OutOfTime => "out-of-time",
            Self::Internal => "internal",
        }
    }

    /// `type` as it stands in answers.
    #[must_use]
    pub fn type_uri(self) -> String {
        format!("/problems/{}", self.slug())
    }

    /// The usual status, then those of documented exceptions.
    pub(crate) fn statuses(self) -> Vec<u16> {
        let usual = status_of(self).as_u16();
        match self {
            Self::InvalidInput => vec![usual, 400],
            _ => vec![usual],
        }
    }

    /// What it is called.
    #[must_use]
    pub fn title(self) -> Words {
        match self {
            Self::NotJson => words!(
                "The body is not JSON",
                "El cuerpo no es JSON",
                "O corpo não é JSON"
            ),
            Self::UnreadableBody => words!(
                "The body could not be read",
                "No se pudo leer el cuerpo",
                "Não foi possível ler o corpo"
            ),
            Self::InvalidInput => words!(
                "Some fields are not valid",
                "Algunos campos no son válidos",
                "Alguns campos não são válidos"
            ),
            Self::Unauthorized => words!(
                "Credentials required",
                "Se requieren credenciales",
                "Credenciais necessárias"
            ),
            Self::TenantDisabled => words!(
                "This customer is disabled",
                "Este cliente está desactivado",
                "Este cliente está desativado"
            ),
            Self::RouteNotAllowed => words!(
                "This route is not allowed",
                "Esta ruta no está permitida",
                "Esta rota não é permitida"
            ),
            Self::AdminOnly => words!(
                "Only for administrators",
                "Solo para administradores",
                "Somente para administradores"
            ),
            Self::NotLocal => words!(
                "Only for this machine",
                "Solo para este equipo",
                "Somente para esta máquina"
            ),
            Self::NotFound => words!("Nothing is here", "Aquí no hay nada", "Não há nada aqui"),
            Self::CustomerNotFound => words!(
                "No such customer",
                "No existe ese cliente",
                "Esse cliente não existe"
            ),
            Self::ModelNotFound => words!(
                "No such model",
                "No existe ese modelo",
                "Esse modelo não existe"
            ),
            Self::MethodNotAllowed => words!(
                "The method is not allowed here",
                "El método no está permitido aquí",
                "O método não é permitido aqui"
            ),
            Self::FormatNotAvailable => words!(
                "The format is not available",
                "El formato no está disponible",
                "O formato não está disponível"
            ),
            Self::BodyTimeout => words!(
                "The body did not arrive in time",
                "El cuerpo no llegó a tiempo",
                "O corpo não chegou a tempo"
            ),
            Self::CustomerIdTaken => words!(
                "The id is taken",
                "El identificador ya está en uso",
                "O identificador já está em uso"
            ),
            Self::ModelsFull => words!(
                "No room for another model",
                "No hay lugar para otro modelo",
                "Não há lugar para outro modelo"
            ),
            Self::BodyTooLarge => words!(
                "The body is too large",
                "El cuerpo es demasiado grande",
                "O corpo é grande demais"
            ),
            Self::UriTooLong => words!(
                "The address is too long",
                "La dirección es demasiado larga",
                "O endereço é longo demais"
            ),
            Self::UnsupportedMediaType => words!(
                "The media type is not supported",
                "El tipo de contenido no se admite",
                "O tipo de conteúdo não é aceito"
            ),
            Self::UnsupportedContentEncoding => words!(
                "The compression is not supported",
                "La compresión no se admite",
                "A compressão não é aceita"
            ),
            Self::Overloaded => words!(
                "Too busy at the moment",
                "Demasiada carga en este momento",
                "Carga excessiva no momento"
            ),
            Self::Draining => words!(
                "Shutting down",
                "El servidor se está deteniendo",
                "O servidor está sendo desligado"
            ),
            Self::StoreAway => words!(
                "The store does not answer",
                "El almacén no responde",
                "O armazenamento não responde"
            ),
            Self::OutOfTime => words!(
                "The deadline has passed",
                "Se agotó el plazo",
                "O prazo se esgotou"
            ),
            Self::Internal => words!(
                "A fault on our side",
                "Un fallo de nuestra parte",
                "Uma falha do nosso lado"
            ),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(self) -> Words {
        match self {
            Self::NotJson => words!(
                "Send one JSON object in UTF-8, nested at most 64 levels deep. `detail` tells line and column where reading stopped.",
                "Envíe un objeto JSON en UTF-8, con 64 niveles de anidamiento como máximo. `detail` indica la línea y la columna donde se detuvo la lectura.",
                "Envie um objeto JSON em UTF-8, com no máximo 64 níveis de aninhamento. `detail` informa a linha e a coluna em que a leitura parou.",
            ),
            Self::UnreadableBody => words!(
                "Check that the body is compressed as `Content-Encoding` says and that all of it is sent.",
                "Compruebe que el cuerpo esté comprimido como indica `Content-Encoding` y que se envíe completo.",
                "Verifique se o corpo está comprimido como informa `Content-Encoding` e se é enviado por inteiro.",
            ),
            Self::InvalidInput => words!(
                "`errors` names each field by its path and says which rules it breaks, for at most 100 fields; `errors_total` counts them all. Correct them together and send the request again.",
                "`errors` nombra cada campo por su ruta e indica qué reglas incumple, hasta 100 campos; `errors_total` los cuenta todos. Corríjalos juntos y vuelva a enviar la solicitud.",
                "`errors` nomeia cada campo pelo caminho e informa quais regras ele viola, até 100 campos; `errors_total` conta todos. Corrija-os juntos e envie a solicitação de novo.",
            ),
            Self::Unauthorized => words!(
                "Send `X-Customer-Api-Id` and `X-Secret` as they were issued; administrators send `X-Admin-Secret`. A secret that was rotated ends after 72 hours unless the operator chose otherwise.",
                "Envíe `X-Customer-Api-Id` y `X-Secret` tal como se emitieron; los administradores envían `X-Admin-Secret`. Un secreto rotado caduca a las 72 horas, salvo que el operador haya elegido otro plazo.",
                "Envie `X-Customer-Api-Id` e `X-Secret` como foram emitidos; administradores enviam `X-Admin-Secret`. Um segredo rotacionado expira após 72 horas, a menos que o operador tenha escolhido outro prazo.",
            ),
            Self::TenantDisabled => words!(
                "The credentials are right, but an administrator has disabled this customer. Ask them to enable it again.",
                "Las credenciales son correctas, pero un administrador desactivó este cliente. Pídale que lo reactive.",
                "As credenciais estão corretas, mas um administrador desativou este cliente. Peça que o reative.",
            ),
            Self::RouteNotAllowed => words!(
                "The credentials are right, but `allowed_routes` of this customer does not contain the route. Ask an administrator to add it.",
                "Las credenciales son correctas, pero `allowed_routes` de este cliente no incluye la ruta. Pida a un administrador que la agregue.",
                "As credenciais estão corretas, mas `allowed_routes` deste cliente não inclui a rota. Peça a um administrador que a adicione.",
            ),
            Self::AdminOnly => words!(
                "Routes under `/admin` open to `X-Admin-Secret` only, and only where the operator has configured one.",
                "Las rutas bajo `/admin` solo se abren con `X-Admin-Secret`, y solo si el operador ha configurado uno.",
                "As rotas em `/admin` só se abrem com `X-Admin-Secret`, e só se o operador tiver configurado um.",
            ),
            Self::NotLocal => words!(
                "A server started with `--open` answers requests to `localhost`, `127.0.0.0/8` or `[::1]` that come from no web page or from one of this machine. For anything else start it with credentials.",
                "Un servidor iniciado con `--open` responde a solicitudes dirigidas a `localhost`, `127.0.0.0/8` o `[::1]` que no procedan de una página web o procedan de una de este equipo. Para lo demás, inícielo con credenciales.",
                "Um servidor iniciado com `--open` responde a solicitações para `localhost`, `127.0.0.0/8` ou `[::1]` que não venham de uma página da web ou venham de uma desta máquina. Para o resto, inicie-o com credenciais.",
            ),
            Self::NotFound => words!(
                "Compare the address with the list of routes under `/docs`.",
                "Compare la dirección con la lista de rutas en `/docs`.",
                "Compare o endereço com a lista de rotas em `/docs`.",
            ),
            Self::CustomerNotFound => words!(
                "List the customers with `GET /admin/customers?include_disabled=true`.",
                "Liste los clientes con `GET /admin/customers?include_disabled=true`.",
                "Liste os clientes com `GET /admin/customers?include_disabled=true`.",
            ),
            Self::ModelNotFound => words!(
                "List your models with `GET /api/v1/models`; one that was deleted has to be fitted and saved again.",
                "Liste sus modelos con `GET /api/v1/models`; uno eliminado debe ajustarse y guardarse de nuevo.",
                "Liste seus modelos com `GET /api/v1/models`; um que foi excluído precisa ser ajustado e salvo de novo.",
            ),
            Self::MethodNotAllowed => words!(
                "The header `Allow` of the answer names the methods there are.",
                "El encabezado `Allow` de la respuesta enumera los métodos disponibles.",
                "O cabeçalho `Allow` da resposta enumera os métodos disponíveis.",
            ),
            Self::FormatNotAvailable => words!(
                "`available` names the formats of this route; ask for one of them with `?format=` or `Accept`.",
                "`available` enumera los formatos de esta ruta; pida uno de ellos con `?format=` o `Accept`.",
                "`available` enumera os formatos desta rota; peça um deles com `?format=` ou `Accept`.",
            ),
            Self::BodyTimeout => words!(
                "Send the body faster, compressed, or in smaller parts.",
                "Envíe el cuerpo más rápido, comprimido o en partes menores.",
                "Envie o corpo mais rápido, comprimido ou em partes menores.",
            ),
            Self::CustomerIdTaken => words!(
                "Choose another `customer_api_id`, or leave it out to get a new one.",
                "Elija otro `customer_api_id` u omítalo para recibir uno nuevo.",
                "Escolha outro `customer_api_id` ou omita-o para receber um novo.",
            ),
            Self::ModelsFull => words!(
                "Delete a model that is no longer used (`GET /api/v1/models` lists them, `DELETE /api/v1/models/{{model_id}}` removes one) and send the request again, or send it without `save_model`.",
                "Elimine un modelo que ya no se use (`GET /api/v1/models` los lista, `DELETE /api/v1/models/{{model_id}}` elimina uno) y vuelva a enviar la solicitud, o envíela sin `save_model`.",
                "Exclua um modelo que não seja mais usado (`GET /api/v1/models` os lista, `DELETE /api/v1/models/{{model_id}}` exclui um) e envie a solicitação de novo, ou envie-a sem `save_model`.",
            ),
            Self::BodyTooLarge => words!(
                "Send fewer rows at a time, ask the operator to raise `--body-bytes-max`, or run the analysis with the command line, which has no such limit.",
                "Envíe menos filas por solicitud, pida al operador que aumente `--body-bytes-max` o ejecute el análisis con la línea de comandos, que no tiene ese límite.",
                "Envie menos linhas por vez, peça ao operador que aumente `--body-bytes-max` ou execute a análise pela linha de comando, que não tem esse limite.",
            ),
            Self::UriTooLong => words!(
                "Options go into the body; the address carries only `lang` and `format`.",
                "Las opciones van en el cuerpo; la dirección solo lleva `lang` y `format`.",
                "As opções vão no corpo; o endereço leva apenas `lang` e `format`.",
            ),
            Self::UnsupportedMediaType => words!(
                "Send JSON with `Content-Type: application/json`, or without the header. With curl: `-H 'Content-Type: application/json'`.",
                "Envíe JSON con `Content-Type: application/json` o sin ese encabezado. Con curl: `-H 'Content-Type: application/json'`.",
                "Envie JSON com `Content-Type: application/json` ou sem esse cabeçalho. Com curl: `-H 'Content-Type: application/json'`.",
            ),
            Self::UnsupportedContentEncoding => words!(
                "Compress with gzip, br or zstd, one of them at a time, or not at all.",
                "Comprima con gzip, br o zstd, solo uno de ellos, o no comprima.",
                "Comprima com gzip, br ou zstd, apenas um deles, ou não comprima.",
            ),
            Self::Overloaded => words!(
                "Try again after the seconds in `Retry-After`.",
                "Inténtelo de nuevo tras los segundos que indica `Retry-After`.",
                "Tente novamente após os segundos informados em `Retry-After`.",
            ),
            Self::Draining => words!(
                "Another instance, or this one after its restart, will answer: try again after the seconds in `Retry-After`.",
                "Responderá otra instancia, o esta tras reiniciarse: inténtelo de nuevo tras los segundos que indica `Retry-After`.",
                "Outra instância responderá, ou esta após reiniciar: tente novamente após os segundos informados em `Retry-After`.",
            ),
            Self::StoreAway => words!(
                "Credentials and saved models are out of reach at the moment. Try again after the seconds in `Retry-After`; the operator finds the cause in the log.",
                "Por ahora no es posible acceder a las credenciales ni a los modelos guardados. Inténtelo de nuevo tras los segundos que indica `Retry-After`; el operador encontrará la causa en el registro.",
                "No momento não é possível acessar as credenciais nem os modelos salvos. Tente novamente após os segundos informados em `Retry-After`; o operador encontra a causa no log.",
            ),
            Self::OutOfTime => words!(
                "Send fewer rows, ask for fewer configurations, ask the operator for a longer deadline, or run the analysis with the command line.",
                "Envíe menos filas, pida menos configuraciones, solicite al operador un plazo mayor o ejecute el análisis con la línea de comandos.",
                "Envie menos linhas, peça menos configurações, solicite ao operador um prazo maior ou execute a análise pela linha de comando.",
            ),
            Self::Internal => words!(
                "Report it with the `request_id` of the answer, under which the log has the cause.",
                "Comuníquelo con el `request_id` de la respuesta; con él figura la causa en el registro.",
                "Comunique-a com o `request_id` da resposta; com ele a causa consta no log.",
            ),
        }
    }
}
