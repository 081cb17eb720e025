//! `--models DIR`: saved models as files, `DIR/<model_id>.model`. The folder is the list; its files may be copied and
//! removed like any others.
//!
//! A file is two lines of text, which tell what it is, and then the bytes that its analysis wrote:
//!
//! ```text
//! Clientela model 1
//! {"route":"churn_risk","format":1,"n_rows":7043,"summary":{…}}
//! ```

use std::fs::{self, DirBuilder};
use std::io::{self, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use clientela_analyses::{ModelId, ModelSource, Models, ModelsAway, SavedModel};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tempfile::NamedTempFile;

use crate::{Outcome, Trouble, say};

/// The first line of every file; the number is the version of this frame around the bytes.
const MAGIC: &[u8] = b"Clientela model 1\n";
const ANY_MAGIC: &[u8] = b"Clientela model ";

/// What the second line tells of a model.
#[derive(Serialize, Deserialize)]
struct Head {
    route: String,
    format: u32,
    n_rows: usize,
    summary: Map<String, Value>,
}

/// A folder of saved models, where one was named.
#[derive(Clone, Debug)]
pub struct ModelFolder(Option<PathBuf>);

impl ModelFolder {
    /// The folder of the option `--models`.
    pub fn new(folder: Option<&Path>) -> Self {
        Self(folder.map(Path::to_path_buf))
    }

    /// Its models, for an analysis to read.
    pub fn models(&self) -> Models {
        Models::of(self.clone())
    }

    /// Saves the models that came with an answer, before the answer is shown. One that is there already stays.
    pub fn save(&self, models: &[SavedModel]) -> Outcome {
        for model in models {
            let folder = self.folder().map_err(|away| Trouble::failed(away.cause))?;
            let file = file_of(folder, model.id());
            if self.find(model.id()).is_ok_and(|known| known.is_some()) {
                say(&format!("The model is in {} already.", file.display()));
                continue;
            }
            write(folder, &file, model).map_err(|error| {
                Trouble::failed(format!("{} can't be written: {error}.", file.display()))
            })?;
            say(&format!(
                "The model is saved in {}; use it with --set model_id={}.",
                file.display(),
                model.id()
            ));
        }
        Ok(())
    }

    fn folder(&self) -> Result<&Path, ModelsAway> {
        self.0.as_deref().ok_or_else(|| {
            away("The request saves a model or names a saved one: say with --models DIR where they lie.")
        })
    }
}

fn away(cause: impl Into<String>) -> ModelsAway {
    ModelsAway {
        cause: cause.into(),
    }
}

fn file_of(folder: &Path, id: ModelId) -> PathBuf {
    folder.join(format!("{id}.model"))
}

impl ModelSource for ModelFolder {
    fn find(&self, id: ModelId) -> Result<Option<SavedModel>, ModelsAway> {
        let folder = self.folder()?;
        let file = file_of(folder, id);
        match fs::read(&file) {
            Ok(content) => read(id, &content)
                .map(Some)
                .map_err(|why| away(format!("{} {why}.", file.display()))),
            // A folder that is not there is a slip of the pen, not a folder without models.
            Err(error) if error.kind() == io::ErrorKind::NotFound && folder.is_dir() => Ok(None),
            Err(error) => Err(away(format!("{} can't be read: {error}.", file.display()))),
        }
    }

    /// Makes the folder where there is none, and a file in it that goes at once.
    fn check_writable(&self) -> Result<(), ModelsAway> {
        let folder = self.folder()?;
        let probed = make(folder).and_then(|()| tempfile::tempfile_in(folder));
        probed.map(drop).map_err(|error| {
            away(format!(
                "Models can't be saved in {}: {error}.",
                folder.display()
            ))
        })
    }
}

/// The model in a file, or what is wrong with the file.
fn read(id: ModelId, content: &[u8]) -> Result<SavedModel, &'static str> {
    let Some(rest) = content.strip_prefix(MAGIC) else {
        return Err(if content.starts_with(ANY_MAGIC) {
            "was saved by a newer version of Clientela"
        } else {
            "is no model that Clientela saved"
        });
    };
    const DAMAGED: &str = "is damaged, or has another model's name";
    let end = rest.iter().position(|&byte| byte == b'\n').ok_or(DAMAGED)?;
    let (line, bytes) = (&rest[..end], &rest[end + 1..]);
    let head: Head = serde_json::from_slice(line).map_err(|_| DAMAGED)?;
    let model = SavedModel::new(head.route, head.format, head.n_rows, head.summary, bytes);
    (model.id() == id).then_some(model).ok_or(DAMAGED)
}

/// Writes beside the file and then gives it its name: whoever reads finds a whole model or none.
fn write(folder: &Path, file: &Path, model: &SavedModel) -> io::Result<()> {
    make(folder)?;
    let head = Head {
        route: model.route().to_owned(),
        format: model.format(),
        n_rows: model.n_rows(),
        summary: model.summary().clone(),
    };
    // Readable for its owner alone, and gone again where anything fails.
    let mut unfinished = NamedTempFile::new_in(folder)?;
    unfinished.write_all(MAGIC)?;
    unfinished.write_all(&serde_json::to_vec(&head)?)?;
    unfinished.write_all(b"\n")?;
    unfinished.write_all(model.bytes())?;
    unfinished.as_file().sync_all()?;
    unfinished.persist(file)?;
    Ok(())
}

/// The folder, for its owner alone where it is new.
fn make(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(test)]
mod tests;
