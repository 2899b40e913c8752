//! The calls of one hub that are under way: each with its lease and its attempt. A call that
//! leaves the table gives back its slot, its task and its connection.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model_multiplexer_core::clock::Moment;
use model_multiplexer_core::fleet::{Lease, Unavailable};
use model_multiplexer_core::mailbox::{Letter, Mailbox, Outbox};
use model_multiplexer_core::multiplexer::{Asked, Begun, Call, outcome_of};
use model_multiplexer_core::outcome::{Interruption, Outcome};
use model_multiplexer_core::wire::Body;
use model_multiplexer_core::wire::reply::Form;
use napi::{Error, Result};
use tokio::task::AbortHandle;

use crate::resilience::Tried;

/// All calls under way, by the number that JavaScript gave them.
#[derive(Default)]
pub(crate) struct Calls(Mutex<HashMap<u32, Active>>);

/// A call under way.
pub(crate) struct Active {
    pub(crate) call: Call,
    pub(crate) lease: Option<Lease>,
    /// Kept for the next target, until one has answered.
    pub(crate) body: Body,
    pub(crate) unavailable: Option<Unavailable>,
    /// Under the policy `resilient`, what there is to remember of the call's attempts.
    pub(crate) tried: Option<Tried>,
    /// The call's other attempt, which is under way beside this one.
    rival: Option<u32>,
    attempt: Option<Attempt>,
}

struct Attempt {
    outbox: Arc<Outbox>,
    task: AbortHandle,
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.outbox.close();
        self.task.abort();
    }
}

impl Active {
    pub(crate) fn new(call: Call, tried: Option<Tried>) -> Self {
        let body = Body::default();
        Self { call, lease: None, body, unavailable: None, tried, rival: None, attempt: None }
    }

    /// Leases the next target and tells its number; 0 if there is none.
    pub(crate) fn pick(&mut self, moment: Moment) -> u32 {
        self.lease = None;
        match self.call.pick(moment) {
            Ok(lease) => {
                if let Some(tried) = &mut self.tried {
                    tried.trial.attempt();
                }
                self.lease.insert(lease).target().0
            }
            Err(reason) => {
                self.unavailable = Some(reason);
                0
            }
        }
    }

    /// Under the policy `resilient`: what is sent to the target that is leased, and how the attempt
    /// is looked after.
    pub(crate) fn begin(
        &mut self,
        model: &str,
        reasoning: Option<bool>,
        form: Form,
        finish_optional: bool,
    ) -> Result<Option<Begun>> {
        let Some(tried) = &mut self.tried else { return Ok(None) };
        let lease = self.lease.as_mut();
        let lease = lease.ok_or_else(|| Error::from_reason("no target is leased"))?;
        let asked = Asked { body: self.body.text(), model, reasoning, form, finish_optional };
        Ok(Some(tried.trial.begin(&mut self.call, lease, asked)))
    }

    /// Where the next attempt's mail goes.
    pub(crate) fn outbox(&self, mailbox: &Arc<Mailbox>, id: u32) -> Arc<Outbox> {
        match &self.attempt {
            Some(before) => before.outbox.after(),
            None => Outbox::new(Arc::clone(mailbox), id),
        }
    }

    /// The other attempt has answered: this one is cancelled and its slot given back. What it has
    /// cost is told when the host ends it.
    fn lose(&mut self) {
        self.attempt = None;
        self.lease = None;
    }

    pub(crate) fn start(&mut self, outbox: Arc<Outbox>, task: AbortHandle) {
        self.attempt = Some(Attempt { outbox, task });
    }
}

impl Calls {
    pub(crate) fn insert(&self, id: u32, active: Active) {
        self.lock().insert(id, active);
    }

    /// Enters a second attempt beside a call, as `begin` makes it; its target's number, or 0.
    pub(crate) fn hedge(
        &self,
        id: u32,
        hedge: u32,
        begin: impl FnOnce(&Active) -> Option<(Call, Lease, Tried)>,
    ) -> u32 {
        let mut calls = self.lock();
        let Some(active) = calls.get_mut(&id) else { return 0 };
        let Some((call, lease, tried)) = begin(active) else { return 0 };
        active.rival = Some(hedge);
        let target = lease.target().0;
        let second = Active {
            lease: Some(lease),
            body: active.body.clone(),
            rival: Some(id),
            ..Active::new(call, Some(tried))
        };
        calls.insert(hedge, second);
        target
    }

