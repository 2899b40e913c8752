//! One call's way through the fleet: which target next, which never again.
//!
//! A state that whoever drives it advances (the binding from JavaScript's thread, so that clients
//! it cannot speak for are asked by the host). It sends nothing and waits for nothing.

mod bill;
mod binding;
mod letter;
mod recovering;
mod resilience;
#[cfg(test)]
mod tests;
mod trial;
mod warden;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

pub use binding::Binding;
pub use letter::outcome_of;
pub use resilience::{Deadlines, FirstToken, Resilience};
pub use trial::{Asked, Begun, Decided, Trial};
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
