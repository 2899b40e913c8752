//! Durations in the buckets that OpenTelemetry advises for generative AI.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper ends in milliseconds: 10 ms doubled thirteen times.
const ENDS: [u64; 14] =
    [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10_240, 20_480, 40_960, 81_920];

/// Durations by bucket.
#[derive(Debug, Default)]
pub(super) struct Histogram {
    /// Each counts only those above the one before it; the last is without an end.
    buckets: [AtomicU64; ENDS.len() + 1],
    sum_micros: AtomicU64,
}

impl Histogram {
    pub(super) fn add(&self, span: Duration) {
        let micros = u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
        let bucket = ENDS.partition_point(|end| end * 1000 < micros);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.sum_micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// Ends in seconds with how many are not above them, then all of them; and their sum in
    /// seconds.
    pub(super) fn read(&self) -> (Vec<(f64, u64)>, u64, f64) {
        let mut count = 0;
        let ends = ENDS.iter().zip(&self.buckets).map(|(end, bucket)| {
            count += bucket.load(Ordering::Relaxed);
            (*end as f64 / 1e3, count)
        });
        let ends = ends.collect();
        count += self.buckets[ENDS.len()].load(Ordering::Relaxed);
        (ends, count, self.sum_micros.load(Ordering::Relaxed) as f64 / 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_in_every_bucket_whose_end_is_not_below_it() {
        let histogram = Histogram::default();
        for millis in [10, 11, 200_000] {
            histogram.add(Duration::from_millis(millis));
        }
        let (ends, count, sum) = histogram.read();
        assert_eq!(ends[..2], [(0.01, 1), (0.02, 2)]);
        assert_eq!(ends[13], (81.92, 2));
        assert_eq!(count, 3);
        assert!((sum - 200.021).abs() < 1e-9);
    }
}
