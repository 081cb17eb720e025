//! Saved models: what an analysis learned for one owner, kept as bytes that only the analysis can read.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::error::StoreError;
use crate::store::{Store, to_millisecond};
use crate::tenant::TenantId;

/// Whose models they are. Owners never see each other's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelOwner {
    /// A tenant.
    Tenant(TenantId),
    /// Whoever holds the operator's own secret, and acts for no tenant.
    Operator,
    /// Whoever calls a server that serves without credentials.
    Open,
}

/// What is known of a saved model without its content.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelCard {
    /// Its name among the models of its owner.
    pub model_id: String,
    /// The analysis that made it and can read it.
    pub route: String,
    /// The version of its content's format.
    pub format: u32,
    /// Rows it was fitted on.
    pub n_rows: usize,
    /// What the analysis says of it, without words.
    pub summary: Map<String, Value>,
    /// When it was saved first, to the millisecond.
    pub ts_create: Timestamp,
    /// Bytes of its content.
    pub size_bytes: usize,
}

/// A saved model with its content.
#[derive(Clone, PartialEq)]
pub struct StoredModel {
    /// What is known of it.
    pub card: ModelCard,
    /// What the analysis wrote.
    pub content: Vec<u8>,
}

/// A model to save.
#[derive(Clone, Copy)]
pub struct NewModel<'a> {
    /// Derived from `content` by the caller: the same id means the same content.
    pub model_id: &'a str,
    /// The analysis that made it.
    pub route: &'a str,
    /// The version of its content's format.
    pub format: u32,
    /// Rows it was fitted on.
    pub n_rows: usize,
    /// What the analysis says of it.
    pub summary: &'a Map<String, Value>,
    /// What the analysis wrote.
    pub content: &'a [u8],
}

/// How much one owner may keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModelLimits {
    /// Number of models.
    pub models_max: usize,
    /// Bytes of their contents together.
    pub bytes_max: usize,
}

impl Store {
    /// Saves a model for its owner. One that is there already stays as it is, whatever the limits: saving twice is one
    /// model.
    ///
    /// # Errors
    ///
    /// [`StoreError::ModelsFull`] where a limit leaves no room, [`StoreError::Unknown`] where there is no such tenant.
    pub async fn save_model(
        &self,
        owner: ModelOwner,
        model: NewModel<'_>,
        limits: ModelLimits,
        now: Timestamp,
    ) -> Result<ModelCard, StoreError> {
        self.database
            .insert_model(owner, model, limits, to_millisecond(now))
            .await
    }

    /// The models of an owner, newest first.
    ///
    /// # Errors
    ///
    /// Where the store is away.
    pub async fn models(&self, owner: ModelOwner) -> Result<Vec<ModelCard>, StoreError> {
        self.database.models(owner).await
    }

    /// What is known of one model of an owner.
    ///
    /// # Errors
    ///
    /// [`StoreError::UnknownModel`] where the owner has none with this id, whoever else has.
    pub async fn model(&self, owner: ModelOwner, model_id: &str) -> Result<ModelCard, StoreError> {
        self.database.model(owner, model_id).await
    }

    /// One model of an owner with its content.
    ///
    /// # Errors
    ///
    /// [`StoreError::UnknownModel`] where the owner has none with this id, whoever else has.
    pub async fn read_model(
        &self,
        owner: ModelOwner,
        model_id: &str,
    ) -> Result<StoredModel, StoreError> {
        self.database.read_model(owner, model_id).await
    }

    /// Removes a model, and tells what it was.
    ///
    /// # Errors
    ///
    /// [`StoreError::UnknownModel`] where the owner has none with this id, whoever else has.
    pub async fn delete_model(
        &self,
        owner: ModelOwner,
        model_id: &str,
    ) -> Result<ModelCard, StoreError> {
        self.database.delete_model(owner, model_id).await
    }
}
