//! The bytes of one event: its data, its lines, the comments before it; not its turn or its time.

use bytes::BytesMut;
use serde_json::{Map, Value, json};

use super::response_event;
use super::step::Step;
use crate::answer::chance::Chance;
use crate::answer::envelope::{CONTENT_FILTER, Envelope, push_end};
use crate::answer::plan::{Dialect, Plan, Push};
use crate::answer::refusal::stream_error;
use crate::answer::response::{State, Terms, push_response};
use crate::answer::tool::{ARGUMENT_PARTS, push_call};
use crate::answer::usage::push_usage;
use crate::answer::words::generated;
use crate::behaviour::fault::FaultKind;
use crate::behaviour::value::{LineEnding, Shape};

/// Renders the events of one stream.
#[derive(Debug)]
pub(crate) struct Renderer {
    plan: Plan,
    envelope: Envelope,
    chance: Chance,
    line_end: &'static str,
    /// The number of the next event of a response.
    sequence: u64,
}

impl Renderer {
    pub(crate) fn new(plan: Plan, chance: Chance) -> Self {
        let line_end = match plan.settled.line_ending {
            LineEnding::Lf => "\n",
            LineEnding::Crlf => "\r\n",
            LineEnding::Cr => "\r",
        };
        Self { envelope: Envelope::new(&plan), plan, chance, line_end, sequence: 0 }
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Puts the comments with which OpenRouter passes the time until the first token.
    pub(crate) fn push_waiting(&self, out: &mut BytesMut) {
        if self.plan.shape == Shape::Openrouter && self.plan.dialect != Dialect::Responses {
            out.push(": OPENROUTER PROCESSING");
            self.end_event(out);
        }
    }

    /// Puts one event.
    pub(crate) fn push_step(&mut self, out: &mut BytesMut, step: Step) {
        if self.plan.terms.is_some() {
            return self.push_response_step(out, step);
        }
        self.start_event(out);
        match step {
            Step::Done => out.push("[DONE]"),
            Step::Lead => push_lead(out),
            Step::Usage => self.envelope.push_usage_chunk(out, &self.plan, &mut self.chance),
            Step::Role { choice }
            | Step::Reasoning { choice, .. }
            | Step::Content { choice, .. }
            | Step::ToolCall { choice, .. }
            | Step::ToolArguments { choice, .. }
            | Step::Finish { choice } => self.push_chunk(out, step, choice),
            // Only of a response, which was rendered above.
            Step::Response(_) => {}
        }
        self.end_event(out);
    }

    fn push_response_step(&mut self, out: &mut BytesMut, step: Step) {
        let Some(terms) = self.plan.terms.clone() else { return };
        self.push_name(out, response_event::name(&self.plan, step));
        self.start_event(out);
        let (plan, sequence) = (&self.plan, self.sequence);
        response_event::push_data(out, plan, &terms, step, sequence, &mut self.chance);
        self.end_event(out);
        self.sequence += 1;
    }

    fn push_name(&self, out: &mut BytesMut, name: &str) {
        out.push("event: ");
        out.push(name);
        out.push(self.line_end);
    }

    /// Puts the event with which a response fails: `error`, or `response.failed`.
    fn push_response_error(
        &self,
        out: &mut BytesMut,
        terms: &Terms,
        error: Option<&Map<String, Value>>,
        event: &str,
    ) {
        self.push_name(out, event);
        self.start_event(out);
        response_event::push_head(out, event, self.sequence);
        if event == "response.failed" {
            out.push(",\"response\":");
            push_response(out, &self.plan, terms, State::Failed);
        } else {
            let error = error.map_or_else(stream_error, |error| Value::Object(error.clone()));
            for (name, value) in error.as_object().into_iter().flatten() {
                if name != "type" {
                    out.push(&format!(",{}:{value}", Value::from(name.as_str())));
                }
            }
        }
        out.push("}");
        self.end_event(out);
    }

    /// Puts an event that is broken: as scripted, or half a chunk.
    pub(crate) fn push_malformed(&self, out: &mut BytesMut, data: Option<&str>) {
        self.start_event(out);
        out.push(
            data.unwrap_or(r#"{"id":"chatcmpl-broken","choices":[{"index":0,"delta":{"conte"#),
        );
        self.end_event(out);
    }

    /// Puts a sign of life: as scripted, or a comment.
    pub(crate) fn push_ping(&self, out: &mut BytesMut) {
        let data = match &self.plan.fault {
            Some(FaultKind::Pings { data: Some(data), .. }) => data,
            _ => ": ping",
        };
        for line in data.split('\n') {
            out.push(line);
            out.push(self.line_end);
        }
        out.push(self.line_end);
    }

    /// Puts the event of the fault that is an error, and what its provider sends after it.
    pub(crate) fn push_error(&self, out: &mut BytesMut) {
        let Some(FaultKind::ErrorEvent { error, event, provider, .. }) = &self.plan.fault else {
            return;
        };
        if let (Some(terms), None) = (&self.plan.terms, provider) {
            let event = event.as_deref().unwrap_or("error");
            return self.push_response_error(out, terms, error.as_ref(), event);
        }
        let Plan { id, created, model, .. } = &self.plan;
        let spelled = provider.as_ref().map(|provider| provider.spell(id, *created, model));
        let named = spelled.as_ref().and_then(|spelled| spelled.event);
        if let Some(event) = event.as_deref().or(named) {
            self.push_name(out, event);
        }
        self.start_event(out);
        match (error, &spelled) {
            (Some(error), _) => out.push(&json!({ "error": error }).to_string()),
            (None, Some(spelled)) => out.push(&spelled.data),
            (None, None) => out.push(&json!({ "error": stream_error() }).to_string()),
        }
        self.end_event(out);
        if spelled.is_some_and(|spelled| spelled.done) {
            out.push("data: [DONE]");
            self.end_event(out);
        }
    }

    fn start_event(&self, out: &mut BytesMut) {
        for _ in 0..self.plan.settled.comments {
            out.push(": comment");
            out.push(self.line_end);
        }
        out.push("data: ");
    }

    fn end_event(&self, out: &mut BytesMut) {
        out.push(self.line_end);
        out.push(self.line_end);
    }

    fn push_chunk(&mut self, out: &mut BytesMut, step: Step, choice: u32) {
        let plan = &self.plan;
        self.envelope.open(out, plan, choice);
        push_delta(out, plan, step);
        let finish = match step {
            Step::Finish { .. } => plan.finish_reason.as_deref(),
            _ => None,
        };
        self.envelope.close(out, plan, choice, finish);
        if plan.shape == Shape::Groq {
            push_groq(out, plan, step);
        }
        push_end(out, plan, false, &mut self.chance);
    }
}

fn push_delta(out: &mut BytesMut, plan: &Plan, step: Step) {
    match step {
        Step::Content { index, .. } => {
            if plan.dialect == Dialect::Text {
                out.push(plan.words().get(index));
                return;
            }
            if plan.shape == Shape::Openrouter {
                out.push(r#""role":"assistant","#);
            }
            out.push("\"content\":\"");
            out.push(plan.words().get(index));
            out.push("\"");
        }
        Step::Role { .. } if plan.tool_calls() > 0 => {
            out.push(r#""role":"assistant","content":null"#);
            push_refusal(out, plan);
        }
        Step::Role { .. } => {
            out.push(r#""role":"assistant","content":"""#);
            push_refusal(out, plan);
        }
        Step::Reasoning { index, .. } => {
            out.push("\"");
            out.push(plan.reasoning_member());
            out.push("\":\"");
            out.push(generated(index));
            out.push("\"");
        }
        Step::ToolCall { choice, call } => {
            out.push("\"tool_calls\":[");
            push_call(out, plan, choice, call, true);
            out.push("\"}}]");
        }
        Step::ToolArguments { call, part, .. } => {
            out.push("\"tool_calls\":[{\"index\":");
            out.push_number(u64::from(call));
            out.push(",\"function\":{\"arguments\":\"");
            out.push(ARGUMENT_PARTS.get(part as usize).copied().unwrap_or_default());
            out.push("\"}}]");
        }
        Step::Finish { .. } if plan.shape == Shape::Openrouter && plan.dialect == Dialect::Chat => {
            out.push(r#""role":"assistant","content":"""#);
        }
        Step::Finish { .. } | Step::Lead | Step::Usage | Step::Done | Step::Response(_) => {}
    }
}

fn push_refusal(out: &mut BytesMut, plan: &Plan) {
    if matches!(plan.shape, Shape::Openai | Shape::Azure) {
        out.push(",\"refusal\":null");
    }
}

/// Puts the chunk that Azure starts with, which belongs to no choice.
fn push_lead(out: &mut BytesMut) {
    out.push(r#"{"choices":[],"created":0,"id":"","model":"","object":"","#);
    out.push(r#""prompt_filter_results":[{"prompt_index":0,"content_filter_results":"#);
    out.push(CONTENT_FILTER);
    out.push("}]}");
}

/// Puts what Groq adds to the first and the last chunk.
fn push_groq(out: &mut BytesMut, plan: &Plan, step: Step) {
    if !matches!(step, Step::Role { choice: 0 } | Step::Finish { .. }) {
        return;
    }
    out.push(",\"x_groq\":{\"id\":\"req_");
    out.push(plan.id.get(9..).unwrap_or_default());
    out.push("\"");
    if matches!(step, Step::Finish { .. }) && plan.tells_usage() {
        out.push(",\"usage\":");
        push_usage(out, plan);
    }
    out.push("}");
}
