//! A response of the Responses API as one JSON document, and its items; not as a stream (see
//! `stream::response_event`).

use std::borrow::Cow;
use std::collections::HashMap;

use bytes::{Bytes, BytesMut};
use serde_json::value::RawValue;

use super::plan::{Plan, Push};
use super::tool::{ARGUMENT_PARTS, DEFAULT_NAME};
use super::words::generated;
use crate::behaviour::value::Usage;

/// What a response repeats of its request, and what it says if the request does not.
const ECHOED: [(&str, &str); 19] = [
    ("background", "false"),
    ("instructions", "null"),
    ("max_output_tokens", "null"),
    ("max_tool_calls", "null"),
    ("metadata", "{}"),
    ("parallel_tool_calls", "true"),
    ("previous_response_id", "null"),
    ("prompt_cache_key", "null"),
    ("reasoning", r#"{"effort":null,"summary":null}"#),
    ("safety_identifier", "null"),
    ("store", "true"),
    ("temperature", "1.0"),
    ("text", r#"{"format":{"type":"text"},"verbosity":"medium"}"#),
    ("tool_choice", "\"auto\""),
    ("tools", "[]"),
    ("top_logprobs", "0"),
    ("top_p", "1.0"),
    ("truncation", "\"disabled\""),
    ("user", "null"),
];

/// What a request says about its response, besides what every completion is asked.
#[derive(Debug, Default)]
pub(crate) struct Terms {
    pub(crate) store: bool,
    pub(crate) background: bool,
    pub(crate) previous: Option<String>,
    /// The members that are repeated, each after a comma.
    echo: String,
}

impl Terms {
    /// Reads a body, which is known to be an object.
    pub(crate) fn read(body: &[u8]) -> Self {
        let members: HashMap<Cow<'_, str>, &RawValue> =
            serde_json::from_slice(body).unwrap_or_default();
        let told = |name: &str| members.get(name).map(|value| value.get());
        let mut echo = String::new();
        for (name, default) in ECHOED {
            let value = told(name).filter(|value| *value != "null").unwrap_or(default);
            echo.extend([",\"", name, "\":", value]);
        }
        Self {
            store: told("store") != Some("false"),
            background: told("background") == Some("true"),
            previous: told("previous_response_id")
                .and_then(|value| serde_json::from_str(value).ok())
                .flatten(),
            echo,
        }
    }
}

/// How far a response is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Queued,
    InProgress,
    /// Completed or incomplete, whatever the plan says.
    Ended,
    Failed,
    Cancelled,
}

/// What an item of the output is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    Reasoning,
    Message,
    Call(u32),
}

impl Item {
    /// Puts the id of an item, which is the same wherever it is named.
    pub(crate) fn push_id(self, out: &mut BytesMut, plan: &Plan) {
        let tail = plan.id.get(5..).unwrap_or_default();
        match self {
            Self::Reasoning => out.push("rs_"),
            Self::Message => out.push("msg_"),
            Self::Call(_) => out.push("fc_"),
        }
        out.push(tail);
        if let Self::Call(call) = self {
            out.push("x");
            out.push_number(u64::from(call));
        }
    }
}

/// Why a response is incomplete, if it is.
pub(crate) fn incomplete(plan: &Plan) -> Option<&'static str> {
    match plan.finish_reason.as_deref() {
        Some("length") => Some("max_output_tokens"),
        Some("content_filter") => Some("content_filter"),
        _ => None,
    }
}

/// The items of a whole output.
pub(crate) fn items(plan: &Plan) -> impl Iterator<Item = Item> {
    let reasoning = (plan.reasoning() > 0).then_some(Item::Reasoning);
    let calls = plan.tool_calls();
    // What is cut before its first word has no message.
    let speaks = plan.settled.tool_calls == 0 && (plan.content() > 0 || plan.extent.is_whole());
    let message = (calls == 0 && speaks).then_some(Item::Message);
    reasoning.into_iter().chain(message).chain((0..calls).map(Item::Call))
}

/// Renders a response.
pub(crate) fn render(plan: &Plan, terms: &Terms, state: State) -> Bytes {
    let mut out = BytesMut::with_capacity(2048);
    push_response(&mut out, plan, terms, state);
    out.freeze()
}

