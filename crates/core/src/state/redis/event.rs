//! What a program is told of its store.

/// A store that could not be made. None of its texts has a password.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The URL is none of Redis. It is not repeated: it may hold a password.
    #[error(
        "the URL of Redis must look like redis://[user:password@]host[:port][/database], or rediss:// for TLS"
    )]
    Url,
    /// There is no URL.
    #[error("a cluster of Redis needs the URL of at least one node")]
    NoUrl,
    /// The prefix would not do as a part of keys.
    #[error("the prefix must be plain characters without spaces and braces, not {0:?}")]
    Prefix(String),
}

/// What has become of the connection to Redis. Each is told once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Redis is there, at first or again.
    Connected {
        /// Where, without user and password.
        server: String,
        /// It was lost before.
        again: bool,
    },
    /// Redis cannot be reached. It is tried again until it can be.
    Lost {
        /// Where, without user and password.
        server: String,
        /// Why, as the system or Redis says it.
        reason: String,
    },
    /// Redis has lost data: limits whose windows began before grant nothing until all members
    /// have told what they know.
    Reseeded {
        /// Where, without user and password.
        server: String,
    },
}
