//! What a request says that matters to a simulator: its key, model and options; what is missing
//! from it is a refusal.

use std::collections::HashMap;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::answer::refusal::Refusal;
use crate::behaviour::Behaviour;
use crate::config::read_json;
use crate::error::SimulatorError;
use crate::route::Endpoint;

/// Providers take at most so many choices; so does the simulator, which has to hold them.
const MOST_CHOICES: u32 = 128;
/// The member of a fault that does not wait for the body.
const EARLY: &[u8] = b"\"early\"";
const MOST_DIMENSIONS: u32 = 16_384;

/// The part of a body that is read. The rest is skipped without being copied.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Body<'a> {
    pub(crate) model: Option<String>,
    pub(crate) stream: Option<bool>,
    pub(crate) n: Option<u32>,
    pub(crate) max_tokens: Option<u32>,
    pub(crate) max_completion_tokens: Option<u32>,
    pub(crate) max_output_tokens: Option<u32>,
    #[serde(borrow)]
    pub(crate) stop: Option<&'a RawValue>,
    pub(crate) continue_final_message: Option<bool>,
    pub(crate) add_generation_prompt: Option<bool>,
    pub(crate) stream_options: Option<StreamOptions>,
    #[serde(borrow)]
    pub(crate) messages: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) prompt: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) input: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) tools: Option<&'a RawValue>,
    pub(crate) encoding_format: Option<String>,
    pub(crate) dimensions: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct StreamOptions {
    pub(crate) include_usage: Option<bool>,
}

/// Reads a body and checks what its endpoint requires. A deployment stands in for the model.
pub(crate) fn read(bytes: &[u8], endpoint: Endpoint, deployed: bool) -> Result<Body<'_>, Refusal> {
    let body: Body<'_> = serde_json::from_slice(bytes).map_err(|error| {
        if error.is_data() {
            Refusal::bad_request(&format!("Invalid request body: {error}"), None, None)
        } else {
            Refusal::not_json()
        }
    })?;
    if body.model.is_none() && !deployed {
        return Err(Refusal::missing("model"));
    }
    let (content, name, shape) = match endpoint {
        Endpoint::Chat => (body.messages, "messages", Some('[')),
        Endpoint::Text => (body.prompt, "prompt", None),
        Endpoint::Embeddings | Endpoint::Responses => (body.input, "input", None),
    };
    let content = content.ok_or_else(|| Refusal::missing(name))?;
    if shape.is_some_and(|shape| !content.get().starts_with(shape)) {
        let message = format!("Invalid type for '{name}': expected an array of objects.");
        return Err(Refusal::bad_request(&message, Some(name), Some("invalid_type")));
    }
    at_most(body.n, 1, MOST_CHOICES, "n")?;
    at_most(body.dimensions, 1, MOST_DIMENSIONS, "dimensions")?;
    at_most(body.max_tokens, 1, u32::MAX, "max_tokens")?;
    at_most(body.max_completion_tokens, 1, u32::MAX, "max_completion_tokens")?;
    at_most(body.max_output_tokens, 1, u32::MAX, "max_output_tokens")?;
    Ok(body)
}

fn at_most(value: Option<u32>, least: u32, most: u32, name: &str) -> Result<(), Refusal> {
    match value {
        Some(value) if !(least..=most).contains(&value) => {
            let message = format!("Invalid '{name}': {value}, expected from {least} to {most}.");
            Err(Refusal::bad_request(&message, Some(name), Some("invalid_value")))
        }
        _ => Ok(()),
    }
}

impl Body<'_> {
    /// The names of the tools, in order.
    pub(crate) fn tool_names(&self) -> Vec<String> {
        #[derive(Deserialize)]
        struct Tool {
            function: Option<Function>,
            /// Of the Responses API, where a tool that is no function has none.
            name: Option<String>,
        }
        #[derive(Deserialize)]
        struct Function {
            name: String,
        }
        let tools = self.tools.map(|tools| serde_json::from_str::<Vec<Tool>>(tools.get()));
        let tools = tools.and_then(Result::ok).unwrap_or_default();
        tools
            .into_iter()
            .filter_map(|tool| tool.function.map_or(tool.name, |function| Some(function.name)))
            .collect()
    }

    /// How many tokens an answer may have, if the request says so.
    pub(crate) fn most_tokens(&self) -> Option<u64> {
        let most = self.max_completion_tokens.or(self.max_tokens).or(self.max_output_tokens);
        most.map(u64::from)
    }

    /// The strings before which an answer ends: none, one or several.
    pub(crate) fn stops(&self) -> Result<Vec<String>, Refusal> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Stop {
            One(String),
            Several(Vec<String>),
        }
        let Some(stop) = self.stop else { return Ok(Vec::new()) };
        match serde_json::from_str(stop.get()) {
            Ok(Stop::One(stop)) => Ok(vec![stop]),
            Ok(Stop::Several(stops)) => Ok(stops),
            Err(_) => {
                let message = "Invalid type for 'stop': expected a string or an array of strings.";
                Err(Refusal::bad_request(message, Some("stop"), Some("invalid_type")))
            }
        }
    }

    /// How many bytes the prompt has, as JSON.
    pub(crate) fn prompt_bytes(&self) -> usize {
        [self.messages, self.prompt, self.input, self.tools]
            .into_iter()
            .flatten()
            .map(|value| value.get().len())
            .sum()
    }
}

