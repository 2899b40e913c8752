//! A call's attempts under the policy `resilient`: judged as they end, so that whom a failure
//! concerns rests, and the call goes on or is given up. It asks nobody and waits for nothing.

mod hedge;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::Call;
use super::account::Account;
use super::binding::Binding;
use super::letter::{is_about_usage, judgement_of, limits_told};
use super::recovering::Recovering;
use crate::clock::{Moment, Timestamp};
use crate::fleet::{Lease, TargetKey};
use crate::mailbox::Letter;
use crate::outcome::{Cooldown, Domain, Judgement, Outcome, Seen, Stage, judge};
use crate::policy::{
    BudgetLimits, Decision, Elsewhere, FirstTokens, Kind, Policy, Progress, Replay, RetryBudget,
    ids_of_answer, is_reasoning,
};
use crate::wire::estimate;
use crate::wire::reply::{Care, Form, Meter, Notice};
use crate::wire::usage_request;

/// Deadlines of calls.
#[derive(Clone, Copy, Debug, Default)]
pub struct Deadlines {
    /// To the first event that is something of the answer.
    pub first_token: FirstToken,
    /// From one event to the next.
    pub stall: Option<Duration>,
    /// Of the whole call.
    pub total: Option<Duration>,
}

/// How long the first token may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FirstToken {
    /// As long as the target's usual time says, once that is known, and for ever where the model
    /// thinks before it answers.
    #[default]
    Learned,
    /// So long; none for as long as it likes.
    Fixed(Option<Duration>),
}

/// What is asked of a target through the engine.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The request, as JSON; empty for none.
    pub body: &'a str,
    /// The name of the model that is asked.
    pub model: &'a str,
    /// The model thinks before it answers; none where that is not said, and its name tells.
    pub reasoning: Option<bool>,
    /// In which form the answer comes.
    pub form: Form,
    /// A stream may end without saying that it is finished.
    pub finish_optional: bool,
}

/// What the calls of one fleet share.
#[derive(Debug)]
pub struct Resilience {
    policy: Policy,
    budget: RetryBudget,
    hedges: Option<RetryBudget>,
    cooldown: Cooldown,
    deadlines: Deadlines,
    /// Targets that do not know the option by which a stream is asked for its usage.
    without_usage: Mutex<HashSet<TargetKey>>,
    first_tokens: FirstTokens,
}

impl Resilience {
    /// This policy with these deadlines, bounds of retries and bounds of rests. `hedges` is the
    /// share of the calls beside which a second target may be asked; none for no call.
    pub fn new(
        policy: Policy,
        deadlines: Deadlines,
        retries: BudgetLimits,
        cooldown: Cooldown,
        hedges: Option<f64>,
    ) -> Arc<Self> {
        let hedges =
            hedges.map(|share| RetryBudget::new(BudgetLimits { share, floor_per_second: 0 }));
        Arc::new(Self {
            policy,
            budget: RetryBudget::new(retries),
            hedges,
            cooldown,
            deadlines,
            without_usage: Mutex::default(),
            first_tokens: FirstTokens::default(),
        })
    }

    pub(super) fn first_tokens(&self) -> &FirstTokens {
        &self.first_tokens
    }

    fn without_usage(&self) -> MutexGuard<'_, HashSet<TargetKey>> {
        self.without_usage.lock().unwrap_or_else(PoisonError::into_inner)
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

/// Whether an attempt asks for the usage of its stream, which the caller has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AskedUsage {
    No,
    Yes,
    /// And the target has refused for that reason.
    Refused,
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
    estimate: Option<u64>,
    account: Option<Account>,
    usage: AskedUsage,
    judgement: Option<Judgement>,
    /// Something of the answer has been handed over.
    opened: bool,
    recovering: Recovering,
    /// It is the second attempt beside another's.
    is_hedge: bool,
}

/// A request as one target is sent it.
#[derive(Debug)]
pub struct Begun {
    /// How the attempt is looked after.
    pub care: Care,
    /// What is sent in place of the call's own body.
    pub body: Option<String>,
}

impl Trial {
    /// A call that begins. `total` is its own deadline, in place of the one that all calls have.
    pub fn new(shared: Arc<Resilience>, total: Option<Duration>, now: Timestamp) -> Self {
        shared.budget.count_request(now);
        if let Some(hedges) = &shared.hedges {
            hedges.count_request(now);
        }
        Self {
            total: total.or(shared.deadlines.total),
            shared,
            began: Instant::now(),
            attempt_began: Instant::now(),
            attempts_here: 0,
            work_may_have_begun: false,
            replay: None,
            estimate: None,
            account: None,
            usage: AskedUsage::No,
            judgement: None,
            opened: false,
            recovering: Recovering::default(),
            is_hedge: false,
        }
    }

