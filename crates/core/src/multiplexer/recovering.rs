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

    /// A stream has broken off, and its call goes on.
    pub(super) fn is_under_way(&self) -> bool {
        self.under_way
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{Domain, Interruption, Seen, Stage, judge};
    use crate::recovery::Passage;

    const BODY: &str = r#"{"messages":[{"role":"user","content":"hi"}],"stream":true}"#;
    const CHUNK: &str =
        r#"{"id":"a","choices":[{"index":0,"delta":{"content":"one two three four"}}]}"#;

    fn refused(status: u16) -> Judgement {
        judge(&Seen::at(Stage::AwaitingHead).with_status(status), std::time::SystemTime::now())
    }

    /// A call whose stream has broken off after some text.
    fn broken_off() -> Recovering {
        let mut recovering = Recovering::wanted();
        let (joint, body) = recovering.begin(BODY, Some(&Replay::of(BODY)), None);
        assert_eq!((joint.unwrap().take(CHUNK), body), (Passage::AsItIs, None));
        assert!(recovering.can_go_on());
        recovering.interrupted();
        recovering
    }

    #[test]
    fn nothing_is_kept_of_a_call_that_cannot_go_on() {
        let body = r#"{"messages":[],"n":2}"#;
        let mut recovering = Recovering::wanted();
        assert!(recovering.is_wanted());
        let (joint, altered) = recovering.begin(body, Some(&Replay::of(body)), None);
        assert!(joint.is_none() && altered.is_none());
        assert!(!recovering.is_wanted() && !recovering.can_go_on());
        assert!(!Recovering::default().can_go_on());
    }

    #[test]
    fn the_text_so_far_goes_to_who_takes_it_and_the_callers_own_request_to_others() {
        let mut recovering = broken_off();
        let (_, altered) = recovering.begin(BODY, None, None);
        assert_eq!(altered, None);
        let (_, altered) = recovering.begin(BODY, None, Some(Prefill::Assistant));
        assert!(altered.unwrap().contains(r#""content":"one two three four""#));
    }

    #[test]
    fn a_refusal_of_what_was_handed_over_is_followed_by_the_callers_own_request() {
        let mut recovering = broken_off();
        recovering.begin(BODY, None, Some(Prefill::Assistant));
        assert!(recovering.instead(&refused(503)).is_none());
        let again = Some(Decision::RetrySame { after: Duration::ZERO });
        assert_eq!(recovering.instead(&refused(400)), again);
        let (_, altered) = recovering.begin(BODY, None, Some(Prefill::Assistant));
        assert_eq!(altered, None);
        // Now it is the caller's.
        assert!(recovering.instead(&refused(400)).is_none());
    }

    #[test]
    fn an_interruption_concerns_the_target_and_not_the_request() {
        let ended = Seen::at(Stage::Streaming).with_interruption(Interruption::EndedEarly);
        let judgement = judge(&ended, std::time::SystemTime::now());
        assert_eq!((judgement.outcome, judgement.domain), (Outcome::Truncated, Domain::Target));
        assert!(judgement.work_may_have_begun);
        assert!(broken_off().instead(&judgement).is_none());
    }
}
