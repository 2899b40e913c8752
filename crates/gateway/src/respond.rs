//! Responses, made from what they say. Of a provider's headers only those are passed on that are
//! about the answer: no cookies, no names of its accounts, nothing about the connection.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};

use crate::errand::Served;
use crate::failure::Told;
use crate::payload::Payload;
use crate::record::Record;
use crate::refusal::Refusal;
use crate::stream::Streaming;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const EVENTS: HeaderValue = HeaderValue::from_static("text/event-stream; charset=utf-8");
/// Nobody in between keeps, changes or gathers what is on its way.
const AS_IT_COMES: HeaderValue = HeaderValue::from_static("no-cache, no-transform");
const NO: HeaderValue = HeaderValue::from_static("no");

const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
const TARGET: HeaderName = HeaderName::from_static("x-mm-target");
const MODEL: HeaderName = HeaderName::from_static("x-mm-model");
const ATTEMPTS: HeaderName = HeaderName::from_static("x-mm-attempts");

/// A provider's headers that are passed on.
const PASSED_ON: [&str; 2] = ["openai-processing-ms", "openai-version"];

/// A stream; `served` is who has answered, if somebody has.
pub(crate) fn events(served: Option<&Served>, stream: Streaming) -> Response<Payload> {
    let mut response = Response::new(Payload::Stream(Box::new(stream)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, EVENTS);
    headers.insert(CACHE_CONTROL, AS_IT_COMES);
    headers.insert(ACCEL_BUFFERING, NO);
    if let Some(served) = served {
        name(headers, served);
    }
    response
}

/// A provider's reply with this head.
pub(crate) fn reply(served: &Served, head: &str, body: Bytes) -> Response<Payload> {
    let mut response = Response::new(Payload::from(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, JSON);
    for line in head.split('\n').skip(1) {
        let Some((name, value)) = line.split_once(": ") else { continue };
        let name = match PASSED_ON.iter().find(|known| **known == name) {
            Some(known) => HeaderName::from_static(known),
            None if name == CONTENT_TYPE.as_str() => CONTENT_TYPE,
            None => continue,
        };
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    name(headers, served);
    response
}

/// Says who has answered.
fn name(headers: &mut HeaderMap, served: &Served) {
    headers.insert(TARGET, served.upstream.id_header.clone());
    headers.insert(MODEL, served.upstream.model_header.clone());
    headers.insert(ATTEMPTS, served.attempts.into());
}

/// What is said of a failure after so many attempts.
pub(crate) fn told(told: Told, attempts: u64) -> Response<Payload> {
    let mut response = match told {
        Told::Own(refusal) => refused(&refusal),
        Told::Theirs(status, body) => json(status, body),
    };
    response.headers_mut().insert(ATTEMPTS, attempts.into());
    response
}

/// What is wrong.
fn refused(refusal: &Refusal) -> Response<Payload> {
    let mut response = json(refusal.status, refusal.body());
    if let Some(span) = refusal.retry_after {
        // In whole seconds, and not too early (RFC 9110 §10.2.3).
        let seconds = span.as_millis().div_ceil(1000).max(1) as u64;
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response
}

/// JSON.
pub(crate) fn json(status: StatusCode, body: Bytes) -> Response<Payload> {
    typed(status, JSON, body)
}

/// A body of this type.
pub(crate) fn typed(status: StatusCode, kind: HeaderValue, body: Bytes) -> Response<Payload> {
    let mut response = Response::new(Payload::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

impl Record {
    /// Is over with this response.
    pub(crate) fn answered(mut self, response: Response<Payload>) -> Response<Payload> {
        self.status = response.status().as_u16();
        response
    }

    /// Is over with this refusal.
    pub(crate) fn refused(self, refusal: &Refusal) -> Response<Payload> {
        let mut response = refused(refusal);
        if refusal.status == StatusCode::UNAUTHORIZED {
            // RFC 9110 §11.6.1.
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        self.answered(response)
    }
}
