//! The right to use a target once. Dropping it gives back the slot, whatever happened; settling
//! it is what changes statistics and rests.

use std::sync::Arc;
use std::time::Duration;

use super::{Fleet, TargetKey};
use crate::clock::Timestamp;

/// A held slot of one target.
#[derive(Debug)]
pub struct Lease {
    fleet: Arc<Fleet>,
    key: TargetKey,
    counted_success: bool,
}

impl Lease {
    pub(super) fn new(fleet: Arc<Fleet>, key: TargetKey) -> Self {
        Self { fleet, key, counted_success: false }
    }

    /// The target that is leased.
    pub fn target(&self) -> TargetKey {
        self.key
    }

    /// Counts a success. The slot stays held until the lease is dropped: a stream goes on.
    pub fn succeed(&mut self) {
        if !self.counted_success {
            self.counted_success = true;
            self.fleet.update_stats(self.key, |stats| stats.success += 1);
        }
    }

    /// Counts a refusal and lets the target rest for `rest` from `now`. Returns when that ends.
    pub fn rate_limited(self, now: Timestamp, rest: Duration) -> Timestamp {
        let until = now.after(rest);
        self.fleet.update_stats(self.key, |stats| stats.rate_limited += 1);
        self.fleet.rest(self.key, until);
        until
    }

    /// Counts a failure; a success counted before, as when a stream opened, is taken back.
    pub fn fail(self) {
        if self.counted_success {
            self.fleet.take_back(self.key);
        } else {
            self.fleet.update_stats(self.key, |stats| stats.failed += 1);
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.fleet.release(self.key);
    }
}
