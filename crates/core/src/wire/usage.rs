//! Tokens: as a provider reports them, or estimated from the request where it does not. It counts
//! for nobody.

use serde::Deserialize;
use serde_json::value::RawValue;

/// The tokens of one answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Read: the prompt.
    pub input: u64,
    /// Written: the answer, with what was thought.
    pub output: u64,
}

/// `usage` of chat completions, legacy completions and embeddings, or of the Responses API.
#[derive(Deserialize)]
struct Reported {
    #[serde(alias = "input_tokens")]
    prompt_tokens: Option<u64>,
    #[serde(alias = "output_tokens")]
    completion_tokens: Option<u64>,
}

#[derive(Deserialize)]
struct Response<'a> {
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
}

impl Usage {
    /// From the value of a member `usage`; none if it says nothing.
    pub(super) fn read(raw: &RawValue) -> Option<Self> {
        let reported: Reported = serde_json::from_str(raw.get()).ok()?;
        let (input, output) = (reported.prompt_tokens, reported.completion_tokens);
        (input.is_some() || output.is_some())
            .then(|| Self { input: input.unwrap_or_default(), output: output.unwrap_or_default() })
    }

    /// From the response within the last event of the Responses API.
    pub(super) fn of_response(raw: &RawValue) -> Option<Self> {
        serde_json::from_str::<Response<'_>>(raw.get()).ok()?.usage.and_then(Self::read)
    }
}

/// Longer strings without a space are data: an image, a sound, a file.
const LONGEST_WORD: usize = 1_024;

/// About how many tokens a request has, as JSON: one for every four bytes of it, without what is
/// sent as base64.
pub fn estimate(request: &str) -> u64 {
    let is_data = |part: &&str| {
        part.len() > LONGEST_WORD && part.is_ascii() && !part.as_bytes().contains(&b' ')
    };
    let bytes: usize = request.split('"').filter(|part| !is_data(part)).map(str::len).sum();
    (bytes as u64).div_ceil(4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::event::glance;

    #[test]
    fn usage_is_read_where_each_protocol_has_it() {
        let usage = |input, output| Some(Usage { input, output });
        let table = [
            (
                r#"{"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}"#,
                usage(3, 4),
            ),
            (r#"{"object":"list","usage":{"prompt_tokens":3,"total_tokens":3}}"#, usage(3, 0)),
            (r#"{"object":"response","usage":{"input_tokens":5,"output_tokens":6}}"#, usage(5, 6)),
            (
                r#"{"response":{"usage":{"input_tokens":5,"output_tokens":6}},"type":"response.completed"}"#,
                usage(5, 6),
            ),
            (r#"{"type":"response.created","response":{"usage":{"input_tokens":5}}}"#, None),
            (r#"{"choices":[],"usage":null}"#, None),
            (r#"{"choices":[],"usage":{}}"#, None),
            (r#"{"choices":[],"usage":{"prompt_tokens":"3"}}"#, None),
            (r#"{"choices":[{"message":{"content":"\"usage\":{\"prompt_tokens\":9}"}}]}"#, None),
        ];
        for (text, expected) in table {
            assert_eq!(glance(text).unwrap().usage, expected, "{text}");
        }
    }

    #[test]
    fn a_token_is_estimated_for_every_four_bytes_that_are_no_data() {
        let prose = "word ".repeat(1_000);
        let image = format!("data:image/png;base64,{}", "iVBORw0KGgo".repeat(100_000));
        let request = |image: &str| {
            format!(r#"{{"messages":[{{"content":"{prose}"}},{{"url":"{image}"}}]}}"#)
        };
        let (with, without) = (estimate(&request(&image)), estimate(&request("")));
        assert_eq!(with, without);
        assert!((1_250..1_300).contains(&with), "{with}");
        assert_eq!(estimate(""), 0);
    }
}
