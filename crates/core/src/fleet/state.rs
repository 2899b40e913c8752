//! The targets, their domains and the indexes over them, kept in step. Everything here runs under
//! the fleet's lock. It does not pick, and does not decide who rests.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::task::Waker;

use rustc_hash::FxHashMap;

use super::account::{Account, ORIGINS, Origin};
use super::domain::Domains;
use super::index::{Index, Standing};
use super::inherited::Inherited;
use super::phase::Phase;
use super::quotas::Quotas;
use super::recent::Recent;
use super::room::Room;
use super::target::Target;
use super::wish::Requirement;
use super::{Options, Strategy, TargetKey, TargetSpec, Tier};
use crate::clock::{Elapsed, Timestamp};
use crate::quota::Time;

/// Requirements that have an index of their own at a time, besides that of all targets.
const MAX_INDEXES: usize = 32;

#[derive(Debug)]
pub(super) struct State {
    pub(super) options: Options,
    pub(super) clock: Elapsed,
    /// Looked up a dozen times for each call; the keys are the fleet's own, so that nobody can make
    /// them collide.
    pub(super) targets: FxHashMap<TargetKey, Target>,
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
    pub(super) quotas: Quotas,
    /// When accounts that are short have more, earliest first.
    pub(super) barring: BTreeSet<(Timestamp, TargetKey)>,
    /// When limits have more, for targets that the strategy compares by them, earliest first.
    pub(super) turning: BTreeSet<(Timestamp, TargetKey)>,
    /// Whom to tell when slices of a limit run low.
    pub(super) supplier: Option<Waker>,
    pub(super) inherited: Inherited,
    /// How many targets work.
    pub(super) working: usize,
    /// Which target a session stays with.
    pub(super) sessions: Recent<TargetKey>,
    /// Where ids have come from.
    pub(super) origins: Recent<Origin>,
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
            targets: FxHashMap::default(),
            ids: HashMap::new(),
            orders: BTreeMap::new(),
            indexes: vec![Index::default()],
            windows: BTreeSet::new(),
            domains: Domains::default(),
            askable: 0,
            resting: BTreeSet::new(),
            passing: BTreeSet::new(),
            quotas: Quotas::default(),
            barring: BTreeSet::new(),
            turning: BTreeSet::new(),
            supplier: None,
            inherited: Inherited::default(),
            working: 0,
            sessions: Recent::new(options.sessions),
            origins: Recent::new(ORIGINS),
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
        self.enter(key, Target::new(key, spec));
        key
    }

    /// Enters a target at the end of its tier. A rest of its domains covers it at once.
    fn enter(&mut self, key: TargetKey, mut target: Target) {
        let spec = &target.spec;
        let tier = spec.tier;
        self.ids.insert(spec.id.clone(), key);
        self.windows.extend(spec.context_window.map(std::num::NonZeroU32::get));
        target.account = Account::of(key, spec);
        target.domains = self.domains.join(key, spec);
        let (scopes, opened) = self.join_accounts(key, &target);
        let has_opened = !opened.is_empty();
        target.scopes = scopes;
        let rest = self.domains.rest_of(target.domains, self.clock.last());
        let order = self.orders.entry(tier).or_default();
        order.keys.push(Some(key));
        target.position = order.keys.len() - 1;
        self.askable -= usize::from(target.standing != Standing::Closed);
        target.standing = Standing::Closed;
        target.works = false;
        self.targets.insert(key, target);
        self.indexes.truncate(1);
        self.indexes[0].extend(tier);
        self.refresh(key);
        self.review(key);
        self.share_accounts(opened);
        let has_turned = self.review_turned(key);
        if let Some((until, cause)) = rest {
            self.rest_one(key, until, Some(cause));
        }
        self.take_over(key);
        if (has_opened || has_turned) && self.quotas.is_granted() {
            self.woken.extend(self.supplier.take());
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
        self.working = 0;
        self.barring.clear();
        self.turning.clear();
        let mut before = std::mem::take(&mut self.targets);
        self.orders.clear();
        self.indexes = vec![Index::default()];
        self.quotas.undeclare(&specs, Time::of(&self.clock));
        let enter = |spec: TargetSpec| {
            let kept = ids.get(&spec.id).and_then(|key| Some((*key, before.remove(key)?)));
            let Some((key, target)) = kept else {
                return self.enter_new(spec);
            };
            let left = target.domains;
            self.domains.leave(key, left);
            self.quotas.leave(key, target.scopes);
            self.enter(key, Target { spec, barred: None, turns: None, ..target });
            self.domains.tidy(left);
            key
        };
        let keys = specs.into_iter().map(enter).collect();
        self.quotas.tidy(Time::of(&self.clock));
        keys
    }

    /// Takes a target out of everything but the order and the index of its tier. What hangs on
    /// its phase (timers, a probe that keeps others waiting) ends with it.
    fn take_out(&mut self, key: TargetKey) -> Option<Target> {
        self.set_phase(key, Phase::Ready);
        self.bar(key, None);
        self.set_turn(key, None);
        let target = self.targets.remove(&key)?;
        self.askable -= usize::from(target.standing != Standing::Closed);
        self.working -= usize::from(target.works);
        self.quotas.leave(key, target.scopes);
        self.quotas.tidy(Time::of(&self.clock));
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
        let (quotas, supplier) = (self.quotas.cleared(), self.supplier.take());
        let last_key = self.last_key;
        let kept =
            Self { clock, quotas, supplier, room, woken, last_key, ..Self::new(self.options) };
        *self = kept;
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
                if let Some(target) = target.filter(|target| index.requirement.admits(target)) {
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
        let Some(target) = self.targets.get_mut(&key) else { return };
        let works = target.is_working();
        self.working = self.working + usize::from(works) - usize::from(target.works);
        target.works = works;
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
            if index.requirement.admits(target) {
                index.place(target.spec.tier, target.position, before, after);
            }
        }
        let was_shut = matches!(before, Standing::Closed | Standing::Scant { .. });
        if was_shut && !self.room.is_empty() {
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
        let is_closed_by_phase = self.is_closed_by_phase(target);
        if let Some(barred) = target.barred {
            let is_closed = barred.room == 0 || is_closed_by_phase;
            return if is_closed {
                Standing::Closed
            } else {
                Standing::Scant { room: barred.room }
            };
        }
        if is_closed_by_phase {
            return Standing::Closed;
        }
        let load = target.load(self.options.strategy);
        match target.phase {
            Phase::Ready => Standing::Open { weight, load },
            Phase::Ramping { .. } => Standing::Ramping { weight, load },
            Phase::Awaiting { .. } => Standing::Awaiting,
            Phase::Resting { .. } | Phase::Probing { .. } => Standing::Closed,
        }
    }

    fn is_closed_by_phase(&self, target: &Target) -> bool {
        match target.phase {
            Phase::Ready | Phase::Ramping { .. } => false,
            Phase::Awaiting { cause } => cause.and_then(|id| self.domains.get(id)?.probe).is_some(),
            Phase::Resting { .. } | Phase::Probing { .. } => true,
        }
    }
}
