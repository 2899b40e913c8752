//! Finds the ids in an answer that only the account knows which has given it: what a later request
//! may name. It does not remember them.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::ids::{Found, find_ids, text};
use super::{Raw, id_in, object};

/// The members at the top of an answer, or of an event, that have ids in them or say whether its
/// own id is one.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer<'a> {
    #[serde(borrow)]
    id: Raw<'a>,
    #[serde(borrow)]
    object: Raw<'a>,
    #[serde(borrow)]
    conversation: Raw<'a>,
    #[serde(borrow)]
    container: Raw<'a>,
    #[serde(borrow)]
    response: Raw<'a>,
    #[serde(borrow)]
    output: Raw<'a>,
    #[serde(borrow)]
    item: Raw<'a>,
    #[serde(borrow)]
    annotation: Raw<'a>,
    #[serde(borrow)]
    choices: Raw<'a>,
    #[serde(borrow)]
    content: Raw<'a>,
    #[serde(borrow)]
    candidates: Raw<'a>,
}

/// Answers that are named by their id: nothing refers to a completion of a chat.
const NAMED: [&str; 6] = ["response", "conversation", "batch", "container", "file", "vector_store"];

/// Tells `sink` each id in an answer, or in an event of a stream. What is no JSON object has none.
pub fn ids_of_answer(json: &str, sink: &mut dyn FnMut(&str)) {
    let Some(answer) = object::<Answer<'_>>(json) else { return };
    if let Some(response) = answer.response.and_then(|raw| object::<Answer<'_>>(raw.get())) {
        response.tell(sink);
    }
    answer.tell(sink);
}

impl Answer<'_> {
    fn tell(&self, sink: &mut dyn FnMut(&str)) {
        let is_named = || {
            let kind = self.object.and_then(text);
            kind.is_some_and(|kind| NAMED.contains(&&*kind))
        };
        let own = self.id.filter(|_| is_named());
        let items = self.output.map(|output| serde_json::from_str::<Vec<&RawValue>>(output.get()));
        let items = items.and_then(Result::ok).unwrap_or_default();
        let named = [own, self.conversation, self.container, self.item];
        for raw in named.into_iter().flatten().chain(items) {
            if let Some(id) = id_in(raw) {
                sink(&id);
            }
        }
        let mut note = |_, id: &str| sink(id);
        let mut found = Found { sink: &mut note, has_signed_thinking: false };
        let parts =
            [self.output, self.item, self.annotation, self.choices, self.content, self.candidates];
        for part in parts.into_iter().flatten() {
            find_ids(part.get(), &mut found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_tells_the_ids_that_a_later_request_may_name() {
        let table: [(&str, &[&str]); 14] = [
            (r#"{"id":"chatcmpl-1","object":"chat.completion","choices":[]}"#, &[]),
            (r#"{"id":"resp_1","object":"response","output":[]}"#, &["resp_1"]),
            (r#"{"object":"batch","id":"batch_1"}"#, &["batch_1"]),
            (
                r#"{"type":"response.created","response":{"id":"resp_1","object":"response"}}"#,
                &["resp_1"],
            ),
            (
                r#"{"id":"resp_1","object":"response","conversation":{"id":"conv_1"}}"#,
                &["resp_1", "conv_1"],
            ),
            (
                r#"{"object":"response","output":[{"id":"rs_1","type":"reasoning","encrypted_content":"gA"}]}"#,
                &["rs_1", "gA"],
            ),
            (
                r#"{"type":"response.output_item.done","item":{"id":"msg_1","type":"message"}}"#,
                &["msg_1"],
            ),
            (
                r#"{"type":"response.output_text.annotation.added","annotation":{"type":"container_file_citation","container_id":"cntr_1","file_id":"cfile_1"}}"#,
                &["cntr_1", "cfile_1"],
            ),
            (
                r#"{"object":"chat.completion","choices":[{"message":{"audio":{"id":"audio_1"}}}]}"#,
                &["audio_1"],
            ),
            (r#"{"choices":[{"delta":{"audio":{"id":"audio_1"}}}]}"#, &["audio_1"]),
            (r#"{"candidates":[{"content":{"parts":[{"thoughtSignature":"x"}]}}]}"#, &["x"]),
            (
                r#"{"type":"message","id":"msg_1","container":{"id":"container_1"}}"#,
                &["container_1"],
            ),
            // A model's own words, and a tool call, which is the caller's.
            (r#"{"choices":[{"message":{"content":"{\"file_id\":\"file-1\"}"}}]}"#, &[]),
            (r#"{"choices":[{"message":{"tool_calls":[{"id":"call_1"}]}}]}"#, &[]),
        ];
        for (answer, expected) in table {
            let mut found = Vec::new();
            ids_of_answer(answer, &mut |id| found.push(id.to_owned()));
            assert_eq!(found, expected, "{answer}");
        }
    }
}
