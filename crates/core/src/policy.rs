//! What is done after an attempt: another target, the same one again, or the answer that came. A
//! pure function of a judgement ([`crate::outcome`]) and of how far the call has come. It picks no
//! target and lets none rest, and it does not decide how a stream is taken up again that has been
//! handed over in part.
//!
//! # Defaults
//! The preset [`Preset::Compat`] is what `@upstash/model-multiplexer` does: a response of 429 or
//! 529 moves on, all else is the caller's. (The openai SDK's own `maxRetries` is a matter of the
//! attempt, below the policy.) [`Preset::Resilient`] has a [`Rule`] for each outcome.

mod budget;
mod first_token;
mod replay;

use std::time::Duration;

pub use budget::{BudgetLimits, Retry, RetryBudget};
pub use first_token::{FirstTokens, Kind, is_reasoning};
pub use replay::{Replay, ids_of_answer};

use crate::outcome::{Judgement, Outcome};

/// A set of rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preset {
    /// Responses of 429 and 529 fail over; all else is the caller's.
    #[default]
    Compat,
    /// Whatever another target may do better fails over.
    Resilient,
}

/// What becomes of a call after an outcome, if nothing forbids it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// What came is the caller's.
    GiveUp,
    /// Every other eligible target, once each; what was too long for one is asked only of those
    /// whose context is larger, then of those where it is unknown.
    FailOver,
    /// The same target once more after a moment, if this was its first failure in the call and
    /// work may have begun; then as [`Rule::FailOver`].
    RetryThenFailOver,
}

/// A preset and what is different from it. Default: [`Preset::Compat`] as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    preset: Preset,
    overrides: [Option<Rule>; Outcome::ALL.len()],
}

/// How far a call has come when an attempt has been judged.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// Attempts of this call at this target, with the one that was judged: 1 or more.
    pub attempts_here: u32,
    /// Another attempt of this call, earlier or still under way, may have done work.
    pub work_may_have_begun: bool,
    /// What sending the request again would mean.
    pub replay: &'a Replay,
    /// The retry budget has something left ([`RetryBudget::has_left`]).
    pub has_budget: bool,
    /// A uniform draw from `[0, 1)`.
    pub draw: f64,
}

/// Where a call may move on to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Elsewhere {
    /// To any target that it has not been at.
    Any,
    /// To targets whose context is larger than this one's, then to those where it is unknown.
    LargerContext,
}

/// What is done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Another target is asked at once; if there is none, what came is the caller's. A request
    /// that is bound to an account ([`Replay::bound_by`]) stays within that account.
    FailOver(Elsewhere),
    /// The same target is asked again.
    RetrySame {
        /// After this time.
        after: Duration,
    },
    /// What came is the caller's.
    GiveUp,
}

impl Policy {
    /// A preset as it is.
    pub fn new(preset: Preset) -> Self {
        Self { preset, ..Self::default() }
    }

    /// The same with another rule for an outcome. A success and an abort have no rule: they end
    /// the call.
    #[must_use]
    pub fn with(mut self, outcome: Outcome, rule: Rule) -> Self {
        self.overrides[outcome as usize] = Some(rule);
        self
    }

    /// The preset that it is made from.
    pub fn preset(&self) -> Preset {
        self.preset
    }

    /// What is done after this judgement. A decision that is not [`Decision::GiveUp`], and for
    /// which [`Self::is_charged`] holds, is to be paid from the retry budget.
    pub fn decide(&self, judgement: &Judgement, progress: &Progress<'_>) -> Decision {
        let rule = self.rule(judgement);
        let is_over = matches!(judgement.outcome, Outcome::Success | Outcome::Aborted);
        let worked = judgement.work_may_have_begun || progress.work_may_have_begun;
        let is_unsafe = worked && progress.replay.once_because.is_some();
        let is_too_dear = self.is_charged(judgement) && !progress.has_budget;
        if is_over || is_unsafe || is_too_dear {
            return Decision::GiveUp;
        }
        let elsewhere = match judgement.outcome {
            Outcome::ContextTooLong => Elsewhere::LargerContext,
            _ => Elsewhere::Any,
        };
        match rule {
            Rule::GiveUp => Decision::GiveUp,
            Rule::FailOver => Decision::FailOver(elsewhere),
            Rule::RetryThenFailOver => quick_retry(judgement, progress)
                .map_or(Decision::FailOver(elsewhere), |after| Decision::RetrySame { after }),
        }
    }

    /// True where going on counts against the retry budget: work may have begun, and may be
    /// billed. Under [`Preset::Compat`] nothing does.
    pub fn is_charged(&self, judgement: &Judgement) -> bool {
        self.preset == Preset::Resilient && judgement.work_may_have_begun
    }

    fn rule(&self, judgement: &Judgement) -> Rule {
        let preset = || match self.preset {
            Preset::Compat if matches!(judgement.status, Some(429 | 529)) => Rule::FailOver,
            Preset::Compat => Rule::GiveUp,
            Preset::Resilient => resilient(judgement.outcome),
        };
        self.overrides[judgement.outcome as usize].unwrap_or_else(preset)
    }
}

/// The rules of the preset `resilient`.
fn resilient(outcome: Outcome) -> Rule {
    match outcome {
        Outcome::RateLimited
        | Outcome::Overloaded
        | Outcome::QuotaUsedUp
        | Outcome::TimedOut
        | Outcome::BadCredentials
        | Outcome::ModelNotFound
        | Outcome::ContextTooLong
        | Outcome::ContentRefused
        | Outcome::Truncated => Rule::FailOver,
        Outcome::Unavailable => Rule::RetryThenFailOver,
        Outcome::Success | Outcome::BadRequest | Outcome::Aborted => Rule::GiveUp,
    }
}

/// The pause before the one retry at the same target: for its first failure in the call, after
/// something had come to it, if it does not ask for more than a moment or not to be asked. A
/// target that cannot be reached will not be in a moment.
fn quick_retry(judgement: &Judgement, progress: &Progress<'_>) -> Option<Duration> {
    const MOMENT: Duration = Duration::from_millis(100);
    const LONGEST: Duration = Duration::from_secs(1);
    let is_lone =
        progress.attempts_here <= 1 && judgement.work_may_have_begun && judgement.should_retry;
    let jittered = MOMENT.mul_f64(0.5 + progress.draw.clamp(0.0, 1.0));
    let pause = judgement.asked.unwrap_or_default().max(jittered);
    (is_lone && pause <= LONGEST).then_some(pause)
}

#[cfg(test)]
mod tests;
