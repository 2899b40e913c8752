//! Which requests' answers may be pieced together from two, and how a target is asked to go on
//! with a text.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::given::Given;
use super::object::{Object, items, quoted};
use super::overlap::Overlap;
use super::seam::Seam;
use crate::policy::Replay;

/// In which form a target takes the beginning of its answer: always as a last message of the
/// assistant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Prefill {
    /// With `prefix: true` in that message: `DeepSeek`, Mistral.
    Prefix,
    /// With `continue_final_message: true` and `add_generation_prompt: false` in the body: vLLM.
    ContinueFinalMessage,
    /// With nothing else: models of Anthropic that take it.
    Assistant,
}

impl Prefill {
    /// The form of this name: `prefix`, `continue_final_message` or `assistant`.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "prefix" => Self::Prefix,
            "continue_final_message" => Self::ContinueFinalMessage,
            "assistant" => Self::Assistant,
            _ => return None,
        })
    }
}

/// What is to be known of the answer to a request that hands over what was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Continuation {
    pub(super) overlap: Overlap,
    pub(super) seam: Seam,
    /// How many tokens were given.
    pub(super) tokens: u64,
}

/// An answer that repeats a text shorter than this may do so by chance.
const CERTAIN_BYTES: usize = 16;

/// True for a chat completion whose answer is one text that can be read by its letters: not more
/// than one choice, no probabilities, no prescribed structure, no sound, no signed thinking, and
/// nothing that must not be sent twice or that only one account knows.
pub fn may_be_joined(body: &str, replay: &Replay) -> bool {
    let Replay {
        once_because,
        bound_by,
        has_choices,
        has_logprobs,
        is_structured,
        has_audio,
        has_tools: _,
        has_signed_thinking,
    } = *replay;
    let is_out = once_because.is_some() || bound_by.is_some() || has_choices || has_logprobs;
    let is_chat = || Object::read(body).is_some_and(|body| body.get("messages").is_some());
    !(is_out || is_structured || has_audio || has_signed_thinking) && is_chat()
}

/// The request that hands over what was given; none where the form does not allow it.
pub(super) fn continued(
    body: &str,
    prefill: Prefill,
    given: &Given,
) -> Option<(String, Continuation)> {
    let (text, overlap) = handed_over(prefill, given.content())?;
    let mut object = Object::read(body)?;
    let stops = object.get("stop").map(stops).unwrap_or_default();
    let messages = messages(object.get("messages")?, text, prefill)?;
    object.replace("messages", &messages);
    let tokens = given.tokens();
    for name in ["max_tokens", "max_completion_tokens"] {
        let most = object.get(name).and_then(|most| most.parse::<u64>().ok());
        if let Some(most) = most {
            object.replace(name, &most.saturating_sub(tokens).max(1).to_string());
        }
    }
    if prefill == Prefill::ContinueFinalMessage {
        object.set("continue_final_message", "true");
        object.set("add_generation_prompt", "false");
    }
    let seam = Seam::new(stops, given.content());
    Some((object.to_string(), Continuation { overlap, seam, tokens }))
}

/// What of the text is handed over, and how the answer meets it.
fn handed_over(prefill: Prefill, given: &str) -> Option<(&str, Overlap)> {
    let (text, overlap) = match prefill {
        Prefill::Prefix if given.len() < CERTAIN_BYTES => return None,
        Prefill::Prefix => (given, Overlap::whole(given)),
        Prefill::ContinueFinalMessage => (given, Overlap::None),
        // A message must not end with white space.
        Prefill::Assistant => {
            let text = given.trim_end();
            (text, Overlap::Part(given[text.len()..].to_owned()))
        }
    };
    (!text.is_empty()).then_some((text, overlap))
}

