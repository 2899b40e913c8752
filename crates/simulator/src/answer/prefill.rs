//! Which part of the answer a request has given, in the form that the imitated provider has for
//! it; not how the answer goes on (see `extent`).

use serde::Deserialize;
use serde_json::value::RawValue;

use super::extent::Given;
use super::refusal::Refusal;
use crate::behaviour::value::Prefill;

/// The messages of a request, and the switches vLLM has beside them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Conversation<'a> {
    pub(crate) messages: Option<&'a RawValue>,
    pub(crate) continue_final_message: bool,
    /// vLLM adds one unless told not to.
    pub(crate) no_generation_prompt: bool,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    role: String,
    content: Option<Content>,
    #[serde(default)]
    prefix: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    text: String,
}

impl Conversation<'_> {
    fn raw(&self) -> Vec<&RawValue> {
        let messages = self.messages.map(|messages| serde_json::from_str(messages.get()));
        messages.and_then(Result::ok).unwrap_or_default()
    }

    /// The last message, if it is one of the assistant: its text, and whether it has `prefix`.
    fn begun(&self) -> Option<(String, bool)> {
        let last: Message = serde_json::from_str(self.raw().last()?.get()).ok()?;
        let text = match last.content {
            Some(Content::Text(text)) => text,
            Some(Content::Parts(parts)) => parts.into_iter().map(|part| part.text).collect(),
            None => String::new(),
        };
        (last.role == "assistant").then_some((text, last.prefix))
    }

    /// A hash of the messages, without a last one of the assistant: an answer that goes on has
    /// the prompt it had.
    pub(crate) fn hash(&self) -> u64 {
        let mut raw = self.raw();
        if self.begun().is_some() {
            raw.pop();
        }
        let bytes = raw.iter().flat_map(|message| message.get().bytes());
        // FNV-1a: stable across versions of Rust, which the standard hasher is not.
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }

    /// What the request has given of the answer.
    pub(crate) fn given(&self, form: Prefill) -> Result<Option<Given>, Refusal> {
        let once = |text| Ok(Some(Given { text, repeated: false }));
        match (form, self.begun()) {
            (Prefill::Vllm, _) if self.continue_final_message && !self.no_generation_prompt => {
                let message = "Cannot set both `continue_final_message` and \
                               `add_generation_prompt` to True.";
                Err(refused(message, None))
            }
            (Prefill::Vllm, Some((text, _))) if self.continue_final_message => once(text),
            (Prefill::Mistral, Some((text, true))) => Ok(Some(Given { text, repeated: true })),
            (Prefill::Mistral, Some(_)) => {
                let message = "Expected last role User or Tool (or Assistant with prefix True) \
                               for serving but got assistant";
                Err(refused(message, None))
            }
            (Prefill::Anthropic, Some((text, _))) if text.ends_with(char::is_whitespace) => {
                let message = "messages: final assistant content cannot end with trailing \
                               whitespace";
                Err(refused(message, Some("messages")))
            }
            (Prefill::Deepseek, Some((text, true))) | (Prefill::Anthropic, Some((text, _))) => {
                once(text)
            }
            (Prefill::Refused, Some(_)) => {
                let message = "This model does not support assistant message prefill. The \
                               conversation must end with a user message.";
                Err(refused(message, Some("messages")))
            }
            (Prefill::Vllm | Prefill::Deepseek, Some(_)) | (_, None) => Ok(None),
        }
    }
}

fn refused(message: &str, param: Option<&str>) -> Refusal {
    Refusal::bad_request(message, param, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(form: Prefill, messages: &str, switches: (bool, bool)) -> Result<Option<Given>, ()> {
        let messages = RawValue::from_string(messages.to_owned()).unwrap();
        let conversation = Conversation {
            messages: Some(&messages),
            continue_final_message: switches.0,
            no_generation_prompt: switches.1,
        };
        conversation.given(form).map_err(|_| ())
    }

    const PLAIN: &str = r#"[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]"#;
    const PREFIX: &str =
        r#"[{"role":"assistant","content":[{"type":"text","text":"a"}],"prefix":true}]"#;
    const USER: &str = r#"[{"role":"user","content":"q"}]"#;

    #[test]
    fn every_provider_has_a_form_of_its_own() {
        let (off, on, half) = ((false, false), (true, true), (true, false));
        let some = |repeated| Ok(Some(Given { text: "a".to_owned(), repeated }));
        let table = [
            (Prefill::Deepseek, PREFIX, off, some(false)),
            (Prefill::Deepseek, PLAIN, off, Ok(None)),
            (Prefill::Mistral, PREFIX, off, some(true)),
            (Prefill::Mistral, PLAIN, off, Err(())),
            (Prefill::Mistral, USER, off, Ok(None)),
            (Prefill::Vllm, PLAIN, on, some(false)),
            (Prefill::Vllm, PLAIN, half, Err(())),
            (Prefill::Vllm, PLAIN, off, Ok(None)),
            (Prefill::Anthropic, PLAIN, off, some(false)),
            (Prefill::Anthropic, r#"[{"role":"assistant","content":"a "}]"#, off, Err(())),
            (Prefill::Refused, PLAIN, off, Err(())),
            (Prefill::Refused, USER, off, Ok(None)),
        ];
        for (form, messages, switches, expected) in table {
            assert_eq!(given(form, messages, switches), expected, "{form:?} {messages}");
        }
    }

    #[test]
    fn a_prefilled_answer_has_the_prompt_it_had() {
        let hash = |messages: &str| {
            let messages = RawValue::from_string(messages.to_owned()).unwrap();
            Conversation { messages: Some(&messages), ..Conversation::default() }.hash()
        };
        assert_eq!(hash(PLAIN), hash(USER));
        assert_ne!(hash(PLAIN), hash("[]"));
    }
}
