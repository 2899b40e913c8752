//! What calls spend: reserved when a target is picked, settled when its lease is over, and who is
//! closed meanwhile. The accounts themselves are [`crate::quota`]'s.

use super::domain::Shared;
use super::pick::Picked;
use super::quotas::{DOMAINS, Opened, ScopeId, Scopes};
use super::state::State;
use super::target::Target;
use super::wish::Wish;
use super::{TargetKey, Tokens};
use crate::clock::Timestamp;
use crate::outcome::Domain;
use crate::quota::{Estimate, Mark, Shortage, Time, Told};

/// A target whose accounts are short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Barred {
    /// When time ends it; none if only a store's grant can.
    pub(super) until: Option<Timestamp>,
    /// Calls of at most so many tokens fit, when this was last looked at; 0 if none does.
    pub(super) room: u64,
}

/// What a call holds of the accounts of its target.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reserved {
    scopes: Scopes,
    estimate: Estimate,
    mark: Mark,
    /// Tokens are limited.
    counts_tokens: bool,
}

impl Reserved {
    pub(super) fn counts_tokens(&self) -> bool {
        self.counts_tokens
    }

    pub(super) fn estimate(&self) -> Estimate {
        self.estimate
    }

    pub(super) fn scopes(&self) -> Scopes {
        self.scopes
    }
}

impl State {
    /// The moment for accounts.
    pub(super) fn time(&self) -> Time {
        Time::of(&self.clock)
    }

    /// Enters a target in its accounts. Those of its domains that share one opened by it now are
    /// told by [`Self::share_accounts`].
    pub(super) fn join_accounts(&mut self, key: TargetKey, target: &Target) -> (Scopes, Opened) {
        let Self { quotas, domains, clock, .. } = self;
        let members = |domain: Domain| {
            let shared = target.shared(domain).and_then(|id| domains.get(id));
            let mut members = shared.map(Shared::members).unwrap_or_default();
            members.retain(|member| *member != key);
            members
        };
        let joined = quotas.join(key, &target.spec, members, Time::of(clock));
        self.keep_dropped();
        joined
    }

    pub(super) fn share_accounts(&mut self, opened: Opened) {
        for (domain, id, members) in opened {
            let Some(place) = DOMAINS.iter().position(|one| *one == domain) else { continue };
            for member in members {
                if let Some(target) = self.targets.get_mut(&member) {
                    target.scopes[place] = Some(id);
                }
            }
        }
    }

    /// Why a call of so many tokens does not fit in a target's accounts; none if it does.
    pub(super) fn shortage(&mut self, key: TargetKey, tokens: u64) -> Option<Shortage> {
        let time = self.time();
        let target = self.targets.get_mut(&key)?;
        let scopes = target.scopes;
        let mut found = target.learned.shortage(tokens, time.now);
        for id in scopes.into_iter().flatten() {
            let Some(account) = self.quotas.get_mut(id) else { continue };
            if let Some(here) = account.ledger.shortage(tokens, time) {
                found = Some(found.map_or(here, |before| before.and(here)));
            }
        }
        found
    }

    /// True if the call fits. A target in which it does not is closed, or left to calls that want
    /// less, until its accounts have more.
    pub(super) fn fits(&mut self, key: TargetKey, tokens: u64) -> bool {
        let Some(shortage) = self.shortage(key, tokens) else { return true };
        let time = self.time();
        let scopes = self.targets.get(&key).map(|target| target.scopes).unwrap_or_default();
        for id in scopes.into_iter().flatten() {
            if let Some(account) = self.quotas.get_mut(id) {
                account.ledger.miss(tokens);
                if account.ledger.is_low(time) {
                    self.woken.extend(self.supplier.take());
                }
            }
        }
        // Less than this call, or it would be asked again.
        let room = shortage.room.min(tokens.saturating_sub(1));
        self.bar(key, Some(Barred { until: shortage.until, room }));
        false
    }

    /// Nobody can be asked: what the call lacks of accounts that a store supplies is noted.
    pub(super) fn note_want(&mut self, wish: &Wish<'_>) {
        if !self.quotas.is_granted() {
            return;
        }
        let (time, tokens) = (self.time(), wish.estimate.total());
        let Self { quotas, targets, woken, supplier, .. } = self;
        for account in quotas.iter_mut().filter(|account| !account.barred.is_empty()) {
            let admits =
                |key: &TargetKey| targets.get(key).is_some_and(|target| wish.admits(*key, target));
            if account.barred.iter().any(admits) && account.ledger.shortage(tokens, time).is_some()
            {
                account.ledger.miss(tokens);
                woken.extend(supplier.take());
            }
        }
    }

    /// Enters a call in the accounts of its target.
    pub(super) fn reserve(&mut self, key: TargetKey, estimate: Estimate) -> Reserved {
        let time = self.time();
        let Some(target) = self.targets.get_mut(&key) else { return Reserved::default() };
        let mark = target.learned.take(estimate.total());
        let scopes = target.scopes;
        let (mut empty, mut counts_tokens) = (Scopes::default(), false);
        for (id, empty) in scopes.into_iter().zip(&mut empty) {
            let Some(account) = id.and_then(|id| self.quotas.get_mut(id)) else { continue };
            counts_tokens |= account.ledger.counts_tokens();
            if account.ledger.take(estimate.total(), time) {
                *empty = id;
            }
            if account.ledger.is_low(time) {
                self.woken.extend(self.supplier.take());
            }
        }
        for id in empty.into_iter().flatten() {
            self.review_members(id);
        }
        self.weigh(key, scopes);
        Reserved { scopes, estimate, mark, counts_tokens }
    }

