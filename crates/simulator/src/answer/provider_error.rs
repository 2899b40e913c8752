//! The errors that providers really send, as they send them, from a table; not when one is due.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use http::{HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::words::escape;
use crate::limits::header::{go_duration, rfc3339};

const TABLE: &str = include_str!("provider_error.json");
/// The entry for the middle of a stream, which is no reason to refuse.
const IN_BAND: &str = "inBand";

type Table = HashMap<&'static str, HashMap<&'static str, Entry>>;

static ENTRIES: LazyLock<Table> = LazyLock::new(|| serde_json::from_str(TABLE).unwrap_or_default());

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[serde(default)]
    status: u16,
    #[serde(default)]
    headers: HashMap<String, String>,
    #[serde(borrow, default)]
    body: Option<&'static RawValue>,
    #[serde(default)]
    event: Option<String>,
    #[serde(borrow, default)]
    data: Option<&'static RawValue>,
    #[serde(default)]
    done: bool,
}

/// An error of a provider, instead of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct ProviderError {
    provider: String,
    reason: String,
    delay: Duration,
}

/// An error of a provider in the middle of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct ProviderEvent {
    provider: String,
}

/// An error with its placeholders filled in.
pub(crate) struct Spelled {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: String,
}

/// An event with its placeholders filled in.
pub(crate) struct SpelledEvent {
    pub(crate) event: Option<&'static str>,
    pub(crate) data: String,
    /// Whether `[DONE]` follows.
    pub(crate) done: bool,
}

fn names<T>(map: &HashMap<&'static str, T>) -> String {
    let mut names: Vec<_> = map.keys().copied().filter(|name| *name != IN_BAND).collect();
    names.sort_unstable();
    names.join(", ")
}

fn entries(provider: &str) -> Result<&'static HashMap<&'static str, Entry>, String> {
    ENTRIES
        .get(provider)
        .ok_or_else(|| format!("`provider` is {provider:?}, expected one of {}", names(&ENTRIES)))
}

impl ProviderError {
    /// Looks an error up. `delay` is what it says about when to try again, if it says anything.
    pub(crate) fn find(provider: String, reason: String, delay: Duration) -> Result<Self, String> {
        let reasons = entries(&provider)?;
        if reason == IN_BAND || !reasons.contains_key(reason.as_str()) {
            let known = names(reasons);
            return Err(format!(
                "`reason` is {reason:?}, which {provider} has no error for; expected one of {known}"
            ));
        }
        Ok(Self { provider, reason, delay })
    }

    /// The error about a model, sent at this time.
    pub(crate) fn spell(&self, model: &str, now: SystemTime) -> Spelled {
        let fill = |text: &str| fill(text, model, self.delay, now);
        let entry = ENTRIES.get(self.provider.as_str()).and_then(|all| all.get(&*self.reason));
        let header = |(name, value): (&String, &String)| {
            let name = HeaderName::try_from(name).ok()?;
            Some((name, HeaderValue::try_from(fill(value)).ok()?))
        };
        Spelled {
            status: entry
                .and_then(|entry| StatusCode::from_u16(entry.status).ok())
                .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            headers: entry
                .map(|entry| entry.headers.iter().filter_map(header).collect())
                .unwrap_or_default(),
            body: entry
                .and_then(|entry| entry.body)
                .map(|body| fill(body.get()))
                .unwrap_or_default(),
        }
    }
}

impl ProviderEvent {
    /// Looks an event up.
    pub(crate) fn find(provider: String) -> Result<Self, String> {
        if entries(&provider)?.contains_key(IN_BAND) {
            return Ok(Self { provider });
        }
        let with = ENTRIES.iter().filter(|(_, all)| all.contains_key(IN_BAND));
        let mut known: Vec<_> = with.map(|(name, _)| *name).collect();
        known.sort_unstable();
        let known = known.join(", ");
        Err(format!("`provider` is {provider:?}, expected one of {known} for an error event"))
    }

