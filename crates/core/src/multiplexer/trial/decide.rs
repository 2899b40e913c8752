//! What is done after an attempt that failed, and who rests: the policy's answer, paid for where it
//! has to be, and entered in the fleet.

use std::time::Duration;

use super::{AskedUsage, Trial};
use crate::clock::{Moment, Timestamp};
use crate::fleet::Lease;
use crate::multiplexer::Call;
use crate::outcome::{Domain, Judgement, Outcome};
use crate::policy::{Decision, Elsewhere, Progress, Replay};

/// What is done after an attempt that failed.
#[derive(Debug)]
pub struct Decided {
    /// Whether and where the call goes on.
    pub decision: Decision,
    /// What the attempt came to.
    pub outcome: Outcome,
    /// For how long and until when who is concerned rests.
    pub rest: Option<(Duration, Timestamp)>,
    /// What the attempt has cost, as [`Meter::to_text`](crate::wire::reply::Meter::to_text) tells it; none where it was refused before
    /// any work.
    pub spent: Option<String>,
}

/// A rest that has begun.
pub(super) struct Rested {
    span: Duration,
    until: Timestamp,
}

impl Trial {
    /// Decides what is done after the attempt that has just failed, and settles its lease. None
    /// if none has.
    pub fn decide(&mut self, call: &mut Call, lease: Lease, at: Moment) -> Option<Decided> {
        let judgement = self.judgement.take()?;
        let target = lease.target();
        let spent = self.close_bill(&judgement);
        self.settle_account(call, target);
        if self.usage == AskedUsage::Refused {
            self.usage = AskedUsage::No;
            self.shared.refused_usage(target);
            lease.forget();
            call.stay(target);
            let decision = Decision::RetrySame { after: Duration::ZERO };
            return Some(Decided { decision, outcome: judgement.outcome, rest: None, spent });
        }
        let decision = match self.recovering.instead(&judgement) {
            Some(decision) => decision,
            None => self.decision(&judgement, at),
        };
        if std::mem::take(&mut self.opened) && decision != Decision::GiveUp {
            self.recovering.interrupted();
            if self.is_hedge {
                call.unbind();
            }
        }
        // Whom a moment may help rests only if it has not.
        let rested = match decision {
            Decision::RetrySame { .. } => {
                self.settle(lease, &Judgement { domain: Domain::Request, ..judgement.clone() }, at)
            }
            _ => self.settle(lease, &judgement, at),
        };
        match decision {
            Decision::FailOver(elsewhere) => {
                self.attempts_here = 0;
                if rested.is_some() {
                    call.leave(target);
                } else {
                    call.leave_for_good(target);
                }
                if elsewhere == Elsewhere::LargerContext {
                    call.needs_larger_than(target, judgement.context_window);
                }
            }
            Decision::RetrySame { .. } => call.stay(target),
            Decision::GiveUp => {}
        }
        let rest = rested.map(|Rested { span, until }| (span, until));
        Some(Decided { decision, outcome: judgement.outcome, rest, spent })
    }

    /// Settles the attempt that has just failed, as [`Self::decide`] does, and goes on with the same
    /// target: its key was refused, and there is another one now. Nobody rests.
    pub fn retry_with_new_key(
        &mut self,
        call: &mut Call,
        lease: Lease,
        at: Moment,
    ) -> Option<Decided> {
        let judgement = self.judgement.take()?;
        let spent = self.close_bill(&judgement);
        let outcome = judgement.outcome;
        call.stay(lease.target());
        self.settle(lease, &Judgement { domain: Domain::Request, ..judgement }, at);
        self.attempts_here = 0;
        let decision = Decision::RetrySame { after: Duration::ZERO };
        Some(Decided { decision, outcome, rest: None, spent })
    }

    /// Enters what the attempt has cost, if work may have begun.
    fn close_bill(&mut self, judgement: &Judgement) -> Option<String> {
        let mut bill = self.bill.take()?;
        bill.failed(judgement);
        judgement.work_may_have_begun.then(|| bill.meter().to_text())
    }

