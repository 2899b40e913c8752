//! What an event is to the one who passes it on: one like any other, the end, or an error; and what
//! takes its place where the stream is edited. It passes nothing on itself.

use crate::mailbox::Letter;
use crate::recovery::Passage;
use crate::wire::event::glance;
use crate::wire::reply::editor::Editor;
use crate::wire::reply::fault;
use crate::wire::reply::meter::Meter;
use crate::wire::reply::progress::Progress;
use crate::wire::sse::{Decoder, Event};

/// The data that ends a stream.
pub(super) const DONE: &str = "[DONE]";

/// What an event is.
pub(super) enum Watched {
    /// A comment, or fields that make no event.
    Nothing,
    /// Passed on as it came.
    Event,
    /// These are passed on in its place.
    Instead(Vec<String>),
    /// The same, and the answer has ended with them.
    Last(Vec<String>),
    /// `[DONE]`.
    Done,
    /// It reports an error, or is none.
    Failed(Letter),
}

/// Who looks at events, and where it is noted how far they bring the answer.
pub(super) struct Watch<'a> {
    /// None where they are passed on as they come.
    pub(super) editor: Option<&'a mut Editor>,
    pub(super) progress: &'a mut Progress,
    pub(super) meter: &'a Meter,
}

impl Watch<'_> {
    /// Looks at the bytes of one event.
    pub(super) fn frame(&mut self, decoder: &mut Decoder, frame: &[u8]) -> Watched {
        let mut watched = Watched::Nothing;
        let pushed = decoder.push(frame, |event| {
            watched = self.event(&event);
            !matches!(watched, Watched::Done | Watched::Failed(_))
        });
        match pushed {
            Ok(()) => watched,
            Err(too_large) => Watched::Failed(Letter::Broken(fault(&too_large.to_string()))),
        }
    }

    fn event(&mut self, event: &Event<'_>) -> Watched {
        let data = String::from_utf8_lossy(event.data);
        if data.starts_with(DONE) {
            return Watched::Done;
        }
        if event.name.is_empty()
            && let Some(editor) = &mut self.editor
        {
            match editor.take(&data, self.progress, self.meter) {
                Passage::AsItIs => {}
                Passage::Instead(instead) => {
                    let told = self.told(&instead);
                    return told.map_or_else(Watched::Failed, |()| Watched::Instead(instead));
                }
                Passage::Last(instead) => {
                    let told = self.told(&instead);
                    return told.map_or_else(Watched::Failed, |()| Watched::Last(instead));
                }
                Passage::Diverged => return Watched::Failed(Letter::Diverged),
            }
        }
        match self.data(&String::from_utf8_lossy(event.name), &data) {
            Err(letter) => Watched::Failed(letter),
            Ok(()) if !event.name.is_empty() && !self.may_be_strange() => {
                Watched::Failed(Letter::Diverged)
            }
            Ok(()) => Watched::Event,
        }
    }

    /// Notes what is passed on in place of events.
    pub(super) fn told(&mut self, instead: &[String]) -> Result<(), Letter> {
        instead.iter().try_for_each(|data| self.data("", data))
    }

    /// Notes how far this brings the answer.
    fn data(&mut self, name: &str, data: &str) -> Result<(), Letter> {
        let Some(glance) = glance(data) else {
            return Err(Letter::Unparsed { data: data.to_owned() });
        };
        // The SDK hands on an event of a thread whatever it says.
        let is_thread = name.starts_with("thread.");
        if (glance.has_error || glance.step.failed || name == "error") && !is_thread {
            return Err(Letter::ErrorEvent { name: name.to_owned(), data: data.to_owned() });
        }
        // In an answer that is joined, it is of all of it.
        let is_joined = self.editor.as_ref().is_some_and(|editor| editor.joins());
        if let Some(usage) = glance.usage.filter(|_| !is_joined) {
            self.meter.report(usage);
        }
        self.progress.note(glance.step);
        Ok(())
    }

    /// An event with a name may be passed on.
    fn may_be_strange(&mut self) -> bool {
        self.editor.as_mut().is_none_or(|editor| editor.take_strange())
    }
}
