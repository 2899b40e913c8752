//! What has been used in a minute, or in a day or a month, and whether more may be. It does not
//! know of what.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use time::OffsetDateTime;
use tokio::time::Instant;

use crate::config::Period;

const MINUTE: Duration = Duration::from_mins(1);

/// What has been used in the minute that began with the first use.
#[derive(Debug, Default)]
pub(crate) struct Window(Mutex<Option<Minute>>);

#[derive(Clone, Copy, Debug)]
pub(super) struct Minute {
    began: Instant,
    used: u64,
}

impl Minute {
    /// The minute that is running; a new one where the last is over.
    pub(super) fn at(before: Option<Self>, now: Instant) -> Self {
        let running = before.filter(|minute| now - minute.began < MINUTE);
        running.unwrap_or(Self { began: now, used: 0 })
    }

    /// Uses so much, if there was anything left.
    ///
    /// # Errors
    /// The time until there is.
    pub(super) fn take(&mut self, amount: u64, most: u64, now: Instant) -> Result<(), Duration> {
        if self.used >= most {
            return Err(self.began + MINUTE - now);
        }
        self.used = self.used.saturating_add(amount);
        Ok(())
    }

    pub(super) fn is_over(&self, now: Instant) -> bool {
        now - self.began >= MINUTE
    }
}

impl Window {
    /// Uses so much, if there was anything left of `most`.
    ///
    /// # Errors
    /// The time until there is.
    pub(crate) fn take(&self, amount: u64, most: u64, now: Instant) -> Result<(), Duration> {
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let running = Minute::at(*minute, now);
        minute.insert(running).take(amount, most, now)
    }

    /// Uses so much, whatever is left.
    pub(crate) fn add(&self, amount: u64, now: Instant) {
        let _ = self.take(amount, u64::MAX, now);
    }
}

/// What has been spent in the period that is running, in US dollars.
#[derive(Debug, Default)]
pub(crate) struct Purse(Mutex<(i32, u16, f64)>);

impl Purse {
    /// Spends so much.
    pub(crate) fn spend(&self, dollars: f64, per: Period, now: OffsetDateTime) {
        let mut purse = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (year, part) = period(per, now);
        let before = if (purse.0, purse.1) == (year, part) { purse.2 } else { 0.0 };
        *purse = (year, part, before + dollars);
    }

    /// What has been spent.
    pub(crate) fn spent(&self, per: Period, now: OffsetDateTime) -> f64 {
        let purse = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if (purse.0, purse.1) == period(per, now) { purse.2 } else { 0.0 }
    }
}

/// Which period it is.
fn period(per: Period, now: OffsetDateTime) -> (i32, u16) {
    match per {
        Period::Day => (now.year(), now.ordinal()),
        Period::Month => (now.year(), u16::from(u8::from(now.month()))),
        Period::Total => (0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_begins_with_its_first_use_and_is_empty_after_a_minute() {
        let window = Window::default();
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(window.take(1, 2, at(0)), Ok(()));
        assert_eq!(window.take(1, 2, at(10)), Ok(()));
        assert_eq!(window.take(1, 2, at(20)), Err(Duration::from_secs(40)));
        assert_eq!(window.take(1, 2, at(60)), Ok(()));
        window.add(100, at(61));
        assert_eq!(window.take(1, 2, at(62)), Err(Duration::from_secs(58)));
    }

    #[test]
    fn a_purse_is_full_again_in_the_next_period() {
        let purse = Purse::default();
        let day = |n| OffsetDateTime::UNIX_EPOCH + time::Duration::days(n);
        purse.spend(1.5, Period::Month, day(0));
        purse.spend(1.0, Period::Month, day(30));
        assert!((purse.spent(Period::Month, day(30)) - 2.5).abs() < 1e-9);
        assert!(purse.spent(Period::Month, day(31)) < 1e-9);
    }
}
