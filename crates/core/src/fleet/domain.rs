//! Failure domains: which targets a rest covers, and how often in a row each has failed. It does
//! not decide which domain an outcome concerns, nor how long the rest is.

use std::collections::{BTreeSet, HashMap};

use rustc_hash::FxHashMap;

use super::{TargetKey, TargetSpec};
use crate::clock::Timestamp;

/// A domain that several targets may share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct DomainId(u32);

/// Those of one target, in the order of [`crate::outcome::Domain`] without the target itself.
pub(super) type DomainIds = [Option<DomainId>; 5];

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Name {
    Model { provider: String, model: String },
    AccountModel { account: String, model: String },
    Key(String),
    Account(String),
    Provider(String),
}

/// Failures in a row. Calls that were under way together and fail together count once.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Failures {
    count: u32,
    last: Option<Timestamp>,
    rests_until: Option<Timestamp>,
}

impl Failures {
    /// The number that a failure now would have: 1 for the first after a success.
    pub(super) fn next(self, now: Timestamp) -> u32 {
        let together = self.count > 0 && self.rests_until.is_some_and(|before| now <= before);
        if together { self.count } else { self.count.saturating_add(1) }
    }

    pub(super) fn add(&mut self, now: Timestamp, until: Timestamp) {
        self.count = self.next(now);
        self.last = Some(now);
        self.rests_until = self.rests_until.max(Some(until));
    }

    /// A call that began at `taken` has succeeded: what failed since then is younger news.
    pub(super) fn reset(&mut self, taken: Timestamp) {
        if self.last.is_some_and(|last| last < taken) {
            self.count = 0;
        }
    }
}

/// A domain that has a name, and who shares it.
#[derive(Debug)]
pub(super) struct Shared {
    name: Name,
    members: BTreeSet<TargetKey>,
    pub(super) failures: Failures,
    /// The member whose probe decides for all that wait for the same return.
    pub(super) probe: Option<TargetKey>,
}

impl Shared {
    /// Who shares it.
    pub(super) fn members(&self) -> Vec<TargetKey> {
        self.members.iter().copied().collect()
    }
}

/// All domains that have a name.
#[derive(Debug, Default)]
pub(super) struct Domains {
    ids: HashMap<Name, DomainId>,
    shared: FxHashMap<DomainId, Shared>,
    last: u32,
}

impl Domains {
    /// Enters a target in the domains that its spec names.
    pub(super) fn join(&mut self, key: TargetKey, spec: &TargetSpec) -> DomainIds {
        let provider = spec.provider.clone();
        let account = spec.account.clone();
        let model =
            provider.clone().map(|provider| Name::Model { provider, model: spec.model.clone() });
        let of_account = account
            .clone()
            .map(|account| Name::AccountModel { account, model: spec.model.clone() });
        [
            model,
            of_account,
            spec.key.clone().map(Name::Key),
            account.map(Name::Account),
            provider.map(Name::Provider),
        ]
        .map(|name| name.map(|name| self.join_one(key, name)))
    }

    fn join_one(&mut self, key: TargetKey, name: Name) -> DomainId {
        let id = *self.ids.entry(name.clone()).or_insert_with(|| {
            self.last += 1;
            DomainId(self.last)
        });
        let shared = self.shared.entry(id).or_insert_with(|| Shared {
            name,
            members: BTreeSet::new(),
            failures: Failures::default(),
            probe: None,
        });
        shared.members.insert(key);
        id
    }

    /// Takes a target out of its domains; one without members is forgotten by [`Self::tidy`].
    pub(super) fn leave(&mut self, key: TargetKey, domains: DomainIds) {
        for id in domains.into_iter().flatten() {
            if let Some(shared) = self.shared.get_mut(&id) {
                shared.members.remove(&key);
            }
        }
    }

    /// Forgets those of `domains` that nobody shares any more.
    pub(super) fn tidy(&mut self, domains: DomainIds) {
        for id in domains.into_iter().flatten() {
            if self.shared.get(&id).is_some_and(|shared| shared.members.is_empty())
                && let Some(shared) = self.shared.remove(&id)
            {
                self.ids.remove(&shared.name);
            }
        }
    }

    /// Forgets all failures, and with them the rests that cover who joins.
    pub(super) fn forget_failures(&mut self) {
        for shared in self.shared.values_mut() {
            shared.failures = Failures::default();
        }
    }

    pub(super) fn get(&self, id: DomainId) -> Option<&Shared> {
        self.shared.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: DomainId) -> Option<&mut Shared> {
        self.shared.get_mut(&id)
    }

    /// The end of the latest rest that covers a target that joins now, and the domain it is of.
    pub(super) fn rest_of(
        &self,
        domains: DomainIds,
        now: Timestamp,
    ) -> Option<(Timestamp, DomainId)> {
        let until = |id: DomainId| self.get(id)?.failures.rests_until;
        domains
            .into_iter()
            .flatten()
            .filter_map(|id| Some((until(id)?, id)))
            .filter(|(until, _)| *until >= now)
            .max_by_key(|(until, _)| *until)
    }
}
