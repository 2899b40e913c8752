//! One attempt at one target: a request, sent again to the same target as often as the openai
//! SDK would. It does not choose the target and does not read the body of a success.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri};
use http_body_util::Full;

use super::http_client::{Fault, HttpClient, ResponseBody};
use crate::outcome::{RetryHints, Verdict, backoff, judge, parse_retry_after};

/// What a client's requests have in common: where they go and with which headers.
#[derive(Debug)]
pub struct Profile {
    uri: Uri,
    headers: HeaderMap,
    counts_retries: bool,
}

/// A profile cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// The URL is not an absolute http or https URL.
    #[error("\"{0}\" is not an http(s) URL")]
    Url(String),
    /// A header has a name or value that HTTP does not allow. Its value is not told: it may be a key.
    #[error("the header \"{0}\" is not valid in HTTP")]
    Header(String),
}

const RETRY_COUNT: HeaderName = HeaderName::from_static("x-stainless-retry-count");

impl Profile {
    /// A profile for `url`. With `counts_retries`, the header `x-stainless-retry-count` tells the
    /// number of each retry, as the openai SDK does.
    ///
    /// # Errors
    /// [`ProfileError`].
    pub fn new<'a>(
        url: &str,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
        counts_retries: bool,
    ) -> Result<Self, ProfileError> {
        let parsed = url.parse::<Uri>().ok().filter(is_usable);
        let uri = parsed.ok_or_else(|| ProfileError::Url(url.to_owned()))?;
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let invalid = || ProfileError::Header(name.to_owned());
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid())?;
            let latin1: Option<Vec<u8>> = value.chars().map(|c| u8::try_from(c).ok()).collect();
            let mut value =
                HeaderValue::from_bytes(&latin1.ok_or_else(invalid)?).map_err(|_| invalid())?;
            value.set_sensitive(name == http::header::AUTHORIZATION || name == "api-key");
            map.append(name, value);
        }
        Ok(Self { uri, headers: map, counts_retries })
    }

    fn request(&self, body: Bytes, retry: u32) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.uri.clone();
        let mut headers = self.headers.clone();
        if self.counts_retries {
            headers.insert(RETRY_COUNT, HeaderValue::from(retry));
        }
        *request.headers_mut() = headers;
        request
    }
}

/// An absolute http or https URI without a user's name in it, which fetch refuses as well.
fn is_usable(uri: &Uri) -> bool {
    let web = matches!(uri.scheme_str(), Some("http" | "https"));
    web && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
}

/// A request to one target and how long to try.
#[derive(Debug)]
pub struct Exchange {
    /// The connections to use.
    pub http: HttpClient,
    /// Where to and with which headers.
    pub profile: Arc<Profile>,
    /// What to send.
    pub body: Bytes,
    /// For each try: from sending to the response's headers.
    pub timeout: Duration,
    /// How often the same target may be asked again.
    pub max_retries: u32,
}

/// Why there is no successful response.
#[expect(missing_debug_implementations, reason = "a body cannot be shown")]
pub enum Failure {
    /// The server answered with a status that is not 2xx. The body has not been read.
    Status(Verdict, Box<Response<ResponseBody>>),
    /// No answer came.
    Connection(Fault),
    /// No headers came in time.
    TimedOut,
}

impl Exchange {
    /// Sends the request, again where that is right, and returns the first 2xx response.
    ///
    /// # Errors
    /// The last [`Failure`].
    pub async fn run(&self) -> Result<Response<ResponseBody>, Failure> {
        let mut retry = 0;
        loop {
            let failure = match self.attempt(retry).await {
                Ok(response) => return Ok(response),
                Err(failure) => failure,
            };
            let pause = match &failure {
                Failure::Status(Verdict::RateLimited | Verdict::Final, _) => return Err(failure),
                Failure::Status(Verdict::Retryable, response) => asked(response.headers()),
                Failure::Connection(_) | Failure::TimedOut => None,
            };
            if retry >= self.max_retries {
                return Err(failure);
            }
            drop(failure);
            tokio::time::sleep(backoff(pause, retry, rand::random())).await;
            retry += 1;
        }
    }

    async fn attempt(&self, retry: u32) -> Result<Response<ResponseBody>, Failure> {
        let request = self.profile.request(self.body.clone(), retry);
        let response = match tokio::time::timeout(self.timeout, self.http.send(request)).await {
            Err(_) => return Err(Failure::TimedOut),
            Ok(Err(fault)) => return Err(Failure::Connection(fault)),
            Ok(Ok(response)) => response,
        };
        if response.status().is_success() {
            return Ok(response);
        }
        let should_retry = text(response.headers(), "x-should-retry");
        Err(Failure::Status(judge(response.status(), should_retry), Box::new(response)))
    }
}

/// How long the server asks to be left alone, by its headers.
fn asked(headers: &HeaderMap) -> Option<Duration> {
    let hints = RetryHints {
        retry_after_ms: text(headers, "retry-after-ms"),
        retry_after: text(headers, "retry-after"),
    };
    parse_retry_after(hints, SystemTime::now())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
