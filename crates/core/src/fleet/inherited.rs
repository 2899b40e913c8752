//! What is known of targets from elsewhere: told by other fleets while they run, or kept from an
//! earlier process. What is of a target that is not there yet waits for it.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::quotas::scope_of;
use super::state::State;
use super::{Fleet, TargetKey, TargetSpec, Teller};
use crate::clock::Timestamp;
use crate::outcome::Domain;
use crate::quota::{Scope, Spending, Window};
use crate::state::{Latency, Snapshot};

/// No rest that is told is longer, whatever a clock elsewhere shows.
const LONGEST: Duration = Duration::from_hours(24);

/// What waits for its targets.
#[derive(Debug, Default)]
pub(super) struct Inherited {
    /// Ends by the fleet's time.
    rests: HashMap<Scope, Timestamp>,
    spending: Vec<Spending>,
    latencies: HashMap<String, Latency>,
}

/// True if a target with this spec is one of a scope's.
fn is_of(spec: &TargetSpec, scope: &Scope) -> bool {
    let name = scope.name.as_str();
    match scope.domain {
        Domain::Request => false,
        Domain::Target => spec.id == name,
        Domain::Model => {
            let model = spec.provider.as_deref().and_then(|provider| name.strip_prefix(provider));
            model.and_then(|rest| rest.strip_prefix('/')) == Some(spec.model.as_str())
        }
        Domain::Key => spec.key.as_deref() == Some(name),
        Domain::Account => spec.account.as_deref() == Some(name),
        Domain::Provider => spec.provider.as_deref() == Some(name),
    }
}

impl State {
    /// The scope of a rest, in names that others know.
    pub(super) fn scope_of_rest(&self, key: TargetKey, domain: Domain) -> Option<Scope> {
        let target = self.targets.get(&key)?;
        let shared = target.shared(domain).map(|_| domain);
        Some(scope_of(&target.spec, shared.unwrap_or(Domain::Target)))
    }

    fn told_rest(&mut self, scope: &Scope, until: Timestamp) {
        let now = self.clock.last();
        let mut targets = self.targets.iter();
        let member = targets.find(|(_, target)| is_of(&target.spec, scope)).map(|(key, _)| *key);
        if let Some(key) = member {
            self.rest(key, scope.domain, until.since(now), now);
        } else {
            let rests = &mut self.inherited.rests;
            rests.retain(|_, end| *end > now);
            let end = rests.entry(scope.clone()).or_insert(until);
            *end = until.max(*end);
        }
    }

    /// What was spent of limits that are declared no longer waits for them until its window ends.
    pub(super) fn keep_dropped(&mut self) {
        let dropped = std::mem::take(&mut self.quotas.dropped);
        if dropped.is_empty() {
            return;
        }
        let Self { inherited, clock, .. } = self;
        let now = clock.to_host(clock.last());
        inherited.spending.retain(|spending| spending.window.end > now);
        let to_host = |spending: Spending| {
            let Window { start, end } = spending.window;
            let window = Window { start: clock.to_host(start), end: clock.to_host(end) };
            Spending { window, ..spending }
        };
        inherited.spending.extend(dropped.into_iter().map(to_host));
    }

    /// Gives a target that has come what waits for it.
    pub(super) fn take_over(&mut self, key: TargetKey) {
        let Some(target) = self.targets.get_mut(&key) else { return };
        let spec = &target.spec;
        if let Some(known) = self.inherited.latencies.remove(&spec.id) {
            target.first_token.restore(known.mean, self.clock.of_host(known.measured));
        }
        let rests = &mut self.inherited.rests;
        let told: Vec<_> = rests.extract_if(|scope, _| is_of(spec, scope)).collect();
        for (scope, until) in told {
            self.told_rest(&scope, until);
        }
        let known = |spending: &mut Spending| self.quotas.limits(&spending.scope, spending.meter);
        let spent: Vec<_> = self.inherited.spending.extract_if(.., known).collect();
        for spending in spent {
            self.restore(&spending);
        }
    }

