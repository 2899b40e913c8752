//! What an attempt's answer means, and how long to wait after it: pure functions of status and
//! headers. It does not act on the verdict; the exchange retries and the multiplexer moves on.

mod delay;

use std::time::Duration;

pub use delay::{RetryHints, backoff, parse_retry_after};

/// What becomes of a call after an answer that is not a success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// 429 or 529: the target rests and the call moves on to another at once.
    RateLimited,
    /// The same target may be asked again, as often as the client's `maxRetries` allows.
    Retryable,
    /// The answer is the caller's.
    Final,
}

/// Judges a status that is not 2xx as the openai SDK does (`shouldRetry`), but for 429 and 529,
/// which move on whatever the server says of retrying.
pub fn judge(status: u16, should_retry: Option<&str>) -> Verdict {
    match (status, should_retry) {
        (429 | 529, _) => Verdict::RateLimited,
        (_, Some("false")) => Verdict::Final,
        (_, Some("true")) | (408 | 409 | 500.., _) => Verdict::Retryable,
        _ => Verdict::Final,
    }
}

/// How long a target rests after a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cooldown {
    /// When the server does not say. Default 60 s.
    pub default: Duration,
    /// At least, whatever the server says. Default 1 s.
    pub min: Duration,
    /// At most, whatever the server says. Default 10 min.
    pub max: Duration,
}

impl Default for Cooldown {
    fn default() -> Self {
        Self {
            default: Duration::from_mins(1),
            min: Duration::from_secs(1),
            max: Duration::from_mins(10),
        }
    }
}

impl Cooldown {
    /// The rest for what the server said: clamped to [`Self::min`] and [`Self::max`].
    pub fn rest(&self, asked: Option<Duration>) -> Duration {
        asked.map_or(self.default, |asked| asked.max(self.min).min(self.max))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_judged_as_the_table_says() {
        let table = [
            (429, None, Verdict::RateLimited),
            (429, Some("true"), Verdict::RateLimited),
            (529, Some("false"), Verdict::RateLimited),
            (400, None, Verdict::Final),
            (400, Some("true"), Verdict::Retryable),
            (401, None, Verdict::Final),
            (404, None, Verdict::Final),
            (408, None, Verdict::Retryable),
            (409, None, Verdict::Retryable),
            (500, None, Verdict::Retryable),
            (503, Some("false"), Verdict::Final),
            (503, Some("maybe"), Verdict::Retryable),
        ];
        for (status, should_retry, verdict) in table {
            assert_eq!(judge(status, should_retry), verdict, "{status} {should_retry:?}");
        }
    }

    #[test]
    fn a_rest_is_what_the_server_asks_within_the_bounds() {
        let cooldown = Cooldown::default();
        assert_eq!(cooldown.rest(None), Duration::from_mins(1));
        assert_eq!(cooldown.rest(Some(Duration::from_secs(7))), Duration::from_secs(7));
        assert_eq!(cooldown.rest(Some(Duration::ZERO)), Duration::from_secs(1));
        assert_eq!(cooldown.rest(Some(Duration::from_hours(24))), Duration::from_mins(10));
    }
}
