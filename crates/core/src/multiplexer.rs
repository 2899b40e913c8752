//! One call's way through the fleet: which target next, which never again.
//!
//! A state that whoever drives it advances (the binding from JavaScript's thread, so that clients
//! it cannot speak for are asked by the host). It sends nothing and waits for nothing.

mod account;
mod binding;
mod letter;
mod recovering;
mod trial;
mod warden;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

pub use binding::Binding;
pub use trial::{Asked, Begun, Deadlines, Decided, FirstToken, Resilience, Trial};
pub use warden::wake_waiting;

use crate::clock::{Moment, Timestamp};
use crate::fleet::{
    Candidacy, Fleet, Lease, Patience, Strategy, Tags, TargetKey, Unavailable, Waiting, Wish,
};
use crate::outcome::{Cooldown, Domain, Outcome};
use crate::quota::Estimate;

/// A call that looks for a target that answers.
#[derive(Debug)]
pub struct Call {
    fleet: Arc<Fleet>,
    cooldown: Cooldown,
    /// Not to be asked again.
    refused: Vec<TargetKey>,
    needs: Needs,
    /// The only target that may be asked, where something of it is asked for.
    bound: Option<TargetKey>,
    /// The account whose targets alone may be asked.
    binding: Option<Binding>,
    /// The target to ask once more.
    again: Option<TargetKey>,
    /// A target that does not rest has refused what is asked, as it would again.
    for_good: bool,
}

/// What a call asks of every target that it is given. The default takes any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Tags that the target must have.
    pub require: Tags,
    /// What the call belongs to, for [`crate::fleet::Strategy::Sticky`].
    pub session: Option<String>,
    /// Only targets whose context takes more than so many tokens, then those of unknown size.
    pub larger_than: Option<u32>,
    /// What it is expected to use.
    pub estimate: Estimate,
    /// How a target is chosen; none for as the fleet does.
    pub strategy: Option<Strategy>,
}

/// A target that was sent to rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// Which target.
    pub target: TargetKey,
    /// For how long.
    pub span: Duration,
    /// Until when.
    pub until: Timestamp,
}

impl Call {
    /// A call that has asked nobody yet.
    pub fn new(fleet: Arc<Fleet>, cooldown: Cooldown, needs: Needs) -> Self {
        Self {
            fleet,
            cooldown,
            refused: Vec::new(),
            needs,
            bound: None,
            binding: None,
            again: None,
            for_good: false,
        }
    }

    /// A call that only this target can answer, as where what it asks for lies on one account.
    pub fn bound_to(
        fleet: Arc<Fleet>,
        cooldown: Cooldown,
        target: TargetKey,
        estimate: Estimate,
    ) -> Self {
        let needs = Needs { estimate, ..Needs::default() };
        Self { bound: Some(target), ..Self::new(fleet, cooldown, needs) }
    }

    /// Holds the call to an account, from the next pick on.
    pub fn bind(&mut self, binding: Binding) {
        self.binding = Some(binding);
    }

    /// Holds a call about something to the account that this has come from, if that is known.
    pub fn bind_to_origin(&mut self, field: &'static str, id: &str) {
        let origin = self.fleet.origin(id);
        self.binding =
            origin.map(|origin| Binding { field, account: origin.account, at_odds: None });
    }

    /// The account that the call is held to, if it is.
    pub fn binding(&self) -> Option<&Binding> {
        self.binding.as_ref()
    }

    /// Holds a call with an id of unknown origin to the account of the target that is asked first:
    /// no other is shown it.
    pub(crate) fn settle_on(&mut self, field: &'static str, target: TargetKey) {
        if self.binding.is_some() {
            return;
        }
        let account = self.fleet.account_of(target);
        self.binding = account.map(|account| Binding { field, account, at_odds: None });
    }

