//! What a client is told when no target has answered. A provider's own words are passed on only
//! where they are about the request.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use model_multiplexer_core::fleet::Unavailable;
use model_multiplexer_core::mailbox::Letter;
use model_multiplexer_core::outcome::Outcome;

use crate::errand::Failed;
use crate::refusal::{Kind, Refusal};

/// An answer that is no success.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// In the gateway's words.
    Own(Refusal),
    /// In the provider's, as JSON.
    Theirs(StatusCode, Bytes),
}

/// What is told of a request for this model that has failed.
pub(crate) fn told(failed: Failed, model: &str) -> Told {
    let retry_after = failed.retry_after;
    match failed.last {
        Some((outcome, letter)) => {
            let own = of_outcome(outcome, model);
            match theirs(outcome, letter) {
                Some(theirs) => theirs,
                None => Told::Own(Refusal { retry_after, ..own }),
            }
        }
        None => Told::Own(Refusal { retry_after, ..of_nobody(failed.unavailable, model) }),
    }
}

/// There is no such stored response, or it is another client's.
pub(crate) fn no_response(id: &str) -> Refusal {
    let message = format!("Response with id '{id}' not found.");
    Refusal::new(StatusCode::NOT_FOUND, Kind::InvalidRequest, "response_not_found", message)
}

/// The same of one that is to be gone on from.
pub(crate) fn no_previous_response(id: &str) -> Refusal {
    let message = format!("Previous response with id '{id}' not found.");
    let code = "previous_response_not_found";
    let refusal = Refusal::new(StatusCode::NOT_FOUND, Kind::InvalidRequest, code, message);
    refusal.of("previous_response_id")
}

/// A refusal of the request itself, in the words of the one who refused it.
fn theirs(outcome: Outcome, letter: Letter) -> Option<Told> {
    let about_request =
        matches!(outcome, Outcome::BadRequest | Outcome::ContextTooLong | Outcome::ContentRefused);
    let Letter::Refused { head, body } = letter else { return None };
    let status = head.get(..3)?.parse().ok().and_then(|code| StatusCode::from_u16(code).ok())?;
    let is_json = body.trim_start().starts_with('{');
    // An error that came with 200 has no status that says so.
    let status = if status.is_client_error() { status } else { StatusCode::BAD_REQUEST };
    (about_request && is_json && !may_tell_secrets(status))
        .then(|| Told::Theirs(status, body.into()))
}

/// What is said about a key may have a part of it.
fn may_tell_secrets(status: StatusCode) -> bool {
    matches!(status.as_u16(), 401..=403 | 407)
}

fn of_outcome(outcome: Outcome, model: &str) -> Refusal {
    let gateway = |status, code, what: &str| {
        Refusal::new(status, Kind::Server, code, format!("{what} for model \"{model}\""))
    };
    let bad = |code, what: &str| Refusal::bad_request(code, format!("{what} (model \"{model}\")"));
    match outcome {
        Outcome::RateLimited => Refusal::limited("rate_limit_exceeded", all_exhausted(model), None),
        Outcome::QuotaUsedUp | Outcome::BadCredentials => Refusal::unavailable(
            "provider_unavailable",
            format!("No provider could answer for model \"{model}\""),
            None,
        ),
        Outcome::Overloaded => Refusal::unavailable(
            "overloaded",
            format!("All providers for model \"{model}\" are overloaded"),
            None,
        ),
        Outcome::ModelNotFound => no_such_model(model),
        Outcome::TimedOut => {
            gateway(StatusCode::GATEWAY_TIMEOUT, "timeout", "No provider answered in time")
        }
        Outcome::ContextTooLong => {
            bad("context_length_exceeded", "The request is longer than the model's context")
        }
        Outcome::ContentRefused => bad("content_filter", "The provider refused the content"),
        Outcome::BadRequest => bad("invalid_request", "The provider refused the request"),
        Outcome::Success | Outcome::Unavailable | Outcome::Aborted | Outcome::Truncated => {
            gateway(StatusCode::BAD_GATEWAY, "provider_error", "No provider could answer")
        }
    }
}

fn of_nobody(unavailable: Option<Unavailable>, model: &str) -> Refusal {
    match unavailable {
        Some(Unavailable::Resting(_)) => {
            Refusal::limited("rate_limit_exceeded", all_exhausted(model), None)
        }
        Some(Unavailable::AtCapacity(_)) => {
            let message = format!("All providers for model \"{model}\" are at capacity");
            Refusal::limited("at_capacity", message, None)
        }
        Some(Unavailable::Unmatched) => Refusal::unavailable(
            "no_provider",
            format!("No provider for model \"{model}\" has what the request requires"),
            None,
        ),
        Some(Unavailable::Empty) | None => {
            Refusal::unavailable("no_provider", "No providers available", None)
        }
    }
}

fn all_exhausted(model: &str) -> String {
    format!("All providers for model \"{model}\" are exhausted")
}

/// 404.
pub(crate) fn no_such_model(model: &str) -> Refusal {
    let message = format!("The model \"{model}\" does not exist");
    let kind = Kind::InvalidRequest;
    Refusal::new(StatusCode::NOT_FOUND, kind, "model_not_found", message).of("model")
}

/// 503 of a gateway that is being stopped.
pub(crate) fn draining() -> Refusal {
    let message = "the gateway is being stopped";
    Refusal::unavailable("draining", message, Some(Duration::from_secs(1)))
}

/// The error of a stream that has broken off.
pub(crate) fn broken_off() -> Refusal {
    let message = "The stream was interrupted: the provider did not finish the answer";
    Refusal::new(StatusCode::BAD_GATEWAY, Kind::Server, "stream_interrupted", message)
}
