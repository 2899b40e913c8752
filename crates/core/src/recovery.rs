//! Taking a broken-off answer up again: what of it the caller has been given, and how another
//! target's answer is joined to it so that nothing is said twice and nothing is left out.
//!
//! Two ways. A *restart* asks the same once more and withholds the new answer until it has said
//! all that was given, letter for letter; it goes on from there, or has diverged. A *continuation*
//! hands the text so far to a target that takes a prefilled answer ([`Prefill`]), and its answer
//! is what follows. It does not decide whether and whom to ask: that is the policy's
//! ([`crate::policy`]) and the call's ([`crate::multiplexer`]). All here is pure: texts in, texts
//! out.

mod chunk;
mod given;
mod joint;
mod object;
mod overlap;
mod request;
mod seam;
mod tool_calls;
mod withheld;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use given::Usage;
pub use joint::{Joint, Passage};
pub use request::{Continuation, Prefill, may_be_joined};

use given::Given;

/// What a call keeps of its answer, so that another target can go on with it.
#[derive(Debug, Default)]
pub struct Recovery(Mutex<Given>);

/// How the answer of an attempt meets what was given before.
#[derive(Clone, Debug)]
pub enum Manner {
    /// Nothing was given before.
    First,
    /// The same was asked once more.
    Restart,
    /// The text so far was handed over with the request.
    Continue(Continuation),
}

impl Recovery {
    /// An attempt begins of which nothing precedes.
    pub fn begin(self: &Arc<Self>) -> Joint {
        *self.given() = Given::default();
        Joint::new(Arc::clone(self), Manner::First)
    }

    /// An attempt begins that goes on with what was given.
    pub fn go_on(self: &Arc<Self>, manner: Manner) -> Joint {
        Joint::new(Arc::clone(self), manner)
    }

    /// True if what was given can be gone on with: text, and nothing else that has a meaning.
    pub fn can_go_on(&self) -> bool {
        !self.given().is_forgone
    }

    /// The request by which a target goes on with the text so far, and what is to be known of its
    /// answer. None where that cannot be asked in this form: the same is then asked anew.
    pub fn continuation(&self, body: &str, prefill: Prefill) -> Option<(String, Continuation)> {
        request::continued(body, prefill, &self.given())
    }

    fn given(&self) -> MutexGuard<'_, Given> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