    /// Who rests until when, by the host's clock.
    fn rests(&self) -> HashMap<Scope, Timestamp> {
        let mut rests = self.inherited.rests.clone();
        for &(until, key) in &self.resting {
            let Some(target) = self.targets.get(&key) else { continue };
            let shared = target.rest_is_of().and_then(|cause| {
                let of = |domain: &Domain| target.shared(*domain) == Some(cause);
                [Domain::Model, Domain::Key, Domain::Account, Domain::Provider].into_iter().find(of)
            });
            let scope = scope_of(&target.spec, shared.unwrap_or(Domain::Target));
            let end = rests.entry(scope).or_insert(until);
            *end = until.max(*end);
        }
        let told = |(scope, until)| (scope, self.clock.to_host(until));
        rests.into_iter().map(told).collect()
    }
}

impl Fleet {
    /// Lets all targets of a scope rest for `span` from `now`, also those that come later: as
    /// another fleet has told. That is told to nobody.
    pub fn told_rest(&self, scope: &Scope, span: Duration, now: Timestamp) {
        self.with(|state| {
            let until = state.clock.tick(now).after(span.min(LONGEST));
            state.told_rest(scope, until);
        });
    }

    /// Has `tell` called, without a lock, with every rest that a call of this fleet has found.
    /// Only the first one counts.
    pub fn on_rest(&self, tell: impl Fn(Scope, Duration) + Send + Sync + 'static) {
        let is_first = self.teller.set(Teller(Box::new(tell))).is_ok();
        debug_assert!(is_first, "a fleet has one store");
    }

    /// Takes up what an earlier process has left.
    pub fn inherit(&self, snapshot: Snapshot, now: Timestamp) {
        self.with(|state| {
            let now = state.clock.tick(now);
            for (scope, until) in snapshot.rests {
                let until = state.clock.of_host(until).min(now.after(LONGEST));
                if until > now {
                    state.told_rest(&scope, until);
                }
            }
            let latencies = snapshot.latencies.into_iter();
            let by_target = latencies.map(|latency| (latency.target.clone(), latency));
            state.inherited.latencies.extend(by_target);
            state.inherited.spending.extend(snapshot.spending);
            let keys: Vec<_> = state.targets.keys().copied().collect();
            for key in keys {
                state.take_over(key);
            }
        });
    }

    /// What outlives this process.
    pub fn snapshot(&self, now: Timestamp) -> Snapshot {
        let spending = self.spending(now);
        self.with(|state| {
            let mut rests: Vec<_> = state.rests().into_iter().collect();
            rests.sort();
            let waiting = state.inherited.spending.iter().filter(|of| of.window.end > now);
            let spending = spending.into_iter().filter(|of| of.used > 0).chain(waiting.cloned());
            let of_target = state.in_order().filter_map(|(_, target)| {
                let (mean, measured) = target.first_token.sample()?;
                let measured = state.clock.to_host(measured);
                Some(Latency { target: target.spec.id.clone(), mean, measured })
            });
            let latencies = of_target.chain(state.inherited.latencies.values().cloned());
            let (spending, latencies) = (spending.collect(), latencies.collect());
            Snapshot { rests, spending, latencies }
        })
    }

    /// Says that the store has granted what a call lacks when its waker returns.
    pub(crate) fn supply_at_once(&self) {
        self.is_supplied_at_once.store(true, Ordering::Relaxed);
    }

    /// Has all limits, also those to come, supplied by grants of a store.
    pub fn supply_by_grants(&self, now: Timestamp) {
        self.with(|state| {
            state.advance(now);
            let time = state.time();
            state.quotas.supply_by_grants(time);
            let keys: Vec<_> = state.targets.keys().copied().collect();
            for key in keys {
                state.review(key);
            }
        });
    }
}