    /// The same call's second attempt, which begins now.
    fn beside(&self) -> Self {
        let wanted = self.recovering.is_wanted();
        Self {
            shared: Arc::clone(&self.shared),
            began: self.began,
            total: self.total,
            attempt_began: Instant::now(),
            attempts_here: 1,
            work_may_have_begun: true,
            replay: self.replay,
            estimate: self.estimate,
            account: None,
            usage: AskedUsage::No,
            judgement: None,
            opened: false,
            recovering: if wanted { Recovering::wanted() } else { Recovering::default() },
            is_hedge: true,
        }
    }

    /// A stream of this call that breaks off is to be gone on with elsewhere.
    pub fn recover(&mut self) {
        self.recovering = Recovering::wanted();
    }

    /// The call's body is needed after its stream has begun.
    pub fn keeps_body(&self) -> bool {
        self.recovering.is_wanted()
    }

    /// A target has been leased, and is asked by the engine or by the host.
    pub fn attempt(&mut self) {
        self.attempt_began = Instant::now();
        self.attempts_here += 1;
    }

    /// Reads what is to be sent, before anybody is asked: an id that is known to have come from an
    /// account holds the call to it.
    pub fn read(&mut self, call: &mut Call, body: &str) {
        let (replay, binding) = Binding::read(body, call.fleet());
        self.replay = Some(replay);
        if let Some(binding) = binding {
            call.bind(binding);
        }
    }

    /// The engine sends this to a target.
    pub fn begin(&mut self, call: &mut Call, lease: &mut Lease, asked: Asked<'_>) -> Begun {
        let Asked { body, form, finish_optional, .. } = asked;
        let target = lease.target();
        self.replay.get_or_insert_with(|| Replay::of(body));
        let estimated = *self.estimate.get_or_insert_with(|| estimate(body));
        self.settle_account(call, target);
        if form != Form::Events {
            self.recovering = Recovering::default();
        }
        // Text that is held for the end of the answer needs one that is told.
        let takes = self.recovering.is_under_way() && !finish_optional;
        let prefill = takes.then(|| call.fleet().spec(target)?.prefill).flatten();
        let (joint, altered) = self.recovering.begin(body, self.replay.as_ref(), prefill);
        let asking = self.asking(lease, altered.as_deref().unwrap_or(body), form);
        // What was reserved is the better estimate, where tokens are limited.
        let input = match (altered.as_deref(), lease.estimate().input) {
            (Some(altered), _) => estimate(altered),
            (None, 0) => estimated,
            (None, reserved) => reserved,
        };
        let fleet = Arc::downgrade(call.fleet());
        let notice = Notice::new(move |answer| {
            let Some(fleet) = fleet.upgrade() else { return };
            ids_of_answer(answer, &mut |id| fleet.remember(id, target));
        });
        // Whoever goes on with a stream is asked alone.
        let may_hedge = !self.recovering.is_under_way();
        let care = self.look_after(lease, asked, input);
        let care = Care {
            withholds_usage: asking.is_some(),
            notice: Some(notice),
            joint,
            hedge_at: care.hedge_at.filter(|_| may_hedge),
            ..care
        };
        Begun { care, body: asking.or(altered) }
    }

    /// What the call asks, as JSON. It need not be told before an attempt has failed.
    pub fn asks(&mut self, body: &str) {
        self.replay.get_or_insert_with(|| Replay::of(body));
    }

    /// How the attempt that begins is looked after, of a call of which [`Self::asks`] is told
    /// later: nothing is altered of what is sent, nobody is asked beside it, and no id of its
    /// answer is remembered.
    pub fn care(&mut self, lease: &mut Lease, asked: Asked<'_>) -> Care {
        let estimated = *self.estimate.get_or_insert_with(|| estimate(asked.body));
        let reserved = lease.estimate().input;
        self.look_after(lease, asked, if reserved > 0 { reserved } else { estimated })
    }

    fn look_after(&mut self, lease: &mut Lease, asked: Asked<'_>, input: u64) -> Care {
        let Asked { body, form, finish_optional, .. } = asked;
        let meter = Arc::new(Meter::new(input));
        let kind = Kind::new(lease.target(), body.len(), form == Form::Events);
        // Of bytes that are handed on as they come, nobody knows which is the first token.
        let lesson = (form != Form::Bytes).then_some(kind);
        let shared = Arc::clone(&self.shared);
        let account = Account::new(lease, Arc::clone(&meter), shared, self.attempt_began, lesson);
        self.account = Some(account);
        Care {
            began: self.attempt_began,
            first_token: self.first_token(kind, asked),
            stall: self.shared.deadlines.stall,
            until: self.until(),
            finish_optional,
            has_json: !body.is_empty(),
            withholds_usage: false,
            hedge_at: self.hedge_at(kind, form),
            meter,
            notice: None,
            joint: None,
        }
    }

