//! The time as accounts need it: one that never runs backwards, and what the wall shows beside it.

use std::time::Duration;

use crate::clock::{Elapsed, Timestamp};

/// A moment for an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time {
    /// By a clock that never runs backwards. All moments of accounts are by this clock.
    pub now: Timestamp,
    /// What that clock is ahead of the wall's, which windows are aligned to.
    pub ahead: Duration,
}

impl Time {
    /// The moment of a clock.
    pub(crate) fn of(clock: &Elapsed) -> Self {
        Self { now: clock.last(), ahead: clock.ahead() }
    }

    /// A moment at which both clocks show the same.
    pub const fn at(now: Timestamp) -> Self {
        Self { now, ahead: Duration::ZERO }
    }

    pub(super) fn to_wall(self, moment: Timestamp) -> Timestamp {
        Timestamp::from_millis(moment.as_millis().saturating_sub(self.ahead.as_millis() as u64))
    }

    pub(super) fn of_wall(self, moment: Timestamp) -> Timestamp {
        moment.after(self.ahead)
    }
}
