//! A stream on its way to the client: events as they come, a comment while there are none, and
//! in the end either the provider's own or an event that says what went wrong.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use model_multiplexer_core::fleet::TargetKey;
use model_multiplexer_core::mailbox::Letter;
use model_multiplexer_core::outcome::Outcome;
use model_multiplexer_core::wire::reply::Next;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::config::ResponseModel;
use crate::endpoint::Endpoint;
use crate::errand::{Done, Ended, Opened, Pending};
use crate::failure::{self, Told};
use crate::record::Record;
use crate::refusal::Refusal;
use crate::rename;
use crate::shared::Presence;
use crate::stored;
use crate::trail::Trail;

/// After this time without a byte a comment is sent, so that nobody in between takes the
/// connection for dead.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(10);

/// A comment (WHATWG SSE §9.2.6): every reader passes over it.
const COMMENT: Bytes = Bytes::from_static(b": keep-alive\n\n");

/// A stream on its way to the client.
pub(crate) struct Streaming {
    state: State,
    record: Record,
    /// Where the response that is being made lies, until it is known by which id.
    holder: Option<TargetKey>,
    last_sent: Instant,
    heartbeat: Option<Pin<Box<Sleep>>>,
    /// Ready when the gateway ends what is under way.
    cut: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    /// The request is being answered until this is dropped.
    _presence: Presence,
}

enum State {
    /// The head has been sent, and nobody has answered yet.
    Pending(Pending),
    Flowing(Box<Opened>),
    /// It has broken off, and others are asked to go on with it.
    Recovering(Pending),
    Over,
}

impl Streaming {
    /// A stream that a target has opened.
    pub(crate) fn flowing(
        opened: Box<Opened>,
        by: TargetKey,
        record: Record,
        presence: Presence,
    ) -> Self {
        let holder = stored::is_kept(&record).then_some(by);
        Self { holder, ..Self::new(State::Flowing(opened), record, presence) }
    }

    /// One that is still to come.
    pub(crate) fn pending(pending: Pending, record: Record, presence: Presence) -> Self {
        Self::new(State::Pending(pending), record, presence)
    }

    fn new(state: State, record: Record, presence: Presence) -> Self {
        let last_sent = Instant::now();
        Self {
            state,
            record,
            holder: None,
            last_sent,
            heartbeat: None,
            cut: None,
            _presence: presence,
        }
    }

    /// The next bytes for the client; none at the end.
    pub(crate) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let next = match self.poll_state(context) {
            Poll::Ready(next) => next,
            Poll::Pending if self.is_cut(context) => {
                let last = self.event(&failure::draining());
                self.end(Some(last))
            }
            Poll::Pending => ready!(self.poll_heartbeat(context)),
        };
        self.last_sent = Instant::now();
        Poll::Ready(next)
    }

    fn poll_state(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        loop {
            match &mut self.state {
                State::Over => return Poll::Ready(None),
                State::Pending(pending) => {
                    let (done, trail) = ready!(pending.as_mut().poll(context));
                    self.record.note(&done, trail);
                    if let Err(done) = self.flow(done) {
                        let last = self.late(done);
                        return Poll::Ready(self.end(Some(last)));
                    }
                }
                State::Recovering(pending) => {
                    let (done, trail) = ready!(pending.as_mut().poll(context));
                    self.record.note(&done, trail);
                    let goes_on = self.flow(done).is_ok();
                    self.record.shared.metrics.recovered(goes_on);
                    if !goes_on {
                        return Poll::Ready(self.broken());
                    }
                }
                State::Flowing(opened) => {
                    let next = opened.relay.poll_next(context);
                    opened.settle_if_finished();
                    match ready!(next) {
                        Next::Events(bytes) => {
                            if let Some(key) = self.holder
                                && stored::note_events(&self.record, key, &bytes)
                            {
                                self.holder = None;
                            }
                            return Poll::Ready(Some(self.renamed(bytes)));
                        }
                        Next::Ended(letter) => match self.settle(letter) {
                            Ended::Well => return Poll::Ready(self.end(None)),
                            Ended::Broken => return Poll::Ready(self.broken()),
                            Ended::GoesOn(pending) => self.state = State::Recovering(pending),
                        },
                    }
                }
            }
        }
    }

    /// Passes on a stream that has begun; gives back what is none.
    fn flow(&mut self, done: Done) -> Result<(), Done> {
        match done {
            Done::Stream(served, opened) => {
                self.holder = stored::is_kept(&self.record).then_some(served.key);
                self.state = State::Flowing(opened);
                Ok(())
            }
            done => Err(done),
        }
    }

    /// The stream that flows has ended so.
    fn settle(&mut self, letter: Letter) -> Ended {
        let State::Flowing(opened) = std::mem::replace(&mut self.state, State::Over) else {
            return Ended::Well;
        };
        match &self.record.asked {
            Some(asked) => opened.ended(letter, &asked.trail),
            None => opened.ended(letter, &Trail::default()),
        }
    }

    /// The stream is broken off for good.
    fn broken(&mut self) -> Option<Bytes> {
        self.record.note_broken(Outcome::Truncated);
        let last = self.event(&failure::broken_off());
        self.end(Some(last))
    }

    /// With the model's name that was asked for, where that is wished.
    fn renamed(&self, events: Bytes) -> Bytes {
        match self.record.plan.config.routing.response_model {
            ResponseModel::Upstream => events,
            ResponseModel::Requested => rename::events(&events, self.record.model()),
        }
    }

    /// Nothing more is to come but these bytes.
    fn end(&mut self, last: Option<Bytes>) -> Option<Bytes> {
        self.state = State::Over;
        last
    }

    /// What is said of an errand that came to no stream after the head had been sent.
    fn late(&mut self, done: Done) -> Bytes {
        let told = match done {
            Done::Failed(failed) => failure::told(failed, self.record.model()),
            Done::Reply(..) | Done::Stream(..) => Told::Own(failure::broken_off()),
        };
        self.record.note_broken(Outcome::Unavailable);
        match told {
            Told::Own(refusal) => self.event(&refusal),
            Told::Theirs(_, body) => theirs(&body),
        }
    }

    /// An error in the words of the protocol that is spoken.
    fn event(&self, refusal: &Refusal) -> Bytes {
        match self.record.asked.as_ref().map(|asked| asked.endpoint) {
            Some(Endpoint::Responses) => refusal.response_event(),
            _ => refusal.event(),
        }
    }

    fn is_cut(&mut self, context: &mut Context<'_>) -> bool {
        let shared = &self.record.shared;
        let cut = self.cut.get_or_insert_with(|| Box::pin(shared.is_cut()));
        cut.as_mut().poll(context).is_ready()
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

/// A provider's error as an event.
fn theirs(body: &Bytes) -> Bytes {
    // A line feed would end the event's line; in JSON it is but space.
    let plain = |byte: &u8| if byte.is_ascii_control() { b' ' } else { *byte };
    let line: Vec<u8> = body.iter().map(plain).collect();
    [b"data: ".as_slice(), &line, b"\n\n"].concat().into()
}
