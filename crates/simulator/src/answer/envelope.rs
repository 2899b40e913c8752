//! What surrounds the delta of a chunk, provider by provider, as their APIs really send it; not
//! the deltas and not their order (see `stream`).

use bytes::BytesMut;

use super::chance::Chance;
use super::plan::{Dialect, Plan, Push};
use super::usage::push_usage;
use crate::behaviour::value::Shape;

pub(crate) const FINGERPRINT: &str = "fp_51c14b61fa";
pub(crate) const CONTENT_FILTER: &str = concat!(
    r#"{"hate":{"filtered":false,"severity":"safe"},"#,
    r#""self_harm":{"filtered":false,"severity":"safe"},"#,
    r#""sexual":{"filtered":false,"severity":"safe"},"#,
    r#""violence":{"filtered":false,"severity":"safe"}}"#
);

/// What every chunk of one stream has before and after its choices, rendered once.
#[derive(Debug)]
pub(crate) struct Envelope {
    head: BytesMut,
    tail: BytesMut,
}

impl Envelope {
    pub(crate) fn new(plan: &Plan) -> Self {
        let object = match plan.dialect {
            Dialect::Chat | Dialect::Responses => "chat.completion.chunk",
            Dialect::Text => "text_completion",
        };
        let (mut head, mut tail) = (BytesMut::new(), BytesMut::new());
        // Azure sorts the members, so that the choices come first.
        let members = if plan.shape == Shape::Azure { &mut tail } else { &mut head };
        push_members(members, plan, object);
        match plan.shape {
            Shape::Azure => {
                head.push("{\"choices\":[");
                let mut end = BytesMut::from("],");
                end.extend_from_slice(&tail);
                tail = end;
            }
            Shape::Openai | Shape::Groq | Shape::Openrouter => {
                let mut start = BytesMut::from("{");
                start.extend_from_slice(&head);
                start.push(",\"choices\":[");
                head = start;
                tail.push("]");
            }
        }
        Self { head, tail }
    }

    /// Puts everything up to where the delta starts (or, of the older API, the text).
    pub(crate) fn open(&self, out: &mut BytesMut, plan: &Plan, choice: u32) {
        out.extend_from_slice(&self.head);
        if plan.dialect == Dialect::Text {
            out.push("{\"text\":\"");
            return;
        }
        if plan.shape == Shape::Azure {
            out.push("{\"content_filter_results\":");
            out.push(CONTENT_FILTER);
        } else {
            out.push("{\"index\":");
            out.push_number(u64::from(choice));
        }
        out.push(",\"delta\":{");
    }

    /// Puts everything after the delta but what [`push_end`] puts.
    pub(crate) fn close(&self, out: &mut BytesMut, plan: &Plan, choice: u32, finish: Option<&str>) {
        match (plan.dialect, plan.shape) {
            (Dialect::Text, _) => {
                out.push("\",\"index\":");
                out.push_number(u64::from(choice));
                out.push(",\"logprobs\":null,\"finish_reason\":");
                push_finish(out, finish);
            }
            (_, Shape::Azure) => {
                out.push("},\"finish_reason\":");
                push_finish(out, finish);
                out.push(",\"index\":");
                out.push_number(u64::from(choice));
                out.push(",\"logprobs\":null");
            }
            (_, Shape::Openrouter) => {
                out.push("},\"finish_reason\":");
                push_finish(out, finish);
                out.push(",\"native_finish_reason\":");
                push_finish(out, finish);
                out.push(",\"logprobs\":null");
            }
            (_, Shape::Openai | Shape::Groq) => {
                out.push("},\"logprobs\":null,\"finish_reason\":");
                push_finish(out, finish);
            }
        }
        out.push("}");
        out.extend_from_slice(&self.tail);
    }

    /// Puts the chunk that tells the usage of the whole stream.
    pub(crate) fn push_usage_chunk(&self, out: &mut BytesMut, plan: &Plan, chance: &mut Chance) {
        if plan.shape == Shape::Openrouter && plan.dialect == Dialect::Chat {
            self.open(out, plan, 0);
            out.push(r#""role":"assistant","content":"""#);
            self.close(out, plan, 0, None);
        } else {
            out.extend_from_slice(&self.head);
            out.extend_from_slice(&self.tail);
        }
        push_end(out, plan, true, chance);
    }
}

/// Puts the members that are the same in every chunk, without braces.
fn push_members(out: &mut BytesMut, plan: &Plan, object: &str) {
    let text = |out: &mut BytesMut, name: &str, value: &str| {
        out.push(name);
        out.push(value);
        out.push("\"");
    };
    if plan.shape == Shape::Azure {
        out.push("\"created\":");
        out.push_number(plan.created);
        text(out, ",\"id\":\"", &plan.id);
        text(out, ",\"model\":\"", &plan.model);
        text(out, ",\"object\":\"", object);
        text(out, ",\"system_fingerprint\":\"", FINGERPRINT);
        return;
    }
    text(out, "\"id\":\"", &plan.id);
    if plan.shape == Shape::Openrouter {
        out.push(",\"provider\":\"OpenAI\"");
    }
    text(out, ",\"object\":\"", object);
    out.push(",\"created\":");
    out.push_number(plan.created);
    text(out, ",\"model\":\"", &plan.model);
    if plan.dialect == Dialect::Chat && plan.shape == Shape::Openai {
        out.push(",\"service_tier\":\"default\"");
    }
    if plan.shape != Shape::Openrouter {
        text(out, ",\"system_fingerprint\":\"", FINGERPRINT);
    }
}

/// Puts the last members of a chunk and its end.
pub(crate) fn push_end(out: &mut BytesMut, plan: &Plan, usage: bool, chance: &mut Chance) {
    if usage {
        out.push(",\"usage\":");
        push_usage(out, plan);
    } else if plan.include_usage && plan.tells_usage() && plan.shape != Shape::Openrouter {
        out.push(",\"usage\":null");
    }
    if plan.shape == Shape::Openai && plan.dialect == Dialect::Chat {
        out.push(",\"obfuscation\":\"");
        out.push(chance.obfuscation());
        out.push("\"");
    }
    out.push("}");
}

/// Puts a finish reason or null.
pub(crate) fn push_finish(out: &mut BytesMut, finish: Option<&str>) {
    match finish {
        Some(reason) => {
            out.push("\"");
            out.push(reason);
            out.push("\"");
        }
        None => out.push("null"),
    }
}
