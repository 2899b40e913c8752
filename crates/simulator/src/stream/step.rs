//! The order of the events of a stream, and where a fault cuts in; not their bytes.

use super::response_event::{Marker, ResponseSteps};
use crate::answer::plan::{Dialect, Plan};
use crate::answer::tool::ARGUMENT_PARTS;
use crate::behaviour::fault::FaultKind;
use crate::behaviour::value::Shape;

/// One event of a stream. Choices take turns, token by token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The chunk without choices that Azure starts with.
    Lead,
    Role {
        choice: u32,
    },
    Reasoning {
        choice: u32,
        index: u64,
    },
    Content {
        choice: u32,
        index: u64,
    },
    ToolCall {
        choice: u32,
        call: u32,
    },
    ToolArguments {
        choice: u32,
        call: u32,
        part: u32,
    },
    Finish {
        choice: u32,
    },
    Usage,
    Done,
    /// An event of the Responses API that is no token.
    Response(Marker),
}

impl Step {
    /// Whether it is one of the tokens that are paced and counted.
    pub(crate) fn is_token(self) -> bool {
        matches!(self, Self::Reasoning { .. } | Self::Content { .. } | Self::ToolArguments { .. })
    }

    /// Whether it comes before any token.
    fn is_opening(self) -> bool {
        match self {
            Self::Lead | Self::Role { .. } => true,
            Self::Response(marker) => marker.is_opening(),
            _ => false,
        }
    }
}

/// How many events of each kind a stream has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Steps {
    choices: u64,
    lead: u64,
    /// Of each choice, as are the next four.
    role: u64,
    reasoning: u64,
    content: u64,
    /// Openings of tool calls and parts of their arguments.
    tools: u64,
    finish: u64,
    usage: u64,
    done: u64,
    response: Option<ResponseSteps>,
}

impl Steps {
    pub(crate) fn of(plan: &Plan) -> Self {
        let chat = plan.dialect == Dialect::Chat;
        // OpenRouter tells usage whether asked or not.
        let asked = plan.include_usage || (plan.shape == Shape::Openrouter && chat);
        Self {
            choices: u64::from(plan.choices),
            lead: u64::from(chat && plan.shape == Shape::Azure),
            role: u64::from(chat),
            reasoning: u64::from(plan.reasoning()),
            content: plan.content(),
            tools: u64::from(plan.tool_calls()) + plan.extent.arguments,
            finish: u64::from(plan.finish_reason.is_some()),
            usage: u64::from(asked && plan.tells_usage()),
            response: plan.terms.as_ref().map(|_| ResponseSteps::of(plan)),
            done: u64::from(plan.settled.done && plan.fault != Some(FaultKind::MissingDone)),
        }
    }

    /// The n-th event, counted from zero, or nothing after the last.
    pub(crate) fn at(&self, number: u64) -> Option<Step> {
        if let Some(response) = self.response {
            return response.at(number);
        }
        let mut number = number;
        // Takes the event if it is among the next so many, or passes them by.
        let mut within = |count: u64| {
            if number < count {
                return Some(number);
            }
            number -= count;
            None
        };
        // Choices fit a `u32`, and so do calls and parts: the casts lose nothing.
        let choice = |at: u64| (at % self.choices.max(1)) as u32;
        let turn = |at: u64| at / self.choices.max(1);
        if within(self.lead).is_some() {
            return Some(Step::Lead);
        }
        if let Some(at) = within(self.role * self.choices) {
            return Some(Step::Role { choice: choice(at) });
        }
        if let Some(at) = within(self.reasoning * self.choices) {
            return Some(Step::Reasoning { choice: choice(at), index: turn(at) });
        }
        if let Some(at) = within(self.content * self.choices) {
            return Some(Step::Content { choice: choice(at), index: turn(at) });
        }
        let each = 1 + ARGUMENT_PARTS.len() as u64;
        if let Some(at) = within(self.tools * self.choices) {
            let (call, part) = ((turn(at) / each) as u32, (turn(at) % each) as u32);
            return Some(match part.checked_sub(1) {
                None => Step::ToolCall { choice: choice(at), call },
                Some(part) => Step::ToolArguments { choice: choice(at), call, part },
            });
        }
        if let Some(at) = within(self.finish * self.choices) {
            return Some(Step::Finish { choice: choice(at) });
        }
        if within(self.usage).is_some() {
            return Some(Step::Usage);
        }
        within(self.done).map(|_| Step::Done)
    }
}