    /// Leases the target to ask next. A target that refused this call is not asked again, even
    /// if its rest has ended meanwhile.
    ///
    /// # Errors
    /// Why there is none. If a target has refused before, its error is what the caller sees.
    pub fn pick(&mut self, moment: Moment) -> Result<Lease, Unavailable> {
        if self.is_at_odds() {
            return Err(Unavailable::Unmatched);
        }
        // Its slot may have gone to somebody else meanwhile.
        let estimate = self.needs.estimate;
        let again =
            self.again.take().map(|target| self.fleet.lease_one(moment.now, target, estimate));
        if let Some(Ok(lease)) = again {
            return Ok(lease);
        }
        match self.bound {
            None => self.fleet.lease(moment, self.wish(&self.refused)),
            Some(target) if self.refused.contains(&target) => Err(Unavailable::Empty),
            Some(target) => self.fleet.lease_one(moment.now, target, estimate),
        }
    }

    /// True if [`Self::pick`] would find a target.
    pub fn can_pick(&self, now: Timestamp) -> bool {
        match self.bound {
            _ if self.is_at_odds() => false,
            None => self.fleet.can_lease(now, self.wish(&self.refused)),
            Some(target) => !self.refused.contains(&target),
        }
    }

    /// How long it is until a target returns that a call like this one could ask, those that have
    /// refused this one too. None where nobody rests.
    pub fn first_return(&self, now: Timestamp) -> Option<Duration> {
        self.fleet.first_return(now, self.wish(&[]))
    }

    /// Who is passed over by a pick of this call now, and why: neither those that might be chosen
    /// nor those that it has been at.
    pub fn passed_over(&self, now: Timestamp) -> Vec<(TargetKey, Candidacy)> {
        let mut all = self.fleet.explain(now, self.wish(&self.refused));
        all.retain(|(_, why)| {
            !matches!(why, Candidacy::Eligible | Candidacy::LaterTier | Candidacy::Excluded)
        });
        all
    }

    /// A second attempt of this call beside the one at `beside`: a lease of another failure domain,
    /// and a call that asks nobody else until it is [unbound](Self::unbind).
    fn hedge(&self, moment: Moment, beside: TargetKey) -> Option<(Self, Lease)> {
        if self.bound.is_some() {
            return None;
        }
        let lease = self.fleet.lease_apart(moment, self.wish(&self.refused), beside).ok()?;
        let call = Self {
            bound: Some(lease.target()),
            refused: self.refused.clone(),
            ..Self::new(Arc::clone(&self.fleet), self.cooldown, self.needs.clone())
        };
        Some((call, lease))
    }

    /// The second attempt was the one that answered, and the call goes on from there.
    fn unbind(&mut self) {
        self.bound = None;
    }

    /// Gives back a lease of a target that cannot take this kind of call: it is not asked again,
    /// and nothing is counted.
    pub fn pass_over(&mut self, lease: Lease) {
        self.leave_for_good(lease.target());
        lease.forget();
    }

    /// A target is not asked again.
    pub fn leave(&mut self, target: TargetKey) {
        self.refused.push(target);
    }

    /// The same for a target that would refuse this call whenever it is asked.
    pub fn leave_for_good(&mut self, target: TargetKey) {
        self.refused.push(target);
        self.for_good = true;
    }

    /// Waiting may bring a target that answers: the call is bound to none, and has met none that
    /// would refuse it again.
    pub fn may_wait(&self) -> bool {
        self.bound.is_none() && !self.for_good && !self.is_at_odds()
    }

    /// The next pick is this target once more, also while it rests.
    pub fn stay(&mut self, target: TargetKey) {
        self.again = Some(target);
    }

    /// From now on only targets will do whose context is larger than this one's, or than `window`
    /// tokens, and then those of unknown size.
    pub fn needs_larger_than(&mut self, target: TargetKey, window: Option<u64>) {
        let known = self.fleet.spec(target).and_then(|spec| spec.context_window);
        let told = window.map(|window| u32::try_from(window).unwrap_or(u32::MAX));
        let least = known.map(NonZeroU32::get).or(told).unwrap_or_default();
        self.needs.larger_than = self.needs.larger_than.max(Some(least));
    }

    /// The fleet that the call looks in.
    pub fn fleet(&self) -> &Arc<Fleet> {
        &self.fleet
    }

    /// Waits for the first target that comes free. Those that refused this call are asked again,
    /// as they will have rested.
    ///
    /// # Errors
    /// Why there is none, at once, if none can be free in time.
    pub fn wait(&mut self, moment: Moment, patience: Patience) -> Result<Waiting, Unavailable> {
        self.refused.clear();
        self.fleet.wait(moment, self.wish(&[]), patience)
    }

