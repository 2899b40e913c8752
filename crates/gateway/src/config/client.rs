//! Who may use the gateway, with which keys, and how much.

use std::fmt;
use std::num::NonZeroU64;

use sha2::{Digest, Sha256};
use time::OffsetDateTime;

/// A program or a person that uses the gateway.
#[derive(Clone, Debug, PartialEq)]
pub struct Client {
    /// Its name in logs and metrics; unique.
    pub name: String,
    /// Its keys; several while one takes the place of another.
    pub keys: Vec<ClientKey>,
    /// The models it may ask for; a `*` at the end stands for any ending. None: all of them.
    pub models: Option<Vec<String>>,
    /// Requests a minute. None: without limit.
    pub rpm: Option<NonZeroU64>,
    /// Tokens a minute. None: without limit.
    pub tpm: Option<NonZeroU64>,
    /// What it may spend. None: without limit.
    pub budget: Option<Budget>,
}

/// One of a client's keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientKey {
    /// What is kept of it.
    pub hash: KeyHash,
    /// From when on it does not count any more. None: it does not expire.
    pub expires: Option<OffsetDateTime>,
}

/// The SHA-256 of a key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyHash(pub [u8; 32]);

impl KeyHash {
    /// That of this key.
    pub fn of(key: &str) -> Self {
        Self(Sha256::digest(key.as_bytes()).into())
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What a client may spend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    /// US dollars; more than 0.
    pub usd: f64,
    /// In which time. Default [`Period::Month`].
    pub per: Period,
}

/// When a budget begins anew, by UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Period {
    /// Each day.
    Day,
    /// Each month.
    #[default]
    Month,
    /// Never.
    Total,
}
