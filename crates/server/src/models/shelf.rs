//! Where analyses find and leave the models of one caller: in the store.

use clientela_analyses::{ModelId, ModelSource, Models, ModelsAway, SavedModel, limits};
use clientela_store::{ModelLimits, ModelOwner, NewModel, Store, StoreError};
use jiff::Timestamp;
use tokio::runtime::Handle;

use crate::app::App;
use crate::problem::Problem;

const LIMITS: ModelLimits = ModelLimits {
    models_max: limits::MODELS_MAX,
    bytes_max: limits::MODELS_BYTES_MAX,
};

/// The models of one owner, for an analysis on a thread of its own.
struct Shelf {
    store: Store,
    owner: ModelOwner,
    runtime: Handle,
}

/// The models of `owner` and of nobody else.
///
/// # Panics
/// Outside of the runtime that serves.
pub fn of(app: &App, owner: ModelOwner) -> Models {
    Models::of(Shelf {
        store: app.store().clone(),
        owner,
        runtime: Handle::current(),
    })
}

/// Stores the models that came with an answer; those that are there already stay as they are.
///
/// # Errors
/// Where the store is away, or has no room for them. Then the answer, which names them, must not go out.
pub async fn save(app: &App, owner: ModelOwner, models: &[SavedModel]) -> Result<(), Problem> {
    for model in models {
        let id = model.id().to_string();
        let new = NewModel {
            model_id: &id,
            route: model.route(),
            format: model.format(),
            n_rows: model.n_rows(),
            summary: model.summary(),
            content: model.bytes(),
        };
        app.store()
            .save_model(owner, new, LIMITS, Timestamp::now())
            .await?;
    }
    Ok(())
}

fn away(error: &StoreError) -> ModelsAway {
    ModelsAway {
        cause: error.to_string(),
    }
}

impl ModelSource for Shelf {
    fn find(&self, id: ModelId) -> Result<Option<SavedModel>, ModelsAway> {
        let name = id.to_string();
        let read = self.store.read_model(self.owner, &name);
        let stored = match self.runtime.block_on(read) {
            Ok(stored) => stored,
            Err(StoreError::UnknownModel { .. }) => return Ok(None),
            Err(error) => return Err(away(&error)),
        };
        let card = stored.card;
        let model = SavedModel::new(
            card.route,
            card.format,
            card.n_rows,
            card.summary,
            stored.content,
        );
        if model.id() == id {
            Ok(Some(model))
        } else {
            Err(ModelsAway {
                cause: format!("the content of the model {id} is damaged"),
            })
        }
    }

    fn check_writable(&self) -> Result<(), ModelsAway> {
        self.runtime
            .block_on(self.store.ping())
            .map_err(|error| away(&error))
    }
}
