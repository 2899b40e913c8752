//! `server`, `log` and `state`.

use serde::Deserialize;

use super::providers::CertificateDocument;
use super::written::{Count, OneOrMany, SecretText, Whole};

/// Where and how the gateway listens.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(in super::super) struct ServerDocument {
    /// The address to listen on: `127.0.0.1` for this machine alone, `0.0.0.0` or `::` for all.
    /// Default: `127.0.0.1`.
    pub(in super::super) host: Option<String>,
    /// The port to listen on; 0 takes a free one. The variable `PORT` counts before it. Default:
    /// 3000.
    pub(in super::super) port: Option<u16>,
    /// TLS. Default: none is spoken.
    pub(in super::super) tls: Option<CertificateDocument>,
    /// `true`: listening on a public address without any client's key is what is wanted. Default:
    /// false, and it is refused.
    pub(in super::super) allow_public_without_key: Option<bool>,
    /// Names that a request's `Host` may have, besides `localhost` and the address itself.
    #[serde(default)]
    pub(in super::super) hosts: Vec<String>,
    /// Addresses or networks whose `X-Forwarded-For` is believed: `10.0.0.0/8`.
    #[serde(default)]
    pub(in super::super) trusted_proxies: Vec<String>,
    /// Origins that browsers may call from, as `https://chat.example.com`. Default: none.
    #[serde(default)]
    pub(in super::super) cors: Vec<String>,
    /// Requests a minute from one address that has not shown a key; 0 is no limit. The variable
    /// `RATE_LIMIT_MAX` counts before it. Default: 100.
    pub(in super::super) rate_limit_max: Option<Whole>,
    /// How large things may be.
    #[serde(default)]
    pub(in super::super) limits: BoundsDocument,
    /// For how many milliseconds streams may go on once the gateway is told to stop. Default:
    /// 30000.
    pub(in super::super) grace_ms: Option<Whole>,
}

/// How large things may be, in bytes where nothing else is said.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(in super::super) struct BoundsDocument {
    /// A request's body. Default: 33554432.
    pub(in super::super) body_bytes: Option<Count>,
    /// A request's head. Default: 65536.
    pub(in super::super) head_bytes: Option<Count>,
    /// A reply that is not a stream, decoded. Default: 67108864.
    pub(in super::super) reply_bytes: Option<Count>,
    /// One event of a stream. Default: 8388608.
    pub(in super::super) event_bytes: Option<Count>,
    /// All request bodies that are kept for failover. Default: 268435456.
    pub(in super::super) retained_bytes: Option<Count>,
    /// Connections at a time. Default: 10000.
    pub(in super::super) connections: Option<Count>,
    /// Requests at a time. Default: 5000.
    pub(in super::super) requests: Option<Count>,
    /// How many milliseconds a request's head and body may take to arrive. Default: 30000.
    pub(in super::super) arrival_ms: Option<Count>,
    /// For how many milliseconds a client may take nothing of its answer, before its connection is
    /// closed. Default: 60000.
    pub(in super::super) unread_ms: Option<Count>,
}

/// What is written to the log.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(in super::super) struct LogDocument {
    /// The least that is written. The variable `LOG_LEVEL` counts before it. Default: `info`.
    pub(in super::super) level: Option<LevelName>,
    /// How a line looks. Default: `pretty` on a terminal, `json` otherwise.
    pub(in super::super) format: Option<FormatName>,
    /// A line for each request. Default: true.
    pub(in super::super) access: Option<bool>,
}

/// How much is written.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(in super::super) enum LevelName {
    /// Also what is of use to find a fault.
    Debug,
    /// What happens.
    Info,
    /// What somebody should look at.
    Warn,
    /// What went wrong.
    Error,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(in super::super) enum FormatName {
    /// For people.
    Pretty,
    /// One JSON object a line.
    Json,
}

/// Where rests and quotas are kept: in `file` or in `redis`. Default: in memory.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(in super::super) struct StateDocument {
    /// In a file, for one gateway.
    pub(in super::super) file: Option<FileStateDocument>,
    /// In Redis, for several.
    pub(in super::super) redis: Option<RedisStateDocument>,
}

/// State in a file.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(in super::super) struct FileStateDocument {
    /// The file.
    pub(in super::super) path: String,
    /// How often it is written, in milliseconds. Default: 1000.
    pub(in super::super) flush_interval_ms: Option<Count>,
}

/// State in Redis.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(in super::super) struct RedisStateDocument {
    /// `redis://` or `rediss://`; several are the nodes of a cluster.
    pub(in super::super) url: OneOrMany<SecretText>,
    /// What its keys begin with. Default: `model-multiplexer`, as the library's.
    pub(in super::super) prefix: Option<String>,
    /// While Redis cannot be reached: `stop` spends only what has been granted, `share` a part of
    /// each limit. Default: `stop`.
    pub(in super::super) on_state_loss: Option<OnLossName>,
}

/// What is done while Redis cannot be reached.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(in super::super) enum OnLossName {
    /// Only what has been granted is spent.
    Stop,
    /// Each member spends its share of the limit.
    Share,
}
