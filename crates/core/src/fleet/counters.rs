//! What a target's calls came to: counted by outcome, with their times and tokens. It judges
//! nothing.

use std::time::Duration;

use super::TargetStats;
use super::histogram::Histogram;
use crate::outcome::Outcome;
use crate::quota::Estimate;

/// Counts by outcome, as `counts[outcome as usize]`.
pub type Outcomes = [u64; Outcome::COUNT];

/// The tokens of a target's calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Read: the prompts.
    pub input: u64,
    /// Written: the answers.
    pub output: u64,
}

impl From<Estimate> for Tokens {
    fn from(Estimate { input, output }: Estimate) -> Self {
        Self { input, output }
    }
}

impl Tokens {
    pub(super) fn add(&mut self, other: Self) {
        self.input = self.input.saturating_add(other.input);
        self.output = self.output.saturating_add(other.output);
    }
}

/// All that is counted of one target.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) stats: TargetStats,
    pub(super) outcomes: Outcomes,
    pub(super) first_token: Histogram,
    pub(super) duration: Histogram,
    pub(super) tokens: Tokens,
    /// Where nothing was reported.
    pub(super) estimated: Tokens,
}

impl Counters {
    /// Counts an attempt that is over. `counted` says that it was counted as a success before.
    pub(super) fn settle(&mut self, outcome: Outcome, counted: bool, took: Option<Duration>) {
        self.outcomes[outcome as usize] += 1;
        if let Some(took) = took {
            self.duration.add(took);
        }
        let stats = &mut self.stats;
        match outcome {
            Outcome::Success => stats.success += u64::from(!counted),
            // Nobody's fault: a success that was counted stays one.
            Outcome::Aborted => {}
            Outcome::RateLimited | Outcome::Overloaded | Outcome::QuotaUsedUp => {
                stats.success = stats.success.saturating_sub(u64::from(counted));
                stats.rate_limited += 1;
            }
            _ => self.count_failure(counted),
        }
    }

    /// Counts an attempt that has failed, with the failures whatever its outcome.
    pub(super) fn fail(&mut self, outcome: Outcome, counted: bool) {
        self.outcomes[outcome as usize] += 1;
        self.count_failure(counted);
    }

    fn count_failure(&mut self, counted: bool) {
        let stats = &mut self.stats;
        stats.success = stats.success.saturating_sub(u64::from(counted));
        stats.failed += 1;
    }

    /// An attempt that was settled as a success was none.
    pub(super) fn take_back(&mut self, outcome: Outcome) {
        let success = &mut self.outcomes[Outcome::Success as usize];
        *success = success.saturating_sub(1);
        self.settle(outcome, true, None);
    }
}
