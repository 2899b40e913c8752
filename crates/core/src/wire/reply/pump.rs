//! Moves a stream's events, or its bytes, from the socket to its outbox, no faster than its reader takes them.

use std::borrow::Cow;
use std::time::Duration;

use super::{Pieces, fault};
use crate::mailbox::{Letter, Outbox};
use crate::wire::event::glance;
use crate::wire::http_client::{Fault, Response};
use crate::wire::sse::{Decoder, Event};
use crate::wire::template::{Fit, Templates};

/// After the last event the connection is kept if the body ends within this time.
const LINGER: Duration = Duration::from_millis(500);

/// Posts the head, the events, and how the stream ended.
pub(super) async fn events(response: Response, outbox: &Outbox) {
    let Response { head, body } = response;
    outbox.post(Letter::Opened { head: head.into_text() });
    let mut pieces = Pieces::new(body);
    let mut sorter = Sorter { outbox, templates: Templates::default(), stop: None };
    match run(&mut pieces, &mut sorter).await {
        Ok(()) if sorter.stop == Some(Stop::Failed) => {}
        Ok(()) => outbox.post(Letter::Ended),
        Err(fault) => outbox.post(Letter::Broken(fault)),
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
        let mut result = Ok(());
        let more = pieces.next(|piece| {
            if sorter.stop.is_none() && result.is_ok() {
                result = decoder.push(piece, |event| sorter.take(&event));
            }
        });
        let more = more.await;
        if matches!(more, Ok(false)) {
            decoder.finish(|event| sorter.take(&event));
        }
        sorter.outbox.flush();
        result.map_err(|too_large| fault(&too_large.to_string()))?;
        if sorter.stop.is_none() && !more? {
            break;
        }
    }
    Ok(())
}

/// Posts the head, the bytes as they come, and how the body ended.
pub(super) async fn bytes(response: Response, outbox: &Outbox) {
    let Response { head, body } = response;
    outbox.post(Letter::Opened { head: head.into_text() });
    let mut pieces = Pieces::new(body);
    loop {
        outbox.credit().await;
        let more = pieces.next(|piece| {
            let latin1 = piece.iter().copied().map(char::from).collect();
            outbox.stage(Letter::Bytes { latin1 }, piece.len());
        });
        let more = more.await;
        outbox.flush();
        match more {
            Ok(true) => {}
            Ok(false) => return outbox.post(Letter::Ended),
            Err(fault) => return outbox.post(Letter::Broken(fault)),
        }
    }
}

/// Decides in which form each event crosses, and whether any may follow it.
struct Sorter<'a> {
    outbox: &'a Outbox,
    templates: Templates,
    /// Why no more is read, if so.
    stop: Option<Stop>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// The stream said `[DONE]`.
    Done,
    /// An event that ends the stream with an error has been put in.
    Failed,
}

impl Sorter<'_> {
    /// Takes an event; false if it was the last.
    fn take(&mut self, event: &Event<'_>) -> bool {
        let size = event.data.len() + event.name.len() + EVENT_OVERHEAD;
        let data = String::from_utf8_lossy(event.data);
        if data == DONE {
            self.stop = Some(Stop::Done);
        } else if data.starts_with(DONE) {
            // Versions of the SDK differ in whether this is the end or a mistake.
            self.fail(Letter::Unparsed { data: data.into_owned() }, size);
        } else if event.name.is_empty() {
            self.unnamed(data, size);
        } else {
            self.named(&String::from_utf8_lossy(event.name), data, size);
        }
        self.stop.is_none()
    }

    fn unnamed(&mut self, data: Cow<'_, str>, size: usize) {
        let templates = &mut self.templates;
        let filled = self.outbox.stage_filled(size, |out| match templates.fit(&data, out) {
            Fit::Fills(index) => Ok((index, templates.holes(index))),
            other => Err(other),
        });
        let Err(fit) = filled else { return };
        match glance(&data) {
            Some(glance) if glance.has_error => {
                self.fail(
                    Letter::ErrorEvent { name: String::new(), data: data.into_owned() },
                    size,
                );
            }
            Some(_) => self.outbox.stage_value(&data, size),
            None => self.fail(Letter::Unparsed { data: data.into_owned() }, size),
        }
        if let Fit::Taught(index) = fit {
            let description = self.templates.describe(index);
            self.outbox.stage(Letter::Template { index, description }, 0);
        }
    }

    fn named(&mut self, name: &str, data: Cow<'_, str>, size: usize) {
        let (name, data) = (name.to_owned(), data.into_owned());
        match glance(&data) {
            // The SDK hands on an event of a thread whatever it says.
            Some(_) if name.starts_with("thread.") => {
                self.outbox.stage(Letter::Named { name, data }, size);
            }
            Some(glance) if glance.has_error || name == "error" => {
                self.fail(Letter::ErrorEvent { name, data }, size);
            }
            Some(_) => self.outbox.stage(Letter::Named { name, data }, size),
            None => self.fail(Letter::Unparsed { data }, size),
        }
    }

    fn fail(&mut self, letter: Letter, size: usize) {
        self.outbox.stage(letter, size);
        self.stop = Some(Stop::Failed);
    }
}

/// The data that ends a stream.
const DONE: &str = "[DONE]";

/// What the field name, the colon and the blank line take on the wire: `data: ` and two ends of
/// line.
const EVENT_OVERHEAD: usize = 8;
