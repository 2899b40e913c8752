//! Everything one completion is made from, decided before its first byte; not its bytes.

use std::sync::Arc;

use bytes::BytesMut;

use super::chance::Chance;
use super::extent::Extent;
use super::response::Terms;
use super::usage::Spent;
use super::words::{Words, escape};
use crate::behaviour::fault::{Fault, FaultKind};
use crate::behaviour::setting::Setting;
use crate::behaviour::settled::Settled;
use crate::behaviour::value::{Shape, Usage};

/// Which API a completion answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// `/chat/completions`.
    Chat,
    /// `/completions`, the older one: text only.
    Text,
    /// `/responses`: named events, and an object that can be asked for again.
    Responses,
}

/// What a request asks of a completion.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) dialect: Dialect,
    pub(crate) model: String,
    pub(crate) choices: u32,
    pub(crate) include_usage: bool,
    /// The names of the tools of the request.
    pub(crate) tools: Vec<String>,
    pub(crate) prompt_tokens: u64,
    /// Only of the Responses API.
    pub(crate) terms: Option<Arc<Terms>>,
}

/// One completion. The strings are escaped for JSON.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) settled: Arc<Settled>,
    pub(crate) fault: Option<FaultKind>,
    pub(crate) shape: Shape,
    pub(crate) dialect: Dialect,
    pub(crate) id: String,
    pub(crate) created: u64,
    pub(crate) model: String,
    pub(crate) choices: u32,
    pub(crate) include_usage: bool,
    pub(crate) tools: Vec<String>,
    pub(crate) extent: Extent,
    pub(crate) spent: Spent,
    pub(crate) finish_reason: Option<String>,
    pub(crate) terms: Option<Arc<Terms>>,
}

impl Plan {
    /// Plans a completion. `created` is in seconds of the Unix epoch.
    pub(crate) fn new(
        settled: Arc<Settled>,
        fault: Option<&Fault>,
        asked: Asked,
        extent: Extent,
        deployment: bool,
        created: u64,
        chance: &mut Chance,
    ) -> Self {
        let fallback = if deployment { Shape::Azure } else { Shape::Openai };
        let shape = settled.shape.unwrap_or(fallback);
        let fault = fault.map(|fault| fault.kind.clone());
        Self {
            shape,
            dialect: asked.dialect,
            id: make_id(shape, asked.dialect, created, chance),
            created,
            model: if needs_escape(&asked.model) { escape(&asked.model) } else { asked.model },
            choices: asked.choices,
            include_usage: asked.include_usage,
            tools: asked.tools.iter().map(|name| escape(name)).collect(),
            spent: Spent::by(&extent, asked.choices, asked.prompt_tokens),
            finish_reason: finish_reason(&settled, &extent, asked.dialect, fault.as_ref()),
            extent,
            settled,
            fault,
            terms: asked.terms,
        }
    }

    pub(crate) fn tool_calls(&self) -> u32 {
        self.extent.calls
    }

    pub(crate) fn reasoning(&self) -> u32 {
        self.extent.reasoning
    }

    /// How many of the words are answered.
    pub(crate) fn content(&self) -> u64 {
        self.extent.content
    }

    pub(crate) fn words(&self) -> &Words {
        self.extent.own.as_ref().unwrap_or(&self.settled.words)
    }

    pub(crate) fn tells_usage(&self) -> bool {
        self.settled.usage != Usage::Told(false)
    }

    /// The member in which the imitated provider puts its reasoning.
    pub(crate) fn reasoning_member(&self) -> &'static str {
        match self.shape {
            Shape::Openai | Shape::Azure => "reasoning_content",
            Shape::Groq | Shape::Openrouter => "reasoning",
        }
    }
}

fn finish_reason(
    settled: &Settled,
    extent: &Extent,
    dialect: Dialect,
    fault: Option<&FaultKind>,
) -> Option<String> {
    if fault == Some(&FaultKind::MissingFinishReason) {
        return None;
    }
    match &settled.finish_reason {
        Setting::Null => None,
        Setting::Value(reason) => Some(escape(reason)),
        Setting::Unset if extent.cut => Some("length".to_owned()),
        Setting::Unset if settled.tool_calls > 0 && dialect == Dialect::Chat => {
            Some("tool_calls".to_owned())
        }
        Setting::Unset => Some("stop".to_owned()),
    }
}

fn make_id(shape: Shape, dialect: Dialect, created: u64, chance: &mut Chance) -> String {
    let mut id = String::with_capacity(48);
    match (dialect, shape) {
        (Dialect::Chat, Shape::Openrouter) => {
            id.push_str("gen-");
            id.push_str(&created.to_string());
            id.push('-');
            chance.push_id(&mut id, 20);
        }
        (Dialect::Chat, _) => {
            id.push_str("chatcmpl-");
            chance.push_id(&mut id, 29);
        }
        (Dialect::Responses, _) => {
            id.push_str("resp_");
            chance.push_id(&mut id, 48);
        }
        (Dialect::Text, _) => {
            id.push_str("cmpl-");
            chance.push_id(&mut id, 29);
        }
    }
    id
}

fn needs_escape(text: &str) -> bool {
    text.bytes().any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\')
}

/// Appending to a buffer of bytes.
pub(crate) trait Push {
    /// Puts a string at the end.
    fn push(&mut self, text: &str);
    /// Puts a number at the end, in decimal.
    fn push_number(&mut self, number: u64);
}

impl Push for BytesMut {
    fn push(&mut self, text: &str) {
        self.extend_from_slice(text.as_bytes());
    }

    fn push_number(&mut self, number: u64) {
        let mut digits = [0_u8; 20];
        let mut left = number;
        let mut start = digits.len();
        loop {
            start -= 1;
            digits[start] = b'0' + (left % 10) as u8;
            left /= 10;
            if left == 0 {
                break;
            }
        }
        self.extend_from_slice(&digits[start..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_decimal() {
        for number in [0, 9, 10, 1_700_000_000, u64::MAX] {
            let mut out = BytesMut::new();
            out.push_number(number);
            assert_eq!(out, number.to_string().as_bytes());
        }
    }
}
