//! One thing that can answer, and its live state. It does not decide when a target is picked.

use std::num::NonZeroU32;

use crate::clock::Timestamp;

/// A target's handle: unique in its fleet and never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TargetKey(pub u32);

/// Which targets are asked first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Asked while any of them is eligible.
    Primary,
    /// Asked only when no primary is eligible.
    Fallback,
}

/// What is told of a target when it is added.
#[derive(Clone, Debug)]
pub struct TargetSpec {
    /// Its name in statistics and logs; unique in its fleet.
    pub id: String,
    /// The model name that is sent on.
    pub model: String,
    /// Its share of the draws within its tier.
    pub weight: u64,
    /// When it is asked.
    pub tier: Tier,
    /// How many calls it may have at a time; none is without limit.
    pub max_concurrent: Option<NonZeroU32>,
}

/// What has become of a target's calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TargetStats {
    /// Calls answered; a stream counts when it opens and is taken back if it dies.
    pub success: u64,
    /// Calls refused with 429 or 529.
    pub rate_limited: u64,
    /// Calls that failed otherwise.
    pub failed: u64,
}

/// A target in its fleet.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) spec: TargetSpec,
    pub(super) position: usize,
    pub(super) in_flight: u32,
    pub(super) rests_until: Option<Timestamp>,
    pub(super) stats: TargetStats,
}

impl Target {
    pub(super) fn at_capacity(&self) -> bool {
        self.spec.max_concurrent.is_some_and(|most| self.in_flight >= most.get())
    }

    /// The weight that the target has in a draw just now.
    pub(super) fn weight_now(&self) -> u64 {
        if self.rests_until.is_some() || self.at_capacity() { 0 } else { self.spec.weight }
    }
}
