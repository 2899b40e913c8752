//! A behaviour with every default filled in, computed once and shared by its requests; not what
//! of it a request gets to see.

use std::time::Duration;

use http::HeaderValue;

use super::Behaviour;
use super::fault::Fault;
use super::limit::{LimitHeaders, SettledLimits};
use super::setting::Setting;
use super::value::{
    Count, HeaderPairs, HeaderText, LineEnding, Millis, Positive, Prefill, RetryAfter, Shape, Usage,
};
use crate::answer::words::Words;

/// A behaviour without gaps. Where sending nothing has a meaning, a field is still a [`Setting`].
#[derive(Debug)]
pub(crate) struct Settled {
    pub(crate) limits: Option<SettledLimits>,
    pub(crate) limit_headers: LimitHeaders,
    pub(crate) retry_after: Setting<RetryAfter>,
    pub(crate) retry_after_ms: Setting<RetryAfter>,
    pub(crate) latency: Duration,
    pub(crate) first_token: Duration,
    pub(crate) interval: Duration,
    pub(crate) words: Words,
    /// Set only if the words are generated.
    pub(crate) text_seed: Option<u64>,
    pub(crate) prefill: Option<Prefill>,
    pub(crate) rejects: Vec<String>,
    pub(crate) shape: Option<Shape>,
    pub(crate) tool_calls: u32,
    pub(crate) reasoning: u32,
    pub(crate) write_bytes: Option<Positive>,
    pub(crate) events_per_write: Option<Positive>,
    pub(crate) line_ending: LineEnding,
    pub(crate) comments: u32,
    pub(crate) gzip: bool,
    pub(crate) content_type: Option<HeaderValue>,
    pub(crate) usage: Usage,
    pub(crate) finish_reason: Setting<String>,
    pub(crate) done: bool,
    pub(crate) headers: HeaderPairs,
    pub(crate) request_id: Setting<HeaderText>,
    pub(crate) body_bytes: Option<usize>,
    pub(crate) fault: Option<Fault>,
    pub(crate) faults: Option<Vec<Option<Fault>>>,
}

const DEFAULT_TOKENS: u32 = 16;

impl Settled {
    /// Whether every request is answered at once and in full.
    pub(crate) fn is_ordinary(&self) -> bool {
        self.limits.is_none()
            && self.latency.is_zero()
            && self.rejects.is_empty()
            && self.fault.is_none()
            && self.faults.is_none()
    }

    /// Whether any attempt may be hit by a fault that does not wait for the body.
    pub(crate) fn has_early_fault(&self) -> bool {
        let scripted = self.faults.iter().flatten().flatten();
        scripted.chain(&self.fault).any(|fault| fault.early)
    }
}

impl Behaviour {
    pub(crate) fn settle(&self) -> Settled {
        let duration =
            |setting: &Setting<Millis>| setting.value().map_or(Duration::ZERO, |ms| ms.0);
        let words = match self.text.value() {
            Some(text) => Words::of_text(text),
            None => Words::generated(self.tokens.or(Count(DEFAULT_TOKENS)).0),
        };
        Settled {
            limits: self.limits.value().and_then(super::limit::Limits::settle),
            limit_headers: self.limit_headers.or(LimitHeaders::Openai),
            retry_after: self.retry_after.clone(),
            retry_after_ms: self.retry_after_ms.clone(),
            latency: duration(&self.latency_ms),
            first_token: duration(&self.first_token_ms),
            interval: duration(&self.token_interval_ms),
            words,
            text_seed: self.text_seed.value().copied().filter(|_| self.text.value().is_none()),
            prefill: self.prefill.value().copied(),
            rejects: self.rejects.or(Vec::new()),
            shape: self.shape.value().copied(),
            tool_calls: self.tool_calls.or(Count(0)).0,
            reasoning: self.reasoning.or(Count(0)).0,
            write_bytes: self.write_bytes.value().copied(),
            events_per_write: self.events_per_write.value().copied(),
            line_ending: self.line_ending.or(LineEnding::Lf),
            comments: self.comments.or(Count(0)).0,
            gzip: self.gzip.or(false),
            content_type: self.content_type.value().map(|text| text.0.clone()),
            usage: self.usage.or(Usage::Told(true)),
            finish_reason: self.finish_reason.clone(),
            done: self.done.or(true),
            headers: self.headers.or(HeaderPairs::default()),
            request_id: self.request_id.clone(),
            body_bytes: self.body_bytes.value().map(|bytes| bytes.0 as usize),
            fault: self.fault.value().cloned(),
            faults: self.faults.value().cloned(),
        }
    }
}
