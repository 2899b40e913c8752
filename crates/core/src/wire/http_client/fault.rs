//! What went wrong below HTTP, in the words that a program for Node.js knows.

use std::error::Error;
use std::io::{self, ErrorKind};

/// What went wrong below HTTP, in words and as Node.js' error code where there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The innermost message.
    pub message: String,
    /// `ECONNREFUSED`, `ECONNRESET`, `ENOTFOUND`, `UND_ERR_SOCKET` and such.
    pub code: Option<&'static str>,
    /// Time ran out.
    pub timed_out: bool,
}

impl Fault {
    pub(crate) fn of(error: &(dyn Error + 'static)) -> Self {
        let mut innermost = error;
        let mut code = None;
        let mut timed_out = false;
        loop {
            if let Some(io) = innermost.downcast_ref::<io::Error>() {
                code = node_code(io).or(code);
                timed_out |= io.kind() == ErrorKind::TimedOut;
            }
            match innermost.source() {
                Some(source) => innermost = source,
                None => break,
            }
        }
        let message = innermost.to_string();
        if code.is_none() && message.contains("failed to lookup address") {
            code = Some("ENOTFOUND");
        }
        Self { message, code, timed_out }
    }

    /// The same, for a connection that was open: undici's code where there is no other.
    pub(crate) fn of_connection(error: &(dyn Error + 'static)) -> Self {
        let fault = Self::of(error);
        Self { code: fault.code.or(Some("UND_ERR_SOCKET")), ..fault }
    }
}

fn node_code(error: &io::Error) -> Option<&'static str> {
    match error.kind() {
        ErrorKind::ConnectionRefused => Some("ECONNREFUSED"),
        ErrorKind::ConnectionReset => Some("ECONNRESET"),
        ErrorKind::ConnectionAborted => Some("ECONNABORTED"),
        ErrorKind::BrokenPipe => Some("EPIPE"),
        ErrorKind::TimedOut => Some("ETIMEDOUT"),
        ErrorKind::HostUnreachable => Some("EHOSTUNREACH"),
        ErrorKind::NetworkUnreachable => Some("ENETUNREACH"),
        ErrorKind::UnexpectedEof => Some("UND_ERR_SOCKET"),
        _ => None,
    }
}
