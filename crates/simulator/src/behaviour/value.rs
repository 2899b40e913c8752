//! The values the fields of a behaviour take, checked when read; not how they are merged.

use std::num::NonZeroUsize;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// A time in milliseconds, possibly fractional; from 0 to 86 400 000 (a day).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Millis(pub Duration);

impl Millis {
    const MOST: f64 = 86_400_000.0;
}

impl<'de> Deserialize<'de> for Millis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let ms = f64::deserialize(deserializer)?;
        if !(0.0..=Self::MOST).contains(&ms) {
            let wrong = format!("invalid value: {ms}, expected milliseconds from 0 to 86400000");
            return Err(D::Error::custom(wrong));
        }
        Ok(Self(Duration::from_secs_f64(ms / 1000.0)))
    }
}

/// A count with a most, above which a slip of the pen would cost gigabytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count<const MOST: u32>(pub u32);

impl<'de, const MOST: u32> Deserialize<'de> for Count<MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let count = u32::deserialize(deserializer)?;
        if count > MOST {
            let wrong = format!("invalid value: {count}, expected a count from 0 to {MOST}");
            return Err(D::Error::custom(wrong));
        }
        Ok(Self(count))
    }
}

/// A count of at least one.
pub type Positive = NonZeroUsize;

/// A chance from 0 (never) to 1 (always).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Probability(pub f64);

impl<'de> Deserialize<'de> for Probability {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let chance = f64::deserialize(deserializer)?;
        if !(0.0..=1.0).contains(&chance) {
            let wrong = format!("invalid value: {chance}, expected a probability from 0 to 1");
            return Err(D::Error::custom(wrong));
        }
        Ok(Self(chance))
    }
}

/// What a `retry-after` or `retry-after-ms` header says.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged, expecting = "a number, a string, or {\"httpDateInSeconds\": number}")]
pub enum RetryAfter {
    /// A number, possibly fractional, in the unit of the header.
    Number(serde_json::Number),
    /// A string, put as it is.
    Verbatim(HeaderText),
    /// An HTTP-date so many seconds from now; negative is in the past.
    Date {
        /// Seconds from the answer to the date.
        #[serde(rename = "httpDateInSeconds")]
        http_date_in_seconds: i64,
    },
}

/// Whose chunks and answers are imitated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Shape {
    /// OpenAI: `obfuscation`, `service_tier`, `system_fingerprint`.
    Openai,
    /// Azure OpenAI: a leading chunk without choices, content filter results.
    Azure,
    /// Groq: `x_groq`.
    Groq,
    /// OpenRouter: comments while waiting, `provider`, `native_finish_reason`.
    Openrouter,
}

/// In whose form a prefilled answer, which is a last message of the assistant, is continued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Prefill {
    /// DeepSeek: `prefix: true` in the message.
    Deepseek,
    /// Mistral: the same; the answer repeats the prefix, and without the member it is a 400.
    Mistral,
    /// vLLM: `continue_final_message: true` and `add_generation_prompt: false` in the body.
    Vllm,
    /// Anthropic: nothing but the message, which must not end in white space.
    Anthropic,
    /// A 400, as of newer models of Anthropic.
    Refused,
}

/// How the lines of an event stream end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LineEnding {
    /// `\n`.
    Lf,
    /// `\r\n`.
    Crlf,
    /// `\r`.
    Cr,
}

/// What an answer says about usage: an object put as it is, `false` for nothing, `true` for what
/// was really answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged, expecting = "an object, true or false")]
pub enum Usage {
    /// Whether to tell usage at all.
    Told(bool),
    /// Put as it is.
    Verbatim(Map<String, Value>),
}

/// The body of a refusal: a string put as it is, anything else as JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorBody(pub Value);

impl<'de> Deserialize<'de> for ErrorBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self)
    }
}

impl ErrorBody {
    /// The bytes on the wire.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        match &self.0 {
            Value::String(text) => text.clone().into_bytes(),
            value => value.to_string().into_bytes(),
        }
    }
}

/// A string that can be the value of a header.
#[derive(Clone, Debug, PartialEq)]
pub struct HeaderText(pub HeaderValue);

impl<'de> Deserialize<'de> for HeaderText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        HeaderValue::from_str(&text).map(Self).map_err(|_| {
            D::Error::custom(format!("invalid value: {text:?}, expected a header value"))
        })
    }
}

/// Response headers by name, checked when read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeaderPairs(pub Vec<(HeaderName, HeaderValue)>);

impl HeaderPairs {
    pub(crate) fn overlay(&mut self, later: &Self) {
        self.0.retain(|(name, _)| later.0.iter().all(|(other, _)| other != name));
        self.0.extend(later.0.iter().cloned());
    }
}

impl<'de> Deserialize<'de> for HeaderPairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeaderVisitor)
    }
}

struct HeaderVisitor;

impl<'de> Visitor<'de> for HeaderVisitor {
    type Value = HeaderPairs;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("an object of header names and string values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<HeaderPairs, A::Error> {
        let mut pairs = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, String>()? {
            let name = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| A::Error::custom(format!("`{name}` is not a header name")))?;
            let value = HeaderValue::from_bytes(value.as_bytes())
                .map_err(|_| A::Error::custom(format!("{value:?} is not a header value")))?;
            pairs.push((name, value));
        }
        Ok(HeaderPairs(pairs))
    }
}
