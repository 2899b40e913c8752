//! One thing that can answer: what is told of it when it is added, and what is kept of it live.
//! It does not decide when a target is picked.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use super::counters::Counters;
use super::domain::{DomainId, Failures};
use super::index::Standing;
use super::latency::DecayingMean;
use super::phase::Phase;
use crate::clock::Timestamp;
use crate::outcome::Domain;

/// A target's handle: unique in its fleet and never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TargetKey(pub u32);

/// Which targets are asked first: the lowest tier that has an eligible one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tier(pub u16);

impl Tier {
    /// Asked while any of them is eligible.
    pub const PRIMARY: Self = Self(0);
    /// Asked only when no primary is eligible.
    pub const FALLBACK: Self = Self(1);
}

/// What is told of a target when it is added.
#[derive(Clone, Debug)]
pub struct TargetSpec {
    /// Its name in statistics and logs; unique in its fleet.
    pub id: String,
    /// The model name that is sent on.
    pub model: String,
    /// Its share of the draws within its tier; 0 is never picked, more than 2^48 counts as 2^48.
    pub weight: u64,
    /// When it is asked.
    pub tier: Tier,
    /// How many calls it may have at a time; none is without limit.
    pub max_concurrent: Option<NonZeroU32>,
    /// A name for its key (never the secret itself): targets of one key rest together when the
    /// key does. None: a key of its own.
    pub key: Option<String>,
    /// A name for the account that the key belongs to. None: an account of its own.
    pub account: Option<String>,
    /// The provider's name. None: a provider of its own.
    pub provider: Option<String>,
    /// What a call may require, as `region: eu`.
    pub tags: BTreeMap<String, String>,
    /// How many tokens its context takes, if that is known.
    pub context_window: Option<NonZeroU32>,
}

impl TargetSpec {
    /// A primary target of weight 1 without limits, tags or shared failure domains.
    pub fn new(id: impl Into<String>, model: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            model: model.into(),
            weight: 1,
            tier: Tier::PRIMARY,
            max_concurrent: None,
            key: None,
            account: None,
            provider: None,
            tags: BTreeMap::new(),
            context_window: None,
        }
    }
}

/// What has become of a target's calls, in three figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TargetStats {
    /// Calls answered; a stream counts when it opens and is taken back if it dies.
    pub success: u64,
    /// Calls refused because of a limit.
    pub rate_limited: u64,
    /// Calls that failed otherwise.
    pub failed: u64,
}

/// Heavier targets count as this heavy, so that 65,535 of them can be added up.
const MAX_WEIGHT: u64 = 1 << 48;

/// A target in its fleet.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) spec: TargetSpec,
    /// Its place in the order of its tier.
    pub(super) position: usize,
    pub(super) in_flight: u32,
    pub(super) phase: Phase,
    /// As it is entered in the indexes.
    pub(super) standing: Standing,
    /// The end of its rest as the host was told it.
    pub(super) told_until: Option<Timestamp>,
    /// The end of its rest, if that concerns its key.
    pub(super) key_rests_until: Option<Timestamp>,
    /// How many probes it has had, so that a late one is known from the present one.
    pub(super) probes: u32,
    /// The domains that it shares by name, in the order of [`Domain`] without the target itself.
    pub(super) domains: [Option<DomainId>; 4],
    /// Failures that were its own.
    pub(super) failures: Failures,
    pub(super) first_token: DecayingMean,
    pub(super) counters: Counters,
}

impl Target {
    pub(super) fn new(spec: TargetSpec) -> Self {
        Self {
            spec,
            position: 0,
            in_flight: 0,
            phase: Phase::Ready,
            standing: Standing::Closed,
            told_until: None,
            key_rests_until: None,
            probes: 0,
            domains: [None; 4],
            failures: Failures::default(),
            first_token: DecayingMean::default(),
            counters: Counters::default(),
        }
    }

    pub(super) fn weight(&self) -> u64 {
        self.spec.weight.min(MAX_WEIGHT)
    }

    pub(super) fn at_capacity(&self) -> bool {
        self.spec.max_concurrent.is_some_and(|most| self.in_flight >= most.get())
    }

    /// The shared domain of this kind; none if the target has it to itself.
    pub(super) fn shared(&self, domain: Domain) -> Option<DomainId> {
        match domain {
            Domain::Request | Domain::Target => None,
            Domain::Model => self.domains[0],
            Domain::Key => self.domains[1],
            Domain::Account => self.domains[2],
            Domain::Provider => self.domains[3],
        }
    }
}
