//! The right to use a target once. Dropping it gives back the slot and what was reserved and not
//! used, whatever happened; what it is told before is what changes statistics and rests. Every lease is counted by outcome once: one
//! that is dropped unsettled as a success, if it was told of one, else as aborted.

use std::sync::Arc;
use std::time::Duration;

use super::pick::Picked;
use super::{Again, Fleet, Reservation, TargetKey, Tokens};
use crate::clock::Timestamp;
use crate::outcome::{Domain, Outcome};
use crate::quota::{Estimate, Told};

/// A held slot of one target, and what was reserved of its limits.
#[derive(Debug)]
pub struct Lease {
    fleet: Arc<Fleet>,
    picked: Picked,
    counted_success: bool,
    end: End,
    /// As reported for the whole attempt.
    reported: Option<(Tokens, Timestamp)>,
    /// What was reserved is settled by somebody else.
    is_detached: bool,
}

/// How a lease is over.
#[derive(Clone, Copy, Debug)]
enum End {
    /// It was dropped: a success if it was told of one, else aborted.
    Dropped,
    /// The attempt came to this.
    Settled(Outcome, Option<Duration>),
    /// The attempt came to this, and the caller is told so as a failure.
    Failed(Outcome),
    /// The answer did not say that it was finished.
    Unfinished,
    /// No byte of the request was written.
    NotSent(Outcome, Option<Duration>),
    /// The target was not asked, and nothing is counted.
    Forgotten,
}

impl Lease {
    pub(super) fn new(fleet: Arc<Fleet>, picked: Picked) -> Self {
        Self {
            fleet,
            picked,
            counted_success: false,
            end: End::Dropped,
            reported: None,
            is_detached: false,
        }
    }

    /// What the call was expected to use when it was let in.
    pub fn estimate(&self) -> Estimate {
        self.picked.reserved.estimate()
    }

    /// The target that is leased.
    pub fn target(&self) -> TargetKey {
        self.picked.key
    }

    /// The fleet that the target belongs to.
    pub fn fleet(&self) -> &Arc<Fleet> {
        &self.fleet
    }

    /// The present by the host's clock, so long `after` the lease was taken: for who has no clock of
    /// the host's at hand, which may differ from the system's.
    pub fn now(&self, after: Duration) -> Timestamp {
        let now = self.picked.taken.after(after);
        self.fleet.with(|state| state.clock.to_host(now))
    }

    /// True if this call decides whether its target, and those that rested with it, are back.
    #[cfg(test)]
    pub(super) fn is_probe(&self) -> bool {
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
        let picked = self.picked;
        self.fleet.with(|state| state.succeed(&picked));
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

    /// The usage that was reported, of the whole attempt so far: of several reports the last
    /// counts. It takes the place of the estimate when the lease is over.
    pub fn report_tokens(&mut self, tokens: Tokens, now: Timestamp) {
        self.reported = Some((tokens, now));
    }

    /// True if tokens of the target are limited.
    pub fn counts_tokens(&self) -> bool {
        self.picked.reserved.counts_tokens()
    }

    /// The answer tells of limits: they hold at the target until they are whole again, less what
    /// was sent after this call.
    pub fn learn(&mut self, told: &[Told], now: Timestamp) {
        let picked = self.picked;
        self.fleet.with(|state| {
            state.clock.tick(now);
            state.learn(&picked, told);
        });
    }

    /// What was reserved, to be settled apart: the slot may be free before the last word on usage
    /// has come. None if it was taken before: it is settled once.
    pub fn detach(&mut self) -> Option<Reservation> {
        let is_first = !std::mem::replace(&mut self.is_detached, true);
        is_first.then(|| Reservation::new(Arc::clone(&self.fleet), self.picked))
    }

    /// For further requests to the target; none where nothing of it is limited.
    pub fn again(&self) -> Option<Again> {
        Again::new(&self.fleet, self.picked)
    }

    /// Counts what the attempt came to, and how long it `took` if that was measured. A success
    /// counted before, as when a stream opened, is taken back if it was none.
    pub fn settle(mut self, kind: Outcome, took: Option<Duration>) {
        self.end = End::Settled(kind, took);
    }

    /// The same for an attempt of which no byte was written: what it reserved is given back.
    pub fn settle_unsent(mut self, kind: Outcome, took: Option<Duration>) {
        self.end = End::NotSent(kind, took);
    }

    /// Counts a failure by its outcome, and as `failed` in the statistics, whichever it is: the
    /// policy takes it for no limit.
    pub fn fail(mut self, kind: Outcome) {
        self.end = End::Failed(kind);
    }

    /// Gives everything back and counts nothing: the target was not asked.
    pub fn forget(mut self) {
        self.end = End::Forgotten;
    }

    /// Counts an answer that did not say that it was finished, where nobody takes that for a
    /// failure: in the report by outcome, not in the statistics.
    pub fn end_unfinished(mut self) {
        self.end = End::Unfinished;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Self { picked, counted_success, end, reported, is_detached, .. } = *self;
        self.fleet.with(|state| {
            let (outcome, took) = match end {
                End::Forgotten if is_detached => return state.release(&picked),
                End::Forgotten => return state.cancel(&picked),
                End::Settled(outcome, took) | End::NotSent(outcome, took) => (outcome, took),
                End::Failed(outcome) => (outcome, None),
                End::Dropped if counted_success => (Outcome::Success, None),
                End::Dropped => (Outcome::Aborted, None),
                End::Unfinished => (Outcome::Truncated, None),
            };
            match end {
                _ if is_detached => {}
                End::NotSent(..) => state.refund(&picked),
                _ => {
                    if let Some((_, at)) = reported {
                        state.clock.tick(at);
                    }
                    let kept = picked.reserved.estimate().used(outcome).into();
                    state.settle(&picked, reported.map(|(tokens, _)| tokens), kept);
                }
            }
            // An end that nobody takes for a failure is a success in the statistics.
            let is_success = matches!(end, End::Unfinished) || outcome == Outcome::Success;
            if is_success && !counted_success {
                state.succeed(&picked);
            }
            if let Some(target) = state.targets.get_mut(&picked.key) {
                let counters = &mut target.counters;
                match end {
                    End::Unfinished => counters.outcomes[Outcome::Truncated as usize] += 1,
                    End::Failed(_) => counters.fail(outcome, counted_success),
                    _ => counters.settle(outcome, counted_success || is_success, took),
                }
            }
            state.release(&picked);
        });
    }
}
