//! What the gateway reads of a request's body: the model, whether a stream is wanted, and whether
//! it is one JSON object that every reader would understand alike. It keeps nothing else.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::endpoint::Endpoint;
use crate::refusal::Refusal;

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ask<'a> {
    /// The model's name.
    pub(crate) model: Cow<'a, str>,
    /// Where its value stands in the body.
    pub(crate) model_at: Range<usize>,
    /// The answer is to come as a stream.
    pub(crate) stream: bool,
    /// The earlier response that it goes on from.
    pub(crate) previous_response_id: Option<Cow<'a, str>>,
}

/// A longer name is nobody's: names are kept for the log and for what is told afterwards.
const LONGEST_MODEL: usize = 512;

/// So many keys are compared one with another; more than that by a table.
const FEW: usize = 16;

impl<'a> Ask<'a> {
    /// Reads a body.
    ///
    /// # Errors
    /// 400, in the words of an OpenAI-compatible server.
    pub(crate) fn read(endpoint: Endpoint, text: &'a str) -> Result<Self, Refusal> {
        let members: Members<'a> = serde_json::from_str(text).map_err(|error| not_json(&error))?;
        if let Some(twice) = members.twice {
            let message = format!("\"{}\" is given twice", shown(&twice));
            return Err(Refusal::bad_request("duplicate_key", message));
        }
        let required = |param, message: &str| {
            Err(Refusal::bad_request("missing_required_parameter", message).of(param))
        };
        if endpoint == Endpoint::Chat && !members.messages.is_some_and(is_filled_list) {
            return required("messages", "messages is required and must be a non-empty array");
        }
        let Some((raw, model)) = members.model.and_then(|raw| Some((raw.get(), string(raw)?)))
        else {
            return required("model", "model is required");
        };
        if model.is_empty() {
            return required("model", "model is required");
        }
        if model.len() > LONGEST_MODEL {
            let message = format!("model is longer than {LONGEST_MODEL} bytes");
            return Err(Refusal::bad_request("invalid_model", message).of("model"));
        }
        let begin = raw.as_ptr().addr() - text.as_ptr().addr();
        Ok(Self {
            model,
            model_at: begin..begin + raw.len(),
            stream: members.stream.is_some_and(|stream| stream.get() == "true"),
            previous_response_id: members.previous_response_id.and_then(string),
        })
    }
}

#[derive(Default)]
struct Members<'a> {
    model: Option<&'a RawValue>,
    stream: Option<&'a RawValue>,
    messages: Option<&'a RawValue>,
    previous_response_id: Option<&'a RawValue>,
    twice: Option<Cow<'a, str>>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;
        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members<'de>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Members::default();
                let mut keys = Keys::default();
                while let Some(Key(key)) = map.next_key::<Key<'de>>()? {
                    match key.as_ref() {
                        "model" => members.model = Some(map.next_value()?),
                        "stream" => members.stream = Some(map.next_value()?),
                        "messages" => members.messages = Some(map.next_value()?),
                        "previous_response_id" => {
                            members.previous_response_id = Some(map.next_value()?);
                        }
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                    if let Some(twice) = keys.add(key) {
                        members.twice.get_or_insert(twice);
                    }
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(MembersVisitor)
    }
}

/// A key, borrowed where it has no escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a string")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

/// The keys so far.
#[derive(Default)]
struct Keys<'a> {
    few: [Option<Cow<'a, str>>; FEW],
    count: usize,
    many: HashSet<Cow<'a, str>>,
}

impl<'a> Keys<'a> {
    /// Gives the key back if it was there before.
    fn add(&mut self, key: Cow<'a, str>) -> Option<Cow<'a, str>> {
        if self.few.iter().take(self.count).flatten().any(|known| *known == key) {
            return Some(key);
        }
        if let Some(place) = self.few.get_mut(self.count) {
            *place = Some(key);
            self.count += 1;
            return None;
        }
        if self.many.contains(&key) {
            return Some(key);
        }
        self.many.insert(key);
        None
    }
}

fn string(raw: &RawValue) -> Option<Cow<'_, str>> {
    let inner = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        return serde_json::from_str::<String>(raw.get()).ok().map(Cow::Owned);
    }
    Some(Cow::Borrowed(inner))
}

