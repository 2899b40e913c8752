//! How far a stream has come: whether anything of the answer is there, and whether all of it is.

use super::care::Care;
use crate::wire::event::{Step, glance};

/// How far a stream has come.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress {
    /// Something of the answer has come.
    pub(super) begun: bool,
    /// In so many events.
    pub(super) events: u32,
    /// The choices that have been named, a bit each, and those that have ended.
    choices: u64,
    finished: u64,
    /// Templates, a bit each, whose events have to be looked at: an end may be among them.
    watched: u64,
}

impl Progress {
    pub(super) fn note(&mut self, step: Step) {
        self.begun |= step.is_real;
        self.events += u32::from(step.is_real);
        self.choices |= step.choices;
        self.finished |= step.finished;
    }

    /// Events that fill this template are like one that brought this step.
    pub(super) fn note_taught(&mut self, template: u8, step: Step) {
        let bit = 1 << u32::from(template).min(63);
        if step.finished == 0 {
            self.watched &= !bit;
        } else {
            self.watched |= bit;
        }
    }

    /// An event that fills a template says nothing new, but where it may be the first real one or
    /// an end.
    pub(super) fn note_filled(&mut self, template: u8, data: &str) {
        let watched = self.watched & 1 << u32::from(template).min(63) != 0;
        if (watched || !self.begun)
            && let Some(glance) = glance(data)
        {
            self.note(glance.step);
        } else {
            self.events += 1;
        }
    }

    /// Every choice has ended.
    pub(super) fn is_finished(&self) -> bool {
        self.choices != 0 && self.choices == self.finished
    }

    /// A choice has begun that has not ended.
    pub(super) fn is_truncated(&self) -> bool {
        self.choices != self.finished
    }

    /// What a stream that has ended lacks.
    pub(super) fn missing(&self, care: &Care) -> Option<&'static str> {
        if !self.begun {
            Some("the stream ended before anything of an answer came")
        } else if self.is_truncated() && !care.finish_optional {
            Some("the stream ended before the answer was finished")
        } else {
            None
        }
    }
}
