//! What a store of accounts needs of a fleet: what was spent, for a file; where counters have from
//! what they may spend, and what they lack, for limits that several processes share. It stores
//! nothing itself.

use std::task::Waker;

use super::Fleet;
use super::quotas::ScopeId;
use super::state::State;
use crate::clock::Timestamp;
use crate::quota::{Demand, Grant, Meter, Scope, Spending, Window};

impl State {
    /// Takes up what was spent of a limit before this process began.
    pub(super) fn restore(&mut self, spending: &Spending) {
        let Spending { scope, meter, window: Window { start, end }, used } = spending;
        let Some(id) = self.quotas.id(scope) else { return };
        let time = self.time();
        let window = Window { start: self.clock.of_host(*start), end: self.clock.of_host(*end) };
        if let Some(account) = self.quotas.get_mut(id) {
            account.ledger.restore(*meter, window, *used, time);
        }
        self.review_members(id);
    }
}

impl Fleet {
    /// What was spent of every limit in its window. Empty of limits that are supplied by grants:
    /// who granted has counted.
    pub fn spending(&self, now: Timestamp) -> Vec<Spending> {
        self.with(|state| {
            state.advance(now);
            let time = state.time();
            let State { quotas, clock, .. } = state;
            let spending = quotas.iter_mut().flat_map(|account| {
                let spent = account.ledger.spending(time);
                let scope = account.scope.clone();
                spent
                    .into_iter()
                    .map(move |(meter, window, used)| (scope.clone(), meter, window, used))
            });
            let told = spending.map(|(scope, meter, Window { start, end }, used)| {
                let window = Window { start: clock.to_host(start), end: clock.to_host(end) };
                Spending { scope, meter, window, used }
            });
            told.collect()
        })
    }

    /// Adds a slice, whose moments are by the host's clock, to a limit that is supplied by grants.
    /// Calls that wait for it are served. False if there is no such limit: the slice is to be
    /// given back.
    pub fn grant(&self, scope: &Scope, meter: Meter, grant: Grant, now: Timestamp) -> bool {
        self.with_account(scope, now, |state, id| {
            let Grant { window: Window { start, end }, amount, expires } = grant;
            let clock = &state.clock;
            let window = Window { start: clock.of_host(start), end: clock.of_host(end) };
            let grant = Grant { window, amount, expires: clock.of_host(expires) };
            let account = state.quotas.get_mut(id)?;
            account.ledger.grant(meter, grant).then_some(())
        })
        .flatten()
        .is_some()
    }

    /// Takes unspent slices out of the hand but `keep` of what may be spent now: what is to be
    /// given back to the store. Moments are by the host's clock.
    pub fn give_up(&self, scope: &Scope, meter: Meter, keep: u64, now: Timestamp) -> Vec<Grant> {
        let given = self.with_account(scope, now, |state, id| {
            let time = state.time();
            let account = state.quotas.get_mut(id);
            let given = account.map(|account| account.ledger.give_up(meter, keep, time));
            let to_host = |grant: Grant| {
                let Window { start, end } = grant.window;
                let clock = &state.clock;
                let window = Window { start: clock.to_host(start), end: clock.to_host(end) };
                Grant { window, expires: clock.to_host(grant.expires), ..grant }
            };
            given.unwrap_or_default().into_iter().map(to_host).collect::<Vec<_>>()
        });
        given.unwrap_or_default()
    }

    /// The limits supplied by grants that have spent half of the last one, or have refused a call.
    /// `waker` is woken, once, when the next one has: also where slices expired unused, by the
    /// first call that finds them gone.
    pub fn demands(&self, now: Timestamp, waker: &Waker) -> Vec<Demand> {
        self.with(|state| {
            state.advance(now);
            let time = state.time();
            state.spent.extend(state.supplier.replace(waker.clone()));
            let demands = state.quotas.iter_mut().flat_map(|account| {
                let low = account.ledger.low(time);
                let scope = account.scope.clone();
                low.into_iter().map(move |(meter, limit, [in_hand, spent, missed])| Demand {
                    scope: scope.clone(),
                    meter,
                    limit,
                    in_hand,
                    spent,
                    missed,
                })
            });
            demands.collect()
        })
    }

    /// Works on an account; its members are looked at anew.
    fn with_account<R>(
        &self,
        scope: &Scope,
        now: Timestamp,
        work: impl FnOnce(&mut State, ScopeId) -> R,
    ) -> Option<R> {
        self.with(|state| {
            state.advance(now);
            let id = state.quotas.id(scope)?;
            let result = work(state, id);
            state.review_members(id);
            Some(result)
        })
    }
}
