//! What a chunk of a chat completion carries, as far as two answers can be joined by it, and the
//! same chunk with another text.

use serde::Deserialize;

use super::object::{Object, items, quoted};

/// The texts that an answer consists of, by their names in a delta.
pub(super) const CHANNELS: [&str; 4] = ["content", "reasoning_content", "reasoning", "refusal"];
/// The first of them is the answer itself.
pub(super) const CONTENT: usize = 0;

/// A text of each channel.
pub(super) type Texts = [String; CHANNELS.len()];

/// What a chunk carries.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) texts: Texts,
    /// The tool calls that it has something of, by index.
    pub(super) calls: Vec<u64>,
    /// It ends the answer.
    pub(super) finishes: bool,
    /// Its usage, as it is written.
    pub(super) usage: Option<String>,
    /// It reports an error.
    pub(super) fails: bool,
    /// It has something that cannot be joined: another choice, probabilities, sound, signatures,
    /// or what is not known.
    pub(super) is_strange: bool,
}

#[derive(Deserialize)]
struct ToolCall {
    #[serde(default)]
    index: u64,
}

impl Chunk {
    /// Reads a chunk. None for what is no JSON object.
    pub(super) fn read(data: &str) -> Option<Self> {
        let object = Object::read(data)?;
        let mut chunk = Self::default();
        for (name, value) in object.iter() {
            match name {
                "usage" => chunk.usage = Some(value.to_owned()),
                "error" => chunk.fails = true,
                "choices" => chunk.read_choices(value),
                _ => {}
            }
        }
        Some(chunk)
    }

    /// True if it brings nothing of the answer.
    pub(super) fn is_silent(&self) -> bool {
        let has_text = self.texts.iter().any(|text| !text.is_empty());
        !has_text && self.calls.is_empty() && !self.finishes
    }

    fn read_choices(&mut self, raw: &str) {
        let choices = items(raw);
        match choices.as_deref() {
            Some([]) => {}
            Some([choice]) if self.read_choice(choice).is_some() => {}
            _ => self.is_strange = true,
        }
    }

    /// None where it is not as it should be.
    fn read_choice(&mut self, raw: &str) -> Option<()> {
        for (name, value) in Object::read(raw)?.iter() {
            match name {
                "index" => self.is_strange |= value != "0",
                "finish_reason" => {
                    self.finishes = true;
                    self.fails |= value == r#""error""#;
                }
                "logprobs" => self.is_strange = true,
                "delta" => self.read_delta(value)?,
                _ => {}
            }
        }
        Some(())
    }

    fn read_delta(&mut self, raw: &str) -> Option<()> {
        for (name, value) in Object::read(raw)?.iter() {
            // Groq's `channel` says what the text beside it is.
            if matches!(name, "role" | "channel") || matches!(value, "\"\"" | "[]" | "{}" | "false")
            {
                continue;
            }
            if let Some(channel) = CHANNELS.iter().position(|channel| *channel == name) {
                self.texts[channel] = serde_json::from_str(value).ok()?;
            } else if name == "tool_calls" {
                let calls: Vec<ToolCall> = serde_json::from_str(value).ok()?;
                self.calls = calls.into_iter().map(|call| call.index).collect();
            } else if name == "function_call" {
                self.calls = vec![0];
            } else {
                self.is_strange = true;
            }
        }
        Some(())
    }
}

/// What a chunk of a later answer is made to say.
#[derive(Debug, Default)]
pub(super) struct Change<'a> {
    /// As they are written in the answer that it is joined to.
    pub(super) id: Option<&'a str>,
    pub(super) created: Option<&'a str>,
    /// In place of its texts.
    pub(super) texts: Texts,
    pub(super) usage: Option<String>,
    /// The answer ends here, because of a stop string.
    pub(super) stops: bool,
}

/// The chunk as it is changed; as it was where it is not as it should be.
pub(super) fn changed(data: &str, change: &Change<'_>) -> String {
    changed_chunk(data, change).unwrap_or_else(|| data.to_owned())
}

fn changed_chunk(data: &str, change: &Change<'_>) -> Option<String> {
    let mut object = Object::read(data)?;
    for (name, value) in [("id", change.id), ("created", change.created)] {
        if let Some(value) = value {
            object.replace(name, value);
        }
    }
    if let Some(usage) = &change.usage {
        object.replace("usage", usage);
    }
    if let Some([choice]) = object.get("choices").and_then(items).as_deref() {
        let choices = format!("[{}]", changed_choice(choice, change)?);
        object.replace("choices", &choices);
    }
    Some(object.to_string())
}

