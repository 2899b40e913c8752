//! One limit and what is left of it, whoever supplies it. The time is handed in.

use super::fixed::Fixed;
use super::granted::{Grant, Granted, Supply};
use super::limits::{Limit, Meter, Pace};
use super::sliding::Sliding;
use super::time::Time;
use super::zone::Window;
use crate::clock::Timestamp;

/// A limit with its account.
#[derive(Clone, Debug)]
pub struct Counter {
    meter: Meter,
    limit: Limit,
    supply: Supply,
    course: Course,
}

#[derive(Clone, Debug)]
enum Course {
    Fixed(Fixed),
    Sliding(Sliding),
    Granted(Granted),
}

/// What is left of a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remaining {
    /// Which limit.
    pub meter: Meter,
    /// The whole of it.
    pub limit: u64,
    /// What may still be spent.
    pub left: u64,
    /// When it is whole again; none if only a store knows.
    pub resets: Option<Timestamp>,
}

fn course_of(meter: Meter, limit: &Limit, supply: Supply) -> Course {
    match (supply, &limit.pace) {
        (Supply::Granted, _) => Course::Granted(Granted::default()),
        (_, Pace::Fixed(zone)) => Course::Fixed(Fixed::new(zone.clone(), meter.span)),
        (_, Pace::Sliding) => Course::Sliding(Sliding::new(meter.span)),
    }
}

impl Counter {
    /// A limit of which nothing is spent.
    pub fn new(meter: Meter, limit: Limit) -> Self {
        let course = course_of(meter, &limit, Supply::Own);
        Self { meter, limit, supply: Supply::Own, course }
    }

    /// Which limit it is.
    pub fn meter(&self) -> Meter {
        self.meter
    }

    /// The limit as it was set.
    pub fn limit(&self) -> &Limit {
        &self.limit
    }

    /// Where it has from what may be spent.
    pub fn supply(&self) -> Supply {
        self.supply
    }

    /// The limit in its time.
    fn most(&self) -> u64 {
        match self.supply {
            Supply::Part(part) => part.clamp(1, self.limit.most.get()),
            Supply::Own | Supply::Granted => self.limit.most.get(),
        }
    }

    /// Changes the limit and keeps what was spent. Slices in hand are kept unless its pace is
    /// another.
    pub fn set_limit(&mut self, limit: Limit, time: Time) {
        if limit.pace == self.limit.pace {
            let before = self.most();
            self.limit = limit;
            self.relimit(before, time);
            return;
        }
        let spent = self.spent(time);
        self.limit = limit;
        self.course = course_of(self.meter, &self.limit, self.supply);
        if let Some((_, used)) = spent {
            // The other window has begun before or after this one: as if it were all of it.
            self.roll(time);
            self.take(used, time);
        }
    }

    /// Changes where it has from what may be spent. Between a limit and a part of it what was
    /// spent is kept; slices begin with an empty hand.
    pub fn set_supply(&mut self, supply: Supply, time: Time) {
        if supply == self.supply {
            return;
        }
        let before = self.most();
        let was_granted = std::mem::replace(&mut self.supply, supply) == Supply::Granted;
        if was_granted || supply == Supply::Granted {
            self.course = course_of(self.meter, &self.limit, supply);
        } else {
            self.relimit(before, time);
        }
    }

    fn relimit(&mut self, before: u64, time: Time) {
        let after = self.most();
        if let Course::Sliding(sliding) = &mut self.course {
            sliding.rescale(before, after, time);
        }
    }

    /// What a call that wants `amount` takes of it: one that wants more than there ever is takes
    /// the whole limit.
    pub(super) fn wanted(&self, amount: u64) -> u64 {
        amount.min(self.most())
    }

    /// Moves on to `time`.
    pub(crate) fn roll(&mut self, time: Time) {
        let most = self.most();
        match &mut self.course {
            Course::Fixed(fixed) => fixed.roll(most, time),
            Course::Sliding(_) => {}
            Course::Granted(granted) => granted.roll(time.now),
        }
    }

    /// What may be spent now. It must have been rolled.
    pub(crate) fn room(&self, time: Time) -> u64 {
        match &self.course {
            Course::Fixed(fixed) => fixed.room(self.most()),
            Course::Sliding(sliding) => sliding.room(self.most(), time),
            Course::Granted(granted) => granted.room(time.now),
        }
    }

