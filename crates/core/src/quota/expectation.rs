//! What a request is expected to use: its prompt, with images and tools, and the longest answer
//! that it asks for. How text is counted is handed in.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Estimate, Limits, Measure, Words, has_words, load_words};

/// The tokens that are reserved for an answer whose length the request does not bound.
pub const USUAL_ANSWER: u64 = 1_000;
/// Around each message, and around the whole of a chat.
const PER_MESSAGE: u64 = 4;
const PER_CHAT: u64 = 3;
/// An image of low detail, and one whose size is not known: what `OpenAI` charges for the former,
/// and for 1,024 by 1,024 pixels.
const SMALL_IMAGE: u64 = 85;
const LARGE_IMAGE: u64 = 765;
/// A sound or a file whose length is not known.
const OTHER_DATA: u64 = 500;

/// Counts the tokens of a text.
pub type Count<'a> = &'a dyn Fn(&str) -> u64;

/// A token for every four bytes, rounded up: for models whose tokenizer is not known.
pub fn quarter(text: &str) -> u64 {
    (text.len() as u64).div_ceil(4)
}

/// How the requests of a fleet are counted: by words where tokens of a model of `OpenAI`'s are
/// limited, else by length.
#[derive(Debug, Default)]
pub struct Expectation {
    has_words: AtomicBool,
}

impl Expectation {
    /// A target with this model and these limits is added.
    pub fn prepare_for<'a>(&self, model: &str, limits: impl IntoIterator<Item = &'a Limits>) {
        let mut meters = limits.into_iter().flat_map(Limits::keys);
        let limits_tokens = meters.any(|meter| meter.measure == Measure::Tokens);
        if limits_tokens && has_words(model) && !self.has_words.swap(true, Relaxed) {
            load_words();
        }
    }

    /// What a request, given as JSON, is expected to use; nothing where there is none.
    pub fn of(&self, request: Option<&str>) -> Estimate {
        let Some(request) = request else { return Estimate::default() };
        if self.has_words.load(Relaxed) {
            let words = Words::default();
            expect(request, &|text| words.count(text))
        } else {
            expect(request, &quarter)
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Request<'a> {
    #[serde(borrow)]
    messages: Vec<&'a RawValue>,
    /// Of the Responses API and of embeddings.
    #[serde(borrow)]
    input: Option<&'a RawValue>,
    /// Of legacy completions.
    #[serde(borrow)]
    prompt: Option<&'a RawValue>,
    #[serde(borrow)]
    instructions: Option<&'a RawValue>,
    #[serde(borrow)]
    tools: Option<&'a RawValue>,
    #[serde(borrow)]
    functions: Option<&'a RawValue>,
    #[serde(borrow)]
    response_format: Option<&'a RawValue>,
    max_tokens: Option<u64>,
    max_completion_tokens: Option<u64>,
    max_output_tokens: Option<u64>,
    n: Option<u64>,
}

/// What a request, given as JSON, is expected to use. One that cannot be read is counted as text.
///
/// The prompt is counted whole: 4 tokens more for each message and 3 for the chat, tools and
/// formats by their JSON, an image 85 tokens where its detail is `low` and 765 otherwise, sounds
/// and files 500. The answer is as long as `max_completion_tokens`, `max_tokens` or
/// `max_output_tokens` allows, for each of `n`, else [`USUAL_ANSWER`]; none for embeddings.
pub fn expect(request: &str, count: Count<'_>) -> Estimate {
    let Ok(members) = serde_json::from_str::<Request<'_>>(request) else {
        return Estimate { input: count(request), output: USUAL_ANSWER };
    };
    let of = |value: Option<&RawValue>| value.map_or(0, |value| content(value.get(), count));
    let text = |value: Option<&RawValue>| value.map_or(0, |value| count(value.get()));
    let chat = if members.messages.is_empty() { 0 } else { PER_CHAT };
    let messages = members.messages.iter();
    let input = messages
        .map(|message| PER_MESSAGE.saturating_add(content(message.get(), count)))
        .chain([chat, of(members.input), of(members.prompt), of(members.instructions)])
        .chain([text(members.tools), text(members.functions), text(members.response_format)])
        .fold(0, u64::saturating_add);
    let most = members.max_completion_tokens.or(members.max_tokens).or(members.max_output_tokens);
    let is_generated = !members.messages.is_empty()
        || members.prompt.is_some()
        || members.instructions.is_some()
        || most.is_some()
        || request.contains("\"stream\"");
    let answers = members.n.unwrap_or(1).max(1);
    let output =
        if is_generated { most.unwrap_or(USUAL_ANSWER).saturating_mul(answers) } else { 0 };
    Estimate { input, output }
}

