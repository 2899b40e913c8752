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
        while let Some(key) = map.next_key::<Key>()? {
            if key.is_error {
                glance.has_error = is_truthy(map.next_value::<&RawValue>()?.get());
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Seen(glance))
    }
}

/// A key, of which only one name matters. A key with a lone surrogate does not make a string
/// here, so that such a value is left to the host's own parser.
struct Key {
    is_error: bool,
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl Visitor<'_> for KeyVisitor {
            type Value = Key;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a key")
            }
            fn visit_str<E>(self, key: &str) -> Result<Key, E> {
                Ok(Key { is_error: key == "error" })
            }
        }
        deserializer.deserialize_str(KeyVisitor)
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
