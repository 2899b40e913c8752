//! Errors in the style of OpenAI: the status and the body; not when one is due (see `exchange`).

use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

/// A refusal to answer.
#[derive(Debug, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) body: String,
}

/// The members in the order in which OpenAI sends them.
#[derive(Serialize)]
struct ErrorMembers<'a> {
    message: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    param: Option<&'a str>,
    code: Option<&'a str>,
}

#[derive(Serialize)]
struct ErrorDocument<'a> {
    error: ErrorMembers<'a>,
}

impl Refusal {
    fn new(
        status: StatusCode,
        kind: &str,
        message: &str,
        param: Option<&str>,
        code: Option<&str>,
    ) -> Self {
        let error = ErrorMembers { message, kind, param, code };
        // Strings cannot fail to be written.
        let body = serde_json::to_string(&ErrorDocument { error }).unwrap_or_default();
        Self { status, body }
    }

    /// 400: the request is wrong, in this parameter if one is to blame.
    pub(crate) fn bad_request(message: &str, param: Option<&str>, code: Option<&str>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message, param, code)
    }

    /// 400: the body is not JSON.
    pub(crate) fn not_json() -> Self {
        let message = "We could not parse the JSON body of your request. (HINT: This likely means \
                       you aren't using your HTTP library correctly. The OpenAI API expects a JSON \
                       payload, but what was sent was not valid JSON.)";
        Self::bad_request(message, None, None)
    }

    /// 400: a parameter is missing.
    pub(crate) fn missing(param: &str) -> Self {
        let message = format!("Missing required parameter: '{param}'.");
        Self::bad_request(&message, Some(param), Some("missing_required_parameter"))
    }

    /// 400: a parameter is one the provider does not know.
    pub(crate) fn unknown_parameter(param: &str) -> Self {
        let message = format!("Unknown parameter: '{param}'.");
        Self::bad_request(&message, Some(param), Some("unknown_parameter"))
    }

    /// 400: a response is to go on from one that this key does not have.
    pub(crate) fn no_previous(id: &str) -> Self {
        let message = format!("Previous response with id '{id}' not found.");
        let code = Some("previous_response_not_found");
        Self::bad_request(&message, Some("previous_response_id"), code)
    }

    /// 400: only responses in the background can be cancelled.
    pub(crate) fn synchronous() -> Self {
        Self::bad_request("Cannot cancel a synchronous response.", None, None)
    }

    /// 404: this key has no such response.
    pub(crate) fn no_response(id: &str) -> Self {
        let message = format!("Response with id '{id}' not found.");
        Self::new(StatusCode::NOT_FOUND, "invalid_request_error", &message, None, None)
    }

    /// 401: there is no key.
    pub(crate) fn no_key() -> Self {
        let message = "You didn't provide an API key. You need to provide your API key in an \
                       Authorization header using Bearer auth (i.e. Authorization: Bearer \
                       YOUR_KEY).";
        Self::new(StatusCode::UNAUTHORIZED, "invalid_request_error", message, None, None)
    }

    /// 404: there is no such endpoint.
    pub(crate) fn unknown_url(method: &str, path: &str) -> Self {
        let message = format!("Invalid URL ({method} {path})");
        Self::new(StatusCode::NOT_FOUND, "invalid_request_error", &message, None, None)
    }

    /// 413: the body is larger than the simulator takes.
    pub(crate) fn too_large() -> Self {
        let message = "The request body is too large.";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request_error", message, None, None)
    }

    /// 429: a limit is used up. `kind` is `requests` or `tokens`.
    pub(crate) fn limited(kind: &str, message: &str) -> Self {
        let code = Some("rate_limit_exceeded");
        Self::new(StatusCode::TOO_MANY_REQUESTS, kind, message, None, code)
    }

    /// What a scripted status says if its script says nothing.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let (kind, message, code) = match status.as_u16() {
            401 => {
                ("invalid_request_error", "Incorrect API key provided.", Some("invalid_api_key"))
            }
            403 => ("permission_error", "You are not allowed to use this model.", None),
            404 => (
                "invalid_request_error",
                "The model does not exist or you do not have access to it.",
                Some("model_not_found"),
            ),
            429 => ("requests", "Rate limit reached for requests.", Some("rate_limit_exceeded")),
            400..=499 => ("invalid_request_error", "The request was refused.", None),
            503 | 529 => ("server_error", "The engine is currently overloaded.", None),
            _ => (
                "server_error",
                "The server had an error while processing your request. Sorry about that!",
                None,
            ),
        };
        Self::new(status, kind, message, None, code)
    }
}

/// The `error` member of an error in the middle of a stream.
pub(crate) fn stream_error() -> Value {
    json!({
        "message": "The server had an error while processing your request. Sorry about that!",
        "type": "server_error",
        "param": null,
        "code": null
    })
}
