//! All limits as they are supplied, and what is known of Redis. It plans what is asked and takes
//! in the answers; asking is [`super::task`]'s.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::Waker;
use std::time::Instant;

use super::account::Account;
use super::line::{Line, name};
use super::script::{Settlement, Wish};
use super::time::RemoteClock;
use crate::clock::Timestamp;
use crate::fleet::Fleet;
use crate::quota::{Demand, Grant};

/// What this process knows. It outlives connections.
#[derive(Debug, Default)]
pub(super) struct Books {
    lines: BTreeMap<Arc<str>, Line>,
    clock: Option<RemoteClock>,
    /// The life of the data that is known, and who was last seen in it.
    pub(super) epoch: String,
    pub(super) members: Vec<String>,
}

/// A wish of one account.
#[derive(Debug)]
pub(super) struct Ask {
    /// As it was when it was sent.
    pub(super) account: Account,
    pub(super) wish: Wish,
}

impl Books {
    /// Redis' clock as a reply has told it; the one that is known better is kept for a while.
    pub(super) fn heard(&mut self, clock: RemoteClock, at: Instant) {
        let is_better = self.clock.is_none_or(|known| known.is_worse_than(&clock, at));
        if is_better {
            self.clock = Some(clock);
        }
    }

    pub(super) fn clock(&self) -> Option<RemoteClock> {
        self.clock
    }

    /// What is asked now: what calls need, what they are about to need, and what goes back of the
    /// limits that `wanted` says.
    pub(super) fn plan(
        &mut self,
        fleet: &Fleet,
        waker: &Waker,
        wanted: &[String],
        at: Instant,
    ) -> Vec<Ask> {
        let Some(clock) = self.clock else { return Vec::new() };
        let now = Timestamp::now();
        let mut asks = self.give_back(fleet, wanted);
        let waiting = fleet.waiting() as u64;
        for demand in fleet.demands(now, waker) {
            let line = self.line(&demand);
            let Some(wish) = line.wish(&demand, waiting, at) else { continue };
            let account = line.account(clock.earliest(at), &clock, now, at);
            // What has just been given back because others go without is not asked for at once.
            let is_given = asks.iter().any(|ask| ask.account.is_same(account));
            if is_given && wish.first == 0 {
                continue;
            }
            asks.push(Ask { account: account.sending(wish), wish });
        }
        for line in self.lines.values_mut() {
            line.tidy(&clock, at);
            if let Some(begins) = line.next_window(&clock, at) {
                let account = line.account(begins, &clock, now, at);
                let wish = Wish { ahead: account.limit, ..Wish::default() };
                asks.push(Ask { account: account.sending(wish), wish });
            }
            // Spent alone, or a reply was lost. Of a window that is over nothing can be asked any more.
            let open = line.open.iter_mut().map(|(account, _)| account);
            for account in open.filter(|account| !account.is_over(&clock, at)) {
                let is_asked = asks.iter().any(|ask| ask.account.is_same(account));
                if account.is_open_to_doubt() && !is_asked {
                    let wish = Wish::default();
                    asks.push(Ask { account: account.sending(wish), wish });
                }
            }
        }
        asks
    }

    fn line(&mut self, demand: &Demand) -> &mut Line {
        let counter = name(&demand.scope, demand.meter);
        let line = self.lines.entry(counter.into());
        line.or_insert_with(|| Line::new(demand))
    }

    /// Something was given back: limits that had nothing are asked again at once.
    pub(super) fn is_free(&mut self) {
        self.lines.values_mut().for_each(Line::is_free);
    }

    /// Takes what is unused of these limits out of the hand.
    fn give_back(&mut self, fleet: &Fleet, counters: &[String]) -> Vec<Ask> {
        let mut asks = Vec::new();
        for counter in counters {
            let Some(line) = self.lines.get_mut(counter.as_str()) else { continue };
            for grant in fleet.give_up(&line.scope, line.meter, 0, Timestamp::now()) {
                let of = line.open.iter_mut().find(|(_, local)| *local == grant.window);
                let Some((account, _)) = of else { continue };
                let wish = Wish { give: grant.amount, ..Wish::default() };
                asks.push(Ask { account: account.sending(wish), wish });
            }
        }
        asks
    }

