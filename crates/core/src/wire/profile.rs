//! What a client's requests have in common: where they go and with which headers. Put into bytes
//! once, so that a request costs a copy.

use http::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use std::sync::Arc;
use std::time::Duration;

use super::http_client::{Http2, NotAProxy, Origin, Proxy, Route};

/// Where requests go and with which headers.
#[derive(Debug)]
pub struct Profile {
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) route: Arc<Route>,
    pub(super) headers: HeaderMap,
    pub(super) counts_retries: bool,
    pub(super) connect_timeout: Duration,
    /// Redirects within the origin are followed.
    pub(super) follows: bool,
    /// The request line and the headers, without those that a request adds.
    head: Vec<u8>,
}

/// A profile cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// The URL is not an absolute http or https URL without a user's name. It is not told: it may
    /// hold a password or a key.
    #[error("the base URL and the path make no http(s) URL without a user's name")]
    Url,
    /// Not a method.
    #[error("\"{0}\" is not an HTTP method")]
    Method(String),
    /// The proxy is not one.
    #[error(transparent)]
    Proxy(#[from] NotAProxy),
    /// A header has a name or value that HTTP does not allow. Its value is not told: it may be a key.
    #[error("the header \"{0}\" is not valid in HTTP")]
    Header(String),
}

pub(super) const RETRY_COUNT: HeaderName = HeaderName::from_static("x-stainless-retry-count");

/// To open a connection, unless a profile says otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What this client decodes.
const ENCODINGS: HeaderValue = HeaderValue::from_static("gzip, deflate, br");

/// Headers that are about a connection or a body's framing, and so not the caller's to set.
const FRAMING: [&str; 7] = [
    "connection",
    "content-length",
    "keep-alive",
    "proxy-connection",
    "te",
    "transfer-encoding",
    "upgrade",
];

