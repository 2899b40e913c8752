//! One mailbox for all calls of a host thread: tasks put letters in, a single wake-up tells the
//! host, and one drain hands over what all calls have received.
//!
//! A promise per event costs a wake-up per event; here the wake-up is shared by every stream.
//! The mailbox takes turns between calls and stops at a budget, so that no stream starves the
//! others or the host. Events that come within a millisecond of the last drain wait for the rest
//! of that millisecond, so that hundreds of paced streams share a wake-up as well; replies and
//! the beginnings of streams never wait. It does not know what the host does with a letter.

mod drain;
pub mod kind;
mod outbox;

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

pub use drain::{Drained, META_WORDS_AHEAD, META_WORDS_PER_ENTRY};
pub use outbox::Outbox;

use crate::wire::http_client::Fault;
use drain::Scratch;

/// What a call is told, besides the values of its stream.
#[derive(Debug)]
pub enum Letter {
    /// A whole reply. The last letter of its call.
    Reply {
        /// Status, URL and headers.
        head: String,
        /// The body as text.
        body: String,
    },
    /// A stream has begun.
    Opened {
        /// Status, URL and headers.
        head: String,
    },
    /// A stream is over. The last letter of its call.
    Ended {
        /// It did not say that the answer was finished.
        truncated: bool,
    },
    /// A wait for a target is over.
    Leased {
        /// The number of the target that is leased; 0 for none.
        target: String,
    },
    /// What the attempt has cost, as [`crate::wire::reply::Meter::to_text`] tells it.
    Spent {
        /// Numbers with spaces between them.
        spent: String,
    },
    /// The answer is complete; the stream may go on for a while.
    Finished,
    /// The connection died, or an answer was too large, after the head. The last letter.
    Broken(Fault),
    /// Refused with 429 or 529. The last letter of this attempt.
    RateLimited {
        /// Status, URL and headers.
        head: String,
        /// The body as text.
        body: String,
    },
    /// Answered with another status that is not 2xx. The last letter.
    Refused {
        /// Status, URL and headers.
        head: String,
        /// The body as text.
        body: String,
    },
    /// No answer. The last letter.
    Unreachable(Fault),
    /// No headers in time. The last letter.
    TimedOut,
    /// From now on this template is filled, or filled anew.
    Template {
        /// The template's number in its stream.
        index: u8,
        /// As [`crate::wire::template::Templates::describe`] gives it.
        description: String,
    },
    /// Bytes of a body that is handed on as it comes.
    Bytes {
        /// The bytes as Latin-1: a character each.
        latin1: String,
    },
    /// An event that has a name.
    Named {
        /// The event's name.
        name: String,
        /// Its data.
        data: String,
    },
    /// An event that reports an error. The last letter.
    ErrorEvent {
        /// The event's name; empty for none.
        name: String,
        /// Its data.
        data: String,
    },
    /// An event whose data is not JSON. The last letter.
    Unparsed {
        /// Its data.
        data: String,
    },
}

/// For how long after a drain events wait for others to share the next one with.
const GATHERING: Duration = Duration::from_millis(1);

/// Where all calls of one host thread put their letters.
pub struct Mailbox {
    ready: Mutex<Ready>,
    scratch: Mutex<Scratch>,
    wake: Box<dyn Fn() + Send + Sync>,
    gathering: Notify,
}

#[derive(Default)]
struct Ready {
    queue: VecDeque<Arc<Outbox>>,
    host: Host,
    /// When the host last found the queue empty.
    last_drain: Option<Instant>,
    /// Somebody runs [`Mailbox::gather`].
    gathers: bool,
}

/// What the host knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Host {
    /// Nothing: the queue was empty when it last looked.
    #[default]
    Asleep,
    /// Nothing, but it will be woken when the events have gathered.
    ToBeWoken,
    /// It has been woken and will look.
    Awake,
}

/// How soon the host should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Urgency {
    Now,
    Soon,
}

impl Mailbox {
    /// A mailbox that calls `wake`, from any thread, when it goes from empty to not empty.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            ready: Mutex::default(),
            scratch: Mutex::default(),
            wake: Box::new(wake),
            gathering: Notify::new(),
        })
    }

    /// Wakes the host again: for a drain that stopped at its budget.
    pub fn wake(&self) {
        (self.wake)();
    }

    /// Wakes the host for events that have gathered. To be run as long as the mailbox is used;
    /// without it every event wakes a host that sleeps.
    pub async fn gather(self: Arc<Self>) {
        lock(&self.ready).gathers = true;
        loop {
            self.gathering.notified().await;
            tokio::time::sleep(GATHERING).await;
            let mut ready = lock(&self.ready);
            if ready.host == Host::ToBeWoken {
                ready.host = Host::Awake;
                drop(ready);
                self.wake();
            }
        }
    }

    fn enqueue(&self, outbox: Arc<Outbox>, urgency: Urgency) {
        let mut ready = lock(&self.ready);
        ready.queue.push_back(outbox);
        let before = ready.host;
        ready.host = ready.after_mail(urgency);
        let after = ready.host;
        drop(ready);
        match (before, after) {
            (Host::Asleep | Host::ToBeWoken, Host::Awake) => self.wake(),
            (Host::Asleep, Host::ToBeWoken) => self.gathering.notify_one(),
            _ => {}
        }
    }
}

impl Ready {
    fn after_mail(&self, urgency: Urgency) -> Host {
        match (self.host, urgency) {
            (Host::Awake, _) | (_, Urgency::Now) => Host::Awake,
            (Host::ToBeWoken, Urgency::Soon) => Host::ToBeWoken,
            (Host::Asleep, Urgency::Soon) => {
                let recent = self.last_drain.is_some_and(|then| then.elapsed() < GATHERING);
                if recent && self.gathers { Host::ToBeWoken } else { Host::Awake }
            }
        }
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Mailbox").finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
