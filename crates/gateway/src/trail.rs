//! What a request has gone through: who was asked with what outcome, and who was passed over and
//! why. The last ones are kept, so that it can be asked afterwards.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use model_multiplexer_core::clock::Timestamp;
use model_multiplexer_core::fleet::{Candidacy, TargetKey};
use model_multiplexer_core::outcome::Outcome;
use serde::Serialize;

use crate::plan::Plan;
use crate::request_id::RequestId;
use crate::upstream::Upstream;

/// So many requests are remembered.
const MOST: usize = 1000;

/// What a request goes through.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trail {
    steps: Vec<Step>,
    /// Which of them the request stands at.
    current: usize,
}

/// An attempt, with who was passed over before it.
#[derive(Clone, Debug)]
struct Step {
    /// None where nobody was left to ask.
    upstream: Option<Arc<Upstream>>,
    /// None while it is under way, and where nobody was asked.
    outcome: Option<&'static str>,
    began: Instant,
    took: Duration,
    passed_over: Vec<(TargetKey, Candidacy)>,
}

/// A request that is over.
pub(crate) struct Trodden {
    pub(crate) id: RequestId,
    /// Whose it was; none where no keys are asked for.
    pub(crate) client: Option<Box<str>>,
    pub(crate) model: Box<str>,
    pub(crate) plan: Arc<Plan>,
    pub(crate) status: u16,
    pub(crate) at: Timestamp,
    pub(crate) took: Duration,
    pub(crate) trail: Trail,
}

/// The last requests.
#[derive(Default)]
pub(crate) struct Trails(Mutex<VecDeque<Trodden>>);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    id: String,
    model: &'a str,
    status: u16,
    /// Milliseconds since the Unix epoch.
    began_at: u64,
    duration_ms: f64,
    attempts: Vec<Attempt<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attempt<'a> {
    /// Null where nobody was left to ask.
    target: Option<&'a str>,
    outcome: Option<&'static str>,
    duration_ms: f64,
    passed_over: Vec<PassedOver<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PassedOver<'a> {
    target: &'a str,
    why: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rests_until: Option<u64>,
}

impl Trail {
    /// The next attempt, at which the request stands from now on; without a target nobody was left.
    pub(crate) fn push(
        &mut self,
        upstream: Option<Arc<Upstream>>,
        passed_over: Vec<(TargetKey, Candidacy)>,
    ) {
        let began = Instant::now();
        let step = Step { upstream, outcome: None, began, took: Duration::ZERO, passed_over };
        self.current = self.steps.len();
        self.steps.push(step);
    }

    /// An attempt beside the one that the request stands at; the number of its step.
    pub(crate) fn push_beside(&mut self, upstream: Arc<Upstream>) -> usize {
        let current = self.current;
        self.push(Some(upstream), Vec::new());
        std::mem::replace(&mut self.current, current)
    }

    /// The request stands at this step from now on.
    pub(crate) fn stand_at(&mut self, step: usize) {
        self.current = step;
    }

    /// The attempt that the request stands at has come to this.
    pub(crate) fn note(&mut self, outcome: Outcome) {
        self.note_at(self.current, outcome);
    }

    /// The attempt of this step has come to this.
    pub(crate) fn note_at(&mut self, step: usize, outcome: Outcome) {
        self.end(step, outcome.name());
    }

    /// The attempt that the request stands at was to go on with an answer, and says something else.
    pub(crate) fn note_diverged(&mut self) {
        self.end(self.current, "diverged");
    }

    fn end(&mut self, step: usize, outcome: &'static str) {
        if let Some(step) = self.steps.get_mut(step) {
            step.outcome = Some(outcome);
            step.took = step.began.elapsed();
        }
    }

    /// The same, where nothing follows.
    pub(crate) fn ended(mut self, outcome: Outcome) -> Self {
        self.note(outcome);
        self
    }

    /// How many have been asked.
    pub(crate) fn attempts(&self) -> u64 {
        self.steps.iter().filter(|step| step.upstream.is_some()).count() as u64
    }
}

impl Trails {
    pub(crate) fn keep(&self, trodden: Trodden) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == MOST {
            kept.pop_front();
        }
        kept.push_back(trodden);
    }

    /// What the request of this number has gone through, as JSON. None if it is not remembered, or
    /// was another client's.
    pub(crate) fn tell(&self, id: &str, client: Option<&str>) -> Option<Vec<u8>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let trodden = kept.iter().rev().find(|trodden| trodden.id.is(id))?;
        if trodden.client.as_deref() != client {
            return None;
        }
        // Text and numbers always serialise.
        serde_json::to_vec(&trodden.tell()).ok()
    }
}

impl Trodden {
    fn tell(&self) -> Told<'_> {
        let attempts = self.trail.steps.iter().map(|step| Attempt {
            target: step.upstream.as_ref().map(|upstream| &*upstream.id),
            outcome: step.outcome,
            duration_ms: millis(step.took),
            passed_over: step
                .passed_over
                .iter()
                .filter_map(|(key, why)| self.over(*key, why))
                .collect(),
        });
        Told {
            id: self.id.to_string(),
            model: &self.model,
            status: self.status,
            began_at: self.at.as_millis(),
            duration_ms: millis(self.took),
            attempts: attempts.collect(),
        }
    }

    /// None for a target that was never one of those that the request is for.
    fn over(&self, key: TargetKey, why: &Candidacy) -> Option<PassedOver<'_>> {
        let (why, until) = match why {
            Candidacy::Eligible | Candidacy::LaterTier | Candidacy::Unmatched => return None,
            Candidacy::Excluded => ("refused", None),
            Candidacy::TooSmall => ("too_small", None),
            Candidacy::Resting { until } => ("resting", Some(until.as_millis())),
            Candidacy::Probing => ("probing", None),
            Candidacy::AtCapacity => ("at_capacity", None),
        };
        let target = &self.plan.upstream(key)?.id;
        Some(PassedOver { target, why, rests_until: until })
    }
}

fn millis(span: Duration) -> f64 {
    (span.as_secs_f64() * 1e6).round() / 1e3
}
