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
    /// The last sample or question.
    touched: Option<Timestamp>,
}

impl DecayingMean {
    pub(super) fn add(&mut self, sample: Duration, now: Timestamp) {
        let sample = sample.as_secs_f64();
        self.mean = match self.touched {
            // A burst within a millisecond still counts for something.
            Some(_) if self.mean > 0.0 => {
                let weight = 1.0 - self.kept(now).min(0.9);
                self.mean + weight * (sample - self.mean)
            }
            _ => sample,
        };
        self.touched = Some(now);
    }

    /// The target is being asked: it stops fading, so that one call finds out and not all.
    pub(super) fn ask(&mut self, now: Timestamp) {
        if self.touched.is_some() {
            self.mean = self.at(now);
            self.touched = Some(now);
        }
    }

    /// The mean in seconds as it counts now; zero, the best, when nothing is known.
    pub(super) fn at(self, now: Timestamp) -> f64 {
        self.mean * self.kept(now)
    }

    fn kept(self, now: Timestamp) -> f64 {
        self.touched
            .map_or(0.0, |touched| (-now.since(touched).as_secs_f64() / MEMORY.as_secs_f64()).exp())
    }
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
        mean.ask(at(10_000));
        assert!((mean.at(at(10_000)) - 0.3).abs() < 0.01);
    }
}
