//! From a finished exchange to the mailbox (a whole reply, or a stream event by event under credit),
//! or to a host that passes the bytes on (`relay`). It does not decide what a failure means for the call.

mod care;
mod editor;
mod meter;
mod progress;
mod pump;
mod reading;
mod relay;

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until, timeout_at};

use super::exchange::{Exchange, Failure};
use super::http_client::{Fault, Response, ResponseBody};
use super::moderation;
pub use care::{Alarm, Care, Notice};
pub use meter::{Meter, Spent};
use reading::{Reading, reading};
pub use relay::{Began, Next, Relay, Sizes, begin};

use crate::mailbox::{Letter, Outbox};
use crate::outcome::Verdict;

/// A body that says nothing for this long is given up, as by Node's fetch.
const SILENCE: Duration = Duration::from_mins(5);
/// A body of a reply that is not a stream may have this many bytes: V8's longest string.
const MAX_BODY: usize = 512 * 1024 * 1024 - 64;

/// Where an attempt is looked after, the text of an error is waited for this long…
const ERROR_TIME: Duration = Duration::from_secs(5);
/// …and is of no use beyond this many bytes: one that repeats what was asked may be long.
const MAX_ERROR: usize = 1024 * 1024;

/// What a server says of a body's length is believed up to this many bytes.
const EXPECTED_AT_MOST: u64 = 1024 * 1024;

/// The data that ends a stream.
const DONE: &str = "[DONE]";
/// After it the body is given this long to end, so that the connection can be kept.
const LINGER: Duration = Duration::from_millis(500);

/// In which form the body of a success is posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As one text, when it is whole.
    Whole,
    /// As server-sent events, one by one.
    Events,
    /// As bytes, as they come.
    Bytes,
}

/// An answer that is watched: if it has come to nothing when it usually has, the host is told so.
pub async fn watched(alarm: Alarm, answer: impl Future<Output = ()>, outbox: Arc<Outbox>) {
    // Mail of its own, as that of the answer may be held.
    let aside = outbox.aside();
    drop(outbox);
    let mut answer = Box::pin(answer);
    if timeout_at(alarm.at, &mut answer).await.is_err() {
        if alarm.meter.time_to_first_token().is_none() {
            aside.post(Letter::Late);
        }
        answer.await;
    }
}

/// Runs the exchange and posts what came of it: a reply, a stream, or a failure.
pub async fn answer(exchange: Exchange, form: Form, mut care: Option<Care>, outbox: Arc<Outbox>) {
    let _last_word = LastWord(&outbox);
    let joint = care.as_mut().and_then(|care| care.joint.take());
    let outcome = head(exchange, form, care.as_ref()).await;
    moderation::note_answer();
    match outcome {
        Ok(response) => match form {
            Form::Whole => {
                let letter = whole(response, care.as_ref(), MAX_BODY).await;
                if let Letter::Reply { body, .. } = &letter {
                    note(care.as_ref(), body);
                    tell(care.as_ref(), &outbox);
                }
                outbox.post(letter);
            }
            Form::Events => pump::events(response, care.as_ref(), joint, &outbox).await,
            Form::Bytes => pump::bytes(response, care.as_ref(), &outbox).await,
        },
        Err(failure) => outbox.post(refusal(failure, form, care.as_ref(), MAX_BODY).await),
    }
}

/// Whoever waits for an answer is told if the task that reads it panics.
struct LastWord<'a>(&'a Outbox);

impl Drop for LastWord<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.withdraw();
            self.0.post(Letter::Broken(fault("the engine failed as it read the answer")));
        }
    }
}

/// Runs the exchange until its response is there, if it comes in time. What is sent is dropped
/// then, before a stream that may last for long.
async fn head(exchange: Exchange, form: Form, care: Option<&Care>) -> Result<Response, Failure> {
    // What is rare is on the heap: it would make every call's task larger.
    match care.and_then(|care| care.head_deadline(form)) {
        None => exchange.run().await,
        Some(deadline) => {
            Box::pin(timeout_at(deadline, exchange.run())).await.unwrap_or(Err(Failure::TimedOut))
        }
    }
}

async fn whole(response: Response, care: Option<&Care>, most: usize) -> Letter {
    let Response { head, body } = response;
    let silence = care.and_then(|care| care.stall).unwrap_or(SILENCE);
    let text = match care.and_then(|care| care.until) {
        None => Ok(read(body, silence, most).await),
        Some(until) => Box::pin(timeout_at(until, read(body, silence, most))).await,
    };
    match text {
        Ok(Ok(body)) => match care.map_or(Reading::Answer, |care| reading(&head, &body, care)) {
            Reading::Answer => Letter::Reply { head: head.into_text(), body },
            Reading::Error => Letter::Refused { head: head.into_text(), body },
            Reading::Nothing => Letter::Broken(fault("the reply is no answer")),
        },
        Ok(Err(fault)) => Letter::Broken(fault),
        Err(_) => Letter::TimedOut,
    }
}