    /// What is done after this judgement, paid for where it has to be.
    fn decision(&mut self, judgement: &Judgement, at: Moment) -> Decision {
        let work_may_have_begun = judgement.work_may_have_begun || self.opened;
        let judgement = &Judgement { work_may_have_begun, ..judgement.clone() };
        let unknown = Replay::default();
        let replay = self.replay.as_ref().unwrap_or(&unknown);
        let shared = &self.shared;
        let progress = Progress {
            attempts_here: self.attempts_here,
            work_may_have_begun: self.work_may_have_begun,
            replay,
            has_budget: shared.budget.has_left(at.now),
            draw: at.draw,
        };
        self.work_may_have_begun |= judgement.work_may_have_begun;
        let mut decision = shared.policy.decide(judgement, &progress);
        // An answer that has begun is gone on with elsewhere.
        if self.opened && matches!(decision, Decision::RetrySame { .. }) {
            decision = Decision::FailOver(Elsewhere::Any);
        }
        if decision == Decision::GiveUp || self.is_late() {
            return Decision::GiveUp;
        }
        if shared.policy.is_charged(judgement) {
            self.retry = shared.budget.take_retry(at.now);
            if self.retry.is_none() {
                return Decision::GiveUp;
            }
        }
        decision
    }

    /// Counts a failure and lets rest whom it concerns.
    pub(super) fn settle(
        &self,
        mut lease: Lease,
        judgement: &Judgement,
        at: Moment,
    ) -> Option<Rested> {
        let failures = lease.failure_number(judgement.domain, at.now);
        let span = self.shared.cooldown.rest_after(judgement, failures, at.draw);
        let rested = span.map(|span| {
            let until = lease.rest(judgement.domain, span, at.now);
            Rested { span, until }
        });
        let took = Some(self.attempt_began.elapsed());
        if judgement.is_unsent() {
            lease.settle_unsent(judgement.outcome, took);
        } else {
            lease.settle(judgement.outcome, took);
        }
        rested
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::sync::Arc;

    use super::*;
    use crate::fleet::{Fleet, Options, TargetSpec};
    use crate::mailbox::Letter;
    use crate::multiplexer::{Asked, Deadlines, Needs, Resilience};
    use crate::outcome::Cooldown;
    use crate::policy::{BudgetLimits, Policy, Preset, Rule};
    use crate::wire::reply::Form;

    const AT: Moment = Moment { now: Timestamp::from_millis(1_000_000), draw: 0.5 };

    /// Ten retries in ten seconds.
    fn shared() -> Arc<Resilience> {
        let policy = Policy::new(Preset::Resilient).with(Outcome::Unavailable, Rule::FailOver);
        let retries = BudgetLimits { share: 0.0, floor_per_second: 1 };
        Resilience::new(policy, Deadlines::default(), retries, Cooldown::default(), None)
    }

    /// A call to a fleet of its own whose first attempt has failed, and what is done then.
    fn fail(shared: &Arc<Resilience>, targets: &[&str]) -> (Call, Trial, Decision) {
        let fleet = Fleet::new(Options::default());
        for id in targets {
            fleet.add(TargetSpec::new(*id, *id));
        }
        let mut call = Call::new(fleet, Cooldown::default(), Needs::default());
        let mut lease = call.pick(AT).unwrap();
        let mut trial = Trial::new(Arc::clone(shared), None, AT.now);
        trial.attempt();
        let (body, form) = (r#"{"messages":[]}"#, Form::Whole);
        let asked = Asked { body, model: "m", reasoning: None, form, finish_optional: false };
        trial.begin(&mut call, &mut lease, asked);
        let mut lease = Some(lease);
        let (head, body) = ("500 Internal Server Error\n".to_owned(), String::new());
        assert!(trial.told(&mut lease, &Letter::Refused { head, body }));
        let decided = trial.decide(&mut call, lease.unwrap(), AT).unwrap();
        (call, trial, decided.decision)
    }

    const ELSEWHERE: Decision = Decision::FailOver(Elsewhere::Any);

    #[test]
    fn a_failure_with_nobody_left_to_ask_leaves_the_retry_to_another_call() {
        let shared = shared();
        for _ in 0..30 {
            let (mut call, _trial, decision) = fail(&shared, &["one"]);
            assert_eq!(decision, ELSEWHERE);
            assert!(call.pick(AT).is_err());
        }
    }

    #[test]
    fn a_retry_is_charged_when_its_target_is_leased_and_held_until_then() {
        let shared = shared();
        let made = (0..30).filter(|_| {
            let (mut call, mut trial, decision) = fail(&shared, &["one", "two"]);
            if decision == ELSEWHERE {
                drop(call.pick(AT).unwrap());
                trial.attempt();
            }
            decision == ELSEWHERE
        });
        assert_eq!(made.count(), 10);
        let held = self::shared();
        let calls: Vec<_> = (0..30).map(|_| fail(&held, &["one", "two"])).collect();
        assert_eq!(calls.iter().filter(|(.., decision)| *decision == ELSEWHERE).count(), 10);
    }
}