    /// Ends a call, whatever it was doing, and hands back its lease.
    pub(crate) fn end(&self, id: u32) -> Option<Lease> {
        let ended = self.lock().remove(&id);
        ended.and_then(|mut active| active.lease.take())
    }

    pub(crate) fn with<R>(&self, id: u32, work: impl FnOnce(&mut Active) -> R) -> Option<R> {
        self.lock().get_mut(&id).map(work)
    }

    pub(crate) fn give_credit(&self, id: u32, size: u32) {
        if let Some(attempt) = self.lock().get(&id).and_then(|active| active.attempt.as_ref()) {
            attempt.outbox.give_credit(size);
        }
    }

    pub(crate) fn clear(&self) {
        std::mem::take(&mut *self.lock());
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    /// Settles the lease of a call that is being told `letter`. A refusal with 429 is left to
    /// the host, whose clock says from when the target rests.
    pub(crate) fn told(&self, id: u32, letter: &Letter) {
        if self.tried(id, letter) {
            return;
        }
        match letter {
            Letter::Opened { .. } => {
                self.with(id, |active| {
                    active.body = Body::default();
                    active.lease.as_mut().map(Lease::succeed)
                });
            }
            // The slot is free though the connection may stay open for a while.
            Letter::Finished => drop(self.with(id, |active| active.lease.take()).flatten()),
            Letter::Ended { truncated: true } => {
                if let Some(lease) = self.end(id) {
                    lease.end_unfinished();
                }
            }
            Letter::Reply { .. } | Letter::Ended { truncated: false } => {
                self.settle(id, Outcome::Success);
            }
            // An end that only some versions of the SDK take for one.
            Letter::Unparsed { data } if data.starts_with("[DONE]") => {
                self.settle(id, Outcome::Success);
            }
            Letter::Broken(_) | Letter::ErrorEvent { .. } | Letter::Unparsed { .. } => {
                self.settle(id, Outcome::Truncated);
            }
            Letter::Refused { .. } => {
                let outcome = outcome_of(letter).unwrap_or(Outcome::BadRequest);
                if let Some(lease) = self.end(id) {
                    lease.fail(outcome);
                }
            }
            Letter::Unreachable(fault) => {
                let is_unsent = Interruption::Broken { code: fault.code }.is_before_sending();
                if let Some(lease) = self.end(id) {
                    if is_unsent {
                        lease.settle_unsent(Outcome::Unavailable, None);
                    } else {
                        lease.settle(Outcome::Unavailable, None);
                    }
                }
            }
            Letter::TimedOut => self.settle(id, Outcome::TimedOut),
            Letter::RateLimited { .. }
            | Letter::Template { .. }
            | Letter::Named { .. }
            | Letter::Leased { .. }
            | Letter::Diverged
            | Letter::Spent { .. }
            | Letter::Late
            | Letter::Bytes { .. } => {}
        }
    }

    /// The same under the policy `resilient`; false where that is not the call's.
    fn tried(&self, id: u32, letter: &Letter) -> bool {
        let mut calls = self.lock();
        let Some(active) = calls.get_mut(&id) else { return false };
        let Some(tried) = &mut active.tried else { return false };
        let goes_on = if let Letter::Leased { .. } = letter {
            active.lease = tried.take_waited();
            true
        } else {
            tried.trial.told(&mut active.lease, letter)
        };
        let answers = matches!(letter, Letter::Opened { .. } | Letter::Reply { .. });
        let loser = active.rival.filter(|_| answers);
        match letter {
            Letter::Opened { .. } if !tried.trial.keeps_body() => active.body = Body::default(),
            _ if !goes_on => drop(calls.remove(&id)),
            _ => {}
        }
        if let Some(loser) = loser.and_then(|loser| calls.get_mut(&loser)) {
            loser.lose();
        }
        true
    }

    fn settle(&self, id: u32, kind: Outcome) {
        if let Some(lease) = self.end(id) {
            lease.settle(kind, None);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u32, Active>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