/// Whether a fault cuts in before this event (or the end), after so many tokens were sent.
pub(crate) fn cuts_in(fault: &FaultKind, sent: u64, next: Option<Step>) -> bool {
    if let FaultKind::NeverCloses { after_done } = fault {
        return match next {
            None => true,
            Some(Step::Usage | Step::Done) => !after_done,
            Some(_) => false,
        };
    }
    let (FaultKind::Cut { after_tokens }
    | FaultKind::Stall { after_tokens }
    | FaultKind::Pings { after_tokens, .. }
    | FaultKind::Trickle { after_tokens, .. }
    | FaultKind::MalformedEvent { after_tokens, .. }
    | FaultKind::ErrorEvent { after_tokens, .. }) = fault
    else {
        return false;
    };
    // A fault after more tokens than there are cuts in after the last.
    let over = matches!(
        next,
        None | Some(Step::Finish { .. } | Step::Usage | Step::Done | Step::Response(Marker::Ended))
    );
    over || (sent >= *after_tokens && next.is_some_and(|step| !step.is_opening()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps() -> Steps {
        Steps {
            choices: 1,
            lead: 0,
            role: 1,
            reasoning: 0,
            content: 2,
            tools: 0,
            finish: 1,
            usage: 0,
            done: 1,
            response: None,
        }
    }

    fn all(steps: &Steps) -> Vec<Step> {
        (0..).map_while(|number| steps.at(number)).collect()
    }

    #[test]
    fn a_stream_is_a_role_the_tokens_a_finish_and_done() {
        assert_eq!(
            all(&steps()),
            [
                Step::Role { choice: 0 },
                Step::Content { choice: 0, index: 0 },
                Step::Content { choice: 0, index: 1 },
                Step::Finish { choice: 0 },
                Step::Done,
            ]
        );
    }

    #[test]
    fn choices_take_turns() {
        let all = all(&Steps { choices: 2, finish: 0, done: 0, ..steps() });
        assert_eq!(
            all,
            [
                Step::Role { choice: 0 },
                Step::Role { choice: 1 },
                Step::Content { choice: 0, index: 0 },
                Step::Content { choice: 1, index: 0 },
                Step::Content { choice: 0, index: 1 },
                Step::Content { choice: 1, index: 1 },
            ]
        );
    }

    #[test]
    fn a_tool_call_is_opened_before_its_arguments() {
        let all = all(&Steps { content: 0, tools: 14, ..steps() });
        assert_eq!(all[1], Step::ToolCall { choice: 0, call: 0 });
        assert_eq!(all[2], Step::ToolArguments { choice: 0, call: 0, part: 0 });
        assert_eq!(all[7], Step::ToolArguments { choice: 0, call: 0, part: 5 });
        assert_eq!(all[8], Step::ToolCall { choice: 0, call: 1 });
    }

    #[test]
    fn a_stream_that_never_closes_has_said_that_it_is_finished() {
        let after = |after_done| FaultKind::NeverCloses { after_done };
        assert!(!cuts_in(&after(false), 2, Some(Step::Finish { choice: 0 })));
        assert!(cuts_in(&after(false), 2, Some(Step::Usage)));
        assert!(cuts_in(&after(false), 2, Some(Step::Done)));
        assert!(!cuts_in(&after(true), 2, Some(Step::Done)));
        assert!(cuts_in(&after(true), 2, None));
    }

    #[test]
    fn a_fault_cuts_in_after_its_tokens_or_after_the_last() {
        let cut = |after_tokens| FaultKind::Cut { after_tokens };
        let token = Some(Step::Content { choice: 0, index: 0 });
        assert!(!cuts_in(&cut(0), 0, Some(Step::Role { choice: 0 })));
        assert!(cuts_in(&cut(0), 0, token));
        assert!(!cuts_in(&cut(2), 1, token));
        assert!(cuts_in(&cut(2), 2, token));
        assert!(cuts_in(&cut(99), 16, Some(Step::Finish { choice: 0 })));
        assert!(cuts_in(&cut(99), 16, None));
    }
}
