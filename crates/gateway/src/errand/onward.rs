//! What becomes of a request whose stream has ended: it is well, it is broken off, or another target
//! goes on with it. Whether one may is the engine's to say.

use std::sync::Arc;

use model_multiplexer_core::fleet::Lease;
use model_multiplexer_core::mailbox::Letter;
use model_multiplexer_core::multiplexer::{Call, Trial};
use model_multiplexer_core::outcome::Outcome;
use model_multiplexer_core::wire::reply::Relay;

use super::{Done, Errand, Opened, Pending, Running, Served};
use crate::plan::Route;
use crate::trail::Trail;

/// What it takes to go on with a stream elsewhere.
pub(crate) struct Onward {
    errand: Errand,
    call: Call,
    then: Vec<Arc<Route>>,
    attempts: u32,
}

/// What a stream has come to.
pub(crate) enum Ended {
    /// It is complete.
    Well,
    /// It is not, and nobody goes on with it.
    Broken,
    /// Others are asked to.
    GoesOn(Pending),
}

impl Running {
    /// A stream has begun: only what it takes to go on with it is kept.
    pub(super) fn opened(
        self,
        served: Served,
        relay: Box<Relay>,
        lease: Option<Lease>,
    ) -> (Done, Trail) {
        let Self { errand, call, trial, then, attempts, trail, .. } = self;
        let onward = trial.keeps_body().then(|| Box::new(Onward { errand, call, then, attempts }));
        let opened = Box::new(Opened { relay, trial, lease, onward });
        trail.note(Outcome::Success);
        (Done::Stream(served, opened), trail)
    }
}

impl Opened {
    /// Frees the slot of an answer that is complete, though its stream may stay open for a while.
    pub(crate) fn settle_if_finished(&mut self) {
        if self.relay.is_finished() && self.lease.is_some() {
            self.trial.told(&mut self.lease, &Letter::Finished);
            self.onward = None;
        }
    }

    /// Settles what is held for a stream that has ended so, and notes in the trail what came of it.
    pub(crate) fn ended(self, letter: Letter, trail: &Trail) -> Ended {
        let Self { mut trial, mut lease, onward, .. } = self;
        let was_finished = lease.is_none();
        trial.told(&mut lease, &letter);
        if was_finished || matches!(letter, Letter::Ended { .. }) {
            return Ended::Well;
        }
        let onward = lease.is_some().then_some(onward).flatten();
        let Some(onward) = onward else {
            trail.note(Outcome::Truncated);
            return Ended::Broken;
        };
        onward.go(letter, trial, lease, trail)
    }
}

impl Onward {
    fn go(
        self: Box<Self>,
        letter: Letter,
        trial: Trial,
        lease: Option<Lease>,
        trail: &Trail,
    ) -> Ended {
        let Self { mut errand, call, then, attempts } = *self;
        // Who goes on is asked now or not at all.
        errand.max_wait = std::time::Duration::ZERO;
        let (last, returns) = (None, None);
        let trail = trail.clone();
        let mut running = Running { errand, call, trial, then, attempts, last, returns, trail };
        let after = running.decide(letter, lease);
        match after {
            None => Ended::Broken,
            Some(after) => Ended::GoesOn(Box::pin(async move {
                tokio::time::sleep(after).await;
                running.run().await
            })),
        }
    }
}
