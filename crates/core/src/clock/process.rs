//! The clock of this process: the wall clock's time when it was first asked, moved on by a monotonic
//! clock, which does not count while the machine is suspended and knows nothing of a wall clock that
//! is set forward. It is never set back: `Elapsed` says what that means where a program's own clock is.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::Timestamp;

/// How often the wall clock is looked at, at most.
const LOOKS_EVERY_MS: u64 = 1_000;
/// Clocks that are being slewed differ by less.
const TOLERATED_MS: u64 = 2_000;

/// The present.
pub(super) fn now() -> Timestamp {
    static CLOCK: LazyLock<(Instant, Clock)> =
        LazyLock::new(|| (Instant::now(), Clock::new(Timestamp(wall_ms()))));
    let (origin, clock) = &*CLOCK;
    clock.now(origin.elapsed().as_millis() as u64, wall_ms)
}

fn wall_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64
}

#[derive(Debug)]
struct Clock {
    /// The wall clock's time at the origin.
    began: Timestamp,
    /// By how much the wall clock has run ahead since.
    skipped_ms: AtomicU64,
    /// When it was last looked at, since the origin.
    looked_ms: AtomicU64,
}

impl Clock {
    fn new(began: Timestamp) -> Self {
        Self { began, skipped_ms: AtomicU64::new(0), looked_ms: AtomicU64::new(0) }
    }

    /// The time so many milliseconds after the origin, by a monotonic clock.
    fn now(&self, elapsed_ms: u64, wall_ms: impl FnOnce() -> u64) -> Timestamp {
        if elapsed_ms.saturating_sub(self.looked_ms.load(Ordering::Relaxed)) >= LOOKS_EVERY_MS {
            self.look(elapsed_ms, wall_ms());
        }
        self.at(elapsed_ms)
    }

    fn at(&self, elapsed_ms: u64) -> Timestamp {
        Timestamp(self.began.0 + elapsed_ms + self.skipped_ms.load(Ordering::Relaxed))
    }

    #[cold]
    fn look(&self, elapsed_ms: u64, wall_ms: u64) {
        self.looked_ms.store(elapsed_ms, Ordering::Relaxed);
        if wall_ms > self.at(elapsed_ms).as_millis() + TOLERATED_MS {
            self.skipped_ms.fetch_max(wall_ms - self.began.0 - elapsed_ms, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: u64 = 1_000_000;

    #[test]
    fn a_wall_clock_that_runs_ahead_is_followed() {
        let clock = Clock::new(Timestamp(START));
        let day = 24 * 60 * 60 * 1_000;
        assert_eq!(clock.now(2_000, || START + 2_000), Timestamp(START + 2_000));
        assert_eq!(clock.now(4_000, || START + day), Timestamp(START + day));
        assert_eq!(clock.now(5_000, || START + day + 1_000), Timestamp(START + day + 1_000));
    }

    #[test]
    fn the_wall_clock_is_looked_at_once_a_second() {
        let clock = Clock::new(Timestamp(START));
        let unread = || unreachable!("it was looked at just now");
        assert_eq!(clock.now(999, unread), Timestamp(START + 999));
        assert_eq!(clock.now(1_500, || START), Timestamp(START + 1_500));
        assert_eq!(clock.now(2_499, unread), Timestamp(START + 2_499));
    }

    #[test]
    fn a_wall_clock_that_is_slewed_or_set_back_is_not() {
        let clock = Clock::new(Timestamp(START));
        assert_eq!(clock.now(2_000, || START + 4_000), Timestamp(START + 2_000));
        assert_eq!(clock.now(4_000, || 0), Timestamp(START + 4_000));
        assert_eq!(clock.now(6_000, || START + 100_000), Timestamp(START + 100_000));
        assert_eq!(clock.now(8_000, || START + 8_000), Timestamp(START + 102_000));
    }
}
