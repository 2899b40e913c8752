//! When the bytes of a stream are handed to the socket: its pace, its writes, its end; not what
//! they say (see `stream::render`).

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::time::{Instant, Sleep, sleep_until};

use super::gzip::Gzip;
use super::render::Renderer;
use super::step::{Step, Steps, cuts_in};
use crate::answer::drip::Pace;
use crate::behaviour::fault::FaultKind;
use crate::connection::{Abort, Gauge};
use crate::journal::Trace;

/// What was sent before a cut should reach the client, which a close at once could overtake.
const BEFORE_CUT: Duration = Duration::from_millis(5);
/// Room for this many bytes of events is made at a time.
const ROOM: usize = 4096;

/// The body of a streamed completion.
#[derive(Debug)]
pub(crate) struct EventBody {
    renderer: Renderer,
    steps: Steps,
    next: u64,
    /// Tokens sent.
    sent: u64,
    /// When the first event was due; the pace counts from here, so that no delay adds up.
    begun: Option<Instant>,
    /// One timer for the whole stream, set anew for each wait.
    sleep: Option<Pin<Box<Sleep>>>,
    resting: bool,
    out: BytesMut,
    pieces: VecDeque<Bytes>,
    /// What is left of an event that trickles.
    slow: Bytes,
    gzip: Option<Gzip>,
    phase: Phase,
    /// Hand over no more before the last piece is on its way.
    flush: bool,
    trace: Trace,
    _open: Gauge,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Before the first event.
    Waiting(Duration),
    Running,
    /// A fault that lets the stream go on has been.
    PastFault,
    Stalled,
    /// Signs of life until so many have been sent.
    Pinging {
        every: Duration,
        left: Option<u64>,
    },
    /// One event, piece by piece.
    Trickling(Pace),
    Cutting,
    Ending,
    Over,
}

/// What a round of [`EventBody::advance`] came to.
enum Round {
    /// Events are ready, or the phase has changed: look again.
    Ready,
    /// Nothing is due before then.
    Until(Instant),
}

impl EventBody {
    pub(crate) fn new(renderer: Renderer, trace: Trace, open: Gauge) -> Self {
        let plan = renderer.plan();
        let wait = match plan.fault {
            Some(FaultKind::SlowFirstToken(wait)) => wait,
            _ => plan.settled.first_token,
        };
        Self {
            steps: Steps::of(plan),
            next: 0,
            sent: 0,
            begun: None,
            sleep: None,
            resting: false,
            out: BytesMut::new(),
            pieces: VecDeque::new(),
            slow: Bytes::new(),
            gzip: plan.settled.gzip.then(Gzip::new),
            phase: Phase::Waiting(wait),
            flush: false,
            trace,
            _open: open,
            renderer,
        }
    }

