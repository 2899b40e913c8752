//! A limit that slides: a bucket of the limit's size that refills evenly in the limit's time. It
//! is the generic cell rate algorithm (ITU-T I.371), in whole numbers.

use super::limits::Span;
use super::time::Time;
use crate::clock::Timestamp;

#[derive(Clone, Debug)]
pub(super) struct Sliding {
    span: Span,
    /// When the bucket is full again, in milliseconds multiplied by the limit: so that one request
    /// or token is exactly one span.
    full_at: u128,
}

/// A moment in milliseconds multiplied by the limit.
fn scaled(most: u64, moment: Timestamp) -> u128 {
    u128::from(moment.as_millis()) * u128::from(most)
}

impl Sliding {
    pub(super) fn new(span: Span) -> Self {
        Self { span, full_at: 0 }
    }

    fn weight(&self, amount: u64) -> u128 {
        u128::from(amount) * u128::from(self.span.millis())
    }

    pub(super) fn room(&self, most: u64, time: Time) -> u64 {
        let missing = self.full_at.saturating_sub(scaled(most, time.now));
        let left = self.weight(most).saturating_sub(missing) / u128::from(self.span.millis());
        u64::try_from(left).unwrap_or(u64::MAX)
    }

    /// When `amount`, at most the limit, fits by time alone.
    pub(super) fn opens(&self, most: u64, amount: u64) -> Timestamp {
        let may_miss = self.weight(most.saturating_sub(amount));
        let moment = self.full_at.saturating_sub(may_miss).div_ceil(u128::from(most));
        Timestamp::from_millis(u64::try_from(moment).unwrap_or(u64::MAX))
    }

    pub(super) fn take(&mut self, most: u64, amount: u64, time: Time) {
        let from = self.full_at.max(scaled(most, time.now));
        self.full_at = from.saturating_add(self.weight(amount));
    }

    pub(super) fn put_back(&mut self, amount: u64) {
        self.full_at = self.full_at.saturating_sub(self.weight(amount));
    }

    /// What is missing in the bucket.
    pub(super) fn used(&self, most: u64, time: Time) -> u64 {
        let missing = self.full_at.saturating_sub(scaled(most, time.now));
        u64::try_from(missing.div_ceil(u128::from(self.span.millis()))).unwrap_or(u64::MAX)
    }

    /// When the bucket is full.
    pub(super) fn full(&self, most: u64) -> Timestamp {
        let moment = self.full_at.div_ceil(u128::from(most));
        Timestamp::from_millis(u64::try_from(moment).unwrap_or(u64::MAX))
    }

    /// Keeps what is missing when the limit changes.
    pub(super) fn rescale(&mut self, before: u64, after: u64, time: Time) {
        let missing = self.full_at.saturating_sub(scaled(before, time.now));
        self.full_at = scaled(after, time.now) + missing;
    }

    /// Takes up what was missing before this process began, of a bucket that is full at `full`.
    pub(super) fn restore(&mut self, most: u64, full: Timestamp, used: u64, time: Time) {
        let missing = scaled(most, full).saturating_sub(scaled(most, time.now));
        let missing = missing.min(self.weight(used));
        self.full_at = self.full_at.max(scaled(most, time.now)).saturating_add(missing);
    }
}
