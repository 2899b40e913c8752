//! Whether the configuration's file has changed: by its time, which sees what editors and
//! Kubernetes do, who put another file in its place.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::time::{Interval, MissedTickBehavior, interval};

/// How often the file is looked at.
const EVERY: Duration = Duration::from_millis(500);

/// What tells one version of a file from another.
type Version = (SystemTime, u64);

/// A file that is watched.
#[derive(Debug)]
pub(super) struct Watch {
    file: PathBuf,
    known: Option<Version>,
    ticks: Interval,
}

impl Watch {
    /// Watches a file, as it is now, on the current Tokio runtime.
    pub(super) fn new(file: &Path) -> Self {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { file: file.to_owned(), known: version(file), ticks }
    }

    /// Waits until it is another one. While there is none, as for a moment when an editor writes it
    /// anew, nothing has changed.
    pub(super) async fn changed(&mut self) {
        loop {
            self.ticks.tick().await;
            let now = version(&self.file);
            if now.is_some() && now != self.known {
                self.known = now;
                return;
            }
        }
    }
}

fn version(file: &Path) -> Option<Version> {
    let about = std::fs::metadata(file).ok()?;
    #[cfg(unix)]
    let id = std::os::unix::fs::MetadataExt::ino(&about);
    #[cfg(not(unix))]
    let id = about.len();
    Some((about.modified().ok()?, id))
}
