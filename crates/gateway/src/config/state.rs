//! Where rests and quotas are kept.

use std::path::PathBuf;
use std::time::Duration;

use super::Secret;

/// The section `state`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// In this process.
    #[default]
    Memory,
    /// In a file, which no other process may use.
    File {
        /// The file.
        path: PathBuf,
        /// How often it is written. Default 1 s.
        flush: Duration,
    },
    /// In Redis, shared by all gateways with the same prefix.
    Redis {
        /// `redis://` or `rediss://`, with a name and a password if there are any. Several: the
        /// nodes of a cluster.
        urls: Vec<Secret>,
        /// What its keys begin with. Default `model-multiplexer`, as the library's.
        prefix: String,
        /// What is done without Redis.
        on_loss: OnStateLoss,
    },
}

/// What is done while Redis cannot be reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnStateLoss {
    /// Only what has been granted is spent.
    #[default]
    Stop,
    /// Each member has its share of the limit.
    Share,
}
