//! What can be scripted to go wrong with one request; not which request it hits (see `script`).

use std::time::Duration;

use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::value::{ErrorBody, HeaderPairs, Millis, Probability};

/// A fault and which attempts it hits.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "RawFault")]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// Only so many first attempts with a key for a model are hit. Default: all.
    pub first: Option<u64>,
    /// The chance that an attempt is hit. Default 1.
    pub probability: f64,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FaultKind {
    /// Another status than 200.
    Status {
        /// The status.
        status: StatusCode,
        /// The body. Default: an error in the style of OpenAI.
        body: Option<ErrorBody>,
        /// More response headers.
        headers: HeaderPairs,
    },
    /// The TCP connection is reset before the response headers.
    Reset,
    /// The request is read and never answered.
    NoAnswer,
    /// The first token takes this long.
    SlowFirstToken(Duration),
    /// The connection closes in the middle of the body.
    Cut {
        /// Tokens sent before.
        after_tokens: u64,
    },
    /// The connection stays open and nothing more is sent.
    Stall {
        /// Tokens sent before.
        after_tokens: u64,
    },
    /// An event that is not JSON; the stream goes on after it.
    MalformedEvent {
        /// Tokens sent before.
        after_tokens: u64,
        /// The data of the event. Default: half a chunk.
        data: Option<String>,
    },
    /// An event that is an error; the stream ends after it.
    ErrorEvent {
        /// Tokens sent before.
        after_tokens: u64,
        /// The `error` member. Default: a server error in the style of OpenAI.
        error: Option<Map<String, Value>>,
        /// The name of the event. Default: none.
        event: Option<String>,
    },
    /// The stream ends without `[DONE]`.
    MissingDone,
    /// No choice has a finish reason.
    MissingFinishReason,
    /// A body of no bytes.
    EmptyBody(StatusCode),
    /// An HTML page.
    Html(StatusCode),
    /// A body that claims to be JSON and is not.
    InvalidJson,
    /// Status 204.
    NoContent,
    /// A redirect.
    Redirect {
        /// The status. Default 307.
        status: StatusCode,
        /// The `location` header.
        location: HeaderValue,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    Status,
    Reset,
    NoAnswer,
    SlowFirstToken,
    Cut,
    Stall,
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
            Self::Status => &["status", "body", "headers"],
            Self::SlowFirstToken => &["ms"],
            Self::Cut | Self::Stall => &["afterTokens"],
            Self::MalformedEvent => &["afterTokens", "data"],
            Self::ErrorEvent => &["afterTokens", "error", "event"],
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
}

/// All fields of all kinds. A tagged enum of serde would lose the path of an error.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawFault {
    kind: Kind,
    first: Option<u64>,
    probability: Option<Probability>,
    status: Option<u16>,
    body: Option<ErrorBody>,
    headers: Option<HeaderPairs>,
    ms: Option<Millis>,
    after_tokens: Option<u64>,
    data: Option<String>,
    error: Option<Map<String, Value>>,
    event: Option<String>,
    location: Option<String>,
}

impl RawFault {
    /// The first field that is present and does not belong to the kind.
    fn stray(&self) -> Option<&'static str> {
        let present = [
            ("status", self.status.is_some()),
            ("body", self.body.is_some()),
            ("headers", self.headers.is_some()),
            ("ms", self.ms.is_some()),
            ("afterTokens", self.after_tokens.is_some()),
            ("data", self.data.is_some()),
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
}

impl TryFrom<RawFault> for Fault {
    type Error = String;

    fn try_from(raw: RawFault) -> Result<Self, String> {
        if let Some(stray) = raw.stray() {
            let (kind, fields) = (raw.kind, raw.kind.fields());
            return Err(format!("`{stray}` is no field of a {kind:?} fault, which has {fields:?}"));
        }
        let (first, probability) = (raw.first, raw.probability.map_or(1.0, |chance| chance.0));
        Ok(Self { kind: kind_of(raw)?, first, probability })
    }
}

fn kind_of(raw: RawFault) -> Result<FaultKind, String> {
    let after_tokens = raw.after_tokens.unwrap_or(0);
    Ok(match raw.kind {
        Kind::Status => FaultKind::Status {
            status: raw.status(500)?,
            body: raw.body,
            headers: raw.headers.unwrap_or_default(),
        },
        Kind::Reset => FaultKind::Reset,
        Kind::NoAnswer => FaultKind::NoAnswer,
        Kind::SlowFirstToken => FaultKind::SlowFirstToken(
            raw.ms.ok_or("`ms` is missing, expected milliseconds until the first token")?.0,
        ),
        Kind::Cut => FaultKind::Cut { after_tokens },
        Kind::Stall => FaultKind::Stall { after_tokens },
        Kind::MalformedEvent => FaultKind::MalformedEvent { after_tokens, data: raw.data },
        Kind::ErrorEvent => {
            FaultKind::ErrorEvent { after_tokens, error: raw.error, event: raw.event }
        }
        Kind::MissingDone => FaultKind::MissingDone,
        Kind::MissingFinishReason => FaultKind::MissingFinishReason,
        Kind::EmptyBody => FaultKind::EmptyBody(raw.status(200)?),
        Kind::Html => FaultKind::Html(raw.status(200)?),
        Kind::InvalidJson => FaultKind::InvalidJson,
        Kind::NoContent => FaultKind::NoContent,
        Kind::Redirect => FaultKind::Redirect {
            status: raw.status(307)?,
            location: raw
                .location
                .and_then(|location| HeaderValue::try_from(location).ok())
                .ok_or("`location` is missing or no header value, expected where to redirect to")?,
        },
    })
}
