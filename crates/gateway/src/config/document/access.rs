//! `clients`: who may use the gateway.

use serde::Deserialize;

use super::written::{Count, SecretText};

/// A program or a person that uses the gateway.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(in super::super) struct ClientDocument {
    /// Its name in logs and metrics; unique.
    pub(in super::super) name: String,
    /// Its keys; two while one takes the place of the other.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub(in super::super) keys: Vec<ClientKeyDocument>,
    /// The models it may ask for; `*` at the end stands for any ending. Default: all.
    pub(in super::super) models: Option<Vec<String>>,
    /// Requests a minute. Default: no limit.
    pub(in super::super) rpm: Option<Count>,
    /// Tokens a minute. Default: no limit.
    pub(in super::super) tpm: Option<Count>,
    /// What it may spend. Default: no limit.
    pub(in super::super) budget: Option<BudgetDocument>,
}

/// A client's key: its SHA-256, or the key itself, best by `${VAR}` or `${file:…}`.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(in super::super) struct ClientKeyDocument {
    /// The SHA-256 of the key in 64 hexadecimal digits, as `model-multiplexer key` prints it.
    pub(in super::super) sha256: Option<SecretText>,
    /// The key itself.
    pub(in super::super) key: Option<SecretText>,
    /// When it ceases to count: `2027-01-31` or `2027-01-31T12:00:00Z`. Default: never.
    pub(in super::super) expires: Option<String>,
}

/// What a client may spend, by the prices that are known.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(in super::super) struct BudgetDocument {
    /// US dollars, more than 0.
    #[cfg_attr(test, schemars(range(min = 0.0)))]
    pub(in super::super) usd: f64,
    /// `day`, `month` or `total`; by UTC. Default: `month`.
    pub(in super::super) per: Option<PeriodName>,
}

/// When a budget begins anew.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(in super::super) enum PeriodName {
    /// Each day.
    Day,
    /// Each month.
    Month,
    /// Never.
    Total,
}
