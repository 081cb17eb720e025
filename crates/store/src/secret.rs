//! Secrets: made from the operating system's random numbers, shown once, kept as a salted hash.
//!
//! A password needs a slow hash because people choose it from few possibilities. A secret here is 384 random bits:
//! nobody can try them, so a slow hash would add no safety. It would add harm: argon2id with its usual parameters
//! takes 14 ms and 19 MiB for each request, which caps a core at 70 requests a second and lets anyone
//! without credentials use up the machine. SHA-256 of salt and secret takes well under a microsecond.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

use crate::error::StoreError;

/// 48 bytes are 64 characters of base64url, without padding.
const SECRET_BYTES: usize = 48;
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;
const ALGORITHM: &str = "sha256";

/// A secret in plain text, which exists only between its making and its being shown.
///
/// `Debug` doesn't print it, and there is no `Display`: showing it takes a call to [`Secret::expose`].
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub(crate) fn generate() -> Result<Self, StoreError> {
        Ok(Self(
            URL_SAFE_NO_PAD.encode(random_bytes::<SECRET_BYTES>()?),
        ))
    }

    /// The 64 characters, for the one who asked for them.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(hidden)")
    }
}

/// What is kept of a secret. As text: `sha256$salt$hash`, both in base64url, so that another algorithm can follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Digest {
    salt: [u8; SALT_BYTES],
    hash: [u8; HASH_BYTES],
}

impl Digest {
    pub(crate) fn of(secret: &Secret) -> Result<Self, StoreError> {
        let salt = random_bytes()?;
        Ok(Self {
            salt,
            hash: salted_hash(&salt, secret.expose()),
        })
    }

    /// Stands in for the digest of a tenant that doesn't exist. No text is known to have this hash.
    pub(crate) const fn decoy() -> Self {
        Self {
            salt: [0; SALT_BYTES],
            hash: [0; HASH_BYTES],
        }
    }

    /// Whether `secret` is the one that was hashed, in a time that doesn't depend on how much of it is right.
    pub(crate) fn matches(&self, secret: &str) -> bool {
        salted_hash(&self.salt, secret).ct_eq(&self.hash).into()
    }

    /// Reads the stored text; `None` when it is not of this form.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('$');
        let (algorithm, salt, hash) = (parts.next()?, parts.next()?, parts.next()?);
        if algorithm != ALGORITHM || parts.next().is_some() {
            return None;
        }
        Some(Self {
            salt: URL_SAFE_NO_PAD.decode(salt).ok()?.try_into().ok()?,
            hash: URL_SAFE_NO_PAD.decode(hash).ok()?.try_into().ok()?,
        })
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let salt = URL_SAFE_NO_PAD.encode(self.salt);
        let hash = URL_SAFE_NO_PAD.encode(self.hash);
        write!(formatter, "{ALGORITHM}${salt}${hash}")
    }
}

fn salted_hash(salt: &[u8], secret: &str) -> [u8; HASH_BYTES] {
    Sha256::new()
        .chain_update(salt)
        .chain_update(secret)
        .finalize()
        .into()
}

fn random_bytes<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(StoreError::Randomness)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_64_characters_of_base64url_and_never_the_same() {
        let secret = Secret::generate().unwrap();
        assert_eq!(secret.expose().len(), 64);
        let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        assert!(secret.expose().bytes().all(is_base64url));
        assert_ne!(secret, Secret::generate().unwrap());
    }

    #[test]
    fn debug_does_not_print_the_secret() {
        let secret = Secret::generate().unwrap();
        assert_eq!(format!("{secret:?}"), "Secret(hidden)");
    }

    #[test]
    fn a_digest_matches_its_secret_and_nothing_else() {
        let secret = Secret::generate().unwrap();
        let digest = Digest::of(&secret).unwrap();
        assert!(digest.matches(secret.expose()));
        assert!(!digest.matches(&secret.expose()[..63]));
        assert!(!digest.matches(""));
        assert!(!digest.matches(Secret::generate().unwrap().expose()));
    }

    #[test]
    fn one_secret_has_another_digest_each_time() {
        let secret = Secret::generate().unwrap();
        assert_ne!(
            Digest::of(&secret).unwrap(),
            Digest::of(&secret).unwrap(),
            "the salt must differ"
        );
    }

    #[test]
    fn a_digest_survives_its_text_and_does_not_contain_the_secret() {
        let secret = Secret::generate().unwrap();
        let digest = Digest::of(&secret).unwrap();
        let text = digest.to_string();
        assert!(text.starts_with("sha256$"));
        assert!(!text.contains(secret.expose()));
        assert_eq!(Digest::parse(&text), Some(digest));
    }

    #[test]
    fn the_hash_is_sha_256_of_salt_and_secret() {
        // (head -c 16 /dev/zero; printf abc) | sha256sum
        let hash = salted_hash(&[0; SALT_BYTES], "abc");
        assert_eq!(hash.len(), HASH_BYTES);
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            hex,
            "277e7ff6d232b9763f4a66e8d05d210da32dac9c6dbce1026ad4cc98acb5fefe"
        );
    }

    #[test]
    fn other_texts_are_no_digest() {
        let salt = URL_SAFE_NO_PAD.encode([1; SALT_BYTES]);
        let hash = URL_SAFE_NO_PAD.encode([2; HASH_BYTES]);
        assert!(Digest::parse(&format!("sha256${salt}${hash}")).is_some());
        let refused = [
            String::new(),
            "sha256".to_owned(),
            format!("sha256${salt}"),
            format!("sha256${hash}${salt}"),
            format!("sha512${salt}${hash}"),
            format!("sha256${salt}${hash}$"),
            format!("sha256${salt}$not base64"),
        ];
        for text in refused {
            assert_eq!(Digest::parse(&text), None, "{text}");
        }
    }
}