    /// When `amount` will fit by time alone; none if only a grant can make it fit.
    pub(super) fn opens(&self, amount: u64, time: Time) -> Option<Timestamp> {
        let amount = self.wanted(amount);
        match &self.course {
            Course::Fixed(fixed) => Some(fixed.opens(self.most(), amount)),
            Course::Sliding(sliding) => Some(sliding.opens(self.most(), amount)),
            Course::Granted(granted) => granted.opens(time.now),
        }
    }

    /// Somebody wanted more than there was.
    pub(super) fn miss(&mut self, amount: u64) {
        if let Course::Granted(granted) = &mut self.course {
            granted.miss(amount);
        }
    }

    /// Spends, also what is not there.
    pub(crate) fn take(&mut self, amount: u64, time: Time) {
        let most = self.most();
        match &mut self.course {
            Course::Fixed(fixed) => fixed.take(amount),
            Course::Sliding(sliding) => sliding.take(most, amount, time),
            Course::Granted(granted) => granted.take(amount, time.now),
        }
    }

    /// Gives back what was taken at `taken`.
    pub(crate) fn put_back(&mut self, amount: u64, taken: Timestamp) {
        match &mut self.course {
            Course::Fixed(fixed) => fixed.put_back(amount, taken),
            Course::Sliding(sliding) => sliding.put_back(amount),
            Course::Granted(granted) => granted.put_back(amount, taken),
        }
    }

    /// Adds a slice; false if slices are not what it is supplied by.
    pub(super) fn grant(&mut self, grant: Grant) -> bool {
        let Course::Granted(granted) = &mut self.course else { return false };
        granted.add(grant);
        true
    }

    /// Takes unspent slices out of the hand.
    pub(super) fn give_up(&mut self, keep: u64, time: Time) -> Vec<Grant> {
        match &mut self.course {
            Course::Granted(granted) => granted.give_up(keep, time.now),
            _ => Vec::new(),
        }
    }

    /// For a counter that is supplied by slices and runs low: what is in hand, what was spent
    /// since the last grant, and the most that was wanted in vain.
    pub(super) fn low(&self, time: Time) -> Option<(u64, u64, u64)> {
        let Course::Granted(granted) = &self.course else { return None };
        let (spent, missed) = granted.spent_and_missed();
        granted.is_low(time.now).then(|| (granted.room(time.now), spent, missed))
    }

    /// What is left of it.
    pub fn remaining(&mut self, time: Time) -> Remaining {
        self.roll(time);
        let resets = match &self.course {
            Course::Fixed(fixed) => Some(fixed.window().end),
            Course::Sliding(sliding) => Some(sliding.full(self.most()).max(time.now)),
            Course::Granted(granted) => granted.ends(),
        };
        Remaining { meter: self.meter, limit: self.most(), left: self.room(time), resets }
    }

    /// The window and what was spent in it, for a store that keeps it over restarts; none for
    /// slices, which the store has counted.
    pub(super) fn spent(&mut self, time: Time) -> Option<(Window, u64)> {
        self.roll(time);
        match &self.course {
            Course::Fixed(fixed) => Some((fixed.window(), fixed.used())),
            Course::Sliding(sliding) => {
                let end = sliding.full(self.most()).max(time.now);
                Some((Window { start: time.now, end }, sliding.used(self.most(), time)))
            }
            Course::Granted(_) => None,
        }
    }

    /// True if nothing of it is spent or owed, and no slice is in hand.
    pub(super) fn is_whole(&mut self, time: Time) -> bool {
        match self.spent(time) {
            Some((_, used)) => used == 0,
            None => self.remaining(time).resets.is_none(),
        }
    }

    /// Takes up what was spent before this process began.
    pub(super) fn restore(&mut self, window: Window, used: u64, time: Time) {
        let most = self.most();
        match &mut self.course {
            Course::Fixed(fixed) => fixed.restore(most, window, used, time),
            Course::Sliding(sliding) => sliding.restore(most, window.end, used, time),
            Course::Granted(_) => {}
        }
    }
}
