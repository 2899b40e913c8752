//! Which target a session stays with: a bounded table that forgets what was idle longest. It does
//! not decide whether the target may be asked.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use super::TargetKey;
use crate::clock::Timestamp;

/// How sessions are remembered under [`super::Strategy::Sticky`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    /// How many at a time; the one that was idle longest gives way. Default 10,000.
    pub most: usize,
    /// A session that was idle this long is chosen a target anew. Default 10 min.
    pub idle: Duration,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self { most: 10_000, idle: Duration::from_mins(10) }
    }
}

/// Sessions by a keyed hash of their name, so that the table's size does not depend on names.
#[derive(Debug)]
pub(super) struct Sessions {
    limits: SessionLimits,
    hasher: RandomState,
    bound: HashMap<u64, Bound>,
    by_use: BTreeMap<u64, u64>,
    uses: u64,
}

#[derive(Clone, Copy, Debug)]
struct Bound {
    target: TargetKey,
    used: Timestamp,
    use_number: u64,
}

impl Sessions {
    pub(super) fn new(limits: SessionLimits) -> Self {
        Self {
            limits,
            hasher: RandomState::new(),
            bound: HashMap::new(),
            by_use: BTreeMap::new(),
            uses: 0,
        }
    }

    /// The target of a session that has not been idle too long.
    pub(super) fn target(&self, session: &str, now: Timestamp) -> Option<TargetKey> {
        let bound = self.bound.get(&self.hasher.hash_one(session))?;
        (now.since(bound.used) < self.limits.idle).then_some(bound.target)
    }

    /// A session has been given this target.
    pub(super) fn bind(&mut self, session: &str, target: TargetKey, now: Timestamp) {
        let hash = self.hasher.hash_one(session);
        self.uses += 1;
        let bound = Bound { target, used: now, use_number: self.uses };
        if let Some(before) = self.bound.insert(hash, bound) {
            self.by_use.remove(&before.use_number);
        }
        self.by_use.insert(self.uses, hash);
        if self.bound.len() > self.limits.most
            && let Some((_, oldest)) = self.by_use.pop_first()
        {
            self.bound.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn a_session_keeps_its_target_until_it_has_been_idle() {
        let mut sessions = Sessions::new(SessionLimits::default());
        sessions.bind("one", TargetKey(7), at(0));
        assert_eq!(sessions.target("one", at(599_999)), Some(TargetKey(7)));
        assert_eq!(sessions.target("one", at(600_000)), None);
        assert_eq!(sessions.target("other", at(0)), None);
    }

    #[test]
    fn the_table_is_bounded_and_forgets_what_was_idle_longest() {
        let limits = SessionLimits { most: 100, ..SessionLimits::default() };
        let mut sessions = Sessions::new(limits);
        for number in 0..1_000_u32 {
            sessions.bind("used", TargetKey(0), at(1));
            sessions.bind(&number.to_string(), TargetKey(number), at(1));
        }
        assert_eq!((sessions.bound.len(), sessions.by_use.len()), (100, 100));
        assert_eq!(sessions.target("used", at(1)), Some(TargetKey(0)));
        assert_eq!(sessions.target("999", at(1)), Some(TargetKey(999)));
        assert_eq!(sessions.target("900", at(1)), None);
    }
}
