//! An attempt for a host that passes bytes on: a reply as it came, or a stream event by event as
//! the bytes came, watched only for its first real event, its end and its errors. It does not
//! decide what a failure means for the call.

mod edited;
mod frames;
mod watch;

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, Sleep, sleep_until};

use super::care::Care;
use super::editor::Editor;
use super::progress::Progress;
use super::{Form, MAX_BODY, Pieces, SILENCE, fault, head, refusal, whole};
use crate::mailbox::Letter;
use crate::wire::exchange::Exchange;
use crate::wire::http_client::{Fault, Response};
use crate::wire::sse::{Decoder, MAX_EVENT_BYTES};
use edited::Edited;
use frames::Frames;
use watch::{DONE, Watch, Watched};

/// After the last event the body is given this long to end.
const LINGER: Duration = Duration::from_millis(500);

/// What an attempt has come to.
#[derive(Debug)]
pub enum Began {
    /// All that comes of it: a reply, or what went wrong.
    Told(Letter),
    /// A stream, whose first real event is at hand.
    Streams(Box<Relay>),
}

/// How large an answer may be, decoded, in bytes. A server that exceeds it is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// A reply that is no stream. Default 512 MB, the longest string of JavaScript.
    pub reply: usize,
    /// An event of a stream. Default, and at most, 32 MB.
    pub event: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { reply: MAX_BODY, event: MAX_EVENT_BYTES }
    }
}

/// Runs the exchange until it is answered: in whole, or up to the first real event of a stream.
pub async fn begin(exchange: Exchange, form: Form, care: Care, most: Sizes) -> Began {
    match head(exchange, form, Some(&care)).await {
        Ok(response) if form == Form::Whole => {
            Began::Told(whole(response, Some(&care), most.reply).await)
        }
        Ok(response) => {
            let mut relay = Box::new(Relay::new(response, care, most.event));
            match poll_fn(|context| relay.poll_begin(context)).await {
                Ok(()) => Began::Streams(relay),
                Err(letter) => Began::Told(letter),
            }
        }
        Err(failure) => Began::Told(refusal(failure).await),
    }
}

/// What a stream gives next.
#[derive(Debug)]
pub enum Next {
    /// Whole events, as they came.
    Events(Bytes),
    /// Nothing more; the letter says how it ended.
    Ended(Letter),
}

/// A stream whose events are passed on as they come, or as they are edited.
pub struct Relay {
    head: String,
    pieces: Pieces,
    frames: Frames,
    /// None where the bytes are passed on as they are.
    edited: Option<Box<Edited>>,
    decoder: Decoder,
    progress: Progress,
    care: Care,
    largest_event: usize,
    last_event: Instant,
    /// Since when the server is waited for; none while the reader is.
    waiting: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
    end: End,
}

/// Whether and why no more is read.
#[derive(Debug)]
enum End {
    Open,
    /// The stream said `[DONE]`; the body is to end.
    Done,
    /// What is to be said when everything before it has been passed on.
    Over(Letter),
    Told,
}

impl Relay {
    fn new(response: Response, mut care: Care, largest_event: usize) -> Self {
        let Response { head, body } = response;
        let editor = Editor::new(care.joint.take(), Some(&care));
        let is_edited = !editor.is_idle();
        Self {
            head: head.into_text(),
            pieces: Pieces::new(body, SILENCE),
            frames: Frames::default(),
            edited: is_edited.then(|| Box::new(Edited::new(editor))),
            decoder: Decoder::default(),
            progress: Progress::default(),
            care,
            largest_event,
            last_event: Instant::now(),
            waiting: None,
            timer: None,
            end: End::Open,
        }
    }

    /// Status, URL and headers.
    pub fn head(&self) -> &str {
        &self.head
    }

    /// The answer is complete, though the stream may go on for a while.
    pub fn is_finished(&self) -> bool {
        self.progress.is_finished()
    }

    /// Reads up to the first real event, or to the end of a stream that has none.
    fn poll_begin(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Letter>> {
        while !self.progress.begun {
            if matches!(self.end, End::Open) {
                ready!(self.poll_read(context));
                continue;
            }
            return Poll::Ready(Err(self.ended()));
        }
        Poll::Ready(Ok(()))
    }

    /// The next events, or the end, once. Reads no faster than it is called.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Next> {
        loop {
            if let Some(events) = self.take() {
                return Poll::Ready(Next::Events(events));
            }
            match &self.end {
                End::Open => ready!(self.poll_read(context)),
                End::Done => {
                    ready!(self.poll_skip(context));
                    return Poll::Ready(Next::Ended(self.ended()));
                }
                End::Over(_) | End::Told => return Poll::Ready(Next::Ended(self.ended())),
            }
        }
    }

    /// What may be passed on now.
    fn take(&mut self) -> Option<Bytes> {
        match &mut self.edited {
            None => self.frames.has_whole().then(|| self.frames.take()),
            Some(edited) => edited.take(),
        }
    }

    /// Takes what has come, or notes that nothing more will.
    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<()> {
        // A reader who takes his time does not make the server slow.
        let heard = *self.waiting.get_or_insert_with(Instant::now);
        let frames = &mut self.frames;
        let more = match self.pieces.poll(context, |piece| frames.push(piece)) {
            Poll::Ready(more) => more,
            Poll::Pending => ready!(self.poll_deadline(context, heard)),
        };
        self.waiting = None;
        self.look();
        self.note_progress();
        if !matches!(self.end, End::Open) {
            return Poll::Ready(());
        }
        match more {
            Ok(true) if self.frames.begun() > self.largest_event => {
                self.give_up(fault(TOO_LARGE));
            }
            Ok(true) if !self.progress.begun && self.kept() > self.largest_event => {
                self.give_up(fault("what comes before the answer is too large"));
            }
            Ok(true) => {}
            Ok(false) => self.finish(),
            // What comes after the end of the answer is nobody's loss.
            Err(_) if self.progress.is_finished() => self.end = End::Over(ENDED),
            Err(fault) => self.give_up(fault),
        }
        Poll::Ready(())
    }

