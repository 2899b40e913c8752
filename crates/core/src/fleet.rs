//! The targets of a multiplexer and their live state: who is eligible, who rests, who is full, what
//! is spent, and who waits.
//!
//! One short lock guards it; nothing waits while holding it. It does not decide what an attempt
//! means ([`crate::outcome`]) nor when a call gives up ([`crate::multiplexer`]), and it owns
//! neither a clock nor a timer: every moment is handed in.
//!
//! A pick, a rest and a return cost about log2(n) steps for n targets, a rest of a domain as often
//! as the domain has members. A pick with requirements costs the same once an index for them is
//! made, which takes n steps; 32 are kept until targets are added or removed.

mod account;
mod again;
mod chance;
mod counters;
mod crowds;
mod domain;
mod histogram;
mod index;
mod inherited;
mod latency;
mod lease;
mod phase;
mod pick;
mod quotas;
mod recent;
mod report;
mod reservation;
mod room;
mod scarcity;
mod spending;
mod state;
mod stored;
mod strategy;
mod target;
mod waiting;
mod way_back;
mod weights;
mod wish;

use std::collections::HashSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Waker;
use std::time::Duration;

pub use account::{Account, Origin};
pub use again::Again;
pub use counters::{Outcomes, Tokens};
pub use histogram::{Histogram, Percentiles};
pub use lease::Lease;
pub use phase::Recovery;
pub use recent::TableLimits;
pub use report::{Candidacy, Condition, ScopeReport, TargetReport};
pub use reservation::Reservation;
pub use strategy::Strategy;
pub use target::{TargetKey, TargetSpec, TargetStats, Tier};
pub use waiting::{Patience, Waiting};
pub use wish::{Tags, Wish};

use crate::clock::{Moment, Timestamp};
use crate::outcome::{Domain, Outcome};
use crate::quota::{Estimate, Scope, Shortage};
use counters::Counters;
use state::State;

/// Why no target could be leased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unavailable {
    /// The fleet has no target.
    Empty,
    /// No target is what the call requires, rested or not.
    Unmatched,
    /// Every target that the call may still ask rests; the first returns after this long.
    Resting(Duration),
    /// At least one target is only at capacity, or being probed; the first that rests, if any,
    /// returns after this long.
    AtCapacity(Option<Duration>),
}

/// How a fleet behaves. The default is the preset `compat`: by weight, and a rested target simply
/// returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How a target is chosen within its tier.
    pub strategy: Strategy,
    /// How a target returns from a rest; none for at once and in full.
    pub recovery: Option<Recovery>,
    /// How sessions are remembered under [`Strategy::Sticky`]. Default: 10,000, each until it was
    /// idle for 10 min.
    pub sessions: TableLimits,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            strategy: Strategy::default(),
            recovery: None,
            sessions: TableLimits { most: 10_000, idle: Duration::from_mins(10) },
        }
    }
}

/// Whom a fleet tells of the rests that its calls find.
struct Teller(Box<dyn Fn(Scope, Duration) + Send + Sync>);

impl fmt::Debug for Teller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Teller")
    }
}

/// A call asks its supplier so often before it is refused.
const SUPPLY_TRIES: usize = 16;

/// All targets of one multiplexer.
#[derive(Debug)]
pub struct Fleet {
    state: Mutex<State>,
    /// Whom to tell of rests.
    teller: OnceLock<Teller>,
    /// What is lacked is granted while the one who lacks it is waking its supplier.
    is_supplied_at_once: AtomicBool,
}

