//! Redis' clock as this process can know it: between two bounds, since a reply takes time to come.
//! It reads no clock.

use std::time::{Duration, Instant};

/// After so long a clock that was set, or that drifts, shows.
const OLD: Duration = Duration::from_secs(5);

/// What is known of Redis' clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct RemoteClock {
    /// In milliseconds since the Unix epoch, as a script saw it…
    told: u64,
    /// …which ran after this moment…
    sent: Instant,
    /// …and before this one.
    received: Instant,
}

impl RemoteClock {
    pub(super) fn new(told: u64, sent: Instant, received: Instant) -> Self {
        Self { told, sent, received }
    }

    /// It is not later than this by Redis' clock: what must not be used after its end goes by it.
    pub(super) fn latest(&self, now: Instant) -> u64 {
        self.told + 1 + millis(now.saturating_duration_since(self.sent))
    }

    /// It is not earlier than this: what must not be used before it begins goes by it.
    pub(super) fn earliest(&self, now: Instant) -> u64 {
        self.told + millis(now.saturating_duration_since(self.received))
    }

    /// True if the other is known more closely, or this one has become old.
    pub(super) fn is_worse_than(&self, other: &Self, now: Instant) -> bool {
        let is_old = now.saturating_duration_since(self.received) > OLD;
        is_old || other.doubt() <= self.doubt()
    }

    /// How far apart the bounds are.
    fn doubt(&self) -> Duration {
        self.received.saturating_duration_since(self.sent)
    }
}

fn millis(span: Duration) -> u64 {
    span.as_millis() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_are_as_far_apart_as_the_reply_took() {
        let sent = Instant::now();
        let received = sent + Duration::from_millis(200);
        let clock = RemoteClock::new(1_000_000, sent, received);
        let now = received + Duration::from_secs(1);
        assert_eq!(clock.earliest(now), 1_001_000);
        assert_eq!(clock.latest(now), 1_001_201);
        assert_eq!(clock.doubt(), Duration::from_millis(200));
    }
}
