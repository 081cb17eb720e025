//! Saved models: what one answer learned, kept by the caller for later requests to read.
//!
//! An analysis hands its models back with the answer ([`Document::artifacts`](crate::Document)) and asks for one by its
//! id ([`Scope::saved_model`](crate::Scope::saved_model)). Where they are kept, and whose they are, the caller knows.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use clientela_narrative::{Words, words};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::limits::MODEL_BYTES_MAX;
use crate::{Failure, InvalidClass, Violation};

/// The name of a saved model: the first 32 hexadecimal digits of the SHA-256 of its bytes. The same model has the same
/// name wherever it is saved.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModelId([u8; 16]);

/// The text is not 32 hexadecimal digits in lowercase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAModelId;

impl ModelId {
    /// The name of the model with these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let digest = Sha256::digest(bytes);
        Self(std::array::from_fn(|index| digest[index]))
    }
}

impl FromStr for ModelId {
    type Err = NotAModelId;

    /// One model has one name, so that of the spellings of a number only lowercase is taken.
    fn from_str(text: &str) -> Result<Self, NotAModelId> {
        let digits: &[u8; 32] = text.as_bytes().try_into().map_err(|_| NotAModelId)?;
        let mut bytes = [0; 16];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let [high, low] = [pair[0], pair[1]].map(|digit| match digit {
                b'0'..=b'9' => Some(digit - b'0'),
                b'a'..=b'f' => Some(digit - b'a' + 10),
                _ => None,
            });
            *byte = high.ok_or(NotAModelId)? << 4 | low.ok_or(NotAModelId)?;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ModelId({self})")
    }
}

/// A model on its way to where it is kept, or back. Cloning shares the bytes.
#[derive(Clone, PartialEq)]
pub struct SavedModel {
    id: ModelId,
    route: String,
    format: u32,
    n_rows: usize,
    summary: Map<String, Value>,
    bytes: Arc<[u8]>,
}

impl SavedModel {
    /// A model of the analysis `route`, in version `format` of its own way to write one, fitted on `n_rows`.
    ///
    /// `bytes` begin with something that no other analysis writes: equal bytes are one model, whichever route they came
    /// from. `summary` is what a list of models shows of it: figures, names and codes, nothing in one language.
    #[must_use]
    pub fn new(
        route: impl Into<String>,
        format: u32,
        n_rows: usize,
        summary: Map<String, Value>,
        bytes: impl Into<Arc<[u8]>>,
    ) -> Self {
        let bytes = bytes.into();
        Self {
            id: ModelId::of(&bytes),
            route: route.into(),
            format,
            n_rows,
            summary,
            bytes,
        }
    }

    /// Its name, which follows from its bytes.
    #[must_use]
    pub fn id(&self) -> ModelId {
        self.id
    }
    /// The analysis that made it.
    #[must_use]
    pub fn route(&self) -> &str {
        &self.route
    }
    /// The version of the way its bytes are written.
    #[must_use]
    pub fn format(&self) -> u32 {
        self.format
    }
    /// Rows it was fitted on.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }
    /// What a list of models shows of it.
    #[must_use]
    pub fn summary(&self) -> &Map<String, Value> {
        &self.summary
    }
    /// What its analysis wrote, and nobody else reads.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for SavedModel {
    /// Without bytes and summary, which tell of customers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SavedModel")
            .field("id", &self.id)
            .field("route", &self.route)
            .field("format", &self.format)
            .field("n_bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// The place of saved models can't be read or written. The text is for the log or a terminal, never for a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelsAway {
    /// What happened.
    pub cause: String,
}

impl From<ModelsAway> for Failure {
    fn from(away: ModelsAway) -> Self {
        Self::ModelsAway { cause: away.cause }
    }
}

/// Where the models of one caller lie. Called on the thread of the analysis, so that it may wait.
pub trait ModelSource: Send + Sync {
    /// The caller's model with this id; `None` where the caller has none, whoever else has.
    ///
    /// # Errors
    /// Where it can't be known.
    fn find(&self, id: ModelId) -> Result<Option<SavedModel>, ModelsAway>;

    /// Whether models can be saved at all; asked before an answer with one is computed.
    ///
    /// # Errors
    /// Where they can't.
    fn check_writable(&self) -> Result<(), ModelsAway>;
}

/// Models that are held in memory.
impl ModelSource for Vec<SavedModel> {
    fn find(&self, id: ModelId) -> Result<Option<SavedModel>, ModelsAway> {
        Ok(self.iter().find(|model| model.id() == id).cloned())
    }
    fn check_writable(&self) -> Result<(), ModelsAway> {
        Ok(())
    }
}

/// The models that requests may read. By default there are none, and those that answers make are for whoever asked.
#[derive(Clone)]
pub struct Models(Arc<dyn ModelSource>);

impl Models {
    /// No models.
    #[must_use]
    pub fn none() -> Self {
        Self::of(Vec::new())
    }