/// Puts a response.
pub(crate) fn push_response(out: &mut BytesMut, plan: &Plan, terms: &Terms, state: State) {
    let incomplete = incomplete(plan).filter(|_| state == State::Ended);
    out.push("{\"id\":\"");
    out.push(&plan.id);
    out.push("\",\"object\":\"response\",\"created_at\":");
    out.push_number(plan.created);
    out.push(",\"status\":\"");
    out.push(match (state, incomplete) {
        (State::Queued, _) => "queued",
        (State::InProgress, _) => "in_progress",
        (State::Ended, None) => "completed",
        (State::Ended, Some(_)) => "incomplete",
        (State::Failed, _) => "failed",
        (State::Cancelled, _) => "cancelled",
    });
    out.push(match state {
        State::Failed => {
            "\",\"error\":{\"code\":\"server_error\",\"message\":\"The server had an error while \
             processing your request. Sorry about that!\"},\"incomplete_details\":"
        }
        _ => "\",\"error\":null,\"incomplete_details\":",
    });
    match incomplete {
        Some(reason) => {
            out.push("{\"reason\":\"");
            out.push(reason);
            out.push("\"}");
        }
        None => out.push("null"),
    }
    out.push(",\"model\":\"");
    out.push(&plan.model);
    out.push("\",\"output\":[");
    if state == State::Ended {
        for (index, item) in items(plan).enumerate() {
            if index > 0 {
                out.push(",");
            }
            push_item(out, plan, item, true);
        }
    }
    out.push("]");
    out.push(&terms.echo);
    out.push(",\"service_tier\":\"default\",\"usage\":");
    if state == State::Ended && plan.tells_usage() {
        push_usage(out, plan);
    } else {
        out.push("null");
    }
    out.push("}");
}

/// Puts an item, whole or as it is announced.
pub(crate) fn push_item(out: &mut BytesMut, plan: &Plan, item: Item, whole: bool) {
    out.push("{\"id\":\"");
    item.push_id(out, plan);
    if item == Item::Reasoning {
        out.push("\",\"type\":\"reasoning\",\"summary\":[");
        if whole {
            push_part(out, plan, item, true);
        }
        out.push("]}");
        return;
    }
    out.push(if item == Item::Message {
        "\",\"type\":\"message\",\"status\":\""
    } else {
        "\",\"type\":\"function_call\",\"status\":\""
    });
    out.push(match (whole, plan.extent.cut) {
        (false, _) => "in_progress",
        (true, false) => "completed",
        (true, true) => "incomplete",
    });
    if let Item::Call(call) = item {
        out.push("\",\"arguments\":\"");
        if whole {
            push_arguments(out, plan, call);
        }
        push_call_name(out, plan, call);
        return;
    }
    out.push("\",\"content\":[");
    if whole {
        push_part(out, plan, item, true);
    }
    out.push("],\"role\":\"assistant\"}");
}

fn push_call_name(out: &mut BytesMut, plan: &Plan, call: u32) {
    out.push("\",\"call_id\":\"call_");
    out.push(plan.id.get(5..).unwrap_or_default());
    out.push("x");
    out.push_number(u64::from(call));
    out.push("\",\"name\":\"");
    let turn = (call as usize).checked_rem(plan.tools.len());
    let name = turn.and_then(|turn| plan.tools.get(turn));
    out.push(name.map_or(DEFAULT_NAME, String::as_str));
    out.push("\"}");
}

/// Puts the part of a message or of a summary, with its text or without.
pub(crate) fn push_part(out: &mut BytesMut, plan: &Plan, item: Item, whole: bool) {
    out.push(match item {
        Item::Reasoning => "{\"type\":\"summary_text\",\"text\":\"",
        _ => "{\"type\":\"output_text\",\"annotations\":[],\"logprobs\":[],\"text\":\"",
    });
    if whole {
        push_text(out, plan, item);
    }
    out.push("\"}");
}

/// Puts the whole text of an item, or its arguments.
pub(crate) fn push_text(out: &mut BytesMut, plan: &Plan, item: Item) {
    match item {
        Item::Reasoning => {
            (0..u64::from(plan.reasoning())).for_each(|index| out.push(generated(index)));
        }
        Item::Message => out.push(&plan.words().start(plan.content())),
        Item::Call(call) => push_arguments(out, plan, call),
    }
}

fn push_arguments(out: &mut BytesMut, plan: &Plan, call: u32) {
    for part in ARGUMENT_PARTS.iter().take(plan.extent.arguments_of(call)) {
        out.push(part);
    }
}

fn push_usage(out: &mut BytesMut, plan: &Plan) {
    if let Usage::Verbatim(object) = &plan.settled.usage {
        out.push(&serde_json::to_string(object).unwrap_or_default());
        return;
    }
    out.push("{\"input_tokens\":");
    out.push_number(plan.spent.prompt);
    out.push(",\"input_tokens_details\":{\"cached_tokens\":0},\"output_tokens\":");
    out.push_number(plan.spent.completion);
    out.push(",\"output_tokens_details\":{\"reasoning_tokens\":");
    out.push_number(plan.spent.reasoning);
    out.push("},\"total_tokens\":");
    out.push_number(plan.spent.total());
    out.push("}");
}
