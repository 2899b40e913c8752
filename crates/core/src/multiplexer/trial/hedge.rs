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
        // Whoever goes on with a stream is asked alone.
        let is_open = is_open || self.recovering.is_under_way();
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::clock::Timestamp;
    use crate::fleet::{Fleet, Options, TargetSpec};
    use crate::multiplexer::{Asked, Deadlines, Needs, Resilience};
    use crate::outcome::{Cooldown, Outcome};
    use crate::policy::{BudgetLimits, Policy, Preset};

    fn at(draw: f64) -> Moment {
        Moment { now: Timestamp::from_millis(1_000_000), draw }
    }

    fn fleet() -> Arc<Fleet> {
        let fleet = Fleet::new(Options::default());
        for id in ["one", "two"] {
            fleet.add(TargetSpec::new(id, id));
        }
        fleet
    }

    fn shared(hedges: Option<f64>, retries: BudgetLimits) -> Arc<Resilience> {
        let policy = Policy::new(Preset::Resilient);
        Resilience::new(policy, Deadlines::default(), retries, Cooldown::default(), hedges)
    }

    fn asked(body: &str, form: Form) -> Asked<'_> {
        Asked { body, model: "m", reasoning: None, form, finish_optional: false }
    }

    /// A call under way that asks this.
    fn begin(
        fleet: &Arc<Fleet>,
        shared: &Arc<Resilience>,
        body: &str,
        form: Form,
    ) -> (Call, Lease, Trial, Option<Instant>) {
        let mut call = Call::new(Arc::clone(fleet), Cooldown::default(), Needs::default());
        let mut lease = call.pick(at(0.0)).unwrap();
        let mut trial = Trial::new(Arc::clone(shared), None, at(0.0).now);
        trial.attempt();
        let hedge_at = trial.begin(&mut call, &mut lease, asked(body, form)).care.hedge_at;
        (call, lease, trial, hedge_at)
    }

    const PLAIN: &str = r#"{"messages":[],"stream":true}"#;

    #[test]
    fn an_attempt_is_late_by_what_was_learned_of_it() {
        let (fleet, shared) = (fleet(), shared(Some(1.0), BudgetLimits::default()));
        let (_, lease, _, unknown) = begin(&fleet, &shared, PLAIN, Form::Events);
        assert_eq!(unknown, None);
        for is_stream in [true, false] {
            for _ in 0..50 {
                let kind = Kind::new(lease.target(), PLAIN.len(), is_stream);
                shared.first_tokens().add(kind, Duration::from_millis(300));
            }
        }
        drop(lease);
        let table = [
            (PLAIN, Form::Events, true),
            (PLAIN, Form::Whole, true),
            (PLAIN, Form::Bytes, false),
            (r#"{"store":true,"stream":true  }"#, Form::Events, false),
            (r#"{"previous_response_id":"r_1"}"#, Form::Whole, false),
        ];
        for (body, form, is_due) in table {
            let (.., hedge_at) = begin(&fleet, &shared, body, form);
            assert_eq!(hedge_at.is_some(), is_due, "{body} {form:?}");
        }
    }

    #[test]
    fn a_second_attempt_is_settled_apart_from_the_first() {
        let (fleet, shared) = (fleet(), shared(Some(1.0), BudgetLimits::default()));
        let (call, lease, trial, _) = begin(&fleet, &shared, PLAIN, Form::Events);
        let (_, second, beside) = trial.hedge(&call, &lease, at(0.0)).unwrap();
        assert_ne!(second.target(), lease.target());
        assert!(beside.hedge(&call, &second, at(0.0)).is_none());
        second.settle(Outcome::Success, None);
        drop(lease);
        let aborted: u64 = fleet
            .report(at(0.0).now)
            .iter()
            .map(|target| target.outcomes[Outcome::Aborted as usize])
            .sum();
        assert_eq!(aborted, 1);
    }

    #[test]
    fn there_is_none_where_it_is_not_allowed_or_paid_for() {
        let none = BudgetLimits { share: 0.0, floor_per_second: 0 };
        let table = [
            ("allowed", Some(1.0), BudgetLimits::default(), PLAIN, true),
            ("off", None, BudgetLimits::default(), PLAIN, false),
            ("no share", Some(0.0), BudgetLimits::default(), PLAIN, false),
            ("no retry budget", Some(1.0), none, PLAIN, false),
            ("stored", Some(1.0), BudgetLimits::default(), r#"{"store":true}"#, false),
        ];
        for (what, share, retries, body, is_made) in table {
            let (fleet, shared) = (fleet(), shared(share, retries));
            let (call, lease, trial, _) = begin(&fleet, &shared, body, Form::Events);
            assert_eq!(trial.hedge(&call, &lease, at(0.0)).is_some(), is_made, "{what}");
            drop(lease);
            let report = fleet.report(at(0.0).now);
            assert!(report.iter().all(|target| target.in_flight == 0), "{what}");
        }
    }

    #[test]
    fn no_more_than_a_share_of_the_calls_has_a_second_attempt() {
        let (fleet, shared) = (fleet(), shared(Some(0.05), BudgetLimits::default()));
        let made = (0..200).filter(|_| {
            let (call, lease, trial, _) = begin(&fleet, &shared, PLAIN, Form::Events);
            trial.hedge(&call, &lease, at(0.0)).is_some()
        });
        assert_eq!(made.count(), 10);
    }
}
