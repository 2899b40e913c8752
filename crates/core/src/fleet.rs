//! The targets of a multiplexer and their live state: who is eligible, who rests, who is full.
//!
//! One short lock guards it; nothing waits while holding it. It does not decide what an attempt
//! means ([`crate::outcome`]) nor when a call gives up ([`crate::multiplexer`]).

mod lease;
mod target;
mod weights;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use lease::Lease;
pub use target::{TargetKey, TargetSpec, TargetStats, Tier};

use crate::clock::{Moment, Timestamp};
use target::Target;
use weights::Weights;

/// Why no target could be leased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unavailable {
    /// The fleet has no target.
    Empty,
    /// Every target that the call may still ask rests; the first returns after this long.
    Resting(Duration),
    /// At least one target is only at capacity; the first that rests, if any, returns after this long.
    AtCapacity(Option<Duration>),
}

/// All targets of one multiplexer.
#[derive(Debug, Default)]
pub struct Fleet {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    targets: HashMap<TargetKey, Target>,
    ids: HashMap<String, TargetKey>,
    primary: Order,
    fallback: Order,
    /// Ends of rests, earliest first. An entry that no longer matches its target is stale.
    returns: BinaryHeap<Reverse<(Timestamp, TargetKey)>>,
    last_key: u32,
}

/// The targets of one tier in the order of adding. Removed ones leave a gap with weight zero.
#[derive(Debug, Default)]
struct Order {
    keys: Vec<Option<TargetKey>>,
    weights: Weights,
    gaps: usize,
}

impl Fleet {
    /// A fleet without targets.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Adds a target behind those of its tier; none if the id is taken.
    pub fn add(&self, spec: TargetSpec) -> Option<TargetKey> {
        self.lock().add(spec)
    }

    /// Removes the target of this id; calls that it is answering go on. False if there is none.
    pub fn remove(&self, id: &str) -> bool {
        self.lock().remove(id).is_some()
    }

    /// Makes the fleet hold exactly `specs`, in their order. A target whose id stays keeps its
    /// handle, statistics, rest and calls in flight.
    ///
    /// # Errors
    /// The first id that occurs twice; the fleet is then unchanged.
    pub fn replace(&self, specs: Vec<TargetSpec>) -> Result<Vec<TargetKey>, String> {
        let mut seen = std::collections::HashSet::new();
        if let Some(twice) = specs.iter().find(|spec| !seen.insert(spec.id.as_str())) {
            return Err(twice.id.clone());
        }
        Ok(self.lock().replace(specs))
    }

    /// Removes every target and forgets statistics and rests.
    pub fn clear(&self) {
        let mut state = self.lock();
        let last_key = state.last_key;
        *state = State { last_key, ..State::default() };
    }

    /// Leases an eligible target: a primary if there is one, else a fallback; never one of `not`.
    ///
    /// # Errors
    /// Why there is none.
    pub fn lease(
        self: &Arc<Self>,
        moment: Moment,
        not: &[TargetKey],
    ) -> Result<Lease, Unavailable> {
        let mut state = self.lock();
        state.wake_rested(moment.now);
        let Some(key) = state.pick(moment.draw, not) else {
            return Err(state.why_unavailable(moment.now, not));
        };
        state.occupy(key);
        drop(state);
        Ok(Lease::new(Arc::clone(self), key))
    }

    /// Leases this very target, also while it rests: who asks for it can ask no other.
    ///
    /// # Errors
    /// It is gone, or at capacity.
    pub fn lease_one(self: &Arc<Self>, key: TargetKey) -> Result<Lease, Unavailable> {
        let mut state = self.lock();
        match state.targets.get(&key) {
            None => return Err(Unavailable::Empty),
            Some(target) if target.at_capacity() => return Err(Unavailable::AtCapacity(None)),
            Some(_) => state.occupy(key),
        }
        drop(state);
        Ok(Lease::new(Arc::clone(self), key))
    }

    /// True if [`Self::lease`] would find a target.
    pub fn can_lease(&self, now: Timestamp, not: &[TargetKey]) -> bool {
        let mut state = self.lock();
        state.wake_rested(now);
        state.pick(0.0, not).is_some()
    }

    /// Ends the rest of a target if it is the one that ends at `until`: for hosts whose timers say
    /// that the time is over before the clock does. False if it rests longer, or not at all.
    pub fn end_rest(&self, key: TargetKey, until: Timestamp) -> bool {
        let mut state = self.lock();
        let resting = state.targets.get(&key).and_then(|target| target.rests_until);
        let ends = resting == Some(until);
        if ends {
            state.update(key, |target| target.rests_until = None);
        }
        ends
    }

    /// Statistics by id, primaries first, each tier in the order of adding.
    pub fn stats(&self) -> Vec<(String, TargetStats)> {
        let state = self.lock();
        let keys = state.primary.keys.iter().chain(&state.fallback.keys).flatten();
        keys.filter_map(|key| state.targets.get(key))
            .map(|target| (target.spec.id.clone(), target.stats))
            .collect()
    }

    /// How many leases of this target are held; none if it is gone.
    pub fn in_flight(&self, id: &str) -> Option<u32> {
        let state = self.lock();
        state.ids.get(id).and_then(|key| state.targets.get(key)).map(|target| target.in_flight)
    }

    /// The model name that is sent on to this target; none if it is gone.
    pub fn model(&self, key: TargetKey) -> Option<String> {
        self.lock().targets.get(&key).map(|target| target.spec.model.clone())
    }

    /// Counts an answered call as failed after all: for a reply that could not be read.
    pub fn take_back(&self, key: TargetKey) {
        self.update_stats(key, |stats| {
            stats.success = stats.success.saturating_sub(1);
            stats.failed += 1;
        });
    }

