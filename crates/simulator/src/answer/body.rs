//! The body of any answer: whole, cut short, or a stream; not its headers.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use super::drip::Drip;
use crate::connection::Abort;
use crate::journal::Trace;
use crate::stream::body::EventBody;

/// What was sent before a cut should reach the client, which a close at once could overtake.
const BEFORE_CUT: Duration = Duration::from_millis(5);

/// The body of an answer.
#[derive(Debug)]
pub(crate) enum AnswerBody {
    Whole {
        bytes: Bytes,
        trace: Trace,
    },
    /// Promises so many bytes and sends fewer.
    Short {
        bytes: Bytes,
        promised: u64,
        then: Then,
        trace: Trace,
    },
    Drip {
        drip: Box<Drip>,
        trace: Trace,
    },
    Events(Box<EventBody>),
}

/// What comes after the bytes of a short body.
#[derive(Debug)]
pub(crate) enum Then {
    Stall,
    Cut(Option<Pin<Box<Sleep>>>),
}

impl AnswerBody {
    pub(crate) fn empty() -> Self {
        Self::whole(Bytes::new())
    }

    pub(crate) fn whole(bytes: Bytes) -> Self {
        Self::Whole { bytes, trace: Trace::default() }
    }

    /// The first half of the bytes, and nothing more: the connection stalls or is cut.
    pub(crate) fn half(bytes: &Bytes, stall: bool) -> Self {
        Self::Short {
            bytes: bytes.slice(..bytes.len() / 2),
            promised: bytes.len() as u64,
            then: if stall { Then::Stall } else { Then::Cut(None) },
            trace: Trace::default(),
        }
    }

    pub(crate) fn drip(drip: Drip) -> Self {
        Self::Drip { drip: Box::new(drip), trace: Trace::default() }
    }

    /// Has the request followed to the end of this body.
    pub(crate) fn traced(mut self, mut new: Trace) -> Self {
        match &mut self {
            Self::Whole { bytes, trace } => {
                if bytes.is_empty() {
                    // Such a body may never be polled.
                    new.finished();
                }
                *trace = new;
            }
            Self::Short { trace, .. } | Self::Drip { trace, .. } => *trace = new,
            // A stream has had its trace from the start.
            Self::Events(_) => {}
        }
        self
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Abort;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Abort>>> {
        match &mut *self {
            Self::Whole { bytes, trace } => {
                trace.finished();
                let bytes = std::mem::take(bytes);
                Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
            }
            Self::Short { bytes, then, trace, .. } => {
                if !bytes.is_empty() {
                    return Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes)))));
                }
                match then {
                    Then::Stall => Poll::Pending,
                    Then::Cut(wait) => {
                        let wait = wait.get_or_insert_with(|| Box::pin(sleep(BEFORE_CUT)));
                        ready!(wait.as_mut().poll(cx));
                        trace.abandoned();
                        Poll::Ready(Some(Err(Abort)))
                    }
                }
            }
            Self::Drip { drip, trace } => {
                let piece = ready!(drip.poll_piece(cx));
                if piece.is_none() {
                    trace.finished();
                }
                Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
            }
            Self::Events(events) => {
                events.poll_piece(cx).map(|piece| piece.map(|piece| piece.map(Frame::data)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole { bytes, .. } if bytes.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole { bytes, .. } => SizeHint::with_exact(bytes.len() as u64),
            Self::Short { promised, .. } => SizeHint::with_exact(*promised),
            Self::Drip { drip, .. } => drip.length().map(SizeHint::with_exact).unwrap_or_default(),
            Self::Events(_) => SizeHint::default(),
        }
    }
}
