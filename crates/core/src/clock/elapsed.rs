//! The engine's own time: the host's, but never backwards. A host clock that is set back moves all
//! deadlines with it, so that a rest lasts as long as it was meant to. It reads no clock.

use std::time::Duration;

use super::Timestamp;

/// Threads that read a clock and then queue for a lock arrive out of order by some
/// milliseconds; only what goes back further is a clock that was set.
const JITTER_MS: u64 = 1_000;

/// The host's time turned into one that does not run backwards.
#[derive(Debug)]
pub(crate) struct Elapsed {
    /// What the engine's time is ahead of the host's.
    ahead_ms: u64,
    last: Timestamp,
}

impl Default for Elapsed {
    fn default() -> Self {
        Self { ahead_ms: 0, last: Timestamp::from_millis(0) }
    }
}

impl Elapsed {
    /// The engine's time for the host's `now`.
    pub(crate) fn tick(&mut self, now: Timestamp) -> Timestamp {
        // A clock that has caught up counts again: so does one that a thread had read just before
        // it was set forward.
        if now >= self.last {
            self.ahead_ms = 0;
        }
        let here = now.as_millis().saturating_add(self.ahead_ms);
        let last = self.last.as_millis();
        if here.saturating_add(JITTER_MS) < last {
            self.ahead_ms = self.ahead_ms.saturating_add(last - here);
        }
        self.last = self.last.max(Timestamp::from_millis(here));
        self.last
    }

    /// The engine's time when it was last told.
    pub(crate) fn last(&self) -> Timestamp {
        self.last
    }

    /// What the engine's time is ahead of the host's.
    pub(crate) fn ahead(&self) -> Duration {
        Duration::from_millis(self.ahead_ms)
    }

    /// A moment of the engine's time as the host's clock shows it.
    pub(crate) fn to_host(&self, moment: Timestamp) -> Timestamp {
        Timestamp::from_millis(moment.as_millis().saturating_sub(self.ahead_ms))
    }

    /// A moment of the host's clock in the engine's time.
    pub(crate) fn of_host(&self, moment: Timestamp) -> Timestamp {
        Timestamp::from_millis(moment.as_millis().saturating_add(self.ahead_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn a_clock_that_is_set_back_goes_on_from_where_it_was() {
        let mut elapsed = Elapsed::default();
        assert_eq!(elapsed.tick(at(100_000)), at(100_000));
        assert_eq!(elapsed.tick(at(10_000)), at(100_000));
        assert_eq!(elapsed.tick(at(15_000)), at(105_000));
        assert_eq!(elapsed.to_host(at(105_000)), at(15_000));
        assert_eq!(elapsed.of_host(at(15_000)), at(105_000));
    }

    #[test]
    fn a_clock_that_has_caught_up_counts_again() {
        let mut elapsed = Elapsed::default();
        // One thread has read the clock before it was set forward, and comes last.
        for (now, here) in [(10_000, 10_000), (900_000, 900_000), (10_001, 900_000)] {
            assert_eq!(elapsed.tick(at(now)), at(here));
        }
        assert_eq!(elapsed.tick(at(900_005)), at(900_005));
        assert_eq!(elapsed.to_host(elapsed.last()), at(900_005));
    }

    #[test]
    fn threads_that_arrive_out_of_order_do_not_make_it_drift() {
        let mut elapsed = Elapsed::default();
        for millis in [100, 99, 101, 100, 102] {
            elapsed.tick(at(10_000 + millis));
        }
        assert_eq!(elapsed.to_host(elapsed.last()), at(10_102));
    }
}
