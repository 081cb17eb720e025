//! The rows of saved models.

use jiff::Timestamp;
use sqlx::sqlite::SqliteConnection;

use super::Database;
use super::statements::time_text;
use crate::error::StoreError;
use crate::model::{ModelCard, ModelLimits, ModelOwner, NewModel, StoredModel};
use crate::tenant::TenantId;

/// The columns of a [`CardRow`], in whatever query.
macro_rules! card_columns {
    () => {
        "model_id, route, format, n_rows, summary, ts_create, length(content) AS size_bytes"
    };
}

impl ModelOwner {
    /// As it stands in the column `owner`.
    fn text(self) -> String {
        match self {
            Self::Tenant(id) => id.to_string(),
            Self::Operator => "operator".to_owned(),
            Self::Open => "open".to_owned(),
        }
    }

    fn tenant(self) -> Option<TenantId> {
        match self {
            Self::Tenant(id) => Some(id),
            Self::Operator | Self::Open => None,
        }
    }
}

impl Database {
    /// Looks, counts and inserts in one transaction: many that save at the same moment stay within the limits together.
    pub(crate) async fn insert_model(
        &self,
        owner: ModelOwner,
        model: NewModel<'_>,
        limits: ModelLimits,
        now: Timestamp,
    ) -> Result<ModelCard, StoreError> {
        let mut transaction = self.begin().await?;
        if let Some(known) = self
            .select_card(&mut transaction, owner, model.model_id)
            .await?
        {
            return Ok(known);
        }
        self.check_room(&mut transaction, owner, model.content.len(), limits)
            .await?;
        insert(&mut transaction, owner, model, now)
            .await
            .map_err(|error| match (error.as_database_error(), owner) {
                (Some(database), ModelOwner::Tenant(id)) if database.is_foreign_key_violation() => {
                    StoreError::Unknown { id }
                }
                _ => self.failure(error),
            })?;
        let card = self.select_card(&mut transaction, owner, model.model_id);
        let card = found(card.await?, model.model_id)?;
        self.commit(transaction).await?;
        Ok(card)
    }

    async fn check_room(
        &self,
        connection: &mut SqliteConnection,
        owner: ModelOwner,
        n_bytes: usize,
        limits: ModelLimits,
    ) -> Result<(), StoreError> {
        let (n_models, kept): (i64, i64) = sqlx::query_as(
            "SELECT count(*), coalesce(sum(length(content)), 0) FROM models WHERE owner = ?1",
        )
        .bind(owner.text())
        .fetch_one(connection)
        .await
        .map_err(|error| self.failure(error))?;
        let n_models = usize::try_from(n_models).unwrap_or(usize::MAX);
        let kept = usize::try_from(kept).unwrap_or(usize::MAX);
        if n_models < limits.models_max && kept.saturating_add(n_bytes) <= limits.bytes_max {
            return Ok(());
        }
        Err(StoreError::ModelsFull {
            n_models,
            n_bytes: kept,
            limits,
        })
    }

    /// The models of an owner, newest first.
    pub(crate) async fn models(&self, owner: ModelOwner) -> Result<Vec<ModelCard>, StoreError> {
        let rows: Vec<CardRow> = sqlx::query_as(concat!(
            "SELECT ",
            card_columns!(),
            " FROM models WHERE owner = ?1 ORDER BY ts_create DESC, id DESC"
        ))
        .bind(owner.text())
        .fetch_all(&self.reader)
        .await
        .map_err(|error| self.failure(error))?;
        rows.into_iter().map(|row| self.card(row)).collect()
    }

    pub(crate) async fn model(
        &self,
        owner: ModelOwner,
        model_id: &str,
    ) -> Result<ModelCard, StoreError> {
        let mut connection = self
            .reader
            .acquire()
            .await
            .map_err(|error| self.failure(error))?;
        let card = self.select_card(&mut connection, owner, model_id).await?;
        found(card, model_id)
    }

    pub(crate) async fn read_model(
        &self,
        owner: ModelOwner,
        model_id: &str,
    ) -> Result<StoredModel, StoreError> {
        let row: Option<ModelRow> = sqlx::query_as(concat!(
            "SELECT ",
            card_columns!(),
            ", content FROM models WHERE owner = ?1 AND model_id = ?2"
        ))
        .bind(owner.text())
        .bind(model_id)
        .fetch_optional(&self.reader)
        .await
        .map_err(|error| self.failure(error))?;
        let row = found(row, model_id)?;
        Ok(StoredModel {
            card: self.card(row.card)?,
            content: row.content,
        })
    }

    pub(crate) async fn delete_model(
        &self,
        owner: ModelOwner,
        model_id: &str,
    ) -> Result<ModelCard, StoreError> {
        let mut transaction = self.begin().await?;
        let card = self.select_card(&mut transaction, owner, model_id).await?;
        let card = found(card, model_id)?;
        sqlx::query("DELETE FROM models WHERE owner = ?1 AND model_id = ?2")
            .bind(owner.text())
            .bind(model_id)
            .execute(&mut *transaction)
            .await
            .map_err(|error| self.failure(error))?;
        self.commit(transaction).await?;
        Ok(card)
    }

    async fn select_card(
        &self,
        connection: &mut SqliteConnection,
        owner: ModelOwner,
        model_id: &str,
    ) -> Result<Option<ModelCard>, StoreError> {
        let row: Option<CardRow> = sqlx::query_as(concat!(
            "SELECT ",
            card_columns!(),
            " FROM models WHERE owner = ?1 AND model_id = ?2"
        ))
        .bind(owner.text())
        .bind(model_id)
        .fetch_optional(connection)
        .await
        .map_err(|error| self.failure(error))?;
        row.map(|row| self.card(row)).transpose()
    }

    fn card(&self, row: CardRow) -> Result<ModelCard, StoreError> {
        let unreadable = || self.damaged(format!("the model {} is unreadable", row.model_id));
        Ok(ModelCard {
            format: u32::try_from(row.format).map_err(|_| unreadable())?,
            n_rows: usize::try_from(row.n_rows).map_err(|_| unreadable())?,
            size_bytes: usize::try_from(row.size_bytes).map_err(|_| unreadable())?,
            summary: serde_json::from_str(&row.summary).map_err(|_| unreadable())?,
            ts_create: self.time(&row.ts_create)?,
            model_id: row.model_id,
            route: row.route,
        })
    }
}

async fn insert(
    connection: &mut SqliteConnection,
    owner: ModelOwner,
    model: NewModel<'_>,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO models
         (owner, customer_api_id, model_id, route, format, n_rows, summary, ts_create, content)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )
    .bind(owner.text())
    .bind(owner.tenant().map(|id| id.to_string()))
    .bind(model.model_id)
    .bind(model.route)
    .bind(model.format)
    .bind(i64::try_from(model.n_rows).unwrap_or(i64::MAX))
    .bind(serde_json::Value::from(model.summary.clone()).to_string())
    .bind(time_text(now))
    .bind(model.content)
    .execute(connection)
    .await?;
    Ok(())
}

fn found<T>(row: Option<T>, model_id: &str) -> Result<T, StoreError> {
    row.ok_or_else(|| StoreError::UnknownModel {
        model_id: model_id.to_owned(),
    })
}

#[derive(sqlx::FromRow)]
struct CardRow {
    model_id: String,
    route: String,
    format: i64,
    n_rows: i64,
    summary: String,
    ts_create: String,
    size_bytes: i64,
}

#[derive(sqlx::FromRow)]
struct ModelRow {
    #[sqlx(flatten)]
    card: CardRow,
    content: Vec<u8>,
}
