//! A call's attempts under the policy `resilient`: judged as they end, so that whom a failure
//! concerns rests, and the call goes on or is given up. It asks nobody and waits for nothing.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::Call;
use super::account::Account;
use super::letter::judgement_of;
use crate::clock::{Moment, Timestamp};
use crate::fleet::Lease;
use crate::mailbox::Letter;
use crate::outcome::{Cooldown, Domain, Judgement, Outcome, Seen, Stage, judge};
use crate::policy::{BudgetLimits, Decision, Elsewhere, Policy, Progress, Replay, RetryBudget};
use crate::wire::estimate;
use crate::wire::reply::{Care, Meter};

/// Deadlines of calls.
#[derive(Clone, Copy, Debug, Default)]
pub struct Deadlines {
    /// To the first event that is something of the answer.
    pub first_token: Option<Duration>,
    /// From one event to the next.
    pub stall: Option<Duration>,
    /// Of the whole call.
    pub total: Option<Duration>,
}

/// What the calls of one fleet share.
#[derive(Debug)]
pub struct Resilience {
    policy: Policy,
    budget: RetryBudget,
    cooldown: Cooldown,
    deadlines: Deadlines,
}

impl Resilience {
    /// This policy with these deadlines, bounds of retries and bounds of rests.
    pub fn new(
        policy: Policy,
        deadlines: Deadlines,
        retries: BudgetLimits,
        cooldown: Cooldown,
    ) -> Arc<Self> {
        Arc::new(Self { policy, budget: RetryBudget::new(retries), cooldown, deadlines })
    }
}

/// What is done after an attempt that failed.
#[derive(Debug)]
pub struct Decided {
    /// Whether and where the call goes on.
    pub decision: Decision,
    /// What the attempt came to.
    pub outcome: Outcome,
    /// For how long and until when who is concerned rests.
    pub rest: Option<(Duration, Timestamp)>,
    /// What the attempt has cost, as [`Meter::to_text`] tells it; none where it was refused before
    /// any work.
    pub spent: Option<String>,
}

/// What a call remembers of its attempts.
#[derive(Debug)]
pub struct Trial {
    shared: Arc<Resilience>,
    began: Instant,
    /// Of the whole call.
    total: Option<Duration>,
    attempt_began: Instant,
    attempts_here: u32,
    work_may_have_begun: bool,
    replay: Option<Replay>,
    /// About how many tokens the request has.
    estimate: u64,
    account: Option<Account>,
    judgement: Option<Judgement>,
    /// Something of the answer has been handed over.
    opened: bool,
}

impl Trial {
    /// A call that begins. `total` is its own deadline, in place of the one that all calls have.
    pub fn new(shared: Arc<Resilience>, total: Option<Duration>, now: Timestamp) -> Self {
        shared.budget.count_request(now);
        Self {
            total: total.or(shared.deadlines.total),
            shared,
            began: Instant::now(),
            attempt_began: Instant::now(),
            attempts_here: 0,
            work_may_have_begun: false,
            replay: None,
            estimate: 0,
            account: None,
            judgement: None,
            opened: false,
        }
    }

    /// A target has been leased, and is asked by the engine or by the host.
    pub fn attempt(&mut self) {
        self.attempt_began = Instant::now();
        self.attempts_here += 1;
    }

    /// The engine sends this: how the attempt is looked after.
    pub fn begin(&mut self, lease: Option<&Lease>, body: &str, finish_optional: bool) -> Care {
        self.asks(body);
        self.care(lease, body, finish_optional)
    }

    /// What the call asks, as JSON. It need not be told before an attempt has failed.
    pub fn asks(&mut self, body: &str) {
        self.replay.get_or_insert_with(|| Replay::of(body));
    }

    /// How the attempt that begins is looked after, of a call of which [`Self::asks`] is told
    /// later.
    pub fn care(&mut self, lease: Option<&Lease>, body: &str, finish_optional: bool) -> Care {
        if self.estimate == 0 {
            self.estimate = estimate(body);
        }
        let meter = Arc::new(Meter::new(self.estimate));
        self.account = lease.map(|lease| Account::new(lease, Arc::clone(&meter)));
        let Deadlines { first_token, stall, .. } = self.shared.deadlines;
        Care {
            began: self.attempt_began,
            first_token,
            stall,
            until: self.until(),
            finish_optional,
            has_json: !body.is_empty(),
            meter,
        }
    }

    /// When the call must have come to its end.
    pub fn until(&self) -> Option<Instant> {
        self.total.map(|total| self.began + total)
    }

    /// The time of the whole call is over.
    fn is_late(&self) -> bool {
        self.until().is_some_and(|until| until <= Instant::now())
    }

