//! What sending a request again would mean, read from its body: whether it may have left something
//! behind, whether it is bound to an account, and what of its answer could not be pieced together
//! from two. It does not decide whether it is sent again ([`super::Policy`]).

mod answer;
mod ids;

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

pub use answer::ids_of_answer;
use ids::{Found, Sink, find_ids, text};

/// What is to be known of a request before it is sent again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each asked for by its name")]
pub struct Replay {
    /// The member for which it is not sent again once work may have begun: it is stored or goes on
    /// by itself (`background`, `store: true`), or the provider runs tools for it (`tools`,
    /// `mcp_servers`, `web_search_options`, `plugins`).
    ///
    /// A Responses request without `store` is stored as well; that alone keeps nothing from being
    /// sent again, since nothing refers to a response whose id nobody was given.
    pub once_because: Option<&'static str>,
    /// The member that only one account knows: `previous_response_id`, `conversation`, `container`,
    /// `batch_id`, `vector_store_ids`, or within the messages `file_id`, `audio`,
    /// `encrypted_content`, `thought_signature`, `container_id`, `item_reference`, `file_uri`. Such
    /// a request goes to that account alone.
    pub bound_by: Option<&'static str>,
    /// More than one answer is asked for (`n`).
    pub has_choices: bool,
    /// Probabilities are asked for (`logprobs`).
    pub has_logprobs: bool,
    /// The answer has to be JSON (`response_format`, `text.format`).
    pub is_structured: bool,
    /// The answer is to be heard (`modalities`, `audio`).
    pub has_audio: bool,
    /// Earlier thinking is handed back with its signature.
    pub has_signed_thinking: bool,
}

type Raw<'a> = Option<&'a RawValue>;

/// The members at the top of a request, of the protocols of `OpenAI`, Anthropic and Google. Unparsed,
/// so that text in one that is no valid Unicode does not hide another.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Members<'a> {
    #[serde(borrow)]
    background: Raw<'a>,
    #[serde(borrow)]
    store: Raw<'a>,
    #[serde(borrow)]
    mcp_servers: Raw<'a>,
    #[serde(borrow)]
    web_search_options: Raw<'a>,
    #[serde(borrow)]
    plugins: Raw<'a>,
    #[serde(borrow)]
    tools: Raw<'a>,
    #[serde(borrow)]
    previous_response_id: Raw<'a>,
    #[serde(borrow)]
    conversation: Raw<'a>,
    #[serde(borrow)]
    container: Raw<'a>,
    #[serde(borrow)]
    batch_id: Raw<'a>,
    #[serde(borrow)]
    n: Raw<'a>,
    #[serde(borrow)]
    logprobs: Raw<'a>,
    #[serde(borrow)]
    top_logprobs: Raw<'a>,
    #[serde(borrow)]
    response_format: Raw<'a>,
    #[serde(borrow)]
    text: Raw<'a>,
    #[serde(borrow)]
    modalities: Raw<'a>,
    #[serde(borrow)]
    audio: Raw<'a>,
    #[serde(borrow)]
    messages: Raw<'a>,
    #[serde(borrow)]
    input: Raw<'a>,
    #[serde(borrow)]
    contents: Raw<'a>,
}

/// One of `tools`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Tool<'a> {
    #[serde(borrow, rename = "type")]
    kind: Raw<'a>,
    #[serde(borrow)]
    container: Raw<'a>,
    #[serde(borrow)]
    vector_store_ids: Raw<'a>,
    #[serde(borrow, alias = "googleSearch", alias = "google_search_retrieval")]
    google_search: Raw<'a>,
    #[serde(borrow, alias = "codeExecution")]
    code_execution: Raw<'a>,
    #[serde(borrow, alias = "urlContext")]
    url_context: Raw<'a>,
    #[serde(borrow, alias = "fileSearch")]
    file_search: Raw<'a>,
}

/// The response's format in `response_format` or `text`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Format<'a> {
    #[serde(borrow, rename = "type")]
    kind: Raw<'a>,
    #[serde(borrow)]
    format: Raw<'a>,
}

impl Replay {
    /// Reads a request's body. What is no JSON object has nothing that binds it.
    pub fn of(body: &str) -> Self {
        Self::read(body, &mut |_, _| {})
    }

