//! What an answer says it cost; not what a limit makes of it (see `limits`).

use bytes::BytesMut;
use serde_json::Value;

use super::extent::Extent;
use super::plan::{Dialect, Plan, Push};
use crate::behaviour::value::{Shape, Usage};

/// The tokens of one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spent {
    pub(crate) prompt: u64,
    pub(crate) reasoning: u64,
    /// Of all choices, with the reasoning.
    pub(crate) completion: u64,
}

impl Spent {
    /// What a completion will cost: known beforehand, since it is scripted.
    pub(crate) fn by(extent: &Extent, choices: u32, prompt: u64) -> Self {
        let choices = u64::from(choices);
        let reasoning = choices * u64::from(extent.reasoning);
        let spoken = extent.content + extent.arguments;
        Self { prompt, reasoning, completion: reasoning + choices * spoken }
    }

    pub(crate) fn total(self) -> u64 {
        self.prompt + self.completion
    }

    /// What a limit charges: what the answer will say, if that has a `total_tokens`.
    pub(crate) fn charged(self, usage: &Usage) -> u64 {
        match usage {
            Usage::Verbatim(object) => {
                object.get("total_tokens").and_then(Value::as_u64).unwrap_or(self.total())
            }
            Usage::Told(_) => self.total(),
        }
    }
}

/// A rough count of the tokens of a prompt: a token is about four bytes of JSON.
pub(crate) fn prompt_tokens(bytes: usize) -> u64 {
    (bytes as u64 / 4).max(1)
}

/// Puts the object of usage.
pub(crate) fn push_usage(out: &mut BytesMut, plan: &Plan) {
    if let Usage::Verbatim(object) = &plan.settled.usage {
        out.push(&serde_json::to_string(object).unwrap_or_default());
        return;
    }
    let Spent { prompt, reasoning, completion } = plan.spent;
    let groq = plan.shape == Shape::Groq;
    out.push(if groq {
        r#"{"queue_time":0.0175,"prompt_tokens":"#
    } else {
        r#"{"prompt_tokens":"#
    });
    out.push_number(prompt);
    if groq {
        out.push(r#","prompt_time":0.0021"#);
    }
    out.push(r#","completion_tokens":"#);
    out.push_number(completion);
    if groq {
        out.push(r#","completion_time":0.0461"#);
    }
    out.push(r#","total_tokens":"#);
    out.push_number(prompt + completion);
    match plan.shape {
        Shape::Groq => out.push(r#","total_time":0.0482"#),
        Shape::Openrouter => out.push(r#","cost":0.00042,"is_byok":false"#),
        Shape::Openai | Shape::Azure => {}
    }
    if plan.dialect == Dialect::Chat && !groq {
        out.push(r#","prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0}"#);
        out.push(r#","completion_tokens_details":{"reasoning_tokens":"#);
        out.push_number(reasoning);
        out.push(r#","audio_tokens":0,"accepted_prediction_tokens":0"#);
        out.push(r#","rejected_prediction_tokens":0}"#);
    }
    out.push("}");
}
