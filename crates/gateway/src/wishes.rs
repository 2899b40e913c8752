//! What a client's headers ask for: what is passed on to a provider, and what `x-mm-*` say of the
//! request. They name configured things only, never a URL or a key.

use std::time::Duration;

use http::HeaderMap;
use model_multiplexer_core::fleet::Tags;

use crate::config::MidStream;
use crate::refusal::Refusal;

/// Headers of a client that are passed on to providers. Whatever may identify a client or open a
/// door elsewhere (credentials, cookies, addresses) is not among them.
const PASSED_ON: [&str; 6] =
    ["openai-beta", "idempotency-key", "http-referer", "x-title", "traceparent", "tracestate"];

/// The longest name of a session.
const LONGEST_SESSION: usize = 256;
/// The longest time that a header can name: a day.
const LONGEST_MS: u64 = 86_400_000;

/// What `x-mm-*` headers ask for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Wishes {
    /// `x-mm-session`: what the request belongs to, for the strategy `sticky`.
    pub(crate) session: Option<String>,
    /// `x-mm-require`: tags that the target must have, as `region=eu, tier=paid`.
    pub(crate) require: Tags,
    /// `x-mm-deadline`: how many milliseconds all of it may take.
    pub(crate) deadline: Option<Duration>,
    /// `x-mm-wait`: for how many milliseconds a target may be waited for.
    pub(crate) wait: Option<Duration>,
    /// `x-mm-mid-stream`: what becomes of a stream that breaks off, `error` or `recover`.
    pub(crate) mid_stream: Option<MidStream>,
}

/// Reads the wishes off a request's headers, and keeps what is passed on.
///
/// # Errors
/// 400, with the header and what is expected.
pub(crate) fn read(headers: &HeaderMap) -> Result<(Wishes, HeaderMap), Refusal> {
    let mut wishes = Wishes::default();
    let mut passed_on = HeaderMap::new();
    for (name, value) in headers {
        if PASSED_ON.contains(&name.as_str()) {
            passed_on.append(name, value.clone());
        }
        let Some(wish) = name.as_str().strip_prefix("x-mm-") else { continue };
        let text = value.to_str().unwrap_or_default().trim();
        match wish {
            "session" if text.is_empty() || text.len() > LONGEST_SESSION => {
                return Err(wrong(wish, "from 1 to 256 letters"));
            }
            "session" => wishes.session = Some(text.to_owned()),
            "require" => wishes.require = tags(text).ok_or_else(|| wrong(wish, "name=value, …"))?,
            "deadline" => wishes.deadline = Some(span(wish, text, 1)?),
            "wait" => wishes.wait = Some(span(wish, text, 0)?),
            "mid-stream" => {
                let known = MidStream::named(text);
                wishes.mid_stream = Some(known.ok_or_else(|| wrong(wish, "error or recover"))?);
            }
            _ => {
                let message = format!(
                    "there is no header x-mm-{wish}; there are x-mm-session, x-mm-require, \
                     x-mm-deadline, x-mm-wait, x-mm-mid-stream"
                );
                return Err(Refusal::bad_request("invalid_header", message));
            }
        }
    }
    Ok((wishes, passed_on))
}

fn wrong(wish: &str, expected: &str) -> Refusal {
    Refusal::bad_request("invalid_header", format!("x-mm-{wish} must be {expected}"))
}

fn span(wish: &str, text: &str, least: u64) -> Result<Duration, Refusal> {
    let millis = text.parse().ok().filter(|millis| (least..=LONGEST_MS).contains(millis));
    millis
        .map(Duration::from_millis)
        .ok_or_else(|| wrong(wish, &format!("milliseconds from {least} to {LONGEST_MS}")))
}

fn tags(text: &str) -> Option<Tags> {
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        let (name, value) = (name.trim(), value.trim());
        (!name.is_empty() && !value.is_empty()).then(|| (name.to_owned(), value.to_owned()))
    };
    text.split(',').map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter();
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.map(pair).collect()
    }

    #[test]
    fn wishes_are_read_and_bounded() {
        let (wishes, _) = read(&headers(&[
            ("x-mm-session", "s-1"),
            ("x-mm-require", "region = eu, tier=paid"),
            ("x-mm-deadline", "1500"),
            ("x-mm-wait", "0"),
            ("x-mm-mid-stream", "recover"),
        ]))
        .unwrap();
        let tag = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let expected = Wishes {
            session: Some("s-1".to_owned()),
            require: Tags::from([tag("region", "eu"), tag("tier", "paid")]),
            deadline: Some(Duration::from_millis(1500)),
            wait: Some(Duration::ZERO),
            mid_stream: Some(MidStream::Recover),
        };
        assert_eq!(wishes, expected);
        for (name, value) in [
            ("x-mm-deadline", "0"),
            ("x-mm-deadline", "1e3"),
            ("x-mm-wait", "86400001"),
            ("x-mm-require", "region"),
            ("x-mm-session", ""),
            ("x-mm-mid-stream", "resume"),
            ("x-mm-target", "http://elsewhere.example"),
        ] {
            let refusal = read(&headers(&[(name, value)])).unwrap_err();
            assert!(refusal.message.contains(name), "{name}: {}", refusal.message);
        }
    }

    #[test]
    fn credentials_cookies_and_addresses_are_not_passed_on() {
        let (_, passed_on) = read(&headers(&[
            ("authorization", "Bearer secret"),
            ("cookie", "a=b"),
            ("x-forwarded-for", "10.0.0.1"),
            ("openai-organization", "org"),
            ("x-api-key", "secret"),
            ("traceparent", "00-1-2-01"),
            ("openai-beta", "assistants=v2"),
        ]))
        .unwrap();
        let names: Vec<_> = passed_on.keys().map(HeaderName::as_str).collect();
        assert_eq!(names, ["traceparent", "openai-beta"]);
    }
}
