//! What all connections of a simulator share: the script in force, the journal, the counters; not
//! how a request is answered.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::journal::Journal;
use crate::script::ActiveScript;
use crate::store::Store;

/// The state of a simulator.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) seed: u64,
    pub(crate) journal: Journal,
    pub(crate) counters: Counters,
    pub(crate) store: Store,
    script: RwLock<Arc<ActiveScript>>,
}

/// What a simulator counts.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) connections_open: Arc<AtomicU64>,
    pub(crate) connections_total: AtomicU64,
    pub(crate) requests_total: AtomicU64,
    pub(crate) streams_open: Arc<AtomicU64>,
}

impl Provider {
    pub(crate) fn new(seed: u64, journal: usize, script: ActiveScript) -> Self {
        Self {
            seed,
            journal: Journal::new(journal),
            counters: Counters::default(),
            store: Store::default(),
            script: RwLock::new(Arc::new(script)),
        }
    }

    /// The script in force. Who holds it keeps it, even if it is replaced.
    pub(crate) fn script(&self) -> Arc<ActiveScript> {
        Arc::clone(&self.script.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the script, and with it all counts of attempts and limits.
    pub(crate) fn replace(&self, script: ActiveScript) {
        *self.script.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(script);
    }

    /// Counts a request; the first one is 1.
    pub(crate) fn count_request(&self) -> u64 {
        self.counters.requests_total.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// How many requests have been counted.
    pub(crate) fn requests(&self) -> u64 {
        self.counters.requests_total.load(Ordering::Relaxed)
    }

    /// Counts a connection; the first one is 1.
    pub(crate) fn count_connection(&self) -> u64 {
        self.counters.connections_total.fetch_add(1, Ordering::Relaxed) + 1
    }
}
