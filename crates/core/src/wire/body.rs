//! The request body as text, whose model's name is replaced for each attempt without parsing
//! the rest. It does not look at anything else in it.

use bytes::Bytes;

use super::member::find_member;

/// A body as text, and where the value of its top-level `model` stands.
#[derive(Clone, Debug, Default)]
pub struct Body {
    text: String,
    /// None where it is not a JSON object with that key; it is then sent as it is.
    model: Option<std::ops::Range<usize>>,
}

impl Body {
    /// Finds the model in `text`.
    pub fn new(text: String) -> Self {
        let model = find_member(&text, "model").map(|member| member.value);
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
