//! The requests that are sent under one lease beyond its first, as where the same target is asked
//! again without the call being told. Each counts against the limits; none is given back.

use std::sync::Arc;

use tokio::time::Instant;

use super::pick::Picked;
use super::state::State;
use super::{Fleet, TargetKey};
use crate::quota::Estimate;

/// The right to send further requests to the target of a lease, as far as its limits allow.
#[derive(Debug)]
pub struct Again {
    fleet: Arc<Fleet>,
    picked: Picked,
    since: Instant,
}

impl Again {
    /// None where nothing of the target is limited.
    pub(super) fn new(fleet: &Arc<Fleet>, picked: Picked) -> Option<Self> {
        let is_limited = picked.reserved.scopes().iter().any(Option::is_some);
        is_limited.then(|| Self { fleet: Arc::clone(fleet), picked, since: Instant::now() })
    }

    /// Enters one more request; false, and nothing is entered, if the limits have none left. The
    /// tokens are the call's, which it holds already.
    pub fn take(&self) -> bool {
        self.fleet.with(|state| {
            state.clock.tick(state.clock.to_host(self.picked.taken.after(self.since.elapsed())));
            state.take_request(self.picked.key)
        })
    }
}

impl State {
    fn take_request(&mut self, key: TargetKey) -> bool {
        let time = self.time();
        let scopes = self.targets.get(&key).map(|target| target.scopes).unwrap_or_default();
        let is_free = scopes.into_iter().flatten().all(|id| {
            self.quotas.get_mut(id).is_none_or(|account| account.ledger.has_request(time))
        });
        if is_free {
            self.reserve(key, Estimate::default());
        }
        is_free
    }
}
