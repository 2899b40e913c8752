//! A whole body that does not come at once: after signs of life, or a few bytes at a time; not
//! how a stream is paced (see `stream::body`).

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Sleep, sleep};

/// The shortest wait between two pieces of a trickle: timers are no finer by much.
const TICK: Duration = Duration::from_millis(20);

/// A body and when its bytes come.
#[derive(Debug)]
pub(crate) struct Drip {
    rest: Bytes,
    pings: Option<Pings>,
    pace: Pace,
    wait: Option<Pin<Box<Sleep>>>,
}

/// White space before the body, which no reader of JSON minds.
#[derive(Debug)]
struct Pings {
    every: Duration,
    left: Option<u64>,
}

/// So many bytes at a time, and how long each of them takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pace {
    pub(crate) bytes: usize,
    pub(crate) every: Duration,
}

impl Pace {
    pub(crate) fn of(bytes_per_second: u32) -> Self {
        let per_tick = f64::from(bytes_per_second) * TICK.as_secs_f64();
        let bytes = (per_tick as usize).max(1);
        let every = Duration::from_secs_f64(bytes as f64 / f64::from(bytes_per_second.max(1)));
        Self { bytes, every }
    }
}

impl Drip {
    /// The whole body at a pace.
    pub(crate) fn trickle(whole: Bytes, bytes_per_second: u32) -> Self {
        Self { rest: whole, pings: None, pace: Pace::of(bytes_per_second), wait: None }
    }

    /// Line feeds, and the whole body after so many of them, or never.
    pub(crate) fn pings(whole: Bytes, every: Duration, count: Option<u64>) -> Self {
        let pace = Pace { bytes: whole.len().max(1), every: Duration::ZERO };
        Self { rest: whole, pings: Some(Pings { every, left: count }), pace, wait: None }
    }

    /// The length, if it is told: with pings nobody knows how many there will be.
    pub(crate) fn length(&self) -> Option<u64> {
        self.pings.is_none().then_some(self.rest.len() as u64)
    }

    /// The next piece, or nothing at the end.
    pub(crate) fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.pings.as_ref().is_some_and(|pings| pings.left == Some(0)) {
            self.pings = None;
        }
        if self.rest.is_empty() && self.pings.is_none() {
            return Poll::Ready(None);
        }
        let every = self.pings.as_ref().map_or(self.pace.every, |pings| pings.every);
        let wait = self.wait.get_or_insert_with(|| Box::pin(sleep(every)));
        ready!(wait.as_mut().poll(cx));
        self.wait = None;
        if let Some(pings) = &mut self.pings {
            pings.left = pings.left.map(|left| left - 1);
            return Poll::Ready(Some(Bytes::from_static(b"\n")));
        }
        let size = self.pace.bytes.min(self.rest.len());
        Poll::Ready(Some(self.rest.split_to(size)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_pace_is_byte_by_byte_and_a_fast_one_in_ticks() {
        let pace = |bytes, ms| Pace { bytes, every: Duration::from_millis(ms) };
        assert_eq!(Pace::of(1), pace(1, 1000));
        assert_eq!(Pace::of(10), pace(1, 100));
        assert_eq!(Pace::of(5000), pace(100, 20));
    }
}
