//! Moves a stream's events, or its bytes, from the socket to its outbox, no faster than its reader takes them.

use std::borrow::Cow;

use tokio::time::{Instant, timeout_at};

use super::care::Care;
use super::editor::Editor;
use super::progress::Progress;
use super::{DONE, LINGER, Pieces, SILENCE, fault};
use crate::mailbox::{Letter, Outbox};
use crate::recovery::{Joint, Passage};
use crate::wire::event::{Glance, Step, glance};
use crate::wire::http_client::{Fault, Response};
use crate::wire::moderation;
use crate::wire::sse::{Decoder, Event};
use crate::wire::template::Templates;

/// Posts the head, the events, and how the stream ended. Under [`Care`], nothing is posted before
/// the first event that is something of the answer, so that whatever goes wrong before is told as
/// an attempt that failed.
pub(super) async fn events(
    response: Response,
    care: Option<&Care>,
    joint: Option<Box<Joint>>,
    outbox: &Outbox,
) {
    let Response { head, body } = response;
    body.expect_small_pieces();
    outbox.stage(Letter::Opened { head: head.into_text() }, 0);
    if care.is_none() {
        outbox.flush_now();
    }
    let mut pieces = Pieces::new(body, SILENCE);
    let mut sorter = Sorter::new(outbox, care, joint);
    let ended = match care {
        None => run(&mut pieces, &mut sorter).await,
        Some(care) => Box::pin(run_with_care(&mut pieces, &mut sorter, care)).await,
    };
    if care.is_some_and(|care| care.finish_optional) {
        sorter.release();
    }
    let progress = sorter.progress;
    if sorter.stop != Some(Stop::Failed) {
        super::tell(care.filter(|_| progress.begun), outbox);
    }
    match ended {
        Ok(()) if sorter.stop == Some(Stop::Failed) => {}
        // What comes after the end of the answer is nobody's loss.
        Err(_) if care.is_some() && progress.is_finished() => sorter.end(false),
        Ok(()) => match care.and_then(|care| progress.missing(care)) {
            Some(missing) => sorter.give_up(fault(missing)),
            None => sorter.end(progress.is_truncated()),
        },
        Err(fault) => sorter.give_up(fault),
    }
    if sorter.stop == Some(Stop::Done) {
        // A body read to its end gives its connection back to the pool.
        let _ = tokio::time::timeout(LINGER, pieces.body.skip()).await;
    }
}

async fn run(pieces: &mut Pieces, sorter: &mut Sorter<'_>) -> Result<(), Fault> {
    let mut decoder = Decoder::default();
    while sorter.stop.is_none() {
        sorter.outbox.credit().await;
        if !read(pieces, sorter, &mut decoder).await? {
            break;
        }
    }
    Ok(())
}

/// The same with an eye on the clock: the first event, each that follows, and all of it.
async fn run_with_care(
    pieces: &mut Pieces,
    sorter: &mut Sorter<'_>,
    care: &Care,
) -> Result<(), Fault> {
    let mut decoder = Decoder::default();
    let mut announced = false;
    let mut heard = Instant::now();
    while sorter.stop.is_none() {
        if announced && !sorter.outbox.has_credit() {
            sorter.outbox.credit().await;
            // A reader who takes his time does not make the server slow.
            heard = Instant::now();
        }
        let (until, late) = care.deadline(&sorter.progress, sorter.last_event.max(heard));
        let reading = read(pieces, sorter, &mut decoder);
        let more = match until {
            None => reading.await?,
            Some(until) => match timeout_at(until, reading).await {
                Ok(more) => more?,
                Err(_) => return Err(Fault { timed_out: true, ..fault(late) }),
            },
        };
        if sorter.progress.begun && !announced {
            announced = true;
            sorter.outbox.flush_now();
        }
        if !more {
            break;
        }
    }
    Ok(())
}

/// Takes what has come; false at the end.
async fn read(
    pieces: &mut Pieces,
    sorter: &mut Sorter<'_>,
    decoder: &mut Decoder,
) -> Result<bool, Fault> {
    let mut result = Ok(());
    let more = pieces.next(|piece| {
        moderation::note_piece();
        if sorter.stop.is_none() && result.is_ok() {
            result = decoder.push(piece, |event| sorter.take(&event));
        }
    });
    let more = more.await;
    if matches!(more, Ok(false)) {
        decoder.finish(|event| sorter.take(&event));
    }
    sorter.note_progress();
    if !sorter.holds() {
        sorter.outbox.flush();
    }
    result.map_err(|too_large| fault(&too_large.to_string()))?;
    if sorter.stop.is_some() { Ok(false) } else { more }
}

