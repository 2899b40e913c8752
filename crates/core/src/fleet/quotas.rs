//! The accounts of a fleet: whose limits there are, and which targets share them. It does not
//! decide when a target is closed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::num::NonZeroU32;

use super::{TargetKey, TargetSpec};
use crate::outcome::Domain;
use crate::quota::{Ledger, Limits, Meter, Scope, Spending, Time};

/// An account's number, never used again in its fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ScopeId(NonZeroU32);

/// The accounts that a target's calls are entered in, in the order of [`DOMAINS`].
pub(super) type Scopes = [Option<ScopeId>; 5];

/// Accounts that were opened, with those who share them from now on.
pub(super) type Opened = Vec<(Domain, ScopeId, Vec<TargetKey>)>;

/// What can have limits.
pub(super) const DOMAINS: [Domain; 5] =
    [Domain::Target, Domain::Model, Domain::Key, Domain::Account, Domain::Provider];

/// An account, and who shares it.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) scope: Scope,
    pub(super) ledger: Ledger,
    pub(super) members: BTreeSet<TargetKey>,
    /// Members that are closed, or pass calls over, because an account of theirs is short.
    pub(super) barred: BTreeSet<TargetKey>,
    /// How many calls of members may be under way at a time; none is without limit.
    concurrent: Option<NonZeroU32>,
    /// Calls under way that began while there was this account.
    in_flight: u32,
}

impl Account {
    /// True if as many calls are under way as there may be.
    pub(super) fn is_full(&self) -> bool {
        self.concurrent.is_some_and(|most| self.in_flight >= most.get())
    }

    /// A call begins; true if the account is full by it.
    pub(super) fn occupy(&mut self) -> bool {
        let was_full = self.is_full();
        self.in_flight += 1;
        !was_full && self.is_full()
    }

    /// A call is over; true if the account is no longer full by that.
    pub(super) fn vacate(&mut self) -> bool {
        let was_full = self.is_full();
        self.in_flight = self.in_flight.saturating_sub(1);
        was_full && !self.is_full()
    }
}

/// All accounts.
#[derive(Debug, Default)]
pub(super) struct Quotas {
    /// By number; those that are gone leave a gap.
    accounts: Vec<Option<Box<Account>>>,
    ids: HashMap<Scope, ScopeId>,
    /// Without members, kept because something of them is spent.
    left: BTreeSet<ScopeId>,
    /// Whose limits have been changed, or whose number of calls at a time.
    pub(super) turned: Vec<ScopeId>,
    /// What was spent of limits that are declared no longer, by the fleet's clock.
    pub(super) dropped: Vec<Spending>,
    /// A store grants what may be spent.
    is_granted: bool,
    /// So many numbers were used before [`Self::cleared`].
    used: u32,
}

/// The scope of a target in this domain; one that it has to itself if it names none.
pub(super) fn scope_of(spec: &TargetSpec, domain: Domain) -> Scope {
    let name = match domain {
        Domain::Request | Domain::Target => Some(spec.id.clone()),
        Domain::Model => spec.provider.as_ref().map(|name| format!("{name}/{}", spec.model)),
        Domain::Key => spec.key.clone(),
        Domain::Account => spec.account.clone(),
        Domain::Provider => spec.provider.clone(),
    };
    Scope { domain, name: name.unwrap_or_else(|| format!("of {}", spec.id)) }
}

impl Quotas {
    /// True if nothing is limited.
    pub(super) fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Opens the accounts whose limits a target declares, or changes their limits, and enters the
    /// target in all that it belongs to. `members` are those that a domain has already, who share
    /// an account that is opened now: they are returned with it.
    pub(super) fn join(
        &mut self,
        key: TargetKey,
        spec: &TargetSpec,
        members: impl Fn(Domain) -> Vec<TargetKey>,
        time: Time,
    ) -> (Scopes, Opened) {
        let mut opened = Vec::new();
        if self.is_empty() && spec.limits.is_empty() && spec.concurrent.is_empty() {
            return (Scopes::default(), opened);
        }
        let scopes = DOMAINS.map(|domain| {
            let scope = scope_of(spec, domain);
            let known = self.ids.get(&scope).copied();
            let (limits, concurrent) = (spec.limits.get(&domain), spec.concurrent.get(&domain));
            let id = match known {
                Some(id) => {
                    // Who left has taken along what nobody declares who is there.
                    let is_deserted = self.get_mut(id)?.members.is_empty();
                    if limits.is_some() || is_deserted {
                        self.limit(id, limits.unwrap_or(&Limits::new()), time);
                    }
                    if concurrent.is_some() || is_deserted {
                        self.limit_concurrent(id, concurrent.copied());
                    }
                    id
                }
                None if limits.is_none() && concurrent.is_none() => return None,
                None => {
                    let others = members(domain);
                    let id = self.open(scope, limits, &others, time);
                    self.limit_concurrent(id, concurrent.copied());
                    opened.push((domain, id, others));
                    id
                }
            };
            self.left.remove(&id);
            self.get_mut(id)?.members.insert(key);
            Some(id)
        });
        (scopes, opened)
    }

