//! What of an answer its caller has been given.

use super::chunk::{CHANNELS, CONTENT, Chunk, Texts};
use super::object::Object;

/// So many bytes are remembered; a longer answer is not gone on with.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// What the caller has.
#[derive(Debug, Default)]
pub(super) struct Given {
    pub(super) texts: Texts,
    /// `id` and `created` as they are written in the first chunk.
    pub(super) id: Option<String>,
    pub(super) created: Option<String>,
    /// The usage that was reported with the last of it.
    pub(super) usage: Option<Usage>,
    /// It cannot be gone on with: it has a tool call, or something that cannot be joined.
    pub(super) is_forgone: bool,
}

/// Tokens as a provider counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Read.
    #[serde(rename = "prompt_tokens")]
    pub prompt: u64,
    /// Written.
    #[serde(rename = "completion_tokens")]
    pub completion: u64,
}

impl Usage {
    /// From a value of `usage` as it is written.
    pub(super) fn read(usage: &str) -> Option<Self> {
        serde_json::from_str(usage).ok()
    }
}

impl Given {
    /// Notes a chunk that the caller gets, `data` being its text.
    pub(super) fn note(&mut self, data: &str, chunk: &Chunk) {
        if self.is_forgone {
            return;
        }
        if self.id.is_none()
            && let Some(object) = Object::read(data)
        {
            self.id = object.get("id").map(str::to_owned);
            self.created = object.get("created").map(str::to_owned);
        }
        for (all, text) in self.texts.iter_mut().zip(&chunk.texts) {
            all.push_str(text);
        }
        // What was reported before more was said does not count it.
        if chunk.usage.is_some() || chunk.texts.iter().any(|text| !text.is_empty()) {
            self.usage = chunk.usage.as_deref().and_then(Usage::read);
        }
        let has_more = self.texts.iter().map(String::len).sum::<usize>() > MOST_BYTES;
        if has_more || chunk.is_strange || !chunk.calls.is_empty() || chunk.finishes {
            self.forgo();
        }
    }

    /// Nothing more is kept.
    pub(super) fn forgo(&mut self) {
        *self = Self { id: self.id.take(), created: self.created.take(), ..Self::default() };
        self.is_forgone = true;
    }

    /// The answer's own text.
    pub(super) fn content(&self) -> &str {
        &self.texts[CONTENT]
    }

    /// How many tokens were given: as reported, else about one for four bytes.
    pub(super) fn tokens(&self) -> u64 {
        let bytes: usize = (0..CHANNELS.len()).map(|channel| self.texts[channel].len()).sum();
        let estimated = (bytes as u64).div_ceil(4);
        let reported = self.usage.map(|usage| usage.completion).filter(|tokens| *tokens > 0);
        reported.unwrap_or(estimated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(text: &str) -> (String, Chunk) {
        let data = format!(
            r#"{{"id":"x{text}","created":1,"choices":[{{"delta":{{"content":"{text}"}}}}]}}"#
        );
        let chunk = Chunk::read(&data).unwrap();
        (data, chunk)
    }

    #[test]
    fn the_texts_add_up_under_the_first_id() {
        let mut given = Given::default();
        for text in ["one ", "two"] {
            let (data, chunk) = chunk(text);
            given.note(&data, &chunk);
        }
        assert_eq!((given.content(), given.id.as_deref()), ("one two", Some("\"xone \"")));
        assert_eq!(given.created.as_deref(), Some("1"));
        assert_eq!(given.tokens(), 2);
        given.usage = Some(Usage { prompt: 5, completion: 7 });
        assert_eq!(given.tokens(), 7);
        assert!(!given.is_forgone);
    }

    #[test]
    fn what_is_more_than_text_cannot_be_gone_on_with() {
        let cases = [
            Chunk { calls: vec![0], ..Chunk::default() },
            Chunk { is_strange: true, ..Chunk::default() },
            Chunk { finishes: true, ..Chunk::default() },
        ];
        for case in cases {
            let mut given = Given::default();
            given.note("{}", &case);
            assert!(given.is_forgone, "{case:?}");
        }
        let mut given = Given::default();
        let (data, chunk) = chunk(&"long".repeat(MOST_BYTES / 4));
        given.note(&data, &chunk);
        assert!(!given.is_forgone);
        given.note(&data, &chunk);
        assert!(given.is_forgone && given.content().is_empty());
    }
}
