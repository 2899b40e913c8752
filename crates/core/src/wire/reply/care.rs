//! How an attempt is looked after: how long it may take to begin, to go on and to end. Without
//! it, a stream is handed over as it opens and may be as slow as it likes.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::Form;
use super::meter::Meter;
use super::progress::Progress;

/// Deadlines of one attempt.
#[derive(Clone, Debug)]
pub struct Care {
    /// When the attempt began.
    pub began: Instant,
    /// From the beginning to the first event that is something of the answer.
    pub first_token: Option<Duration>,
    /// From one event to the next; comments and bytes that make no event do not count. In a reply
    /// that is no stream, from one piece of the body to the next.
    pub stall: Option<Duration>,
    /// When all of it must have come.
    pub until: Option<Instant>,
    /// A stream of this target may end without saying that the answer is finished.
    pub finish_optional: bool,
    /// The request has a body, which is JSON, and so must be the answer.
    pub has_json: bool,
    /// Where what it costs is noted.
    pub meter: Arc<Meter>,
}

/// After the end of the answer, what else may come (usage, `[DONE]`) is waited for this long.
const AFTERWARDS: Duration = Duration::from_secs(5);

impl Care {
    /// When the head of the response must be there: in time for a stream's first token.
    pub(super) fn head_deadline(&self, form: Form) -> Option<Instant> {
        let first = self.first_token.filter(|_| form == Form::Events);
        first.map(|first| self.began + first).into_iter().chain(self.until).min()
    }

    /// When to give up, the last event having come at `last`, and what to say then.
    pub(super) fn deadline(
        &self,
        progress: &Progress,
        last: Instant,
    ) -> (Option<Instant>, &'static str) {
        let (next, late) = if progress.is_finished() {
            (Some(last + AFTERWARDS), "the stream did not end")
        } else if progress.begun {
            (self.stall.map(|stall| last + stall), "the stream stalled")
        } else {
            let first = self.first_token.map(|first| self.began + first);
            (first, "no token came in time")
        };
        match (next, self.until) {
            (Some(next), Some(until)) if until < next => (Some(until), TOO_LONG),
            (None, Some(until)) => (Some(until), TOO_LONG),
            _ => (next, late),
        }
    }
}

const TOO_LONG: &str = "the call took too long";