impl Profile {
    /// A profile for `url`, reached by way of `proxy` if there is one. With `counts_retries`, the
    /// header `x-stainless-retry-count` tells the number of each retry, as the openai SDK does.
    ///
    /// # Errors
    /// [`ProfileError`].
    pub fn new<'a>(
        method: &str,
        url: &str,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
        counts_retries: bool,
        proxy: Option<&str>,
        http2: Http2,
    ) -> Result<Self, ProfileError> {
        let parsed = url.parse::<Uri>().ok().filter(is_usable);
        let uri = parsed.ok_or(ProfileError::Url)?;
        let origin = Origin::of(&uri).ok_or(ProfileError::Url)?;
        let method = Method::from_bytes(method.as_bytes());
        let method = method.map_err(|error| ProfileError::Method(error.to_string()))?;
        let mut map = Self::headers(headers)?;
        map.entry(ACCEPT_ENCODING).or_insert(ENCODINGS);
        if counts_retries {
            map.remove(RETRY_COUNT);
        }
        let head = head_bytes(&method, &uri, &origin, &map);
        let proxy = proxy.map(Proxy::new).transpose()?;
        let route = Arc::new(Route { origin, proxy, http2 });
        Ok(Self {
            method,
            uri,
            route,
            headers: map,
            counts_retries,
            connect_timeout: CONNECT_TIMEOUT,
            follows: true,
            head,
        })
    }

    /// The same without following redirects: a response that is one is the answer.
    #[must_use]
    pub fn without_redirects(mut self) -> Self {
        self.follows = false;
        self
    }

    /// The same with another time for a new connection, TLS and a proxy's tunnel included, than
    /// 10 s.
    #[must_use]
    pub fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Headers, without those that frame a message (`content-length`, `transfer-encoding` and such).
    ///
    /// # Errors
    /// [`ProfileError::Header`].
    pub fn headers<'a>(
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<HeaderMap, ProfileError> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let invalid = || ProfileError::Header(name.to_owned());
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid())?;
            let latin1: Option<Vec<u8>> = value.chars().map(|c| u8::try_from(c).ok()).collect();
            let mut value =
                HeaderValue::from_bytes(&latin1.ok_or_else(invalid)?).map_err(|_| invalid())?;
            value.set_sensitive(name == AUTHORIZATION || name == "api-key");
            if !FRAMING.contains(&name.as_str()) {
                map.append(name, value);
            }
        }
        Ok(map)
    }

    /// The head of an HTTP/1.1 request with a body of `length` bytes and with `extra` headers.
    pub(super) fn write_head(
        &self,
        length: usize,
        retry: u32,
        extra: &HeaderMap,
        out: &mut Vec<u8>,
    ) {
        out.extend_from_slice(&self.head);
        for (name, value) in self.missing(extra) {
            line(out, name, value.as_bytes());
        }
        if self.counts_retries {
            line(out, &RETRY_COUNT, retry.to_string().as_bytes());
        }
        if self.tells_length(length) {
            line(out, &CONTENT_LENGTH, length.to_string().as_bytes());
        }
        out.extend_from_slice(b"\r\n");
    }

    /// The headers of the same request over HTTP/2.
    pub(super) fn fields(&self, length: usize, retry: u32, extra: &HeaderMap) -> HeaderMap {
        let mut fields = self.headers.clone();
        for (name, value) in self.missing(extra) {
            fields.append(name, value.clone());
        }
        if self.counts_retries {
            fields.insert(RETRY_COUNT, retry.into());
        }
        if self.tells_length(length) {
            fields.insert(CONTENT_LENGTH, length.into());
        }
        fields
    }

    /// Those of `extra` that the profile does not have: what the caller has set stays.
    fn missing<'a>(
        &self,
        extra: &'a HeaderMap,
    ) -> impl Iterator<Item = (&'a HeaderName, &'a HeaderValue)> {
        extra.iter().filter(|(name, _)| !self.headers.contains_key(*name))
    }

    /// RFC 9110 §8.6: a method that may have a body tells that there is none.
    fn tells_length(&self, length: usize) -> bool {
        length > 0 || matches!(self.method, Method::POST | Method::PUT | Method::PATCH)
    }

    /// The same request, sent elsewhere within its origin, perhaps as a GET.
    pub(super) fn redirected(&self, uri: Uri, method: Method) -> Option<Self> {
        let origin = Origin::of(&uri).filter(|origin| *origin == self.route.origin)?;
        let mut headers = self.headers.clone();
        if method == Method::GET {
            headers.remove(http::header::CONTENT_TYPE);
        }
        let head = head_bytes(&method, &uri, &origin, &headers);
        let route = Arc::clone(&self.route);
        Some(Self {
            method,
            uri,
            route,
            headers,
            counts_retries: self.counts_retries,
            connect_timeout: self.connect_timeout,
            follows: self.follows,
            head,
        })
    }
}

fn head_bytes(method: &Method, uri: &Uri, origin: &Origin, headers: &HeaderMap) -> Vec<u8> {
    let mut head = Vec::with_capacity(1024);
    head.extend_from_slice(method.as_str().as_bytes());
    head.push(b' ');
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    if !target.starts_with('/') {
        head.push(b'/');
    }
    head.extend_from_slice(target.as_bytes());
    head.extend_from_slice(b" HTTP/1.1\r\n");
    if !headers.contains_key(HOST) {
        line(&mut head, &HOST, origin.host_header().as_bytes());
    }
    for (name, value) in headers {
        line(&mut head, name, value.as_bytes());
    }
    head
}

fn line(out: &mut Vec<u8>, name: &HeaderName, value: &[u8]) {
    out.extend_from_slice(name.as_str().as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

/// An absolute http or https URI without a user's name in it, which fetch refuses as well.
fn is_usable(uri: &Uri) -> bool {
    let web = matches!(uri.scheme_str(), Some("http" | "https"));
    web && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
}

#[cfg(test)]
mod tests;