    /// All targets are going to be those of `specs`: what they name and none of them limits is
    /// limited no longer.
    pub(super) fn undeclare(&mut self, specs: &[TargetSpec], time: Time) {
        if self.is_empty() {
            return;
        }
        let mut declared: BTreeMap<ScopeId, (bool, bool)> = BTreeMap::new();
        for (spec, domain) in specs.iter().flat_map(|spec| DOMAINS.map(|domain| (spec, domain))) {
            let Some(id) = self.id(&scope_of(spec, domain)) else { continue };
            let (limits, concurrent) = declared.entry(id).or_default();
            *limits |= spec.limits.contains_key(&domain);
            *concurrent |= spec.concurrent.contains_key(&domain);
        }
        for (id, (limits, concurrent)) in declared {
            if !limits {
                self.limit(id, &Limits::new(), time);
            }
            if !concurrent {
                self.limit_concurrent(id, None);
            }
        }
    }

    fn limit(&mut self, id: ScopeId, limits: &Limits, time: Time) {
        let Some(account) = self.get_mut(id) else { return };
        if account.ledger.has_limits(limits) {
            return;
        }
        let spent = account.ledger.set_limits(limits, time);
        let scope = account.scope.clone();
        self.turned.push(id);
        let spent = spent.into_iter();
        let of_scope =
            |(meter, window, used)| Spending { scope: scope.clone(), meter, window, used };
        self.dropped.extend(spent.map(of_scope));
    }

    fn limit_concurrent(&mut self, id: ScopeId, most: Option<NonZeroU32>) {
        let Some(account) = self.get_mut(id) else { return };
        let was_full = account.is_full();
        account.concurrent = most;
        if account.is_full() != was_full {
            self.turned.push(id);
        }
    }

    /// Has all accounts, also those to come, supplied by grants.
    pub(super) fn supply_by_grants(&mut self, time: Time) {
        self.is_granted = true;
        self.iter_mut().for_each(|account| account.ledger.supply_by_grants(time));
    }

    /// The same without accounts.
    pub(super) fn cleared(&self) -> Self {
        let used = self.used.saturating_add(self.accounts.len() as u32);
        Self { is_granted: self.is_granted, used, ..Self::default() }
    }

    /// True if a store grants what may be spent.
    pub(super) fn is_granted(&self) -> bool {
        self.is_granted
    }

    fn open(
        &mut self,
        scope: Scope,
        limits: Option<&Limits>,
        members: &[TargetKey],
        time: Time,
    ) -> ScopeId {
        let before = self.used.saturating_add(self.accounts.len() as u32);
        let id = ScopeId(NonZeroU32::MIN.saturating_add(before));
        self.ids.insert(scope.clone(), id);
        let mut ledger = limits.map(Ledger::new).unwrap_or_default();
        if self.is_granted {
            ledger.supply_by_grants(time);
        }
        self.accounts.push(Some(Box::new(Account {
            scope,
            ledger,
            members: members.iter().copied().collect(),
            barred: BTreeSet::new(),
            concurrent: None,
            in_flight: 0,
        })));
        id
    }

    /// Takes a target out of its accounts. One without members is forgotten by [`Self::tidy`].
    pub(super) fn leave(&mut self, key: TargetKey, scopes: Scopes) {
        for id in scopes.into_iter().flatten() {
            let Some(account) = self.get_mut(id) else { continue };
            account.members.remove(&key);
            account.barred.remove(&key);
            if account.members.is_empty() {
                self.left.insert(id);
            }
        }
    }

    /// Forgets accounts without members of which nothing is spent and no call is under way: who
    /// comes back before that finds the account as it was.
    pub(super) fn tidy(&mut self, time: Time) {
        let left = std::mem::take(&mut self.left);
        for id in left {
            let Some(account) = self.get_mut(id) else { continue };
            if account.in_flight == 0 && account.ledger.is_whole(time) {
                let scope = account.scope.clone();
                self.ids.remove(&scope);
                if let Some(account) = self.place_mut(id) {
                    *account = None;
                }
            } else {
                self.left.insert(id);
            }
        }
    }

    pub(super) fn get_mut(&mut self, id: ScopeId) -> Option<&mut Account> {
        self.place_mut(id)?.as_deref_mut()
    }

    fn place_mut(&mut self, id: ScopeId) -> Option<&mut Option<Box<Account>>> {
        let place = self.place(id)?;
        self.accounts.get_mut(place)
    }

    fn place(&self, id: ScopeId) -> Option<usize> {
        (id.0.get() - 1).checked_sub(self.used).map(|place| place as usize)
    }

    /// True if there is such a limit.
    pub(super) fn limits(&self, scope: &Scope, meter: Meter) -> bool {
        let place = self.id(scope).and_then(|id| self.place(id));
        let account = place.and_then(|place| self.accounts.get(place)?.as_ref());
        account.is_some_and(|account| account.ledger.limits(meter))
    }

    pub(super) fn id(&self, scope: &Scope) -> Option<ScopeId> {
        self.ids.get(scope).copied()
    }

    /// All accounts, in the order of opening.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Account> {
        self.accounts.iter_mut().flatten().map(Box::as_mut)
    }
}
