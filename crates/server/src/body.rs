//! Reads a request body: media type, compression, limits.

use clientela_analyses::words;
use std::io;
use std::pin::Pin;
use std::time::Duration;

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZstdDecoder};
use async_compression::zstd::DParameter;
use axum::body::Body;
use futures_util::StreamExt as _;
use futures_util::future::ready;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http_body_util::{BodyExt as _, BodyStream, LengthLimitError, Limited};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio_util::io::StreamReader;

use crate::problem::{Code, Problem};

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    Identity,
    Gzip,
    Brotli,
    Zstd,
}

/// What the head of a request says of its body.
#[derive(Clone, Copy, Debug)]
pub struct Announced {
    pub coding: Coding,
    /// Bytes on the wire, where the head tells.
    pub length: Option<u64>,
}

/// Looks at media type and compression before anything is read.
///
/// # Errors
/// Where the body is not JSON, or compressed in a way that is not known.
pub fn announced(headers: &HeaderMap) -> Result<Announced, Problem> {
    check_media_type(headers)?;
    let length = headers.get(CONTENT_LENGTH);
    Ok(Announced {
        coding: coding(headers)?,
        length: length
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.parse().ok()),
    })
}

/// A missing media type counts as JSON.
fn check_media_type(headers: &HeaderMap) -> Result<(), Problem> {
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return Ok(());
    };
    let value = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
    let essence = value.split(';').next().unwrap_or_default().trim();
    let is_json = essence.is_empty()
        || essence == "application/json"
        || essence == "text/json"
        || (essence.contains('/') && essence.ends_with("+json"));
    if is_json {
        return Ok(());
    }
    let detail = if essence == "application/x-www-form-urlencoded" {
        words!(
            "The body was sent as a form, which curl does by default; add -H 'Content-Type: application/json'.",
            "El cuerpo se envió como formulario, que es lo que hace curl por defecto; agregue -H 'Content-Type: application/json'.",
            "O corpo foi enviado como formulário, que é o padrão do curl; acrescente -H 'Content-Type: application/json'.",
        )
    } else {
        words!(
            "The body must be JSON; send Content-Type: application/json, or leave the header out.",
            "El cuerpo debe ser JSON; envíe Content-Type: application/json u omita el encabezado.",
            "O corpo deve ser JSON; envie Content-Type: application/json ou omita o cabeçalho.",
        )
    };
    Err(Problem::new(Code::UnsupportedMediaType, detail))
}

fn coding(headers: &HeaderMap) -> Result<Coding, Problem> {
    let mut found = Coding::Identity;
    for value in headers.get_all(CONTENT_ENCODING) {
        for name in String::from_utf8_lossy(value.as_bytes()).split(',') {
            let next = match name.trim().to_ascii_lowercase().as_str() {
                "" | "identity" => continue,
                "gzip" | "x-gzip" => Coding::Gzip,
                "br" => Coding::Brotli,
                "zstd" => Coding::Zstd,
                _ => return Err(Problem::unsupported_content_encoding()),
            };
            // Codings on top of each other multiply what a few bytes grow to, and no client needs them.
            if found != Coding::Identity {
                return Err(Problem::unsupported_content_encoding());
            }
            found = next;
        }
    }
    Ok(found)
}

/// Reads the whole body. Both what comes over the wire and what it decompresses to are bounded while they come in.
///
/// # Errors
/// Where it is too large, takes longer than `deadline`, or can't be decompressed.
pub async fn read(
    body: Body,
    announced: Announced,
    bytes_max: usize,
    deadline: Duration,
) -> Result<Vec<u8>, Problem> {
    let too_large = || Problem::body_too_large(bytes_max);
    if announced
        .length
        .is_some_and(|length| length > bytes_max as u64)
    {
        return Err(too_large());
    }
    let reading = async {
        match announced.coding {
            Coding::Identity => read_plain(body, announced.length, bytes_max).await,
            coding => read_compressed(body, coding, bytes_max).await,
        }
    };
    match tokio::time::timeout(deadline, reading).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(Unread::TooLarge)) => Err(too_large()),
        Ok(Err(Unread::Broken)) => Err(broken(announced.coding)),
        Err(_) => Err(body_timeout(deadline)),
    }
}

/// Why a body was not read.
enum Unread {
    TooLarge,
    Broken,
}

/// Copies each piece once, into a buffer of the announced size.
async fn read_plain(
    mut body: Body,
    length: Option<u64>,
    bytes_max: usize,
) -> Result<Vec<u8>, Unread> {
    let capacity = length.map_or(0, |length| length.min(bytes_max as u64));
    let mut bytes = Vec::with_capacity(capacity as usize);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Unread::Broken)?;
        let Some(data) = frame.data_ref() else {
            continue;
        };
        if bytes.len() + data.len() > bytes_max {
            return Err(Unread::TooLarge);
        }
        bytes.extend_from_slice(data);
    }
    Ok(bytes)
}