/// The messages with the text as the last one; none where the caller has begun the answer himself.
fn messages(raw: &str, text: &str, prefill: Prefill) -> Option<String> {
    let messages = items(raw)?;
    let last = Object::read(messages.last()?)?;
    if last.get("role") == Some(r#""assistant""#) {
        return None;
    }
    let prefix = if prefill == Prefill::Prefix { r#","prefix":true"# } else { "" };
    let content = quoted(text);
    let begun = raw.trim_end().strip_suffix(']')?;
    Some(format!(r#"{begun},{{"role":"assistant","content":{content}{prefix}}}]"#))
}

/// One stop string or several.
fn stops(raw: &str) -> Vec<String> {
    let several = items(raw).unwrap_or_else(|| vec![raw]);
    let strings =
        several.into_iter().filter_map(|raw| serde_json::from_str::<Cow<'_, str>>(raw).ok());
    strings.filter(|stop| !stop.is_empty()).map(Cow::into_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"max_tokens":100,"stop":["END","x"],"stream":true}"#;

    fn given(text: &str) -> Given {
        let mut given = Given::default();
        given.texts[0] = text.to_owned();
        given
    }

    #[test]
    fn every_form_hands_the_text_over_in_its_own_way() {
        let begin = r#"{"model":"m","messages":[{"role":"user","content":"hi"},"#;
        let end = r#"],"max_tokens":96,"stop":["END","x"],"stream":true"#;
        let table = [
            (
                Prefill::Prefix,
                format!(
                    r#"{begin}{{"role":"assistant","content":"one two \"three\" ","prefix":true}}{end}}}"#
                ),
            ),
            (
                Prefill::ContinueFinalMessage,
                format!(
                    r#"{begin}{{"role":"assistant","content":"one two \"three\" "}}{end},"continue_final_message":true,"add_generation_prompt":false}}"#
                ),
            ),
            (
                Prefill::Assistant,
                format!(r#"{begin}{{"role":"assistant","content":"one two \"three\""}}{end}}}"#),
            ),
        ];
        let given = given("one two \"three\" ");
        for (prefill, expected) in table {
            let (body, continuation) = continued(BODY, prefill, &given).unwrap();
            assert_eq!(body, expected);
            assert_eq!(continuation.tokens, 4);
        }
    }

    #[test]
    fn what_a_form_cannot_hand_over_is_asked_anew() {
        let own = BODY.replace(r#""user""#, r#""assistant""#);
        let table = [
            (BODY, Prefill::Prefix, "short"),
            (BODY, Prefill::Assistant, " \n"),
            (BODY, Prefill::ContinueFinalMessage, ""),
            (own.as_str(), Prefill::Assistant, "one"),
            (r#"{"messages":[]}"#, Prefill::Assistant, "one"),
        ];
        for (body, prefill, text) in table {
            assert!(continued(body, prefill, &given(text)).is_none(), "{prefill:?} {text:?}");
        }
    }

    #[test]
    fn at_least_one_token_is_asked_for() {
        let body = r#"{"max_completion_tokens":3,"messages":[{"role":"user"}]}"#;
        let (body, _) = continued(body, Prefill::Assistant, &given(&"word ".repeat(9))).unwrap();
        assert!(body.starts_with(r#"{"max_completion_tokens":1,"#), "{body}");
    }

    #[test]
    fn stop_strings_are_one_or_several() {
        assert_eq!(stops(r#""END""#), ["END"]);
        assert_eq!(stops(r#"["a","","b\n"]"#), ["a", "b\n"]);
        assert!(stops("null").is_empty());
    }

    #[test]
    fn some_answers_cannot_be_pieced_together() {
        let may = |body: &str| may_be_joined(body, &Replay::of(body));
        assert!(may(BODY));
        assert!(may(r#"{"messages":[],"tools":[{"type":"function"}],"n":1}"#));
        for out in [
            r#"{"input":"hi"}"#,
            r#"{"messages":[],"n":2}"#,
            r#"{"messages":[],"logprobs":true}"#,
            r#"{"messages":[],"response_format":{"type":"json_object"}}"#,
            r#"{"messages":[],"modalities":["text","audio"]}"#,
            r#"{"messages":[],"store":true}"#,
            r#"{"messages":[],"tools":[{"type":"web_search"}]}"#,
            r#"{"messages":[{"content":[{"type":"file","file":{"file_id":"f"}}]}]}"#,
        ] {
            assert!(!may(out), "{out}");
        }
    }
}