    /// What came too late for the call is nobody's fault, unless the target had most of the time
    /// and gave nothing.
    fn excuse(&self, judgement: Judgement) -> Judgement {
        let is_cut = matches!(judgement.outcome, Outcome::TimedOut | Outcome::Truncated);
        let Some(until) = self.until().filter(|_| is_cut && self.is_late()) else {
            return judgement;
        };
        let had_most = (until - self.attempt_began) * 2 >= until - self.began;
        if had_most && !self.opened {
            return judgement;
        }
        Judgement { domain: Domain::Request, ..judgement }
    }

    /// Notes what a letter says of the attempt, and counts what is over with it. True if the call
    /// goes on: then its lease is kept until [`Self::decide`].
    pub fn told(&mut self, lease: &mut Option<Lease>, letter: &Letter) -> bool {
        let took = self.attempt_began.elapsed();
        let first = self.account.as_ref().and_then(|account| account.meter().time_to_first_token());
        let now = Timestamp::now();
        match letter {
            Letter::Opened { .. } => {
                self.opened = true;
                if let Some(lease) = lease {
                    lease.first_token(first.unwrap_or(took), now);
                    lease.succeed();
                }
                return true;
            }
            Letter::Reply { .. } | Letter::Ended { .. } | Letter::Finished => {
                if let Some(mut lease) = lease.take() {
                    lease.probe_succeeded(now);
                    lease.settle(Outcome::Success, Some(took));
                }
                return matches!(letter, Letter::Finished);
            }
            _ => {}
        }
        let stage = if self.opened { Stage::Streaming } else { Stage::AwaitingHead };
        let Some(judgement) = judgement_of(letter, stage) else { return true };
        let judgement = self.excuse(judgement);
        if self.opened {
            // The stream is the caller's: nothing is left to decide but who rests.
            if let Some(lease) = lease.take() {
                self.settle(lease, &judgement, Moment::sample());
            }
            return false;
        }
        self.judgement = Some(judgement);
        true
    }

    /// Counts a failure and lets rest whom it concerns.
    fn settle(&self, mut lease: Lease, judgement: &Judgement, at: Moment) -> Option<Rested> {
        let failures = lease.failure_number(judgement.domain, at.now);
        let span = self.shared.cooldown.rest_after(judgement, failures, at.draw);
        let rested = span.map(|span| {
            let until = lease.rest(judgement.domain, span, at.now);
            Rested { span, until }
        });
        lease.settle(judgement.outcome, Some(self.attempt_began.elapsed()));
        rested
    }
}

struct Rested {
    span: Duration,
    until: Timestamp,
}

impl Trial {
    /// An attempt that the host made itself has failed. `request` is what was asked, as JSON.
    pub fn host_failed(&mut self, seen: &Seen<'_>, request: &str) {
        self.judgement = Some(judge(seen, SystemTime::now()));
        self.replay.get_or_insert_with(|| Replay::of(request));
    }

    /// The call begins to wait: what comes next is a new beginning.
    pub fn begin_waiting(&mut self) {
        self.attempts_here = 0;
    }

    /// Decides what is done after the attempt that has just failed, and settles its lease. None
    /// if none has.
    pub fn decide(&mut self, call: &mut Call, lease: Lease, at: Moment) -> Option<Decided> {
        let judgement = self.judgement.take()?;
        let target = lease.target();
        let spent = self.close_account(&judgement);
        let decision = self.decision(&judgement, at);
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

    /// Enters what the attempt has cost, if work may have begun.
    fn close_account(&mut self, judgement: &Judgement) -> Option<String> {
        let mut account = self.account.take()?;
        if !judgement.work_may_have_begun {
            account.refuse();
            return None;
        }
        Some(account.meter().to_text())
    }

    /// What the attempt under way has cost so far, as [`Meter::to_text`] tells it.
    pub fn spent(&self) -> Option<String> {
        self.account.as_ref().map(|account| account.meter().to_text())
    }

    /// What is done after this judgement, paid for where it has to be.
    fn decision(&mut self, judgement: &Judgement, at: Moment) -> Decision {
        let unknown = Replay::default();
        let replay = self.replay.as_ref().unwrap_or(&unknown);
        let shared = &self.shared;
        let progress = Progress {
            attempts_here: self.attempts_here,
            work_may_have_begun: self.work_may_have_begun,
            bytes_handed_over: 0,
            replay,
            has_budget: shared.budget.has_left(at.now),
            draw: at.draw,
        };
        self.work_may_have_begun |= judgement.work_may_have_begun;
        let decision = shared.policy.decide(judgement, &progress);
        // What lies on one account cannot be asked of another.
        let is_bound = matches!(decision, Decision::FailOver(_)) && replay.bound_by.is_some();
        if decision == Decision::GiveUp || is_bound || self.is_late() {
            return Decision::GiveUp;
        }
        if shared.policy.is_charged(judgement) && !shared.budget.take_retry(at.now) {
            return Decision::GiveUp;
        }
        decision
    }
}
