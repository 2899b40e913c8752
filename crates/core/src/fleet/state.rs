//! The targets, their domains and the indexes over them, kept in step. Everything here runs under
//! the fleet's lock. It does not pick, and does not decide who rests.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::task::Waker;

use super::domain::Domains;
use super::elapsed::Elapsed;
use super::index::{Index, Standing};
use super::phase::Phase;
use super::room::Room;
use super::sessions::Sessions;
use super::target::Target;
use super::wish::Requirement;
use super::{Options, Strategy, TargetKey, TargetSpec, Tier};
use crate::clock::Timestamp;

/// Requirements that have an index of their own at a time, besides that of all targets.
const MAX_INDEXES: usize = 32;

#[derive(Debug)]
pub(super) struct State {
    pub(super) options: Options,
    pub(super) clock: Elapsed,
    pub(super) targets: HashMap<TargetKey, Target>,
    pub(super) ids: HashMap<String, TargetKey>,
    pub(super) orders: BTreeMap<Tier, Order>,
    /// The first is of all targets; the others are made when first asked for.
    pub(super) indexes: Vec<Index>,
    /// Context windows that targets have or have had.
    pub(super) windows: BTreeSet<u32>,
    pub(super) domains: Domains,
    /// How many targets are not closed.
    pub(super) askable: usize,
    /// Ends of rests, earliest first.
    pub(super) resting: BTreeSet<(Timestamp, TargetKey)>,
    /// Ends of probes and ramps, earliest first.
    pub(super) passing: BTreeSet<(Timestamp, TargetKey)>,
    pub(super) sessions: Sessions,
    pub(super) room: Room,
    /// Targets that have opened since the waiting room was looked at.
    pub(super) opened: Vec<TargetKey>,
    /// Whom to wake when the lock is given back.
    pub(super) woken: Vec<Waker>,
    /// Wakers of those that left. Dropping one may drop a task and with it a lease, which needs
    /// the lock: so that is done when it is given back.
    pub(super) spent: Vec<Waker>,
    last_key: u32,
}

/// The targets of one tier in the order of adding. Removed ones leave a gap.
#[derive(Debug, Default)]
pub(super) struct Order {
    pub(super) keys: Vec<Option<TargetKey>>,
    gaps: usize,
    /// The position after the one picked last.
    pub(super) turn: usize,
}

impl State {
    pub(super) fn new(options: Options) -> Self {
        Self {
            options,
            clock: Elapsed::default(),
            targets: HashMap::new(),
            ids: HashMap::new(),
            orders: BTreeMap::new(),
            indexes: vec![Index::default()],
            windows: BTreeSet::new(),
            domains: Domains::default(),
            askable: 0,
            resting: BTreeSet::new(),
            passing: BTreeSet::new(),
            sessions: Sessions::new(options.sessions),
            room: Room::default(),
            opened: Vec::new(),
            woken: Vec::new(),
            spent: Vec::new(),
            last_key: 0,
        }
    }

    pub(super) fn add(&mut self, spec: TargetSpec) -> Option<TargetKey> {
        if self.ids.contains_key(&spec.id) {
            return None;
        }
        Some(self.enter_new(spec))
    }

    fn enter_new(&mut self, spec: TargetSpec) -> TargetKey {
        self.last_key += 1;
        let key = TargetKey(self.last_key);
        self.enter(key, Target::new(spec));
        key
    }

    /// Enters a target at the end of its tier. A rest of its domains covers it at once.
    fn enter(&mut self, key: TargetKey, mut target: Target) {
        let spec = &target.spec;
        let tier = spec.tier;
        self.ids.insert(spec.id.clone(), key);
        self.windows.extend(spec.context_window.map(std::num::NonZeroU32::get));
        target.domains = self.domains.join(key, spec);
        let rest = self.domains.rest_of(target.domains, self.clock.last());
        let order = self.orders.entry(tier).or_default();
        order.keys.push(Some(key));
        target.position = order.keys.len() - 1;
        self.askable -= usize::from(target.standing != Standing::Closed);
        target.standing = Standing::Closed;
        self.targets.insert(key, target);
        self.indexes.truncate(1);
        self.indexes[0].extend(tier);
        self.refresh(key);
        if let Some((until, cause)) = rest {
            self.rest_one(key, until, Some(cause));
        }
    }

    pub(super) fn remove(&mut self, id: &str) -> bool {
        let Some(key) = self.ids.remove(id) else { return false };
        let Some(target) = self.take_out(key) else { return false };
        self.indexes.truncate(1);
        let tier = target.spec.tier;
        self.indexes[0].place(tier, target.position, target.standing, Standing::Closed);
        if let Some(order) = self.orders.get_mut(&tier) {
            order.keys[target.position] = None;
            order.gaps += 1;
            if order.gaps * 2 > order.keys.len() {
                self.close_gaps(tier);
            }
        }
        true
    }

