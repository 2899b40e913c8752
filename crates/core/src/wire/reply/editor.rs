//! What a stream's reader gets in place of an event: the answer may have to meet one that broke
//! off, and what was not asked for is taken out. It neither reads the stream nor writes to anyone.

use std::borrow::Cow;

use super::care::Care;
use super::meter::Meter;
use super::progress::Progress;
use crate::recovery::{Joint, Passage};
use crate::wire::Usage;
use crate::wire::event::glance;
use crate::wire::usage_request::{Kept, withhold};

/// Changes the events of one attempt that have no name. The default changes nothing.
#[derive(Debug, Default)]
pub(super) struct Editor {
    /// How the events meet what the reader has been given.
    joint: Option<Box<Joint>>,
    withholds_usage: bool,
}

impl Editor {
    pub(super) fn new(joint: Option<Box<Joint>>, care: Option<&Care>) -> Self {
        Self { joint, withholds_usage: care.is_some_and(|care| care.withholds_usage) }
    }

    /// Every event is handed on as it comes.
    pub(super) fn is_idle(&self) -> bool {
        self.joint.is_none() && !self.withholds_usage
    }

    /// What the usage in the events is of: the attempt alone, or all of an answer that was joined,
    /// which is then noted here.
    pub(super) fn joins(&self) -> bool {
        self.joint.is_some()
    }

    /// What becomes of an event. What is to be known of it that its reader is not told is noted.
    pub(super) fn take(&mut self, data: &str, progress: &mut Progress, meter: &Meter) -> Passage {
        match self.join(data, progress, meter) {
            Passage::AsItIs => match self.told(data) {
                Some(Cow::Borrowed(_)) => Passage::AsItIs,
                Some(Cow::Owned(told)) => Passage::Instead(vec![told]),
                None => {
                    self.note(data, meter);
                    Passage::Instead(Vec::new())
                }
            },
            Passage::Instead(instead) => Passage::Instead(self.without_usage(instead, meter)),
            Passage::Last(instead) => Passage::Last(self.without_usage(instead, meter)),
            Passage::Diverged => Passage::Diverged,
        }
    }

    /// How an event meets what the reader has been given.
    pub(super) fn join(&mut self, data: &str, progress: &mut Progress, meter: &Meter) -> Passage {
        let Some(joint) = &mut self.joint else { return Passage::AsItIs };
        let passage = joint.take(data);
        progress.stirs = joint.chunks() > 0;
        if let Some(billed) = joint.take_billed() {
            meter.report(Usage { input: billed.prompt, output: billed.completion });
        }
        passage
    }

    /// What the reader is told of an event; none if it is nothing but the usage, which he has not
    /// asked for.
    pub(super) fn told<'d>(&self, data: &'d str) -> Option<Cow<'d, str>> {
        if !self.withholds_usage {
            return Some(Cow::Borrowed(data));
        }
        match withhold(data) {
            Kept::Whole => Some(Cow::Borrowed(data)),
            Kept::Without(data) => Some(Cow::Owned(data)),
            Kept::Nothing => None,
        }
    }

    /// An event with a name cannot be joined; false if it may not be handed on.
    pub(super) fn take_strange(&mut self) -> bool {
        self.joint.as_mut().is_none_or(|joint| joint.take_strange())
    }

    /// What is held of an answer that may end without saying so.
    pub(super) fn release(&mut self, meter: &Meter) -> Vec<String> {
        let held = self.joint.as_mut().map(|joint| joint.release()).unwrap_or_default();
        self.without_usage(held, meter)
    }

    /// In how many events something of the answer has come, told or not.
    pub(super) fn count(&self, progress: &Progress) -> u32 {
        self.joint.as_ref().map_or(progress.events, |joint| joint.chunks())
    }

    fn without_usage(&self, events: Vec<String>, meter: &Meter) -> Vec<String> {
        let kept = events.into_iter().filter_map(|data| {
            let told = self.told(&data).map(Cow::into_owned);
            if told.is_none() {
                self.note(&data, meter);
            }
            told
        });
        kept.collect()
    }

    fn note(&self, data: &str, meter: &Meter) {
        let usage = glance(data).and_then(|glance| glance.usage);
        if let Some(usage) = usage.filter(|_| !self.joins()) {
            meter.report(usage);
        }
    }
}