    fn update_stats(&self, key: TargetKey, change: impl FnOnce(&mut TargetStats)) {
        if let Some(target) = self.lock().targets.get_mut(&key) {
            change(&mut target.stats);
        }
    }

    /// Lets a target rest until `until`; the later of two deadlines counts.
    fn rest(&self, key: TargetKey, until: Timestamp) {
        let mut state = self.lock();
        let later = state
            .targets
            .get(&key)
            .is_some_and(|target| target.rests_until.is_none_or(|before| before < until));
        if later {
            state.update(key, |target| target.rests_until = Some(until));
            state.returns.push(Reverse((until, key)));
        }
    }

    fn release(&self, key: TargetKey) {
        self.lock().update(key, |target| target.in_flight = target.in_flight.saturating_sub(1));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn add(&mut self, spec: TargetSpec) -> Option<TargetKey> {
        if self.ids.contains_key(&spec.id) {
            return None;
        }
        self.last_key += 1;
        let key = TargetKey(self.last_key);
        self.ids.insert(spec.id.clone(), key);
        let order = self.order(spec.tier);
        let position = order.push(key, spec.weight);
        let target = Target {
            spec,
            position,
            in_flight: 0,
            rests_until: None,
            stats: TargetStats::default(),
        };
        self.targets.insert(key, target);
        Some(key)
    }

    fn remove(&mut self, id: &str) -> Option<Target> {
        let key = self.ids.remove(id)?;
        let target = self.targets.remove(&key)?;
        let order = self.order(target.spec.tier);
        order.leave(target.position);
        if order.gaps * 2 > order.keys.len() {
            self.close_gaps(target.spec.tier);
        }
        Some(target)
    }

    fn replace(&mut self, specs: Vec<TargetSpec>) -> Vec<TargetKey> {
        let mut before = std::mem::take(&mut self.targets);
        let ids = std::mem::take(&mut self.ids);
        self.primary = Order::default();
        self.fallback = Order::default();
        specs
            .into_iter()
            .map(|spec| {
                let kept = ids.get(&spec.id).and_then(|key| Some((*key, before.remove(key)?)));
                let Some((key, mut target)) = kept else {
                    // `replace` has checked that no id occurs twice.
                    return self.add(spec).unwrap_or(TargetKey(0));
                };
                target.spec = spec;
                self.ids.insert(target.spec.id.clone(), key);
                let weight = target.weight_now();
                target.position = self.order(target.spec.tier).push(key, weight);
                self.targets.insert(key, target);
                key
            })
            .collect()
    }

    fn order(&mut self, tier: Tier) -> &mut Order {
        match tier {
            Tier::Primary => &mut self.primary,
            Tier::Fallback => &mut self.fallback,
        }
    }

    fn close_gaps(&mut self, tier: Tier) {
        let keys: Vec<_> = self.order(tier).keys.iter().flatten().copied().collect();
        let mut closed = Order::default();
        for key in keys {
            if let Some(target) = self.targets.get_mut(&key) {
                target.position = closed.push(key, target.weight_now());
            }
        }
        *self.order(tier) = closed;
    }

    /// Changes a target and then its weight in the draw to what it has become.
    fn update(&mut self, key: TargetKey, change: impl FnOnce(&mut Target)) {
        let Some(target) = self.targets.get_mut(&key) else { return };
        change(target);
        let (tier, position, weight) = (target.spec.tier, target.position, target.weight_now());
        self.order(tier).weights.set(position, weight);
    }

    fn occupy(&mut self, key: TargetKey) {
        self.update(key, |target| target.in_flight += 1);
    }

    fn wake_rested(&mut self, now: Timestamp) {
        while let Some(&Reverse((until, key))) = self.returns.peek() {
            // A rest covers the millisecond in which it ends.
            if until >= now {
                return;
            }
            self.returns.pop();
            if self.targets.get(&key).is_some_and(|target| target.rests_until == Some(until)) {
                self.update(key, |target| target.rests_until = None);
            }
        }
    }

    fn pick(&mut self, draw: f64, not: &[TargetKey]) -> Option<TargetKey> {
        let excluded: Vec<_> = not
            .iter()
            .filter_map(|key| self.targets.get(key))
            .map(|target| (target.spec.tier, target.position, target.weight_now()))
            .filter(|(_, _, weight)| *weight > 0)
            .collect();
        for &(tier, position, _) in &excluded {
            self.order(tier).weights.set(position, 0);
        }
        let picked = self.primary.find(draw).or_else(|| self.fallback.find(draw));
        for (tier, position, weight) in excluded {
            self.order(tier).weights.set(position, weight);
        }
        picked
    }

    fn why_unavailable(&self, now: Timestamp, not: &[TargetKey]) -> Unavailable {
        if self.targets.is_empty() {
            return Unavailable::Empty;
        }
        let askable = || self.targets.iter().filter(|(key, _)| !not.contains(key));
        let first = askable().filter_map(|(_, target)| target.rests_until).min();
        let wait = first.map(|until| until.since(now));
        let full = askable().any(|(_, target)| target.rests_until.is_none());
        if full {
            Unavailable::AtCapacity(wait)
        } else {
            Unavailable::Resting(wait.unwrap_or_default())
        }
    }
}

impl Order {
    fn push(&mut self, key: TargetKey, weight: u64) -> usize {
        self.keys.push(Some(key));
        self.weights.push(weight);
        self.keys.len() - 1
    }

    fn leave(&mut self, position: usize) {
        self.keys[position] = None;
        self.weights.set(position, 0);
        self.gaps += 1;
    }

    fn find(&self, draw: f64) -> Option<TargetKey> {
        self.weights.find(draw).and_then(|position| self.keys[position])
    }
}

#[cfg(test)]
mod tests;
