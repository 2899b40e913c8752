//! What the engine reads of an event or reply: whether it is one JSON value and whether it
//! reports an error. It copies nothing and judges nothing else.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// What was seen in a JSON value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Glance {
    /// It is an object whose last top-level `error` is truthy in JavaScript.
    pub has_error: bool,
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
        while let Some(key) = map.next_key::<&RawValue>()? {
            if is_error(key.get()) {
                glance.has_error = is_truthy(map.next_value::<&RawValue>()?.get());
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Seen(glance))
    }
}

/// Whether a key, as it is written, is `error`. One with a lone surrogate makes no Rust string,
/// but is as good a key as any.
fn is_error(key: &str) -> bool {
    match key {
        r#""error""# => true,
        _ if key.contains('\\') => {
            serde_json::from_str::<String>(key).is_ok_and(|key| key == "error")
        }
        _ => false,
    }
}

fn is_truthy(raw: &str) -> bool {
    match raw {
        "null" | "false" | "\"\"" => false,
        _ => raw.parse::<f64>().ok() != Some(0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_seen_where_javascript_would_see_one() {
        let table = [
            (r#"{"error":{"message":"x"}}"#, true),
            (r#"{"error":"x"}"#, true),
            (r#"{"error":1}"#, true),
            (r#"{"error":{}}"#, true),
            (r#"{"error":null}"#, false),
            (r#"{"error":0}"#, false),
            (r#"{"error":-0.0}"#, false),
            (r#"{"error":""}"#, false),
            (r#"{"error":false}"#, false),
            (r#"{"error":1,"error":null}"#, false),
            (r#"{"choices":[{"error":1}]}"#, false),
            (r#"{"err\u006fr":1}"#, true),
            (r#"{"\ud83c":1,"error":1}"#, true),
            (r#"{"\ud83c":{"\udf4c":"\ud83c"},"b":1}"#, false),
            ("[]", false),
            ("1e999", false),
            ("-12", false),
            ("null", false),
            (r#""error""#, false),
        ];
        for (text, has_error) in table {
            assert_eq!(glance(text), Some(Glance { has_error }), "{text}");
        }
    }

    #[test]
    fn what_is_not_one_json_value_is_not_read() {
        for text in [
            "",
            "{",
            "1,2",
            r#"{"a":1}{"b":2}"#,
            r#"{"a":[1"#,
            "2]}",
            "undefined",
            "{'a':1}",
            "\"\u{1}\"",
            "{\"\u{1}\":1}",
            r#"{"\u00":1}"#,
        ] {
            assert_eq!(glance(text), None, "{text}");
        }
    }

    #[test]
    fn values_nested_more_deeply_than_any_stack_are_read() {
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(glance(&deep), Some(Glance::default()));
    }
}