impl Fleet {
    /// A fleet without targets.
    pub fn new(options: Options) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State::new(options)),
            teller: OnceLock::new(),
            is_supplied_at_once: AtomicBool::new(false),
        })
    }

    /// Adds a target behind those of its tier; none if the id is taken. If a domain that it
    /// shares rests, it rests too.
    pub fn add(&self, spec: TargetSpec) -> Option<TargetKey> {
        self.with(|state| state.add(spec))
    }

    /// Removes the target of this id; calls that it is answering go on. False if there is none.
    pub fn remove(&self, id: &str) -> bool {
        self.with(|state| state.remove(id))
    }

    /// Makes the fleet hold exactly `specs`, in their order. A target whose id stays keeps its
    /// handle, statistics, rest and calls in flight.
    ///
    /// # Errors
    /// The first id that occurs twice; the fleet is then unchanged.
    pub fn replace(&self, specs: Vec<TargetSpec>) -> Result<Vec<TargetKey>, String> {
        let mut seen = HashSet::new();
        if let Some(twice) = specs.iter().find(|spec| !seen.insert(spec.id.as_str())) {
            return Err(twice.id.clone());
        }
        Ok(self.with(|state| state.replace(specs)))
    }

    /// From now on a target is chosen like this where a wish does not say how.
    pub fn choose_by(&self, strategy: Strategy) {
        self.with(|state| state.choose_by(strategy));
    }

    /// Removes every target and forgets statistics, rests, sessions and ids; calls that wait are
    /// refused with [`Unavailable::Empty`].
    pub fn clear(&self) {
        self.with(|state| {
            state.send_away();
            state.clear();
        });
    }

    /// Leases an eligible target of the first tier that has one; never one of `wish.not`.
    ///
    /// # Errors
    /// Why there is none.
    pub fn lease(self: &Arc<Self>, moment: Moment, wish: Wish<'_>) -> Result<Lease, Unavailable> {
        let pick = || {
            self.with(|state| {
                let now = state.advance(moment.now);
                let picked = state.take(&wish, moment.draw, now);
                picked.ok_or_else(|| state.why_unavailable(now, &wish))
            })
        };
        let mut picked = pick();
        if self.is_supplied_at_once.load(Ordering::Relaxed) {
            // What was granted may have gone to another fleet before this one could use it.
            for _ in 0..SUPPLY_TRIES {
                if !matches!(picked, Err(Unavailable::AtCapacity(_))) {
                    break;
                }
                picked = pick();
            }
        }
        picked.map(|picked| Lease::new(Arc::clone(self), picked))
    }

    /// The same for a second attempt beside one at `beside`: a target that shares no key, account
    /// or provider with it.
    ///
    /// # Errors
    /// Why there is none.
    pub fn lease_apart(
        self: &Arc<Self>,
        moment: Moment,
        wish: Wish<'_>,
        beside: TargetKey,
    ) -> Result<Lease, Unavailable> {
        let not = self.with(|state| [wish.not, &state.kin(beside)].concat());
        self.lease(moment, Wish { not: &not, session: None, ..wish })
    }

    /// Leases this very target, also while it rests: who asks for it can ask no other.
    ///
    /// # Errors
    /// It is gone, or at capacity.
    pub fn lease_one(
        self: &Arc<Self>,
        now: Timestamp,
        key: TargetKey,
        estimate: Estimate,
    ) -> Result<Lease, Unavailable> {
        let picked = self.with(|state| {
            let now = state.advance(now);
            match state.targets.get(&key) {
                None => return Err(Unavailable::Empty),
                Some(target) if target.at_capacity() => return Err(Unavailable::AtCapacity(None)),
                Some(_) => {}
            }
            match state.shortage(key, estimate.total()) {
                Some(Shortage { until, .. }) => {
                    Err(Unavailable::AtCapacity(until.map(|until| until.since(now))))
                }
                None => Ok(state.hold(key, estimate, now)),
            }
        });
        picked.map(|picked| Lease::new(Arc::clone(self), picked))
    }

    /// True if [`Self::lease`] would find a target.
    pub fn can_lease(&self, now: Timestamp, wish: Wish<'_>) -> bool {
        self.with(|state| {
            let now = state.advance(now);
            state.find(&wish, 0.0, now).is_some()
        })
    }

    /// How long it is until the first of those that `wish` may have, and that rest, returns.
    pub fn first_return(&self, now: Timestamp, wish: Wish<'_>) -> Option<Duration> {
        self.with(|state| {
            let now = state.advance(now);
            state.first_return(&wish).map(|until| until.since(now))
        })
    }

    /// Leases a target as [`Self::lease`] does, or waits for the first that comes free before
    /// `patience` ends. For rests to end on time the host keeps it: see [`Self::sleep`].
    ///
    /// # Errors
    /// Why there is none, at once, if none can be free in time.
    pub fn wait(
        self: &Arc<Self>,
        moment: Moment,
        wish: Wish<'_>,
        patience: Patience,
    ) -> Result<Waiting, Unavailable> {
        let (ticket, picked) = self.with(|state| state.queue(moment, &wish, patience))?;
        Ok(Waiting::new(Arc::clone(self), ticket, picked))
    }

    /// How many calls wait.
    pub fn waiting(&self) -> usize {
        self.with(|state| state.room.len())
    }

    /// How long from the moment `told`, the fleet's time when it was told last, until the host has
    /// to call [`Self::wake_after`]; none while nobody waits. `waker` is woken, once, if it has to
    /// come earlier than this call has said. The fleet keeps it, so that what it wakes had better
    /// hold the fleet weakly.
    pub fn sleep(&self, waker: &Waker) -> (Timestamp, Option<Duration>) {
        self.with(|state| {
            let told = state.clock.last();
            let due = state.keep_time(waker.clone());
            (told, due.map(|due| state.clock.of_host(due).since(told)))
        })
    }

    /// Ends what time has ended, gives what that frees to those that wait, and refuses those that
    /// have waited long enough. It is so long `after` the moment `told` of [`Self::sleep`]: the host
    /// knows how much time has passed and not what its clock says meanwhile.
    pub fn wake_after(&self, told: Timestamp, after: Duration) {
        self.with(|state| {
            let now = state.clock.to_host(told.after(after));
            let now = state.advance(now);
            state.expire(now);
        });
    }

    /// Lets a target's domain rest for `span` from `now`; of two rests the later end counts.
    /// Returns when this one ends, by the host's clock. For rests that no lease has found; a lease
    /// has [`Lease::rest`], and [`Self::told_rest`] is for those that another fleet has found.
    pub fn rest(
        &self,
        key: TargetKey,
        domain: Domain,
        span: Duration,
        now: Timestamp,
    ) -> Timestamp {
        let tell = self.teller.get().filter(|_| domain != Domain::Request);
        let (until, scope) = self.with(|state| {
            let now = state.clock.tick(now);
            let until = state.rest(key, domain, span, now);
            let scope = tell.and_then(|_| state.scope_of_rest(key, domain));
            (state.clock.to_host(until), scope)
        });
        if let (Some(scope), Some(Teller(tell))) = (scope, tell) {
            tell(scope, span);
        }
        until
    }

    /// The number in a row that a failure of a target's domain would have now, from 1.
    pub fn failure_number(&self, key: TargetKey, domain: Domain, now: Timestamp) -> u32 {
        self.with(|state| {
            let now = state.clock.tick(now);
            state.failure_number(key, domain, now)
        })
    }

    /// Ends the rest of a target if it is the one that ends at `until`: for hosts whose timers say
    /// that the time is over before the clock does. False if it rests longer, or not at all.
    pub fn end_rest(&self, key: TargetKey, until: Timestamp) -> bool {
        self.with(|state| state.end_rest(key, until))
    }

    /// A target, with all that share its key by name, has been given another key: their rest, if
    /// it concerned the key, is over. Statistics and all other rests stay.
    pub fn change_key(&self, key: TargetKey) {
        self.with(|state| state.change_key(key));
    }

    /// Ends every rest at once, and forgets the failures in a row.
    pub fn end_all_rests(&self) {
        self.with(State::end_all_rests);
    }

    /// Statistics by id, the first tier first, each tier in the order of adding.
    pub fn stats(&self) -> Vec<(String, TargetStats)> {
        self.with(|state| {
            let targets = state.in_order();
            targets.map(|(_, target)| (target.spec.id.clone(), target.counters.stats)).collect()
        })
    }

    /// All that is known of each target, in the order of [`Self::stats`].
    pub fn report(&self, now: Timestamp) -> Vec<TargetReport> {
        self.with(|state| {
            let now = state.advance(now);
            state.report(now)
        })
    }

    /// Whether a call with this wish would be given each target now, and why not.
    pub fn explain(&self, now: Timestamp, wish: Wish<'_>) -> Vec<(TargetKey, Candidacy)> {
        self.with(|state| {
            state.advance(now);
            state.explain(&wish)
        })
    }

    /// True if there is a target that no call would be given now.
    pub fn someone_is_out(&self) -> bool {
        self.with(|state| state.askable < state.targets.len())
    }

    /// True while a target rests or is on its way back from a rest.
    pub fn anyone_rests(&self) -> bool {
        let state = self.lock();
        !state.resting.is_empty() || !state.passing.is_empty()
    }

    /// How many leases of this target are held; none if it is gone.
    pub fn in_flight(&self, id: &str) -> Option<u32> {
        self.with(|state| Some(state.targets.get(state.ids.get(id)?)?.in_flight))
    }

    /// What was told of this target when it was added; none if it is gone.
    pub fn spec(&self, key: TargetKey) -> Option<TargetSpec> {
        self.with(|state| state.targets.get(&key).map(|target| target.spec.clone()))
    }

    /// Counts an answered call as failed after all: for a reply that could not be read.
    pub fn take_back(&self, key: TargetKey) {
        self.count(key, |counters| {
            counters.take_back(Outcome::Truncated);
        });
    }

    fn count(&self, key: TargetKey, change: impl FnOnce(&mut Counters)) {
        self.with(|state| {
            if let Some(target) = state.targets.get_mut(&key) {
                change(&mut target.counters);
            }
        });
    }

    /// Works on the state, gives what has come free to those that wait, and wakes them when the
    /// lock is given back.
    fn with<R>(&self, work: impl FnOnce(&mut State) -> R) -> R {
        let mut state = self.lock();
        let result = work(&mut state);
        state.admit();
        state.tell_keeper();
        let woken = std::mem::take(&mut state.woken);
        let spent = std::mem::take(&mut state.spent);
        drop(state);
        drop(spent);
        for waker in woken {
            waker.wake();
        }
        result
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
