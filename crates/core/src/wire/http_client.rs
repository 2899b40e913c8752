//! The HTTP client: its defaults, its connections, and what its errors mean. It sends nothing again
//! but what a server has certainly not had as a whole; whether a request that may have been read is
//! repeated is not for it to decide.
//!
//! HTTP/1.1 is spoken here and not by a library: hyper moves a request from the asking task to a
//! connection's task and back, and keeps a connection's buffers as long as a stream is open. The
//! syntax of heads is httparse's.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method};

mod body;
mod certificates;
mod chunked;
mod connection;
mod connector;
mod decoding;
mod fault;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod head;
mod http2;
mod pool;
mod redirect;
mod route;
mod socket;

pub use body::ResponseBody;
pub use fault::Fault;
pub use head::Head;
pub use route::{Http2, NotAProxy, Proxy};
pub(crate) use route::{Origin, Route};

use super::profile::Profile;
use connection::{Answered, Broken, Outgoing, exchange};
use connector::{Connector, Opened};
use http2::{Http2Pool, Refused, Seat, Shared};
use pool::Pool;
use socket::Socket;

/// As fetch.
const MOST_REDIRECTS: u32 = 20;

/// How often a request is sent again that an HTTP/2 server has not looked at.
const MOST_UNPROCESSED: u32 = 4;

/// Settings that are fixed when the client is made.
#[derive(Clone, Debug, Default)]
pub struct HttpSettings {
    /// Certificate authorities to trust besides the system's, as PEM text.
    pub extra_authorities: Option<String>,
    /// Accept any certificate. Only for programs that have said so.
    pub accept_invalid_certificates: bool,
    /// What this side shows to servers that ask who it is. Default: nothing.
    pub client_certificate: Option<ClientCertificate>,
}

/// A certificate of this side and its key, as PEM text. Debug does not show the key.
#[derive(Clone)]
pub struct ClientCertificate {
    /// The certificate, then those between it and the authority.
    pub chain: String,
    /// Its private key: PKCS#8, PKCS#1 or SEC1.
    pub key: String,
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCertificate").field("chain", &self.chain).finish_non_exhaustive()
    }
}

/// A connection pool. Cheap to clone.
#[derive(Clone)]
pub struct HttpClient(Arc<Inner>);

struct Inner {
    connector: Connector,
    pool: Arc<Pool>,
    http2: Http2Pool,
}

