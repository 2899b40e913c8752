//! What a store in Redis and its task have in common: what is to be told, what others want, and
//! whether it is to end. It asks nobody.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Wake, Waker};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::script::Scripts;
use super::{Event, Settings};
use crate::fleet::Fleet;
use crate::quota::Scope;

/// What a store and its task have in common.
pub(super) struct Shared {
    pub(super) settings: Settings,
    pub(super) scripts: Scripts,
    /// This member among all.
    pub(super) member: String,
    pub(super) fleet: Weak<Fleet>,
    pub(super) tell: Box<dyn Fn(Event) + Send + Sync>,
    /// Something may have to be asked.
    pub(super) nudge: Arc<Nudge>,
    /// There are rests to be told.
    pub(super) rested: Notify,
    /// Rests to be told, each with its end.
    pub(super) rests: Mutex<HashMap<Scope, Instant>>,
    /// Limits that others want back.
    pub(super) wanted: Mutex<BTreeSet<String>>,
    pub(super) freed: AtomicBool,
    pub(super) closing: AtomicBool,
    pub(super) is_connected: AtomicBool,
}

/// Says that something may have to be asked; also as the fleet's waker.
#[derive(Default)]
pub(super) struct Nudge(pub(super) Notify);

impl Wake for Nudge {
    fn wake(self: Arc<Self>) {
        self.0.notify_one();
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// Tells a rest to the other members, and to those that come later.
    pub(super) fn tell_rest(&self, scope: Scope, span: Duration) {
        let until = Instant::now() + span;
        let mut rests = lock(&self.rests);
        let end = rests.entry(scope).or_insert(until);
        *end = until.max(*end);
        drop(rests);
        self.rested.notify_one();
    }

    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::Release);
        self.nudge.0.notify_one();
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire) || self.fleet.strong_count() == 0
    }

    pub(super) fn waker(&self) -> Waker {
        Arc::clone(&self.nudge).into()
    }

    pub(super) fn server(&self) -> String {
        self.settings.servers.to_string()
    }
}
