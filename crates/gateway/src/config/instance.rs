//! A provider instance: an account at a provider, with its keys and the models it serves.

use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;

use model_multiplexer_core::catalogue::Price;
use model_multiplexer_core::fleet::Tier;
use model_multiplexer_core::outcome::Domain;
use model_multiplexer_core::quota::{self, Limit, Meter, Pace, Zone};
use model_multiplexer_core::recovery::Prefill;

use super::Secret;

/// One entry of `providers`. It makes a target of each of its models with each of its keys.
#[derive(Clone, Debug)]
pub struct Instance {
    /// Its name in logs, metrics, headers and errors; unique.
    pub id: String,
    /// The provider's type: `openai`, `groq`, `openai-compatible` and so on.
    pub kind: String,
    /// The API's root, without a slash at the end. Default: that of the provider's type.
    pub base_url: String,
    /// Its keys, in the order in which they are written. None: it needs none, and is sent none.
    pub keys: Vec<Secret>,
    /// The models it serves, one or more. The first is the one that `multirouter-auto` uses.
    pub models: Vec<Model>,
    /// The account that its keys belong to. Default: an account of its own, with its `id` as name.
    pub account: String,
    /// The failure domain of the provider. Default: its type, or its `id` for `openai-compatible`.
    pub provider: String,
    /// Limits that all its models share, for each key.
    pub limits: Limits,
    /// Limits that hold for all who share an account, a provider, or a model at it.
    pub shared_limits: BTreeMap<Domain, Limits>,
    /// Further headers of every request to it, by their names in lower case.
    pub headers: BTreeMap<String, Secret>,
    /// How it is reached.
    pub proxy: Proxy,
    /// True: HTTP/2 over TLS where the server offers it. Default false.
    pub http2: bool,
    /// A PEM file with certificate authorities that are trusted besides the system's.
    pub ca_file: Option<PathBuf>,
    /// What this side shows of itself in TLS.
    pub client_certificate: Option<ClientCertificate>,
}

/// A model of an instance.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// What clients ask for.
    pub name: String,
    /// The `model` that requests to the provider carry. Default: the name.
    pub model_name: String,
    /// Its share of the draws within its tier; 1 or more.
    pub weight: NonZeroU64,
    /// When it is asked: lower ones first.
    pub tier: Tier,
    /// How many calls it may have at a time, for each key; none is without limit.
    pub max_concurrent: Option<NonZeroU32>,
    /// Limits of its own, for each key.
    pub limits: Limits,
    /// What a request may require, as `region: eu`.
    pub tags: BTreeMap<String, String>,
    /// How many tokens its context takes, if that is known. Default: as the catalogue knows it.
    pub context_window: Option<NonZeroU32>,
    /// Its streams may end without `finish_reason`.
    pub finish_optional: bool,
    /// In which form it takes the beginning of its answer, if it does. Default: as the catalogue
    /// knows it.
    pub prefill: Option<Prefill>,
    /// How large it is, as the catalogue knows it: from 4 to 1.
    pub size: Option<u8>,
    /// What it costs, as the catalogue knows it.
    pub price: Option<Price>,
}

/// How many requests and tokens are allowed in a window of time. None: without limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests a minute.
    pub rpm: Option<NonZeroU64>,
    /// Requests an hour.
    pub rph: Option<NonZeroU64>,
    /// Requests a day.
    pub rpd: Option<NonZeroU64>,
    /// Tokens a minute.
    pub tpm: Option<NonZeroU64>,
    /// Tokens an hour.
    pub tph: Option<NonZeroU64>,
    /// Tokens a day.
    pub tpd: Option<NonZeroU64>,
    /// Requests at a time.
    pub concurrent: Option<NonZeroU32>,
    /// How the windows lie.
    pub windows: Windows,
    /// The zone of the day's beginning. Default: the provider's, in most cases UTC.
    pub time_zone: Zone,
}

impl Limits {
    /// As the engine is told them, without those at a time.
    pub(crate) fn to_core(&self) -> quota::Limits {
        let written = [self.rpm, self.rph, self.rpd, self.tpm, self.tph, self.tpd];
        let pace = match self.windows {
            Windows::Fixed => Pace::Fixed(self.time_zone.clone()),
            Windows::Sliding => Pace::Sliding,
        };
        let limit = |most| Limit { most, pace: pace.clone() };
        let pairs = Meter::ALL.into_iter().zip(written);
        pairs.filter_map(|(meter, most)| Some((meter, limit(most?)))).collect()
    }
}

impl Default for Limits {
    /// No limits; days begin by UTC.
    fn default() -> Self {
        Self {
            rpm: None,
            rph: None,
            rpd: None,
            tpm: None,
            tph: None,
            tpd: None,
            concurrent: None,
            windows: Windows::default(),
            time_zone: Zone::utc(),
        }
    }
}

/// How the windows of limits lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Windows {
    /// Aligned to the minute, the hour and the day.
    #[default]
    Fixed,
    /// Evenly spread.
    Sliding,
}

/// How an instance is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Proxy {
    /// As the environment says: `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY` under `NODE_USE_ENV_PROXY=1`.
    #[default]
    Environment,
    /// Directly.
    None,
    /// By way of this http(s) URL, which may hold a name and a password.
    Url(Secret),
}

/// PEM files with which this side shows who it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClientCertificate {
    /// The certificate, and those between it and the authority.
    pub cert_file: PathBuf,
    /// Its private key.
    pub key_file: PathBuf,
}

/// An instance that is not used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Its name.
    pub id: String,
    /// Why, in words for people: `it has no API key`.
    pub reason: String,
}
