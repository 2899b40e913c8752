//! A limit in windows aligned to the wall clock. What was overspent in one is owed in the next.

use std::time::Duration;

use super::limits::Span;
use super::time::Time;
use super::zone::{Window, Zone};
use crate::clock::Timestamp;

#[derive(Clone, Debug)]
pub(super) struct Fixed {
    zone: Zone,
    span: Span,
    window: Window,
    /// Spent and reserved in the window; more than the limit is a debt.
    used: u64,
}

impl Fixed {
    pub(super) fn new(zone: Zone, span: Span) -> Self {
        let never = Timestamp::from_millis(0);
        Self { zone, span, window: Window { start: never, end: never }, used: 0 }
    }

    /// Turns the window if it is over. A wall clock that was set back moves the end of the window
    /// to the next boundary, so that no window is had twice.
    pub(super) fn roll(&mut self, most: u64, time: Time) {
        if time.now < self.window.end {
            return;
        }
        let boundary = time.to_wall(self.window.end);
        let around = self.zone.window(self.span, boundary);
        if around.start != boundary && time.now < time.of_wall(around.end) {
            self.window.end = time.of_wall(around.end);
            return;
        }
        let next = self.zone.window(self.span, time.to_wall(time.now));
        let (start, end) = (time.of_wall(next.start), time.of_wall(next.end));
        let skipped = start.since(self.window.end).as_millis() as u64 / self.span.millis();
        self.used = self.used.saturating_sub(most.saturating_mul(1 + skipped));
        self.window = Window { start: start.max(self.window.end), end };
    }

    pub(super) fn room(&self, most: u64) -> u64 {
        most.saturating_sub(self.used)
    }

    /// When `amount`, at most the limit, fits by time alone.
    pub(super) fn opens(&self, most: u64, amount: u64) -> Timestamp {
        let excess = self.used.saturating_add(amount).saturating_sub(most);
        let turns = excess.div_ceil(most).max(1);
        self.window.end.after(Duration::from_millis(self.span.millis().saturating_mul(turns - 1)))
    }

    pub(super) fn take(&mut self, amount: u64) {
        self.used = self.used.saturating_add(amount);
    }

    /// Gives back what was taken at `taken`, unless its window is over.
    pub(super) fn put_back(&mut self, amount: u64, taken: Timestamp) {
        if taken >= self.window.start {
            self.used = self.used.saturating_sub(amount);
        }
    }

    pub(super) fn window(&self) -> Window {
        self.window
    }

    pub(super) fn used(&self) -> u64 {
        self.used
    }

    /// Takes up what was spent in `window` before this process began.
    pub(super) fn restore(&mut self, most: u64, window: Window, used: u64, time: Time) {
        let mut before = Self { window, used, ..self.clone() };
        before.roll(most, time);
        self.roll(most, time);
        self.used = self.used.saturating_add(before.used);
    }
}
