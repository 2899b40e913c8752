//! One thing that can answer: what is told of it when it is added, and what is kept of it live.
//! It does not decide when a target is picked.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use super::account::Account;
use super::counters::Counters;
use super::domain::{DomainId, DomainIds, Failures};
use super::index::Standing;
use super::latency::DecayingMean;
use super::phase::Phase;
use super::quotas::Scopes;
use super::spending::Barred;
use super::strategy::Strategy;
use crate::clock::Timestamp;
use crate::outcome::Domain;
use crate::quota::{Learned, Limits};
use crate::recovery::Prefill;

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
    /// In which form it takes the beginning of its answer, if it does.
    pub prefill: Option<Prefill>,
    /// What may be spent, by whom it concerns: the target itself, or what it shares with others.
    /// Limits of a key, an account, a model or a provider hold for all targets that name it; of
    /// two that declare them, the last counts.
    pub limits: BTreeMap<Domain, Limits>,
    /// How many calls may be under way at a time, by whom it concerns, in the same way. A call counts
    /// from when there is such a number.
    pub concurrent: BTreeMap<Domain, NonZeroU32>,
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
            prefill: None,
            limits: BTreeMap::new(),
            concurrent: BTreeMap::new(),
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
    /// The domains that it shares by name.
    pub(super) domains: DomainIds,
    /// Who knows what its answers have told.
    pub(super) account: Account,
    /// Failures that were its own.
    pub(super) failures: Failures,
    pub(super) first_token: DecayingMean,
    pub(super) counters: Counters,
    /// The accounts that its calls are entered in.
    pub(super) scopes: Scopes,
    pub(super) barred: Option<Barred>,
    /// One of those accounts has as many calls under way as it may.
    pub(super) is_crowded: bool,
    /// What its answers have told of its limits.
    pub(super) learned: Learned,
    /// How much of its scarcest limit is spent, in millionths: what the strategy `least-used` goes by.
    pub(super) usage: u32,
    /// When time alone next changes that.
    pub(super) turns: Option<Timestamp>,
    /// It may come free at any moment: it is full or being probed, and not closed for a time
    /// that is known.
    pub(super) works: bool,
}

impl Target {
    pub(super) fn new(key: TargetKey, spec: TargetSpec) -> Self {
        Self {
            account: Account::of(key, &spec),
            spec,
            position: 0,
            in_flight: 0,
            phase: Phase::Ready,
            standing: Standing::Closed,
            told_until: None,
            key_rests_until: None,
            probes: 0,
            domains: DomainIds::default(),
            failures: Failures::default(),
            first_token: DecayingMean::default(),
            counters: Counters::default(),
            scopes: Scopes::default(),
            barred: None,
            is_crowded: false,
            learned: Learned::default(),
            usage: 0,
            turns: None,
            works: false,
        }
    }

    /// What the strategy compares it by, if it does.
    pub(super) fn load(&self, strategy: Strategy) -> Option<u32> {
        match strategy {
            Strategy::LeastBusy => Some(self.in_flight),
            Strategy::LeastUsed => Some(self.usage),
            _ => None,
        }
    }

    /// True if a limit of it is spent.
    pub(super) fn is_shut(&self) -> bool {
        self.barred.is_some_and(|barred| barred.room == 0)
    }

    /// Until when it is closed, if that is known.
    pub(super) fn closed_until(&self) -> Option<Timestamp> {
        let rests = match self.phase {
            Phase::Resting { until, .. } => Some(until),
            _ => None,
        };
        rests.max(self.barred.and_then(|barred| barred.until))
    }

    /// As [`Self::works`] should be.
    pub(super) fn is_working(&self) -> bool {
        let is_shut = self.barred.is_some_and(|barred| {
            // Tokens that were reserved in vain come back when a call ends; requests do not.
            let may_free = barred.room > 0 && self.in_flight > 0;
            barred.until.is_some() && !may_free
        });
        !matches!(self.phase, Phase::Resting { .. }) && !is_shut
    }

    /// The domain whose rest keeps it closed; none if it rests alone, or not at all.
    pub(super) fn rest_is_of(&self) -> Option<DomainId> {
        match self.phase {
            Phase::Resting { cause, .. } => cause,
            _ => None,
        }
    }

    pub(super) fn weight(&self) -> u64 {
        self.spec.weight.min(MAX_WEIGHT)
    }

    pub(super) fn at_capacity(&self) -> bool {
        let is_full = |most: NonZeroU32| self.in_flight >= most.get();
        self.is_crowded || self.spec.max_concurrent.is_some_and(is_full)
    }

    /// The shared domain of this kind; none if the target has it to itself.
    pub(super) fn shared(&self, domain: Domain) -> Option<DomainId> {
        match domain {
            Domain::Request | Domain::Target => None,
            Domain::Model => self.domains[0],
            Domain::AccountModel => self.domains[1],
            Domain::Key => self.domains[2],
            Domain::Account => self.domains[3],
            Domain::Provider => self.domains[4],
        }
    }
}
