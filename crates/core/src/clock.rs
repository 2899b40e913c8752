//! Time as the engine sees it: milliseconds since the Unix epoch that never run backwards.
//!
//! Decisions take a [`Timestamp`]; only the edges read a clock. It does not decide whose clock
//! counts: the binding hands in the host's when a program has replaced it.

mod elapsed;
mod process;

use std::time::Duration;

pub(crate) use elapsed::Elapsed;

/// A moment, in milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// A moment given in milliseconds since the Unix epoch.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// This moment moved on by `span`, to the millisecond (rounded up), without overflow.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        let millis = u64::try_from(span.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(millis))
    }

    /// The time from `earlier` to this moment; zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// Now: the wall clock as it was when the process first asked, moved on by a monotonic clock,
    /// so that a wall clock that is set back neither prolongs a rest nor ends one. Where the wall
    /// clock is found to be more than 2 s ahead, as after a suspension, it is followed within a
    /// second.
    pub fn now() -> Self {
        process::now()
    }
}

/// What a pick needs from outside: the time and one draw.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The time of the pick.
    pub now: Timestamp,
    /// A uniform draw from `[0, 1)`.
    pub draw: f64,
}

impl Moment {
    /// The present, with a draw from the thread's own generator.
    pub fn sample() -> Self {
        Self { now: Timestamp::now(), draw: rand::random::<f64>() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_rounded_up_so_that_a_rest_is_never_short() {
        let start = Timestamp::from_millis(1_000);
        assert_eq!(start.after(Duration::from_micros(1_500)), Timestamp::from_millis(1_002));
    }

    #[test]
    fn now_does_not_run_backwards() {
        let mut last = Timestamp::now();
        for _ in 0..1_000 {
            let next = Timestamp::now();
            assert!(next >= last);
            last = next;
        }
    }
}
