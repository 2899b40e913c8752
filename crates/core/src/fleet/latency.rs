//! A mean that forgets: how soon a target has given its first token of late. It decides nothing.

use std::time::Duration;

use crate::clock::Timestamp;

/// What lies this far back counts for a third (1/e).
const MEMORY: Duration = Duration::from_secs(10);

/// An exponentially decaying mean. It fades while nobody asks, so that a target that was slow once
/// is tried again in time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DecayingMean {
    /// In seconds.
    mean: f64,
    sampled: Option<Timestamp>,
    asked: Option<Timestamp>,
}

/// What a sample counts for at least, though many come within a moment.
const LEAST_WEIGHT: f64 = 0.1;

impl DecayingMean {
    pub(super) fn add(&mut self, sample: Duration, now: Timestamp) {
        let weight = self.sampled.map_or(1.0, |before| 1.0 - kept(before, now));
        self.mean += weight.max(LEAST_WEIGHT) * (sample.as_secs_f64() - self.mean);
        self.sampled = Some(now);
    }

    /// The mean of what was measured, and when that was last.
    pub(super) fn sample(self) -> Option<(Duration, Timestamp)> {
        Some((Duration::from_secs_f64(self.mean), self.sampled?))
    }

    /// Takes up what was measured before this process began.
    pub(super) fn restore(&mut self, mean: Duration, measured: Timestamp) {
        self.mean = mean.as_secs_f64();
        self.sampled = Some(measured);
    }

    /// The target is being asked: until it has answered, or has not been asked for a while again,
    /// its mean counts in full, so that one call finds out and not all.
    pub(super) fn ask(&mut self, now: Timestamp) {
        self.asked = Some(now);
    }

    /// The mean in seconds as it counts now; zero, the best, when nothing is known. It fades while
    /// nobody asks, so that a target that was slow once is tried again in time.
    pub(super) fn at(self, now: Timestamp) -> f64 {
        self.asked.max(self.sampled).map_or(0.0, |touched| self.mean * kept(touched, now))
    }
}

fn kept(before: Timestamp, now: Timestamp) -> f64 {
    (-now.since(before).as_secs_f64() / MEMORY.as_secs_f64()).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn the_mean_follows_what_is_measured_and_fades_while_nobody_asks() {
        let mut mean = DecayingMean::default();
        assert!(mean.at(at(0)).abs() < f64::EPSILON);
        mean.add(Duration::from_secs(2), at(0));
        assert!((mean.at(at(0)) - 2.0).abs() < 1e-9);
        for step in 1..=100 {
            mean.add(Duration::from_millis(300), at(step * 100));
        }
        assert!((mean.at(at(10_000)) - 0.3).abs() < 0.01);
        assert!(mean.at(at(40_000)) < 0.02);
        mean.ask(at(40_000));
        assert!((mean.at(at(40_000)) - 0.3).abs() < 0.01);
        mean.add(Duration::from_secs(2), at(40_000));
        assert!(mean.at(at(40_000)) > 1.8);
    }
}