    /// The same; `sink` is told each id that only one account knows, and which member has it.
    pub fn read(body: &str, sink: &mut dyn FnMut(&'static str, &str)) -> Self {
        let Some(members) = object::<Members<'_>>(body) else { return Self::default() };
        let tools = members.tools.map(tools).unwrap_or_default();
        members.tell_ids(&tools, sink);
        let mut bound_by = members.bound_by(&tools);
        let mut note = |field, id: &str| {
            bound_by = bound_by.or(Some(field));
            sink(field, id);
        };
        let mut found = Found { sink: &mut note, has_signed_thinking: false };
        for part in [members.messages, members.input, members.contents].into_iter().flatten() {
            find_ids(part.get(), &mut found);
        }
        let has_signed_thinking = found.has_signed_thinking;
        Self {
            once_because: members.once_because(&tools),
            bound_by,
            has_choices: members.n.is_some_and(|n| n.get().parse().is_ok_and(|n: f64| n > 1.0)),
            has_logprobs: members.logprobs.is_some_and(is_asked)
                || members.top_logprobs.is_some_and(is_asked),
            is_structured: members.response_format.is_some_and(is_structured)
                || members.text.is_some_and(is_structured),
            has_audio: members.audio.is_some()
                || members.modalities.is_some_and(|modes| modes.get().contains("\"audio\"")),
            has_signed_thinking,
        }
    }
}

impl Members<'_> {
    fn once_because(&self, tools: &[Tool<'_>]) -> Option<&'static str> {
        let asked = [
            ("background", self.background),
            ("store", self.store),
            ("mcp_servers", self.mcp_servers),
            ("web_search_options", self.web_search_options),
            ("plugins", self.plugins),
        ];
        let is_hosted = || tools.iter().any(Tool::is_hosted).then_some("tools");
        let asked = asked.into_iter().find(|(_, member)| member.is_some_and(is_asked));
        asked.map(|(name, _)| name).or_else(is_hosted)
    }

    fn bound_by(&self, tools: &[Tool<'_>]) -> Option<&'static str> {
        let ids = [
            ("previous_response_id", self.previous_response_id),
            ("conversation", self.conversation),
            ("container", self.container.filter(is_id)),
            ("batch_id", self.batch_id),
        ];
        let of_tools = || tools.iter().find_map(Tool::bound_by);
        let id = ids.into_iter().find(|(_, member)| member.is_some_and(is_asked));
        id.map(|(name, _)| name).or_else(of_tools)
    }

    fn tell_ids(&self, tools: &[Tool<'_>], sink: Sink<'_>) {
        let ids = [
            ("previous_response_id", self.previous_response_id),
            ("conversation", self.conversation),
            ("container", self.container),
            ("batch_id", self.batch_id),
        ];
        let of_tools = tools.iter().map(|tool| ("container", tool.container));
        for (field, member) in ids.into_iter().chain(of_tools) {
            if let Some(id) = member.and_then(id_in) {
                sink(field, &id);
            }
        }
        for stores in tools.iter().filter_map(|tool| tool.vector_store_ids) {
            let ids: Vec<&RawValue> = serde_json::from_str(stores.get()).unwrap_or_default();
            for id in ids.into_iter().filter_map(text) {
                sink("vector_store_ids", &id);
            }
        }
    }
}

/// What is named by its id, or is an object with one.
#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    id: Raw<'a>,
}

fn id_in(raw: &RawValue) -> Option<Cow<'_, str>> {
    text(raw).or_else(|| text(object::<Named<'_>>(raw.get())?.id?)).filter(|id| !id.is_empty())
}

impl Tool<'_> {
    /// True where the provider runs it, and not the caller.
    fn is_hosted(&self) -> bool {
        /// The tools that the caller runs, of `OpenAI` and Anthropic, without their dates.
        const OWN: [&str; 9] = [
            "function",
            "custom",
            "namespace",
            "local_shell",
            "apply_patch",
            "computer",
            "bash_",
            "text_editor_",
            "memory_",
        ];
        let Some(kind) = self.kind.and_then(string) else {
            // Google names the tool by its member.
            let members =
                [self.google_search, self.code_execution, self.url_context, self.file_search];
            return members.iter().any(Option::is_some);
        };
        !OWN.iter().any(|own| kind.starts_with(own))
    }

    fn bound_by(&self) -> Option<&'static str> {
        let stores = self.vector_store_ids.filter(|ids| is_asked(ids)).map(|_| "vector_store_ids");
        stores.or_else(|| self.container.filter(is_id).map(|_| "container"))
    }
}

fn tools(raw: &RawValue) -> Vec<Tool<'_>> {
    let tools: Vec<&RawValue> = serde_json::from_str(raw.get()).unwrap_or_default();
    tools.into_iter().filter_map(|tool| object(tool.get())).collect()
}

/// True for a format that is not plain text.
fn is_structured(raw: &RawValue) -> bool {
    let Some(outer) = object::<Format<'_>>(raw.get()) else { return false };
    let inner = outer.format.and_then(|format| object::<Format<'_>>(format.get()));
    let kind = inner.unwrap_or(outer).kind.and_then(string);
    kind.is_some_and(|kind| kind != "text")
}

fn object<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    // A struct can also be read from an array, member by member.
    text.trim_start().starts_with('{').then(|| serde_json::from_str(text).ok())?
}

/// A string without escapes: the names that matter have none.
fn string(raw: &RawValue) -> Option<&str> {
    raw.get().strip_prefix('"')?.strip_suffix('"')
}

/// A container is an id, or an object that asks for a new one unless it has an `id`.
fn is_id(raw: &&RawValue) -> bool {
    string(raw).is_some() || raw.get().contains("\"id\"")
}

/// True for what is neither null nor off nor empty.
fn is_asked(raw: &RawValue) -> bool {
    !matches!(raw.get(), "null" | "false" | "0" | "\"\"" | "[]")
}

#[cfg(test)]
mod tests;
