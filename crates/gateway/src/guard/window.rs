//! What has been used in a minute, or in a day or a month, and whether more may be. It does not
//! know of what.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use time::OffsetDateTime;
use tokio::time::Instant;

use crate::config::{Budget, Period};

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

/// What was reserved of the minute that began then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reserved {
    began: Instant,
    amount: u64,
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

    /// The same for a use that is not known yet: it is settled when it is.
    ///
    /// # Errors
    /// As [`Self::take`].
    pub(crate) fn reserve(
        &self,
        amount: u64,
        most: u64,
        now: Instant,
    ) -> Result<Reserved, Duration> {
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let running = Minute::at(*minute, now);
        let minute = minute.insert(running);
        minute.take(amount, most, now)?;
        Ok(Reserved { began: minute.began, amount })
    }

    /// So much was used of what was reserved, or beyond it. Where its minute is over, only what is
    /// beyond counts, in the one that is running.
    pub(crate) fn settle(&self, reserved: Reserved, used: u64, now: Instant) {
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let running = Minute::at(*minute, now);
        let minute = minute.insert(running);
        minute.used = if minute.began == reserved.began {
            minute.used.saturating_sub(reserved.amount).saturating_add(used)
        } else {
            minute.used.saturating_add(used.saturating_sub(reserved.amount))
        };
    }
}

/// What has been spent in the period that is running, in US dollars.
#[derive(Debug, Default)]
pub(crate) struct Purse(Mutex<(i32, u16, f64)>);

/// What was set aside in a period.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SetAside {
    per: Period,
    period: (i32, u16),
    dollars: f64,
}

impl Purse {
    /// Sets so much aside, if anything is left of the budget: it is settled when it is known what
    /// was spent.
    pub(crate) fn reserve(
        &self,
        dollars: f64,
        budget: Budget,
        now: OffsetDateTime,
    ) -> Option<SetAside> {
        let mut purse = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Budget { usd, per } = budget;
        let (year, part) = period(per, now);
        let before = if (purse.0, purse.1) == (year, part) { purse.2 } else { 0.0 };
        if before >= usd {
            return None;
        }
        *purse = (year, part, before + dollars);
        Some(SetAside { per, period: (year, part), dollars })
    }

    /// So much was spent of what was set aside, or beyond it. Where its period is over, only what is
    /// beyond counts, in the one that is running.
    pub(crate) fn settle(&self, aside: SetAside, spent: f64, now: OffsetDateTime) {
        let mut purse = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (year, part) = period(aside.per, now);
        let before = if (purse.0, purse.1) == (year, part) { purse.2 } else { 0.0 };
        let more = spent - aside.dollars;
        let more = if aside.period == (year, part) { more } else { more.max(0.0) };
        *purse = (year, part, (before + more).max(0.0));
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
    }

    #[test]
    fn what_was_reserved_gives_way_to_what_was_used() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let window = Window::default();
        let first = window.reserve(1_000, 100, at(0)).unwrap();
        assert_eq!(window.reserve(1, 100, at(1)).unwrap_err(), Duration::from_secs(59));
        window.settle(first, 40, at(2));
        let second = window.reserve(50, 100, at(3)).unwrap();
        assert_eq!(window.take(0, 100, at(4)), Ok(()));
        window.settle(second, 60, at(5));
        assert_eq!(window.take(0, 100, at(6)), Err(Duration::from_secs(54)));
        // Of a minute that is over only the excess is carried on.
        let late = window.reserve(50, 100, at(60)).unwrap();
        window.settle(late, 90, at(130));
        assert_eq!(window.take(0, 40, at(131)), Err(Duration::from_secs(59)));
        assert_eq!(window.take(0, 41, at(131)), Ok(()));
    }

    #[test]
    fn a_purse_is_full_again_in_the_next_period() {
        let purse = Purse::default();
        let day = |n| OffsetDateTime::UNIX_EPOCH + time::Duration::days(n);
        let budget = Budget { usd: 2.0, per: Period::Month };
        let first = purse.reserve(5.0, budget, day(0)).unwrap();
        assert!(purse.reserve(0.1, budget, day(0)).is_none());
        purse.settle(first, 1.5, day(0));
        let second = purse.reserve(1.0, budget, day(30)).unwrap();
        assert!((purse.spent(Period::Month, day(30)) - 2.5).abs() < 1e-9);
        assert!(purse.spent(Period::Month, day(31)) < 1e-9);
        // Of a period that is over only the excess is carried on.
        purse.settle(second, 1.25, day(31));
        assert!((purse.spent(Period::Month, day(31)) - 0.25).abs() < 1e-9);
    }
}
