//! A store in a file: read once, written anew in regular intervals. The file is whole at every
//! moment, whenever the process is killed, and has one writer at a time.

mod replace;
mod store;
mod writer;

use std::io;
use std::path::PathBuf;

pub use store::FileStore;
pub use writer::FileWriter;

use super::snapshot::SnapshotError;

/// Why a file cannot be the store.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Somebody else writes it.
    #[error("the state file {} is in use by {owner}", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
        /// By whom, as `process 4711`.
        owner: String,
    },
    /// It cannot be read or written.
    #[error("the state file {} cannot be {what}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// `read`, `written` or `locked`.
        what: &'static str,
        /// Why.
        source: io::Error,
    },
    /// It has something else in it.
    #[error("the state file {} cannot be read: {reason}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: SnapshotError,
    },
}
