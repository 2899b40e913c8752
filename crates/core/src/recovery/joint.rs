//! One attempt's answer on its way to the caller: handed on, withheld, or changed so that it goes
//! on where the one before broke off. Notes what the caller has been given.

use std::sync::Arc;

use super::chunk::{CONTENT, Change, Chunk, Texts, changed};
use super::given::{Given, Usage};
use super::object::Object;
use super::overlap::Overlap;
use super::request::Continuation;
use super::seam::Piece;
use super::tool_calls::Held;
use super::withheld::{Step, Withheld};
use super::{Manner, Recovery};

/// The answer of an attempt, chunk by chunk.
#[derive(Debug)]
pub struct Joint {
    shared: Arc<Recovery>,
    way: Way,
    held: Held,
    chunks: u32,
    /// Something of it has been handed on.
    has_told: bool,
    billed: Option<Usage>,
}

#[derive(Debug)]
enum Way {
    First,
    Restart(Withheld),
    Continue(Continuation),
}

/// What becomes of a chunk.
#[derive(Debug, PartialEq, Eq)]
pub enum Passage {
    /// It is handed on as it came.
    AsItIs,
    /// These take its place; perhaps none.
    Instead(Vec<String>),
    /// The same, and the answer has ended with them.
    Last(Vec<String>),
    /// The answer is another one than was given before: nothing of it may be handed on.
    Diverged,
}

impl Joint {
    pub(super) fn new(shared: Arc<Recovery>, manner: Manner) -> Self {
        let way = match manner {
            Manner::First => Way::First,
            Manner::Restart => Way::Restart(Withheld::new(shared.given().texts.clone())),
            Manner::Continue(continuation) => Way::Continue(continuation),
        };
        let held = Held::default();
        Self { shared, way, held, chunks: 0, has_told: false, billed: None }
    }

    /// Takes a chunk. What is no chunk, or reports an error, is handed on for others to judge.
    pub fn take(&mut self, data: &str) -> Passage {
        let Some(chunk) = Chunk::read(data).filter(|chunk| !chunk.fails) else {
            return Passage::AsItIs;
        };
        self.chunks += u32::from(!chunk.is_silent());
        self.billed = chunk.usage.as_deref().and_then(Usage::read).or(self.billed);
        let shared = Arc::clone(&self.shared);
        let mut given = shared.given();
        match &mut self.way {
            Way::First => self.hand_on(data, None, &chunk, &mut given),
            Way::Restart(withheld) => match withheld.take(&chunk) {
                Step::New(texts) => self.join(data, chunk, texts, &mut given),
                Step::Same if withheld.has_caught_up() => {
                    self.join(data, chunk, Texts::default(), &mut given)
                }
                Step::Same => Passage::Instead(Vec::new()),
                Step::Diverged => Passage::Diverged,
            },
            Way::Continue(continuation) => {
                let text = continuation.text(&chunk);
                let usage = chunk.usage.map(|usage| continuation.whole(&usage));
                let chunk = Chunk { usage, ..chunk };
                match text {
                    Piece::Text(text) => self.join(data, chunk, texts_of(text), &mut given),
                    Piece::Stop => stop(data, &mut given),
                }
            }
        }
    }

    /// What cannot be joined has come by another way than a chunk; false if it may not be handed
    /// on, because what was given has not been said again.
    pub fn take_strange(&mut self) -> bool {
        self.shared.given().forgo();
        self.has_told || matches!(self.way, Way::First)
    }

    /// What is held of a stream that may end without saying so.
    pub fn release(&mut self) -> Vec<String> {
        let held = self.held.release();
        if !held.is_empty() {
            self.shared.given().forgo();
        }
        held
    }

    /// In how many chunks something of the answer has come, told or not.
    pub fn chunks(&self) -> u32 {
        self.chunks
    }

    /// The usage that the attempt itself has reported since this was asked last: that of the whole
    /// answer is in its chunks.
    pub fn take_billed(&mut self) -> Option<Usage> {
        self.billed.take()
    }

    /// Hands on what a chunk of a later answer has that is new.
    fn join(&mut self, data: &str, chunk: Chunk, texts: Texts, given: &mut Given) -> Passage {
        if chunk.is_strange && !self.has_told {
            return Passage::Diverged;
        }
        let chunk = Chunk { texts, ..chunk };
        let has_more = self.has_told && (chunk.usage.is_some() || chunk.is_strange);
        if chunk.is_silent() && !has_more {
            return Passage::Instead(Vec::new());
        }
        let change = Change {
            texts: chunk.texts.clone(),
            usage: chunk.usage.clone(),
            ..Change::under(given)
        };
        let data = changed(data, &change);
        self.hand_on(&data, Some(data.clone()), &chunk, given)
    }

    /// Notes what the caller gets, `instead` of the chunk if it was changed; of a tool call,
    /// nothing before it is complete.
    fn hand_on(
        &mut self,
        data: &str,
        instead: Option<String>,
        chunk: &Chunk,
        given: &mut Given,
    ) -> Passage {
        if self.held.concerns(chunk) {
            let complete = self.held.take(instead.unwrap_or_else(|| data.to_owned()), chunk);
            if !complete.is_empty() {
                self.has_told = true;
                given.forgo();
            }
            return Passage::Instead(complete);
        }
        self.has_told |= !chunk.is_silent();
        given.note(data, chunk);
        instead.map_or(Passage::AsItIs, |data| Passage::Instead(vec![data]))
    }
}

/// Ends the answer at a stop string.
fn stop(data: &str, given: &mut Given) -> Passage {
    let data = changed(data, &Change { stops: true, ..Change::under(given) });
    given.forgo();
    Passage::Last(vec![data])
}

fn texts_of(content: String) -> Texts {
    let mut texts = Texts::default();
    texts[CONTENT] = content;
    texts
}

impl Change<'_> {
    /// Under the name of the answer that was given first.
    fn under(given: &Given) -> Change<'_> {
        let (id, created) = (given.id.as_deref(), given.created.as_deref());
        Change { id, created, ..Change::default() }
    }
}

impl Continuation {
    /// What a chunk adds to the text. Thoughts on the way to it are not told a second time.
    fn text(&mut self, chunk: &Chunk) -> Piece {
        let mut text = self.overlap.take(&chunk.texts[CONTENT]);
        let is_end = chunk.finishes || !chunk.calls.is_empty();
        if is_end {
            text.push_str(&self.overlap.end());
        }
        match self.seam.take(&text) {
            Piece::Text(text) if is_end => Piece::Text(text + &self.seam.end()),
            piece => piece,
        }
    }

    /// The usage as of an answer that was given in one piece: what was handed over with the
    /// request belongs to the answer.
    fn whole(&self, usage: &str) -> String {
        let (Some(told), Some(mut object)) = (Usage::read(usage), Object::read(usage)) else {
            return usage.to_owned();
        };
        let prompt = told.prompt.saturating_sub(self.tokens);
        let is_counted = self.overlap == Overlap::Repeated;
        let completion = told.completion + if is_counted { 0 } else { self.tokens };
        object.replace("prompt_tokens", &prompt.to_string());
        object.replace("completion_tokens", &completion.to_string());
        object.replace("total_tokens", &(prompt + completion).to_string());
        object.to_string()
    }
}

#[cfg(test)]
mod tests;
