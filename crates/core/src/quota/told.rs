//! What servers tell of their limits in headers. Which accounts that concerns is the fleet's.

use std::time::{Duration, SystemTime};

use super::{Measure, Span};
use crate::outcome::{Headers, until_reset};

/// What is left of a limit, as a server tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// What it counts.
    pub measure: Measure,
    /// In how long a time, where that is said.
    pub span: Option<Span>,
    /// The whole of it, where that is said.
    pub limit: Option<u64>,
    /// What was left after the request that is answered.
    pub left: u64,
    /// Until it is whole again, at most 25 hours.
    pub resets: Duration,
}

/// A row of headers: what it counts, in how long a time, and `limit`, `remaining` and `reset`.
type Row = (Measure, Option<Span>, [&'static str; 3]);

macro_rules! row {
    ($measure:ident, $span:expr, $before:literal, $after:literal) => {
        (
            Measure::$measure,
            $span,
            [
                concat!($before, "limit", $after),
                concat!($before, "remaining", $after),
                concat!($before, "reset", $after),
            ],
        )
    };
}

const ROWS: [Row; 12] = [
    // OpenAI, Azure, Groq (whose requests are by day).
    row!(Requests, None, "x-ratelimit-", "-requests"),
    row!(Tokens, None, "x-ratelimit-", "-tokens"),
    // Cerebras.
    row!(Requests, Some(Span::Minute), "x-ratelimit-", "-requests-minute"),
    row!(Requests, Some(Span::Hour), "x-ratelimit-", "-requests-hour"),
    row!(Requests, Some(Span::Day), "x-ratelimit-", "-requests-day"),
    row!(Tokens, Some(Span::Minute), "x-ratelimit-", "-tokens-minute"),
    row!(Tokens, Some(Span::Hour), "x-ratelimit-", "-tokens-hour"),
    row!(Tokens, Some(Span::Day), "x-ratelimit-", "-tokens-day"),
    // Anthropic, which turns the words round. Its limits of input and of output tokens are not
    // limits of both together; `tokens` is the strictest of them.
    (
        Measure::Requests,
        Some(Span::Minute),
        [
            "anthropic-ratelimit-requests-limit",
            "anthropic-ratelimit-requests-remaining",
            "anthropic-ratelimit-requests-reset",
        ],
    ),
    (
        Measure::Tokens,
        Some(Span::Minute),
        [
            "anthropic-ratelimit-tokens-limit",
            "anthropic-ratelimit-tokens-remaining",
            "anthropic-ratelimit-tokens-reset",
        ],
    ),
    // OpenRouter; the IETF's draft.
    row!(Requests, None, "x-ratelimit-", ""),
    row!(Requests, None, "ratelimit-", ""),
];

/// What a server sends is believed for no longer than this: a day with a clock put back.
const LONGEST: Duration = Duration::from_hours(25);

/// What the headers of a response tell of limits. A limit without a number that is left, or
/// without a moment at which it is whole again, is none.
pub fn told(headers: Headers<'_>, now: SystemTime) -> Vec<Told> {
    let number = |name: &str| headers(name)?.trim().parse::<u64>().ok();
    let read = |(measure, span, [limit, left, resets]): &Row| {
        Some(Told {
            measure: *measure,
            span: *span,
            left: number(left)?,
            limit: number(limit).filter(|limit| *limit > 0),
            resets: until_reset(headers(resets)?, now)?.min(LONGEST),
        })
    };
    ROWS.iter().filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(given: &[(&str, &str)]) -> Vec<Told> {
        let get = |name: &str| given.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
        told(&get, SystemTime::UNIX_EPOCH + Duration::from_hours(490_896))
    }

    fn requests(limit: u64, left: u64, resets_ms: u64) -> Told {
        let resets = Duration::from_millis(resets_ms);
        Told { measure: Measure::Requests, span: None, limit: Some(limit), left, resets }
    }

    #[test]
    fn every_providers_headers_are_read() {
        let tokens = |told| Told { measure: Measure::Tokens, ..told };
        let openai = [
            ("x-ratelimit-limit-requests", "60"),
            ("x-ratelimit-remaining-requests", "59"),
            ("x-ratelimit-reset-requests", "1s"),
            ("x-ratelimit-limit-tokens", "150000"),
            ("x-ratelimit-remaining-tokens", "149984"),
            ("x-ratelimit-reset-tokens", "6m0s"),
        ];
        let told = [requests(60, 59, 1_000), tokens(requests(150_000, 149_984, 360_000))];
        assert_eq!(read(&openai), told);
        let groq = [
            ("x-ratelimit-limit-tokens", "18000"),
            ("x-ratelimit-remaining-tokens", "17997"),
            ("x-ratelimit-reset-tokens", "7.66s"),
        ];
        assert_eq!(read(&groq), [tokens(requests(18_000, 17_997, 7_660))]);
        let cerebras = [
            ("x-ratelimit-limit-requests-day", "14400"),
            ("x-ratelimit-remaining-requests-day", "14399"),
            ("x-ratelimit-reset-requests-day", "33011.382"),
        ];
        let day = Told { span: Some(Span::Day), ..requests(14_400, 14_399, 33_011_382) };
        assert_eq!(read(&cerebras), [day]);
        let anthropic = [
            ("anthropic-ratelimit-requests-limit", "50"),
            ("anthropic-ratelimit-requests-remaining", "0"),
            ("anthropic-ratelimit-requests-reset", "2026-01-01T00:00:30Z"),
        ];
        let minute = Told { span: Some(Span::Minute), ..requests(50, 0, 30_000) };
        assert_eq!(read(&anthropic), [minute]);
        let openrouter = [
            ("x-ratelimit-limit", "20"),
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "1767225660000"),
        ];
        assert_eq!(read(&openrouter), [requests(20, 0, 60_000)]);
    }

    #[test]
    fn what_is_no_number_or_has_no_end_is_not_believed_and_no_end_is_far() {
        assert_eq!(read(&[("x-ratelimit-remaining", "0")]), []);
        let negative = [("x-ratelimit-remaining", "-1"), ("x-ratelimit-reset", "1s")];
        assert_eq!(read(&negative), []);
        let far = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "900h")];
        assert_eq!(read(&far)[0].resets, Duration::from_hours(25));
    }
}