/// Windows beyond 8 MiB are not for HTTP (RFC 9659): a few bytes could otherwise claim 128 MiB.
const ZSTD_WINDOW_LOG_MAX: u32 = 23;
/// Bytes decompressed in one step; between steps other requests on the same thread get their turn.
const STEP_BYTES: usize = 64 << 10;

async fn read_compressed(body: Body, coding: Coding, bytes_max: usize) -> Result<Vec<u8>, Unread> {
    let limited = Limited::new(body, bytes_max);
    let pieces = BodyStream::new(limited).filter_map(|frame| {
        let piece = frame.map(|frame| frame.into_data().ok());
        ready(piece.map_err(io::Error::other).transpose())
    });
    let wire = StreamReader::new(Box::pin(pieces));
    let mut reader: Pin<Box<dyn AsyncRead + Send>> = match coding {
        Coding::Identity => Box::pin(wire),
        Coding::Gzip => {
            let mut decoder = GzipDecoder::new(wire);
            decoder.multiple_members(true);
            Box::pin(decoder)
        }
        Coding::Brotli => Box::pin(BrotliDecoder::new(wire)),
        Coding::Zstd => {
            let window = DParameter::window_log_max(ZSTD_WINDOW_LOG_MAX);
            let mut decoder = ZstdDecoder::with_params(wire, &[window]);
            decoder.multiple_members(true);
            Box::pin(decoder)
        }
    };
    let mut bytes = Vec::new();
    loop {
        bytes.reserve(STEP_BYTES);
        let n = reader.read_buf(&mut bytes).await.map_err(unread)?;
        if n == 0 {
            return Ok(bytes);
        }
        if bytes.len() > bytes_max {
            return Err(Unread::TooLarge);
        }
        tokio::task::consume_budget().await;
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature that map_err wants"
)]
fn unread(error: io::Error) -> Unread {
    let is_limit = matches!(error.get_ref(), Some(inner) if inner.is::<LengthLimitError>());
    if is_limit {
        Unread::TooLarge
    } else {
        Unread::Broken
    }
}

fn broken(coding: Coding) -> Problem {
    let detail = match coding {
        Coding::Identity => words!(
            "The body ended before all of it was there.",
            "El cuerpo terminó antes de llegar completo.",
            "O corpo terminou antes de chegar por inteiro.",
        ),
        Coding::Gzip | Coding::Brotli | Coding::Zstd => {
            let name = coding.name();
            words!(
                "The body could not be decompressed as {name}, which its Content-Encoding names.",
                "El cuerpo no se pudo descomprimir como {name}, que es lo que indica su Content-Encoding.",
                "Não foi possível descomprimir o corpo como {name}, que é o que informa seu Content-Encoding.",
            )
        }
    };
    Problem::new(Code::UnreadableBody, detail)
}

fn body_timeout(deadline: Duration) -> Problem {
    let seconds = deadline.as_secs_f64();
    Problem::new(
        Code::BodyTimeout,
        words!(
            "The body did not arrive within {seconds} s.",
            "El cuerpo no llegó en {seconds} s.",
            "O corpo não chegou em {seconds} s.",
        ),
    )
}

impl Coding {
    fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_accepted(name: http::HeaderName, value: &str) -> bool {
        let headers = HeaderMap::from_iter([(name, value.parse().unwrap())]);
        announced(&headers).is_ok()
    }

    #[test]
    fn json_in_its_spellings_is_accepted_and_nothing_else() {
        for (value, accepted) in [
            ("application/json", true),
            ("Application/JSON; charset=UTF-8", true),
            ("application/vnd.api+json", true),
            ("text/json", true),
            ("", true),
            ("application/x-www-form-urlencoded", false),
            ("text/plain", false),
            ("multipart/form-data; boundary=x", false),
            ("application/jsonp", false),
            ("+json", false),
        ] {
            assert_eq!(is_accepted(CONTENT_TYPE, value), accepted, "{value}");
        }
    }

    #[test]
    fn one_known_coding_is_accepted() {
        for (value, accepted) in [
            ("gzip", true),
            ("GZIP", true),
            ("br", true),
            ("zstd", true),
            ("identity", true),
            ("identity, gzip", true),
            ("gzip, gzip", false),
            ("deflate", false),
            ("compress", false),
        ] {
            assert_eq!(is_accepted(CONTENT_ENCODING, value), accepted, "{value}");
        }
    }
}
