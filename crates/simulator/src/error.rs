//! What can go wrong before a simulator answers; not what it answers (see `answer::refusal`).

use std::io;

/// Why a simulator could not be configured or started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimulatorError {
    /// The configuration is not what is expected. The message names the field, the value and what
    /// would be right.
    #[error("invalid simulator configuration at `{field}`: {reason}")]
    Config {
        /// The path of the field, such as `keys.sk-limited.limits.rpm`; `.` is the whole document.
        field: String,
        /// What was found and what is expected.
        reason: String,
    },
    /// The address could not be listened on: taken, forbidden, or no such interface.
    #[error("cannot listen on {address}")]
    Listen {
        /// The host and port that were asked for.
        address: String,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// The certificate authority or the certificate of the server could not be made.
    #[error("cannot make the certificate of the simulator")]
    Certificate(#[source] rcgen::Error),
    /// The certificate was made, and TLS would not take it.
    #[error("cannot set up TLS for the simulator")]
    Tls(#[source] tokio_rustls::rustls::Error),
}

impl SimulatorError {
    pub(crate) fn config(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Config { field: field.into(), reason: reason.into() }
    }
}
