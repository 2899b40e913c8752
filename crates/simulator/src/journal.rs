//! What is remembered of requests, and what became of each; not how it is asked for (see
//! `control`).

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use serde_json::{Value, json};

/// The most recent requests.
#[derive(Debug)]
pub(crate) struct Journal {
    capacity: usize,
    entries: Mutex<VecDeque<Arc<Entry>>>,
}

/// One request. What is not known when it arrives is filled in as it happens.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) time: u64,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) http_version: &'static str,
    pub(crate) connection: u64,
    pub(crate) key: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
    pub(crate) fate: Fate,
}

/// What became of a request.
#[derive(Debug, Default)]
pub(crate) struct Fate {
    status: AtomicU16,
    tokens_sent: AtomicU64,
    client_left: AtomicBool,
    finished: AtomicBool,
}

impl Journal {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, entries: Mutex::default() }
    }

    pub(crate) fn is_kept(&self) -> bool {
        self.capacity > 0
    }

    /// Remembers a request and forgets the oldest one if there is no room.
    pub(crate) fn add(&self, entry: Entry) -> Arc<Entry> {
        let entry = Arc::new(entry);
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= self.capacity {
            entries.pop_front();
        }
        entries.push_back(Arc::clone(&entry));
        entry
    }

    pub(crate) fn clear(&self) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(crate) fn to_json(&self) -> String {
        let entries: Vec<_> = {
            let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
            entries.iter().cloned().collect()
        };
        Value::Array(entries.iter().map(|entry| entry.to_json()).collect()).to_string()
    }
}

impl Entry {
    fn to_json(&self) -> Value {
        let status = match self.fate.status.load(Ordering::Relaxed) {
            0 => Value::Null,
            status => json!(status),
        };
        json!({
            "time": self.time,
            "method": self.method,
            "path": self.path,
            "httpVersion": self.http_version,
            "connection": self.connection,
            "key": self.key,
            "model": self.model,
            "headers": self.headers,
            "body": String::from_utf8_lossy(&self.body),
            "status": status,
            "tokensSent": self.fate.tokens_sent.load(Ordering::Relaxed),
            "clientLeft": self.fate.client_left.load(Ordering::Relaxed),
            "finished": self.fate.finished.load(Ordering::Relaxed),
        })
    }
}

/// Follows one request to its end. If it is dropped before, the client has left.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    entry: Option<Arc<Entry>>,
    over: bool,
}

impl Trace {
    pub(crate) fn of(entry: Arc<Entry>) -> Self {
        Self { entry: Some(entry), over: false }
    }

    fn fate(&self) -> Option<&Fate> {
        self.entry.as_deref().map(|entry| &entry.fate)
    }

    pub(crate) fn answered(&self, status: u16) {
        if let Some(fate) = self.fate() {
            fate.status.store(status, Ordering::Relaxed);
        }
    }

    pub(crate) fn sent(&self, tokens: u64) {
        if let Some(fate) = self.fate() {
            fate.tokens_sent.store(tokens, Ordering::Relaxed);
        }
    }

    /// The whole answer has been sent.
    pub(crate) fn finished(&mut self) {
        self.over = true;
        if let Some(fate) = self.fate() {
            fate.finished.store(true, Ordering::Relaxed);
        }
    }

    /// The simulator itself ends the answer here, unfinished.
    pub(crate) fn abandoned(&mut self) {
        self.over = true;
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        if !self.over
            && let Some(fate) = self.fate()
        {
            fate.client_left.store(true, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str) -> Entry {
        Entry {
            time: 1,
            method: "POST".into(),
            path: path.into(),
            http_version: "1.1",
            connection: 1,
            key: None,
            model: None,
            headers: vec![],
            body: Bytes::new(),
            fate: Fate::default(),
        }
    }

    #[test]
    fn the_oldest_request_is_forgotten_first() {
        let journal = Journal::new(2);
        for path in ["/a", "/b", "/c"] {
            journal.add(entry(path));
        }
        let json: Value = serde_json::from_str(&journal.to_json()).unwrap();
        assert_eq!((&json[0]["path"], &json[1]["path"]), (&json!("/b"), &json!("/c")));
        assert_eq!(json[0]["status"], Value::Null);
    }

    #[test]
    fn a_client_has_left_if_a_trace_ends_before_the_answer() {
        let left = |end: fn(&mut Trace)| {
            let journal = Journal::new(1);
            end(&mut Trace::of(journal.add(entry("/"))));
            let json: Value = serde_json::from_str(&journal.to_json()).unwrap();
            (json[0]["clientLeft"].as_bool().unwrap(), json[0]["finished"].as_bool().unwrap())
        };
        assert_eq!(left(|_| ()), (true, false));
        assert_eq!(left(Trace::finished), (false, true));
        assert_eq!(left(Trace::abandoned), (false, false));
    }
}
