//! What can be scripted to go wrong with one request; not which request it hits (see `script`),
//! and not how it is written (see `fault::written`).

mod written;

use std::time::Duration;

use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::value::{ErrorBody, HeaderPairs};
use crate::answer::provider_error::{ProviderError, ProviderEvent};

/// A fault and which attempts it hits.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "written::Written")]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// Only so many first attempts with a key for a model are hit. Default: all.
    pub first: Option<u64>,
    /// The chance that an attempt is hit. Default 1.
    pub probability: f64,
    /// The answer is sent before the body of the request is read, and the connection is reset
    /// after it. Default false; only for [`FaultKind::Status`] and [`FaultKind::Refusal`].
    pub early: bool,
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
    /// An error as a provider sends it: status, headers and body.
    Refusal(ProviderError),
    /// The TCP connection is reset before the response headers.
    Reset,
    /// A request that is not the first on its connection finds it closed.
    StaleConnection {
        /// Whether it is reset instead.
        reset: bool,
    },
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
    /// Nothing but comments, or other signs of life, is sent.
    Pings {
        /// Tokens sent before.
        after_tokens: u64,
        /// The time between two of them.
        every: Duration,
        /// The lines of one. Default: `: ping`.
        data: Option<String>,
        /// After so many the answer goes on. Default: never.
        count: Option<u64>,
    },
    /// One event, or the body of a JSON answer, is sent very slowly.
    Trickle {
        /// Tokens sent before.
        after_tokens: u64,
        /// The pace.
        bytes_per_second: u32,
    },
    /// The stream says that it is finished, and does not end.
    NeverCloses {
        /// Whether `[DONE]` is sent.
        after_done: bool,
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
        /// The `error` member. Default: that of the provider.
        error: Option<Map<String, Value>>,
        /// The name of the event. Default: that of the provider.
        event: Option<String>,
        /// Whose error it is. Default: that of OpenAI.
        provider: Option<ProviderEvent>,
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