/// Tells the host what the attempt has cost.
fn tell(care: Option<&Care>, outbox: &Outbox) {
    if let Some(care) = care {
        outbox.stage(Letter::Spent { spent: care.meter.to_text() }, 0);
    }
}

/// Shows an answer to whoever takes notice of it.
fn note(care: Option<&Care>, body: &str) {
    if let Some(notice) = care.and_then(|care| care.notice.as_ref()) {
        notice.take(body);
    }
}

async fn refusal(failure: Failure, form: Form, care: Option<&Care>, most: usize) -> Letter {
    match failure {
        Failure::Status(verdict, response) => {
            let Response { head, body } = *response;
            let head = head.into_text();
            let text = match care {
                None => read(body, SILENCE, most).await,
                Some(care) => Box::pin(error_text(body, form, care, most)).await,
            };
            // An error whose text does not arrive is still that error.
            let body = text.unwrap_or_default();
            match verdict {
                Verdict::RateLimited => Letter::RateLimited { head, body },
                Verdict::Retryable | Verdict::Final => Letter::Refused { head, body },
            }
        }
        Failure::Connection(fault) => Letter::Unreachable(fault),
        Failure::TimedOut => Letter::TimedOut,
    }
}

/// The text of an error, which nobody waits for longer than for an answer.
async fn error_text(
    body: ResponseBody,
    form: Form,
    care: &Care,
    most: usize,
) -> Result<String, Fault> {
    let now = Instant::now();
    let soon = now + ERROR_TIME;
    // The status is a verdict already: what is left of the time is the next target's as well.
    let half = |deadline: Instant| now + deadline.saturating_duration_since(now) / 2;
    let until = care.head_deadline(form).map_or(soon, |deadline| half(deadline).min(soon));
    timeout_at(until, read(body, ERROR_TIME, most.min(MAX_ERROR)))
        .await
        .unwrap_or_else(|_| Err(fault("the error's text did not come in time")))
}

/// Reads a whole body as text; what is not UTF-8 becomes U+FFFD, as `Response.text()` does.
async fn read(body: ResponseBody, silence: Duration, most: usize) -> Result<String, Fault> {
    let expected = body.expected().map_or(0, |length| length.min(EXPECTED_AT_MOST) as usize);
    let mut text = Vec::with_capacity(expected);
    let mut pieces = Pieces::new(body, silence);
    while pieces.next(|piece| text.extend_from_slice(piece)).await? {
        if text.len() > most {
            return Err(fault("the reply is larger than it may be"));
        }
    }
    if text.starts_with(b"\xEF\xBB\xBF") {
        text.drain(..3);
    }
    Ok(String::from_utf8(text)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// A body piece by piece, given up when it is silent for too long.
struct Pieces {
    body: ResponseBody,
    /// Set again only when it fires, not for every piece.
    silence: Option<Pin<Box<Sleep>>>,
    longest_silence: Duration,
    last: Instant,
}

impl Pieces {
    fn new(body: ResponseBody, longest_silence: Duration) -> Self {
        Self { body, silence: None, longest_silence, last: Instant::now() }
    }

    /// Gives what has come to `take`; false at the end.
    async fn next(&mut self, mut take: impl FnMut(&[u8])) -> Result<bool, Fault> {
        poll_fn(|context| self.poll(context, &mut take)).await
    }

    fn poll(
        &mut self,
        context: &mut Context<'_>,
        take: impl FnMut(&[u8]),
    ) -> Poll<Result<bool, Fault>> {
        let polled = match self.body.poll_pieces(context, take) {
            Poll::Pending => self.poll_silence(context),
            ready @ Poll::Ready(_) => ready,
        };
        if polled.is_ready() {
            self.last = Instant::now();
        }
        polled
    }

    fn poll_silence(&mut self, context: &mut Context<'_>) -> Poll<Result<bool, Fault>> {
        let (last, longest) = (self.last, self.longest_silence);
        let timer = self.silence.get_or_insert_with(|| Box::pin(sleep_until(last + longest)));
        while timer.as_mut().poll(context).is_ready() {
            if last.elapsed() >= longest {
                let silent = fault("the body was silent for too long");
                return Poll::Ready(Err(Fault { timed_out: true, ..silent }));
            }
            timer.as_mut().reset(last + longest);
        }
        Poll::Pending
    }
}

fn fault(message: &str) -> Fault {
    Fault { message: message.to_owned(), code: None, timed_out: false }
}

#[cfg(test)]
mod tests;
