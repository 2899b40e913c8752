//! The policy `resilient`, for JavaScript: what the host has seen goes in, what is decided comes
//! out, and who has nowhere to go may wait.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use model_multiplexer_core::fleet::{Fleet, Lease, Patience, TargetKey};
use model_multiplexer_core::mailbox::{Letter, Outbox};
use model_multiplexer_core::multiplexer::{
    Deadlines, Decided, FirstToken, Resilience, Trial, wake_waiting,
};
use model_multiplexer_core::outcome::{Cooldown, Interruption, Outcome, Seen, Stage};
use model_multiplexer_core::policy::{BudgetLimits, Decision, Policy, Preset, Rule};
use napi::{Error, Result};
use napi_derive::napi;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::fleet::moment;
use crate::hub::Hub;
use crate::runtime::runtime;

/// Deadlines of an attempt in milliseconds; 0 is none.
#[napi(object)]
#[derive(Clone, Copy, Debug)]
pub struct DeadlinesDto {
    /// To the first event that is something of the answer; null for what is learned.
    pub first_token: Option<f64>,
    /// From one event to the next.
    pub stall: f64,
    /// Of the whole call.
    pub total: f64,
}

impl From<DeadlinesDto> for Deadlines {
    fn from(dto: DeadlinesDto) -> Self {
        let span = |ms: f64| (ms > 0.0).then(|| Duration::from_millis(ms as u64));
        let first_token =
            dto.first_token.map_or(FirstToken::Learned, |ms| FirstToken::Fixed(span(ms)));
        Self { first_token, stall: span(dto.stall), total: span(dto.total) }
    }
}

/// What the calls of a fleet go by under the policy `resilient`.
#[napi(object)]
#[derive(Clone, Debug)]
pub struct ResilienceDto {
    /// The deadlines.
    pub deadlines: DeadlinesDto,
    /// Retries for each recent request.
    pub retry_share: f64,
    /// Retries a second that are always allowed.
    pub retries_per_second: u32,
    /// Rules that are not the preset's, by the outcome's name: `giveUp`, `failOver` or `retry`.
    pub outcomes: Option<HashMap<String, String>>,
    /// The share of the calls beside which a second target may be asked; null for none.
    pub hedge_share: Option<f64>,
}

impl ResilienceDto {
    pub(crate) fn into_core(self, cooldown: Cooldown) -> Result<Arc<Resilience>> {
        let mut policy = Policy::new(Preset::Resilient);
        for (outcome, rule) in self.outcomes.unwrap_or_default() {
            let unknown = || Error::from_reason(format!("there is no rule {rule} for {outcome}"));
            let rule = match rule.as_str() {
                "giveUp" => Rule::GiveUp,
                "failOver" => Rule::FailOver,
                "retry" => Rule::RetryThenFailOver,
                _ => return Err(unknown()),
            };
            policy = policy.with(Outcome::named(&outcome).ok_or_else(unknown)?, rule);
        }
        let retries =
            BudgetLimits { share: self.retry_share, floor_per_second: self.retries_per_second };
        let deadlines = self.deadlines.into();
        Ok(Resilience::new(policy, deadlines, retries, cooldown, self.hedge_share))
    }
}

/// Wakes calls that wait, from the first wait until the fleet is gone.
#[derive(Default)]
pub(crate) struct Warden(Mutex<Option<AbortHandle>>);

impl Warden {
    fn watch(&self, fleet: &Arc<Fleet>) -> Result<()> {
        let mut watching = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if watching.is_none() {
            let task = runtime()?.spawn(wake_waiting(Arc::downgrade(fleet)));
            *watching = Some(task.abort_handle());
        }
        Ok(())
    }
}

impl Drop for Warden {
    fn drop(&mut self) {
        if let Some(task) = self.0.get_mut().unwrap_or_else(PoisonError::into_inner) {
            task.abort();
        }
    }
}

/// A call's attempts, and what the host needs beside them.
pub(crate) struct Tried {
    pub(crate) trial: Trial,
    warden: Arc<Warden>,
    /// What a wait has come to.
    waited: Arc<Mutex<Handed>>,
}

/// A lease on its way to a call. If the call is left meanwhile, its target was never asked.
#[derive(Default)]
struct Handed(Option<Lease>);

impl Drop for Handed {
    fn drop(&mut self) {
        if let Some(lease) = self.0.take() {
            lease.forget();
        }
    }
}

impl Tried {
    pub(crate) fn new(trial: Trial, warden: Arc<Warden>) -> Self {
        Self { trial, warden, waited: Arc::default() }
    }

    /// What the host needs beside the second attempt of the same call.
    fn beside(&self, trial: Trial) -> Self {
        Self::new(trial, Arc::clone(&self.warden))
    }

    /// The lease that a wait has come to.
    pub(crate) fn take_waited(&mut self) -> Option<Lease> {
        let lease = self.waited.lock().unwrap_or_else(PoisonError::into_inner).0.take();
        if lease.is_some() {
            self.trial.attempt();
        }
        lease
    }
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
    /// What the attempt has cost: tokens read and written, and 1 if they were reported.
    pub spent: Option<String>,
}

