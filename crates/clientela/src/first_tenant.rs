//! The credentials of whoever starts on an empty store.

use std::fs::{self, File, OpenOptions};
use std::io::{self, IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use clientela_store::{NewTenant, Secret, Store, Tenant};
use jiff::Timestamp;

use crate::{Outcome, Trouble, say};

/// Makes a tenant where there is none. At a terminal its credentials are shown, elsewhere they go to a file that only
/// its owner can read. The file is there before the tenant: credentials that can't be kept are not made.
pub async fn welcome(store: &Store, data_dir: &Path, address: SocketAddr) -> Outcome {
    if !store.is_empty().await.map_err(Trouble::failed)? {
        return Ok(());
    }
    if io::stderr().is_terminal() {
        let line = curl(address, &make(store).await?);
        say(&format!(
            "A first tenant was made. Its secret is shown only now:\n\n{line}\n"
        ));
        return Ok(());
    }
    let path = data_dir.join("first-tenant.txt");
    let unwritten = |error| {
        Trouble::failed(format!(
            "the credentials of the first tenant can't be written to {}: {error}",
            path.display()
        ))
    };
    let mut file = private(&path).map_err(unwritten)?;
    let line = curl(address, &make(store).await?);
    writeln!(file, "{line}").map_err(unwritten)?;
    say(&format!(
        "A first tenant was made; its credentials are in {}",
        path.display()
    ));
    Ok(())
}

async fn make(store: &Store) -> Result<(Tenant, Secret), Trouble> {
    let new = NewTenant {
        name: Some("first tenant".to_owned()),
        ..NewTenant::default()
    };
    store
        .create(new, Timestamp::now())
        .await
        .map_err(Trouble::failed)
}

/// A new file for the owner alone. One that is there already would keep its mode, and readers who have it open.
fn private(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

/// A line to paste.
fn curl(address: SocketAddr, (tenant, secret): &(Tenant, Secret)) -> String {
    format!(
        "curl -s http://{address}/api/v1/ai/nps -H 'X-Customer-Api-Id: {}' -H 'X-Secret: {}' \
         -H 'Content-Type: application/json' -d '{{\"data\": [{{\"customer_id\": 1, \"answer\": 9}}]}}'",
        tenant.customer_api_id,
        secret.expose()
    )
}
