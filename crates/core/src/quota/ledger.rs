//! The limits of one scope together: a call fits in all of them or is not let in.

use super::counter::{Counter, Remaining};
use super::granted::{Grant, Supply};
use super::limits::{Limit, Limits, Measure, Meter};
use super::time::Time;
use super::zone::Window;
use crate::clock::Timestamp;

/// The account of one scope.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    counters: Vec<Counter>,
    /// What new counters are supplied by.
    supply: Supply,
}

/// Why a call does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortage {
    /// When it will fit by time alone; none if only a store's grant can make it fit.
    pub until: Option<Timestamp>,
    /// A call of at most so many tokens would fit now; 0 if none would.
    pub room: u64,
}

impl Shortage {
    /// Two shortages as one: both must be over.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let until = self.until.zip(other.until).map(|(one, other)| one.max(other));
        Self { until, room: self.room.min(other.room) }
    }
}

fn share(measure: Measure, tokens: u64) -> u64 {
    match measure {
        Measure::Requests => 1,
        Measure::Tokens => tokens,
    }
}

impl Ledger {
    /// An account of which nothing is spent.
    pub fn new(limits: &Limits) -> Self {
        let counters = limits.iter().map(|(meter, limit)| Counter::new(*meter, limit.clone()));
        Self { counters: counters.collect(), supply: Supply::Own }
    }

    /// True if these are the limits.
    pub fn has_limits(&self, limits: &Limits) -> bool {
        let mut counters = self.counters.iter();
        let is_same = |(meter, limit): (&Meter, &Limit)| {
            counters.next().is_some_and(|here| here.meter() == *meter && here.limit() == limit)
        };
        limits.iter().all(is_same) && limits.len() == self.counters.len()
    }

    /// Makes these the limits; what was spent of those that stay is kept, and what was spent of
    /// those that go is returned.
    pub fn set_limits(&mut self, limits: &Limits, time: Time) -> Vec<(Meter, Window, u64)> {
        let goes = |counter: &mut Counter| !limits.contains_key(&counter.meter());
        let gone = self.counters.extract_if(.., goes);
        let spent = gone.filter_map(|mut counter| {
            let (window, used) = counter.spent(time)?;
            (used > 0).then_some((counter.meter(), window, used))
        });
        let spent = spent.collect();
        for (meter, limit) in limits {
            if let Some(counter) = self.counter(*meter) {
                counter.set_limit(limit.clone(), time);
            } else {
                let mut counter = Counter::new(*meter, limit.clone());
                counter.set_supply(self.supply, time);
                self.counters.push(counter);
            }
        }
        self.counters.sort_by_key(Counter::meter);
        spent
    }

    /// True if there is such a limit.
    pub fn limits(&self, meter: Meter) -> bool {
        self.counters.iter().any(|counter| counter.meter() == meter)
    }

    /// True if tokens are limited.
    pub fn counts_tokens(&self) -> bool {
        self.counters.iter().any(|counter| counter.meter().measure == Measure::Tokens)
    }

    /// Why a call of so many tokens does not fit; none if it does. A call that wants more tokens
    /// than a limit ever has needs the whole of it, and no call is let in where nothing is left.
    pub fn shortage(&mut self, tokens: u64, time: Time) -> Option<Shortage> {
        let mut found: Option<Shortage> = None;
        let mut room = u64::MAX;
        for counter in &mut self.counters {
            counter.roll(time);
            let measure = counter.meter().measure;
            let wanted = counter.wanted(share(measure, tokens));
            let left = counter.room(time);
            if measure == Measure::Tokens {
                room = room.min(left);
            }
            if left < wanted.max(1) {
                let here = Shortage {
                    until: counter.opens(wanted.max(1), time),
                    room: if measure == Measure::Requests { 0 } else { left },
                };
                found = Some(found.map_or(here, |before| before.and(here)));
            }
        }
        found.map(|shortage| Shortage { room: shortage.room.min(room), ..shortage })
    }

    /// A call of so many tokens was refused for want of them.
    pub fn miss(&mut self, tokens: u64) {
        for counter in &mut self.counters {
            let wanted = counter.wanted(share(counter.meter().measure, tokens));
            counter.miss(wanted);
        }
    }

    /// Spends one request and so many tokens, also what is not there. True if then nothing is
    /// left of a limit.
    pub fn take(&mut self, tokens: u64, time: Time) -> bool {
        let mut empty = false;
        for counter in &mut self.counters {
            counter.roll(time);
            let wanted = counter.wanted(share(counter.meter().measure, tokens));
            counter.take(wanted, time);
            empty |= counter.room(time) == 0;
        }
        empty
    }

