//! How long a failure domain rests after an outcome. It does not decide which targets share the
//! domain, nor what the first call after a rest may do.

use std::time::Duration;

use super::{Domain, Judgement, Outcome};

/// How long a target rests after a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cooldown {
    /// When the server does not say, within the bounds. Default 60 s.
    pub default: Duration,
    /// After the first failure that is no refusal, when the server does not say; doubled by each
    /// that follows, to at most a minute or this. Default 1 s.
    pub failure: Duration,
    /// No rest is shorter, whatever the server says. Default 1 s.
    pub min: Duration,
    /// No rest is longer, whatever the server says. Default 10 min.
    pub max: Duration,
}

impl Default for Cooldown {
    fn default() -> Self {
        Self {
            default: Duration::from_mins(1),
            failure: Duration::from_secs(1),
            min: Duration::from_secs(1),
            max: Duration::from_mins(10),
        }
    }
}

/// A rest that doubles on repetition.
struct Growth {
    first: Duration,
    most: Duration,
}

/// After a hint of zero or of the past: soon, but not at once and again.
const SOON: Growth = Growth { first: Duration::from_millis(250), most: Duration::from_mins(1) };
/// Somebody has to pay, or a day has to end.
const QUOTA: Growth = Growth { first: Duration::from_mins(5), most: Duration::from_hours(1) };
/// Somebody has to change a key or a name; a new key ends the rest of the old one.
const SETTING: Growth = Growth { first: Duration::from_mins(1), most: Duration::from_hours(1) };

impl Cooldown {
    /// The bounds of the preset `resilient`: 60 s when the server does not say, at least 250 ms,
    /// at most 24 h.
    pub fn resilient() -> Self {
        Self {
            default: Duration::from_mins(1),
            failure: Duration::from_secs(1),
            min: Duration::from_millis(250),
            max: Duration::from_hours(24),
        }
    }

    /// The rest for what the server said, or did not say: clamped to [`Self::min`] and
    /// [`Self::max`].
    pub fn rest(&self, asked: Option<Duration>) -> Duration {
        asked.unwrap_or(self.default).max(self.min).min(self.max)
    }

    /// The rest of the judgement's domain after the `failures`th failure in a row (1 for the
    /// first). None where nobody is to rest: a success, an abort, or what concerns the request
    /// alone.
    ///
    /// What the server asks for is kept to, within [`Self::min`] and [`Self::max`]; where it asks
    /// for nothing, or for no time at all, the rest doubles with each failure and is shortened by
    /// up to a quarter by `draw` (from `[0, 1)`), so that domains that fell together do not return
    /// together. A quota that is used up, with a short hint, rests as one without.
    pub fn rest_after(&self, judgement: &Judgement, failures: u32, draw: f64) -> Option<Duration> {
        if judgement.domain == Domain::Request {
            return None;
        }
        let growth = self.growth(judgement.outcome)?;
        let span = match (judgement.asked, judgement.outcome) {
            (None, _) => growth.after(failures, draw),
            (Some(asked), Outcome::QuotaUsedUp) => asked.max(growth.after(failures, draw)),
            (Some(Duration::ZERO), _) => SOON.after(failures, draw),
            (Some(asked), _) => asked,
        };
        Some(span.max(self.min).min(self.max))
    }

    fn growth(&self, outcome: Outcome) -> Option<Growth> {
        Some(match outcome {
            Outcome::RateLimited => {
                Growth { first: self.default, most: self.default.max(Duration::from_mins(10)) }
            }
            Outcome::QuotaUsedUp => QUOTA,
            Outcome::BadCredentials | Outcome::ModelNotFound => SETTING,
            // Capacity comes back quickly, and failures pass.
            Outcome::Overloaded | Outcome::Unavailable | Outcome::TimedOut | Outcome::Truncated => {
                Growth { first: self.failure, most: self.failure.max(Duration::from_mins(1)) }
            }
            Outcome::Success
            | Outcome::ContextTooLong
            | Outcome::ContentRefused
            | Outcome::BadRequest
            | Outcome::Aborted => return None,
        })
    }
}

