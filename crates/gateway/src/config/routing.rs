//! How requests find their targets, and what is done when an attempt fails.

use std::time::Duration;

use model_multiplexer_core::fleet::Strategy;
use model_multiplexer_core::multiplexer::FirstToken;
use model_multiplexer_core::outcome::{Cooldown, Outcome};
use model_multiplexer_core::policy::{BudgetLimits, Preset, Rule};

/// The section `routing`.
#[derive(Clone, Debug, PartialEq)]
pub struct Routing {
    /// How a target of a model is chosen. Default [`Strategy::Priority`], `exhaust` in the file.
    pub strategy: Strategy,
    /// What is done when an attempt fails. Default [`Preset::Resilient`].
    pub policy: Preset,
    /// What is done after a failure where it is not what the policy does.
    pub rules: Vec<(Outcome, Rule)>,
    /// How long a target rests that has refused. Default 300 s, at least 250 ms, at most 24 h.
    pub cooldown: Cooldown,
    /// Deadlines.
    pub timeouts: Timeouts,
    /// For how long a request may wait when every target rests or is at capacity. Default zero.
    pub max_wait: Duration,
    /// What becomes of a stream that breaks off.
    pub mid_stream: MidStream,
    /// Whether a second target is asked when the first is late. Default none.
    pub hedge: Option<Hedge>,
    /// How many attempts after work may have begun.
    pub retry_budget: BudgetLimits,
    /// Whose name a reply's `model` has.
    pub response_model: ResponseModel,
}

/// Deadlines; none is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Of making a connection. Default 10 s.
    pub connect: Option<Duration>,
    /// From the request to a stream's first token. Default [`FirstToken::Learned`].
    pub first_token: FirstToken,
    /// From one event of a stream to the next. Default 120 s.
    pub stall: Option<Duration>,
    /// Of the whole request. Default none.
    pub total: Option<Duration>,
}

/// What becomes of a stream that breaks off after its first token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MidStream {
    /// An error event in the stream.
    #[default]
    Error,
    /// Another target goes on.
    Recover,
}

impl MidStream {
    /// The one of this name: `error` or `recover`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "error" => Some(Self::Error),
            "recover" => Some(Self::Recover),
            _ => None,
        }
    }
}

/// A second target is asked when the first token is late.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hedge {
    /// After this time. None: what 95 of 100 streams have taken of late.
    pub after: Option<Duration>,
    /// The largest share of requests that are hedged, from 0 to 1. Default 0.05.
    pub max_share: f64,
}

/// Whose name a reply's `model` has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResponseModel {
    /// The one that the provider has put there.
    #[default]
    Upstream,
    /// The one that was asked for.
    Requested,
}

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// Names of models, or `instance/model`; one or more.
    pub models: Vec<String>,
    /// How a target is chosen among theirs. None: as `routing` says.
    pub strategy: Option<Strategy>,
}
