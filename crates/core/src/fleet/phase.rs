//! A target's way back from a rest: rest, probe, ramp. Pure; it does not decide who rests.

use std::time::Duration;

use super::domain::DomainId;
use crate::clock::Timestamp;

/// How a target returns from a rest. A fleet without it lets a rested target simply return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// After this long without a verdict a probe no longer keeps others away. Default 10 s.
    pub probe_lapse: Duration,
    /// How long the target's share grows after a good probe; zero for at once. Default 10 s.
    pub ramp: Duration,
}

impl Default for Recovery {
    fn default() -> Self {
        Self { probe_lapse: Duration::from_secs(10), ramp: Duration::from_secs(10) }
    }
}

/// Where a target is on its way. `cause` is the shared domain whose rest it was, if it was one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// In full use.
    Ready,
    /// Not asked up to and including `until`.
    Resting { until: Timestamp, cause: Option<DomainId> },
    /// Its next call is the probe, unless another member of `cause` is being probed.
    Awaiting { cause: Option<DomainId> },
    /// One call is out; nobody else is let in before it is judged or lapses.
    Probing { lapses: Timestamp, cause: Option<DomainId> },
    /// Its share grows.
    Ramping { since: Timestamp, until: Timestamp },
}

impl Phase {
    /// The phase of a target that has been found to be well.
    pub(super) fn recovered(recovery: Option<Recovery>, now: Timestamp) -> Self {
        match recovery {
            Some(Recovery { ramp, .. }) if !ramp.is_zero() => {
                Self::Ramping { since: now, until: now.after(ramp) }
            }
            _ => Self::Ready,
        }
    }

    /// When time alone ends this phase, if it does.
    pub(super) fn ends(self) -> Option<Timestamp> {
        match self {
            Self::Resting { until, .. } | Self::Ramping { until, .. } => Some(until),
            Self::Probing { lapses, .. } => Some(lapses),
            Self::Ready | Self::Awaiting { .. } => None,
        }
    }

    /// What follows when time ends this phase.
    pub(super) fn after_time(self, recovery: Option<Recovery>) -> Self {
        match self {
            Self::Resting { cause, .. } if recovery.is_some() => Self::Awaiting { cause },
            Self::Probing { cause, .. } => Self::Awaiting { cause },
            Self::Resting { .. } | Self::Ramping { .. } => Self::Ready,
            Self::Ready | Self::Awaiting { .. } => self,
        }
    }

    /// The part of its usual share that the target takes, from 0 to 1.
    pub(super) fn share(self, now: Timestamp) -> f64 {
        match self {
            Self::Ready => 1.0,
            Self::Ramping { since, until } => {
                let whole = until.since(since).as_secs_f64();
                (now.since(since).as_secs_f64() / whole).min(1.0)
            }
            _ => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_grows_evenly_from_nothing_to_the_whole() {
        let at = Timestamp::from_millis;
        let ramp = Phase::recovered(Some(Recovery::default()), at(1_000));
        let table = [(1_000, 0.0), (3_500, 0.25), (6_000, 0.5), (11_000, 1.0), (99_000, 1.0)];
        for (millis, share) in table {
            assert!((ramp.share(at(millis)) - share).abs() < 1e-9, "{millis}");
        }
    }

    #[test]
    fn a_rest_is_followed_by_a_probe_only_where_recovery_is_asked_for() {
        let rest = Phase::Resting { until: Timestamp::from_millis(5), cause: None };
        assert_eq!(rest.after_time(None), Phase::Ready);
        assert_eq!(rest.after_time(Some(Recovery::default())), Phase::Awaiting { cause: None });
    }

    #[test]
    fn a_ramp_of_no_length_is_none() {
        let at_once = Recovery { ramp: Duration::ZERO, ..Recovery::default() };
        assert_eq!(Phase::recovered(Some(at_once), Timestamp::from_millis(5)), Phase::Ready);
    }
}
