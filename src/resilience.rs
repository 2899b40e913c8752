//! What a call is given under the policy `resilient`: its attempts are judged, rests grow and
//! cover whom they concern, and who has nowhere to go may wait. The core decides; this carries
//! what was seen to it and its decisions back.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Wake, Waker};
use std::time::{Duration, SystemTime};

use model_multiplexer_core::clock::{Moment, Timestamp};
use model_multiplexer_core::fleet::{Fleet, Lease, Patience};
use model_multiplexer_core::mailbox::{Letter, Outbox};
use model_multiplexer_core::outcome::{
    Cooldown, Domain, Interruption, Judgement, Outcome, Seen, Stage, judge, judge_event,
};
use model_multiplexer_core::policy::{
    BudgetLimits, Decision, Elsewhere, Policy, Preset, Progress, Replay, RetryBudget,
};
use model_multiplexer_core::wire::http_client::Fault;
use model_multiplexer_core::wire::reply::Care;
use napi::Result;
use napi_derive::napi;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::calls::Active;
use crate::fleet::moment;
use crate::hub::Hub;
use crate::runtime::runtime;

/// Deadlines of an attempt in milliseconds; 0 is none.
#[napi(object)]
#[derive(Clone, Copy, Debug)]
pub struct DeadlinesDto {
    /// To the first event that is something of the answer.
    pub first_token: f64,
    /// From one event to the next.
    pub stall: f64,
    /// Of the whole call.
    pub total: f64,
}

/// What the calls of one fleet share.
pub(crate) struct Resilience {
    policy: Policy,
    budget: RetryBudget,
    cooldown: Cooldown,
    deadlines: DeadlinesDto,
    warden: Mutex<Option<Warden>>,
}

/// Wakes those that wait when their time has come; ends with the fleet.
struct Warden(AbortHandle);

impl Drop for Warden {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Resilience {
    pub(crate) fn new(deadlines: DeadlinesDto, cooldown: Cooldown) -> Arc<Self> {
        Arc::new(Self {
            policy: Policy::new(Preset::Resilient),
            budget: RetryBudget::new(BudgetLimits::default()),
            cooldown,
            deadlines,
            warden: Mutex::default(),
        })
    }

    /// Has somebody wake those that wait for this fleet.
    fn watch(&self, fleet: &Arc<Fleet>) -> Result<()> {
        let mut warden = self.warden.lock().unwrap_or_else(PoisonError::into_inner);
        if warden.is_none() {
            let watching = runtime()?.spawn(watch(Arc::downgrade(fleet)));
            *warden = Some(Warden(watching.abort_handle()));
        }
        Ok(())
    }
}

/// What a call remembers of its attempts.
pub(crate) struct Trial {
    pub(crate) shared: Arc<Resilience>,
    began: Instant,
    attempt_began: Instant,
    attempts_here: u32,
    work_may_have_begun: bool,
    replay: Option<Replay>,
    judgement: Option<Judgement>,
    /// Something of the answer has been handed over.
    opened: bool,
    /// What a wait has come to.
    waited: Arc<Mutex<Option<Lease>>>,
}

impl Trial {
    pub(crate) fn new(shared: Arc<Resilience>, now: Timestamp) -> Self {
        shared.budget.count_request(now);
        Self {
            shared,
            began: Instant::now(),
            attempt_began: Instant::now(),
            attempts_here: 0,
            work_may_have_begun: false,
            replay: None,
            judgement: None,
            opened: false,
            waited: Arc::default(),
        }
    }

    /// A target has been leased, and is asked by the engine or by the host.
    pub(crate) fn attempt(&mut self) {
        self.attempt_began = Instant::now();
        self.attempts_here += 1;
    }

    /// The engine sends this: how the attempt is looked after.
    pub(crate) fn begin(&mut self, body: &str, finish_optional: bool) -> Care {
        self.replay.get_or_insert_with(|| Replay::of(body));
        let DeadlinesDto { first_token, stall, .. } = self.shared.deadlines;
        Care {
            began: self.attempt_began,
            first_token: span(first_token),
            stall: span(stall),
            until: self.until(),
            finish_optional,
            has_json: !body.is_empty(),
        }
    }