fn is_filled_list(raw: &RawValue) -> bool {
    let inner = raw.get().strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inner.is_some_and(|inner| !inner.trim_ascii().is_empty())
}

/// Where it is wrong, and not what is there.
fn not_json(error: &serde_json::Error) -> Refusal {
    let message = format!(
        "the body must be a JSON object; it is not, at line {} column {}",
        error.line(),
        error.column()
    );
    Refusal::bad_request("invalid_json", message)
}

/// The beginning of a name that a client has given.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chat(text: &str) -> Result<(String, bool), String> {
        let ask = Ask::read(Endpoint::Chat, text);
        ask.map(|ask| (ask.model.into_owned(), ask.stream)).map_err(|refusal| refusal.message)
    }

    #[test]
    fn model_and_stream_are_read_whatever_is_around_them() {
        let table = [
            (r#"{"model":"a","messages":[1],"stream":true}"#, "a", true),
            (r#" {"messages" : [ {} ], "stream" : false , "model" : "a\"é/b" } "#, "a\"é/b", false),
            (
                r#"{"stream":"true","\u006dodel":"x","messages":[[]],"n":{"model":"no"}}"#,
                "x",
                false,
            ),
        ];
        for (text, model, stream) in table {
            assert_eq!(chat(text), Ok((model.to_owned(), stream)), "{text}");
        }
    }

    #[test]
    fn the_model_is_found_where_it_stands_though_its_name_has_escapes() {
        let text = r#"{"n":{"model":"no"},"mode\u006c" : "yes" ,"messages":[1]}"#;
        let ask = Ask::read(Endpoint::Chat, text).unwrap();
        assert_eq!(&text[ask.model_at], "\"yes\"");
    }

    #[test]
    fn what_is_missing_is_told_as_it_always_was() {
        let messages = "messages is required and must be a non-empty array";
        let table = [
            (r#"{"model":"a"}"#, messages),
            (r#"{"model":"a","messages":[ ]}"#, messages),
            (r#"{"model":"a","messages":"hi"}"#, messages),
            (r#"{"messages":[1]}"#, "model is required"),
            (r#"{"messages":[1],"model":""}"#, "model is required"),
            (r#"{"messages":[1],"model":7}"#, "model is required"),
            ("[]", "the body must be a JSON object; it is not, at line 1 column 0"),
            (r#"{"model":"a",}"#, "the body must be a JSON object; it is not, at line 1 column 14"),
            (
                r#"{"model":"a"} x"#,
                "the body must be a JSON object; it is not, at line 1 column 15",
            ),
        ];
        for (text, message) in table {
            assert_eq!(chat(text), Err(message.to_owned()), "{text}");
        }
        let long = format!(r#"{{"messages":[1],"model":"{}"}}"#, "m".repeat(513));
        assert_eq!(chat(&long), Err("model is longer than 512 bytes".to_owned()));
    }

    #[test]
    fn a_key_that_is_given_twice_is_refused_however_it_is_written() {
        let many = (0..40).map(|n| format!("\"k{n}\":1,")).collect::<Vec<_>>().concat();
        let table = [
            r#"{"model":"a","messages":[1],"model":"b"}"#.to_owned(),
            r#"{"model":"a","messages":[1],"mode\u006c":"b"}"#.to_owned(),
            format!(r#"{{{many}"model":"a","messages":[1],"model":"b"}}"#),
        ];
        for text in table {
            assert_eq!(chat(&text), Err("\"model\" is given twice".to_owned()), "{text}");
        }
        let nested = r#"{"model":"a","messages":[{"a":1,"a":2}]}"#;
        assert!(chat(nested).is_ok());
    }
}