/// The client could not be made.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The extra authorities are not PEM.
    #[error("the extra certificate authorities cannot be read: {0}")]
    Authorities(#[source] rustls_pki_types::pem::Error),
    /// The client certificate or its key is not PEM.
    #[error("the client certificate and its key cannot be read: {0}")]
    ClientCertificate(#[source] rustls_pki_types::pem::Error),
    /// TLS could not be set up.
    #[error("TLS could not be set up: {0}")]
    Tls(#[from] rustls::Error),
}

/// Whether these certificate authorities, as PEM text, can be [`HttpSettings::extra_authorities`].
///
/// # Errors
/// [`HttpError`] when one of them cannot be read.
pub fn check_authorities(pem: &str) -> Result<(), HttpError> {
    let authorities = certificates::authorities(pem).map_err(HttpError::Authorities)?;
    Ok(certificates::check(authorities)?)
}

/// What came is not HTTP/1.1.
#[derive(Debug, thiserror::Error)]
enum Malformed {
    #[error("the response's head is not valid HTTP: {0}")]
    Head(httparse::Error),
    #[error("the response's head is longer than 16 KB")]
    LongHead,
    #[error("the response's content-length is not a length")]
    ContentLength,
    #[error("the response's chunks are not valid HTTP")]
    Chunk,
    #[error("the server changed the protocol unasked")]
    Upgrade,
}

/// A response, its body unread.
#[expect(missing_debug_implementations, reason = "a body cannot be shown")]
pub struct Response {
    /// Status and headers.
    pub head: Head,
    /// The body.
    pub body: ResponseBody,
}

impl HttpClient {
    /// HTTP/1.1 with keep-alive, or HTTP/2 where a route says so; no proxy from the environment;
    /// gzip, brotli and deflate decoded; as long to connect as the profile says; idle connections kept for 4 s, or as the server says; redirects followed
    /// to the same origin only, so that no key goes elsewhere.
    ///
    /// # Errors
    /// [`HttpError`] when a certificate cannot be read or TLS cannot be set up.
    pub fn new(settings: &HttpSettings) -> Result<Self, HttpError> {
        let extra = settings.extra_authorities.as_deref().unwrap_or_default();
        let extra = certificates::authorities(extra).map_err(HttpError::Authorities)?;
        let client = settings.client_certificate.as_ref().map(certificates::client).transpose();
        let client = client.map_err(HttpError::ClientCertificate)?;
        let tls = certificates::config(extra, settings.accept_invalid_certificates, client)?;
        Ok(Self(Arc::new(Inner {
            connector: Connector::new(&tls),
            pool: Arc::default(),
            http2: Http2Pool::default(),
        })))
    }

    /// Sends a request, with these headers besides the profile's, and waits for the response's.
    pub(super) async fn send(
        &self,
        profile: &Profile,
        extra: &HeaderMap,
        body: Bytes,
        retry: u32,
    ) -> Result<Response, Fault> {
        let mut elsewhere: Option<Box<Profile>> = None;
        let mut left = MOST_REDIRECTS;
        loop {
            let asked = elsewhere.as_deref().unwrap_or(profile);
            let is_bodyless = elsewhere.is_some() && asked.method == Method::GET;
            let body = if is_bodyless { Bytes::new() } else { body.clone() };
            let response = self.once(asked, extra, body, retry).await?;
            match redirect::target(asked, &response.head) {
                Some(next) if left > 0 && asked.follows => elsewhere = Some(Box::new(next)),
                _ => return Ok(response),
            }
            left -= 1;
        }
    }

    /// One request, over HTTP/1.1 or HTTP/2 as its route has it.
    async fn once(
        &self,
        profile: &Profile,
        extra: &HeaderMap,
        body: Bytes,
        retry: u32,
    ) -> Result<Response, Fault> {
        if profile.route.http2 == Http2::Never {
            return self.once_http1(profile, extra, body, retry, None).await;
        }
        // On the heap, as what is rare makes every call's task larger.
        Box::pin(self.once_http2(profile, extra, body, retry)).await
    }

    async fn once_http2(
        &self,
        profile: &Profile,
        extra: &HeaderMap,
        body: Bytes,
        retry: u32,
    ) -> Result<Response, Fault> {
        let shared = self.0.http2.of(&profile.route);
        let mut tries = MOST_UNPROCESSED;
        loop {
            tries -= 1;
            let seat = match self.seat(&shared, profile).await? {
                Place::Http2(seat) => seat,
                Place::Http1(socket) => {
                    return self.once_http1(profile, extra, body, retry, Some(socket)).await;
                }
            };
            match seat.send(&shared, profile, extra, body.clone(), retry).await {
                Ok((answered, body)) => {
                    let status = answered.status().as_u16();
                    let (head, codings) = Head::of_http2(status, &profile.uri, answered.headers());
                    return Ok(Response { head, body: ResponseBody::http2(body, &codings) });
                }
                Err(Refused::Failed(fault)) => return Err(fault),
                Err(Refused::Unprocessed) if tries > 0 => {}
                Err(Refused::Unprocessed) => {
                    return Err(Fault {
                        message: "the server refused the stream".to_owned(),
                        code: Some("UND_ERR_SOCKET"),
                        timed_out: false,
                    });
                }
            }
        }
    }

    /// A stream of an HTTP/2 connection, or a connection to a server that speaks HTTP/1.1.
    async fn seat(&self, shared: &Arc<Shared>, profile: &Profile) -> Result<Place, Fault> {
        if let Some(seat) = shared.seat() {
            return Ok(Place::Http2(seat));
        }
        if let Some(socket) = self.0.pool.take(&profile.route) {
            return Ok(Place::Http1(socket));
        }
        let opening = shared.begin_opening().await;
        loop {
            // Somebody else may have opened one, or a stream may have ended.
            if let Some(seat) = shared.seat() {
                return Ok(Place::Http2(seat));
            }
            // What came of the attempt that was waited for is the answer to all who did.
            if let Some(fault) = opening.failed_meanwhile() {
                return Err(fault);
            }
            let Opened { socket, http2 } = match self.connect(profile).await {
                Ok(opened) => opened,
                Err(fault) => return Err(opening.fail(fault)),
            };
            if !http2 {
                return Ok(Place::Http1(socket));
            }
            if let Err(error) = shared.add(socket).await {
                return Err(opening.fail(Fault::of_connection(&error)));
            }
        }
    }

    async fn connect(&self, profile: &Profile) -> Result<Opened, Fault> {
        self.0.connector.connect(&profile.route, profile.connect_timeout).await
    }

    /// One request over HTTP/1.1. A connection that was idle may have been closed just now: then
    /// the request is sent again over a new one, if nothing of an answer has come and not all of it
    /// was written. Else it may have been read, and done (RFC 9110 §9.2.2).
    async fn once_http1(
        &self,
        profile: &Profile,
        extra: &HeaderMap,
        body: Bytes,
        retry: u32,
        opened: Option<Socket>,
    ) -> Result<Response, Fault> {
        let mut head = Vec::with_capacity(2048);
        profile.write_head(body.len(), retry, extra, &mut head);
        let mut outgoing = Outgoing::new(head, body);
        let mut idle = opened.or_else(|| self.0.pool.take(&profile.route));
        loop {
            let was_idle = idle.is_some();
            let mut socket = match idle.take() {
                Some(socket) => socket,
                // On the heap, as above.
                None => Box::pin(self.connect(profile)).await?.socket,
            };
            match exchange(&mut socket, &mut outgoing, &profile.uri).await {
                Ok(answered) => return Ok(self.response(answered, socket, profile)),
                Err(Broken::Unanswered(_)) if was_idle && !outgoing.is_written() => {
                    outgoing.rewind();
                }
                Err(broken) => return Err(broken.into()),
            }
        }
    }

    fn response(&self, answered: Answered, socket: Socket, profile: &Profile) -> Response {
        let (pool, route) = (Arc::clone(&self.0.pool), Arc::clone(&profile.route));
        let (head, body) = ResponseBody::http1(answered, socket, route, pool);
        Response { head, body }
    }
}

/// Where a request can be sent.
enum Place {
    Http1(Socket),
    Http2(Seat),
}

impl From<Broken> for Fault {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Unanswered(error) | Broken::Cut(error) => Self::of_connection(&error),
            Broken::Malformed(malformed) => Self::of_connection(&malformed),
        }
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("HttpClient").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