    /// Settles a lease whose target refused with 429 or 529, `asked` being what the server said.
    pub fn rate_limited(
        &mut self,
        mut lease: Lease,
        asked: Option<Duration>,
        now: Timestamp,
    ) -> Rest {
        let target = lease.target();
        let span = self.cooldown.rest(asked);
        self.refused.push(target);
        let until = lease.rest(Domain::Target, span, now);
        lease.settle(Outcome::RateLimited, None);
        Rest { target, span, until }
    }

    /// True once a target has refused this call, or was passed over.
    pub fn was_refused(&self) -> bool {
        !self.refused.is_empty()
    }

    /// Two accounts would have to answer it.
    fn is_at_odds(&self) -> bool {
        self.binding.as_ref().is_some_and(|binding| binding.at_odds.is_some())
    }

    fn wish<'a>(&'a self, not: &'a [TargetKey]) -> Wish<'a> {
        Wish {
            not,
            require: Some(&self.needs.require),
            account: self.binding.as_ref().map(|binding| &binding.account),
            session: self.needs.session.as_deref(),
            larger_than: self.needs.larger_than,
            estimate: self.needs.estimate,
            strategy: self.needs.strategy,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{Options, TargetSpec, TargetStats};

    fn fleet_of_two() -> Arc<Fleet> {
        let fleet = Fleet::new(Options::default());
        for id in ["a", "b"] {
            let max_concurrent = NonZeroU32::new(1);
            fleet.add(TargetSpec { max_concurrent, ..TargetSpec::new(id, id) });
        }
        fleet
    }

    fn at(millis: u64) -> Moment {
        Moment { now: Timestamp::from_millis(millis), draw: 0.0 }
    }

    #[test]
    fn a_target_that_refused_is_not_asked_again_in_the_same_call() {
        let fleet = Fleet::new(Options::default());
        for id in ["a", "b"] {
            fleet.add(TargetSpec::new(id, id));
        }
        let mut call = Call::new(Arc::clone(&fleet), Cooldown::default(), Needs::default());
        let first = call.pick(at(0)).unwrap();
        let rest = call.rate_limited(first, Some(Duration::from_secs(5)), at(0).now);
        assert_eq!(rest.span, Duration::from_secs(5));
        assert!(call.was_refused());
        let second = call.pick(at(10_000)).unwrap();
        assert_ne!(second.target(), rest.target);
        call.rate_limited(second, None, at(10_000).now);
        assert!(call.pick(at(20_000)).is_err());
    }

    #[test]
    fn a_target_that_was_passed_over_is_not_asked_again_and_counts_nothing() {
        let fleet = fleet_of_two();
        let mut call = Call::new(Arc::clone(&fleet), Cooldown::default(), Needs::default());
        let first = call.pick(at(0)).unwrap();
        let passed = first.target();
        assert!(call.may_wait());
        call.pass_over(first);
        assert!(!call.may_wait());
        let second = call.pick(at(0)).unwrap();
        assert_ne!(second.target(), passed);
        call.pass_over(second);
        assert!(call.pick(at(0)).is_err());
        assert!(fleet.stats().iter().all(|(_, stats)| *stats == TargetStats::default()));
        assert!(fleet.report(at(0).now).iter().all(|target| target.outcomes == [0; 13]));
        assert_eq!((fleet.in_flight("a"), fleet.in_flight("b")), (Some(0), Some(0)));
    }

    #[test]
    fn a_target_to_be_asked_again_that_has_become_full_is_passed_over() {
        let fleet = fleet_of_two();
        let mut call = Call::new(Arc::clone(&fleet), Cooldown::default(), Needs::default());
        let first = call.pick(at(0)).unwrap().target();
        call.stay(first);
        assert_eq!(call.pick(at(0)).unwrap().target(), first);
        call.stay(first);
        let _taken = fleet.lease_one(at(0).now, first, Estimate::default()).unwrap();
        assert_ne!(call.pick(at(0)).unwrap().target(), first);
    }

    #[test]
    fn a_bound_call_asks_its_target_even_while_it_rests_and_no_other() {
        let fleet = fleet_of_two();
        let mut other = Call::new(Arc::clone(&fleet), Cooldown::default(), Needs::default());
        let lease = other.pick(at(0)).unwrap();
        let target = lease.target();
        other.rate_limited(lease, None, at(0).now);
        let mut call =
            Call::bound_to(Arc::clone(&fleet), Cooldown::default(), target, Estimate::default());
        let lease = call.pick(at(1)).unwrap();
        assert_eq!(lease.target(), target);
        let mut full =
            Call::bound_to(Arc::clone(&fleet), Cooldown::default(), target, Estimate::default());
        assert_eq!(full.pick(at(1)).unwrap_err(), Unavailable::AtCapacity(None));
        call.rate_limited(lease, None, at(1).now);
        assert!(call.pick(at(2)).is_err());
        fleet.clear();
        assert_eq!(full.pick(at(3)).unwrap_err(), Unavailable::Empty);
    }

    #[test]
    fn who_has_refused_a_call_is_still_known_to_return() {
        let fleet = fleet_of_two();
        let mut call = Call::new(Arc::clone(&fleet), Cooldown::default(), Needs::default());
        assert_eq!(call.first_return(at(0).now), None);
        for seconds in [9, 5] {
            let lease = call.pick(at(0)).unwrap();
            call.rate_limited(lease, Some(Duration::from_secs(seconds)), at(0).now);
        }
        assert_eq!(call.pick(at(1_000)).unwrap_err(), Unavailable::Resting(Duration::ZERO));
        assert_eq!(call.first_return(at(1_000).now), Some(Duration::from_secs(4)));
    }

    #[test]
    fn what_a_call_needs_binds_every_pick() {
        let fleet = Fleet::new(Options::default());
        let region = |name: &str| Tags::from([("region".to_owned(), name.to_owned())]);
        for id in ["us", "eu"] {
            fleet.add(TargetSpec { tags: region(id), ..TargetSpec::new(id, id) });
        }
        let needs = Needs { require: region("eu"), ..Needs::default() };
        let mut call = Call::new(Arc::clone(&fleet), Cooldown::default(), needs);
        let lease = call.pick(at(0)).unwrap();
        assert_eq!(fleet.spec(lease.target()).unwrap().id, "eu");
        call.rate_limited(lease, None, at(0).now);
        assert!(call.pick(at(0)).is_err());
    }

    fn fleet_of_accounts() -> Arc<Fleet> {
        let fleet = Fleet::new(Options::default());
        for (id, account) in [("a1", "a"), ("b1", "b"), ("a2", "a")] {
            let account = Some(account.to_owned());
            fleet.add(TargetSpec { account, ..TargetSpec::new(id, id) });
        }
        fleet
    }

    fn key_of(fleet: &Arc<Fleet>, id: &str) -> TargetKey {
        let all = (1..=3).map(TargetKey);
        all.into_iter().find(|key| fleet.spec(*key).unwrap().id == id).unwrap()
    }

    /// A call with this body, and what it is held to.
    fn call_with(fleet: &Arc<Fleet>, body: &str) -> Call {
        let mut call = Call::new(Arc::clone(fleet), Cooldown::default(), Needs::default());
        if let Some(binding) = Binding::read(body, fleet).1 {
            call.bind(binding);
        }
        call
    }

    #[test]
    fn a_call_with_a_known_id_stays_with_the_targets_of_its_account() {
        let fleet = fleet_of_accounts();
        fleet.remember("resp_1", key_of(&fleet, "a1"));
        let mut call = call_with(&fleet, r#"{"previous_response_id":"resp_1"}"#);
        assert_eq!(call.binding().unwrap().field, "previous_response_id");
        let mut asked = Vec::new();
        while let Ok(lease) = call.pick(at(1)) {
            asked.push(fleet.spec(lease.target()).unwrap().id);
            call.rate_limited(lease, None, at(1).now);
        }
        assert_eq!(asked, ["a1", "a2"]);
        assert_eq!(fleet.targets_of(&call.binding().unwrap().account), ["a1", "a2"]);
        assert!(call.may_wait());
        assert!(matches!(call.pick(at(2)).unwrap_err(), Unavailable::Resting(_)));
    }

    #[test]
    fn an_account_without_targets_leaves_its_calls_without_any() {
        let fleet = fleet_of_accounts();
        fleet.remember("resp_1", key_of(&fleet, "a1"));
        fleet.remove("a1");
        fleet.remove("a2");
        let mut call = call_with(&fleet, r#"{"previous_response_id":"resp_1"}"#);
        assert_eq!(call.pick(at(1)).unwrap_err(), Unavailable::Unmatched);
        assert!(fleet.targets_of(&call.binding().unwrap().account).is_empty());
    }

    #[test]
    fn ids_of_two_accounts_leave_a_call_without_a_target() {
        let fleet = fleet_of_accounts();
        fleet.remember("resp_1", key_of(&fleet, "a1"));
        fleet.remember("conv_1", key_of(&fleet, "b1"));
        let body = r#"{"previous_response_id":"resp_1","conversation":"conv_1"}"#;
        let mut call = call_with(&fleet, body);
        assert_eq!(call.binding().unwrap().at_odds, Some("conversation"));
        assert_eq!(call.pick(at(1)).unwrap_err(), Unavailable::Unmatched);
        assert!(!call.can_pick(at(1).now) && !call.may_wait());
        let same = r#"{"previous_response_id":"resp_1","messages":[{"audio":{"id":"resp_1"}}]}"#;
        assert_eq!(call_with(&fleet, same).binding().unwrap().at_odds, None);
    }

    #[test]
    fn an_id_of_unknown_origin_holds_a_call_to_the_account_that_is_asked_first() {
        let fleet = fleet_of_accounts();
        let mut call = call_with(&fleet, r#"{"previous_response_id":"resp_other"}"#);
        assert_eq!(call.binding(), None);
        let first = call.pick(at(0)).unwrap();
        call.settle_on("previous_response_id", first.target());
        assert_eq!(fleet.spec(first.target()).unwrap().id, "a1");
        call.rate_limited(first, None, at(0).now);
        let second = call.pick(at(0)).unwrap();
        assert_eq!(fleet.spec(second.target()).unwrap().id, "a2");
        call.rate_limited(second, None, at(0).now);
        assert!(call.pick(at(0)).is_err());
    }

    #[test]
    fn a_target_without_account_belongs_to_its_key_and_without_either_to_itself() {
        let fleet = Fleet::new(Options::default());
        let key = |name: &str| Some(name.to_owned());
        let add = |id: &str, spec: TargetSpec| {
            fleet.add(TargetSpec { id: id.to_owned(), ..spec }).unwrap()
        };
        let blank = || TargetSpec::new("", "m");
        let one = add("one", TargetSpec { key: key("k"), ..blank() });
        let two = add("two", TargetSpec { key: key("k"), ..blank() });
        let alone = add("alone", blank());
        let other = add("other", blank());
        let named = add("named", TargetSpec { key: key("k"), account: key("k"), ..blank() });
        assert_eq!(fleet.account_of(one), fleet.account_of(two));
        assert_ne!(fleet.account_of(alone), fleet.account_of(other));
        assert_ne!(fleet.account_of(one), fleet.account_of(named));
        fleet.remove("other");
        assert_eq!(fleet.account_of(other), None);
    }

    #[test]
    fn an_id_is_forgotten_after_thirty_days_and_with_all_else() {
        let fleet = fleet_of_accounts();
        // Time is what the fleet was told last.
        let pass = |days: u64| drop(fleet.report(Timestamp::from_millis(days * 24 * 3_600_000)));
        assert!(!fleet.remembers());
        fleet.remember("resp_1", TargetKey(1));
        fleet.remember("resp_2", TargetKey(99));
        assert!(fleet.remembers());
        assert_eq!(fleet.origin("resp_2"), None);
        // Being asked for keeps it.
        pass(29);
        assert_eq!(fleet.origin("resp_1").unwrap().target, TargetKey(1));
        pass(58);
        assert!(fleet.origin("resp_1").is_some());
        pass(88);
        assert_eq!(fleet.origin("resp_1"), None);
        fleet.remember("resp_1", TargetKey(1));
        fleet.clear();
        assert_eq!((fleet.origin("resp_1"), fleet.remembers()), (None, false));
    }
}
