//! Whether the body of a success is an answer, an error in disguise, or nothing of use. It does
//! not decide which error it is.

use super::care::Care;
use crate::wire::event::glance;
use crate::wire::http_client::Head;

/// What a body turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    Answer,
    /// JSON that says that it is an error.
    Error,
    /// A page, half an answer, or none.
    Nothing,
}

/// Looks at the body of a response with 2xx. Only where JSON was asked for is anything expected:
/// speech and lists of lines are answers too.
pub(super) fn reading(head: &Head, body: &str, care: &Care) -> Reading {
    if !care.has_json {
        return Reading::Answer;
    }
    let kind = head.get("content-type").unwrap_or_default();
    if !kind.contains("json") {
        let is_nothing = body.is_empty() || kind.starts_with("text/html");
        return if is_nothing { Reading::Nothing } else { Reading::Answer };
    }
    match glance(body) {
        None => Reading::Nothing,
        Some(glance) if glance.has_error || glance.step.failed => Reading::Error,
        Some(glance) => {
            if let Some(usage) = glance.usage {
                care.meter.report(usage);
            }
            Reading::Answer
        }
    }
}
