//! What a call is expected to use, and what it is taken to have used. It counts no tokens.

use crate::outcome::Outcome;

/// What a call is expected to use, in tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// Read: the prompt.
    pub input: u64,
    /// Written: the longest answer that was asked for, or what is usual.
    pub output: u64,
}

impl Estimate {
    /// What is reserved.
    pub fn total(self) -> u64 {
        self.input.saturating_add(self.output)
    }

    /// What a call is taken to have used of whose answer nothing was counted: nothing if it was
    /// refused before any work, the prompt if it was given up, all if it was answered.
    #[must_use]
    pub fn used(self, outcome: Outcome) -> Self {
        match outcome {
            Outcome::RateLimited
            | Outcome::Overloaded
            | Outcome::QuotaUsedUp
            | Outcome::BadCredentials
            | Outcome::ModelNotFound
            | Outcome::ContextTooLong
            | Outcome::ContentRefused
            | Outcome::BadRequest => Self::default(),
            Outcome::Success => self,
            Outcome::Unavailable | Outcome::TimedOut | Outcome::Aborted | Outcome::Truncated => {
                Self { output: 0, ..self }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_reported_is_kept_as_far_as_work_may_have_been_done() {
        let expected = Estimate { input: 100, output: 50 };
        let table = [
            (Outcome::Success, (100, 50)),
            (Outcome::Aborted, (100, 0)),
            (Outcome::TimedOut, (100, 0)),
            (Outcome::Unavailable, (100, 0)),
            (Outcome::RateLimited, (0, 0)),
            (Outcome::BadRequest, (0, 0)),
        ];
        for (outcome, (input, output)) in table {
            assert_eq!(expected.used(outcome), Estimate { input, output }, "{outcome:?}");
        }
    }
}
