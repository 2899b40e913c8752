//! The calls of one hub that are under way: each with its lease and its attempt. A call that
//! leaves the table gives back its slot, its task and its connection.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model_multiplexer_core::clock::Moment;
use model_multiplexer_core::fleet::{Lease, Unavailable};
use model_multiplexer_core::mailbox::{Letter, Outbox};
use model_multiplexer_core::multiplexer::Call;
use model_multiplexer_core::outcome::Outcome;
use model_multiplexer_core::wire::Body;
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
        Self { call, lease: None, body, unavailable: None, tried, attempt: None }
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

    pub(crate) fn start(&mut self, outbox: Arc<Outbox>, task: AbortHandle) {
        self.attempt = Some(Attempt { outbox, task });
    }
}

impl Calls {
    pub(crate) fn insert(&self, id: u32, active: Active) {
        self.lock().insert(id, active);
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
            Letter::Refused { .. } => self.settle(id, Outcome::BadRequest),
            Letter::Unreachable(_) => self.settle(id, Outcome::Unavailable),
            Letter::TimedOut => self.settle(id, Outcome::TimedOut),
            Letter::RateLimited { .. }
            | Letter::Template { .. }
            | Letter::Named { .. }
            | Letter::Leased { .. }
            | Letter::Spent { .. }
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
        match letter {
            Letter::Opened { .. } => active.body = Body::default(),
            _ if !goes_on => drop(calls.remove(&id)),
            _ => {}
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
