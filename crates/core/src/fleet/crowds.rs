//! Calls under way at all that share a key, an account, a model or a provider: each holds a slot of
//! these accounts beside its target's own, and who shares a full one is closed until it is not.

use super::TargetKey;
use super::quotas::{Account, ScopeId, Scopes};
use super::state::State;

impl State {
    /// Holds a slot of each account.
    pub(super) fn occupy(&mut self, scopes: Scopes) {
        for id in scopes.into_iter().flatten() {
            if self.quotas.get_mut(id).is_some_and(Account::occupy) {
                self.crowd_members(id);
            }
        }
    }

    /// Gives it back.
    pub(super) fn vacate(&mut self, scopes: Scopes) {
        for id in scopes.into_iter().flatten() {
            if self.quotas.get_mut(id).is_some_and(Account::vacate) {
                self.crowd_members(id);
            }
        }
    }

    /// A target has been entered in its accounts, and may have changed what they take. True if it
    /// has.
    pub(super) fn review_turned(&mut self, key: TargetKey) -> bool {
        self.crowd(key);
        let turned = std::mem::take(&mut self.quotas.turned);
        for id in &turned {
            self.review_members(*id);
            self.crowd_members(*id);
        }
        !turned.is_empty()
    }

    /// Closes or opens the members of an account that has become full, or no longer is: O(k log n)
    /// for k members.
    fn crowd_members(&mut self, id: ScopeId) {
        let Some(account) = self.quotas.get_mut(id) else { return };
        for key in account.members.iter().copied().collect::<Vec<_>>() {
            self.crowd(key);
        }
    }

    fn crowd(&mut self, key: TargetKey) {
        let Some(target) = self.targets.get_mut(&key) else { return };
        let mut scopes = target.scopes.into_iter().flatten();
        let is_crowded =
            scopes.any(|id| self.quotas.get_mut(id).is_some_and(|account| account.is_full()));
        if is_crowded != target.is_crowded {
            self.update(key, |target| target.is_crowded = is_crowded);
        }
    }
}
