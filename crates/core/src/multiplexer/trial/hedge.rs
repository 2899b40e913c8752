//! A second attempt beside one that is late: when it is due, and whether it may be made. Which of
//! the two answers first is the host's mail to show; it sends nothing itself.

use tokio::time::Instant;

use super::Trial;
use crate::clock::Moment;
use crate::fleet::Lease;
use crate::multiplexer::Call;
use crate::policy::Kind;
use crate::wire::reply::Form;

impl Trial {
    /// When the attempt is later than is usual, where that is known and another may be asked.
    pub(super) fn hedge_at(&self, kind: Kind, form: Form) -> Option<Instant> {
        self.shared.hedges.as_ref()?;
        if form == Form::Bytes || self.is_hedge || !self.may_be_doubled() {
            return None;
        }
        Some(self.attempt_began + self.shared.first_tokens().usual(kind)?)
    }

    /// Executing the request twice would do no harm, and nothing binds it to an account.
    fn may_be_doubled(&self) -> bool {
        let replay = self.replay.as_ref();
        replay.is_some_and(|replay| replay.once_because.is_none() && replay.bound_by.is_none())
    }

    /// Leases a target of another failure domain for a second attempt beside the one under `lease`,
    /// which has not answered. None where there is no such target, or too many calls have had one
    /// of late.
    pub fn hedge(&self, call: &Call, lease: &Lease, at: Moment) -> Option<(Call, Lease, Self)> {
        let hedges = self.shared.hedges.as_ref()?;
        let is_open = self.opened || self.judgement.is_some() || self.is_hedge;
        if is_open || !self.may_be_doubled() || !hedges.has_left(at.now) {
            return None;
        }
        let (call, lease) = call.hedge(at, lease.target())?;
        // Work may be done twice: that is a retry.
        if !hedges.take_retry(at.now) || !self.shared.budget.take_retry(at.now) {
            lease.forget();
            return None;
        }
        Some((call, lease, self.beside()))
    }
}
