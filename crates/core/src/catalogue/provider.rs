//! What is known of a provider.

use serde::{Deserialize, Serialize};

use crate::recovery::Prefill;

/// How a provider is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// As `OpenAI`'s API: chat completions with a bearer key.
    OpenAi,
}

/// Whose the limits of a plan are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LimitsPer {
    /// Each model has them to itself, for one account.
    #[default]
    Model,
    /// All models of an account share them.
    Account,
}

/// What a plan allows. What is absent is without a limit, or not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PlanLimits {
    /// Requests a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rpm: Option<u64>,
    /// Requests an hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rph: Option<u64>,
    /// Requests a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rpd: Option<u64>,
    /// Tokens a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tpm: Option<u64>,
    /// Tokens an hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tph: Option<u64>,
    /// Tokens a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tpd: Option<u64>,
}

/// Where a provider is reached and what holds for all its models.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Provider {
    /// Its name in configurations: `groq`.
    pub id: String,
    /// Its name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The root of its OpenAI-compatible API. None where every customer has one of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// The environment variables in which its key is looked for, in this order.
    #[serde(default)]
    pub api_key_env: Vec<String>,
    /// It answers without a key.
    #[serde(default)]
    pub key_optional: bool,
    /// How it is spoken to.
    #[serde(default = "Provider::usual_dialect")]
    pub dialect: Dialect,
    /// The IANA time zone in which its days begin.
    #[serde(default = "Provider::usual_zone")]
    pub zone: String,
    /// Whose its limits are.
    #[serde(default)]
    pub limits_per: LimitsPer,
    /// The limits of its free plan where a model's offer names none of its own. None where there
    /// is no such plan, or its limits are not public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free_plan: Option<PlanLimits>,
    /// How it goes on from a partial answer, where all its models do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefill: Option<Prefill>,
    /// Where it does so, if not at [`Self::base_url`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefill_base_url: Option<String>,
    /// Where the facts are from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The day (ISO 8601) as of which they were true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
}

impl Provider {
    fn usual_dialect() -> Dialect {
        Dialect::OpenAi
    }

    fn usual_zone() -> String {
        "UTC".to_owned()
    }
}