    /// The `error` member alone, for an answer that is no stream.
    pub(crate) fn error(&self) -> Value {
        let data = serde_json::from_str::<Value>(&self.spell("", 0, "").data);
        data.ok().and_then(|mut data| data.get_mut("error").map(Value::take)).unwrap_or_default()
    }

    /// The event in a stream with this id, time and model, which are escaped already.
    pub(crate) fn spell(&self, id: &str, created: u64, model: &str) -> SpelledEvent {
        let entry = ENTRIES.get(self.provider.as_str()).and_then(|all| all.get(IN_BAND));
        let data = entry.and_then(|entry| entry.data).map_or("", RawValue::get);
        SpelledEvent {
            event: entry.and_then(|entry| entry.event.as_deref()),
            data: data
                .replace("\"{{created}}\"", &created.to_string())
                .replace("{{id}}", id)
                .replace("{{model}}", model),
            done: entry.is_some_and(|entry| entry.done),
        }
    }
}

/// Fills in the placeholders: the model last, so that its name is not taken for one.
fn fill(text: &str, model: &str, delay: Duration, now: SystemTime) -> String {
    if !text.contains("{{") {
        return text.to_owned();
    }
    let ms = delay.as_millis();
    let then = now.checked_add(delay).unwrap_or(now);
    let since = then.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    text.replace("{{seconds}}", &ms.div_ceil(1000).to_string())
        .replace("{{exact}}", &delay.as_secs_f64().to_string())
        .replace("{{ms}}", &ms.to_string())
        .replace("{{go}}", &go_duration(delay))
        .replace("{{epochMs}}", &since.as_millis().to_string())
        .replace("{{rfc3339}}", &rfc3339(since.as_secs()))
        .replace("{{model}}", &escape(model))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_of_the_table_is_json_with_a_status_and_no_unknown_placeholder() {
        assert_eq!(ENTRIES.len(), 12);
        for (provider, reasons) in ENTRIES.iter() {
            for reason in reasons.keys().filter(|reason| **reason != IN_BAND) {
                let delay = Duration::from_millis(7660);
                let error =
                    ProviderError::find((*provider).to_owned(), (*reason).to_owned(), delay)
                        .unwrap();
                let spelled = error.spell("a \"model\"", SystemTime::UNIX_EPOCH);
                assert!(spelled.status.as_u16() >= 400, "{provider} {reason}");
                assert!(!spelled.body.contains("{{"), "{provider} {reason}: {}", spelled.body);
                serde_json::from_str::<serde_json::Value>(&spelled.body).unwrap();
            }
        }
    }

    #[test]
    fn a_delay_is_told_as_the_provider_tells_it() {
        let told = |provider: &str, reason: &str| {
            let delay = Duration::from_millis(7660);
            let error = ProviderError::find(provider.to_owned(), reason.to_owned(), delay).unwrap();
            let spelled = error.spell("m", SystemTime::UNIX_EPOCH);
            let mut headers: Vec<_> = spelled
                .headers
                .iter()
                .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
                .collect();
            headers.sort();
            format!("{} {}", headers.join(", "), spelled.body)
        };
        assert!(told("groq", "tokensLimited").contains("Please try again in 7.66s."));
        assert!(told("groq", "tokensLimited").contains("retry-after: 8"));
        assert!(told("gemini", "rateLimited").contains(r#""retryDelay":"8s""#));
        assert!(told("gemini", "rateLimited").contains("Please retry in 7.66s."));
        assert!(told("anthropic", "rateLimited").contains("1970-01-01T00:00:07Z"));
        assert!(told("openrouter", "dailyLimit").contains(r#""X-RateLimit-Reset":"7660""#));
    }

    #[test]
    fn what_a_provider_does_not_send_is_named() {
        let error = ProviderError::find("vllm".into(), "rateLimited".into(), Duration::ZERO);
        let message = error.unwrap_err();
        assert!(message.contains("`reason`") && message.contains("contextTooLong"), "{message}");
        assert!(ProviderEvent::find("cerebras".into()).unwrap_err().contains("openrouter"));
        assert!(ProviderEvent::find("nobody".into()).unwrap_err().contains("`provider`"));
    }
}
