//! How a fault is written in a script, and what of it makes no sense; not what it does.

use std::time::Duration;

use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::value::{ErrorBody, HeaderPairs, Millis, Probability};
use super::{Fault, FaultKind};
use crate::answer::provider_error::{ProviderError, ProviderEvent};

/// What providers like to ask for.
const DELAY: Duration = Duration::from_millis(7660);
const MOST_BYTES_PER_SECOND: u32 = 1_000_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    Status,
    Refusal,
    Reset,
    StaleConnection,
    NoAnswer,
    SlowFirstToken,
    Cut,
    Stall,
    Pings,
    Trickle,
    NeverCloses,
    MalformedEvent,
    ErrorEvent,
    MissingDone,
    MissingFinishReason,
    EmptyBody,
    Html,
    InvalidJson,
    NoContent,
    Redirect,
}

impl Kind {
    /// The fields that belong to the kind, besides `kind`, `first` and `probability`.
    fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Status => &["status", "body", "headers", "early"],
            Self::Refusal => &["provider", "reason", "delayMs", "early"],
            Self::StaleConnection => &["reset"],
            Self::SlowFirstToken => &["ms"],
            Self::Cut | Self::Stall => &["afterTokens"],
            Self::Pings => &["afterTokens", "ms", "data", "count"],
            Self::Trickle => &["afterTokens", "bytesPerSecond"],
            Self::NeverCloses => &["after"],
            Self::MalformedEvent => &["afterTokens", "data"],
            Self::ErrorEvent => &["afterTokens", "error", "event", "provider"],
            Self::EmptyBody | Self::Html => &["status"],
            Self::Redirect => &["status", "location"],
            Self::Reset
            | Self::NoAnswer
            | Self::MissingDone
            | Self::MissingFinishReason
            | Self::InvalidJson
            | Self::NoContent => &[],
        }
    }

    /// The kind and its fields, as scripts write them.
    fn described(self) -> String {
        let quoted: Vec<_> = self.fields().iter().map(|field| format!("\"{field}\"")).collect();
        let fields =
            if quoted.is_empty() { "none of its own".to_owned() } else { quoted.join(", ") };
        format!("the fault {}, which has {fields}", written_name(self))
    }
}

/// A name as scripts write it: of a variant's, the first letter is small.
fn written_name(kind: Kind) -> String {
    let name = format!("{kind:?}");
    let (first, rest) = name.split_at(1);
    format!("\"{}{rest}\"", first.to_ascii_lowercase())
}

/// All fields of all kinds. A tagged enum of serde would lose the path of an error.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Written {
    kind: Kind,
    first: Option<u64>,
    probability: Option<Probability>,
    status: Option<u16>,
    body: Option<ErrorBody>,
    headers: Option<HeaderPairs>,
    early: Option<bool>,
    provider: Option<String>,
    reason: Option<String>,
    delay_ms: Option<Millis>,
    reset: Option<bool>,
    ms: Option<Millis>,
    after_tokens: Option<u64>,
    data: Option<String>,
    count: Option<u64>,
    bytes_per_second: Option<u32>,
    /// `finish` or `done`: what a stream that does not end has sent.
    after: Option<Value>,
    error: Option<Map<String, Value>>,
    event: Option<String>,
    location: Option<String>,
}

