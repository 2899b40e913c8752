//! The events of a streamed response: their order, their names and their data; not their pace.

use bytes::BytesMut;

use super::step::Step;
use crate::answer::chance::Chance;
use crate::answer::plan::{Plan, Push};
use crate::answer::response::{
    Item, State, Terms, incomplete, items, push_item, push_part, push_response, push_text,
};
use crate::answer::tool::ARGUMENT_PARTS;
use crate::answer::words::generated;

/// An event that is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Marker {
    Created,
    InProgress,
    ItemAdded(Item),
    PartAdded(Item),
    /// The text of an item, or the arguments of a call, once more and whole.
    TextDone(Item),
    PartDone(Item),
    ItemDone(Item),
    Ended,
}

impl Marker {
    /// Whether it announces what is to come.
    pub(crate) fn is_opening(self) -> bool {
        matches!(self, Self::Created | Self::InProgress | Self::ItemAdded(_) | Self::PartAdded(_))
    }
}

/// How many events a streamed response has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResponseSteps {
    reasoning: u64,
    message: Option<u64>,
    calls: u64,
    arguments: u64,
    ended: bool,
}

impl ResponseSteps {
    pub(crate) fn of(plan: &Plan) -> Self {
        Self {
            reasoning: u64::from(plan.reasoning()),
            message: items(plan).any(|item| item == Item::Message).then(|| plan.content()),
            calls: u64::from(plan.tool_calls()),
            arguments: plan.extent.arguments,
            ended: plan.finish_reason.is_some(),
        }
    }

    /// The n-th event, counted from zero, or nothing after the last.
    pub(crate) fn at(self, number: u64) -> Option<Step> {
        let marker = |marker| Some(Step::Response(marker));
        let mut left = match number {
            0 => return marker(Marker::Created),
            1 => return marker(Marker::InProgress),
            number => number - 2,
        };
        let texts = [
            (Item::Reasoning, (self.reasoning > 0).then_some(self.reasoning)),
            (Item::Message, self.message),
        ];
        for (item, tokens) in texts {
            let Some(tokens) = tokens else { continue };
            if left < tokens + 5 {
                return Some(of_text(item, tokens, left));
            }
            left -= tokens + 5;
        }
        if left < self.calls * 3 + self.arguments {
            return Some(self.of_call(left));
        }
        left -= self.calls * 3 + self.arguments;
        if left == 0 && self.ended { marker(Marker::Ended) } else { None }
    }

    /// All calls but the last have all parts of their arguments.
    fn of_call(self, at: u64) -> Step {
        let each = ARGUMENT_PARTS.len() as u64;
        let call = (at / (each + 3)).min(self.calls.saturating_sub(1));
        let at = at - call * (each + 3);
        let parts = self.arguments.saturating_sub(call * each).min(each);
        // Calls and parts are few and fit.
        let (call, item) = (call as u32, Item::Call(call as u32));
        match at {
            0 => Step::Response(Marker::ItemAdded(item)),
            at if at <= parts => Step::ToolArguments { choice: 0, call, part: (at - 1) as u32 },
            at if at == parts + 1 => Step::Response(Marker::TextDone(item)),
            _ => Step::Response(Marker::ItemDone(item)),
        }
    }
}

fn of_text(item: Item, tokens: u64, at: u64) -> Step {
    match at {
        0 => Step::Response(Marker::ItemAdded(item)),
        1 => Step::Response(Marker::PartAdded(item)),
        at if at < tokens + 2 && item == Item::Reasoning => {
            Step::Reasoning { choice: 0, index: at - 2 }
        }
        at if at < tokens + 2 => Step::Content { choice: 0, index: at - 2 },
        at if at == tokens + 2 => Step::Response(Marker::TextDone(item)),
        at if at == tokens + 3 => Step::Response(Marker::PartDone(item)),
        _ => Step::Response(Marker::ItemDone(item)),
    }
}

/// The name of an event, which is also its type.
pub(crate) fn name(plan: &Plan, step: Step) -> &'static str {
    match step {
        Step::Content { .. } => "response.output_text.delta",
        Step::Reasoning { .. } => "response.reasoning_summary_text.delta",
        Step::ToolArguments { .. } => "response.function_call_arguments.delta",
        Step::Response(marker) => match marker {
            Marker::Created => "response.created",
            Marker::InProgress => "response.in_progress",
            Marker::ItemAdded(_) => "response.output_item.added",
            Marker::ItemDone(_) => "response.output_item.done",
            Marker::PartAdded(Item::Reasoning) => "response.reasoning_summary_part.added",
            Marker::PartAdded(_) => "response.content_part.added",
            Marker::PartDone(Item::Reasoning) => "response.reasoning_summary_part.done",
            Marker::PartDone(_) => "response.content_part.done",
            Marker::TextDone(Item::Reasoning) => "response.reasoning_summary_text.done",
            Marker::TextDone(Item::Message) => "response.output_text.done",
            Marker::TextDone(Item::Call(_)) => "response.function_call_arguments.done",
            Marker::Ended if incomplete(plan).is_some() => "response.incomplete",
            Marker::Ended => "response.completed",
        },
        // No other step is one of a response.
        _ => "error",
    }
}

