//! What a store lets this process spend: slices of a limit that several processes share. It does
//! not fetch them. Nothing in hand means that nothing may be spent.

use std::collections::VecDeque;

use super::limits::{Limit, Meter};
use super::scope::Scope;
use super::zone::Window;
use crate::clock::Timestamp;

/// Where a counter has from what it may spend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Supply {
    /// Its own limit.
    #[default]
    Own,
    /// Only what has been granted and has not expired.
    Granted,
}

/// A slice of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The window that it belongs to, by the fleet's clock. May lie ahead.
    pub window: Window,
    /// How much may be spent.
    pub amount: u64,
    /// Not to be spent from then on, by the fleet's clock.
    pub expires: Timestamp,
}

impl Grant {
    fn is_live(&self, now: Timestamp) -> bool {
        self.window.contains(now) && now < self.expires
    }

    fn is_over(&self, now: Timestamp) -> bool {
        now >= self.window.end || now >= self.expires
    }
}

/// A counter that runs low, or has refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// Whose counter it is.
    pub scope: Scope,
    /// Which one.
    pub meter: Meter,
    /// The whole limit.
    pub limit: Limit,
    /// What may still be spent of the slices in hand.
    pub in_hand: u64,
    /// What was spent since the last grant.
    pub spent: u64,
    /// The most that a call has asked for in vain since the last grant; 0 if none has.
    pub missed: u64,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    grant: Grant,
    left: u64,
}

/// The slices in hand.
#[derive(Clone, Debug, Default)]
pub(super) struct Granted {
    /// The first to expire is spent first.
    held: VecDeque<Held>,
    /// Spent beyond what was in hand; the next grants pay for it.
    owed: u64,
    /// The size of the last grant.
    last: u64,
    spent: u64,
    missed: u64,
}

impl Granted {
    pub(super) fn roll(&mut self, now: Timestamp) {
        self.held.retain(|held| !held.grant.is_over(now));
    }

    pub(super) fn room(&self, now: Timestamp) -> u64 {
        let live = self.held.iter().filter(|held| held.grant.is_live(now));
        live.map(|held| held.left).sum::<u64>().saturating_sub(self.owed)
    }

    pub(super) fn take(&mut self, amount: u64, now: Timestamp) {
        self.spent = self.spent.saturating_add(amount);
        let mut wanted = amount;
        for held in self.held.iter_mut().filter(|held| held.grant.is_live(now)) {
            let taken = wanted.min(held.left);
            held.left -= taken;
            wanted -= taken;
        }
        self.owed = self.owed.saturating_add(wanted);
    }

    /// Gives back what was taken at `taken`, to slices that were in hand then and still are.
    pub(super) fn put_back(&mut self, amount: u64, taken: Timestamp) {
        let paid = amount.min(self.owed);
        self.owed -= paid;
        let mut rest = amount - paid;
        for held in self.held.iter_mut().filter(|held| held.grant.window.start <= taken) {
            let returned = rest.min(held.grant.amount - held.left);
            held.left += returned;
            rest -= returned;
        }
    }

    pub(super) fn miss(&mut self, amount: u64) {
        self.missed = self.missed.max(amount);
    }

    pub(super) fn add(&mut self, grant: Grant) {
        let paid = grant.amount.min(self.owed);
        self.owed -= paid;
        let left = grant.amount - paid;
        let at = self.held.partition_point(|held| held.grant.expires < grant.expires);
        match self.held.get_mut(at) {
            Some(held)
                if (held.grant.window, held.grant.expires) == (grant.window, grant.expires) =>
            {
                held.grant.amount += grant.amount;
                held.left += left;
            }
            _ if grant.amount > 0 => self.held.insert(at, Held { grant, left }),
            _ => {}
        }
        self.last = grant.amount;
        self.spent = 0;
        self.missed = 0;
    }

    /// Takes all unspent slices out of the hand but `keep` of what may be spent now.
    pub(super) fn give_up(&mut self, keep: u64, now: Timestamp) -> Vec<Grant> {
        let mut keep = keep;
        let mut given = Vec::new();
        for held in &mut self.held {
            let kept = if held.grant.is_live(now) { keep.min(held.left) } else { 0 };
            keep -= kept;
            let amount = held.left - kept;
            if amount > 0 {
                given.push(Grant { amount, ..held.grant });
                held.grant.amount -= amount;
                held.left = kept;
            }
        }
        given
    }

    /// Half of the last grant is gone, or somebody was refused.
    pub(super) fn is_low(&self, now: Timestamp) -> bool {
        self.missed > 0 || self.room(now) <= self.last / 2
    }

    pub(super) fn spent_and_missed(&self) -> (u64, u64) {
        (self.spent, self.missed)
    }

    /// When the first slice that lies ahead may be spent.
    pub(super) fn opens(&self, now: Timestamp) -> Option<Timestamp> {
        let starts = self.held.iter().map(|held| held.grant.window.start);
        starts.filter(|start| *start > now).min()
    }

    /// When the slices in hand are over.
    pub(super) fn ends(&self) -> Option<Timestamp> {
        self.held.iter().map(|held| held.grant.expires.min(held.grant.window.end)).max()
    }
}
