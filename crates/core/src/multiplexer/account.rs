//! What an attempt has cost, entered in its target's books once, whenever and however the attempt
//! ends. What was sent is not taken back: an attempt that was lost keeps its estimate.

use std::sync::Arc;

use crate::fleet::{Fleet, Lease, TargetKey, Tokens};
use crate::wire::reply::Meter;

/// An attempt on whose account tokens go. Dropping it enters them.
#[derive(Debug)]
pub(super) struct Account {
    fleet: Arc<Fleet>,
    target: TargetKey,
    meter: Arc<Meter>,
    was_refused: bool,
}

impl Account {
    pub(super) fn new(lease: &Lease, meter: Arc<Meter>) -> Self {
        let fleet = Arc::clone(lease.fleet());
        Self { fleet, target: lease.target(), meter, was_refused: false }
    }

    /// What it has cost so far.
    pub(super) fn meter(&self) -> &Meter {
        &self.meter
    }

    /// The target has refused before any work: nothing is owed.
    pub(super) fn refuse(&mut self) {
        self.was_refused = true;
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        if self.was_refused {
            return;
        }
        let spent = self.meter.spent();
        let tokens = Tokens { input: spent.usage.input, output: spent.usage.output };
        self.fleet.count_tokens(self.target, tokens, spent.is_reported);
    }
}
