//! Who may be picked just now, arranged so that a pick needs about log2(n) steps. An index holds
//! all targets or those that meet one requirement. It does not know why a target is closed.

use std::collections::{BTreeMap, BTreeSet};

use super::Tier;
use super::weights::Weights;
use super::wish::Requirement;

/// How a target is entered in an index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Standing {
    /// Not to be picked.
    #[default]
    Closed,
    /// To be picked by the strategy. The load is kept only where the strategy goes by it.
    Open { weight: u64, load: Option<u32> },
    /// As open, with a share that grows.
    Ramping { weight: u64, load: Option<u32> },
    /// To be picked before all others, once.
    Awaiting,
    /// To be picked after the open ones of its tier, by calls of at most so many tokens.
    Scant { room: u64 },
}

/// Targets among which a strategy chooses, by position in their tier.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(PartialEq))]
pub(super) struct Lane {
    pub(super) weights: Weights,
    pub(super) loads: BTreeSet<(u32, usize)>,
}

impl Lane {
    fn enter(&mut self, position: usize, weight: u64, load: Option<u32>) {
        self.weights.set(position, weight);
        self.loads.extend(load.map(|load| (load, position)));
    }

    fn leave(&mut self, position: usize, load: Option<u32>) {
        self.weights.set(position, 0);
        if let Some(load) = load {
            self.loads.remove(&(load, position));
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.weights.total() == 0
    }
}

/// One tier of an index. Positions are those of the tier's order, whatever the requirement.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(PartialEq))]
pub(super) struct TierIndex {
    pub(super) open: Lane,
    pub(super) ramping: Lane,
    pub(super) awaiting: BTreeSet<usize>,
    /// By what still fits.
    pub(super) scant: BTreeSet<(u64, usize)>,
}

impl TierIndex {
    /// Makes room for a position behind all others.
    fn extend(&mut self) {
        self.open.weights.push(0);
        self.ramping.weights.push(0);
    }

    /// Enters the target at `position` as `after` instead of `before`.
    pub(super) fn place(&mut self, position: usize, before: Standing, after: Standing) {
        match (before, after) {
            // The common case in one step: only the load or the weight has changed.
            (Standing::Open { load: None, .. }, Standing::Open { weight, load: None }) => {
                return self.open.weights.set(position, weight);
            }
            (Standing::Open { load, .. }, _) => self.open.leave(position, load),
            (Standing::Ramping { load, .. }, _) => self.ramping.leave(position, load),
            (Standing::Awaiting, _) => {
                self.awaiting.remove(&position);
            }
            (Standing::Scant { room }, _) => {
                self.scant.remove(&(room, position));
            }
            (Standing::Closed, _) => {}
        }
        match after {
            Standing::Open { weight, load } => self.open.enter(position, weight, load),
            Standing::Ramping { weight, load } => self.ramping.enter(position, weight, load),
            Standing::Awaiting => {
                self.awaiting.insert(position);
            }
            Standing::Scant { room } => {
                self.scant.insert((room, position));
            }
            Standing::Closed => {}
        }
    }

    /// Of those with little left, the position of the one with the least that is enough for a call
    /// of so many tokens.
    pub(super) fn enough(&self, tokens: u64) -> Option<usize> {
        self.scant.range((tokens.max(1), 0)..).next().map(|&(_, position)| position)
    }

    /// True if nobody could be picked by a call of so many tokens.
    pub(super) fn is_closed(&self, tokens: u64) -> bool {
        self.open.is_empty()
            && self.ramping.is_empty()
            && self.awaiting.is_empty()
            && self.enough(tokens).is_none()
    }
}

/// All targets that meet a requirement, by tier.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(PartialEq))]
pub(super) struct Index {
    pub(super) requirement: Requirement,
    pub(super) tiers: BTreeMap<Tier, TierIndex>,
}

impl Index {
    pub(super) fn new(requirement: Requirement) -> Self {
        Self { requirement, tiers: BTreeMap::new() }
    }

    /// Makes room for a target that was added to the order of its tier.
    pub(super) fn extend(&mut self, tier: Tier) {
        self.tiers.entry(tier).or_default().extend();
    }

    pub(super) fn place(&mut self, tier: Tier, position: usize, before: Standing, after: Standing) {
        if let Some(index) = self.tiers.get_mut(&tier) {
            index.place(position, before, after);
        }
    }
}
