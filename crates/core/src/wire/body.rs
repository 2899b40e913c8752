//! The request body as text, whose model's name is replaced for each attempt without parsing
//! the rest. It does not look at anything else in it.

use bytes::Bytes;
use memchr::memchr2;

/// A body as text, and where the value of its top-level `model` stands.
#[derive(Debug, Default)]
pub struct Body {
    text: String,
    /// None where it is not a JSON object with that key; it is then sent as it is.
    model: Option<std::ops::Range<usize>>,
}

impl Body {
    /// Finds the model in `text`.
    pub fn new(text: String) -> Self {
        let model = find_model(text.as_bytes());
        Self { text, model }
    }

    /// A body whose model stands at `model`, by somebody who has read it.
    pub fn with_model_at(text: String, model: std::ops::Range<usize>) -> Self {
        let model = text.get(model.clone()).is_some().then_some(model);
        Self { text, model }
    }

    /// The text as it was given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The bytes with `model` in place of the value: what `JSON.stringify({...params, model})`
    /// gives.
    pub fn with_model(&self, model: &str) -> Bytes {
        let mut bytes = Vec::with_capacity(self.text.len() + model.len() + 2);
        let text = self.text.as_bytes();
        match &self.model {
            Some(range) => {
                bytes.extend_from_slice(&text[..range.start]);
                // A string always serialises.
                let _ = serde_json::to_writer(&mut bytes, model);
                bytes.extend_from_slice(&text[range.end..]);
            }
            None => bytes.extend_from_slice(text),
        }
        bytes.into()
    }
}

/// The range of the top-level `model`'s value. Walks over the keys and values before it only.
fn find_model(text: &[u8]) -> Option<std::ops::Range<usize>> {
    let mut at = skip_space(text, 0);
    if text.get(at) != Some(&b'{') {
        return None;
    }
    loop {
        let key = skip_space(text, at + 1);
        let key_end = skip_string(text, key)?;
        let colon = skip_space(text, key_end);
        if text.get(colon) != Some(&b':') {
            return None;
        }
        let value = skip_space(text, colon + 1);
        let value_end = skip_value(text, value)?;
        if &text[key..key_end] == br#""model""# {
            return Some(value..value_end);
        }
        at = skip_space(text, value_end);
        if text.get(at) != Some(&b',') {
            return None;
        }
    }
}

fn skip_space(text: &[u8], mut at: usize) -> usize {
    while text.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at
}

/// The end of the string that starts at `at`.
fn skip_string(text: &[u8], at: usize) -> Option<usize> {
    if text.get(at) != Some(&b'"') {
        return None;
    }
    let mut at = at + 1;
    loop {
        at += memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// The end of the value that starts at `at`.
fn skip_value(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at)? {
        b'"' => skip_string(text, at),
        b'{' | b'[' => skip_nested(text, at),
        _ => {
            let end = text[at..].iter().position(|byte| matches!(byte, b',' | b'}' | b']'));
            end.map(|length| at + length)
        }
    }
}

fn skip_nested(text: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    loop {
        match text.get(at)? {
            b'"' => at = skip_string(text, at)?,
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                depth -= 1;
                at += 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(text: &str, model: &str) -> String {
        let body = Body::new(text.into());
        String::from_utf8(body.with_model(model).to_vec()).unwrap()
    }

    #[test]
    fn the_model_is_replaced_where_it_stands() {
        let table = [
            (r#"{"model":"a","n":1}"#, r#"{"model":"x","n":1}"#),
            (
                r#"{"messages":[{"model":"no","c":"]\"}"}],"model":""}"#,
                r#"{"messages":[{"model":"no","c":"]\"}"}],"model":"x"}"#,
            ),
            (
                r#"{"a":"\"model\":\"no\"","b":-1.5e3,"c":null,"model":"m"}"#,
                r#"{"a":"\"model\":\"no\"","b":-1.5e3,"c":null,"model":"x"}"#,
            ),
            ("{\n  \"a\": {},\n  \"model\": \"m\"\n}", "{\n  \"a\": {},\n  \"model\": \"x\"\n}"),
            (r#"{"model":null}"#, r#"{"model":"x"}"#),
            (r#"{"model":{"a":[1]},"b":2}"#, r#"{"model":"x","b":2}"#),
        ];
        for (given, expected) in table {
            assert_eq!(replaced(given, "x"), expected);
        }
    }

    #[test]
    fn the_new_name_is_escaped_as_json() {
        assert_eq!(
            replaced(r#"{"model":""}"#, "a\"b\\\n\u{e9}"),
            "{\"model\":\"a\\\"b\\\\\\n\u{e9}\"}"
        );
    }

    #[test]
    fn what_is_not_an_object_with_a_model_stays_as_it_is() {
        for text in [
            "",
            "null",
            "[]",
            "{}",
            r#"{"a":1}"#,
            r#"{"a":{"model":1}}"#,
            r#"{"a"#,
            r#"{"a":"b\"#,
            "{\"model\"\u{e9}:1}",
        ] {
            assert_eq!(replaced(text, "x"), text);
        }
    }
}
