//! One attempt at one target: a request, sent again to the same target as often as the openai
//! SDK would. It does not choose the target and does not read the body of a success.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::HeaderMap;

use super::http_client::{Fault, Head, HttpClient, Response};
use super::profile::Profile;
use crate::outcome::{Interruption, RetryHints, Verdict, backoff, parse_retry_after};

/// A request to one target and how long to try.
#[derive(Debug)]
pub struct Exchange {
    /// The connections to use.
    pub http: HttpClient,
    /// Where to and with which headers.
    pub profile: Arc<Profile>,
    /// Headers of this request alone.
    pub headers: HeaderMap,
    /// What to send.
    pub body: Bytes,
    /// For each try: from sending to the response's headers.
    pub timeout: Duration,
    /// How often the same target may be asked again.
    pub max_retries: u32,
    /// Enters each further request before it is sent; none where nobody counts them.
    pub booking: Option<Booking>,
}

/// Who has to allow that a request is sent once more.
pub struct Booking(Box<dyn Fn() -> bool + Send + Sync>);

impl Booking {
    /// `take` says whether one more may be sent, and enters it.
    pub fn new(take: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Box::new(take))
    }
}

impl fmt::Debug for Booking {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Booking")
    }
}

/// Why there is no successful response.
#[expect(missing_debug_implementations, reason = "a body cannot be shown")]
pub enum Failure {
    /// The server answered with a status that is not 2xx. The body has not been read.
    Status(Verdict, Box<Response>),
    /// No answer came.
    Connection(Fault),
    /// No headers came in time.
    TimedOut,
}

impl Failure {
    fn is_before_sending(&self) -> bool {
        let Self::Connection(fault) = self else { return false };
        Interruption::Broken { code: fault.code }.is_before_sending()
    }
}

impl Exchange {
    /// Sends the request, again where that is right, and returns the first 2xx response.
    ///
    /// # Errors
    /// The last [`Failure`].
    pub async fn run(&self) -> Result<Response, Failure> {
        let mut retry = 0;
        loop {
            let failure = match self.attempt(retry).await {
                Ok(response) => return Ok(response),
                Err(failure) => failure,
            };
            let pause = match &failure {
                Failure::Status(Verdict::RateLimited | Verdict::Final, _) => return Err(failure),
                Failure::Status(Verdict::Retryable, response) => asked(&response.head),
                Failure::Connection(_) | Failure::TimedOut => None,
            };
            if retry >= self.max_retries || !self.may_send_again(&failure) {
                return Err(failure);
            }
            drop(failure);
            tokio::time::sleep(backoff(pause, retry, rand::random())).await;
            retry += 1;
        }
    }

    /// The entry of a request of which nothing was sent is that of the next.
    fn may_send_again(&self, failure: &Failure) -> bool {
        let Some(Booking(take)) = &self.booking else { return true };
        failure.is_before_sending() || take()
    }

    async fn attempt(&self, retry: u32) -> Result<Response, Failure> {
        let sent = self.http.send(&self.profile, &self.headers, self.body.clone(), retry);
        let response = match tokio::time::timeout(self.timeout, sent).await {
            Err(_) => return Err(Failure::TimedOut),
            Ok(Err(fault)) => return Err(Failure::Connection(fault)),
            Ok(Ok(response)) => response,
        };
        if response.head.is_success() {
            return Ok(response);
        }
        let verdict = Verdict::of(response.head.status, response.head.get("x-should-retry"));
        Err(Failure::Status(verdict, Box::new(response)))
    }
}

/// How long the server asks to be left alone, by its headers.
fn asked(head: &Head) -> Option<Duration> {
    let hints = RetryHints {
        retry_after_ms: head.get("retry-after-ms"),
        retry_after: head.get("retry-after"),
    };
    parse_retry_after(hints, SystemTime::now())
}
