//! How providers tell about limits in headers and in words; not whether a limit is reached.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{Exceeded, Meter, Standing};
use crate::behaviour::limit::LimitHeaders;

const DAY_SECONDS: f64 = 24.0 * 60.0 * 60.0;

/// Puts the headers that tell where a request stands with its limits.
pub(crate) fn put(
    headers: &mut HeaderMap,
    style: LimitHeaders,
    standing: &Standing,
    now: SystemTime,
) {
    match style {
        LimitHeaders::Openai => {
            let reset = go_duration(standing.reset);
            put_meter(headers, "x-ratelimit-{}-requests", standing.requests, &reset);
            put_meter(headers, "x-ratelimit-{}-tokens", standing.tokens, &reset);
        }
        LimitHeaders::Groq => {
            let (requests, reset) = per_day(standing);
            let tokens_reset = go_duration(standing.reset);
            put_meter(headers, "x-ratelimit-{}-requests", requests, &reset);
            put_meter(headers, "x-ratelimit-{}-tokens", standing.tokens, &tokens_reset);
        }
        LimitHeaders::Anthropic => {
            let reset = rfc3339(since_epoch(now, standing.reset).as_secs());
            put_meter(headers, "anthropic-ratelimit-requests-{}", standing.requests, &reset);
            put_meter(headers, "anthropic-ratelimit-tokens-{}", standing.tokens, &reset);
        }
        LimitHeaders::Cerebras => {
            let reset = standing.reset.as_secs_f64().to_string();
            put_meter(headers, "x-ratelimit-{}-requests-minute", standing.requests, &reset);
            put_meter(headers, "x-ratelimit-{}-tokens-minute", standing.tokens, &reset);
        }
        LimitHeaders::Openrouter if standing.exceeded.is_some() => {
            let reset = since_epoch(now, standing.reset).as_millis().to_string();
            put_meter(headers, "x-ratelimit-{}", standing.requests.or(standing.tokens), &reset);
        }
        LimitHeaders::Openrouter | LimitHeaders::None => {}
    }
}

/// Groq counts requests per day and gives them back one by one, evenly over the day.
fn per_day(standing: &Standing) -> (Option<Meter>, String) {
    let Some(meter) = standing.requests else { return (None, String::new()) };
    let limit = meter.limit.saturating_mul(24 * 60);
    let reset = DAY_SECONDS * standing.today as f64 / limit.max(1) as f64;
    let reset = go_duration(Duration::from_secs_f64(reset.min(DAY_SECONDS)));
    (Some(Meter { limit, remaining: limit.saturating_sub(standing.today) }), reset)
}

fn since_epoch(now: SystemTime, distance: Duration) -> Duration {
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    since + distance
}

/// Puts the three headers of one limit. The braces in the name stand for which of them it is.
fn put_meter(headers: &mut HeaderMap, names: &str, meter: Option<Meter>, reset: &str) {
    let Some(Meter { limit, remaining }) = meter else { return };
    let values = [("limit", limit.to_string()), ("remaining", remaining.to_string())];
    for (name, value) in values.into_iter().chain([("reset", reset.to_owned())]) {
        let name = HeaderName::try_from(names.replace("{}", name));
        if let (Ok(name), Ok(value)) = (name, HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
}

/// What a refused request is told, as OpenAI words it.
pub(crate) fn message(model: &str, exceeded: Exceeded, standing: &Standing, asked: u64) -> String {
    let (unit, meter, asked) = match exceeded {
        Exceeded::Requests => ("requests per min (RPM)", standing.requests, 1),
        Exceeded::Tokens => ("tokens per min (TPM)", standing.tokens, asked),
    };
    let Meter { limit, remaining } = meter.unwrap_or(Meter { limit: 0, remaining: 0 });
    let used = limit - remaining;
    let reset = go_duration(standing.reset);
    format!(
        "Rate limit reached for {model} in organization org-simulator on {unit}: Limit {limit}, \
         Used {used}, Requested {asked}. Please try again in {reset}. Visit \
         https://platform.openai.com/account/rate-limits to learn more."
    )
}

/// A duration as Go prints it, to the millisecond: `12ms`, `1s`, `7.66s`, `2m59.56s`, `6m0s`.
pub(crate) fn go_duration(duration: Duration) -> String {
    let ms = duration.as_nanos().div_ceil(1_000_000);
    if ms == 0 {
        return "0s".to_owned();
    }
    if ms < 1000 {
        return format!("{ms}ms");
    }
    let (hours, minutes) = (ms / 3_600_000, ms / 60_000 % 60);
    let mut seconds = format!("{}.{:03}", ms / 1000 % 60, ms % 1000);
    let bare = seconds.trim_end_matches('0').trim_end_matches('.').len();
    seconds.truncate(bare);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}s"),
        (0, minutes) => format!("{minutes}m{seconds}s"),
        (hours, minutes) => format!("{hours}h{minutes}m{seconds}s"),
    }
}

/// A time in seconds of the Unix epoch as RFC 3339 has it.
pub(crate) fn rfc3339(seconds: u64) -> String {
    // The civil date of a day, as by Howard Hinnant: years begin in March, eras have 400 of them.
    let days = seconds / 86_400 + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let shifted = (5 * day + 2) / 153;
    let date = day - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = era * 400 + year + u64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        let table = [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_767_225_599, "2025-12-31T23:59:59Z"),
        ];
        for (seconds, expected) in table {
            assert_eq!(rfc3339(seconds), expected);
        }
    }

    #[test]
    fn durations_are_printed_as_providers_print_them() {
        let table = [
            (0, "0s"),
            (12, "12ms"),
            (1000, "1s"),
            (7660, "7.66s"),
            (60_000, "1m0s"),
            (360_000, "6m0s"),
            (179_560, "2m59.56s"),
            (3_600_000, "1h0m0s"),
            (10_000, "10s"),
        ];
        for (ms, text) in table {
            assert_eq!(go_duration(Duration::from_millis(ms)), text);
        }
    }

    #[test]
    fn groq_counts_requests_per_day_and_tokens_per_minute() {
        let standing = Standing {
            exceeded: None,
            requests: Some(Meter { limit: 10, remaining: 9 }),
            tokens: Some(Meter { limit: 18_000, remaining: 17_997 }),
            reset: Duration::from_millis(7660),
            today: 30,
        };
        let mut headers = HeaderMap::new();
        put(&mut headers, LimitHeaders::Groq, &standing, SystemTime::UNIX_EPOCH);
        assert_eq!(headers["x-ratelimit-limit-requests"], "14400");
        assert_eq!(headers["x-ratelimit-remaining-requests"], "14370");
        assert_eq!(headers["x-ratelimit-reset-requests"], "3m0s");
        assert_eq!(headers["x-ratelimit-limit-tokens"], "18000");
        assert_eq!(headers["x-ratelimit-reset-tokens"], "7.66s");
    }
}