    /// The same of all limits.
    pub(super) fn give_all_back(&mut self, fleet: &Fleet) -> Vec<Ask> {
        let counters: Vec<_> = self.lines.keys().map(ToString::to_string).collect();
        self.give_back(fleet, &counters)
    }

    /// An account has been settled: what was granted is in hand now.
    pub(super) fn settle(&mut self, fleet: &Fleet, ask: &Ask, came: Settlement, at: Instant) {
        let Some(line) = self.lines.get_mut(&ask.account.counter) else { return };
        line.answered(ask.wish, came.granted, at);
        let window = ask.account.window;
        let of = line.open.iter_mut().find(|(account, _)| account.window == window);
        let Some((account, local)) = of else { return };
        account.settled(came);
        let asked = ask.wish.need + ask.wish.ahead > 0;
        if asked || came.granted > 0 {
            let grant = Grant { window: *local, amount: came.granted, expires: local.end };
            fleet.grant(&line.scope, line.meter, grant, Timestamp::now());
        }
    }

    /// Spends this process' share of what is low, without Redis.
    pub(super) fn spend_alone(&mut self, fleet: &Fleet, waker: &Waker, at: Instant) {
        let Some(clock) = self.clock else { return };
        let (now, members) = (Timestamp::now(), self.members.len() as u64);
        for demand in fleet.demands(now, waker) {
            let line = self.line(&demand);
            let account = line.account(clock.earliest(at), &clock, now, at);
            let share = account.share(members);
            account.spent_alone(share);
            let window = account.window;
            let local = line.open.iter().find(|(account, _)| account.window == window);
            if let Some((_, local)) = local.filter(|_| share > 0) {
                let grant = Grant { window: *local, amount: share, expires: local.end };
                fleet.grant(&line.scope, line.meter, grant, now);
            }
        }
    }

    /// The connection is a new one.
    pub(super) fn doubt(&mut self) {
        let open = self.lines.values_mut().flat_map(|line| &mut line.open);
        open.for_each(|(account, _)| account.is_unsure = true);
    }

    /// What is known of all windows that are not over.
    pub(super) fn accounts(&self) -> Vec<&Account> {
        let open = self.lines.values().flat_map(|line| &line.open);
        open.map(|(account, _)| account).filter(|account| account.version > 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{Options, TargetSpec};
    use crate::outcome::Domain;
    use crate::quota::{Limit, Meter};
    use std::num::NonZeroU64;
    use std::time::Duration;

    #[test]
    fn a_window_that_is_over_is_asked_about_no_more_though_a_reply_may_have_been_lost() {
        let fleet = Fleet::new(Options::default());
        fleet.supply_by_grants(Timestamp::now());
        let limit = Limit::new(NonZeroU64::new(1_000).unwrap());
        let limits = [(Meter::of_name("rpm").unwrap(), limit)].into_iter().collect();
        let limits = [(Domain::Key, limits)].into();
        fleet.add(TargetSpec { limits, ..TargetSpec::new("gpt", "gpt") }).unwrap();
        let (mut books, at) = (Books::default(), Instant::now());
        books.heard(RemoteClock::new(60_000, at, at), at);
        let plan = |books: &mut Books, seconds| {
            books.plan(&fleet, Waker::noop(), &[], at + Duration::from_secs(seconds))
        };
        let asks = plan(&mut books, 0);
        assert_eq!(asks.len(), 1);
        let came = Settlement { granted: 1_000, total: 1_000, version: 1 };
        books.settle(&fleet, &asks[0], came, at);
        books.doubt();
        let first = &asks[0].account;
        let asks_again = |asks: &[Ask]| asks.iter().any(|ask| ask.account.is_same(first));
        assert!(asks_again(&plan(&mut books, 59)));
        assert!(!asks_again(&plan(&mut books, 61)));
    }
}
