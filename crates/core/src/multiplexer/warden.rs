//! Who wakes calls that wait for a target when its rest is over.

use std::sync::{Arc, Weak};
use std::task::{Wake, Waker};

use tokio::sync::Notify;

use crate::clock::Timestamp;
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
        let due = match fleet.upgrade() {
            Some(fleet) => fleet.next_due(&waker),
            None => return,
        };
        match due {
            None => bell.0.notified().await,
            Some(at) => {
                let span = at.since(Timestamp::now());
                let _ = tokio::time::timeout(span, bell.0.notified()).await;
            }
        }
        let Some(fleet) = fleet.upgrade() else { return };
        fleet.wake_due(Timestamp::now());
    }
}