/// The first of these names that is a member of a body or of one of its messages.
pub(crate) fn rejected<'n>(bytes: &[u8], names: &'n [String]) -> Option<&'n str> {
    type Members<'a> = HashMap<String, &'a RawValue>;
    if names.is_empty() {
        return None;
    }
    let body: Members<'_> = serde_json::from_slice(bytes).ok()?;
    let messages: Vec<Members<'_>> = body
        .get("messages")
        .and_then(|messages| serde_json::from_str(messages.get()).ok())
        .unwrap_or_default();
    let has = |name: &&String| {
        body.contains_key(*name) || messages.iter().any(|message| message.contains_key(*name))
    };
    names.iter().find(has).map(String::as_str)
}

/// The key of a request: of `authorization: Bearer`, or of the headers of Azure and others.
pub(crate) fn key(headers: &HeaderMap) -> Option<&str> {
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).map(bearer);
    let plain = || {
        let value = headers.get("api-key").or_else(|| headers.get("x-api-key"));
        value.and_then(|value| value.to_str().ok())
    };
    bearer.or_else(plain).filter(|key| !key.is_empty())
}

/// The key in the value of the header `authorization`.
pub(crate) fn bearer(value: &str) -> &str {
    match value.split_once(' ') {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => key.trim(),
        _ => value,
    }
}

/// Whether a request may ask for a fault that does not wait for its body.
pub(crate) fn asks_early(headers: &HeaderMap) -> bool {
    headers
        .get("x-simulate")
        .is_some_and(|value| value.as_bytes().windows(EARLY.len()).any(|window| window == EARLY))
}

/// The behaviour a request asks for itself.
pub(crate) fn simulate(headers: &HeaderMap) -> Result<Option<Behaviour>, Refusal> {
    let Some(value) = headers.get("x-simulate") else { return Ok(None) };
    read_json(value.as_bytes()).map(Some).map_err(|error| refuse_script("x-simulate", &error))
}

/// A refusal of a behaviour or a script: the message names the field, and so does `param`.
pub(crate) fn refuse_script(source: &str, error: &SimulatorError) -> Refusal {
    let (param, reason) = match error {
        SimulatorError::Config { field, reason } => (field.clone(), reason.clone()),
        error => (source.to_owned(), error.to_string()),
    };
    let message = format!("Invalid {source} at `{param}`: {reason}");
    Refusal::bad_request(&message, Some(&param), Some("invalid_simulation"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn a_key_is_found_in_the_headers_of_every_provider() {
        let table = [
            ("authorization", "Bearer sk-a", Some("sk-a")),
            ("authorization", "bearer  sk-a ", Some("sk-a")),
            ("authorization", "sk-a", Some("sk-a")),
            ("authorization", "Bearer ", None),
            ("api-key", "sk-a", Some("sk-a")),
            ("x-api-key", "sk-a", Some("sk-a")),
            ("x-other", "sk-a", None),
        ];
        for (name, value, expected) in table {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_static(value));
            assert_eq!(key(&headers), expected, "{name}: {value}");
        }
    }

    #[test]
    fn the_names_of_tools_are_read_and_other_tools_skipped() {
        let body = br#"{"model":"m","messages":[],
            "tools":[{"type":"function","function":{"name":"a"}},{"type":"web_search"}]}"#;
        assert_eq!(read(body, Endpoint::Chat, false).unwrap().tool_names(), ["a"]);
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let table = [
            ("nonsense", "could not parse"),
            (r#"{"messages":[]}"#, "'model'"),
            (r#"{"model":"m"}"#, "'messages'"),
            (r#"{"model":"m","messages":"hi"}"#, "'messages'"),
            (r#"{"model":"m","messages":[],"n":0}"#, "'n'"),
            (r#"{"model":"m","messages":[],"stream":"yes"}"#, "expected a boolean"),
        ];
        for (body, expected) in table {
            let refusal = read(body.as_bytes(), Endpoint::Chat, false).unwrap_err();
            assert!(refusal.body.contains(expected), "{body}: {}", refusal.body);
        }
    }
}
