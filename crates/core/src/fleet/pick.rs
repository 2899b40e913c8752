//! A pick: probes first, then the session's own target, then the strategy, tier by tier. It does
//! not know what a lease is.

use super::chance::Chance;
use super::domain::Shared;
use super::index::{Standing, TierIndex};
use super::spending::Reserved;
use super::state::State;
use super::strategy::Circumstances;
use super::wish::{Requirement, Window};
use super::{Strategy, TargetKey, Tier, Unavailable, Wish};
use crate::clock::Timestamp;
use crate::quota::Estimate;

/// A target that was picked and whose slot is held.
#[derive(Clone, Copy, Debug)]
pub(super) struct Picked {
    pub(super) key: TargetKey,
    /// The fleet's time of the pick.
    pub(super) taken: Timestamp,
    /// The probe's number, if the call is one.
    pub(super) probe: Option<u32>,
    /// What it holds of the target's accounts.
    pub(super) reserved: Reserved,
}

impl State {
    /// Picks a target and holds a slot of it.
    pub(super) fn take(&mut self, wish: &Wish<'_>, draw: f64, now: Timestamp) -> Option<Picked> {
        let key = self.find(wish, draw, now)?;
        let strategy = self.strategy(wish);
        let picked = self.hold(key, wish.estimate, now);
        if strategy.takes_turns()
            && let Some(target) = self.targets.get(&key)
            && let Some(order) = self.orders.get_mut(&target.spec.tier)
        {
            order.turn = target.position + 1;
        }
        // A probe is a visit: the session stays where it is at home.
        if let (Strategy::Sticky, Some(session), None) = (strategy, wish.session, picked.probe) {
            self.sessions.put(session, key, now);
        }
        Some(picked)
    }

    /// How the target is chosen for this wish.
    fn strategy(&self, wish: &Wish<'_>) -> Strategy {
        wish.strategy.unwrap_or(self.options.strategy)
    }

    /// Whom a failure of this target would concern as well, by what they are named to share.
    pub(super) fn kin(&self, key: TargetKey) -> Vec<TargetKey> {
        let Some(target) = self.targets.get(&key) else { return vec![key] };
        let shared = target.domains.iter().flatten().filter_map(|id| self.domains.get(*id));
        shared.flat_map(Shared::members).chain([key]).collect()
    }

    /// Holds a slot of this target, and what the call is expected to use.
    pub(super) fn hold(&mut self, key: TargetKey, estimate: Estimate, now: Timestamp) -> Picked {
        let probe = self.probe(key, now);
        let reserved = self.reserve(key, estimate);
        self.update(key, |target| {
            target.in_flight += 1;
            target.first_token.ask(now);
        });
        self.occupy(reserved.scopes());
        Picked { key, taken: now, probe, reserved }
    }

    /// The target that would be picked. One in whose accounts the call does not fit is closed to
    /// it by the look at it, so that the next look is at another.
    pub(super) fn find(&mut self, wish: &Wish<'_>, draw: f64, now: Timestamp) -> Option<TargetKey> {
        loop {
            let Some(key) = self.find_candidate(wish, draw, now) else {
                self.note_want(wish);
                return None;
            };
            if self.fits(key, wish.estimate.total()) {
                return Some(key);
            }
        }
    }

    fn find_candidate(&mut self, wish: &Wish<'_>, draw: f64, now: Timestamp) -> Option<TargetKey> {
        if wish.takes_any() {
            return self.find_in(0, wish, draw, now);
        }
        wish.requirements().find_map(|requirement| {
            let requirement = self.rounded(requirement);
            let index = self.index_of(requirement);
            self.find_in(index, wish, draw, now)
        })
    }

    /// The same requirement with a size that is some target's own, so that sizes that mean the
    /// same share an index.
    fn rounded(&self, requirement: Requirement) -> Requirement {
        let Window::LargerThan(size) = requirement.window else { return requirement };
        let known = self.windows.range(..=size).next_back().copied();
        Requirement { window: Window::LargerThan(known.unwrap_or(0)), ..requirement }
    }

    fn find_in(
        &mut self,
        index: usize,
        wish: &Wish<'_>,
        draw: f64,
        now: Timestamp,
    ) -> Option<TargetKey> {
        let excluded: Vec<_> = wish
            .not
            .iter()
            .filter_map(|key| self.targets.get(key))
            .filter(|target| target.standing != Standing::Closed)
            .filter(|target| self.indexes[index].requirement.admits(target))
            .map(|target| (target.spec.tier, target.position, target.standing))
            .collect();
        for &(tier, position, standing) in &excluded {
            self.indexes[index].place(tier, position, standing, Standing::Closed);
        }
        let found = self
            .probe_in(index, wish.estimate.total())
            .or_else(|| self.at_home(index, wish, now))
            .or_else(|| self.choose_in(index, wish, draw, now));
        for &(tier, position, standing) in excluded.iter().rev() {
            self.indexes[index].place(tier, position, Standing::Closed, standing);
        }
        found
    }

    /// A target that awaits its probe, in the first tier that has anyone to ask.
    fn probe_in(&self, index: usize, tokens: u64) -> Option<TargetKey> {
        let mut tiers = self.indexes[index].tiers.iter();
        let (tier, first) = tiers.find(|(_, tier)| !tier.is_closed(tokens))?;
        self.key_at(*tier, *first.awaiting.first()?)
    }

