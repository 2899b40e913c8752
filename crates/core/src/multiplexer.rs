//! One call's way through the fleet: which target next, which never again.
//!
//! A state that whoever drives it advances (the binding from JavaScript's thread, so that clients
//! it cannot speak for are asked by the host). It sends nothing and waits for nothing.

mod account;
mod letter;
mod trial;
mod warden;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

pub use trial::{Deadlines, Decided, Resilience, Trial};
pub use warden::wake_waiting;

use crate::clock::{Moment, Timestamp};
use crate::fleet::{
    Candidacy, Fleet, Lease, Patience, Strategy, Tags, TargetKey, Unavailable, Waiting, Wish,
};
use crate::outcome::{Cooldown, Domain, Outcome};

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
            again: None,
            for_good: false,
        }
    }

    /// A call that only this target can answer, as where what it asks for lies on one account.
    pub fn bound_to(fleet: Arc<Fleet>, cooldown: Cooldown, target: TargetKey) -> Self {
        Self { bound: Some(target), ..Self::new(fleet, cooldown, Needs::default()) }
    }

    /// Leases the target to ask next. A target that refused this call is not asked again, even
    /// if its rest has ended meanwhile.
    ///
    /// # Errors
    /// Why there is none. If a target has refused before, its error is what the caller sees.
    pub fn pick(&mut self, moment: Moment) -> Result<Lease, Unavailable> {
        // Its slot may have gone to somebody else meanwhile.
        let again = self.again.take().map(|target| self.fleet.lease_one(moment.now, target));
        if let Some(Ok(lease)) = again {
            return Ok(lease);
        }
        match self.bound {
            None => self.fleet.lease(moment, self.wish(&self.refused)),
            Some(target) if self.refused.contains(&target) => Err(Unavailable::Empty),
            Some(target) => self.fleet.lease_one(moment.now, target),
        }
    }

    /// True if [`Self::pick`] would find a target.
    pub fn can_pick(&self, now: Timestamp) -> bool {
        match self.bound {
            None => self.fleet.can_lease(now, self.wish(&self.refused)),
            Some(target) => !self.refused.contains(&target),
        }
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
        self.bound.is_none() && !self.for_good
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

    fn wish<'a>(&'a self, not: &'a [TargetKey]) -> Wish<'a> {
        Wish {
            not,
            require: Some(&self.needs.require),
            session: self.needs.session.as_deref(),
            larger_than: self.needs.larger_than,
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
        let _taken = fleet.lease_one(at(0).now, first).unwrap();
        assert_ne!(call.pick(at(0)).unwrap().target(), first);
    }

    #[test]
    fn a_bound_call_asks_its_target_even_while_it_rests_and_no_other() {
        let fleet = fleet_of_two();
        let mut other = Call::new(Arc::clone(&fleet), Cooldown::default(), Needs::default());
        let lease = other.pick(at(0)).unwrap();
        let target = lease.target();
        other.rate_limited(lease, None, at(0).now);
        let mut call = Call::bound_to(Arc::clone(&fleet), Cooldown::default(), target);
        let lease = call.pick(at(1)).unwrap();
        assert_eq!(lease.target(), target);
        let mut full = Call::bound_to(Arc::clone(&fleet), Cooldown::default(), target);
        assert_eq!(full.pick(at(1)).unwrap_err(), Unavailable::AtCapacity(None));
        call.rate_limited(lease, None, at(1).now);
        assert!(call.pick(at(2)).is_err());
        fleet.clear();
        assert_eq!(full.pick(at(3)).unwrap_err(), Unavailable::Empty);
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
}
