//! A call that waits for a target: a future that needs no runtime. Dropping it leaves the line.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::pick::Picked;
use super::room::Ticket;
use super::{Fleet, Lease, Unavailable};
use crate::clock::Timestamp;

/// How a call waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Until when, by the host's clock.
    pub until: Timestamp,
    /// Higher goes first among those that can use the same target. Usually 0.
    pub priority: i32,
}

/// A place in the line. It becomes a lease, or the reason why there was none in time.
///
/// The waker is woken when that is settled: it is the callback of a host without a runtime.
#[derive(Debug)]
#[must_use = "a call that is dropped leaves the line"]
pub struct Waiting {
    fleet: Arc<Fleet>,
    place: Place,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    InLine(Ticket),
    Given(Picked),
    Left,
}

impl Waiting {
    pub(super) fn new(fleet: Arc<Fleet>, ticket: Ticket, picked: Option<Picked>) -> Self {
        Self { fleet, place: picked.map_or(Place::InLine(ticket), Place::Given) }
    }
}

impl Future for Waiting {
    type Output = Result<Lease, Unavailable>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let fate = match self.place {
            Place::InLine(ticket) => self.fleet.with(|state| state.fate(ticket, context.waker())),
            Place::Given(picked) => Poll::Ready(Ok(picked)),
            Place::Left => Poll::Ready(Err(Unavailable::Empty)),
        };
        if fate.is_ready() {
            self.place = Place::Left;
        }
        fate.map(|fate| fate.map(|picked| Lease::new(Arc::clone(&self.fleet), picked)))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        match self.place {
            Place::InLine(ticket) => self.fleet.with(|state| state.leave(ticket)),
            Place::Given(picked) => self.fleet.with(|state| state.cancel(&picked)),
            Place::Left => {}
        }
    }
}
