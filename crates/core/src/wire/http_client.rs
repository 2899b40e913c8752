//! The HTTP client: its defaults, and what its errors mean. It retries nothing.

use std::time::Duration;

use reqwest::redirect;

/// Settings that are fixed when the client is made.
#[derive(Clone, Debug, Default)]
pub struct HttpSettings {
    /// Certificate authorities to trust besides the system's, as PEM text.
    pub extra_authorities: Option<String>,
    /// Accept any certificate. Only for programs that have said so.
    pub accept_invalid_certificates: bool,
}

/// A connection pool. Cheap to clone.
#[derive(Clone, Debug)]
pub struct HttpClient(pub(super) reqwest::Client);

/// The client could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client could not be made: {0}")]
pub struct HttpError(#[source] reqwest::Error);

impl HttpClient {
    /// HTTP/1.1 with keep-alive; no proxy from the environment; gzip, brotli and deflate decoded;
    /// 10 s to connect; idle connections kept for 4 s, which is less than Node.js servers keep
    /// theirs (5 s), so that a request seldom meets a connection that is just being closed;
    /// redirects followed to the same origin only, so that no key goes elsewhere.
    ///
    /// # Errors
    /// [`HttpError`] when a certificate cannot be read or TLS cannot be set up.
    pub fn new(settings: &HttpSettings) -> Result<Self, HttpError> {
        // A provider that somebody else has installed serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let same_origin = redirect::Policy::custom(|attempt| {
            let leaves = attempt
                .previous()
                .last()
                .is_some_and(|from| from.origin() != attempt.url().origin());
            if leaves || attempt.previous().len() > 20 { attempt.stop() } else { attempt.follow() }
        });
        let mut builder = reqwest::Client::builder()
            .http1_only()
            .no_proxy()
            .redirect(same_origin)
            .connect_timeout(Duration::from_secs(10))
            .tcp_nodelay(true)
            .tcp_keepalive(Duration::from_mins(1))
            .pool_idle_timeout(Duration::from_secs(4))
            .tls_certs_merge(bundled_roots())
            .tls_danger_accept_invalid_certs(settings.accept_invalid_certificates);
        if let Some(pem) = &settings.extra_authorities {
            builder = builder.tls_certs_merge(
                reqwest::Certificate::from_pem_bundle(pem.as_bytes()).map_err(HttpError)?,
            );
        }
        builder.build().map(Self).map_err(HttpError)
    }
}

/// Mozilla's roots, for images that have no certificate store.
fn bundled_roots() -> Vec<reqwest::Certificate> {
    webpki_root_certs::TLS_SERVER_ROOT_CERTS
        .iter()
        .filter_map(|der| reqwest::Certificate::from_der(der).ok())
        .collect()
}

/// What went wrong below HTTP, in words and as Node.js' error code where there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The innermost message.
    pub message: String,
    /// `ECONNREFUSED`, `ECONNRESET`, `ENOTFOUND`, `UND_ERR_SOCKET` and such.
    pub code: Option<&'static str>,
    /// The time to connect ran out.
    pub timed_out: bool,
}

impl Fault {
    pub(super) fn of(error: &reqwest::Error) -> Self {
        let mut innermost: &dyn std::error::Error = error;
        let mut code = None;
        while let Some(source) = innermost.source() {
            innermost = source;
            code = innermost.downcast_ref::<std::io::Error>().and_then(node_code).or(code);
        }
        let message = innermost.to_string();
        if code.is_none() && message.contains("failed to lookup address") {
            code = Some("ENOTFOUND");
        }
        if code.is_none()
            && (error.is_body() || error.is_decode() || error.is_request())
            && !error.is_connect()
        {
            code = Some("UND_ERR_SOCKET");
        }
        Self { message, code, timed_out: error.is_timeout() }
    }
}

fn node_code(error: &std::io::Error) -> Option<&'static str> {
    use std::io::ErrorKind as Kind;
    match error.kind() {
        Kind::ConnectionRefused => Some("ECONNREFUSED"),
        Kind::ConnectionReset => Some("ECONNRESET"),
        Kind::ConnectionAborted => Some("ECONNABORTED"),
        Kind::BrokenPipe => Some("EPIPE"),
        Kind::TimedOut => Some("ETIMEDOUT"),
        Kind::HostUnreachable => Some("EHOSTUNREACH"),
        Kind::NetworkUnreachable => Some("ENETUNREACH"),
        Kind::UnexpectedEof => Some("UND_ERR_SOCKET"),
        _ => None,
    }
}