    /// `specs` without an id that occurs twice.
    pub(super) fn replace(&mut self, specs: Vec<TargetSpec>) -> Vec<TargetKey> {
        let ids = std::mem::take(&mut self.ids);
        let stays: HashSet<_> = specs.iter().map(|spec| spec.id.as_str()).collect();
        let goes = ids.iter().filter(|(id, _)| !stays.contains(id.as_str()));
        for key in goes.map(|(_, key)| *key).collect::<Vec<_>>() {
            self.take_out(key);
        }
        let mut before = std::mem::take(&mut self.targets);
        self.orders.clear();
        self.indexes = vec![Index::default()];
        let enter = |spec: TargetSpec| {
            let kept = ids.get(&spec.id).and_then(|key| Some((*key, before.remove(key)?)));
            let Some((key, target)) = kept else {
                return self.enter_new(spec);
            };
            let left = target.domains;
            self.domains.leave(key, left);
            self.enter(key, Target { spec, ..target });
            self.domains.tidy(left);
            key
        };
        specs.into_iter().map(enter).collect()
    }

    /// Takes a target out of everything but the order and the index of its tier. What hangs on
    /// its phase (timers, a probe that keeps others waiting) ends with it.
    fn take_out(&mut self, key: TargetKey) -> Option<Target> {
        self.set_phase(key, Phase::Ready);
        let target = self.targets.remove(&key)?;
        self.askable -= usize::from(target.standing != Standing::Closed);
        self.domains.leave(key, target.domains);
        self.domains.tidy(target.domains);
        Some(target)
    }

    /// Changes the fleet's strategy. Whether the indexes keep loads depends on it.
    pub(super) fn choose_by(&mut self, strategy: Strategy) {
        self.options.strategy = strategy;
        for key in self.targets.keys().copied().collect::<Vec<_>>() {
            self.refresh(key);
        }
    }

    /// Forgets everything but which handles were given out, and who waits.
    pub(super) fn clear(&mut self) {
        let room = std::mem::take(&mut self.room);
        let woken = std::mem::take(&mut self.woken);
        let clock = std::mem::take(&mut self.clock);
        *self = Self { last_key: self.last_key, room, woken, clock, ..Self::new(self.options) };
    }

    fn close_gaps(&mut self, tier: Tier) {
        let Some(order) = self.orders.get_mut(&tier) else { return };
        order.gaps = 0;
        order.turn = order.keys.iter().take(order.turn).flatten().count();
        order.keys.retain(Option::is_some);
        let keys: Vec<_> = order.keys.iter().flatten().copied().collect();
        self.indexes[0].tiers.remove(&tier);
        for (position, key) in keys.into_iter().enumerate() {
            self.indexes[0].extend(tier);
            if let Some(target) = self.targets.get_mut(&key) {
                target.position = position;
                self.indexes[0].place(tier, position, Standing::Closed, target.standing);
            }
        }
    }

    /// The number of the index for a requirement, which is made if there is none.
    pub(super) fn index_of(&mut self, requirement: Requirement) -> usize {
        if let Some(number) = self.indexes.iter().position(|index| index.requirement == requirement)
        {
            return number;
        }
        if self.indexes.len() > MAX_INDEXES {
            self.indexes.remove(1);
        }
        self.indexes.push(self.build_index(requirement));
        self.indexes.len() - 1
    }

    pub(super) fn build_index(&self, requirement: Requirement) -> Index {
        let mut index = Index::new(requirement);
        for (&tier, order) in &self.orders {
            for (position, key) in order.keys.iter().enumerate() {
                index.extend(tier);
                let target = key.and_then(|key| self.targets.get(&key));
                if let Some(target) = target.filter(|target| index.requirement.admits(&target.spec))
                {
                    index.place(tier, position, Standing::Closed, target.standing);
                }
            }
        }
        index
    }

    /// Changes a target and then enters it as what it has become.
    pub(super) fn update(&mut self, key: TargetKey, change: impl FnOnce(&mut Target)) {
        if let Some(target) = self.targets.get_mut(&key) {
            change(target);
            self.refresh(key);
        }
    }

    pub(super) fn refresh(&mut self, key: TargetKey) {
        let Some(target) = self.targets.get(&key) else { return };
        let after = self.standing(target);
        let before = target.standing;
        if before == after {
            return;
        }
        match (before, after) {
            (Standing::Closed, _) => self.askable += 1,
            (_, Standing::Closed) => self.askable -= 1,
            _ => {}
        }
        for index in &mut self.indexes {
            if index.requirement.admits(&target.spec) {
                index.place(target.spec.tier, target.position, before, after);
            }
        }
        if before == Standing::Closed && !self.room.is_empty() {
            self.opened.push(key);
        }
        if let Some(target) = self.targets.get_mut(&key) {
            target.standing = after;
        }
    }

    pub(super) fn standing(&self, target: &Target) -> Standing {
        let weight = target.weight();
        if target.at_capacity() || weight == 0 {
            return Standing::Closed;
        }
        let load = (self.options.strategy == Strategy::LeastBusy).then_some(target.in_flight);
        match target.phase {
            Phase::Ready => Standing::Open { weight, load },
            Phase::Ramping { .. } => Standing::Ramping { weight, load },
            Phase::Awaiting { cause } => {
                let probed = cause.and_then(|id| self.domains.get(id)?.probe).is_some();
                if probed { Standing::Closed } else { Standing::Awaiting }
            }
            Phase::Resting { .. } | Phase::Probing { .. } => Standing::Closed,
        }
    }
}
