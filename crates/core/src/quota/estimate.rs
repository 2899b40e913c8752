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

    /// What a call has used that did not report it: nothing if it was refused before any work,
    /// else the prompt and what was `received` of the answer. An answer that is whole and was not
    /// counted is taken to be as long as expected.
    #[must_use]
    pub fn used(self, outcome: Outcome, received: Option<u64>) -> Self {
        let output = match outcome {
            Outcome::RateLimited
            | Outcome::Overloaded
            | Outcome::QuotaUsedUp
            | Outcome::BadCredentials
            | Outcome::ModelNotFound
            | Outcome::ContextTooLong
            | Outcome::ContentRefused
            | Outcome::BadRequest => return Self::default(),
            Outcome::Success => received.unwrap_or(self.output),
            Outcome::Unavailable | Outcome::TimedOut | Outcome::Aborted | Outcome::Truncated => {
                received.unwrap_or_default()
            }
        };
        Self { input: self.input, output }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_reported_is_kept_as_far_as_work_may_have_been_done() {
        let expected = Estimate { input: 100, output: 50 };
        let table = [
            (Outcome::Success, None, (100, 50)),
            (Outcome::Success, Some(7), (100, 7)),
            (Outcome::Aborted, None, (100, 0)),
            (Outcome::Aborted, Some(7), (100, 7)),
            (Outcome::TimedOut, Some(3), (100, 3)),
            (Outcome::Truncated, Some(80), (100, 80)),
            (Outcome::Unavailable, None, (100, 0)),
            (Outcome::RateLimited, None, (0, 0)),
            (Outcome::BadRequest, None, (0, 0)),
        ];
        for (outcome, received, (input, output)) in table {
            let used = expected.used(outcome, received);
            assert_eq!(used, Estimate { input, output }, "{outcome:?} {received:?}");
        }
    }
}
