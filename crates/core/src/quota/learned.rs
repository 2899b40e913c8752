//! Limits that a server has told of: they hold until they are whole again, and are lowered by
//! what is sent meanwhile. Nothing but their end raises them.

use super::ledger::Shortage;
use super::limits::{Measure, Span};
use super::told::Told;
use crate::clock::Timestamp;

/// What is known of one target's limits from its answers.
#[derive(Clone, Debug, Default)]
pub struct Learned {
    rows: Vec<Row>,
    spent: Mark,
}

/// What had been reserved at a target when a call was let in, that call included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    requests: u64,
    tokens: u64,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    measure: Measure,
    span: Option<Span>,
    limit: Option<u64>,
    left: u64,
    resets: Timestamp,
    /// When it was told first, since its last end.
    since: Timestamp,
}

impl Learned {
    /// Enters a call that is let in.
    pub fn take(&mut self, tokens: u64) -> Mark {
        self.spent.requests = self.spent.requests.wrapping_add(1);
        self.spent.tokens = self.spent.tokens.wrapping_add(tokens);
        for row in &mut self.rows {
            row.left = row.left.saturating_sub(share(row.measure, tokens));
        }
        self.spent
    }

    /// A call that was let in at `taken` did not happen, or has used fewer tokens.
    pub fn put_back(&mut self, requests: u64, tokens: u64, taken: Timestamp) {
        for row in self.rows.iter_mut().filter(|row| row.since <= taken) {
            let amount = if row.measure == Measure::Requests { requests } else { tokens };
            row.left = row.left.saturating_add(amount);
        }
    }

    /// The answer to the call with this mark has told of a limit. What was sent since then is
    /// taken off; a limit that is known already is only lowered.
    pub fn learn(&mut self, told: Told, mark: Mark, now: Timestamp) {
        let Told { measure, span, limit, left, resets } = told;
        let since = match measure {
            Measure::Requests => self.spent.requests.wrapping_sub(mark.requests),
            Measure::Tokens => self.spent.tokens.wrapping_sub(mark.tokens),
        };
        let left = left.saturating_sub(since);
        let resets = now.after(resets);
        self.forget(now);
        let known = self.rows.iter_mut().find(|row| row.measure == measure && row.span == span);
        match known {
            Some(row) if left < row.left => *row = Row { limit, left, resets, ..*row },
            Some(_) => {}
            None => self.rows.push(Row { measure, span, limit, left, resets, since: now }),
        }
    }

    /// Forgets limits that are whole again.
    pub fn forget(&mut self, now: Timestamp) {
        self.rows.retain(|row| now < row.resets);
    }

    /// Why a call of so many tokens does not fit; none if it does.
    pub fn shortage(&mut self, tokens: u64, now: Timestamp) -> Option<Shortage> {
        self.forget(now);
        let short = self.rows.iter().filter_map(|row| {
            let wanted = share(row.measure, tokens).min(row.limit.unwrap_or(u64::MAX)).max(1);
            let room = if row.measure == Measure::Requests { 0 } else { row.left };
            (row.left < wanted).then_some(Shortage { until: Some(row.resets), room })
        });
        short.reduce(Shortage::and)
    }

    /// The smallest part that is left of a limit whose size is known, from 0 to 1.
    pub fn left(&self) -> f64 {
        let parts = self.rows.iter().filter_map(|row| Some(row.left as f64 / row.limit? as f64));
        parts.fold(1.0, f64::min)
    }

    /// When the first of them is whole again.
    pub fn resets(&self) -> Option<Timestamp> {
        self.rows.iter().map(|row| row.resets).min()
    }
}

fn share(measure: Measure, tokens: u64) -> u64 {
    match measure {
        Measure::Requests => 1,
        Measure::Tokens => tokens,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn requests(left: u64) -> Told {
        let resets = Duration::from_mins(1);
        Told { measure: Measure::Requests, span: None, limit: Some(10), left, resets }
    }

    #[test]
    fn what_was_sent_after_the_request_is_taken_off_what_its_answer_tells() {
        let mut learned = Learned::default();
        let first = learned.take(0);
        learned.take(0);
        learned.take(0);
        // Two of the three were not counted yet when this was answered.
        learned.learn(requests(3), first, at(0));
        assert_eq!(learned.shortage(0, at(0)), None);
        learned.take(0);
        let until = Some(at(60_000));
        assert_eq!(learned.shortage(0, at(0)), Some(Shortage { until, room: 0 }));
        assert_eq!(learned.shortage(0, at(60_000)), None);
    }

    #[test]
    fn a_limit_is_lowered_by_later_answers_and_raised_by_its_end_alone() {
        let mut learned = Learned::default();
        let mark = learned.take(0);
        learned.learn(requests(5), mark, at(0));
        learned.learn(requests(9), mark, at(1));
        assert!((learned.left() - 0.5).abs() < 1e-9);
        learned.learn(requests(0), mark, at(2));
        assert!(learned.shortage(0, at(59_999)).is_some());
        learned.learn(requests(9), mark, at(60_002));
        assert!((learned.left() - 0.9).abs() < 1e-9);
    }

    #[test]
    fn tokens_that_were_not_used_come_back() {
        let mut learned = Learned::default();
        let mark = learned.take(100);
        let told = Told { measure: Measure::Tokens, limit: Some(1_000), ..requests(500) };
        learned.learn(told, mark, at(0));
        learned.take(400);
        let short = learned.shortage(200, at(1)).unwrap();
        assert_eq!((short.room, short.until), (100, Some(at(60_000))));
        learned.put_back(0, 300, at(1));
        assert_eq!(learned.shortage(200, at(1)), None);
    }
}
