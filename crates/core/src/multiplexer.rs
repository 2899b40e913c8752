//! One call's way through the fleet: which target next, which never again.
//!
//! A state that whoever drives it advances (the binding from JavaScript's thread, so that clients
//! it cannot speak for are asked by the host). It sends nothing and waits for nothing.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::{Moment, Timestamp};
use crate::fleet::{Fleet, Lease, TargetKey, Unavailable};
use crate::outcome::Cooldown;

/// A call that looks for a target that answers.
#[derive(Debug)]
pub struct Call {
    fleet: Arc<Fleet>,
    cooldown: Cooldown,
    refused: Vec<TargetKey>,
}

/// A target that was sent to rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// Which target.
    pub target: TargetKey,
    /// For how long.
    pub span: Duration,
    /// Until when.
    pub until: Timestamp,
}

impl Call {
    /// A call that has asked nobody yet.
    pub fn new(fleet: Arc<Fleet>, cooldown: Cooldown) -> Self {
        Self { fleet, cooldown, refused: Vec::new() }
    }

    /// Leases the target to ask next. A target that refused this call is not asked again, even
    /// if its rest has ended meanwhile.
    ///
    /// # Errors
    /// Why there is none. If a target has refused before, its error is what the caller sees.
    pub fn pick(&self, moment: Moment) -> Result<Lease, Unavailable> {
        self.fleet.lease(moment, &self.refused)
    }

    /// True if [`Self::pick`] would find a target.
    pub fn can_pick(&self, now: Timestamp) -> bool {
        self.fleet.can_lease(now, &self.refused)
    }

    /// Settles a lease whose target refused with 429 or 529, `asked` being what the server said.
    pub fn rate_limited(&mut self, lease: Lease, asked: Option<Duration>, now: Timestamp) -> Rest {
        let target = lease.target();
        let span = self.cooldown.rest(asked);
        self.refused.push(target);
        let until = lease.rate_limited(now, span);
        Rest { target, span, until }
    }

    /// True once a target has refused this call.
    pub fn was_refused(&self) -> bool {
        !self.refused.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{TargetSpec, Tier};

    #[test]
    fn a_target_that_refused_is_not_asked_again_in_the_same_call() {
        let fleet = Fleet::new();
        for id in ["a", "b"] {
            fleet.add(TargetSpec {
                id: id.into(),
                model: id.into(),
                weight: 1,
                tier: Tier::Primary,
                max_concurrent: None,
            });
        }
        let at = |millis| Moment { now: Timestamp::from_millis(millis), draw: 0.0 };
        let mut call = Call::new(Arc::clone(&fleet), Cooldown::default());
        let first = call.pick(at(0)).unwrap();
        let rest = call.rate_limited(first, Some(Duration::from_secs(5)), at(0).now);
        assert_eq!(rest.span, Duration::from_secs(5));
        assert!(call.was_refused());
        let second = call.pick(at(10_000)).unwrap();
        assert_ne!(second.target(), rest.target);
        call.rate_limited(second, None, at(10_000).now);
        assert!(call.pick(at(20_000)).is_err());
    }
}
