//! Whether a request still fits the limits of its window; not what a refusal looks like (see
//! `limits::header` and `answer::refusal`).

pub(crate) mod header;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::behaviour::limit::{LimitScope, SettledLimits};

/// Windows that are over are forgotten when there are more than this.
const MOST_WINDOWS: usize = 65_536;
const DAY: Duration = Duration::from_hours(24);

/// What each window has taken so far.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    windows: HashMap<String, Window>,
}

#[derive(Debug)]
struct Window {
    opened: Instant,
    length: Duration,
    requests: u64,
    tokens: u64,
    day_opened: Instant,
    day_requests: u64,
}

/// How much of a limit is left after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meter {
    pub(crate) limit: u64,
    pub(crate) remaining: u64,
}

/// Which limit refused a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exceeded {
    Requests,
    Tokens,
}

/// Where a request stands with its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) exceeded: Option<Exceeded>,
    pub(crate) requests: Option<Meter>,
    pub(crate) tokens: Option<Meter>,
    /// Until the window is over.
    pub(crate) reset: Duration,
    /// Requests taken since the day of the window began.
    pub(crate) today: u64,
}

impl Limiter {
    /// Takes a request into its window, or refuses it. A refused request costs nothing.
    pub(crate) fn admit(
        &mut self,
        scope: String,
        limits: &SettledLimits,
        tokens: u64,
        now: Instant,
    ) -> Standing {
        self.forget(now);
        let fresh = || Window {
            opened: now,
            length: limits.window,
            requests: 0,
            tokens: 0,
            day_opened: now,
            day_requests: 0,
        };
        let window = self.windows.entry(scope).or_insert_with(fresh);
        window.roll_over(limits.window, now);
        let exceeded = window.exceeded(limits, tokens);
        if exceeded.is_none() {
            window.requests += 1;
            window.day_requests += 1;
            window.tokens = window.tokens.saturating_add(tokens);
        }
        let meter = |limit: u64, used| Meter { limit, remaining: limit.saturating_sub(used) };
        Standing {
            exceeded,
            requests: limits.rpm.map(|limit| meter(limit, window.requests)),
            tokens: limits.tpm.map(|limit| meter(limit, window.tokens)),
            reset: (window.opened + window.length).saturating_duration_since(now),
            today: window.day_requests,
        }
    }

    fn forget(&mut self, now: Instant) {
        if self.windows.len() > MOST_WINDOWS {
            self.windows.retain(|_, window| now < window.opened + window.length);
        }
    }
}

impl Window {
    fn roll_over(&mut self, length: Duration, now: Instant) {
        self.length = length;
        if now >= self.opened + length {
            (self.opened, self.requests, self.tokens) = (now, 0, 0);
        }
        if now >= self.day_opened + DAY {
            (self.day_opened, self.day_requests) = (now, 0);
        }
    }

    fn exceeded(&self, limits: &SettledLimits, tokens: u64) -> Option<Exceeded> {
        if limits.rpm.is_some_and(|limit| self.requests >= limit) {
            Some(Exceeded::Requests)
        } else if limits.tpm.is_some_and(|limit| self.tokens.saturating_add(tokens) > limit) {
            Some(Exceeded::Tokens)
        } else {
            None
        }
    }
}

/// What shares a window with this key and model.
pub(crate) fn scope(scope: LimitScope, key: &str, model: &str) -> String {
    // NUL is in no header and in no sensible model name, so that scopes do not collide.
    match scope {
        LimitScope::Key => format!("{key}\0"),
        LimitScope::Model => format!("\0{model}"),
        LimitScope::KeyAndModel => format!("{key}\0\0{model}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(rpm: Option<u64>, tpm: Option<u64>) -> SettledLimits {
        let window = Duration::from_mins(1);
        SettledLimits { rpm, tpm, window, scope: LimitScope::KeyAndModel }
    }

    #[test]
    fn a_window_takes_as_many_requests_as_its_limit() {
        let (mut limiter, now) = (Limiter::default(), Instant::now());
        let mut admit = || limiter.admit("k".into(), &limits(Some(2), None), 0, now);
        assert_eq!(admit().requests, Some(Meter { limit: 2, remaining: 1 }));
        assert_eq!(admit().exceeded, None);
        assert_eq!(admit().exceeded, Some(Exceeded::Requests));
    }

    #[test]
    fn a_window_is_over_after_its_length_and_not_before() {
        let (mut limiter, now) = (Limiter::default(), Instant::now());
        let mut admit = |seconds| {
            let now = now + Duration::from_secs(seconds);
            limiter.admit("k".into(), &limits(Some(1), None), 0, now)
        };
        assert_eq!(admit(0).exceeded, None);
        let refused = admit(59);
        assert_eq!(refused.exceeded, Some(Exceeded::Requests));
        assert_eq!(refused.reset, Duration::from_secs(1));
        assert_eq!(admit(60).exceeded, None);
        assert_eq!(admit(119).exceeded, Some(Exceeded::Requests));
    }

    #[test]
    fn tokens_that_do_not_fit_are_refused_and_cost_nothing() {
        let (mut limiter, now) = (Limiter::default(), Instant::now());
        let mut admit = |tokens| limiter.admit("k".into(), &limits(None, Some(100)), tokens, now);
        assert_eq!(admit(60).exceeded, None);
        assert_eq!(admit(60).exceeded, Some(Exceeded::Tokens));
        assert_eq!(admit(40).tokens, Some(Meter { limit: 100, remaining: 0 }));
    }

    #[test]
    fn scopes_do_not_share_a_window() {
        let names = [
            scope(LimitScope::Key, "k", "m"),
            scope(LimitScope::Model, "k", "m"),
            scope(LimitScope::KeyAndModel, "k", "m"),
        ];
        assert!(names[0] != names[1] && names[1] != names[2] && names[0] != names[2]);
        assert_eq!(scope(LimitScope::Key, "k", "a"), scope(LimitScope::Key, "k", "b"));
        assert_eq!(scope(LimitScope::Model, "a", "m"), scope(LimitScope::Model, "b", "m"));
    }
}
