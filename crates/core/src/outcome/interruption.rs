//! What ends an exchange other than the end of an answer, and what Node.js' error codes tell of
//! it. It does not decide what that means for the call.

/// What ended an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption<'a> {
    /// The connection failed, or could not be made.
    Broken {
        /// As Node.js names it: `ECONNRESET`, `ENOTFOUND`, `UND_ERR_SOCKET`.
        code: Option<&'a str>,
    },
    /// A deadline passed.
    TimedOut,
    /// The caller gave up.
    Aborted,
    /// The response ended in good order, but before the answer did, or cannot be read.
    EndedEarly,
}

impl<'a> Interruption<'a> {
    /// What an error with this code or name means, be it thrown by fetch, undici, an SDK or the
    /// HTTP client here. None if it is not known to be of the network.
    pub fn of_code(code: &'a str) -> Option<Self> {
        Some(match code {
            "ETIMEDOUT"
            | "ESOCKETTIMEDOUT"
            | "TimeoutError"
            | "APIConnectionTimeoutError"
            | "UND_ERR_CONNECT_TIMEOUT"
            | "UND_ERR_HEADERS_TIMEOUT"
            | "UND_ERR_BODY_TIMEOUT" => Self::TimedOut,
            "ABORT_ERR" | "ERR_CANCELED" | "AbortError" | "APIUserAbortError"
            | "UND_ERR_ABORTED" => Self::Aborted,
            "APIConnectionError"
            | "SELF_SIGNED_CERT_IN_CHAIN"
            | "DEPTH_ZERO_SELF_SIGNED_CERT"
            | "CERT_HAS_EXPIRED"
            | "UNABLE_TO_VERIFY_LEAF_SIGNATURE"
            | "EPROTO"
            | "EPIPE" => Self::Broken { code: Some(code) },
            _ if NETWORK.iter().any(|prefix| code.starts_with(prefix)) => {
                Self::Broken { code: Some(code) }
            }
            _ => return None,
        })
    }

    /// True where nothing can have been sent, whatever the stage that is given.
    pub fn is_before_sending(self) -> bool {
        let Self::Broken { code: Some(code) } = self else { return false };
        UNREACHED.iter().any(|prefix| code.starts_with(prefix))
    }
}

/// Beginnings of the codes of libuv, OpenSSL and undici that are of the network.
const NETWORK: [&str; 10] = [
    "ECONN",
    "ENOTFOUND",
    "EAI_",
    "EHOST",
    "ENET",
    "ERR_TLS_",
    "ERR_SSL_",
    "UND_ERR_SOCKET",
    "UND_ERR_DESTROYED",
    "ERR_HTTP2_",
];

/// Those of them that come before a connection does.
const UNREACHED: [&str; 10] = [
    "ECONNREFUSED",
    "ENOTFOUND",
    "EAI_",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "CERT_HAS_EXPIRED",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_the_table_says() {
        let broken = |code| Some(Interruption::Broken { code: Some(code) });
        let table = [
            ("ECONNRESET", broken("ECONNRESET")),
            ("EAI_AGAIN", broken("EAI_AGAIN")),
            ("UND_ERR_SOCKET", broken("UND_ERR_SOCKET")),
            ("CERT_HAS_EXPIRED", broken("CERT_HAS_EXPIRED")),
            ("UND_ERR_HEADERS_TIMEOUT", Some(Interruption::TimedOut)),
            ("TimeoutError", Some(Interruption::TimedOut)),
            ("AbortError", Some(Interruption::Aborted)),
            ("ERR_INVALID_ARG_TYPE", None),
            ("TypeError", None),
            ("", None),
        ];
        for (code, interruption) in table {
            assert_eq!(Interruption::of_code(code), interruption, "{code}");
        }
    }

    #[test]
    fn a_refused_connection_has_sent_nothing() {
        for (code, before) in [("ECONNREFUSED", true), ("ENOTFOUND", true), ("ECONNRESET", false)] {
            assert_eq!(Interruption::Broken { code: Some(code) }.is_before_sending(), before);
        }
    }
}
