//! What the engine reads of an event or reply: whether it is one JSON value, whether it reports
//! an error, how far it brings the answer, and what it has cost. It copies nothing and judges nothing else.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::usage::Usage;

/// What was seen in a JSON value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Glance {
    /// It is an object whose last top-level `error` is truthy in JavaScript.
    pub has_error: bool,
    /// How far it brings the answer.
    pub step: Step,
    /// The tokens that it reports.
    pub usage: Option<Usage>,
}

/// How far an event brings the answer, in the protocols that say so: chat completions, legacy
/// completions, responses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// It carries something of the answer: content, reasoning, a refusal, a tool call, its end.
    pub is_real: bool,
    /// The choices that it names, a bit for each index; a response is one.
    pub choices: u64,
    /// Those of them that have ended.
    pub finished: u64,
    /// The provider says that it failed (`finish_reason` is `error`, `response.failed`).
    pub failed: bool,
}

impl Glance {
    /// The event of this name that says so reports an error. `careful`: also where a provider says
    /// in its answer that it has failed.
    pub fn is_error(&self, name: &str, careful: bool) -> bool {
        let says_so = self.has_error || name == "error" || (careful && self.step.failed);
        // The SDK hands on an event of a thread whatever it says.
        says_so && !name.starts_with("thread.")
    }
}

/// Reads `text`; none if it is not exactly one JSON value.
pub fn glance(text: &str) -> Option<Glance> {
    let is_object = text.trim_start_matches([' ', '\n', '\r', '\t']).starts_with('{');
    if is_object {
        return serde_json::from_str::<Seen>(text).ok().map(|seen| seen.0);
    }
    serde_json::from_str::<IgnoredAny>(text).ok().map(|_| Glance::default())
}

struct Seen(Glance);

impl<'de> Deserialize<'de> for Seen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(GlanceVisitor)
    }
}

struct GlanceVisitor;

impl<'de> Visitor<'de> for GlanceVisitor {
    type Value = Seen;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Seen, A::Error> {
        let mut glance = Glance::default();
        let mut response = None;
        while let Some(key) = map.next_key::<&RawValue>()? {
            match Key::of(key.get()) {
                Key::Error => glance.has_error = is_truthy(map.next_value::<&RawValue>()?.get()),
                Key::Choices => glance.step = Step::of_choices(map.next_value::<&RawValue>()?),
                Key::Type => {
                    let kind = map.next_value::<&RawValue>()?.get();
                    if let Some(step) = Step::of_response(kind) {
                        glance.step = step;
                    }
                }
                Key::Usage => glance.usage = Usage::read(map.next_value::<&RawValue>()?),
                Key::Response => response = Some(map.next_value::<&RawValue>()?),
                Key::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        if let Some(response) = response.filter(|_| glance.step.finished != 0) {
            glance.usage = Usage::of_response(response);
        }
        Ok(Seen(glance))
    }
}

/// A key, of which few names matter.
enum Key {
    Error,
    Choices,
    Type,
    Usage,
    Response,
    Other,
}

impl Key {
    /// From a key as it is written. One with a lone surrogate makes no Rust string, but is as good
    /// a key as any.
    fn of(written: &str) -> Self {
        if written.contains('\\') {
            return serde_json::from_str(written)
                .map_or(Self::Other, |key: String| Self::named(&key));
        }
        Self::named(written.trim_matches('"'))
    }

    fn named(name: &str) -> Self {
        match name {
            "error" => Self::Error,
            "choices" => Self::Choices,
            "type" => Self::Type,
            "usage" => Self::Usage,
            "response" => Self::Response,
            _ => Self::Other,
        }
    }
}

fn is_truthy(raw: &str) -> bool {
    match raw {
        "null" | "false" | "\"\"" => false,
        _ => raw.parse::<f64>().ok() != Some(0.0),
    }
}

/// A choice of a chat completion, or of a legacy one, which has `text`.
#[derive(serde::Deserialize)]
struct Choice<'a> {
    index: Option<u32>,
    delta: Option<Delta>,
    #[serde(borrow)]
    text: Option<&'a RawValue>,
    #[serde(borrow)]
    finish_reason: Option<Cow<'a, str>>,
}

impl Step {
    /// Of a value that does not look like choices, nothing is said.
    fn of_choices(raw: &RawValue) -> Self {
        let choices: Vec<Choice<'_>> = serde_json::from_str(raw.get()).unwrap_or_default();
        let mut step = Self::default();
        for choice in choices {
            let bit = 1 << choice.index.unwrap_or_default().min(63);
            step.choices |= bit;
            let says = choice.delta.is_some_and(|delta| delta.says_something);
            let writes = choice.text.is_some_and(|text| is_something(text.get()));
            step.is_real |= says || writes;
            if let Some(reason) = choice.finish_reason {
                step.is_real = true;
                step.finished |= bit;
                step.failed |= reason == "error";
            }
        }
        step
    }

    /// From the `type` of an event of the Responses API, as JSON.
    fn of_response(kind: &str) -> Option<Self> {
        let kind = kind.strip_prefix("\"response.")?.strip_suffix('"')?;
        let finished = matches!(kind, "completed" | "incomplete" | "failed");
        Some(Self {
            is_real: finished || kind.rsplit('.').next() == Some("delta"),
            choices: 1,
            finished: u64::from(finished),
            failed: kind == "failed",
        })
    }
}

/// What a chunk adds to a message. Anything but the role counts, so that a field which only one
/// provider has (`reasoning`, `thinking`) counts as well.
struct Delta {
    says_something: bool,
}

impl<'de> Deserialize<'de> for Delta {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct DeltaVisitor;
        impl<'de> Visitor<'de> for DeltaVisitor {
            type Value = Delta;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a delta")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Delta, A::Error> {
                let mut delta = Delta { says_something: false };
                while let Some((key, value)) = map.next_entry::<Cow<'de, str>, &RawValue>()? {
                    delta.says_something |= key != "role" && is_something(value.get());
                }
                Ok(delta)
            }
        }
        deserializer.deserialize_map(DeltaVisitor)
    }
}

fn is_something(raw: &str) -> bool {
    !matches!(raw, "null" | "\"\"" | "[]" | "{}" | "false")
}

#[cfg(test)]
mod tests;
