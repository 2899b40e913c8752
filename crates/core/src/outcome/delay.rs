//! How long a server asks to be left alone, and how long to wait when it does not say.

use std::time::{Duration, SystemTime};

/// The headers in which a server says when to come back, as text.
#[derive(Clone, Copy, Debug, Default)]
pub struct RetryHints<'a> {
    /// `retry-after-ms`: milliseconds (Azure, `OpenAI`).
    pub retry_after_ms: Option<&'a str>,
    /// `Retry-After`: seconds or an HTTP-date (RFC 9110 §10.2.3).
    pub retry_after: Option<&'a str>,
}

/// What the hints ask for: none if they say nothing that can be read; zero for a past date.
pub fn parse_retry_after(hints: RetryHints<'_>, now: SystemTime) -> Option<Duration> {
    let millis = hints.retry_after_ms.and_then(leading_number);
    let seconds = || hints.retry_after.and_then(leading_number).map(|seconds| seconds * 1000.0);
    if let Some(millis) = millis.or_else(seconds) {
        let asked = Duration::try_from_secs_f64(millis.max(0.0) / 1000.0);
        return Some(asked.unwrap_or(Duration::MAX));
    }
    let date = httpdate::parse_http_date(hints.retry_after?.trim()).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

/// The pause before retry number `retry` (0 is the first): what the server asks for up to a
/// minute, else half a second doubled each time up to 8 s, less a quarter at most by `draw`.
/// As the openai SDK (`retryRequest`).
pub fn backoff(asked: Option<Duration>, retry: u32, draw: f64) -> Duration {
    match asked {
        Some(asked) if asked <= Duration::from_mins(1) => asked,
        _ => Duration::from_secs_f64(
            (0.5 * 2_f64.powi(retry.min(16) as i32)).min(8.0) * (1.0 - draw * 0.25),
        ),
    }
}

/// The number that a text begins with, as JavaScript's `parseFloat` reads it ("20s" is 20). A
/// date begins with a letter, so that it is never mistaken for one.
fn leading_number(text: &str) -> Option<f64> {
    let text = text.trim_start();
    let digits = text
        .bytes()
        .enumerate()
        .take_while(|&(at, byte)| {
            byte.is_ascii_digit() || byte == b'.' || (at == 0 && matches!(byte, b'-' | b'+'))
        })
        .count();
    // A second point ends the number: "1.2.3" is 1.2.
    let end = text[..digits].match_indices('.').nth(1).map_or(digits, |(at, _)| at);
    text[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_are_read_as_the_table_says() {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        let table = [
            (None, None, None),
            (None, Some("5"), Some(5_000)),
            (None, Some(" 2.5 "), Some(2_500)),
            (None, Some("20s"), Some(20_000)),
            (None, Some("-3"), Some(0)),
            (None, Some("soon"), None),
            (None, Some(""), None),
            (None, Some("1.2.3"), Some(1_200)),
            (Some("250"), Some("5"), Some(250)),
            (Some("x"), Some("5"), Some(5_000)),
            (None, Some("Sun, 06 Nov 1994 08:49:47 GMT"), Some(10_000)),
            (None, Some("Sun, 06 Nov 1994 08:49:00 GMT"), Some(0)),
        ];
        for (retry_after_ms, retry_after, millis) in table {
            let asked = parse_retry_after(RetryHints { retry_after_ms, retry_after }, now);
            assert_eq!(
                asked,
                millis.map(Duration::from_millis),
                "{retry_after_ms:?} {retry_after:?}"
            );
        }
    }

    #[test]
    fn a_number_beyond_all_asks_for_ever() {
        let hints =
            RetryHints { retry_after: Some("99999999999999999999999"), ..RetryHints::default() };
        assert_eq!(parse_retry_after(hints, SystemTime::UNIX_EPOCH), Some(Duration::MAX));
    }

    #[test]
    fn the_pause_doubles_up_to_eight_seconds_less_a_quarter_at_most() {
        let pauses: Vec<_> = (0..6).map(|retry| backoff(None, retry, 0.0).as_millis()).collect();
        assert_eq!(pauses, [500, 1_000, 2_000, 4_000, 8_000, 8_000]);
        assert_eq!(backoff(None, 0, 1.0), Duration::from_millis(375));
        assert_eq!(backoff(Some(Duration::from_mins(1)), 0, 0.0), Duration::from_mins(1));
        assert_eq!(backoff(Some(Duration::from_secs(61)), 0, 0.0), Duration::from_millis(500));
    }
}