    /// Yields the next piece, nothing at the end, or an error where the connection is to be cut.
    pub(crate) fn poll_piece(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Abort>>> {
        loop {
            if self.flush {
                // hyper writes out what it has when a body is pending.
                self.flush = false;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            if let Some(piece) = self.pieces.pop_front() {
                let settled = &self.renderer.plan().settled;
                self.flush = settled.write_bytes.is_some() || settled.events_per_write.is_some();
                return Poll::Ready(Some(Ok(piece)));
            }
            if let Some(sleep) = self.sleep.as_mut().filter(|_| self.resting) {
                ready!(sleep.as_mut().poll(cx));
                self.resting = false;
            }
            match self.phase {
                Phase::Stalled => return Poll::Pending,
                Phase::Cutting => {
                    self.trace.abandoned();
                    return Poll::Ready(Some(Err(Abort)));
                }
                Phase::Over => {
                    self.trace.finished();
                    return Poll::Ready(None);
                }
                Phase::Pinging { every, left } => self.ping(every, left),
                Phase::Trickling(pace) => self.trickle(pace),
                Phase::Waiting(wait) => self.begin(wait),
                Phase::Ending => self.end(),
                Phase::Running | Phase::PastFault => {
                    if let Round::Until(due) = self.advance() {
                        self.rest_until(due);
                    }
                }
            }
        }
    }

    /// Hands over nothing before then.
    fn rest_until(&mut self, due: Instant) {
        self.resting = true;
        match &mut self.sleep {
            Some(sleep) => sleep.as_mut().reset(due),
            None => self.sleep = Some(Box::pin(sleep_until(due))),
        }
    }

    fn begin(&mut self, wait: Duration) {
        let begun = Instant::now() + wait;
        self.begun = Some(begun);
        self.phase = Phase::Running;
        if !wait.is_zero() {
            self.rest_until(begun);
        }
        self.renderer.push_waiting(&mut self.out);
        self.seal();
    }

    /// Renders what is due, up to one write.
    fn advance(&mut self) -> Round {
        let most = self.renderer.plan().settled.events_per_write.map_or(1, usize::from);
        self.out.reserve(ROOM);
        for _ in 0..most {
            let step = self.steps.at(self.next);
            if self.phase == Phase::Running && self.strike(step) {
                break;
            }
            let Some(step) = step else {
                self.phase = Phase::Ending;
                break;
            };
            if let Some(due) = self.due(step) {
                if self.out.is_empty() {
                    return Round::Until(due);
                }
                break;
            }
            self.take(step);
        }
        self.seal();
        Round::Ready
    }

    /// Renders the event whose turn it is.
    fn take(&mut self, step: Step) {
        self.renderer.push_step(&mut self.out, step);
        self.next += 1;
        if step.is_token() {
            self.sent += 1;
            self.trace.sent(self.sent);
        }
    }

    /// Renders an event that is to trickle, apart from those before it.
    fn take_slowly(&mut self, step: Step) {
        self.seal();
        self.take(step);
        let rendered = self.out.split().freeze();
        self.slow = match &mut self.gzip {
            Some(gzip) => gzip.piece(&rendered),
            None => rendered,
        };
    }

    fn trickle(&mut self, pace: Pace) {
        if self.slow.is_empty() {
            self.phase = Phase::PastFault;
            return;
        }
        let size = pace.bytes.min(self.slow.len());
        self.pieces.push_back(self.slow.split_to(size));
        self.rest_until(Instant::now() + pace.every);
    }

    fn ping(&mut self, every: Duration, left: Option<u64>) {
        if left == Some(0) {
            self.phase = Phase::PastFault;
            return;
        }
        self.phase = Phase::Pinging { every, left: left.map(|left| left - 1) };
        self.renderer.push_ping(&mut self.out);
        self.seal();
        self.rest_until(Instant::now() + every);
    }

    /// When a token is due, if that is yet to come. Other events follow at once.
    fn due(&self, step: Step) -> Option<Instant> {
        let interval = self.renderer.plan().settled.interval;
        if interval.is_zero() || self.sent == 0 || !step.is_token() {
            return None;
        }
        let elapsed = interval.saturating_mul(u32::try_from(self.sent).unwrap_or(u32::MAX));
        let due = self.begun?.checked_add(elapsed)?;
        (due > Instant::now()).then_some(due)
    }

    /// Lets the fault cut in, if it does so before this event. True if nothing else is to be
    /// rendered in this round.
    fn strike(&mut self, next: Option<Step>) -> bool {
        let Some(fault) = &self.renderer.plan().fault else { return false };
        if !cuts_in(fault, self.sent, next) {
            return false;
        }
        match fault {
            FaultKind::Stall { .. } | FaultKind::NeverCloses { .. } => self.phase = Phase::Stalled,
            FaultKind::Pings { every, count, .. } => {
                self.phase = Phase::Pinging { every: *every, left: *count };
                let due = Instant::now() + *every;
                self.seal();
                self.rest_until(due);
            }
            FaultKind::Trickle { bytes_per_second, .. } => {
                let Some(step) = next else { return false };
                self.phase = Phase::Trickling(Pace::of(*bytes_per_second));
                self.take_slowly(step);
            }
            FaultKind::Cut { .. } => {
                self.phase = Phase::Cutting;
                self.rest_until(Instant::now() + BEFORE_CUT);
            }
            FaultKind::ErrorEvent { .. } => {
                self.renderer.push_error(&mut self.out);
                self.phase = Phase::Ending;
            }
            FaultKind::MalformedEvent { data, .. } => {
                self.renderer.push_malformed(&mut self.out, data.as_deref());
                self.phase = Phase::PastFault;
            }
            _ => return false,
        }
        true
    }

    fn end(&mut self) {
        if let Some(gzip) = &mut self.gzip {
            self.pieces.push_back(gzip.end());
        }
        self.phase = Phase::Over;
    }

    /// Turns what is rendered into pieces, each of which is one write.
    fn seal(&mut self) {
        if self.out.is_empty() {
            return;
        }
        let rendered = self.out.split().freeze();
        let mut bytes = match &mut self.gzip {
            Some(gzip) => gzip.piece(&rendered),
            None => rendered,
        };
        if let Some(most) = self.renderer.plan().settled.write_bytes {
            while bytes.len() > most.get() {
                self.pieces.push_back(bytes.split_to(most.get()));
            }
        }
        self.pieces.push_back(bytes);
    }
}
