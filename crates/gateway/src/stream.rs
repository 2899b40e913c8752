//! A stream on its way to the client: events as they come, a comment while there are none, and
//! in the end either the provider's own or an event that says what went wrong.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use model_multiplexer_core::mailbox::Letter;
use model_multiplexer_core::wire::reply::Next;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::errand::{Done, Opened};
use crate::failure::{self, Told};
use crate::shared::Presence;

/// After this time without a byte a comment is sent, so that nobody in between takes the
/// connection for dead.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(10);

/// A comment (WHATWG SSE §9.2.6): every reader passes over it.
const COMMENT: Bytes = Bytes::from_static(b": keep-alive\n\n");

/// An errand that has not come to anything yet.
pub(crate) type Pending = Pin<Box<dyn Future<Output = Done> + Send>>;

/// A stream on its way to the client.
pub(crate) struct Streaming {
    state: State,
    /// What was asked for.
    model: Box<str>,
    last_sent: Instant,
    heartbeat: Option<Pin<Box<Sleep>>>,
    /// The request is being answered until this is dropped.
    _presence: Presence,
}

enum State {
    /// The head has been sent, and nobody has answered yet.
    Pending(Pending),
    Flowing(Opened),
    Over,
}

impl Streaming {
    /// A stream that has been opened.
    pub(crate) fn flowing(opened: Opened, model: &str, presence: Presence) -> Self {
        Self::new(State::Flowing(opened), model, presence)
    }

    /// One that is still to come.
    pub(crate) fn pending(pending: Pending, model: &str, presence: Presence) -> Self {
        Self::new(State::Pending(pending), model, presence)
    }

    fn new(state: State, model: &str, presence: Presence) -> Self {
        let last_sent = Instant::now();
        Self { state, model: model.into(), last_sent, heartbeat: None, _presence: presence }
    }

    /// The next bytes for the client; none at the end.
    pub(crate) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let next = match self.poll_state(context) {
            Poll::Ready(next) => next,
            Poll::Pending => std::task::ready!(self.poll_heartbeat(context)),
        };
        self.last_sent = Instant::now();
        Poll::Ready(next)
    }

    fn poll_state(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        loop {
            match &mut self.state {
                State::Over => return Poll::Ready(None),
                State::Pending(pending) => {
                    match std::task::ready!(pending.as_mut().poll(context)) {
                        Done::Stream(_, opened) => self.state = State::Flowing(opened),
                        done => return Poll::Ready(self.end(Some(self.late(done)))),
                    }
                }
                State::Flowing(opened) => {
                    let next = opened.relay.poll_next(context);
                    if opened.relay.is_finished() && opened.lease.is_some() {
                        // The slot is free though the connection may stay open for a while.
                        opened.trial.told(&mut opened.lease, &Letter::Finished);
                    }
                    return match std::task::ready!(next) {
                        Next::Events(bytes) => Poll::Ready(Some(bytes)),
                        Next::Ended(letter) => {
                            let error = opened.ended(&letter);
                            Poll::Ready(self.end(error))
                        }
                    };
                }
            }
        }
    }

    /// Nothing more is to come but these bytes.
    fn end(&mut self, last: Option<Bytes>) -> Option<Bytes> {
        self.state = State::Over;
        last
    }

    /// What is said of an errand that came to no stream after the head had been sent.
    fn late(&self, done: Done) -> Bytes {
        match done {
            Done::Failed(failed) => failure::told(failed, &self.model).event(),
            Done::Reply(..) | Done::Stream(..) => Told::Own(failure::broken_off()).event(),
        }
    }

    fn poll_heartbeat(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let due = self.last_sent + HEARTBEAT;
        let timer = self.heartbeat.get_or_insert_with(|| Box::pin(sleep_until(due)));
        // Set again only when it fires, not for every event.
        while timer.as_mut().poll(context).is_ready() {
            if due <= Instant::now() {
                timer.as_mut().reset(Instant::now() + HEARTBEAT);
                return Poll::Ready(Some(COMMENT));
            }
            timer.as_mut().reset(due);
        }
        Poll::Pending
    }
}

impl Opened {
    /// Settles what is held; the bytes that tell the client of a failure.
    fn ended(&mut self, letter: &Letter) -> Option<Bytes> {
        let was_finished = self.lease.is_none();
        self.trial.told(&mut self.lease, letter);
        match letter {
            Letter::Ended { .. } => None,
            _ if was_finished => None,
            _ => Some(failure::broken_off().event()),
        }
    }
}
