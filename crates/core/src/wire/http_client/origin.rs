//! Whom a connection leads to: scheme, host and port (RFC 9110 §4.3.1).

use http::Uri;

/// Scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    /// https, not http.
    pub(crate) secure: bool,
    /// A name, or an IP address; an IPv6 address has its brackets.
    pub(crate) host: Box<str>,
    pub(crate) port: u16,
}

impl Origin {
    /// The origin of an absolute http or https URI.
    pub(crate) fn of(uri: &Uri) -> Option<Self> {
        let secure = match uri.scheme_str()? {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let port = uri.port_u16().unwrap_or_else(|| default_port(secure));
        Some(Self { secure, host: uri.host()?.to_ascii_lowercase().into(), port })
    }

    /// The value of the `host` header: without a port where it is the scheme's own.
    pub(crate) fn host_header(&self) -> String {
        if self.port == default_port(self.secure) {
            self.host.to_string()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

fn default_port(secure: bool) -> u16 {
    if secure { 443 } else { 80 }
}