    /// An id that nobody remembers belongs to the account that is asked first, or to none that
    /// could be found.
    fn settle_account(&self, call: &mut Call, target: TargetKey) {
        if let Some(field) = self.replay.as_ref().and_then(|replay| replay.bound_by) {
            call.settle_on(field, target);
        }
    }

    /// The request that asks for the usage of its stream as well, where the caller's does not and
    /// tokens are limited.
    fn asking(&mut self, lease: &Lease, body: &str, form: Form) -> Option<String> {
        let may = form == Form::Events
            && lease.counts_tokens()
            && !self.shared.without_usage().contains(&lease.target());
        let asking = may.then(|| usage_request::asking(body)).flatten();
        self.usage = if asking.is_some() { AskedUsage::Yes } else { AskedUsage::No };
        asking
    }

    /// How long the first token may take.
    fn first_token(&self, kind: Kind, asked: Asked<'_>) -> Option<Duration> {
        match self.shared.deadlines.first_token {
            FirstToken::Fixed(span) => span,
            FirstToken::Learned if asked.form != Form::Events => None,
            FirstToken::Learned => {
                let learned = self.shared.first_tokens.deadline(kind)?;
                let reasons = asked.reasoning.unwrap_or_else(|| is_reasoning(asked.model));
                (!reasons).then_some(learned)
            }
        }
    }

    /// When the call must have come to its end.
    pub fn until(&self) -> Option<Instant> {
        self.total.map(|total| self.began + total)
    }

    /// How long the present attempt has taken so far.
    pub fn took(&self) -> Duration {
        self.attempt_began.elapsed()
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
        if let Some(lease) = lease {
            let told = limits_told(letter);
            if !told.is_empty() {
                lease.learn(&told, lease.now(took));
            }
        }
        match letter {
            Letter::Opened { .. } => {
                self.opened = true;
                if let Some(account) = &mut self.account {
                    account.answered();
                }
                if let Some(lease) = lease {
                    lease.first_token(first.unwrap_or(took), lease.now(took));
                    lease.succeed();
                }
                return true;
            }
            Letter::Reply { .. } | Letter::Ended { .. } | Letter::Finished => {
                if let (Letter::Reply { .. }, Some(account)) = (letter, &mut self.account) {
                    account.answered();
                }
                if let Some(mut lease) = lease.take() {
                    lease.probe_succeeded(lease.now(took));
                    lease.settle(Outcome::Success, Some(took));
                }
                return matches!(letter, Letter::Finished);
            }
            _ => {}
        }
        let stage = if self.opened { Stage::Streaming } else { Stage::AwaitingHead };
        let Some(judgement) = judgement_of(letter, stage) else { return true };
        let judgement = self.excuse(judgement);
        if self.opened && !(lease.is_some() && self.recovering.can_go_on()) {
            // The stream is the caller's: nothing is left to decide but who rests.
            if let Some(lease) = lease.take() {
                let now = lease.now(took);
                self.settle(lease, &judgement, Moment { now, ..Moment::sample() });
            }
            return false;
        }
        if self.usage == AskedUsage::Yes && is_about_usage(letter) {
            self.usage = AskedUsage::Refused;
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
        let took = Some(self.attempt_began.elapsed());
        if judgement.is_unsent() {
            lease.settle_unsent(judgement.outcome, took);
        } else {
            lease.settle(judgement.outcome, took);
        }
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
        self.judgement = Some(self.excuse(judge(seen, SystemTime::now())));
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
        self.settle_account(call, target);
        if self.usage == AskedUsage::Refused {
            self.usage = AskedUsage::No;
            self.shared.without_usage().insert(target);
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

    /// Enters what the attempt has cost, if work may have begun.
    fn close_account(&mut self, judgement: &Judgement) -> Option<String> {
        let mut account = self.account.take()?;
        account.failed(judgement);
        judgement.work_may_have_begun.then(|| account.meter().to_text())
    }

    /// What the attempt under way has cost so far, as [`Meter::to_text`] tells it.
    pub fn spent(&self) -> Option<String> {
        self.account.as_ref().map(|account| account.meter().to_text())
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
            bytes_handed_over: 0,
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
        if shared.policy.is_charged(judgement) && !shared.budget.take_retry(at.now) {
            return Decision::GiveUp;
        }
        decision
    }
}
