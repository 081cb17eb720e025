//! `clientela tenant`: the same as the admin API, for whoever can read the data directory.

use std::path::Path;
use std::time::Duration;

use clientela_store::{NewTenant, Store, StoreError, TenantId};
use comfy_table::{Table, presets};
use jiff::Timestamp;

use crate::command::TenantAction;
use crate::{Outcome, Trouble, put, say};

/// Carries out one action on the store in `data_dir`.
pub fn run(data_dir: &Path, action: TenantAction) -> Outcome {
    let is_new = matches!(action, TenantAction::Create { .. });
    if !is_new && !Store::exists(data_dir) {
        return Err(Trouble::failed(format!(
            "there is no store in {}; name its folder with --data-dir, or make the first tenant with `clientela tenant create`",
            data_dir.display()
        )));
    }
    let runtime = tokio::runtime::Runtime::new().map_err(Trouble::failed)?;
    runtime.block_on(async {
        let store = Store::open(data_dir).await.map_err(Trouble::failed)?;
        let outcome = act(&store, action).await;
        store.close().await;
        outcome
    })
}

async fn act(store: &Store, action: TenantAction) -> Outcome {
    let now = Timestamp::now();
    match action {
        TenantAction::Create { name, id, routes } => {
            let id = id.as_deref().map(parse).transpose()?;
            let mut new = NewTenant {
                customer_api_id: id,
                name,
                ..NewTenant::default()
            };
            if !routes.is_empty() {
                new.allowed_routes = routes;
            }
            let (tenant, secret) = store.create(new, now).await.map_err(explained)?;
            say("The secret is shown only now; keep it safe.");
            put(format!(
                "X-Customer-Api-Id: {}\nX-Secret: {}\n",
                tenant.customer_api_id,
                secret.expose()
            )
            .as_bytes())
        }
        TenantAction::List { all } => list(store, all).await,
        TenantAction::Rotate { id, keep_hours } => {
            let keep = Duration::from_secs(keep_hours.saturating_mul(3600));
            let rotation = store
                .rotate(parse(&id)?, keep, now)
                .await
                .map_err(explained)?;
            say(&format!(
                "The old secret is valid until {}.",
                rotation.previous_valid_until
            ));
            put(format!("X-Secret: {}\n", rotation.secret.expose()).as_bytes())
        }
        TenantAction::Disable { id } => {
            let tenant = store.disable(parse(&id)?, now).await.map_err(explained)?;
            say(&format!("{} is disabled.", tenant.customer_api_id));
            Ok(())
        }
    }
}

async fn list(store: &Store, all: bool) -> Outcome {
    let tenants = store.list(all).await.map_err(explained)?;
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_header(["id", "name", "enabled", "created", "routes"]);
    for tenant in tenants {
        table.add_row([
            tenant.customer_api_id.to_string(),
            tenant.name.unwrap_or_default(),
            if tenant.enabled { "yes" } else { "no" }.to_owned(),
            tenant.ts_create.to_string(),
            tenant.allowed_routes.join(" "),
        ]);
    }
    put(format!("{table}\n").as_bytes())
}

fn parse(id: &str) -> Result<TenantId, Trouble> {
    id.parse().map_err(|_| {
        Trouble::failed(format!(
            "\"{id}\" is no tenant id; it is a UUID, see `clientela tenant list --all`"
        ))
    })
}

fn explained(error: StoreError) -> Trouble {
    Trouble::failed(error)
}
