//! What is told of the fleet: counts, latencies and conditions of its targets, and why a call
//! would or would not be given each of them. It changes nothing.

use super::counters::{Outcomes, Tokens};
use super::histogram::Percentiles;
use super::index::Standing;
use super::phase::Phase;
use super::state::State;
use super::target::Target;
use super::{TargetKey, TargetStats, Wish};
use crate::clock::Timestamp;

/// What a target is doing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Condition {
    /// It takes calls.
    Ready,
    /// It is not asked.
    Resting {
        /// Up to and including this millisecond of the host's clock.
        until: Timestamp,
    },
    /// It waits for its probe, or for the verdict on one.
    Probing,
    /// Its share grows.
    Ramping {
        /// The part that it has, from 0 to 1.
        share: f64,
    },
    /// It has as many calls as it may.
    AtCapacity,
}

/// What has become of a target's calls, and what it is doing.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetReport {
    /// Its handle.
    pub key: TargetKey,
    /// Its name.
    pub id: String,
    /// What it is doing.
    pub condition: Condition,
    /// How many of its leases are held.
    pub in_flight: u32,
    /// The three figures of `getStats()`.
    pub stats: TargetStats,
    /// Attempts by what they came to.
    pub outcomes: Outcomes,
    /// Times to the first token.
    pub first_token: Percentiles,
    /// Durations of whole attempts.
    pub duration: Percentiles,
    /// Tokens read and written, as reported.
    pub tokens: Tokens,
    /// The same of attempts whose tokens were not reported, by estimate.
    pub estimated: Tokens,
}

/// Whether a call would be given a target, or why it is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Candidacy {
    /// The strategy may choose it.
    Eligible,
    /// It takes calls, but a tier before it does too.
    LaterTier,
    /// It has refused this call.
    Excluded,
    /// It lacks a tag that the call requires.
    Unmatched,
    /// Its context is not known to be large enough.
    TooSmall,
    /// It rests.
    Resting {
        /// Up to and including this millisecond of the host's clock.
        until: Timestamp,
    },
    /// It is closed until the verdict on a probe.
    Probing,
    /// It has as many calls as it may, or a weight of 0.
    AtCapacity,
}

impl State {
    /// The targets, the first tier first, each tier in the order of adding.
    pub(super) fn in_order(&self) -> impl Iterator<Item = (TargetKey, &Target)> {
        let keys = self.orders.values().flat_map(|order| order.keys.iter().flatten());
        keys.filter_map(|key| Some((*key, self.targets.get(key)?)))
    }

    pub(super) fn report(&self, now: Timestamp) -> Vec<TargetReport> {
        self.in_order()
            .map(|(key, target)| TargetReport {
                key,
                id: target.spec.id.clone(),
                condition: self.condition(target, now),
                in_flight: target.in_flight,
                stats: target.counters.stats,
                outcomes: target.counters.outcomes,
                first_token: target.counters.first_token.percentiles(),
                duration: target.counters.duration.percentiles(),
                tokens: target.counters.tokens,
                estimated: target.counters.estimated,
            })
            .collect()
    }

    fn condition(&self, target: &Target, now: Timestamp) -> Condition {
        match target.phase {
            Phase::Resting { until, .. } => Condition::Resting { until: self.clock.to_host(until) },
            Phase::Awaiting { .. } | Phase::Probing { .. } => Condition::Probing,
            _ if target.at_capacity() => Condition::AtCapacity,
            Phase::Ramping { .. } => Condition::Ramping { share: target.phase.share(now) },
            Phase::Ready => Condition::Ready,
        }
    }

    pub(super) fn explain(&self, wish: &Wish<'_>) -> Vec<(TargetKey, Candidacy)> {
        let mut all: Vec<_> = self
            .in_order()
            .map(|(key, target)| (key, target.spec.tier, self.candidacy(key, target, wish)))
            .collect();
        let first =
            all.iter().find(|(.., why)| *why == Candidacy::Eligible).map(|(_, tier, _)| *tier);
        for (_, tier, why) in &mut all {
            if *why == Candidacy::Eligible && Some(*tier) > first {
                *why = Candidacy::LaterTier;
            }
        }
        all.into_iter().map(|(key, _, why)| (key, why)).collect()
    }

    fn candidacy(&self, key: TargetKey, target: &Target, wish: &Wish<'_>) -> Candidacy {
        let sized = Wish { require: None, ..*wish };
        if wish.not.contains(&key) {
            Candidacy::Excluded
        } else if !sized.suits(&target.spec) {
            Candidacy::TooSmall
        } else if !wish.suits(&target.spec) {
            Candidacy::Unmatched
        } else if target.standing != Standing::Closed {
            Candidacy::Eligible
        } else {
            match target.phase {
                Phase::Resting { until, .. } => {
                    Candidacy::Resting { until: self.clock.to_host(until) }
                }
                Phase::Awaiting { .. } | Phase::Probing { .. } => Candidacy::Probing,
                Phase::Ready | Phase::Ramping { .. } => Candidacy::AtCapacity,
            }
        }
    }
}
