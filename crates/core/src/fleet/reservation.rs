//! What a call holds of its target's limits, apart from the slot. Dropping it keeps the prompt.

use std::sync::Arc;
use std::time::Duration;

use super::pick::Picked;
use super::{Fleet, Tokens};
use crate::outcome::Outcome;

/// A request and the tokens reserved for it.
#[derive(Debug)]
#[must_use = "one that is dropped counts as an attempt that was given up"]
pub struct Reservation {
    fleet: Arc<Fleet>,
    picked: Picked,
    is_over: bool,
}

impl Reservation {
    pub(super) fn new(fleet: Arc<Fleet>, picked: Picked) -> Self {
        Self { fleet, picked, is_over: false }
    }

    /// Enters what the attempt has used in place of what was expected: as reported, else as
    /// estimated here. It is so long `after` the lease was taken: the host's clock is not at hand,
    /// and may differ from the system's.
    pub fn settle(mut self, tokens: Tokens, is_reported: bool, after: Duration) {
        self.is_over = true;
        self.fleet.with(|state| {
            let now = state.clock.to_host(self.picked.taken.after(after));
            state.clock.tick(now);
            state.settle(&self.picked, is_reported.then_some(tokens), tokens);
        });
    }

    /// Gives all of it back: no byte of the request was written.
    pub fn refund(mut self) {
        self.is_over = true;
        self.fleet.with(|state| state.refund(&self.picked));
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if !self.is_over {
            let kept = self.picked.reserved.estimate().used(Outcome::Aborted);
            self.fleet.with(|state| state.settle(&self.picked, None, kept.into()));
        }
    }
}
