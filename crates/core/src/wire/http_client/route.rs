//! The way to a server: its origin (RFC 9110 §4.3.1), a proxy before it, the protocol to speak.
//! Requests of the same route may share connections.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use url::Url;

/// The way to a server.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Route {
    pub(crate) origin: Origin,
    pub(crate) proxy: Option<Proxy>,
    pub(crate) http2: Http2,
}

/// Whether HTTP/2 is spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Http2 {
    /// HTTP/1.1 only.
    #[default]
    Never,
    /// Over TLS where the server chooses it; else HTTP/1.1.
    Negotiated,
    /// HTTP/2 without asking, over plain TCP as well (RFC 9113 §3.3).
    PriorKnowledge,
}

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
            self.authority()
        }
    }

    /// Host and port.
    pub(crate) fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

fn default_port(secure: bool) -> u16 {
    if secure { 443 } else { 80 }
}

/// A proxy that is asked for a tunnel (CONNECT, RFC 9110 §9.3.6).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Proxy {
    pub(crate) origin: Origin,
    /// The value of `proxy-authorization`.
    pub(crate) authorization: Option<Box<str>>,
}

/// Not the URL of a proxy. The URL is not told: it may hold a password.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the proxy is not an http(s) URL")]
pub struct NotAProxy;

impl Proxy {
    /// The proxy at an http or https URL, which may hold a name and a password for it.
    ///
    /// # Errors
    /// [`NotAProxy`].
    pub fn new(url: &str) -> Result<Self, NotAProxy> {
        let url = Url::parse(url).map_err(|_| NotAProxy)?;
        let secure = match url.scheme() {
            "http" => false,
            "https" => true,
            _ => return Err(NotAProxy),
        };
        let host = url.host_str().ok_or(NotAProxy)?.into();
        let port = url.port().unwrap_or_else(|| default_port(secure));
        let decoded = |text: &str| percent_encoding::percent_decode_str(text).collect::<Vec<u8>>();
        let named = !url.username().is_empty() || url.password().is_some();
        let authorization = named.then(|| {
            let name = decoded(url.username());
            let password = decoded(url.password().unwrap_or_default());
            let credentials = [name.as_slice(), b":", &password].concat();
            format!("Basic {}", STANDARD.encode(credentials)).into()
        });
        Ok(Self { origin: Origin { secure, host, port }, authorization })
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Proxy").field("origin", &self.origin).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_proxys_credentials_are_sent_and_not_shown() {
        let proxy = Proxy::new("http://us%65r:p%40ss@proxy.local:3128").unwrap();
        assert_eq!(proxy.authorization.as_deref(), Some("Basic dXNlcjpwQHNz"));
        assert_eq!(proxy.origin.authority(), "proxy.local:3128");
        let shown = format!("{proxy:?}");
        assert!(!shown.contains("dXNlcjpwQHNz") && !shown.contains("p@ss"), "{shown}");
        assert_eq!(Proxy::new("http://proxy.local").unwrap().authorization, None);
    }

    #[test]
    fn what_is_not_a_proxy_is_refused_without_being_told() {
        for url in ["proxy.local:3128", "socks5://user:secret@h", "http://", ""] {
            assert_eq!(Proxy::new(url), Err(NotAProxy), "{url}");
        }
    }
}
