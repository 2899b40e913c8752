//! What this process and Redis hold against each other for one window of one limit. Pure: it says
//! what is asked next, and takes in what came of it.

use std::sync::Arc;
use std::time::Instant;

use super::script::{Settlement, Wish};
use super::time::RemoteClock;
use crate::clock::Timestamp;
use crate::quota::Window;

/// A clock that is not set drifts by less than one part in so many.
const DRIFT: u64 = 5_000;

/// The account of one window.
#[derive(Clone, Debug)]
pub(super) struct Account {
    /// Scope and meter, as `key:acme:rpm`.
    pub(super) counter: Arc<str>,
    /// By Redis' clock.
    pub(super) window: Window,
    /// The whole limit.
    pub(super) limit: u64,
    /// What this process has been granted and has not given back, and what it has spent without
    /// being granted.
    pub(super) mine: u64,
    /// What Redis is known to have booked of it.
    pub(super) booked: u64,
    /// The connection has changed since: a reply may have been lost.
    pub(super) is_unsure: bool,
    /// What has been granted to all, as last told…
    pub(super) total: u64,
    /// …which is the newer, the higher this is.
    pub(super) version: u64,
}

impl Account {
    pub(super) fn new(counter: Arc<str>, window: Window, limit: u64) -> Self {
        Self { counter, window, limit, mine: 0, booked: 0, is_unsure: false, total: 0, version: 0 }
    }

    /// True if Redis may know otherwise.
    pub(super) fn is_open_to_doubt(&self) -> bool {
        self.is_unsure || self.mine != self.booked
    }

    /// True once the window is over by Redis' clock.
    pub(super) fn is_over(&self, clock: &RemoteClock, at: Instant) -> bool {
        self.window.end.as_millis() <= clock.earliest(at)
    }

    /// True for the same window of the same limit.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.window == other.window && self.counter == other.counter
    }

    /// A wish is about to be sent: what is given back counts as gone, whether a reply comes or
    /// not. Returns the account as the wish has to tell it.
    pub(super) fn sending(&mut self, wish: Wish) -> Self {
        let told = self.clone();
        self.mine = self.mine.saturating_sub(wish.give);
        told
    }

    /// A reply has come.
    pub(super) fn settled(&mut self, settlement: Settlement) {
        self.mine += settlement.granted;
        self.booked = self.mine;
        self.is_unsure = false;
        self.total = settlement.total;
        self.version = settlement.version;
    }

    /// What has been spent without being granted, while Redis could not be reached.
    pub(super) fn spent_alone(&mut self, amount: u64) {
        self.mine = self.mine.saturating_add(amount);
    }

    /// What this process may spend alone: its share of the limit, less what it has been granted.
    pub(super) fn share(&self, members: u64) -> u64 {
        (self.limit / members.max(1)).saturating_sub(self.mine)
    }

    /// The window by the fleet's clock, which shows `now`: not entered too early and not left too
    /// late, whatever Redis' clock shows between its bounds.
    pub(super) fn local_window(&self, clock: &RemoteClock, now: Timestamp, at: Instant) -> Window {
        let ahead = self.window.start.as_millis().saturating_sub(clock.earliest(at));
        let left = self.window.end.as_millis().saturating_sub(clock.latest(at));
        let begun = clock.latest(at).saturating_sub(self.window.start.as_millis());
        let start = Timestamp::from_millis(now.as_millis().saturating_sub(begun) + ahead);
        let end = Timestamp::from_millis(now.as_millis() + (left - left.div_ceil(DRIFT).min(left)));
        Window { start, end: end.max(start) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn window(start: u64, end: u64) -> Window {
        Window { start: Timestamp::from_millis(start), end: Timestamp::from_millis(end) }
    }

    fn account() -> Account {
        Account::new("key:acme:rpm".into(), window(60_000, 120_000), 100)
    }

    fn granted(granted: u64, version: u64) -> Settlement {
        Settlement { granted, total: granted, version }
    }

    #[test]
    fn what_was_given_back_counts_as_gone_though_no_reply_came() {
        let mut account = account();
        account.settled(granted(10, 1));
        let told = account.sending(Wish { give: 4, ..Wish::default() });
        assert_eq!((told.mine, account.mine), (10, 6));
        // Redis had not heard of it, and grants the difference again.
        account.settled(granted(4, 1));
        assert_eq!(account.mine, 10);
    }

    #[test]
    fn a_share_is_less_what_was_granted_before() {
        let mut account = account();
        assert_eq!(account.share(4), 25);
        account.settled(granted(10, 1));
        assert_eq!(account.share(4), 15);
        account.spent_alone(15);
        assert_eq!(account.share(4), 0);
        assert_eq!((account.mine, account.booked), (25, 10));
    }

    #[test]
    fn a_window_is_neither_entered_early_nor_left_late_whatever_the_clock_shows() {
        let sent = Instant::now();
        let received = sent + Duration::from_millis(200);
        let clock = RemoteClock::new(90_000, sent, received);
        let here = Timestamp::from_millis(1_000_000);
        let local = account().local_window(&clock, here, received);
        assert!(local.contains(here));
        // Redis shows between 90,000 and 90,201: at most 29,799 ms are left.
        assert!(local.end.since(here) <= Duration::from_millis(29_799));
        assert!(local.end.since(here) > Duration::from_millis(29_700));
        let next = Account::new("key:acme:rpm".into(), window(120_000, 180_000), 100);
        let ahead = next.local_window(&clock, here, received);
        assert!(ahead.start.since(here) >= Duration::from_secs(30));
    }
}
