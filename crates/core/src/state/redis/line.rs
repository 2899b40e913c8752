//! One limit as it is supplied: which windows are in use, and what is asked for next. Pure: the
//! time is handed in.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::account::Account;
use super::script::Wish;
use super::time::RemoteClock;
use crate::clock::Timestamp;
use crate::quota::{Demand, Limit, Meter, Pace, Scope, Span, Window, Zone};

/// A limit that had nothing to give is asked again after this long while calls wait for it…
const ASK_AGAIN: Duration = Duration::from_millis(50);
/// …and after this long while none do.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// The next window is opened so long before this one ends.
const PREPARE_MS: u64 = 1_500;
/// A limit of a minute that is no larger is held as a whole.
const SMALL: u64 = 100;
/// What is known of a window is kept for so long after its end.
const KEEP_MS: u64 = 60_000;

/// A limit and its windows.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) scope: Scope,
    pub(super) meter: Meter,
    pub(super) counter: Arc<str>,
    limit: Limit,
    /// Those in use, by Redis' clock, each with the same by the fleet's.
    pub(super) open: Vec<(Account, Window)>,
    /// What calls that wait have missed.
    missed: u64,
    /// Since when there has been nothing to be had.
    dry: Option<Instant>,
}

impl Line {
    pub(super) fn new(demand: &Demand) -> Self {
        Self {
            scope: demand.scope.clone(),
            meter: demand.meter,
            counter: name(&demand.scope, demand.meter).into(),
            limit: demand.limit.clone(),
            open: Vec::new(),
            missed: 0,
            dry: None,
        }
    }

    /// The window that contains a moment of Redis' clock. A limit that slides goes by windows too.
    fn window(&self, moment: u64) -> Window {
        let utc = Zone::utc();
        let zone = match &self.limit.pace {
            Pace::Fixed(zone) => zone,
            Pace::Sliding => &utc,
        };
        zone.window(self.meter.span, Timestamp::from_millis(moment))
    }

    /// The account of the window that contains a moment of Redis' clock.
    pub(super) fn account(
        &mut self,
        moment: u64,
        clock: &RemoteClock,
        now: Timestamp,
        at: Instant,
    ) -> &mut Account {
        let window = self.window(moment);
        let limit = self.limit.most.get();
        let open = self.open.iter().position(|(account, _)| account.window == window);
        let index = open.unwrap_or_else(|| {
            let account = Account::new(Arc::clone(&self.counter), window, limit);
            let local = account.local_window(clock, now, at);
            self.open.push((account, local));
            self.open.len() - 1
        });
        let account = &mut self.open[index].0;
        account.limit = limit;
        account
    }

    /// What is asked for, of the present window.
    pub(super) fn wish(&mut self, demand: &Demand, waiting: u64, at: Instant) -> Option<Wish> {
        self.limit = demand.limit.clone();
        let most = self.limit.most.get();
        self.missed = match demand.missed {
            0 if waiting == 0 => 0,
            0 => self.missed,
            missed => missed,
        };
        let pause = if self.missed > 0 { ASK_AGAIN } else { LOOK_AGAIN };
        if self.dry.is_some_and(|since| at.saturating_duration_since(since) < pause) {
            return None;
        }
        let first = self.missed.min(most).saturating_sub(demand.in_hand);
        let all = self.missed.saturating_mul(waiting.max(1)).min(most);
        let need = all.saturating_sub(demand.in_hand).max(first);
        Some(Wish { give: 0, first, need, ahead: self.ahead(demand.spent) })
    }

    /// What is asked for ahead of need, of which so much was spent of late. A process that dies
    /// takes with it what it has in hand: of a minute that may be half, of a day not.
    fn ahead(&self, spent: u64) -> u64 {
        let most = self.limit.most.get();
        let least = match self.meter.span {
            Span::Minute => (most / 2).max(SMALL),
            Span::Hour => most / 20,
            Span::Day => most / 100,
        };
        least.max(spent.saturating_mul(2)).max(1).min(most)
    }

    /// What is asked for of a window that has not begun.
    pub(super) fn opening(&self) -> u64 {
        self.ahead(0)
    }

    /// A wish has been answered.
    pub(super) fn answered(&mut self, wish: Wish, granted: u64, at: Instant) {
        let asked = wish.need + wish.ahead > 0;
        self.dry = (asked && granted == 0).then_some(at);
        if granted >= wish.need {
            self.missed = 0;
        }
    }

    /// Something may be had again.
    pub(super) fn is_free(&mut self) {
        self.dry = None;
    }

    /// The moment that the next window begins with, if it is time to open it.
    pub(super) fn next_window(&self, clock: &RemoteClock, at: Instant) -> Option<u64> {
        let soon = clock.earliest(at) + PREPARE_MS;
        let (account, _) = self.open.last()?;
        let ends = account.window.end.as_millis();
        (account.mine > 0 && ends <= soon && clock.earliest(at) < ends).then_some(ends)
    }

    /// Forgets windows that have long been over.
    pub(super) fn tidy(&mut self, clock: &RemoteClock, at: Instant) {
        let now = clock.earliest(at);
        self.open.retain(|(account, _)| now < account.window.end.as_millis() + KEEP_MS);
    }
}

/// The name of a limit in Redis.
pub(super) fn name(scope: &Scope, meter: Meter) -> String {
    format!("{scope}:{}", meter.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Domain;
    use std::num::NonZeroU64;

    fn demand(meter: &str, in_hand: u64, spent: u64, missed: u64) -> Demand {
        Demand {
            scope: Scope { domain: Domain::Key, name: "acme".to_owned() },
            meter: Meter::of_name(meter).unwrap(),
            limit: Limit::new(NonZeroU64::new(1_000).unwrap()),
            in_hand,
            spent,
            missed,
        }
    }

    #[test]
    fn what_waits_is_asked_for_as_a_whole_and_a_call_that_waits_at_least() {
        let at = Instant::now();
        let tokens = demand("tpm", 100, 0, 300);
        let wish = Line::new(&tokens).wish(&tokens, 3, at).unwrap();
        assert_eq!((wish.first, wish.need), (200, 800));
    }

    #[test]
    fn of_a_minute_half_is_held_ahead_of_need_and_of_a_day_little() {
        let at = Instant::now();
        let table = [("rpm", 0, 500), ("rpm", 400, 800), ("rpd", 0, 10), ("rpd", 50, 100)];
        for (meter, spent, ahead) in table {
            let demand = demand(meter, 0, spent, 0);
            let wish = Line::new(&demand).wish(&demand, 0, at).unwrap();
            assert_eq!(wish.ahead, ahead, "{meter} {spent}");
        }
    }

    #[test]
    fn a_limit_that_is_used_up_is_asked_again_soon_while_calls_wait() {
        let at = Instant::now();
        let missed = demand("rpm", 0, 0, 1);
        let mut line = Line::new(&missed);
        let wish = line.wish(&missed, 1, at).unwrap();
        line.answered(wish, 0, at);
        assert_eq!(line.wish(&missed, 1, at + Duration::from_millis(10)), None);
        assert!(line.wish(&missed, 1, at + ASK_AGAIN).is_some());
        let idle = demand("rpm", 0, 0, 0);
        assert_eq!(line.wish(&idle, 0, at + ASK_AGAIN), None);
        line.is_free();
        assert!(line.wish(&idle, 0, at + ASK_AGAIN).is_some());
    }
}