impl Growth {
    fn after(&self, failures: u32, draw: f64) -> Duration {
        let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
        let span = self.first.saturating_mul(doubled).min(self.most);
        span.mul_f64(1.0 - draw.clamp(0.0, 1.0) * 0.25)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{Seen, Stage, judge};
    use std::time::SystemTime;

    fn judgement(outcome: Outcome, asked: Option<u64>) -> Judgement {
        let nothing = judge(&Seen::at(Stage::AwaitingHead), SystemTime::UNIX_EPOCH);
        let asked = asked.map(Duration::from_millis);
        Judgement { outcome, asked, domain: Domain::Target, ..nothing }
    }

    #[test]
    fn a_rest_is_what_the_server_asks_within_the_bounds() {
        let cooldown = Cooldown::default();
        assert_eq!(cooldown.rest(None), Duration::from_mins(1));
        assert_eq!(cooldown.rest(Some(Duration::from_secs(7))), Duration::from_secs(7));
        assert_eq!(cooldown.rest(Some(Duration::ZERO)), Duration::from_secs(1));
        assert_eq!(cooldown.rest(Some(Duration::from_hours(24))), Duration::from_mins(10));
    }

    #[test]
    fn rests_grow_as_the_table_says() {
        use Outcome::*;
        // Outcome, what the server asks for in ms, the failures in a row, the rest in ms.
        let table = [
            (RateLimited, None, 1, Some(60_000)),
            (RateLimited, None, 2, Some(120_000)),
            (RateLimited, None, 9, Some(600_000)),
            (RateLimited, Some(7_660), 1, Some(7_660)),
            (RateLimited, Some(7_660), 5, Some(7_660)),
            (RateLimited, Some(20), 1, Some(250)),
            (RateLimited, Some(0), 1, Some(250)),
            (RateLimited, Some(0), 3, Some(1_000)),
            (RateLimited, Some(0), 99, Some(60_000)),
            (RateLimited, Some(90 * 3_600_000), 1, Some(24 * 3_600_000)),
            (Overloaded, None, 1, Some(1_000)),
            (Overloaded, None, 4, Some(8_000)),
            (Overloaded, None, u32::MAX, Some(60_000)),
            (Overloaded, Some(30_000), 1, Some(30_000)),
            (QuotaUsedUp, None, 1, Some(300_000)),
            (QuotaUsedUp, None, 3, Some(1_200_000)),
            (QuotaUsedUp, None, 9, Some(3_600_000)),
            (QuotaUsedUp, Some(0), 1, Some(300_000)),
            (QuotaUsedUp, Some(7_200_000), 1, Some(7_200_000)),
            (BadCredentials, None, 1, Some(60_000)),
            (BadCredentials, None, 9, Some(3_600_000)),
            (ModelNotFound, None, 2, Some(120_000)),
            (Unavailable, None, 1, Some(1_000)),
            (Unavailable, None, 3, Some(4_000)),
            (Unavailable, Some(0), 1, Some(250)),
            (TimedOut, None, 2, Some(2_000)),
            (Truncated, None, 1, Some(1_000)),
            (Success, None, 1, None),
            (ContextTooLong, None, 1, None),
            (ContentRefused, None, 1, None),
            (BadRequest, None, 1, None),
            (Aborted, None, 1, None),
        ];
        for (outcome, asked, failures, rest) in table {
            let judgement = judgement(outcome, asked);
            assert_eq!(
                Cooldown::resilient().rest_after(&judgement, failures, 0.0),
                rest.map(Duration::from_millis),
                "{outcome:?} {asked:?} {failures}"
            );
        }
    }

    #[test]
    fn what_concerns_the_request_alone_rests_nobody() {
        let limited =
            Judgement { domain: Domain::Request, ..judgement(Outcome::RateLimited, Some(60_000)) };
        assert_eq!(Cooldown::resilient().rest_after(&limited, 1, 0.0), None);
    }

    #[test]
    fn only_a_rest_that_the_server_did_not_ask_for_is_shortened_by_chance() {
        let cooldown = Cooldown::resilient();
        let rest = |asked| cooldown.rest_after(&judgement(Outcome::RateLimited, asked), 1, 1.0);
        assert_eq!(rest(None), Some(Duration::from_secs(45)));
        assert_eq!(rest(Some(60_000)), Some(Duration::from_mins(1)));
    }

    #[test]
    fn the_first_rest_after_a_failure_can_be_longer_than_the_usual_longest() {
        let cooldown = Cooldown { failure: Duration::from_mins(2), ..Cooldown::resilient() };
        for (outcome, failures, rest) in [
            (Outcome::Unavailable, 1, 120),
            (Outcome::Unavailable, 3, 120),
            (Outcome::RateLimited, 1, 60),
        ] {
            let found = cooldown.rest_after(&judgement(outcome, None), failures, 0.0);
            assert_eq!(found, Some(Duration::from_secs(rest)), "{outcome:?} {failures}");
        }
    }

    #[test]
    fn the_bounds_that_are_set_hold() {
        let cooldown = Cooldown { max: Duration::from_secs(2), ..Cooldown::default() };
        let rest = |asked| cooldown.rest_after(&judgement(Outcome::RateLimited, asked), 4, 0.0);
        assert_eq!(rest(None), Some(Duration::from_secs(2)));
        assert_eq!(rest(Some(0)), Some(Duration::from_secs(2)));
        assert_eq!(rest(Some(1)), Some(Duration::from_secs(1)));
        assert_eq!(cooldown.rest(None), Duration::from_secs(2));
        let soon = Cooldown { default: Duration::from_millis(100), ..Cooldown::default() };
        assert_eq!(soon.rest(None), Duration::from_secs(1));
    }
}
