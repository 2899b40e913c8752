//! An answer of the gateway's own that says what is wrong: `{error: {message, type, param?, code}}`.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use serde::Serialize;

/// What a client is told instead of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    /// `type` in the body.
    pub(crate) kind: Kind,
    /// `code` in the body.
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// The member of the request that is wrong.
    pub(crate) param: Option<&'static str>,
    /// When it is worth asking again.
    pub(crate) retry_after: Option<Duration>,
}

/// Kinds of errors, by the names that `OpenAI` gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum Kind {
    #[serde(rename = "invalid_request_error")]
    InvalidRequest,
    #[serde(rename = "authentication_error")]
    Authentication,
    #[serde(rename = "rate_limit_error")]
    RateLimit,
    #[serde(rename = "server_error")]
    Server,
}

#[derive(Serialize)]
struct Body<'a> {
    error: Error<'a>,
}

#[derive(Serialize)]
struct Error<'a> {
    message: &'a str,
    r#type: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    param: Option<&'static str>,
    code: &'a str,
}

#[derive(Serialize)]
struct ResponseError<'a> {
    r#type: &'static str,
    code: &'a str,
    message: &'a str,
    param: Option<&'static str>,
}

impl Refusal {
    pub(crate) fn new(
        status: StatusCode,
        kind: Kind,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self { status, kind, code, message: message.into(), param: None, retry_after: None }
    }

    /// 400.
    pub(crate) fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Kind::InvalidRequest, code, message)
    }

    /// 401.
    pub(crate) fn unauthorized(message: &str) -> Self {
        let kind = Kind::Authentication;
        Self::new(StatusCode::UNAUTHORIZED, kind, "invalid_api_key", message)
    }

    /// 429.
    pub(crate) fn limited(
        code: &'static str,
        message: impl Into<String>,
        retry_after: Option<Duration>,
    ) -> Self {
        let limited = Self::new(StatusCode::TOO_MANY_REQUESTS, Kind::RateLimit, code, message);
        Self { retry_after, ..limited }
    }

    /// 503.
    pub(crate) fn unavailable(
        code: &'static str,
        message: impl Into<String>,
        retry_after: Option<Duration>,
    ) -> Self {
        let refusal = Self::new(StatusCode::SERVICE_UNAVAILABLE, Kind::Server, code, message);
        Self { retry_after, ..refusal }
    }

    /// The same about a member of the request.
    pub(crate) fn of(self, param: &'static str) -> Self {
        Self { param: Some(param), ..self }
    }

    /// As JSON.
    pub(crate) fn body(&self) -> Bytes {
        let Self { kind, code, message, param, .. } = self;
        let error = Error { message, r#type: *kind, param: *param, code };
        // Text always serialises.
        serde_json::to_vec(&Body { error }).unwrap_or_default().into()
    }

    /// As an event of a stream of the Responses API that has begun.
    pub(crate) fn response_event(&self) -> Bytes {
        let Self { code, message, param, .. } = self;
        let event = ResponseError { r#type: "error", code, message, param: *param };
        // Text always serialises.
        let body = serde_json::to_vec(&event).unwrap_or_default();
        [b"event: error\ndata: ".as_slice(), &body, b"\n\n"].concat().into()
    }

    /// As an event of a stream that has begun.
    pub(crate) fn event(&self) -> Bytes {
        let body = self.body();
        [b"data: ".as_slice(), &body, b"\n\n"].concat().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_has_the_shape_of_an_openai_error() {
        let refusal = Refusal::bad_request("invalid_model", "model is required").of("model");
        assert_eq!(
            refusal.body(),
            r#"{"error":{"message":"model is required","type":"invalid_request_error","param":"model","code":"invalid_model"}}"#
        );
        let limited = Refusal::limited("rate_limit_exceeded", "a \"b\"", None);
        assert_eq!(
            limited.event(),
            "data: {\"error\":{\"message\":\"a \\\"b\\\"\",\"type\":\"rate_limit_error\",\"code\":\"rate_limit_exceeded\"}}\n\n"
        );
    }
}