/// Posts the head, the bytes as they come, and how the body ended. Under [`Care`], bytes that do not
/// come in time break it off; what they say is not looked at.
pub(super) async fn bytes(response: Response, care: Option<&Care>, outbox: &Outbox) {
    let Response { head, body } = response;
    outbox.post(Letter::Opened { head: head.into_text() });
    let mut pieces = Pieces::new(body, care.and_then(|care| care.stall).unwrap_or(SILENCE));
    let carried = carry(&mut pieces, outbox);
    let ended = match care.and_then(|care| care.until) {
        None => carried.await,
        Some(until) => Box::pin(timeout_at(until, carried))
            .await
            .unwrap_or_else(|_| Err(Fault { timed_out: true, ..fault("the call took too long") })),
    };
    outbox.post(match ended {
        Ok(()) => Letter::Ended { truncated: false },
        Err(fault) => Letter::Broken(fault),
    });
}

async fn carry(pieces: &mut Pieces, outbox: &Outbox) -> Result<(), Fault> {
    loop {
        if !outbox.has_credit() {
            outbox.credit().await;
            // A reader who takes his time does not make the server slow.
            pieces.last = Instant::now();
        }
        let more = pieces.next(|piece| {
            let latin1 = piece.iter().copied().map(char::from).collect();
            outbox.stage(Letter::Bytes { latin1 }, piece.len());
        });
        let more = more.await;
        outbox.flush();
        if !more? {
            return Ok(());
        }
    }
}

/// Decides in which form each event crosses, and whether any may follow it.
struct Sorter<'a> {
    outbox: &'a Outbox,
    templates: Templates,
    progress: Progress,
    /// Nothing is told before the first real event, and the end of the answer is.
    careful: bool,
    care: Option<&'a Care>,
    last_event: Instant,
    /// Why no more is read, if so.
    stop: Option<Stop>,
    editor: Editor,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// The stream said `[DONE]`.
    Done,
    /// An event that ends the stream with an error has been put in.
    Failed,
}

impl<'a> Sorter<'a> {
    fn new(outbox: &'a Outbox, care: Option<&'a Care>, joint: Option<Box<Joint>>) -> Self {
        Self {
            outbox,
            templates: Templates::default(),
            progress: Progress::default(),
            careful: care.is_some(),
            care,
            last_event: Instant::now(),
            stop: None,
            editor: Editor::new(joint, care),
        }
    }

    /// Notes how much has come, and when the first of it did.
    fn note_progress(&self) {
        let Some(care) = self.care else { return };
        let has_come = self.progress.begun || self.progress.stirs;
        if has_come && care.meter.time_to_first_token().is_none() {
            care.meter.first_token(care.began.elapsed());
        }
        care.meter.count(self.editor.count(&self.progress));
    }

    fn note_usage(&self, glance: &Glance) {
        // What the caller is told of an answer that was joined is the usage of all of it.
        let told = glance.usage.filter(|_| !self.editor.joins());
        if let (Some(care), Some(usage)) = (self.care, told) {
            care.meter.report(usage);
        }
    }

    /// What has come is not told yet.
    fn holds(&self) -> bool {
        self.careful && !self.progress.begun && self.stop != Some(Stop::Failed)
    }

    /// Takes an event; false if it was the last.
    fn take(&mut self, event: &Event<'_>) -> bool {
        if self.careful {
            self.last_event = Instant::now();
        }
        let size = event.data.len() + event.name.len() + EVENT_OVERHEAD;
        let data = String::from_utf8_lossy(event.data);
        if data == DONE || (self.careful && data.starts_with(DONE)) {
            // With care, what has come before says whether this is the end.
            self.stop = Some(Stop::Done);
        } else if data.starts_with(DONE) {
            // Versions of the SDK differ in whether this is the end or a mistake.
            self.fail(Letter::Unparsed { data: data.into_owned() });
        } else if event.name.is_empty() {
            match self.passage(&data) {
                Passage::AsItIs => self.unnamed(data, size),
                passage => self.joined(passage),
            }
        } else {
            self.named(&String::from_utf8_lossy(event.name), data, size);
        }
        self.stop.is_none()
    }

