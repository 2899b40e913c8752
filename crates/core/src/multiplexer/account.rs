//! What an attempt has cost, and how long its first token has taken: entered in the books once,
//! whenever and however the attempt ends. What was sent is not taken back: an attempt that was lost
//! keeps its estimate.

use std::sync::Arc;

use tokio::time::Instant;

use super::Resilience;
use crate::fleet::{Fleet, Lease, TargetKey, Tokens};
use crate::outcome::{Judgement, Outcome};
use crate::policy::Kind;
use crate::wire::reply::Meter;

/// An attempt on whose account tokens go. Dropping it enters them.
#[derive(Debug)]
pub(super) struct Account {
    fleet: Arc<Fleet>,
    target: TargetKey,
    meter: Arc<Meter>,
    shared: Arc<Resilience>,
    began: Instant,
    /// What its time to answer teaches, as long as it has not.
    lesson: Option<Kind>,
    was_refused: bool,
}

impl Account {
    pub(super) fn new(
        lease: &Lease,
        meter: Arc<Meter>,
        shared: Arc<Resilience>,
        began: Instant,
        lesson: Option<Kind>,
    ) -> Self {
        let fleet = Arc::clone(lease.fleet());
        let target = lease.target();
        Self { fleet, target, meter, shared, began, lesson, was_refused: false }
    }

    /// What it has cost so far.
    pub(super) fn meter(&self) -> &Meter {
        &self.meter
    }

    /// It has begun to answer.
    pub(super) fn answered(&mut self) {
        let after = self.meter.time_to_first_token().unwrap_or_else(|| self.began.elapsed());
        if let Some(kind) = self.lesson.take() {
            self.shared.first_tokens().add(kind, after);
        }
    }

    /// It has failed: before any work, nothing is owed; and only what was late teaches anything.
    pub(super) fn failed(&mut self, judgement: &Judgement) {
        self.was_refused = !judgement.work_may_have_begun;
        if judgement.outcome != Outcome::TimedOut {
            self.lesson = None;
        }
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        if let Some(kind) = self.lesson {
            self.shared.first_tokens().add_unanswered(kind, self.began.elapsed());
        }
        if self.was_refused {
            return;
        }
        let spent = self.meter.spent();
        let tokens = Tokens { input: spent.usage.input, output: spent.usage.output };
        self.fleet.count_tokens(self.target, tokens, spent.is_reported);
    }
}
