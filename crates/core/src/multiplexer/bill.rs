//! What an attempt has cost, and how long its first token has taken: entered in the books once,
//! whenever and however the attempt ends. What was sent is not taken back: an attempt that was lost
//! keeps its estimate.

use std::sync::Arc;

use tokio::time::Instant;

use super::Resilience;
use crate::fleet::{Lease, Reservation, Tokens};
use crate::outcome::{Judgement, Outcome};
use crate::policy::Kind;
use crate::wire::reply::Meter;

/// What one attempt owes. Dropping it enters it.
#[derive(Debug)]
pub(super) struct Bill {
    reservation: Option<Reservation>,
    meter: Arc<Meter>,
    shared: Arc<Resilience>,
    began: Instant,
    /// What its time to answer teaches, as long as it has not.
    lesson: Option<Kind>,
}

impl Bill {
    pub(super) fn new(
        lease: &mut Lease,
        meter: Arc<Meter>,
        shared: Arc<Resilience>,
        began: Instant,
        lesson: Option<Kind>,
    ) -> Self {
        Self { reservation: lease.detach(), meter, shared, began, lesson }
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

    /// It has failed: before any work, no token is owed, nor the request if it never was sent; and
    /// only what was late teaches anything.
    pub(super) fn failed(&mut self, judgement: &Judgement) {
        if judgement.outcome != Outcome::TimedOut {
            self.lesson = None;
        }
        if judgement.work_may_have_begun {
            return;
        }
        match self.reservation.take() {
            Some(reservation) if judgement.is_unsent() => reservation.refund(),
            Some(reservation) => reservation.settle(Tokens::default(), false, self.began.elapsed()),
            None => {}
        }
    }
}

impl Drop for Bill {
    fn drop(&mut self) {
        if let Some(kind) = self.lesson {
            self.shared.first_tokens().add_unanswered(kind, self.began.elapsed());
        }
        let Some(reservation) = self.reservation.take() else { return };
        let spent = self.meter.spent();
        let tokens = Tokens { input: spent.usage.input, output: spent.usage.output };
        reservation.settle(tokens, spent.is_reported, self.began.elapsed());
    }
}
