//! What an attempt's answer means: whether it succeeded, why not, and which failure domain the
//! reason concerns. Pure functions of status, headers, body and fault, with the time handed in.
//! It acts on nothing: what is done next is the policy's ([`crate::policy`]), how long a domain
//! rests is [`Cooldown`]'s, and only the caller touches the fleet.
//!
//! [`judge`] reads a response or the lack of one, [`judge_event`] an error within a stream.
//! [`Verdict`] is the smaller question of the preset `compat`: what the openai SDK would do.

mod code;
mod cooldown;
mod delay;
mod hint;
mod interruption;
mod judge;
mod phrase;
mod report;
mod span;
mod verdict;

use std::time::Duration;

pub use cooldown::Cooldown;
pub use delay::{RetryHints, backoff, parse_retry_after};
pub use interruption::Interruption;
pub use judge::{judge, judge_event};
pub(crate) use span::until_reset;
pub use verdict::Verdict;

/// What an attempt means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It was answered in full.
    Success,
    /// Too many requests or tokens in too little time (429).
    RateLimited,
    /// The provider has no capacity for anybody (503, 529, `overloaded_error`): it says nothing
    /// about the caller's quota.
    Overloaded,
    /// Money or a quota of days and months is spent (402, `insufficient_quota`): waiting seconds
    /// does not help.
    QuotaUsedUp,
    /// The server or the way to it failed (5xx, 408, 409, 499, resets, DNS, TLS).
    Unavailable,
    /// A deadline passed: to connect, to the first token, between tokens, or in all.
    TimedOut,
    /// The key is wrong, expired, or may not do this (401, 403).
    BadCredentials,
    /// The target has no such model, or not for this key (404, 410).
    ModelNotFound,
    /// The prompt, with the answer asked for, is longer than the target takes.
    ContextTooLong,
    /// The content was refused by a filter or by moderation.
    ContentRefused,
    /// The request is wrong, and is so everywhere.
    BadRequest,
    /// The caller gave up.
    Aborted,
    /// The answer began and did not end: cut, stalled, or without a reason to finish.
    Truncated,
}

impl Outcome {
    /// Every outcome, in the order of declaration.
    pub const ALL: [Self; 13] = [
        Self::Success,
        Self::RateLimited,
        Self::Overloaded,
        Self::QuotaUsedUp,
        Self::Unavailable,
        Self::TimedOut,
        Self::BadCredentials,
        Self::ModelNotFound,
        Self::ContextTooLong,
        Self::ContentRefused,
        Self::BadRequest,
        Self::Aborted,
        Self::Truncated,
    ];

    /// How many there are: the length of an array by outcome.
    pub const COUNT: usize = Self::ALL.len();

    /// The one of this name; none if there is no such outcome.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }

    /// Its name in reports, events and metrics: `rate_limited`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::RateLimited => "rate_limited",
            Self::Overloaded => "overloaded",
            Self::QuotaUsedUp => "quota_used_up",
            Self::Unavailable => "unavailable",
            Self::TimedOut => "timed_out",
            Self::BadCredentials => "bad_credentials",
            Self::ModelNotFound => "model_not_found",
            Self::ContextTooLong => "context_too_long",
            Self::ContentRefused => "content_refused",
            Self::BadRequest => "bad_request",
            Self::Aborted => "aborted",
            Self::Truncated => "truncated",
        }
    }
}

/// Whom an outcome concerns: all targets that share this with the one that was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Domain {
    /// This request alone: no target rests.
    Request,
    /// The target that was asked: this model with this key.
    Target,
    /// The model at this provider, whatever the key.
    Model,
    /// The model with this account, whatever the key: of limits alone, no failure is found to
    /// concern it.
    AccountModel,
    /// The key, whatever the model.
    Key,
    /// The account, with all its keys.
    Account,
    /// The provider.
    Provider,
}

impl Domain {
    /// Its name in reports and stores: `key`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Target => "target",
            Self::Model => "model",
            Self::AccountModel => "accountModel",
            Self::Key => "key",
            Self::Account => "account",
            Self::Provider => "provider",
        }
    }
}

/// How far the exchange had come when it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// There was no connection yet.
    Connecting,
    /// Not every byte of the request had been written.
    Sending,
    /// The request was out, and no response had come.
    AwaitingHead,
    /// The response had come, and nothing of an answer: no token, no tool call, no reason to
    /// finish.
    AwaitingFirstEvent,
    /// Something of an answer had come.
    Streaming,
}

/// Looks a response's header up by its name in lower case.
pub type Headers<'a> = &'a (dyn Fn(&str) -> Option<&'a str> + 'a);

/// What was seen of an attempt.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    /// The response's status, if a response came. It counts for more than what happened to the
    /// connection afterwards: a 429 before a reset is a 429.
    pub status: Option<u16>,
    /// The response's headers.
    pub headers: Headers<'a>,
    /// The response's body as text. May be left empty for a success that is known to report no
    /// error, so that it is not read twice. More than 256 KB are not looked at.
    pub body: &'a str,
    /// What ended the exchange, if it was not the end of the answer.
    pub interruption: Option<Interruption<'a>>,
    /// How far it had come.
    pub stage: Stage,
}

impl<'a> Seen<'a> {
    /// An exchange of which nothing is known but where it ended.
    pub fn at(stage: Stage) -> Self {
        Self { status: None, headers: &|_| None, body: "", interruption: None, stage }
    }

    /// The same with a response's status.
    #[must_use]
    pub fn with_status(self, status: u16) -> Self {
        Self { status: Some(status), ..self }
    }

    /// The same with a response's headers.
    #[must_use]
    pub fn with_headers(self, headers: Headers<'a>) -> Self {
        Self { headers, ..self }
    }

    /// The same with a response's body.
    #[must_use]
    pub fn with_body(self, body: &'a str) -> Self {
        Self { body, ..self }
    }

    /// The same with what ended it.
    #[must_use]
    pub fn with_interruption(self, interruption: Interruption<'a>) -> Self {
        Self { interruption: Some(interruption), ..self }
    }
}

impl std::fmt::Debug for Seen<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Neither headers nor body: they may hold what is not for logs.
        formatter
            .debug_struct("Seen")
            .field("status", &self.status)
            .field("interruption", &self.interruption)
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}

/// What an attempt means and what is known of the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// What it means.
    pub outcome: Outcome,
    /// Whom it concerns. [`Domain::Request`] where nobody is to rest.
    pub domain: Domain,
    /// How long the server asks to be left alone; zero for at once or for a moment that has
    /// passed. Not capped: [`Cooldown`] does that.
    pub asked: Option<Duration>,
    /// The status of the response, none for an error within a stream and where no response came.
    pub status: Option<u16>,
    /// True unless it is certain that nothing was done for the request: a refusal before any
    /// work, or no connection. An attempt that may have done work may also be billed.
    pub work_may_have_begun: bool,
    /// False where the server says that asking it again is of no use (`x-should-retry`).
    pub should_retry: bool,
    /// The size of the context in tokens, where the server says so.
    pub context_window: Option<u64>,
}

impl Judgement {
    /// True if it is certain that nothing of the request was written.
    pub fn is_unsent(&self) -> bool {
        self.status.is_none() && !self.work_may_have_begun
    }
}

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod tests;
