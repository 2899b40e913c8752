//! A fleet's store in a file: what it writes, and when.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::{AbortHandle, spawn_blocking};
use tokio::time::{MissedTickBehavior, interval};

use super::{FileError, FileWriter};
use crate::clock::Timestamp;
use crate::fleet::Fleet;

type Tell = dyn Fn(&FileError) + Send + Sync;

/// A fleet's store in a file. It is another's to open once this is closed or dropped.
pub struct FileStore {
    shared: Arc<Shared>,
    task: AbortHandle,
}

struct Shared {
    fleet: Weak<Fleet>,
    /// None once it is closed.
    writer: Mutex<Option<FileWriter>>,
}

impl FileStore {
    /// Takes the file, gives the fleet what is in it, and writes what the fleet knows each
    /// `every`, if that has changed. The first of failures in a row is told by `tell`, on a
    /// thread of the runtime `on`.
    ///
    /// # Errors
    /// Somebody else writes the file, it cannot be read, or has something else in it.
    pub fn open(
        path: &Path,
        every: Duration,
        fleet: &Arc<Fleet>,
        tell: impl Fn(&FileError) + Send + Sync + 'static,
        on: &Handle,
    ) -> Result<Self, FileError> {
        let (writer, snapshot) = FileWriter::open(path)?;
        fleet.inherit(snapshot, Timestamp::now());
        let writer = Mutex::new(Some(writer));
        let shared = Arc::new(Shared { fleet: Arc::downgrade(fleet), writer });
        let task = on.spawn(write_each(Arc::downgrade(&shared), every, Box::new(tell)));
        Ok(Self { shared, task: task.abort_handle() })
    }

    /// Writes what the fleet knows now.
    ///
    /// # Errors
    /// It cannot be written; what was there stays.
    pub fn flush(&self) -> Result<(), FileError> {
        self.shared.write()
    }

    /// Writes what the fleet knows now, and lets go of the file.
    ///
    /// # Errors
    /// It cannot be written; what was there stays.
    pub fn close(&self) -> Result<(), FileError> {
        self.task.abort();
        let written = self.shared.write();
        *self.shared.writer.lock().unwrap_or_else(PoisonError::into_inner) = None;
        written
    }
}

impl Drop for FileStore {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for FileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileStore").finish_non_exhaustive()
    }
}

impl Shared {
    fn write(&self) -> Result<(), FileError> {
        let Some(fleet) = self.fleet.upgrade() else { return Ok(()) };
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(writer) = &mut *writer else { return Ok(()) };
        // Taken under the lock, so that an older one is never written after a newer one.
        writer.write(&fleet.snapshot(Timestamp::now()))
    }
}

/// The disk may take its time: that is not spent on a thread that others wait for.
async fn write_each(shared: Weak<Shared>, every: Duration, tell: Box<Tell>) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failed = false;
    loop {
        ticks.tick().await;
        let Some(shared) = shared.upgrade() else { return };
        match spawn_blocking(move || shared.write()).await {
            Ok(Ok(())) => failed = false,
            Ok(Err(error)) => {
                if !failed {
                    tell(&error);
                }
                failed = true;
            }
            Err(_) => return,
        }
    }
}
