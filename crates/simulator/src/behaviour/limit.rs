//! What a limit of a behaviour is written as; not when it refuses (see `limits`).

use std::time::Duration;

use serde::Deserialize;

use super::setting::Setting;
use super::value::Millis;

/// How many requests and tokens a window takes.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Limits {
    /// Requests per window. Default: no limit.
    pub rpm: Setting<u64>,
    /// Tokens, of prompt and answer, per window. Default: no limit.
    pub tpm: Setting<u64>,
    /// The length of the window in milliseconds. Default 60000.
    pub window_ms: Setting<Millis>,
    /// What shares one window. Default `keyAndModel`.
    pub scope: Setting<LimitScope>,
}

impl Limits {
    pub(crate) fn overlay(&mut self, later: &Self) {
        self.rpm.overlay(&later.rpm);
        self.tpm.overlay(&later.tpm);
        self.window_ms.overlay(&later.window_ms);
        self.scope.overlay(&later.scope);
    }

    /// The limits with every default filled in, or nothing if nothing is limited.
    pub(crate) fn settle(&self) -> Option<SettledLimits> {
        let (rpm, tpm) = (self.rpm.value().copied(), self.tpm.value().copied());
        (rpm.is_some() || tpm.is_some()).then(|| SettledLimits {
            rpm,
            tpm,
            window: self.window_ms.value().map_or(Duration::from_mins(1), |window| window.0),
            scope: self.scope.or(LimitScope::KeyAndModel),
        })
    }
}

/// The limits of one request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SettledLimits {
    pub(crate) rpm: Option<u64>,
    pub(crate) tpm: Option<u64>,
    pub(crate) window: Duration,
    pub(crate) scope: LimitScope,
}

/// Which requests share one window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LimitScope {
    /// All requests with one key.
    Key,
    /// All requests for one model.
    Model,
    /// All requests with one key for one model.
    KeyAndModel,
}

/// Whose headers tell about limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LimitHeaders {
    /// `x-ratelimit-*` per window, `retry-after-ms` and `retry-after` on 429.
    Openai,
    /// `x-ratelimit-*` with requests per day and tokens per minute, `retry-after` on 429.
    Groq,
    /// `anthropic-ratelimit-*` with the time of the reset, `retry-after` on 429.
    Anthropic,
    /// `x-ratelimit-*-minute` with seconds until the reset.
    Cerebras,
    /// `x-ratelimit-*` with the time of the reset in milliseconds, on 429 alone.
    Openrouter,
    /// None, not even on 429.
    None,
}
