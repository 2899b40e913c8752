//! How long a server asks to be left alone, from all the places in which providers say so. Not how
//! long a target then rests ([`super::Cooldown`]).

use std::time::{Duration, SystemTime};

use super::delay::{RetryHints, parse_retry_after};
use super::report::Report;
use super::span::{leading_seconds, leading_span, until_reset};
use super::{Headers, Seen};

/// `remaining` and `reset` of every limit that providers tell of.
const LIMITS: [(&str, &str); 15] = [
    // OpenAI, Azure, Groq.
    ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
    ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
    // Cerebras.
    ("x-ratelimit-remaining-requests-minute", "x-ratelimit-reset-requests-minute"),
    ("x-ratelimit-remaining-requests-hour", "x-ratelimit-reset-requests-hour"),
    ("x-ratelimit-remaining-requests-day", "x-ratelimit-reset-requests-day"),
    ("x-ratelimit-remaining-tokens-minute", "x-ratelimit-reset-tokens-minute"),
    ("x-ratelimit-remaining-tokens-hour", "x-ratelimit-reset-tokens-hour"),
    ("x-ratelimit-remaining-tokens-day", "x-ratelimit-reset-tokens-day"),
    // Anthropic.
    ("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"),
    ("anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"),
    ("anthropic-ratelimit-input-tokens-remaining", "anthropic-ratelimit-input-tokens-reset"),
    ("anthropic-ratelimit-output-tokens-remaining", "anthropic-ratelimit-output-tokens-reset"),
    // OpenRouter, Mistral; the IETF's draft.
    ("x-ratelimit-remaining", "x-ratelimit-reset"),
    ("ratelimitbysize-remaining", "ratelimitbysize-reset"),
    ("ratelimit-remaining", "ratelimit-reset"),
];

/// What the server asks for: by `retry-after-ms` or `Retry-After`, else by the body, else by the
/// latest reset of the limits that are used up.
pub(super) fn asked(seen: &Seen<'_>, report: &Report<'_>, now: SystemTime) -> Option<Duration> {
    let hints = RetryHints {
        retry_after_ms: (seen.headers)("retry-after-ms"),
        retry_after: (seen.headers)("retry-after"),
    };
    parse_retry_after(hints, now)
        .or(report.retry_delay)
        .or_else(|| in_words(&report.message))
        .or_else(|| latest_reset(seen.headers, now))
}

fn latest_reset(headers: Headers<'_>, now: SystemTime) -> Option<Duration> {
    let used_up = |remaining: &&(&str, &str)| {
        headers(remaining.0).and_then(|left| left.trim().parse::<f64>().ok()) == Some(0.0)
    };
    LIMITS.iter().filter(used_up).filter_map(|(_, reset)| until_reset(headers(reset)?, now)).max()
}

/// Beginnings of the messages that name a delay. Others may quote anything.
const BEGINNINGS: [&str; 8] = [
    // OpenAI, Groq.
    "Rate limit reached for ",
    // Azure.
    "Requests to the ",
    "Your requests to ",
    "Rate limit is exceeded. ",
    "Too many requests. ",
    "The system is currently experiencing high demand ",
    // Google.
    "You exceeded your current quota, please check your plan and billing details.",
    "Resource has been exhausted",
];

/// "Please try again in 7.66s", "Please retry after 6 seconds", "Please retry in 36.4s".
fn in_words(message: &str) -> Option<Duration> {
    BEGINNINGS.iter().any(|beginning| message.starts_with(beginning)).then_some(())?;
    ["ry again in ", "etry after ", "etry in "].iter().find_map(|words| {
        let delay = message.rsplit_once(words)?.1;
        leading_span(delay).or_else(|| leading_seconds(delay))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_the_table_says() {
        let table = [
            ("Rate limit reached for gpt-4o on tokens. Please try again in 20ms. Visit", Some(20)),
            (
                "Rate limit reached for gpt-4o on RPD. Please try again in 7m12s. Visit",
                Some(432_000),
            ),
            ("Requests to the X Operation. Please retry after 6 seconds. Please go", Some(6_000)),
            ("Rate limit is exceeded. Try again in 2 seconds.", Some(2_000)),
            ("You said: Rate limit reached for me. Please try again in 9h", None),
            ("Rate limit reached for gpt-4o. Please try again in a while.", None),
        ];
        for (message, millis) in table {
            assert_eq!(in_words(message), millis.map(Duration::from_millis), "{message}");
        }
    }

    #[test]
    fn only_limits_that_are_used_up_count_and_the_latest_of_them() {
        let headers = |name: &str| match name {
            "x-ratelimit-remaining-requests" | "x-ratelimit-remaining-tokens" => Some("0"),
            "x-ratelimit-reset-requests" => Some("7.66s"),
            "x-ratelimit-reset-tokens" => Some("2m0s"),
            "x-ratelimit-remaining-requests-day" => Some("12"),
            "x-ratelimit-reset-requests-day" => Some("33011.4"),
            _ => None,
        };
        let reset = latest_reset(&headers, SystemTime::UNIX_EPOCH);
        assert_eq!(reset, Some(Duration::from_mins(2)));
    }
}