    /// The session's own target, if it may be asked.
    fn at_home(&self, index: usize, wish: &Wish<'_>, now: Timestamp) -> Option<TargetKey> {
        if self.strategy(wish) != Strategy::Sticky {
            return None;
        }
        let key = *self.sessions.get(wish.session?, now)?;
        let target = self.targets.get(&key)?;
        let may = matches!(target.standing, Standing::Open { .. } | Standing::Ramping { .. })
            && !wish.not.contains(&key)
            && self.indexes[index].requirement.admits(target);
        may.then_some(key)
    }

    fn choose_in(
        &self,
        index: usize,
        wish: &Wish<'_>,
        draw: f64,
        now: Timestamp,
    ) -> Option<TargetKey> {
        let (strategy, tokens) = (self.strategy(wish), wish.estimate.total());
        let mut chance = Chance::from_draw(draw);
        let mut last_resort = None;
        for (&tier, of_tier) in &self.indexes[index].tiers {
            match self.choose(strategy, tier, of_tier, &mut chance, now) {
                Some(Choice::Taken(key)) => return Some(key),
                Some(Choice::Spared(key)) => last_resort = last_resort.or(Some(key)),
                None => {}
            }
            if let Some(position) = of_tier.enough(tokens) {
                return self.key_at(tier, position);
            }
        }
        // Nowhere else to go: a ramp refuses nobody.
        last_resort
    }

    fn choose(
        &self,
        strategy: Strategy,
        tier: Tier,
        index: &TierIndex,
        chance: &mut Chance,
        now: Timestamp,
    ) -> Option<Choice> {
        let target = |position| self.key_at(tier, position).and_then(|key| self.targets.get(&key));
        let around = Circumstances {
            turn: self.orders.get(&tier).map_or(0, |order| order.turn),
            first_token: &|position| {
                target(position).map_or(0.0, |target| target.first_token.at(now))
            },
            load: &|position| {
                target(position).and_then(|target| target.load(strategy)).unwrap_or(0)
            },
        };
        let open = strategy.choose(&index.open, &around, chance);
        let ramping = strategy.choose(&index.ramping, &around, chance);
        let Some(ramping) = ramping else {
            return self.key_at(tier, open?).map(Choice::Taken);
        };
        let preferred = open.is_none_or(|open| {
            let lanes = ((ramping, &index.ramping), (open, &index.open));
            strategy.prefers_ramping(lanes.0, lanes.1, &around, chance)
        });
        let share = target(ramping).map_or(0.0, |target| target.phase.share(now));
        match open {
            _ if preferred && chance.further() < share => {
                self.key_at(tier, ramping).map(Choice::Taken)
            }
            Some(open) => self.key_at(tier, open).map(Choice::Taken),
            None => self.key_at(tier, ramping).map(Choice::Spared),
        }
    }

    fn key_at(&self, tier: Tier, position: usize) -> Option<TargetKey> {
        *self.orders.get(&tier)?.keys.get(position)?
    }

    pub(super) fn why_unavailable(&self, now: Timestamp, wish: &Wish<'_>) -> Unavailable {
        if self.targets.is_empty() {
            return Unavailable::Empty;
        }
        let returns = self.first_return(wish);
        let wait = returns.map(|until| until.since(now));
        if self.someone_works(wish) || returns.is_some_and(|until| self.is_shut_until(wish, until))
        {
            return Unavailable::AtCapacity(wait);
        }
        let suits = || self.targets.values().any(|target| wish.suits(target));
        match wait {
            None if !wish.takes_any() && !suits() => Unavailable::Unmatched,
            _ => Unavailable::Resting(wait.unwrap_or_default()),
        }
    }

    /// When the first target that the call may ask returns from its rest, or its accounts have
    /// more.
    pub(super) fn first_return(&self, wish: &Wish<'_>) -> Option<Timestamp> {
        let admitted = |(until, key): &(Timestamp, TargetKey)| {
            let target = self.targets.get(key).filter(|target| wish.admits(*key, target))?;
            // Of two reasons the one that lasts longer counts; it is found in its own row.
            (target.closed_until() <= Some(*until)).then_some(*until)
        };
        let rested = self.resting.iter().find_map(admitted);
        let turned = self.barring.iter().find_map(admitted);
        rested.into_iter().chain(turned).min()
    }

    /// True if it is an account that keeps a target closed until then.
    fn is_shut_until(&self, wish: &Wish<'_>, until: Timestamp) -> bool {
        let first = (until, TargetKey(0));
        let mut barred = self.barring.range(first..).take_while(|(end, _)| *end == until);
        barred.any(|(_, key)| self.targets.get(key).is_some_and(|target| wish.admits(*key, target)))
    }

    /// True if a target that the call may ask may come free at any moment: it is full, or being
    /// probed.
    pub(super) fn someone_works(&self, wish: &Wish<'_>) -> bool {
        if wish.takes_any() {
            let mut not = wish.not.to_vec();
            not.sort_unstable();
            not.dedup();
            let excluded = not.iter().filter_map(|key| self.targets.get(key));
            return self.working > excluded.filter(|target| target.works).count();
        }
        let mut targets = self.targets.iter();
        targets.any(|(key, target)| target.works && wish.admits(*key, target))
    }
}

enum Choice {
    /// To be asked.
    Taken(TargetKey),
    /// Ramping, and not to be asked if there is anybody else.
    Spared(TargetKey),
}