    /// Gives a call back that was let in at `taken` and did not happen.
    pub fn refund(&mut self, tokens: u64, taken: Timestamp, time: Time) {
        for counter in &mut self.counters {
            counter.roll(time);
            let taken_here = counter.wanted(share(counter.meter().measure, tokens));
            counter.put_back(taken_here, taken);
        }
    }

    /// A call that was let in at `taken` with `reserved` tokens has used `used`: what is too much
    /// is given back, what is too little is taken now. True if then nothing is left of a limit.
    pub fn settle(&mut self, reserved: u64, used: u64, taken: Timestamp, time: Time) -> bool {
        let mut empty = false;
        for counter in &mut self.counters {
            if counter.meter().measure == Measure::Requests {
                continue;
            }
            counter.roll(time);
            let reserved = counter.wanted(reserved);
            if used < reserved {
                counter.put_back(reserved - used, taken);
            } else {
                counter.take(used - reserved, time);
                empty |= counter.room(time) == 0;
            }
        }
        empty
    }

    /// True if nothing of it is spent or owed, and no slice is in hand.
    pub fn is_whole(&mut self, time: Time) -> bool {
        self.counters.iter_mut().all(|counter| counter.is_whole(time))
    }

    /// What is left of each limit.
    pub fn remaining(&mut self, time: Time) -> Vec<Remaining> {
        self.counters.iter_mut().map(|counter| counter.remaining(time)).collect()
    }

    /// The smallest part that is left of a limit, from 0 to 1; 1 without limits.
    pub fn left(&mut self, time: Time) -> f64 {
        let left = self.counters.iter_mut().map(|counter| {
            let Remaining { limit, left, .. } = counter.remaining(time);
            left as f64 / limit as f64
        });
        left.fold(1.0, f64::min)
    }

    /// When the first of the limits of which something is spent has more.
    pub fn turns(&mut self, time: Time) -> Option<Timestamp> {
        let spent = self.counters.iter_mut().filter_map(|counter| {
            let Remaining { limit, left, resets, .. } = counter.remaining(time);
            resets.filter(|_| left < limit)
        });
        spent.min()
    }

    /// Changes where a counter has from what may be spent.
    pub fn set_supply(&mut self, meter: Meter, supply: Supply, time: Time) {
        if let Some(counter) = self.counter(meter) {
            counter.set_supply(supply, time);
        }
    }

    /// Has all limits, also those to come, supplied by grants.
    pub fn supply_by_grants(&mut self, time: Time) {
        self.supply = Supply::Granted;
        for counter in &mut self.counters {
            counter.set_supply(Supply::Granted, time);
        }
    }

    /// Adds a slice; false if grants are not what the limit is supplied by.
    pub fn grant(&mut self, meter: Meter, grant: Grant) -> bool {
        self.counter(meter).is_some_and(|counter| counter.grant(grant))
    }

    /// True if a limit that is supplied by grants runs low.
    pub fn is_low(&self, time: Time) -> bool {
        self.counters.iter().any(|counter| counter.low(time).is_some())
    }

    /// Takes unspent slices out of the hand but `keep` of what may be spent now.
    pub fn give_up(&mut self, meter: Meter, keep: u64, time: Time) -> Vec<Grant> {
        self.counter(meter).map(|counter| counter.give_up(keep, time)).unwrap_or_default()
    }

    /// Counters that run low: the limit, what is in hand, spent since the last grant and wanted
    /// in vain.
    pub(crate) fn low(&mut self, time: Time) -> Vec<(Meter, Limit, [u64; 3])> {
        let low = self.counters.iter_mut().filter_map(|counter| {
            counter.roll(time);
            let (in_hand, spent, missed) = counter.low(time)?;
            Some((counter.meter(), counter.limit().clone(), [in_hand, spent, missed]))
        });
        low.collect()
    }

    /// What was spent of each limit in its window.
    pub fn spending(&mut self, time: Time) -> Vec<(Meter, Window, u64)> {
        let counters = self.counters.iter_mut();
        let spent = counters.filter_map(|counter| {
            let (window, used) = counter.spent(time)?;
            Some((counter.meter(), window, used))
        });
        spent.collect()
    }

    /// Takes up what was spent before this process began.
    pub fn restore(&mut self, meter: Meter, window: Window, used: u64, time: Time) {
        if let Some(counter) = self.counter(meter) {
            counter.restore(window, used, time);
        }
    }

    fn counter(&mut self, meter: Meter) -> Option<&mut Counter> {
        self.counters.iter_mut().find(|counter| counter.meter() == meter)
    }
}