/// Puts the data of an event.
pub(crate) fn push_data(
    out: &mut BytesMut,
    plan: &Plan,
    terms: &Terms,
    step: Step,
    sequence: u64,
    chance: &mut Chance,
) {
    push_head(out, name(plan, step), sequence);
    match step {
        Step::Content { index, .. } => {
            push_place(out, plan, Item::Message, true);
            out.push(",\"delta\":\"");
            out.push(plan.words().get(index));
            out.push("\",\"logprobs\":[],\"obfuscation\":\"");
            out.push(chance.obfuscation());
            out.push("\"");
        }
        Step::Reasoning { index, .. } => {
            push_place(out, plan, Item::Reasoning, true);
            out.push(",\"delta\":\"");
            out.push(generated(index));
            out.push("\"");
        }
        Step::ToolArguments { call, part, .. } => {
            push_place(out, plan, Item::Call(call), false);
            out.push(",\"delta\":\"");
            out.push(ARGUMENT_PARTS.get(part as usize).copied().unwrap_or_default());
            out.push("\"");
        }
        Step::Response(marker) => push_marker(out, plan, terms, marker),
        _ => {}
    }
    out.push("}");
}

/// Puts the type and the number that every event starts with.
pub(crate) fn push_head(out: &mut BytesMut, name: &str, sequence: u64) {
    out.push("{\"type\":\"");
    out.push(name);
    out.push("\",\"sequence_number\":");
    out.push_number(sequence);
}

fn push_marker(out: &mut BytesMut, plan: &Plan, terms: &Terms, marker: Marker) {
    match marker {
        Marker::Created | Marker::InProgress | Marker::Ended => {
            let state = if marker == Marker::Ended { State::Ended } else { State::InProgress };
            out.push(",\"response\":");
            push_response(out, plan, terms, state);
        }
        Marker::ItemAdded(item) | Marker::ItemDone(item) => {
            push_index(out, plan, item);
            out.push(",\"item\":");
            push_item(out, plan, item, matches!(marker, Marker::ItemDone(_)));
        }
        Marker::PartAdded(item) | Marker::PartDone(item) => {
            push_place(out, plan, item, true);
            out.push(",\"part\":");
            push_part(out, plan, item, matches!(marker, Marker::PartDone(_)));
        }
        Marker::TextDone(item) => {
            push_place(out, plan, item, !matches!(item, Item::Call(_)));
            out.push(if matches!(item, Item::Call(_)) {
                ",\"arguments\":\""
            } else {
                ",\"text\":\""
            });
            push_text(out, plan, item);
            out.push("\"");
            if item == Item::Message {
                out.push(",\"logprobs\":[]");
            }
        }
    }
}

fn push_index(out: &mut BytesMut, plan: &Plan, item: Item) {
    let before = u64::from(plan.reasoning() > 0);
    out.push(",\"output_index\":");
    out.push_number(match item {
        Item::Reasoning => 0,
        Item::Message => before,
        Item::Call(call) => before + u64::from(call),
    });
}

/// Puts which item, and which part of it, an event is about.
fn push_place(out: &mut BytesMut, plan: &Plan, item: Item, part: bool) {
    out.push(",\"item_id\":\"");
    item.push_id(out, plan);
    out.push("\"");
    push_index(out, plan, item);
    if part {
        out.push(if item == Item::Reasoning {
            ",\"summary_index\":0"
        } else {
            ",\"content_index\":0"
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_is_cut_is_still_ended() {
        let steps =
            ResponseSteps { reasoning: 0, message: None, calls: 2, arguments: 7, ended: true };
        let all: Vec<_> = (2..).map_while(|number| steps.at(number)).collect();
        let last = Item::Call(1);
        assert_eq!(all.len(), 14);
        assert_eq!(
            all[9..],
            [
                Step::Response(Marker::ItemAdded(last)),
                Step::ToolArguments { choice: 0, call: 1, part: 0 },
                Step::Response(Marker::TextDone(last)),
                Step::Response(Marker::ItemDone(last)),
                Step::Response(Marker::Ended),
            ]
        );
    }
}
