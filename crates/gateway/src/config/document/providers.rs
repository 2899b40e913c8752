//! `providers`: instances and their models.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::written::{Count, KeyText, OneOrMany, ProxyText, SecretText, TextOr};

/// A provider instance: an account at a provider, with its keys and the models it serves.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(in super::super) struct ProviderDocument {
    /// Its name in logs, metrics, headers and errors; unique.
    pub(in super::super) id: String,
    /// The provider's type: `openai`, `groq`, `cerebras`, `openrouter`, `gemini`,
    /// `openai-compatible` and others.
    pub(in super::super) r#type: String,
    /// Its key, or several keys of the account: `${GROQ_API_KEY}`. Without a key the instance is
    /// skipped, unless servers of its type need none and this field is left out.
    pub(in super::super) api_key: Option<OneOrMany<KeyText>>,
    /// The API's root, as `http://localhost:11434/v1`. Required for `openai-compatible`; default:
    /// that of the type.
    pub(in super::super) base_url: Option<String>,
    /// The models it serves: names, or maps with more about each. The first one is what
    /// `multirouter-auto` uses.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub(in super::super) models: Vec<TextOr<ModelDocument>>,
    /// `false`: it is not used. Default: true.
    pub(in super::super) enabled: Option<bool>,
    /// Instances of a lower number are asked first; equal ones in the order of the file. From 0 to
    /// 1000. Default: 1.
    #[cfg_attr(test, schemars(range(max = 1000)))]
    pub(in super::super) priority: Option<u16>,
    /// `fallback`: asked only when no `primary` one can be. Default: `primary`.
    pub(in super::super) tier: Option<TierName>,
    /// The share of the requests of each of its models, under the strategy `weighted`. Default: 1.
    pub(in super::super) weight: Option<Count>,
    /// In which form its models take the beginning of their answer, for `mid_stream: recover`.
    /// Default: as the catalogue knows it.
    pub(in super::super) prefill: Option<PrefillName>,
    /// How many requests each of its models may have at a time, for each key. Default: no limit.
    pub(in super::super) max_concurrent: Option<Count>,
    /// How many requests and tokens its models may use together, for each key.
    #[serde(default)]
    pub(in super::super) limits: LimitsDocument,
    /// What its models share with those of other instances of the same account or provider.
    #[serde(default)]
    pub(in super::super) shared_limits: SharedLimitsDocument,
    /// What a request may require, as `{ region: eu }`.
    #[serde(default)]
    pub(in super::super) tags: BTreeMap<String, String>,
    /// The account that its keys belong to, where several instances share one: they rest together
    /// when a failure concerns the account. Default: an account of its own.
    pub(in super::super) account: Option<String>,
    /// A name for the provider, for failures that concern it. Default: its type; for
    /// `openai-compatible` its id.
    pub(in super::super) provider: Option<String>,
    /// Further headers of every request to it.
    #[serde(default)]
    pub(in super::super) headers: BTreeMap<String, SecretText>,
    /// The http(s) URL of a proxy, or `false` for none. Default: as `HTTP_PROXY`, `HTTPS_PROXY` and
    /// `NO_PROXY` say where `NODE_USE_ENV_PROXY=1`.
    pub(in super::super) proxy: Option<ProxyText>,
    /// `true`: HTTP/2 over TLS if it offers it. Default: false.
    pub(in super::super) http2: Option<bool>,
    /// A PEM file with certificate authorities that are trusted besides the system's.
    pub(in super::super) ca_file: Option<String>,
    /// What this side shows of itself in TLS.
    pub(in super::super) client_certificate: Option<CertificateDocument>,
}

/// A model of an instance. What is not said here is as the instance says.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(in super::super) struct ModelDocument {
    /// What clients ask for.
    pub(in super::super) name: String,
    /// The `model` that requests to the provider carry. Default: the name.
    pub(in super::super) model_name: Option<String>,
    /// As the instance's.
    #[cfg_attr(test, schemars(range(max = 1000)))]
    pub(in super::super) priority: Option<u16>,
    /// As the instance's.
    pub(in super::super) tier: Option<TierName>,
    /// As the instance's.
    pub(in super::super) weight: Option<Count>,
    /// As the instance's.
    pub(in super::super) max_concurrent: Option<Count>,
    /// How many requests and tokens it may use by itself, for each key.
    #[serde(default)]
    pub(in super::super) limits: LimitsDocument,
    /// Added to the instance's.
    #[serde(default)]
    pub(in super::super) tags: BTreeMap<String, String>,
    /// As the instance's.
    pub(in super::super) prefill: Option<PrefillName>,
    /// How many tokens its context takes: what was too long for a smaller one is asked of it.
    /// Default: as the catalogue knows it.
    pub(in super::super) context_window: Option<Count>,
    /// Its streams may end without `finish_reason`; else that is an error. Default: false.
    pub(in super::super) finish_optional: Option<bool>,
}

/// Limits that hold for all who share something, whichever instance declares them.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(in super::super) struct SharedLimitsDocument {
    /// Of the account, with all its keys.
    pub(in super::super) account: Option<LimitsDocument>,
    /// Of each model at the provider, whatever the key.
    pub(in super::super) model: Option<LimitsDocument>,
    /// Of the provider.
    pub(in super::super) provider: Option<LimitsDocument>,
}

/// When something is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(in super::super) enum TierName {
    /// While any of them can be.
    Primary,
    /// When no primary one can be.
    Fallback,
}

/// In which form a model takes the beginning of its answer: always as a last message of the
/// assistant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(in super::super) enum PrefillName {
    /// With `prefix: true` in that message, as those of Mistral.
    Prefix,
    /// With `continue_final_message: true` in the request, as those of vLLM.
    ContinueFinalMessage,
    /// With nothing else, as some of Anthropic.
    Assistant,
    /// It takes none.
    None,
}

/// How many requests and tokens are allowed. What is not given is without limit.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(in super::super) struct LimitsDocument {
    /// Requests a minute.
    pub(in super::super) rpm: Option<Count>,
    /// Requests an hour.
    pub(in super::super) rph: Option<Count>,
    /// Requests a day.
    pub(in super::super) rpd: Option<Count>,
    /// Tokens a minute.
    pub(in super::super) tpm: Option<Count>,
    /// Tokens an hour.
    pub(in super::super) tph: Option<Count>,
    /// Tokens a day.
    pub(in super::super) tpd: Option<Count>,
    /// Requests at a time. A model's own are `max_concurrent`.
    pub(in super::super) concurrent: Option<Count>,
    /// `fixed`: aligned to the minute, the hour and the day. `sliding`: evenly spread. Default:
    /// `fixed`.
    pub(in super::super) windows: Option<WindowsName>,
    /// Where the day begins, as `America/Los_Angeles`. Default: as the provider does, mostly UTC.
    pub(in super::super) time_zone: Option<String>,
}

/// How the windows of limits lie.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(in super::super) enum WindowsName {
    /// Aligned.
    Fixed,
    /// Evenly spread.
    Sliding,
}

/// PEM files of a certificate.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(in super::super) struct CertificateDocument {
    /// The certificate, and those between it and the authority.
    pub(in super::super) cert_file: String,
    /// Its private key.
    pub(in super::super) key_file: String,
}
