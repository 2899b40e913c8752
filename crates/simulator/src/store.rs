//! The responses that can be asked for again, each by the key that made it; not what they say
//! (see `answer::response`).

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use bytes::Bytes;

/// At most so many are held, and at most so many bytes of them; the oldest are forgotten.
const MOST: usize = 1000;
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// The responses held in memory.
#[derive(Debug, Default)]
pub(crate) struct Store(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    responses: VecDeque<Stored>,
    bytes: usize,
}

/// One response. What it says depends on the time, and on whether it was cancelled.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) background: bool,
    /// When it is complete.
    pub(crate) ready: Instant,
    pub(crate) cancelled: bool,
    pub(crate) in_progress: Bytes,
    pub(crate) cancelled_body: Bytes,
    pub(crate) complete: Bytes,
}

/// What became of a wish to cancel.
#[derive(Debug, PartialEq)]
pub(crate) enum Cancel {
    /// What the response says now.
    Done(Bytes),
    /// It is none that runs in the background.
    Synchronous,
    Unknown,
}

impl Stored {
    fn size(&self) -> usize {
        self.in_progress.len() + self.cancelled_body.len() + self.complete.len()
    }

    fn now(&self, now: Instant) -> Bytes {
        if self.cancelled {
            self.cancelled_body.clone()
        } else if now < self.ready {
            self.in_progress.clone()
        } else {
            self.complete.clone()
        }
    }
}

impl Held {
    fn find(&mut self, key: &str, id: &str) -> Option<(usize, &mut Stored)> {
        let mut all = self.responses.iter_mut().enumerate();
        all.find(|(_, stored)| stored.id == id && stored.key == key)
    }
}

impl Store {
    pub(crate) fn add(&self, stored: Stored) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.bytes += stored.size();
        held.responses.push_back(stored);
        while held.responses.len() > MOST || held.bytes > MOST_BYTES {
            let Some(oldest) = held.responses.pop_front() else { break };
            held.bytes -= oldest.size();
        }
    }

    /// What a response says now, to the key that made it.
    pub(crate) fn get(&self, key: &str, id: &str, now: Instant) -> Option<Bytes> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.find(key, id).map(|(_, stored)| stored.now(now))
    }

    /// Forgets a response; false if there is none.
    pub(crate) fn delete(&self, key: &str, id: &str) -> bool {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((index, _)) = held.find(key, id) else { return false };
        let size = held.responses.remove(index).map_or(0, |stored| stored.size());
        held.bytes -= size;
        true
    }

    /// Cancels a response in the background, unless it is complete already.
    pub(crate) fn cancel(&self, key: &str, id: &str, now: Instant) -> Cancel {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match held.find(key, id) {
            None => Cancel::Unknown,
            Some((_, stored)) if !stored.background => Cancel::Synchronous,
            Some((_, stored)) => {
                stored.cancelled |= now < stored.ready;
                Cancel::Done(stored.now(now))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn stored(id: &str, ready: Instant) -> Stored {
        Stored {
            id: id.to_owned(),
            key: "k".to_owned(),
            background: true,
            ready,
            cancelled: false,
            in_progress: Bytes::from_static(b"in progress"),
            cancelled_body: Bytes::from_static(b"cancelled"),
            complete: Bytes::from_static(b"complete"),
        }
    }

    #[test]
    fn a_response_is_complete_when_its_time_has_come() {
        let (store, now) = (Store::default(), Instant::now());
        let ready = now + Duration::from_secs(5);
        store.add(stored("a", ready));
        assert_eq!(store.get("k", "a", now).unwrap(), "in progress");
        assert_eq!(store.get("k", "a", ready).unwrap(), "complete");
        assert_eq!(store.get("other", "a", now), None);
    }

    #[test]
    fn only_what_is_under_way_in_the_background_can_be_cancelled() {
        let (store, now) = (Store::default(), Instant::now());
        store.add(stored("a", now + Duration::from_secs(5)));
        store.add(stored("b", now));
        store.add(Stored { background: false, ..stored("c", now) });
        let done = |body: &'static str| Cancel::Done(Bytes::from_static(body.as_bytes()));
        assert_eq!(store.cancel("k", "a", now), done("cancelled"));
        assert_eq!(store.cancel("k", "a", now + Duration::from_secs(9)), done("cancelled"));
        assert_eq!(store.cancel("k", "b", now), done("complete"));
        assert_eq!(store.cancel("k", "c", now), Cancel::Synchronous);
        assert_eq!(store.cancel("other", "a", now), Cancel::Unknown);
    }

    #[test]
    fn the_oldest_response_is_forgotten_when_there_are_too_many() {
        let (store, now) = (Store::default(), Instant::now());
        for number in 0..=MOST {
            store.add(stored(&number.to_string(), now));
        }
        assert_eq!(store.get("k", "0", now), None);
        assert!(store.delete("k", "1") && !store.delete("k", "1"));
        assert_eq!(store.get("k", "2", now).unwrap(), "complete");
    }
}
