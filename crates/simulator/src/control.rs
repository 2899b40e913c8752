//! The endpoints that look into a simulator and change it; not those that answer for a provider.

use std::sync::atomic::Ordering;

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::json;

use crate::answer::body::AnswerBody;
use crate::config::{Script, read_json};
use crate::exchange::response;
use crate::provider::Provider;
use crate::request::refuse_script;
use crate::route::Control;
use crate::script::ActiveScript;

/// Answers a control request.
pub(crate) fn answer(provider: &Provider, control: Control, body: &[u8]) -> Response<AnswerBody> {
    match control {
        Control::ReadJournal => response::json(Bytes::from(provider.journal.to_json())),
        Control::ClearJournal => {
            provider.journal.clear();
            no_content()
        }
        Control::Stats => {
            let count = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
            let counters = &provider.counters;
            let stats = json!({
                "connectionsOpen": count(&counters.connections_open),
                "connectionsTotal": count(&counters.connections_total),
                "requestsTotal": count(&counters.requests_total),
                "streamsOpen": count(&counters.streams_open),
            });
            response::json(Bytes::from(stats.to_string()))
        }
        Control::ReplaceScript => match read_json::<Script>(body) {
            Ok(script) => {
                provider.replace(ActiveScript::new(script));
                no_content()
            }
            Err(error) => response::refuse(&refuse_script("script", &error)),
        },
    }
}

fn no_content() -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}
