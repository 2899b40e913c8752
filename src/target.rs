//! What of a target crosses to and from JavaScript.

use std::collections::HashMap;
use std::num::NonZeroU32;

use model_multiplexer_core::fleet::{Condition, Percentiles, TargetReport, TargetSpec, Tier};
use model_multiplexer_core::outcome::Outcome;
use model_multiplexer_core::recovery::Prefill;
use napi::{Error, Result};
use napi_derive::napi;

use crate::quota::{LimitDto, QuotaDto, limits, quotas};

/// A target as it is added. Checked in TypeScript.
#[napi(object)]
pub struct TargetDto {
    /// Its name in statistics.
    pub id: String,
    /// The model name that is sent on.
    pub model: String,
    /// Its weight: a positive integer.
    pub weight: f64,
    /// When it is asked: only while no target of a lower number can be.
    pub tier: u16,
    /// How many calls at a time; 0 is without limit.
    pub max_concurrent: f64,
    /// Names for what it shares with others.
    pub key: Option<String>,
    /// The account.
    pub account: Option<String>,
    /// The provider.
    pub provider: Option<String>,
    /// What calls may require.
    pub tags: Option<HashMap<String, String>>,
    /// How many tokens its context takes; 0 if that is not known.
    pub context_window: f64,
    /// In which form it takes the beginning of its answer: `prefix`, `continue_final_message` or
    /// `assistant`.
    pub prefill: Option<String>,
    /// What may be spent.
    pub limits: Option<Vec<LimitDto>>,
}

/// What has become of a target's calls, and what it is doing.
#[napi(object)]
pub struct TargetReportDto {
    /// Its name.
    pub id: String,
    /// `ready`, `resting`, `probing`, `ramping` or `at_capacity`.
    pub state: String,
    /// Until when it rests, in milliseconds since the Unix epoch; else 0.
    pub rests_until: f64,
    /// Calls under way.
    pub in_flight: u32,
    /// Attempts by outcome: names and counts, those that have occurred.
    pub outcomes: HashMap<String, f64>,
    /// Milliseconds to the first token: median, 95th and 99th percentile; none while unknown.
    pub first_token_ms: Option<Vec<f64>>,
    /// Milliseconds that whole attempts took, likewise.
    pub duration_ms: Option<Vec<f64>>,
    /// Tokens read and written as reported, and the same by estimate.
    pub tokens: Vec<f64>,
    /// What is left of its limits and of those that it shares.
    pub limits: Vec<QuotaDto>,
}

impl From<TargetReport> for TargetReportDto {
    fn from(report: TargetReport) -> Self {
        let (state, rests_until) = match report.condition {
            Condition::Ready => ("ready", 0.0),
            Condition::Resting { until } => ("resting", until.as_millis() as f64),
            Condition::Probing => ("probing", 0.0),
            Condition::Ramping { .. } => ("ramping", 0.0),
            Condition::AtCapacity => ("at_capacity", 0.0),
        };
        let occurred = Outcome::ALL.iter().zip(report.outcomes).filter(|(_, count)| *count > 0);
        Self {
            id: report.id,
            state: state.to_owned(),
            rests_until,
            in_flight: report.in_flight,
            outcomes: occurred
                .map(|(outcome, count)| (outcome.name().to_owned(), count as f64))
                .collect(),
            first_token_ms: milliseconds(report.first_token),
            duration_ms: milliseconds(report.duration),
            limits: quotas(report.limits),
            tokens: [report.tokens, report.estimated]
                .into_iter()
                .flat_map(|tokens| [tokens.input as f64, tokens.output as f64])
                .collect(),
        }
    }
}

fn milliseconds(of: Percentiles) -> Option<Vec<f64>> {
    let spans = [of.p50?, of.p95?, of.p99?];
    Some(spans.map(|span| span.as_secs_f64() * 1000.0).to_vec())
}

/// A target's counters.
#[napi(object)]
pub struct StatsDto {
    /// Its name.
    pub id: String,
    /// Calls answered.
    pub success: f64,
    /// Calls refused with 429 or 529.
    pub rate_limited: f64,
    /// Calls that failed otherwise.
    pub failed: f64,
}

impl TryFrom<TargetDto> for TargetSpec {
    type Error = Error;

    fn try_from(dto: TargetDto) -> Result<Self> {
        let (limits, concurrent) = limits(dto.limits.unwrap_or_default())?;
        Ok(Self {
            limits,
            concurrent,
            weight: dto.weight as u64,
            tier: Tier(dto.tier),
            max_concurrent: NonZeroU32::new(dto.max_concurrent as u32),
            key: dto.key,
            account: dto.account,
            provider: dto.provider,
            tags: dto.tags.unwrap_or_default().into_iter().collect(),
            context_window: NonZeroU32::new(dto.context_window as u32),
            prefill: dto.prefill.as_deref().and_then(Prefill::named),
            ..Self::new(dto.id, dto.model)
        })
    }
}