impl From<Decided> for DecisionDto {
    fn from(Decided { decision, outcome, rest, spent }: Decided) -> Self {
        let (action, after) = match decision {
            Decision::FailOver(_) => ("failOver", Duration::ZERO),
            Decision::RetrySame { after } => ("retry", after),
            Decision::GiveUp => ("giveUp", Duration::ZERO),
        };
        Self {
            action: action.to_owned(),
            after_ms: after.as_millis() as f64,
            outcome: outcome.name().to_owned(),
            rest_ms: rest.map_or(0.0, |(span, _)| span.as_millis() as f64),
            rest_until: rest.map_or(0.0, |(_, until)| until.as_millis() as f64),
            spent,
        }
    }
}

/// The first value of a header among names and values in turn.
fn of_pairs<'a>(headers: &'a [String], wanted: &str) -> Option<&'a str> {
    let mut pairs = headers.chunks_exact(2);
    pairs.find_map(|pair| (pair[0] == wanted).then_some(pair[1].as_str()))
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
        let get = |wanted: &str| of_pairs(&headers, wanted);
        let mut seen = Seen::at(Stage::AwaitingHead).with_headers(&get).with_body(&body);
        if status > 0 {
            seen = seen.with_status(status as u16);
        }
        let interruption = code.as_deref().and_then(Interruption::of_code);
        if let Some(interruption) = interruption.filter(|_| status == 0) {
            seen = seen.with_interruption(interruption);
        }
        self.calls().with(call, |active| {
            if let Some(tried) = &mut active.tried {
                tried.trial.host_failed(active.lease.as_mut(), &seen, &request);
            }
        });
    }

    /// The answer to an attempt that the host makes itself has these headers (names in lower case
    /// and values in turn): what they tell of limits is learned.
    #[napi]
    pub fn heard(&self, call: u32, headers: Vec<String>) {
        self.calls().with(call, |active| {
            if let (Some(tried), Some(lease)) = (&active.tried, &mut active.lease) {
                tried.trial.host_heard(lease, &|wanted| of_pairs(&headers, wanted));
            }
        });
    }

    /// Decides what is done after the attempt that has just failed, and settles its lease. Null
    /// if the call is over.
    #[napi]
    pub fn decide(&self, call: u32, now: f64, draw: f64) -> Option<DecisionDto> {
        let decided = self.calls().with(call, |active| {
            let tried = active.tried.as_mut()?;
            let lease = active.lease.take()?;
            tried.trial.decide(&mut active.call, lease, moment(now, draw))
        });
        decided.flatten().map(DecisionDto::from)
    }

    /// Leases a target for a second attempt beside a call's, which is late: the target's number, 0
    /// where there is none. The attempt is a call of its own, numbered `hedge`; whichever of the two
    /// answers first ends the other.
    #[napi]
    pub fn hedge(&self, call: u32, hedge: u32, now: f64, draw: f64) -> u32 {
        self.calls().hedge(call, hedge, |active| {
            let tried = active.tried.as_ref()?;
            let lease = active.lease.as_ref()?;
            let at = moment(now, draw);
            let (call, lease, trial) = tried.trial.hedge(&active.call, lease, at)?;
            Some((call, lease, tried.beside(trial)))
        })
    }

    /// A call does not come to this target: its second attempt was there.
    #[napi]
    pub fn leave(&self, call: u32, target: u32) {
        self.calls().with(call, |active| active.call.leave(TargetKey(target)));
    }

    /// Waits for a target for up to `patience_ms`; the mail says whether there was one. False if
    /// there cannot be one in time.
    #[napi]
    pub fn wait(&self, call: u32, now: f64, patience_ms: f64, priority: i32) -> Result<bool> {
        let waiting = self.calls().with(call, |active| -> Result<bool> {
            let at = moment(now, f64::NAN);
            let Some(tried) = &mut active.tried else { return Ok(false) };
            if !active.call.may_wait() {
                return Ok(false);
            }
            let patience = Duration::from_millis(patience_ms as u64);
            let left = tried.trial.until().map(|until| until.duration_since(Instant::now()));
            let until = at.now.after(left.map_or(patience, |left| left.min(patience)));
            tried.trial.begin_waiting();
            let waiting = match active.call.wait(at, Patience { until, priority }) {
                Ok(waiting) => waiting,
                Err(reason) => {
                    active.unavailable = Some(reason);
                    return Ok(false);
                }
            };
            tried.warden.watch(active.call.fleet())?;
            let outbox = Outbox::new(self.mailbox(), call);
            let (place, mail) = (Arc::clone(&tried.waited), Arc::clone(&outbox));
            let task = runtime()?.spawn(async move {
                let lease = waiting.await.ok();
                let target = lease.as_ref().map_or(0, |lease| lease.target().0).to_string();
                *place.lock().unwrap_or_else(PoisonError::into_inner) = Handed(lease);
                mail.post(Letter::Leased { target });
            });
            active.start(outbox, task.abort_handle());
            Ok(true)
        });
        waiting.unwrap_or(Ok(false))
    }
}
