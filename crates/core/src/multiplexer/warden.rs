//! Who wakes calls that wait for a target when its rest is over.

use std::sync::{Arc, Weak};
use std::task::{Wake, Waker};

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::fleet::Fleet;

/// What wakes the warden before its time.
#[derive(Default)]
struct Bell(Notify);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.notify_one();
    }
}

/// Ends rests on time for those that wait. Sleeps until something is due, and as long as nobody
/// waits; to be run, and ended, by whoever has the fleet.
pub async fn wake_waiting(fleet: Weak<Fleet>) {
    let bell = Arc::new(Bell::default());
    let waker = Waker::from(Arc::clone(&bell));
    loop {
        let Some(alive) = fleet.upgrade() else { return };
        let (told, span) = alive.sleep(&waker);
        drop(alive);
        let Some(span) = span else {
            bell.0.notified().await;
            continue;
        };
        // By how long it slept, and by no clock: the host's may be another, and may be set back.
        let asleep = Instant::now();
        let _ = tokio::time::timeout(span, bell.0.notified()).await;
        let Some(fleet) = fleet.upgrade() else { return };
        fleet.wake_after(told, asleep.elapsed());
    }
}
