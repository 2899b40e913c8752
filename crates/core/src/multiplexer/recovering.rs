//! Where a call stands that goes on elsewhere when its stream breaks off.

use std::sync::Arc;
use std::time::Duration;

use crate::outcome::{Judgement, Outcome};
use crate::policy::{Decision, Replay};
use crate::recovery::{Joint, Manner, Prefill, Recovery, may_be_joined};

/// Whether a call's answer can go on elsewhere, and whether it does.
#[derive(Debug, Default)]
pub(super) struct Recovering {
    /// None where it is not wanted, or cannot be.
    recovery: Option<Arc<Recovery>>,
    /// A stream has broken off.
    under_way: bool,
    /// The present attempt was handed the text so far.
    altered: bool,
    /// No attempt is handed the text any more: one was refused for it.
    anew: bool,
}

impl Recovering {
    pub(super) fn wanted() -> Self {
        Self { recovery: Some(Arc::default()), ..Self::default() }
    }

    pub(super) fn is_wanted(&self) -> bool {
        self.recovery.is_some()
    }

    /// What the caller has been given can be gone on with.
    pub(super) fn can_go_on(&self) -> bool {
        self.recovery.as_ref().is_some_and(|recovery| recovery.can_go_on())
    }

    /// The stream has broken off, and another target is to go on with it.
    pub(super) fn interrupted(&mut self) {
        self.under_way = true;
    }

    /// An attempt begins: how its answer meets what was given, and what is sent if not `body`.
    pub(super) fn begin(
        &mut self,
        body: &str,
        replay: Option<&Replay>,
        prefill: Option<Prefill>,
    ) -> (Option<Box<Joint>>, Option<String>) {
        self.altered = false;
        if !self.under_way && !replay.is_some_and(|replay| may_be_joined(body, replay)) {
            self.recovery = None;
        }
        let Some(recovery) = &self.recovery else { return (None, None) };
        if !self.under_way {
            return (Some(Box::new(recovery.begin())), None);
        }
        let prefill = prefill.filter(|_| !self.anew);
        let continued = prefill.and_then(|prefill| recovery.continuation(body, prefill));
        let Some((altered, continuation)) = continued else {
            return (Some(Box::new(recovery.go_on(Manner::Restart))), None);
        };
        self.altered = true;
        (Some(Box::new(recovery.go_on(Manner::Continue(continuation)))), Some(altered))
    }

    /// What is done after a failure, where it is not the policy's to say: a request that was
    /// altered here is not the caller's mistake, and the same target is asked the caller's own.
    pub(super) fn instead(&mut self, judgement: &Judgement) -> Option<Decision> {
        let is_ours = self.altered
            && matches!(judgement.outcome, Outcome::BadRequest | Outcome::ContextTooLong);
        self.anew |= is_ours;
        is_ours.then_some(Decision::RetrySame { after: Duration::ZERO })
    }
}