    /// Those of `source`.
    #[must_use]
    pub fn of(source: impl ModelSource + 'static) -> Self {
        Self(Arc::new(source))
    }

    pub(crate) fn source(&self) -> &dyn ModelSource {
        &*self.0
    }
}

impl Default for Models {
    fn default() -> Self {
        Self::none()
    }
}

impl fmt::Debug for Models {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Models(..)")
    }
}

/// The field of a request that asks for its model to be saved.
pub const SAVE_MODEL: &str = "save_model";

/// Refuses models that nobody could keep.
///
/// # Panics
/// On a model of another analysis: a mistake of this one.
pub fn check_size(models: &[SavedModel], route: &str) -> Result<(), Failure> {
    assert!(models.iter().all(|model| model.route() == route));
    let sizes = models.iter().map(|model| model.bytes().len());
    match sizes.max().filter(|&n_bytes| n_bytes > MODEL_BYTES_MAX) {
        None => Ok(()),
        Some(n_bytes) => Err(Failure::Invalid {
            class: InvalidClass::Values,
            violations: vec![Violation {
                path: SAVE_MODEL.to_owned(),
                messages: vec![too_large(n_bytes)],
            }],
            total: 1,
        }),
    }
}

fn too_large(n_bytes: usize) -> Words {
    let (given, max) = (n_bytes.div_ceil(1 << 20), MODEL_BYTES_MAX >> 20);
    words!(
        "must not be true here: the model has {given} MiB, and {max} can be saved; send fewer rows or columns",
        "no puede ser true aquí: el modelo ocupa {given} MiB y se pueden guardar {max}; envíe menos filas o columnas",
        "não pode ser true aqui: o modelo ocupa {given} MiB e podem ser salvos {max}; envie menos linhas ou colunas",
    )
}

/// The text can't be the id of a model.
pub fn not_an_id() -> Words {
    words!(
        "must be the model_id of an earlier answer: 32 characters, 0 to 9 and a to f",
        "debe ser el model_id de una respuesta anterior: 32 caracteres, de 0 a 9 y de a a f",
        "deve ser o model_id de uma resposta anterior: 32 caracteres, de 0 a 9 e de a a f",
    )
}

/// There is no such model, or it is somebody else's.
pub fn unknown() -> Words {
    words!(
        "names no saved model of yours: it was never saved, or it has been deleted",
        "no corresponde a ningún modelo guardado suyo: nunca se guardó o se eliminó",
        "não corresponde a nenhum modelo salvo seu: nunca foi salvo ou foi excluído",
    )
}

/// The model is the caller's own, but of another analysis.
pub fn of_other_route(route: &str) -> Words {
    words!(
        "names a model of {route}, which only that route can read",
        "corresponde a un modelo de {route}, que solo esa ruta puede leer",
        "corresponde a um modelo de {route}, que só essa rota pode ler",
    )
}

/// The model was written by a later version of the program.
pub fn newer_format() -> Words {
    words!(
        "names a model that a newer version of Clientela saved; use that version, or fit and save it again",
        "corresponde a un modelo que guardó una versión más reciente de Clientela; use esa versión o ajústelo y guárdelo de nuevo",
        "corresponde a um modelo salvo por uma versão mais recente do Clientela; use essa versão ou ajuste-o e salve-o de novo",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_first_half_of_the_digest_in_lowercase() {
        // printf abc | sha256sum
        let id = ModelId::of(b"abc");
        assert_eq!(id.to_string(), "ba7816bf8f01cfea414140de5dae2223");
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn other_texts_are_no_id() {
        for text in [
            "",
            "ba7816bf8f01cfea414140de5dae222",
            "ba7816bf8f01cfea414140de5dae22233",
            "BA7816BF8F01CFEA414140DE5DAE2223",
            "ga7816bf8f01cfea414140de5dae2223",
            "ba7816bf8f01cfea414140de5dae222é",
            "../816bf8f01cfea414140de5dae2223",
        ] {
            assert_eq!(text.parse::<ModelId>(), Err(NotAModelId), "{text}");
        }
    }

    #[test]
    fn neither_bytes_nor_summary_are_printed() {
        let summary = Map::from_iter([("column".to_owned(), Value::from("loyal-customers"))]);
        let model = SavedModel::new("churn_risk", 1, 10, summary, *b"secret-of-customers");
        let printed = format!("{model:?} {:?}", Models::of(vec![model.clone()]));
        assert!(printed.contains("churn_risk") && printed.contains("n_bytes: 19"));
        assert!(!printed.contains("customers"), "{printed}");
    }
}
