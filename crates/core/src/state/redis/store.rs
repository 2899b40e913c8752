//! The handle of a store in Redis: opens it, says whether it is connected, and closes it.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::script::Scripts;
use super::shared::{Shared, lock};
use super::task::keep;
use super::{Event, Settings};
use crate::clock::Timestamp;
use crate::fleet::Fleet;

/// For so long a store that is closed may take to give back what it holds.
const FAREWELL: Duration = Duration::from_millis(1_500);

/// A fleet's store in Redis. Dropping it closes it without waiting for it.
pub struct RedisStore {
    shared: Arc<Shared>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl RedisStore {
    /// A store for `fleet`, whose limits are from now on supplied by it. It connects on its own, on the runtime `on`, and tells
    /// what becomes of that by `tell`, on that runtime's threads.
    pub fn open(
        settings: Settings,
        fleet: &Arc<Fleet>,
        tell: impl Fn(Event) + Send + Sync + 'static,
        on: &Handle,
    ) -> Self {
        let shared = Arc::new(Shared {
            scripts: Scripts::new(&settings.prefix),
            settings,
            member: format!("{:016x}", rand::random::<u64>()),
            fleet: Arc::downgrade(fleet),
            tell: Box::new(tell),
            nudge: Arc::default(),
            rested: Notify::new(),
            rests: Mutex::default(),
            wanted: Mutex::default(),
            freed: AtomicBool::new(false),
            closing: AtomicBool::new(false),
            is_connected: AtomicBool::new(false),
        });
        fleet.supply_by_grants(Timestamp::now());
        let tells = Arc::downgrade(&shared);
        fleet.on_rest(move |scope, span| {
            if let Some(shared) = tells.upgrade() {
                shared.tell_rest(scope, span);
            }
        });
        let task = on.spawn(keep(Arc::clone(&shared)));
        Self { shared, task: Mutex::new(Some(task)) }
    }

    /// True while Redis can be reached.
    pub fn is_connected(&self) -> bool {
        self.shared.is_connected.load(Ordering::Relaxed)
    }

    /// Gives back what is unused, and leaves. Waits for at most a second and a half.
    pub async fn close(&self) {
        self.shared.close();
        let task = lock(&self.task).take();
        if let Some(mut task) = task
            && timeout(FAREWELL, &mut task).await.is_err()
        {
            task.abort();
        }
    }
}

impl Drop for RedisStore {
    fn drop(&mut self) {
        self.shared.close();
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("settings", &self.shared.settings)
            .finish_non_exhaustive()
    }
}
