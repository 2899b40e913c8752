//! How much of its scarcest limit each target has spent: what the strategy `least-used` goes by.
//! Kept only under that strategy.

use super::quotas::Scopes;
use super::state::State;
use super::{Strategy, TargetKey};
use crate::clock::Timestamp;

impl State {
    /// Notes how much of a target's limits is spent, where the strategy goes by that: of the
    /// target itself and of all that share an account with it, O(k log n) for k of them.
    pub(super) fn weigh(&mut self, key: TargetKey, scopes: Scopes) {
        if self.options.strategy != Strategy::LeastUsed {
            return;
        }
        self.weigh_one(key);
        for id in scopes.into_iter().flatten() {
            let Some(account) = self.quotas.get_mut(id) else { continue };
            if account.members.len() > 1 {
                for member in account.members.iter().copied().collect::<Vec<_>>() {
                    self.weigh_one(member);
                }
            }
        }
    }

    pub(super) fn weigh_one(&mut self, key: TargetKey) {
        let time = self.time();
        let Some(target) = self.targets.get_mut(&key) else { return };
        target.learned.forget(time.now);
        let (mut left, mut turns) = (target.learned.left(), target.learned.resets());
        for id in target.scopes.into_iter().flatten() {
            let Some(account) = self.quotas.get_mut(id) else { continue };
            left = left.min(account.ledger.left(time));
            turns = account.ledger.turns(time).into_iter().chain(turns).min();
        }
        target.usage = ((1.0 - left) * 1e6) as u32;
        self.set_turn(key, turns.filter(|turns| *turns > time.now));
        self.refresh(key);
    }

    pub(super) fn set_turn(&mut self, key: TargetKey, turns: Option<Timestamp>) {
        let Some(target) = self.targets.get_mut(&key) else { return };
        if let Some(before) = std::mem::replace(&mut target.turns, turns) {
            self.turning.remove(&(before, key));
        }
        self.turning.extend(turns.map(|turns| (turns, key)));
    }
}