fn changed_choice(raw: &str, change: &Change<'_>) -> Option<String> {
    let mut choice = Object::read(raw)?;
    if let Some(delta) = choice.get("delta") {
        let delta = changed_delta(delta, change)?;
        choice.replace("delta", &delta);
    }
    if change.stops {
        choice.set("finish_reason", r#""stop""#);
    }
    Some(choice.to_string())
}

fn changed_delta(raw: &str, change: &Change<'_>) -> Option<String> {
    let mut delta = Object::read(raw)?;
    // It was told before.
    delta.remove("role");
    for (name, text) in CHANNELS.iter().zip(&change.texts) {
        if text.is_empty() {
            delta.remove(name);
        } else {
            delta.set(name, &quoted(text));
        }
    }
    Some(delta.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delta(delta: &str) -> String {
        format!(r#"{{"id":"i","choices":[{{"index":0,"delta":{delta},"finish_reason":null}}]}}"#)
    }

    #[test]
    fn a_chunk_is_read_as_the_table_says() {
        let text = |channel: usize, text: &str| {
            let mut chunk = Chunk::default();
            chunk.texts[channel] = text.to_owned();
            chunk
        };
        let strange = || Chunk { is_strange: true, ..Chunk::default() };
        let table = [
            (delta(r#"{"content":"a\n"}"#), text(CONTENT, "a\n")),
            (delta(r#"{"role":"assistant","content":"","refusal":null}"#), Chunk::default()),
            (delta(r#"{"reasoning_content":"r"}"#), text(1, "r")),
            (delta(r#"{"reasoning":"r","channel":"analysis"}"#), text(2, "r")),
            (delta(r#"{"refusal":"no"}"#), text(3, "no")),
            (
                delta(r#"{"tool_calls":[{"index":1},{"index":2}]}"#),
                Chunk { calls: vec![1, 2], ..Chunk::default() },
            ),
            (
                delta(r#"{"function_call":{"name":"f"}}"#),
                Chunk { calls: vec![0], ..Chunk::default() },
            ),
            (delta(r#"{"audio":{"data":"AA"}}"#), strange()),
            (delta(r#"{"reasoning_details":[{"signature":"s"}]}"#), strange()),
            (delta(r#"{"content":"\ud83d"}"#), strange()),
            (r#"{"choices":[{"index":1,"delta":{}}]}"#.to_owned(), strange()),
            (r#"{"choices":[{"delta":{}},{"delta":{}}]}"#.to_owned(), strange()),
            (r#"{"choices":[{"delta":{},"logprobs":{"content":[]}}]}"#.to_owned(), strange()),
            (r#"{"choices":5}"#.to_owned(), strange()),
            (
                r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#.to_owned(),
                Chunk { finishes: true, ..Chunk::default() },
            ),
            (
                r#"{"choices":[{"delta":{},"finish_reason":"error"}]}"#.to_owned(),
                Chunk { finishes: true, fails: true, ..Chunk::default() },
            ),
            (
                r#"{"choices":[],"usage":{"total_tokens":3}}"#.to_owned(),
                Chunk { usage: Some(r#"{"total_tokens":3}"#.to_owned()), ..Chunk::default() },
            ),
            (r#"{"error":{}}"#.to_owned(), Chunk { fails: true, ..Chunk::default() }),
        ];
        for (data, expected) in table {
            assert_eq!(Chunk::read(&data), Some(expected), "{data}");
        }
        assert_eq!(Chunk::read("[1]"), None);
        assert_eq!(Chunk::read("{"), None);
    }

    #[test]
    fn a_changed_chunk_says_what_is_left_and_keeps_the_rest() {
        let data = concat!(
            r#"{"id":"b","created":2,"model":"m","choices":[{"index":0,"#,
            r#""delta":{"role":"assistant","content":"one two"},"finish_reason":null}],"usage":null}"#
        );
        let mut change = Change { id: Some("\"a\""), created: Some("1"), ..Change::default() };
        change.texts[CONTENT] = "two".to_owned();
        assert_eq!(
            changed(data, &change),
            concat!(
                r#"{"id":"a","created":1,"model":"m","choices":[{"index":0,"#,
                r#""delta":{"content":"two"},"finish_reason":null}],"usage":null}"#
            )
        );
        change.texts[CONTENT].clear();
        change.stops = true;
        assert!(changed(data, &change).contains(r#""delta":{},"finish_reason":"stop""#));
    }
}