impl Written {
    /// The first field that is present and does not belong to the kind.
    fn stray(&self) -> Option<&'static str> {
        let present = [
            ("status", self.status.is_some()),
            ("body", self.body.is_some()),
            ("headers", self.headers.is_some()),
            ("early", self.early.is_some()),
            ("provider", self.provider.is_some()),
            ("reason", self.reason.is_some()),
            ("delayMs", self.delay_ms.is_some()),
            ("reset", self.reset.is_some()),
            ("ms", self.ms.is_some()),
            ("afterTokens", self.after_tokens.is_some()),
            ("data", self.data.is_some()),
            ("count", self.count.is_some()),
            ("bytesPerSecond", self.bytes_per_second.is_some()),
            ("after", self.after.is_some()),
            ("error", self.error.is_some()),
            ("event", self.event.is_some()),
            ("location", self.location.is_some()),
        ];
        let fields = self.kind.fields();
        present.iter().find(|(name, is)| *is && !fields.contains(name)).map(|(name, _)| *name)
    }

    fn status(&self, default: u16) -> Result<StatusCode, String> {
        let status = self.status.unwrap_or(default);
        // hyper answers no final status below 200: those are interim answers.
        StatusCode::from_u16(status)
            .ok()
            .filter(|status| (200..=599).contains(&status.as_u16()))
            .ok_or_else(|| format!("`status` is {status}, expected a status from 200 to 599"))
    }

    fn is_after_done(&self) -> Result<bool, String> {
        match &self.after {
            None => Ok(false),
            Some(Value::String(name)) if name == "finish" => Ok(false),
            Some(Value::String(name)) if name == "done" => Ok(true),
            Some(other) => Err(format!("`after` is {other}, expected \"finish\" or \"done\"")),
        }
    }

    fn refusal(self) -> Result<FaultKind, String> {
        let provider = self.provider.ok_or("`provider` is missing, expected whose error it is")?;
        let reason = self.reason.ok_or("`reason` is missing, expected what is refused")?;
        let delay = self.delay_ms.map_or(DELAY, |delay| delay.0);
        ProviderError::find(provider, reason, delay).map(FaultKind::Refusal)
    }

    fn pings(self) -> Result<FaultKind, String> {
        let every = self.ms.ok_or("`ms` is missing, expected milliseconds between two pings")?.0;
        if every < Duration::from_millis(1) {
            return Err("`ms` is less than 1, expected milliseconds between two pings".to_owned());
        }
        let after_tokens = self.after_tokens.unwrap_or(0);
        Ok(FaultKind::Pings { after_tokens, every, data: self.data, count: self.count })
    }

    fn trickle(&self) -> Result<FaultKind, String> {
        let bytes_per_second = self.bytes_per_second.unwrap_or(1);
        if !(1..=MOST_BYTES_PER_SECOND).contains(&bytes_per_second) {
            return Err(format!(
                "`bytesPerSecond` is {bytes_per_second}, expected from 1 to {MOST_BYTES_PER_SECOND}"
            ));
        }
        Ok(FaultKind::Trickle { after_tokens: self.after_tokens.unwrap_or(0), bytes_per_second })
    }
}

impl TryFrom<Written> for Fault {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        if let Some(stray) = written.stray() {
            return Err(format!("`{stray}` is no field of {}", written.kind.described()));
        }
        Ok(Self {
            first: written.first,
            probability: written.probability.map_or(1.0, |chance| chance.0),
            early: written.early.unwrap_or(false),
            kind: kind_of(written)?,
        })
    }
}

fn kind_of(written: Written) -> Result<FaultKind, String> {
    let after_tokens = written.after_tokens.unwrap_or(0);
    Ok(match written.kind {
        Kind::Status => FaultKind::Status {
            status: written.status(500)?,
            body: written.body,
            headers: written.headers.unwrap_or_default(),
        },
        Kind::Refusal => written.refusal()?,
        Kind::Reset => FaultKind::Reset,
        Kind::StaleConnection => {
            FaultKind::StaleConnection { reset: written.reset.unwrap_or(false) }
        }
        Kind::NoAnswer => FaultKind::NoAnswer,
        Kind::SlowFirstToken => FaultKind::SlowFirstToken(
            written.ms.ok_or("`ms` is missing, expected milliseconds until the first token")?.0,
        ),
        Kind::Cut => FaultKind::Cut { after_tokens },
        Kind::Stall => FaultKind::Stall { after_tokens },
        Kind::Pings => written.pings()?,
        Kind::Trickle => written.trickle()?,
        Kind::NeverCloses => FaultKind::NeverCloses { after_done: written.is_after_done()? },
        Kind::MalformedEvent => FaultKind::MalformedEvent { after_tokens, data: written.data },
        Kind::ErrorEvent => FaultKind::ErrorEvent {
            after_tokens,
            error: written.error,
            event: written.event,
            provider: written.provider.map(ProviderEvent::find).transpose()?,
        },
        Kind::MissingDone => FaultKind::MissingDone,
        Kind::MissingFinishReason => FaultKind::MissingFinishReason,
        Kind::EmptyBody => FaultKind::EmptyBody(written.status(200)?),
        Kind::Html => FaultKind::Html(written.status(200)?),
        Kind::InvalidJson => FaultKind::InvalidJson,
        Kind::NoContent => FaultKind::NoContent,
        Kind::Redirect => FaultKind::Redirect {
            status: written.status(307)?,
            location: written
                .location
                .and_then(|location| HeaderValue::try_from(location).ok())
                .ok_or("`location` is missing or no header value, expected where to redirect to")?,
        },
    })
}
