//! What is counted, by atomics, and how it is told in Prometheus' text format. Labels have only
//! names that are configured, so that no client can make a series.

mod histogram;
mod text;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use histogram::Histogram;
pub(crate) use text::render;

use crate::endpoint::Endpoint;

/// Statuses that requests are counted by; all others are counted together.
const STATUSES: [u16; 17] =
    [200, 204, 400, 401, 403, 404, 405, 408, 413, 415, 421, 429, 499, 501, 502, 503, 504];

/// What is counted of all requests, and by target.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    by_status: [AtomicU64; STATUSES.len()],
    other_statuses: AtomicU64,
    shed: AtomicU64,
    /// Streams that have broken off, and that others were asked to go on with: with success, and in vain.
    recovered: [AtomicU64; 2],
    targets: Mutex<BTreeMap<Box<str>, Arc<TargetMetrics>>>,
}

/// What is counted of a target's answers.
#[derive(Debug, Default)]
pub(crate) struct TargetMetrics {
    durations: [Histogram; Endpoint::ALL.len()],
    first_tokens: Histogram,
    /// Billionths of a US dollar.
    cost_nanos: AtomicU64,
    has_price: std::sync::atomic::AtomicBool,
}

impl Metrics {
    /// What is counted of the target of this name, before and after a reload.
    pub(crate) fn target(&self, id: &str) -> Arc<TargetMetrics> {
        let mut targets = self.targets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = targets.get(id) {
            return Arc::clone(known);
        }
        Arc::clone(targets.entry(id.into()).or_default())
    }

    /// A request has been answered.
    pub(crate) fn answered(&self, status: u16) {
        let counter = STATUSES.iter().position(|known| *known == status);
        let counter = counter.map_or(&self.other_statuses, |number| &self.by_status[number]);
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// A request was turned away for want of room.
    pub(crate) fn shed(&self) {
        self.shed.fetch_add(1, Ordering::Relaxed);
    }

    /// Others were asked to go on with a stream that had broken off.
    pub(crate) fn recovered(&self, goes_on: bool) {
        self.recovered[usize::from(!goes_on)].fetch_add(1, Ordering::Relaxed);
    }
}

impl TargetMetrics {
    /// A request has been answered by this target.
    pub(crate) fn answered(
        &self,
        endpoint: Endpoint,
        took: Duration,
        first_token: Option<Duration>,
    ) {
        self.durations[endpoint as usize].add(took);
        if let Some(first_token) = first_token {
            self.first_tokens.add(first_token);
        }
    }

    /// It has cost so much.
    pub(crate) fn spent(&self, dollars: f64) {
        self.has_price.store(true, Ordering::Relaxed);
        self.cost_nanos.fetch_add((dollars * 1e9).round() as u64, Ordering::Relaxed);
    }
}
