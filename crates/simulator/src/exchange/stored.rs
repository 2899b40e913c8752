//! Responses that are kept and asked for again: which document is given when; not how long they
//! are kept (see `store`).

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Response;
use serde_json::json;

use super::response;
use crate::answer::body::AnswerBody;
use crate::answer::plan::Plan;
use crate::answer::refusal::Refusal;
use crate::answer::response::{State, render};
use crate::behaviour::fault::FaultKind;
use crate::route::Verb;
use crate::store::{Cancel, Store, Stored};

/// Keeps the response of a plan, if it is to be kept, and gives the document to answer with: of
/// a response in the background, that it is queued. Nothing if the plan is of another API.
pub(super) fn make(
    store: &Store,
    key: &str,
    plan: &Plan,
    streams: bool,
    now: Instant,
) -> Option<Bytes> {
    let terms = plan.terms.as_deref()?;
    let failed = matches!(plan.fault, Some(FaultKind::ErrorEvent { .. }));
    let end = if failed { State::Failed } else { State::Ended };
    let complete = render(plan, terms, end);
    let waits = streams || terms.background;
    if terms.store {
        store.add(Stored {
            id: plan.id.clone(),
            key: key.to_owned(),
            background: terms.background,
            ready: if waits { now + duration(plan) } else { now },
            cancelled: false,
            in_progress: render(plan, terms, State::InProgress),
            cancelled_body: render(plan, terms, State::Cancelled),
            complete: complete.clone(),
        });
    }
    Some(if terms.background { render(plan, terms, State::Queued) } else { complete })
}

/// How long a stream of the plan takes.
fn duration(plan: &Plan) -> Duration {
    let tokens = u32::try_from(plan.spent.completion).unwrap_or(u32::MAX);
    plan.settled.first_token + plan.settled.interval.saturating_mul(tokens)
}

/// Does with a kept response what is asked.
pub(super) fn answer(
    store: &Store,
    key: &str,
    verb: Verb,
    id: &str,
    now: Instant,
) -> Response<AnswerBody> {
    let unknown = || response::refuse(&Refusal::no_response(id));
    match verb {
        Verb::Read => store.get(key, id, now).map_or_else(unknown, response::json),
        Verb::Delete if store.delete(key, id) => {
            let gone = json!({ "id": id, "object": "response", "deleted": true });
            response::json(Bytes::from(gone.to_string()))
        }
        Verb::Delete => unknown(),
        Verb::Cancel => match store.cancel(key, id, now) {
            Cancel::Done(body) => response::json(body),
            Cancel::Synchronous => response::refuse(&Refusal::synchronous()),
            Cancel::Unknown => unknown(),
        },
    }
}
