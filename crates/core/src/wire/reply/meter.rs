//! What an attempt has cost so far: written by whoever reads the answer, read by whoever accounts
//! for it, whenever the attempt ends. It decides nothing.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::wire::Usage;

/// The tokens of one attempt, and when its first one came.
#[derive(Debug, Default)]
pub struct Meter {
    /// Of the request, where nothing is reported.
    estimated_input: u64,
    input: AtomicU64,
    output: AtomicU64,
    is_reported: AtomicBool,
    first_token_micros: AtomicU64,
}

/// What an attempt has cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent {
    /// The tokens.
    pub usage: Usage,
    /// The provider has told them; else the input is estimated from the request, and the output is
    /// a token for each event.
    pub is_reported: bool,
}

impl Meter {
    /// For a request of about so many tokens.
    pub fn new(estimated_input: u64) -> Self {
        Self { estimated_input, ..Self::default() }
    }

    pub(super) fn report(&self, usage: Usage) {
        self.input.store(usage.input, Ordering::Relaxed);
        self.output.store(usage.output, Ordering::Relaxed);
        self.is_reported.store(true, Ordering::Release);
    }

    /// So many events with something of the answer have come.
    pub(super) fn count(&self, events: u32) {
        if !self.is_reported.load(Ordering::Relaxed) {
            self.output.store(u64::from(events), Ordering::Relaxed);
        }
    }

    pub(super) fn first_token(&self, after: Duration) {
        let micros = u64::try_from(after.as_micros()).unwrap_or(u64::MAX).max(1);
        self.first_token_micros.store(micros, Ordering::Relaxed);
    }

    /// How long the first token took; none before it.
    pub fn time_to_first_token(&self) -> Option<Duration> {
        let micros = self.first_token_micros.load(Ordering::Relaxed);
        (micros > 0).then(|| Duration::from_micros(micros))
    }

    /// What has been spent so far.
    pub fn spent(&self) -> Spent {
        let is_reported = self.is_reported.load(Ordering::Acquire);
        let output = self.output.load(Ordering::Relaxed);
        let input =
            if is_reported { self.input.load(Ordering::Relaxed) } else { self.estimated_input };
        Spent { usage: Usage { input, output }, is_reported }
    }

    /// The same as the host is told it: tokens read and written, 1 if they were reported, and
    /// microseconds to the first token, 0 for unknown.
    pub fn to_text(&self) -> String {
        let Spent { usage, is_reported } = self.spent();
        let first = self.first_token_micros.load(Ordering::Relaxed);
        format!("{} {} {} {first}", usage.input, usage.output, u8::from(is_reported))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reported_goes_before_what_is_estimated() {
        let meter = Meter::new(10);
        meter.count(3);
        let estimated = Spent { usage: Usage { input: 10, output: 3 }, is_reported: false };
        assert_eq!(meter.spent(), estimated);
        assert_eq!(meter.time_to_first_token(), None);
        meter.first_token(Duration::from_millis(2));
        meter.report(Usage { input: 7, output: 5 });
        meter.count(9);
        let reported = Spent { usage: Usage { input: 7, output: 5 }, is_reported: true };
        assert_eq!(meter.spent(), reported);
        assert_eq!(meter.to_text(), "7 5 1 2000");
    }
}
