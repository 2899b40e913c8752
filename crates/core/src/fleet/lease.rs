//! The right to use a target once. Dropping it gives back the slot, whatever happened; what it is
//! told before is what changes statistics and rests. Every lease is counted by outcome once: one
//! that is dropped unsettled as a success, if it was told of one, else as aborted.

use std::sync::Arc;
use std::time::Duration;

use super::pick::Picked;
use super::{Fleet, TargetKey};
use crate::clock::Timestamp;
use crate::outcome::{Domain, Outcome};

/// A held slot of one target.
#[derive(Debug)]
pub struct Lease {
    fleet: Arc<Fleet>,
    picked: Picked,
    counted_success: bool,
    settled: bool,
}

impl Lease {
    pub(super) fn new(fleet: Arc<Fleet>, picked: Picked) -> Self {
        Self { fleet, picked, counted_success: false, settled: false }
    }

    /// The target that is leased.
    pub fn target(&self) -> TargetKey {
        self.picked.key
    }

    /// The fleet that the target belongs to.
    pub fn fleet(&self) -> &Arc<Fleet> {
        &self.fleet
    }

    /// True if this call decides whether its target, and those that rested with it, are back.
    pub fn is_probe(&self) -> bool {
        self.picked.probe.is_some()
    }

    /// Counts a success, once, and ends the row of failures of the target and its domains that
    /// were there before this call. The slot stays held until the lease is dropped: a stream goes
    /// on.
    pub fn succeed(&mut self) {
        if self.counted_success {
            return;
        }
        self.counted_success = true;
        let Picked { key, taken, .. } = self.picked;
        self.fleet.with(|state| {
            if let Some(target) = state.targets.get_mut(&key) {
                target.counters.stats.success += 1;
            }
            state.reset_failures(key, taken);
        });
    }

    /// The first real event has come, so long `after` the request: what the strategy `latency`
    /// and the report go by. A probe has thereby succeeded.
    pub fn first_token(&mut self, after: Duration, now: Timestamp) {
        let key = self.picked.key;
        self.fleet.with(|state| {
            let now = state.clock.tick(now);
            if let Some(target) = state.targets.get_mut(&key) {
                target.first_token.add(after, now);
                target.counters.first_token.add(after);
            }
        });
        self.probe_succeeded(now);
    }

    /// The target is well again: its share, and that of those that rested with it, begins to
    /// grow. Does nothing if the call is no probe, or was judged before.
    pub fn probe_succeeded(&mut self, now: Timestamp) {
        let Some(_) = self.picked.probe.take() else { return };
        let key = self.picked.key;
        self.fleet.with(|state| {
            state.clock.tick(now);
            state.probe_succeeded(key);
        });
    }

    /// Lets a domain rest for `span` from `now`; of two rests the later end counts. This is also
    /// how a probe fails. Returns when the rest ends, by the host's clock.
    pub fn rest(&mut self, domain: Domain, span: Duration, now: Timestamp) -> Timestamp {
        self.fleet.rest(self.picked.key, domain, span, now)
    }

    /// The number in a row that a failure of this domain has now, from 1: what a growing rest is
    /// reckoned by, before [`Self::rest`]. Calls that were under way together fail as one.
    pub fn failure_number(&self, domain: Domain, now: Timestamp) -> u32 {
        self.fleet.failure_number(self.picked.key, domain, now)
    }

    /// Counts what the attempt came to, and how long it `took` if that was measured. A success
    /// counted before, as when a stream opened, is taken back if it was none.
    pub fn settle(mut self, kind: Outcome, took: Option<Duration>) {
        if kind == Outcome::Success {
            self.succeed();
        }
        self.settled = true;
        let counted = self.counted_success;
        self.fleet.count(self.picked.key, |counters| counters.settle(kind, counted, took));
    }
}

impl Lease {
    /// Gives the slot back and counts nothing: the target was not asked.
    pub fn forget(mut self) {
        self.settled = true;
    }

    /// Counts an answer that did not say that it was finished, where nobody takes that for a
    /// failure: in the report by outcome, not in the statistics.
    pub fn end_unfinished(mut self) {
        self.succeed();
        self.settled = true;
        self.fleet.count(self.picked.key, |counters| {
            counters.outcomes[Outcome::Truncated as usize] += 1;
        });
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Self { picked, counted_success, settled, .. } = *self;
        let kind = if counted_success { Outcome::Success } else { Outcome::Aborted };
        self.fleet.with(|state| {
            if !settled && let Some(target) = state.targets.get_mut(&picked.key) {
                target.counters.settle(kind, counted_success, None);
            }
            state.release(&picked);
        });
    }
}
