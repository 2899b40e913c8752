//! Where the state of fleets lies that outlives a process or is shared between several: a file,
//! Redis, or a name within the process. What the state means is the fleet's; how it is kept is
//! decided here.

pub mod file;
pub mod redis;
pub mod share;
mod snapshot;

pub use snapshot::{Latency, Snapshot, SnapshotError};