    /// Notes how much has come, and when the first of it did.
    fn note_progress(&self) {
        let (meter, progress) = (&self.care.meter, &self.progress);
        if (progress.begun || progress.stirs) && meter.time_to_first_token().is_none() {
            meter.first_token(self.care.began.elapsed());
        }
        let edited = self.edited.as_ref();
        meter.count(edited.map_or(progress.events, |edited| edited.editor.count(progress)));
    }

    /// Looks at the events that are whole now.
    fn look(&mut self) {
        while matches!(self.end, End::Open) {
            let Some(frame) = self.frames.next() else { break };
            let length = frame.len();
            let editor = self.edited.as_mut().map(|edited| &mut edited.editor);
            let (progress, meter) = (&mut self.progress, &*self.care.meter);
            let mut watch = Watch { editor, progress, meter };
            let watched = if length > self.largest_event {
                Watched::Failed(Letter::Broken(fault(TOO_LARGE)))
            } else {
                watch.frame(&mut self.decoder, frame)
            };
            if !matches!(watched, Watched::Nothing) {
                self.last_event = Instant::now();
            }
            match watched {
                Watched::Nothing | Watched::Event => {
                    if let Some(edited) = &mut self.edited {
                        edited.put_as_it_is(frame);
                    }
                }
                Watched::Instead(instead) => self.put(&instead),
                Watched::Last(instead) => {
                    self.put(&instead);
                    self.done();
                }
                Watched::Done => {
                    self.done();
                    // Of an answer that is not finished nobody is told that it is.
                    if self.progress.missing(&self.care).is_some() {
                        self.frames.cut(length);
                    }
                }
                Watched::Failed(letter) => {
                    // What is before it is passed on.
                    self.frames.cut(length);
                    self.end = End::Over(letter);
                }
            }
        }
        if self.edited.is_some() {
            self.frames.take();
        }
    }

    /// The body has ended: what is left of it counts as an event.
    fn finish(&mut self) {
        self.frames.finish();
        self.look();
        self.close();
    }

    /// The stream says that it has ended.
    fn done(&mut self) {
        self.close();
        if matches!(self.end, End::Done) && self.progress.missing(&self.care).is_none() {
            self.put(&[DONE.to_owned()]);
        }
    }

    /// Nothing more is looked at: what is held of an answer that may end without saying so is
    /// passed on.
    fn close(&mut self) {
        if !matches!(self.end, End::Open) {
            return;
        }
        self.end = End::Done;
        let Some(edited) = self.edited.as_mut().filter(|_| self.care.finish_optional) else {
            return;
        };
        let (progress, meter) = (&mut self.progress, &*self.care.meter);
        let held = edited.editor.release(meter);
        let editor = Some(&mut edited.editor);
        match (Watch { editor, progress, meter }).told(&held) {
            Ok(()) => self.put(&held),
            Err(letter) => self.end = End::Over(letter),
        }
    }

    /// These events are passed on.
    fn put(&mut self, events: &[String]) {
        if let Some(edited) = &mut self.edited {
            for data in events {
                edited.put(data);
            }
        }
    }

    /// How much has come that has not been passed on.
    fn kept(&self) -> usize {
        self.edited.as_ref().map_or_else(|| self.frames.len(), |edited| edited.len())
    }

    fn give_up(&mut self, fault: Fault) {
        self.end = End::Over(Letter::Broken(fault));
    }

    fn ended(&mut self) -> Letter {
        match std::mem::replace(&mut self.end, End::Told) {
            End::Over(letter) => letter,
            End::Open | End::Done | End::Told => match self.progress.missing(&self.care) {
                Some(missing) => Letter::Broken(fault(missing)),
                None => Letter::Ended { truncated: self.progress.is_truncated() },
            },
        }
    }

    fn poll_deadline(
        &mut self,
        context: &mut Context<'_>,
        heard: Instant,
    ) -> Poll<Result<bool, Fault>> {
        let (until, late) = self.care.deadline(&self.progress, self.last_event.max(heard));
        let Some(until) = until else { return Poll::Pending };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(until)));
        // Set again only when it has to be earlier, or has fired.
        if timer.deadline() > until {
            timer.as_mut().reset(until);
        }
        while timer.as_mut().poll(context).is_ready() {
            if until <= Instant::now() {
                return Poll::Ready(Err(Fault { timed_out: true, ..fault(late) }));
            }
            timer.as_mut().reset(until);
        }
        Poll::Pending
    }

    /// A body read to its end gives its connection back to the pool.
    fn poll_skip(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let until = *self.waiting.get_or_insert_with(|| Instant::now() + LINGER);
        loop {
            match self.pieces.poll(context, |_| ()) {
                Poll::Ready(Ok(true)) => {}
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => break,
            }
        }
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(until)));
        timer.as_mut().reset(until);
        timer.as_mut().poll(context)
    }
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Relay").field("end", &self.end).finish_non_exhaustive()
    }
}

const TOO_LARGE: &str = "an event is too large";

const ENDED: Letter = Letter::Ended { truncated: false };

#[cfg(test)]
mod tests;
