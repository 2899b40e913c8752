//! How long things took, in buckets that are a sixteenth of their size wide: percentiles within
//! 6 % from a few hundred counters, whatever the number of samples. It keeps no single sample.

use std::time::Duration;

/// Buckets in each doubling; below this many milliseconds a bucket is one millisecond.
const PER_OCTAVE: u64 = 16;
/// Everything from 2^22 ms (70 minutes) on is in the last bucket.
const OCTAVES: u64 = 18;
const BUCKETS: usize = (PER_OCTAVE * (OCTAVES + 1)) as usize;
/// At so many samples all counts are halved: percentiles are of about the last that many.
const WINDOW: u32 = 8_192;

/// A histogram of durations, to the millisecond.
#[derive(Debug, Default)]
pub struct Histogram {
    /// None until something is counted: most of ten thousand targets are idle.
    counts: Option<Box<[u32; BUCKETS]>>,
    total: u32,
}

/// The middle and the tail of some durations. None where nothing was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Percentiles {
    /// Half took no longer.
    pub p50: Option<Duration>,
    /// 95 % took no longer.
    pub p95: Option<Duration>,
    /// 99 % took no longer.
    pub p99: Option<Duration>,
    /// How many samples these are of: of late, at most 8,192.
    pub samples: u32,
}

impl Histogram {
    /// Counts a duration.
    pub fn add(&mut self, sample: Duration) {
        let millis = u64::try_from(sample.as_millis()).unwrap_or(u64::MAX);
        let counts = self.counts.get_or_insert_with(|| Box::new([0; BUCKETS]));
        counts[bucket_of(millis)] += 1;
        self.total += 1;
        if self.total >= WINDOW {
            counts.iter_mut().for_each(|count| *count /= 2);
            self.total = counts.iter().sum();
        }
    }

    /// The middle and the tail of what has been counted.
    pub fn percentiles(&self) -> Percentiles {
        let at = |share: f64| self.percentile(share);
        Percentiles { p50: at(0.5), p95: at(0.95), p99: at(0.99), samples: self.total }
    }

    /// The upper end of the bucket in which this share of the samples is reached.
    fn percentile(&self, share: f64) -> Option<Duration> {
        let counts = self.counts.as_ref()?;
        let wanted = (share * f64::from(self.total)).ceil().max(1.0) as u32;
        let mut seen = 0;
        let reached = counts.iter().position(|count| {
            seen += count;
            seen >= wanted
        })?;
        Some(Duration::from_millis(last_of(reached)))
    }
}

fn bucket_of(millis: u64) -> usize {
    if millis < PER_OCTAVE {
        return millis as usize;
    }
    let octave = u64::from(millis.ilog2() - PER_OCTAVE.ilog2());
    let within = (millis >> octave) - PER_OCTAVE;
    ((PER_OCTAVE * (octave + 1) + within) as usize).min(BUCKETS - 1)
}

/// The longest duration of a bucket, in milliseconds.
const fn last_of(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    if bucket < PER_OCTAVE {
        return bucket;
    }
    let octave = bucket / PER_OCTAVE - 1;
    ((bucket % PER_OCTAVE + PER_OCTAVE + 1) << octave) - 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_duration_is_told_within_a_sixteenth(millis in 0_u64..(1 << 22)) {
            let told = last_of(bucket_of(millis));
            prop_assert!(told >= millis);
            prop_assert!(told - millis <= millis / PER_OCTAVE);
        }
    }

    #[test]
    fn percentiles_are_those_of_the_samples() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.percentiles(), Percentiles::default());
        for millis in 1..=1_000 {
            histogram.add(Duration::from_millis(millis));
        }
        let told = histogram.percentiles();
        let near = |told: Option<Duration>, millis: u64| {
            let told = told.unwrap().as_millis() as u64;
            assert!((millis..=millis + millis / 16).contains(&told), "{told} for {millis}");
        };
        near(told.p50, 500);
        near(told.p95, 950);
        near(told.p99, 990);
        assert_eq!(told.samples, 1_000);
    }

    #[test]
    fn old_samples_give_way_to_new_ones_and_none_is_too_long() {
        let mut histogram = Histogram::default();
        for _ in 0..10_000 {
            histogram.add(Duration::MAX);
        }
        for _ in 0..60_000 {
            histogram.add(Duration::from_millis(7));
        }
        let told = histogram.percentiles();
        assert_eq!(told.p95, Some(Duration::from_millis(7)));
        assert!(told.samples < WINDOW);
    }
}
