//! How much of what is scripted one answer gives: what a prefilled start, a stop string and the
//! most tokens of a request leave of it; not its bytes.

use super::plan::Dialect;
use super::tool::ARGUMENT_PARTS;
use super::words::{Words, mix};
use crate::behaviour::settled::Settled;

/// What a request says about the extent of its answer.
#[derive(Debug, Default)]
pub(crate) struct Wish {
    /// The most tokens of a choice, with its reasoning.
    pub(crate) most: Option<u64>,
    /// An answer ends before any of these.
    pub(crate) stops: Vec<String>,
}

/// How an answer starts.
#[derive(Debug, Default)]
pub(crate) struct Start {
    /// What the request has given of the answer.
    pub(crate) given: Option<Given>,
    /// A hash of the prompt, if the words depend on it.
    pub(crate) prompt: u64,
}

/// A prefilled start of an answer.
#[derive(Debug, PartialEq)]
pub(crate) struct Given {
    pub(crate) text: String,
    /// Whether the answer repeats it.
    pub(crate) repeated: bool,
}

/// How much is answered. The counts are those of one choice.
#[derive(Debug, Default)]
pub(crate) struct Extent {
    /// The words, where they are not those of the behaviour.
    pub(crate) own: Option<Words>,
    pub(crate) reasoning: u32,
    pub(crate) content: u64,
    pub(crate) calls: u32,
    /// Parts of the arguments of all calls.
    pub(crate) arguments: u64,
    /// Whether the most tokens of the request cut the answer.
    pub(crate) cut: bool,
}

impl Extent {
    pub(crate) fn of(settled: &Settled, dialect: Dialect, wish: &Wish, start: &Start) -> Self {
        let own = own_words(settled, wish, start);
        let text_only = dialect == Dialect::Text;
        let calls = if text_only { 0 } else { settled.tool_calls };
        let reasoning = if text_only { 0 } else { settled.reasoning };
        let whole = Self {
            content: if calls > 0 { 0 } else { own.as_ref().unwrap_or(&settled.words).count() },
            own,
            reasoning,
            calls,
            arguments: u64::from(calls) * ARGUMENT_PARTS.len() as u64,
            cut: false,
        };
        match wish.most {
            Some(most) => whole.at_most(most),
            None => whole,
        }
    }

    /// Reasoning is spent first, as by providers, which may leave nothing for the answer.
    fn at_most(self, most: u64) -> Self {
        let reasoning = u64::from(self.reasoning).min(most);
        let left = most - reasoning;
        let (content, arguments) = (self.content.min(left), self.arguments.min(left));
        let cut = reasoning < u64::from(self.reasoning)
            || content < self.content
            || arguments < self.arguments;
        // Both are no more than they were, and fit.
        let calls = arguments.div_ceil(ARGUMENT_PARTS.len() as u64) as u32;
        Self { reasoning: reasoning as u32, content, calls, arguments, cut, ..self }
    }

    /// Whether nothing was left out.
    pub(crate) fn is_whole(&self) -> bool {
        !self.cut
    }

    /// How many parts the arguments of a call have.
    pub(crate) fn arguments_of(&self, call: u32) -> usize {
        let each = ARGUMENT_PARTS.len() as u64;
        self.arguments.saturating_sub(u64::from(call) * each).min(each) as usize
    }
}

fn own_words(settled: &Settled, wish: &Wish, start: &Start) -> Option<Words> {
    let seeded = settled.text_seed.map(|seed| {
        let count = settled.words.count().min(u64::from(u32::MAX)) as u32;
        Words::seeded(count, mix(seed) ^ start.prompt)
    });
    if start.given.is_none() && wish.stops.is_empty() {
        return seeded;
    }
    let mut text = seeded.as_ref().unwrap_or(&settled.words).text();
    if let Some(given) = &start.given {
        // What does not go on from what was given is answered whole.
        let rest = text.strip_prefix(&given.text).map_or(text.as_str(), |rest| rest);
        text = if given.repeated { format!("{}{rest}", given.text) } else { rest.to_owned() };
    }
    let stops = wish.stops.iter().filter(|stop| !stop.is_empty());
    if let Some(end) = stops.filter_map(|stop| text.find(stop.as_str())).min() {
        text.truncate(end);
    }
    Some(Words::of_text(&text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviour::Behaviour;

    fn extent(json: &str, most: Option<u64>, stops: &[&str], given: Option<&str>) -> Extent {
        let settled = serde_json::from_str::<Behaviour>(json).unwrap().settle();
        let stops = stops.iter().map(|stop| (*stop).to_owned()).collect();
        let given = given.map(|text| Given { text: text.to_owned(), repeated: false });
        let (wish, start) = (Wish { most, stops }, Start { given, prompt: 0 });
        Extent::of(&settled, Dialect::Chat, &wish, &start)
    }

    #[test]
    fn the_most_tokens_are_spent_on_reasoning_first() {
        let json = r#"{"tokens":4,"reasoning":3}"#;
        let seen = |most| {
            let extent = extent(json, Some(most), &[], None);
            (extent.reasoning, extent.content, extent.cut)
        };
        assert_eq!(seen(2), (2, 0, true));
        assert_eq!(seen(5), (3, 2, true));
        assert_eq!(seen(7), (3, 4, false));
    }

    #[test]
    fn the_most_tokens_cut_a_call_in_the_middle_of_its_arguments() {
        let extent = extent(r#"{"toolCalls":2}"#, Some(8), &[], None);
        assert_eq!((extent.calls, extent.arguments, extent.cut), (2, 8, true));
        assert_eq!((extent.arguments_of(0), extent.arguments_of(1)), (6, 2));
    }

    #[test]
    fn an_answer_ends_before_the_first_stop() {
        let json = r#"{"text":"one two three"}"#;
        let text = |stops: &[&str]| extent(json, None, stops, None).own.unwrap().text();
        assert_eq!(text(&[" three", "two"]), "one ");
        assert_eq!(text(&["four", ""]), "one two three");
    }

    #[test]
    fn an_answer_goes_on_from_what_was_given_or_starts_anew() {
        let json = r#"{"text":"one two three"}"#;
        let text = |given| extent(json, None, &[], Some(given)).own.unwrap().text();
        assert_eq!(text("one tw"), "o three");
        assert_eq!(text("uno"), "one two three");
    }
}
