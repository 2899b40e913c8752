//! A completion as one JSON document; not as a stream (see `stream`).

use bytes::{Bytes, BytesMut};

use super::envelope::{CONTENT_FILTER, FINGERPRINT, push_finish};
use super::plan::{Dialect, Plan, Push};
use super::tool::{ARGUMENT_PARTS, push_call};
use super::usage::push_usage;
use super::words::generated;
use crate::behaviour::value::Shape;

/// About what an answer weighs without its content.
const FRAME: usize = 640;

/// Renders a completion.
pub(crate) fn render(plan: &Plan) -> Bytes {
    let content = match plan.settled.body_bytes {
        Some(bytes) if plan.extent.is_whole() => plan.words().padded(bytes.saturating_sub(FRAME)),
        _ => plan.words().start(plan.content()),
    };
    let room = FRAME + (content.len() + 256) * plan.choices as usize;
    let mut out = BytesMut::with_capacity(room);
    push_opening(&mut out, plan);
    for choice in 0..plan.choices {
        if choice > 0 {
            out.push(",");
        }
        push_choice(&mut out, plan, choice, &content);
    }
    out.push("]");
    push_closing(&mut out, plan);
    out.freeze()
}

fn push_opening(out: &mut BytesMut, plan: &Plan) {
    out.push("{\"id\":\"");
    out.push(&plan.id);
    if plan.shape == Shape::Openrouter {
        out.push("\",\"provider\":\"OpenAI");
    }
    out.push(match plan.dialect {
        Dialect::Chat | Dialect::Responses => "\",\"object\":\"chat.completion\",\"created\":",
        Dialect::Text => "\",\"object\":\"text_completion\",\"created\":",
    });
    out.push_number(plan.created);
    out.push(",\"model\":\"");
    out.push(&plan.model);
    out.push("\",");
    if plan.shape == Shape::Azure {
        out.push("\"prompt_filter_results\":[{\"prompt_index\":0,\"content_filter_results\":");
        out.push(CONTENT_FILTER);
        out.push("}],");
    }
    out.push("\"choices\":[");
}

fn push_choice(out: &mut BytesMut, plan: &Plan, choice: u32, content: &str) {
    if plan.dialect == Dialect::Text {
        out.push("{\"text\":\"");
        out.push(content);
        out.push("\",\"index\":");
        out.push_number(u64::from(choice));
    } else {
        out.push("{\"index\":");
        out.push_number(u64::from(choice));
        out.push(",\"message\":{\"role\":\"assistant\",\"content\":");
        push_message(out, plan, choice, content);
        out.push("}");
    }
    out.push(",\"logprobs\":null,\"finish_reason\":");
    push_finish(out, plan.finish_reason.as_deref());
    match plan.shape {
        Shape::Azure => {
            out.push(",\"content_filter_results\":");
            out.push(CONTENT_FILTER);
        }
        Shape::Openrouter => {
            out.push(",\"native_finish_reason\":");
            push_finish(out, plan.finish_reason.as_deref());
        }
        Shape::Openai | Shape::Groq => {}
    }
    out.push("}");
}

fn push_message(out: &mut BytesMut, plan: &Plan, choice: u32, content: &str) {
    if plan.tool_calls() > 0 {
        out.push("null,\"tool_calls\":[");
        for call in 0..plan.tool_calls() {
            if call > 0 {
                out.push(",");
            }
            push_call(out, plan, choice, call, false);
            for part in ARGUMENT_PARTS.iter().take(plan.extent.arguments_of(call)) {
                out.push(part);
            }
            out.push("\"}}");
        }
        out.push("]");
    } else {
        out.push("\"");
        out.push(content);
        out.push("\"");
    }
    if plan.reasoning() > 0 {
        out.push(",\"");
        out.push(plan.reasoning_member());
        out.push("\":\"");
        for index in 0..u64::from(plan.reasoning()) {
            out.push(generated(index));
        }
        out.push("\"");
    }
    if plan.shape != Shape::Groq {
        out.push(",\"refusal\":null");
    }
    if matches!(plan.shape, Shape::Openai | Shape::Azure) {
        out.push(",\"annotations\":[]");
    }
}

fn push_closing(out: &mut BytesMut, plan: &Plan) {
    if plan.tells_usage() {
        out.push(",\"usage\":");
        push_usage(out, plan);
    }
    if plan.shape == Shape::Openai && plan.dialect == Dialect::Chat {
        out.push(",\"service_tier\":\"default\"");
    }
    if plan.shape != Shape::Openrouter {
        out.push(",\"system_fingerprint\":\"");
        out.push(FINGERPRINT);
        out.push("\"");
    }
    if plan.shape == Shape::Groq {
        out.push(",\"x_groq\":{\"id\":\"req_");
        out.push(plan.id.get(9..).unwrap_or_default());
        out.push("\"}");
    }
    out.push("}");
}
