//! What a request has gone through: who was asked with what outcome, and who was passed over and
//! why. The last ones are kept, so that it can be asked afterwards.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use model_multiplexer_core::clock::Timestamp;
use model_multiplexer_core::fleet::{Candidacy, TargetKey};
use model_multiplexer_core::multiplexer::Decided;
use model_multiplexer_core::outcome::Outcome;
use model_multiplexer_core::wire::reply::Meter;
use serde::Serialize;

use crate::plan::Plan;
use crate::request_id::RequestId;
use crate::upstream::Upstream;

/// So many requests are remembered.
const MOST: usize = 1000;

/// What a request goes through. Clones are the same trail: who keeps the record knows of it though
/// the request is given up half-way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trail(Arc<Mutex<Path>>);

#[derive(Debug, Default)]
struct Path {
    steps: Vec<Step>,
    /// Which of them the request stands at.
    current: usize,
}

/// An attempt, with who was passed over before it.
#[derive(Debug)]
struct Step {
    /// None where nobody was left to ask.
    upstream: Option<Arc<Upstream>>,
    /// None while it is under way, and where nobody was asked.
    outcome: Option<&'static str>,
    began: Instant,
    took: Duration,
    passed_over: Vec<(TargetKey, Candidacy)>,
    /// What it has cost so far; none where nothing was asked, or all was refused before any work.
    meter: Option<Arc<Meter>>,
}

/// What one attempt has cost.
pub(crate) struct Bill {
    pub(crate) upstream: Arc<Upstream>,
    pub(crate) meter: Arc<Meter>,
    /// It was given up before it had come to anything.
    pub(crate) is_given_up: bool,
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
    fn path(&self) -> MutexGuard<'_, Path> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next attempt, at which the request stands from now on; without a target nobody was left.
    pub(crate) fn push(
        &self,
        upstream: Option<Arc<Upstream>>,
        passed_over: Vec<(TargetKey, Candidacy)>,
    ) {
        let (began, took) = (Instant::now(), Duration::ZERO);
        let mut path = self.path();
        path.current = path.steps.len();
        path.steps.push(Step { upstream, outcome: None, began, took, passed_over, meter: None });
    }

    /// An attempt beside the one that the request stands at, and its cost; the number of its step.
    pub(crate) fn push_beside(&self, upstream: Arc<Upstream>, meter: Arc<Meter>) -> usize {
        let current = self.path().current;
        self.push(Some(upstream), Vec::new());
        self.costs(meter);
        std::mem::replace(&mut self.path().current, current)
    }

    /// The request stands at this step from now on.
    pub(crate) fn stand_at(&self, step: usize) {
        self.path().current = step;
    }

    /// The attempt that the request stands at costs what this will tell.
    pub(crate) fn costs(&self, meter: Arc<Meter>) {
        let mut path = self.path();
        let current = path.current;
        if let Some(step) = path.steps.get_mut(current) {
            step.meter = Some(meter);
        }
    }

    /// The attempt that the request stands at has come to this.
    pub(crate) fn note(&self, outcome: Outcome) {
        self.path().end(None, outcome.name());
    }

    /// The attempt of this step has come to this.
    pub(crate) fn note_at(&self, step: usize, outcome: Outcome) {
        self.path().end(Some(step), outcome.name());
    }

    /// An attempt has failed: the one of this step, or the one that the request stands at.
    pub(crate) fn note_failed(&self, step: Option<usize>, decided: &Decided) {
        let mut path = self.path();
        let step = path.end(step, decided.outcome.name());
        if let Some(step) = step.filter(|_| decided.spent.is_none()) {
            step.meter = None;
        }
    }

    /// The attempt that the request stands at was to go on with an answer, and says something else.
    pub(crate) fn note_diverged(&self) {
        self.path().end(None, "diverged");
    }

    /// How many have been asked.
    pub(crate) fn attempts(&self) -> u64 {
        self.path().steps.iter().filter(|step| step.upstream.is_some()).count() as u64
    }

    /// Who was asked by the attempt that the request stands at.
    pub(crate) fn current(&self) -> Option<Arc<Upstream>> {
        let path = self.path();
        path.steps.get(path.current)?.upstream.clone()
    }

    /// What its attempts have cost.
    pub(crate) fn bills(&self) -> Vec<Bill> {
        let bill = |step: &Step| {
            let (upstream, meter) = (step.upstream.clone()?, step.meter.clone()?);
            Some(Bill { upstream, meter, is_given_up: step.outcome.is_none() })
        };
        self.path().steps.iter().filter_map(bill).collect()
    }
}

impl Path {
    fn end(&mut self, step: Option<usize>, outcome: &'static str) -> Option<&mut Step> {
        let step = self.steps.get_mut(step.unwrap_or(self.current))?;
        step.outcome = Some(outcome);
        step.took = step.began.elapsed();
        Some(step)
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
        serde_json::to_vec(&trodden.tell(&trodden.trail.path())).ok()
    }
}

impl Trodden {
    fn tell<'a>(&'a self, path: &'a Path) -> Told<'a> {
        let attempts = path.steps.iter().map(|step| Attempt {
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