    /// When the call must have come to its end.
    fn until(&self) -> Option<Instant> {
        span(self.shared.deadlines.total).map(|total| self.began + total)
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
    /// goes on: then its lease is kept until [`Hub::decide`].
    pub(crate) fn told(&mut self, lease: &mut Option<Lease>, letter: &Letter) -> bool {
        let took = self.attempt_began.elapsed();
        let now = Timestamp::now();
        match letter {
            Letter::Opened { .. } => {
                self.opened = true;
                if let Some(lease) = lease {
                    lease.first_token(took, now);
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

/// Milliseconds of which 0 are none.
fn span(ms: f64) -> Option<Duration> {
    (ms > 0.0).then(|| Duration::from_millis(ms as u64))
}

struct Rested {
    span: Duration,
    until: Timestamp,
}

fn judgement_of(letter: &Letter, stage: Stage) -> Option<Judgement> {
    let now = SystemTime::now();
    let broken = |fault: &Fault, stage| {
        let interruption = if fault.timed_out {
            Interruption::TimedOut
        } else if stage == Stage::Streaming && fault.code.is_none() {
            Interruption::EndedEarly
        } else {
            Interruption::Broken { code: fault.code }
        };
        judge(&Seen::at(stage).with_interruption(interruption), now)
    };
    Some(match letter {
        Letter::RateLimited { head, body } | Letter::Refused { head, body } => {
            let status = head.get(..3).and_then(|status| status.parse().ok()).unwrap_or_default();
            let get = |name: &str| header(head, name);
            judge(&Seen::at(stage).with_status(status).with_headers(&get).with_body(body), now)
        }
        Letter::Unreachable(fault) => broken(fault, stage),
        Letter::Broken(fault) => {
            let came = if stage == Stage::Streaming { stage } else { Stage::AwaitingFirstEvent };
            broken(fault, came)
        }
        Letter::TimedOut => judge(&Seen::at(stage).with_interruption(Interruption::TimedOut), now),
        Letter::ErrorEvent { name, data } => {
            let ended = Seen::at(stage).with_interruption(Interruption::EndedEarly);
            judge_event(name, data, stage, now).unwrap_or_else(|| judge(&ended, now))
        }
        Letter::Unparsed { .. } => {
            judge(&Seen::at(stage).with_interruption(Interruption::EndedEarly), now)
        }
        _ => return None,
    })
}

/// The first value of a header in a head as it crosses to the host.
fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.split('\n').skip(1);
    lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

/// What is to be done after an attempt that failed.
#[napi(object)]
pub struct DecisionDto {
    /// `failOver`, `retry` or `giveUp`.
    pub action: String,
    /// For how long the same target is left alone before the retry, in milliseconds.
    pub after_ms: f64,
    /// What the attempt came to, as `rate_limited`.
    pub outcome: String,
    /// For how long who is concerned rests, in milliseconds; 0 for not at all.
    pub rest_ms: f64,
    /// Until when, in milliseconds since the Unix epoch.
    pub rest_until: f64,
}

#[napi]
impl Hub {
    /// Judges an attempt that the host made itself and that failed: its HTTP status (0 for none),
    /// headers (names in lower case and values in turn), body, and the error's code or name.
    /// `request` is what was asked, as JSON.
    #[napi]
    pub fn judge(
        &self,
        call: u32,
        status: u32,
        headers: Vec<String>,
        body: String,
        code: Option<String>,
        request: String,
    ) {
        let get = |wanted: &str| {
            let mut pairs = headers.chunks_exact(2);
            pairs.find_map(|pair| (pair[0] == wanted).then_some(pair[1].as_str()))
        };
        let mut seen = Seen::at(Stage::AwaitingHead).with_headers(&get).with_body(&body);
        if status > 0 {
            seen = seen.with_status(status as u16);
        }
        let interruption = code.as_deref().and_then(Interruption::of_code);
        if let Some(interruption) = interruption.filter(|_| status == 0) {
            seen = seen.with_interruption(interruption);
        }
        let judgement = judge(&seen, SystemTime::now());
        self.calls().with(call, |active| {
            if let Some(trial) = &mut active.trial {
                trial.judgement = Some(judgement);
                trial.replay.get_or_insert_with(|| Replay::of(&request));
            }
        });
    }

    /// Decides what is done after the attempt that has just failed, and settles its lease. Null
    /// if the call is over.
    #[napi]
    pub fn decide(&self, call: u32, now: f64, draw: f64) -> Option<DecisionDto> {
        self.calls().with(call, |active| decide(active, moment(now, draw))).flatten()
    }

    /// Waits for a target for up to `patience_ms`; the mail says whether there was one. False if
    /// there cannot be one in time.
    #[napi]
    pub fn wait(&self, call: u32, now: f64, patience_ms: f64, priority: i32) -> Result<bool> {
        let waiting = self.calls().with(call, |active| -> Result<bool> {
            let at = moment(now, f64::NAN);
            let Some(trial) = &mut active.trial else { return Ok(false) };
            if !active.call.may_wait() {
                return Ok(false);
            }
            let patience = Duration::from_millis(patience_ms as u64);
            let left = trial.until().map(|until| until.duration_since(Instant::now()));
            let until = at.now.after(left.map_or(patience, |left| left.min(patience)));
            trial.attempts_here = 0;
            let waiting = match active.call.wait(at, Patience { until, priority }) {
                Ok(waiting) => waiting,
                Err(reason) => {
                    active.unavailable = Some(reason);
                    return Ok(false);
                }
            };
            trial.shared.watch(active.call.fleet())?;
            let outbox = Outbox::new(self.mailbox(), call);
            let (place, mail) = (Arc::clone(&trial.waited), Arc::clone(&outbox));
            let task = runtime()?.spawn(async move {
                let lease = waiting.await.ok();
                let target = lease.as_ref().map_or(0, |lease| lease.target().0).to_string();
                *place.lock().unwrap_or_else(PoisonError::into_inner) = lease;
                mail.post(Letter::Leased { target });
            });
            active.start(outbox, task.abort_handle());
            Ok(true)
        });
        waiting.unwrap_or(Ok(false))
    }
}

impl Trial {
    /// The lease that a wait has come to.
    pub(crate) fn take_waited(&mut self) -> Option<Lease> {
        let lease = self.waited.lock().unwrap_or_else(PoisonError::into_inner).take();
        if lease.is_some() {
            self.attempt();
        }
        lease
    }
}

fn decide(active: &mut Active, at: Moment) -> Option<DecisionDto> {
    let trial = active.trial.as_mut()?;
    let judgement = trial.judgement.take()?;
    let lease = active.lease.take()?;
    let target = lease.target();
    let decision = trial.decide(&judgement, at);
    // Whom a moment may help rests only if it has not.
    let rested = match decision {
        Decision::RetrySame { .. } => {
            trial.settle(lease, &Judgement { domain: Domain::Request, ..judgement.clone() }, at)
        }
        _ => trial.settle(lease, &judgement, at),
    };
    let (action, after) = match decision {
        Decision::FailOver(elsewhere) => {
            trial.attempts_here = 0;
            if rested.is_some() {
                active.call.leave(target);
            } else {
                active.call.leave_for_good(target);
            }
            if elsewhere == Elsewhere::LargerContext {
                active.call.needs_larger_than(target, judgement.context_window);
            }
            ("failOver", Duration::ZERO)
        }
        Decision::RetrySame { after } => {
            active.call.stay(target);
            ("retry", after)
        }
        Decision::GiveUp => ("giveUp", Duration::ZERO),
    };
    Some(DecisionDto {
        action: action.to_owned(),
        after_ms: after.as_millis() as f64,
        outcome: judgement.outcome.name().to_owned(),
        rest_ms: rested.as_ref().map_or(0.0, |rested| rested.span.as_millis() as f64),
        rest_until: rested.map_or(0.0, |rested| rested.until.as_millis() as f64),
    })
}

impl Trial {
    /// What is done after this judgement, paid for where it has to be.
    fn decide(&mut self, judgement: &Judgement, at: Moment) -> Decision {
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

/// What wakes the warden before its time.
#[derive(Default)]
struct Bell(Notify);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.notify_one();
    }
}

/// Ends rests on time for those that wait. Sleeps until something is due, and as long as nobody
/// waits.
async fn watch(fleet: Weak<Fleet>) {
    let bell = Arc::new(Bell::default());
    let waker = Waker::from(Arc::clone(&bell));
    loop {
        let due = match fleet.upgrade() {
            Some(fleet) => fleet.next_due(&waker),
            None => return,
        };
        match due {
            None => bell.0.notified().await,
            Some(at) => {
                let span = at.since(Timestamp::now());
                let _ = tokio::time::timeout(span, bell.0.notified()).await;
            }
        }
        let Some(fleet) = fleet.upgrade() else { return };
        fleet.wake_due(Timestamp::now());
    }
}
