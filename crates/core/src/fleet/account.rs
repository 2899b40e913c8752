//! To which account a target belongs, and from which account an id has come. It does not decide
//! which of a request's members are such ids ([`crate::policy::Replay`]).

use std::sync::Arc;
use std::time::Duration;

use super::recent::TableLimits;
use super::target::Target;
use super::{Fleet, TargetKey, TargetSpec};

/// An account, by the name that its targets were given. A target without one belongs to the
/// account of its key; one without either has an account to itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Account {
    /// [`TargetSpec::account`]
    Named(Arc<str>),
    /// [`TargetSpec::key`]
    OfKey(Arc<str>),
    /// The target itself.
    OfTarget(TargetKey),
}

impl Account {
    pub(super) fn of(key: TargetKey, spec: &TargetSpec) -> Self {
        let name = |name: &String| Arc::from(name.as_str());
        let named = spec.account.as_ref().map(|account| Self::Named(name(account)));
        let of_key = || spec.key.as_ref().map(|key| Self::OfKey(name(key)));
        named.or_else(of_key).unwrap_or(Self::OfTarget(key))
    }
}

/// Where an id has come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The target that told it.
    pub target: TargetKey,
    /// The account that knows it.
    pub account: Account,
}

/// Ids that answers have told: the 10,000 used last, each for 30 days, which is how long `OpenAI`
/// keeps a response.
pub(super) const ORIGINS: TableLimits =
    TableLimits { most: 10_000, idle: Duration::from_hours(30 * 24) };

impl Fleet {
    /// Remembers that `id` has come from this target, as of the moment that was told last. Nothing
    /// is remembered of one that is gone.
    pub fn remember(&self, id: &str, key: TargetKey) {
        self.with(|state| {
            let now = state.clock.last();
            let Some(account) = state.targets.get(&key).map(|target| target.account.clone()) else {
                return;
            };
            state.origins.put(id, Origin { target: key, account }, now);
        });
    }

    /// True if anything is remembered: otherwise no id is known, and none need be looked for.
    pub fn remembers(&self) -> bool {
        self.with(|state| !state.origins.is_empty())
    }

    /// Where an id has come from, if that is known. Being asked for keeps it from being forgotten.
    pub fn origin(&self, id: &str) -> Option<Origin> {
        self.with(|state| {
            let now = state.clock.last();
            let origin = state.origins.get(id, now)?.clone();
            state.origins.put(id, origin.clone(), now);
            Some(origin)
        })
    }

    /// The account of a target; none if it is gone.
    pub fn account_of(&self, key: TargetKey) -> Option<Account> {
        self.with(|state| state.targets.get(&key).map(|target| target.account.clone()))
    }

    /// The ids of an account's targets, the first tier first, each tier in the order of adding.
    pub fn targets_of(&self, account: &Account) -> Vec<String> {
        let is_of = |target: &Target| target.account == *account;
        self.with(|state| {
            let of_account = state.in_order().filter(|(_, target)| is_of(target));
            of_account.map(|(_, target)| target.spec.id.clone()).collect()
        })
    }
}
