//! How a body becomes a response: its type, its encoding, and the faults in the middle of it; not
//! the headers every answer has (see `exchange`).

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use serde_json::json;

use crate::answer::body::AnswerBody;
use crate::answer::chance::Chance;
use crate::answer::drip::Drip;
use crate::answer::plan::Plan;
use crate::answer::refusal::{Refusal, stream_error};
use crate::behaviour::fault::FaultKind;
use crate::behaviour::settled::Settled;
use crate::connection::Gauge;
use crate::journal::Trace;
use crate::provider::Counters;
use crate::stream::body::EventBody;
use crate::stream::gzip;
use crate::stream::render::Renderer;

pub(crate) const JSON: &str = "application/json";
pub(crate) const EVENT_STREAM: &str = "text/event-stream; charset=utf-8";

/// A JSON document.
pub(crate) fn json(bytes: Bytes) -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::whole(bytes));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    response
}

/// An error.
pub(crate) fn refuse(refusal: &Refusal) -> Response<AnswerBody> {
    let mut response = json(Bytes::from(refusal.body.clone()));
    *response.status_mut() = refusal.status;
    response
}

/// A healthy JSON document, unless a fault is in it.
pub(crate) fn document(
    whole: Bytes,
    settled: &Settled,
    fault: Option<&FaultKind>,
) -> Response<AnswerBody> {
    let whole = match fault {
        Some(FaultKind::MalformedEvent { .. }) => whole.slice(..whole.len() / 2),
        Some(FaultKind::ErrorEvent { error: Some(error), .. }) => {
            Bytes::from(json!({ "error": error }).to_string())
        }
        Some(FaultKind::ErrorEvent { provider: Some(provider), .. }) => {
            Bytes::from(json!({ "error": provider.error() }).to_string())
        }
        Some(FaultKind::ErrorEvent { .. }) => {
            Bytes::from(json!({ "error": stream_error() }).to_string())
        }
        _ => whole,
    };
    let whole = if settled.gzip { gzip::whole(&whole) } else { whole };
    let body = match fault {
        Some(FaultKind::Cut { .. }) => AnswerBody::half(&whole, false),
        Some(FaultKind::Stall { .. }) => AnswerBody::half(&whole, true),
        Some(FaultKind::Trickle { bytes_per_second, .. }) => {
            AnswerBody::drip(Drip::trickle(whole, *bytes_per_second))
        }
        Some(FaultKind::Pings { every, count, .. }) => {
            AnswerBody::drip(Drip::pings(whole, *every, *count))
        }
        _ => AnswerBody::whole(whole),
    };
    healthy(body, settled, JSON)
}

/// A stream of events.
pub(crate) fn events(
    plan: Plan,
    chance: Chance,
    trace: Trace,
    counters: &Counters,
) -> Response<AnswerBody> {
    let settled = std::sync::Arc::clone(&plan.settled);
    // From here on the trace belongs to the body.
    trace.answered(StatusCode::OK.as_u16());
    let open = Gauge::up(&counters.streams_open);
    let events = EventBody::new(Renderer::new(plan, chance), trace, open);
    let mut response = healthy(AnswerBody::Events(Box::new(events)), &settled, EVENT_STREAM);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

fn healthy(body: AnswerBody, settled: &Settled, kind: &'static str) -> Response<AnswerBody> {
    let mut response = Response::new(body);
    let kind = settled.content_type.clone().unwrap_or(HeaderValue::from_static(kind));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, kind);
    if settled.gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}