    /// What becomes of an event.
    fn passage(&mut self, data: &str) -> Passage {
        match self.care {
            Some(care) => self.editor.join(data, &mut self.progress, &care.meter),
            None => Passage::AsItIs,
        }
    }

    /// Takes what the caller gets in place of an event.
    fn joined(&mut self, passage: Passage) {
        let (instead, is_last) = match passage {
            Passage::AsItIs => return,
            Passage::Diverged => return self.fail(Letter::Diverged),
            Passage::Instead(instead) => (instead, false),
            Passage::Last(instead) => (instead, true),
        };
        for data in instead {
            let size = data.len() + EVENT_OVERHEAD;
            self.unnamed(Cow::Owned(data), size);
        }
        if is_last {
            self.stop.get_or_insert(Stop::Done);
        }
    }

    /// Tells what is held of an answer that may end without saying so.
    fn release(&mut self) {
        let held = self.care.map(|care| self.editor.release(&care.meter));
        self.joined(Passage::Instead(held.unwrap_or_default()));
    }

    fn unnamed(&mut self, data: Cow<'_, str>, size: usize) {
        let templates = &mut self.templates;
        let filled = self.outbox.stage_filled(size, |out| {
            let index = templates.fill(&data, out)?;
            Some((index, templates.holes(index)))
        });
        if let Some(index) = filled {
            return self.progress.note_filled(index, &data);
        }
        let Some(glance) = glance(&data) else {
            return self.fail(Letter::Unparsed { data: data.into_owned() });
        };
        if glance.is_error("", self.careful) {
            let data = data.into_owned();
            return self.fail(Letter::ErrorEvent { name: String::new(), data });
        }
        self.note_usage(&glance);
        let Some(told) = self.editor.told(&data) else { return };
        self.note(&data);
        self.outbox.stage_value(&told, size);
        if let Some(index) = self.templates.learn(&data) {
            self.progress.note_taught(index, glance.step);
            // What is told of an event is told of those like it: they differ in strings alone.
            let editor = &self.editor;
            let description =
                self.templates.describe(index, |sample| editor.told(sample).unwrap_or_default());
            self.outbox.stage(Letter::Template { index, description }, 0);
        }
        self.step(glance.step);
    }

    fn named(&mut self, name: &str, data: Cow<'_, str>, size: usize) {
        let (name, data) = (name.to_owned(), data.into_owned());
        let Some(glance) = glance(&data) else {
            return self.fail(Letter::Unparsed { data });
        };
        if glance.is_error(&name, self.careful) {
            return self.fail(Letter::ErrorEvent { name, data });
        }
        if !self.editor.take_strange() {
            return self.fail(Letter::Diverged);
        }
        self.note_usage(&glance);
        self.note(&data);
        self.outbox.stage(Letter::Named { name, data }, size);
        self.step(glance.step);
    }

    fn note(&self, data: &str) {
        if let Some(notice) = self.care.and_then(|care| care.notice.as_ref()) {
            notice.take(data);
        }
    }

    fn step(&mut self, step: Step) {
        let before = self.progress.is_finished();
        self.progress.note(step);
        if self.careful && !before && self.progress.is_finished() {
            self.outbox.stage(Letter::Finished, 0);
        }
    }

    fn fail(&mut self, letter: Letter) {
        if self.holds() {
            self.outbox.withdraw();
        } else {
            self.note_progress();
            super::tell(self.care, self.outbox);
        }
        // Nobody takes it as an event, to give its size back.
        self.outbox.stage(letter, 0);
        self.stop = Some(Stop::Failed);
    }

    fn end(&mut self, truncated: bool) {
        self.outbox.post(Letter::Ended { truncated });
    }

    /// The stream, or the attempt at one, is over.
    fn give_up(&mut self, fault: Fault) {
        if self.holds() {
            self.outbox.withdraw();
        }
        self.outbox.post(Letter::Broken(fault));
    }
}

/// What the field name, the colon and the blank line take on the wire: `data: ` and two ends of
/// line.
const EVENT_OVERHEAD: usize = 8;