    /// Gives back what a call holds that did not happen: no byte of it was written.
    pub(super) fn refund(&mut self, picked: &Picked) {
        let Reserved { scopes, estimate, .. } = picked.reserved;
        if let Some(target) = self.targets.get_mut(&picked.key) {
            target.learned.put_back(1, estimate.total(), picked.taken);
        }
        let time = self.time();
        for id in scopes.into_iter().flatten() {
            let Some(account) = self.quotas.get_mut(id) else { continue };
            account.ledger.refund(estimate.total(), picked.taken, time);
            self.review_barred(id);
        }
        self.weigh(picked.key, scopes);
    }

    /// Counts the success of a call, and ends the row of failures that was there before it.
    pub(super) fn succeed(&mut self, picked: &Picked) {
        if let Some(target) = self.targets.get_mut(&picked.key) {
            target.counters.stats.success += 1;
        }
        self.reset_failures(picked.key, picked.taken);
    }

    /// Counts the tokens of a call that is over, as reported, else as estimated.
    pub(super) fn settle(&mut self, picked: &Picked, reported: Option<Tokens>, estimated: Tokens) {
        let tokens = reported.unwrap_or(estimated);
        if let Some(Target { counters, .. }) = self.targets.get_mut(&picked.key) {
            let of =
                if reported.is_some() { &mut counters.tokens } else { &mut counters.estimated };
            of.add(tokens);
        }
        self.settle_tokens(picked, tokens.input.saturating_add(tokens.output));
    }

    /// Enters what a call has used in place of what was expected.
    fn settle_tokens(&mut self, picked: &Picked, used: u64) {
        let Reserved { scopes, estimate, counts_tokens, .. } = picked.reserved;
        let reserved = estimate.total();
        if let Some(target) = self.targets.get_mut(&picked.key) {
            target.learned.put_back(0, reserved.saturating_sub(used), picked.taken);
        }
        if used == reserved || !counts_tokens {
            return;
        }
        let time = self.time();
        for id in scopes.into_iter().flatten() {
            let Some(account) = self.quotas.get_mut(id) else { continue };
            if account.ledger.settle(reserved, used, picked.taken, time) {
                self.review_members(id);
            } else if used < reserved {
                self.review_barred(id);
            }
        }
        self.weigh(picked.key, scopes);
    }

    /// The answer to a call has told of its target's limits.
    pub(super) fn learn(&mut self, picked: &Picked, told: &[Told]) {
        let now = self.clock.last();
        let Some(target) = self.targets.get_mut(&picked.key) else { return };
        for told in told {
            target.learned.learn(*told, picked.reserved.mark, now);
        }
        self.review(picked.key);
        self.weigh(picked.key, Scopes::default());
    }

    /// Looks again at those whom a short account has barred. Costs nothing while it is empty.
    pub(super) fn review_barred(&mut self, id: ScopeId) {
        let time = self.time();
        let Some(account) = self.quotas.get_mut(id) else { return };
        if account.barred.is_empty() || account.ledger.shortage(1, time).is_some() {
            return;
        }
        for key in account.barred.iter().copied().collect::<Vec<_>>() {
            self.review(key);
        }
    }

    /// Looks again at all members of an account that has changed or is empty: O(k log n) for k
    /// members, when it becomes empty and when it has more.
    pub(super) fn review_members(&mut self, id: ScopeId) {
        let Some(account) = self.quotas.get_mut(id) else { return };
        for key in account.members.iter().copied().collect::<Vec<_>>() {
            self.review(key);
        }
    }

    /// Closes or opens a target as its accounts are now.
    pub(super) fn review(&mut self, key: TargetKey) {
        let shortage = self.shortage(key, 1);
        let barred = shortage.map(|Shortage { until, .. }| Barred { until, room: 0 });
        self.bar(key, barred);
    }

    pub(super) fn bar(&mut self, key: TargetKey, after: Option<Barred>) {
        let Some(target) = self.targets.get_mut(&key) else { return };
        let before = std::mem::replace(&mut target.barred, after);
        if before == after {
            return;
        }
        let scopes = target.scopes;
        if let Some(until) = before.and_then(|barred| barred.until) {
            self.barring.remove(&(until, key));
        }
        if let Some(until) = after.and_then(|barred| barred.until) {
            self.barring.insert((until, key));
        }
        if before.is_some() != after.is_some() {
            for id in scopes.into_iter().flatten() {
                let Some(account) = self.quotas.get_mut(id) else { continue };
                if after.is_some() {
                    account.barred.insert(key);
                } else {
                    account.barred.remove(&key);
                }
            }
        }
        self.refresh(key);
    }

    /// Opens those whose windows have turned.
    pub(super) fn turn_windows(&mut self, now: Timestamp) {
        while let Some(&(turns, key)) = self.turning.first()
            && turns <= now
        {
            self.weigh_one(key);
        }
        while let Some(&(until, key)) = self.barring.first()
            && until <= now
        {
            self.review(key);
            // A window may have been prolonged: it is looked at again when that ends.
            let again = self.barring.remove(&(until, key));
            if again && let Some(target) = self.targets.get_mut(&key) {
                let later = now.after(std::time::Duration::from_millis(1));
                target.barred = target.barred.map(|barred| Barred { until: Some(later), ..barred });
                self.barring.insert((later, key));
            }
        }
    }
}
