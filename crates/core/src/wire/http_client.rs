//! The HTTP client: its defaults, and what its errors mean. It retries nothing.
//!
//! Made of the crates that reqwest is made of, because reqwest has no setting for the size of a
//! connection's read buffer: hyper's own choice grows to hundreds of kilobytes on a stream that
//! came in bursts and stays there as long as the stream is open.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tower_http::decompression::{Decompression, DecompressionBody};
use tower_http::follow_redirect::FollowRedirect;
use tower_http::follow_redirect::policy::{Action, Attempt, Policy};
use tower_service::Service;

mod certificates;
mod fault;

pub use fault::Fault;

/// A decoded body.
pub type ResponseBody = DecompressionBody<Incoming>;

type Connections = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// A connection's read buffer grows from 8 KB to this at most. It is also the longest head that a
/// response may have: 16 KB, as in Node.js.
const MAX_READ_BUFFER: usize = 16 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const KEEP_ALIVE: Duration = Duration::from_mins(1);
/// Less than Node.js servers keep theirs (5 s), so that a request seldom meets a connection that
/// is just being closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);
/// As fetch.
const MOST_REDIRECTS: u32 = 20;

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
pub struct HttpClient(FollowRedirect<Decompression<Connections>, SameOrigin>);

/// The client could not be made.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The extra authorities are not PEM.
    #[error("the extra certificate authorities cannot be read: {0}")]
    Authorities(#[source] rustls_pki_types::pem::Error),
    /// TLS could not be set up.
    #[error("TLS could not be set up: {0}")]
    Tls(#[from] rustls::Error),
}

impl HttpClient {
    /// HTTP/1.1 with keep-alive; no proxy from the environment; gzip, brotli and deflate decoded;
    /// 10 s to connect; idle connections kept for 4 s; redirects followed to the same origin
    /// only, so that no key goes elsewhere.
    ///
    /// # Errors
    /// [`HttpError`] when a certificate cannot be read or TLS cannot be set up.
    pub fn new(settings: &HttpSettings) -> Result<Self, HttpError> {
        let extra = settings.extra_authorities.as_deref().unwrap_or_default();
        let extra: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(extra.as_bytes()).collect();
        let extra = extra.map_err(HttpError::Authorities)?;
        let tls = certificates::config(extra, settings.accept_invalid_certificates)?;
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEP_ALIVE));
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        let connections = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .http1_max_buf_size(MAX_READ_BUFFER)
            .build(connector);
        let decoded = Decompression::new(connections);
        Ok(Self(FollowRedirect::with_policy(decoded, SameOrigin { left: MOST_REDIRECTS })))
    }

    /// Sends a request and waits for the response's headers.
    pub(super) async fn send(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<ResponseBody>, Fault> {
        let sent = self.0.clone().call(request).await;
        sent.map_err(|error| Fault::of(&error))
    }
}

/// Follows redirects within one origin, with the same body.
#[derive(Clone, Debug)]
struct SameOrigin {
    left: u32,
}

impl<E> Policy<Full<Bytes>, E> for SameOrigin {
    fn redirect(&mut self, attempt: &Attempt<'_>) -> Result<Action, E> {
        let (from, to) = (attempt.previous(), attempt.location());
        let same = from.scheme() == to.scheme() && from.authority() == to.authority();
        if !same || self.left == 0 {
            return Ok(Action::Stop);
        }
        self.left -= 1;
        Ok(Action::Follow)
    }

    fn clone_body(&self, body: &Full<Bytes>) -> Option<Full<Bytes>> {
        Some(body.clone())
    }
}
