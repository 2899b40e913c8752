//! A restarted answer until it has said all that was given before.

use super::chunk::{CHANNELS, Chunk, Texts};

/// What was given, and how much of it has been said again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Withheld {
    given: Texts,
    said: [usize; CHANNELS.len()],
}

/// What a chunk of the new answer comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// All of it was given before, or it says nothing.
    Same,
    /// All that was given has been said again, and this is new.
    New(Texts),
    /// It says something else.
    Diverged,
}

impl Withheld {
    pub(super) fn new(given: Texts) -> Self {
        Self { given, said: [0; CHANNELS.len()] }
    }

    /// All that was given has been said again.
    pub(super) fn has_caught_up(&self) -> bool {
        self.given.iter().zip(self.said).all(|(given, said)| given.len() == said)
    }

    /// Takes the next chunk. Nothing is to be taken after [`Step::Diverged`].
    pub(super) fn take(&mut self, chunk: &Chunk) -> Step {
        let mut new = Texts::default();
        for (channel, text) in chunk.texts.iter().enumerate() {
            let left = &self.given[channel][self.said[channel]..];
            if left.starts_with(text.as_str()) {
                self.said[channel] += text.len();
            } else if let Some(rest) = text.strip_prefix(left) {
                self.said[channel] += left.len();
                new[channel].push_str(rest);
            } else {
                return Step::Diverged;
            }
        }
        let has_new = new.iter().any(|text| !text.is_empty())
            || !chunk.calls.is_empty()
            || chunk.finishes
            || chunk.is_strange;
        match (self.has_caught_up(), has_new) {
            (false, true) => Step::Diverged,
            (true, true) => Step::New(new),
            (_, false) => Step::Same,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::chunk::CONTENT;
    use super::*;

    fn texts(reasoning: &str, content: &str) -> Texts {
        let mut texts = Texts::default();
        texts[CONTENT] = content.to_owned();
        texts[1] = reasoning.to_owned();
        texts
    }

    fn said(reasoning: &str, content: &str) -> Chunk {
        Chunk { texts: texts(reasoning, content), ..Chunk::default() }
    }

    #[test]
    fn an_answer_is_withheld_until_it_has_caught_up() {
        let finish = || Chunk { finishes: true, ..Chunk::default() };
        let call = || Chunk { calls: vec![0], ..Chunk::default() };
        let new = |content: &str| Step::New(texts("", content));
        let table: [(Texts, Vec<(Chunk, Step)>); 9] = [
            (texts("", ""), vec![(said("", ""), Step::Same), (said("", "a"), new("a"))]),
            (
                texts("", "one two"),
                vec![
                    (said("", ""), Step::Same),
                    (said("", "one "), Step::Same),
                    (said("", "two three"), new(" three")),
                    (said("", " four"), new(" four")),
                ],
            ),
            (texts("", "one"), vec![(said("", "one"), Step::Same), (finish(), new(""))]),
            (texts("", "one"), vec![(said("", "on"), Step::Same), (finish(), Step::Diverged)]),
            (texts("", "one"), vec![(said("", "two"), Step::Diverged)]),
            (texts("", "one"), vec![(said("", "on"), Step::Same), (call(), Step::Diverged)]),
            (texts("", "one"), vec![(said("", "one"), Step::Same), (call(), new(""))]),
            (
                texts("think", "one"),
                vec![
                    (said("think", ""), Step::Same),
                    (said("", "on"), Step::Same),
                    (said("", "e!"), new("!")),
                ],
            ),
            (texts("think", "one"), vec![(said("think more", ""), Step::Diverged)]),
        ];
        for (given, steps) in table {
            let mut withheld = Withheld::new(given.clone());
            for (chunk, expected) in steps {
                assert_eq!(withheld.take(&chunk), expected, "{given:?} {chunk:?}");
            }
        }
    }
}
