//! The headers of an answer that a behaviour decides: `retry-after`, `x-request-id`, the extra
//! ones; not those of limits (see `limits::header`).

use std::time::{Duration, SystemTime};

use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::behaviour::limit::LimitHeaders;
use crate::behaviour::setting::Setting;
use crate::behaviour::settled::Settled;
use crate::behaviour::value::RetryAfter;

const RETRY_AFTER_MS: HeaderName = HeaderName::from_static("retry-after-ms");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Puts the request id.
pub(crate) fn put_request_id(headers: &mut HeaderMap, settled: &Settled, number: u64) {
    let id = match &settled.request_id {
        Setting::Null => return,
        Setting::Value(id) => Ok(id.0.clone()),
        Setting::Unset => HeaderValue::try_from(format!("req_{number}")),
    };
    if let Ok(id) = id {
        headers.insert(REQUEST_ID, id);
    }
}

/// Puts the extra headers, over whatever is there.
pub(crate) fn put_extra(headers: &mut HeaderMap, settled: &Settled) {
    for (name, value) in &settled.headers.0 {
        headers.insert(name.clone(), value.clone());
    }
}

/// Puts when to try again. `reset` is what the limit says, if one refused. As soon as either
/// header is scripted, the other one is not made up: the two would contradict each other.
pub(crate) fn put_retry_after(
    headers: &mut HeaderMap,
    status: StatusCode,
    settled: &Settled,
    reset: Option<Duration>,
    now: SystemTime,
) {
    if !matches!(status.as_u16(), 429 | 503 | 529) {
        return;
    }
    let scripted = [(RETRY_AFTER, &settled.retry_after), (RETRY_AFTER_MS, &settled.retry_after_ms)];
    if scripted.iter().any(|(_, setting)| !matches!(setting, Setting::Unset)) {
        for (name, setting) in scripted {
            if let Some(value) = setting.value().and_then(|value| spell(value, now)) {
                headers.insert(name, value);
            }
        }
    } else if let Some(reset) = reset {
        put_reset(headers, settled.limit_headers, reset);
    }
}

fn put_reset(headers: &mut HeaderMap, style: LimitHeaders, reset: Duration) {
    let ms = reset.as_nanos().div_ceil(1_000_000) as u64;
    if style == LimitHeaders::Openai {
        headers.insert(RETRY_AFTER_MS, HeaderValue::from(ms));
    }
    if !matches!(style, LimitHeaders::None | LimitHeaders::Cerebras | LimitHeaders::Openrouter) {
        headers.insert(RETRY_AFTER, HeaderValue::from(ms.div_ceil(1000)));
    }
}

fn spell(value: &RetryAfter, now: SystemTime) -> Option<HeaderValue> {
    match value {
        RetryAfter::Number(number) => HeaderValue::try_from(number.to_string()).ok(),
        RetryAfter::Verbatim(text) => Some(text.0.clone()),
        RetryAfter::Date { http_date_in_seconds: seconds } => {
            let distance = Duration::from_secs(seconds.unsigned_abs());
            let date =
                if *seconds < 0 { now.checked_sub(distance) } else { now.checked_add(distance) };
            HeaderValue::try_from(format_date(date?)?).ok()
        }
    }
}

/// An HTTP-date, which has four digits for the year (RFC 9110 §5.6.7).
fn format_date(date: SystemTime) -> Option<String> {
    const YEAR_9999: u64 = 253_402_300_800;
    let since = date.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    (since.as_secs() < YEAR_9999).then(|| httpdate::fmt_http_date(date))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviour::Behaviour;

    fn told(json: &str, status: u16, reset: Option<u64>) -> (Option<String>, Option<String>) {
        let settled = serde_json::from_str::<Behaviour>(json).unwrap().settle();
        let mut headers = HeaderMap::new();
        let status = StatusCode::from_u16(status).unwrap();
        let reset = reset.map(Duration::from_millis);
        put_retry_after(&mut headers, status, &settled, reset, SystemTime::UNIX_EPOCH);
        let text = |name| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        (text("retry-after"), text("retry-after-ms"))
    }

    #[test]
    fn when_to_try_again_is_told_as_scripted() {
        let some = |text: &str| Some(text.to_owned());
        let table = [
            ("{}", 429, Some(1200), some("2"), some("1200")),
            ("{}", 429, None, None, None),
            (r#"{"limitHeaders":"groq"}"#, 429, Some(1200), some("2"), None),
            (r#"{"limitHeaders":"none"}"#, 429, Some(1200), None, None),
            (r#"{"retryAfter":1.5}"#, 429, Some(1200), some("1.5"), None),
            (r#"{"retryAfter":7}"#, 503, None, some("7"), None),
            (r#"{"retryAfter":7}"#, 529, None, some("7"), None),
            (r#"{"retryAfter":7}"#, 500, None, None, None),
            (r#"{"retryAfter":"soon"}"#, 429, None, some("soon"), None),
            (r#"{"retryAfter":null}"#, 429, Some(1200), None, None),
            (r#"{"retryAfterMs":250}"#, 429, Some(1200), None, some("250")),
            (
                r#"{"retryAfter":{"httpDateInSeconds":60}}"#,
                429,
                None,
                some("Thu, 01 Jan 1970 00:01:00 GMT"),
                None,
            ),
        ];
        for (json, status, reset, seconds, ms) in table {
            assert_eq!(told(json, status, reset), (seconds, ms), "{json} {status}");
        }
    }
}
