//! What a target's calls came to: counted by outcome, with their times and tokens. It judges
//! nothing.

use std::time::Duration;

use super::TargetStats;
use super::histogram::Histogram;

/// What an attempt came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OutcomeKind {
    /// It was answered in full.
    Success,
    /// Too many requests or tokens in too little time.
    RateLimited,
    /// The provider has no capacity for anybody.
    Overloaded,
    /// Money or a quota of days and months is spent.
    QuotaUsedUp,
    /// The server or the way to it failed.
    Unavailable,
    /// A deadline passed.
    TimedOut,
    /// The key is wrong or may not do this.
    BadCredentials,
    /// The target has no such model.
    ModelNotFound,
    /// The prompt is longer than the target takes.
    ContextTooLong,
    /// The content was refused.
    ContentRefused,
    /// The request is wrong, and is so everywhere.
    BadRequest,
    /// The caller gave up.
    Aborted,
    /// The answer began and did not end.
    Truncated,
}

impl OutcomeKind {
    /// How many kinds there are: the length of an array by kind.
    pub const COUNT: usize = Self::Truncated as usize + 1;
}

/// Counts by outcome, as `counts[kind as usize]`.
pub type Outcomes = [u64; OutcomeKind::COUNT];

/// The tokens of a target's calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Read: the prompts.
    pub input: u64,
    /// Written: the answers.
    pub output: u64,
}

/// All that is counted of one target.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) stats: TargetStats,
    pub(super) outcomes: Outcomes,
    pub(super) first_token: Histogram,
    pub(super) duration: Histogram,
    pub(super) tokens: Tokens,
}

impl Counters {
    /// Counts an attempt that is over. `counted` says that it was counted as a success before.
    pub(super) fn settle(&mut self, kind: OutcomeKind, counted: bool, took: Option<Duration>) {
        self.outcomes[kind as usize] += 1;
        if let Some(took) = took {
            self.duration.add(took);
        }
        let stats = &mut self.stats;
        match kind {
            OutcomeKind::Success => stats.success += u64::from(!counted),
            // Nobody's fault: a success that was counted stays one.
            OutcomeKind::Aborted => {}
            _ => {
                stats.success = stats.success.saturating_sub(u64::from(counted));
                match kind {
                    OutcomeKind::RateLimited
                    | OutcomeKind::Overloaded
                    | OutcomeKind::QuotaUsedUp => stats.rate_limited += 1,
                    _ => stats.failed += 1,
                }
            }
        }
    }

    /// An attempt that was settled as a success was none.
    pub(super) fn take_back(&mut self, kind: OutcomeKind) {
        let success = &mut self.outcomes[OutcomeKind::Success as usize];
        *success = success.saturating_sub(1);
        self.settle(kind, true, None);
    }
}