/// The tokens of a message or of what it contains, at any depth: strings that are text, and data.
fn content(json: &str, count: Count<'_>) -> u64 {
    match serde_json::from_str::<serde_json::Value>(json) {
        Ok(value) => tokens_of(&value, count),
        // Half of a surrogate pair, or numbers beyond any float.
        Err(_) => count(json),
    }
}

fn tokens_of(value: &serde_json::Value, count: Count<'_>) -> u64 {
    use serde_json::Value::{Array, Object, String};
    match value {
        String(text) => count(text),
        Array(values) => {
            values.iter().map(|value| tokens_of(value, count)).fold(0, u64::saturating_add)
        }
        Object(members) => match members.get("type").and_then(serde_json::Value::as_str) {
            Some("image_url" | "input_image" | "image") => image(members),
            Some("input_audio" | "file" | "input_file" | "document") => OTHER_DATA,
            _ => {
                let counted = members.iter().filter(|(name, _)| !is_label(name));
                counted.map(|(_, value)| tokens_of(value, count)).fold(0, u64::saturating_add)
            }
        },
        _ => 0,
    }
}

/// Members that say what something is and are no text of the prompt.
fn is_label(name: &str) -> bool {
    matches!(name, "type" | "id" | "role" | "tool_call_id" | "call_id" | "cache_control")
}

fn image(members: &serde_json::Map<String, serde_json::Value>) -> u64 {
    let inner = members.get("image_url").and_then(|image| image.get("detail"));
    let detail = inner.or_else(|| members.get("detail")).and_then(serde_json::Value::as_str);
    if detail == Some("low") { SMALL_IMAGE } else { LARGE_IMAGE }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(request: &str) -> (u64, u64) {
        let Estimate { input, output } = expect(request, &quarter);
        (input, output)
    }

    #[test]
    fn prompts_are_counted_with_images_and_tools_and_answers_by_what_is_asked_for() {
        let data = "A".repeat(100_000);
        let image = |detail: &str| {
            format!(
                r#"{{"messages":[{{"role":"user","content":[{{"type":"text","text":"12345678"}},{{"type":"image_url","image_url":{{"url":"data:image/png;base64,{data}"{detail}}}}}]}}]}}"#
            )
        };
        let table = [
            // 3 for the chat, 4 for the message, 2 for the text.
            (r#"{"messages":[{"role":"user","content":"12345678"}]}"#.to_owned(), (9, 1_000)),
            (
                r#"{"messages":[{"role":"user","content":"12345678"}],"max_tokens":50}"#.to_owned(),
                (9, 50),
            ),
            (
                r#"{"messages":[{"role":"user","content":"1"}],"max_completion_tokens":7,"n":3}"#
                    .to_owned(),
                (8, 21),
            ),
            (image(""), (9 + 765, 1_000)),
            (image(r#","detail":"low""#), (9 + 85, 1_000)),
            (
                r#"{"messages":[{"role":"user","content":"1"}],"tools":[{"type":"function"}]}"#
                    .to_owned(),
                (8 + 6, 1_000),
            ),
            (r#"{"input":["12345678","1234"],"model":"e"}"#.to_owned(), (3, 0)),
            (r#"{"input":"12345678","max_output_tokens":9}"#.to_owned(), (2, 9)),
            (r#"{"prompt":"12345678","max_tokens":5}"#.to_owned(), (2, 5)),
            ("12345678".to_owned(), (2, 1_000)),
            (String::new(), (0, 1_000)),
        ];
        for (request, estimate) in table {
            assert_eq!(expected(&request), estimate, "{}", &request[..request.len().min(120)]);
        }
    }
}
