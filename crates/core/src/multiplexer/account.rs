//! What an attempt has cost, entered in its target's books once, whenever and however the attempt
//! ends. What was sent is not taken back: an attempt that was lost keeps its estimate.

use std::sync::Arc;

use crate::clock::Timestamp;
use crate::fleet::{Lease, Reservation, Tokens};
use crate::outcome::Judgement;
use crate::wire::reply::Meter;

/// An attempt on whose account tokens go. Dropping it enters them.
#[derive(Debug)]
pub(super) struct Account {
    reservation: Option<Reservation>,
    meter: Arc<Meter>,
}

impl Account {
    pub(super) fn new(lease: &mut Lease, meter: Arc<Meter>) -> Self {
        Self { reservation: Some(lease.detach()), meter }
    }

    /// What it has cost so far.
    pub(super) fn meter(&self) -> &Meter {
        &self.meter
    }

    /// The target has refused before any work: no token is owed, nor the request if it never was
    /// sent.
    pub(super) fn refuse(mut self, judgement: &Judgement) {
        let Some(reservation) = self.reservation.take() else { return };
        if judgement.is_unsent() {
            reservation.refund();
        } else {
            reservation.settle(Tokens::default(), false, Timestamp::now());
        }
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        let Some(reservation) = self.reservation.take() else { return };
        let spent = self.meter.spent();
        let tokens = Tokens { input: spent.usage.input, output: spent.usage.output };
        reservation.settle(tokens, spent.is_reported, Timestamp::now());
    }
}
