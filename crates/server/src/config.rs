//! What the operator decides before the start.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use clientela_store::{StoreError, TenantId};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// How the server runs.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// Where it listens; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Whether requests without credentials are served as a built-in tenant with every route. Only on loopback.
    pub open: bool,
    /// The tenant whose routes and limits apply to requests without credentials, behind a trusted gateway.
    pub anonymous_tenant: Option<String>,
    /// Opens every route and is the only key to `/admin`; without it there is no admin access.
    pub admin_secret: Option<AdminSecret>,
    /// Bytes of a request body after decompression.
    pub body_bytes_max: usize,
    /// For how long a body may be on its way, and after that an analysis wait and run.
    pub deadline: Duration,
    /// Analyses that run at the same time.
    pub cores: usize,
    /// Analyses that wait for a core; beyond this number new ones are turned away.
    pub waiting_max: usize,
    /// For how long a rotated secret stays valid.
    pub keep_old_secret_for: Duration,
    /// Origins of web pages that may read answers; `*` is any.
    pub cors_origins: Vec<String>,
}

const DEFAULT_PORT: u16 = 8080;
const DEFAULT_BODY_BYTES_MAX: usize = 20 << 20;
const DEFAULT_DEADLINE: Duration = Duration::from_secs(60);
/// Each waiting request holds its body: 64 of the largest are 1.3 GB, which only a base of very large tenants reaches.
const DEFAULT_WAITING_MAX: usize = 64;

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, DEFAULT_PORT)),
            open: false,
            anonymous_tenant: None,
            admin_secret: None,
            body_bytes_max: DEFAULT_BODY_BYTES_MAX,
            deadline: DEFAULT_DEADLINE,
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            waiting_max: DEFAULT_WAITING_MAX,
            keep_old_secret_for: clientela_store::KEEP_PREVIOUS_SECRET,
            cors_origins: Vec::new(),
        }
    }
}

/// The operator's secret. `Debug` does not print it.
#[derive(Clone)]
pub struct AdminSecret(String);

/// The admin secret is shorter than [`AdminSecret::CHARACTERS_MIN`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the admin secret must have at least {} characters, got {given}",
    AdminSecret::CHARACTERS_MIN
)]
pub struct AdminSecretTooShort {
    /// Characters it has.
    pub given: usize,
}

impl AdminSecret {
    /// Fewer characters could be guessed.
    pub const CHARACTERS_MIN: usize = 32;

    /// Takes the secret, without white space around it: header values arrive trimmed.
    ///
    /// # Errors
    /// [`AdminSecretTooShort`] where it could be guessed.
    pub fn new(secret: &str) -> Result<Self, AdminSecretTooShort> {
        let secret = secret.trim();
        let given = secret.chars().count();
        if given < Self::CHARACTERS_MIN {
            return Err(AdminSecretTooShort { given });
        }
        Ok(Self(secret.to_owned()))
    }

    /// Whether `sent` is the secret, in a time that tells neither how much of it is right nor how long it is.
    #[must_use]
    pub fn matches(&self, sent: &[u8]) -> bool {
        let [expected, sent] = [self.0.as_bytes(), sent].map(Sha256::digest);
        expected.ct_eq(&sent).into()
    }
}

impl fmt::Debug for AdminSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AdminSecret(hidden)")
    }
}

/// Why the server does not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Without credentials, on an address that others can reach.
    #[error(
        "--open serves without credentials and so listens on loopback only, not on {listen}; use credentials, or --anonymous-tenant behind a trusted gateway"
    )]
    OpenBeyondLoopback {
        /// The address that was asked for.
        listen: SocketAddr,
    },
    /// Two answers to the question who a request without credentials is.
    #[error("--open and --anonymous-tenant exclude each other")]
    TwoAnonymousTenants,
    /// The anonymous tenant can't be found.
    #[error("the anonymous tenant {id} does not exist; create it first")]
    NoSuchTenant {
        /// What was given as its id.
        id: String,
    },
    /// The store failed at the start.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The address can't be listened on.
    #[error("can't listen on {listen}: {source}")]
    Listen {
        /// The address.
        listen: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
}

impl ServerConfig {
    /// Whether the parts fit together; the anonymous tenant's id, if there is one.
    pub(crate) fn check(&self) -> Result<Option<TenantId>, ServeError> {
        if self.open && !self.listen.ip().is_loopback() {
            return Err(ServeError::OpenBeyondLoopback {
                listen: self.listen,
            });
        }
        let Some(id) = &self.anonymous_tenant else {
            return Ok(None);
        };
        if self.open {
            return Err(ServeError::TwoAnonymousTenants);
        }
        match id.trim().parse() {
            Ok(id) => Ok(Some(id)),
            Err(_) => Err(ServeError::NoSuchTenant { id: id.clone() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "an-admin-secret-of-enough-characters";

    #[test]
    fn an_admin_secret_that_could_be_guessed_is_refused() {
        assert_eq!(
            AdminSecret::new(&"x".repeat(31)).unwrap_err(),
            AdminSecretTooShort { given: 31 }
        );
        assert!(AdminSecret::new(&format!(" {} ", "x".repeat(31))).is_err());
        assert!(AdminSecret::new(&"x".repeat(32)).is_ok());
    }

    #[test]
    fn only_the_whole_admin_secret_matches() {
        let secret = AdminSecret::new(SECRET).unwrap();
        assert!(secret.matches(SECRET.as_bytes()));
        for wrong in ["", "x", &SECRET[1..], &SECRET[..35], &format!("{SECRET}x")] {
            assert!(!secret.matches(wrong.as_bytes()), "{wrong}");
        }
        assert_eq!(format!("{secret:?}"), "AdminSecret(hidden)");
    }

    #[test]
    fn open_is_refused_where_others_can_reach_it() {
        for (listen, accepted) in [
            ("127.0.0.1:0", true),
            ("127.8.9.10:80", true),
            ("[::1]:0", true),
            ("0.0.0.0:80", false),
            ("[::]:80", false),
            ("192.168.1.4:80", false),
        ] {
            let config = ServerConfig {
                listen: listen.parse().unwrap(),
                open: true,
                ..ServerConfig::default()
            };
            assert_eq!(config.check().is_ok(), accepted, "{listen}");
        }
    }
}
