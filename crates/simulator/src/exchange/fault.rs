//! Faults that need no knowledge of the healthy answer; not those in the middle of a body (see
//! `response` and `stream`).

use std::time::SystemTime;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Response, StatusCode};

use super::response;
use crate::answer::body::AnswerBody;
use crate::answer::refusal::Refusal;
use crate::behaviour::fault::FaultKind;

const HTML: &str = "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>\
                    <body><center><h1>502 Bad Gateway</h1></center></body></html>\n";
/// Cut off in the middle of a string.
const BROKEN_JSON: &str = r#"{"id":"chatcmpl-broken","object":"chat.completion","choices":[{"ind"#;

/// The answer of a fault that replaces the answer.
pub(crate) fn replace(
    fault: &FaultKind,
    model: &str,
    streams: bool,
) -> Option<Response<AnswerBody>> {
    Some(match fault {
        FaultKind::Status { status, body, headers } => {
            let refusal = Refusal::of_status(*status);
            let mut response = match body {
                None => response::refuse(&refusal),
                Some(body) => with_status(response::json(Bytes::from(body.to_bytes())), *status),
            };
            for (name, value) in &headers.0 {
                response.headers_mut().insert(name.clone(), value.clone());
            }
            response
        }
        FaultKind::Refusal(error) => {
            let spelled = error.spell(model, SystemTime::now());
            let mut response = with_status(response::json(spelled.body.into()), spelled.status);
            response.headers_mut().extend(spelled.headers);
            response
        }
        FaultKind::EmptyBody(status) => {
            let kind = if streams { response::EVENT_STREAM } else { response::JSON };
            typed(with_status(Response::new(AnswerBody::empty()), *status), kind)
        }
        FaultKind::Html(status) => {
            let body = AnswerBody::whole(Bytes::from_static(HTML.as_bytes()));
            typed(with_status(Response::new(body), *status), "text/html; charset=utf-8")
        }
        FaultKind::InvalidJson => response::json(Bytes::from_static(BROKEN_JSON.as_bytes())),
        FaultKind::NoContent => {
            with_status(Response::new(AnswerBody::empty()), StatusCode::NO_CONTENT)
        }
        FaultKind::Redirect { status, location } => {
            let mut response = with_status(Response::new(AnswerBody::empty()), *status);
            response.headers_mut().insert(LOCATION, location.clone());
            response
        }
        _ => return None,
    })
}

fn with_status(mut response: Response<AnswerBody>, status: StatusCode) -> Response<AnswerBody> {
    *response.status_mut() = status;
    response
}

fn typed(mut response: Response<AnswerBody>, kind: &'static str) -> Response<AnswerBody> {
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
