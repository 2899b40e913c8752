//! A request that a target answers: its body is read and looked at, the client's limits are kept
//! to, an errand is run, and what comes of it is passed on.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use hyper::body::Incoming;
use model_multiplexer_core::multiplexer::Needs;
use model_multiplexer_core::quota::Estimate;
use model_multiplexer_core::wire::{Body, Usage};
use tokio::time::{Instant, timeout};

use crate::ask::Ask;
use crate::config::{MidStream, ResponseModel};
use crate::endpoint::Endpoint;
use crate::errand::{Done, Errand, What, Whom};
use crate::failure;
use crate::guard::key::Known;
use crate::guard::{account, content};
use crate::intake::{self, Bounds};
use crate::outlet::TakenBy;
use crate::payload::Payload;
use crate::plan::Route;
use crate::record::Record;
use crate::refusal::Refusal;
use crate::rename;
use crate::respond;
use crate::shared::Presence;
use crate::stored::{self, Whose};
use crate::stream::{HEARTBEAT, Streaming};
use crate::wishes::{self, Wishes};

/// An errand that can be run.
pub(crate) struct Ready {
    errand: Errand,
    presence: Presence,
}

/// Looks at a request to an endpoint of providers, and at what its client may.
///
/// # Errors
/// What is wrong with the request, or why it is not taken.
pub(crate) async fn prepare(
    endpoint: Endpoint,
    request: Request<Incoming>,
    record: &mut Record,
) -> Result<Ready, Refusal> {
    let presence = enter(record)?;
    content::check(request.headers())?;
    let (wishes, headers) = wishes::read(request.headers())?;
    if let Some(known) = &record.client {
        account::admit(known)?;
    }
    let bounds = record.plan.config.server.bounds;
    let bounds = Bounds { size: bounds.body, time: bounds.arrival };
    let budget = &record.shared.budget;
    let (text, share) = intake::read(request.into_body(), bounds, budget).await?;
    let ask = Ask::read(endpoint, &text)?;
    record.asks(endpoint, &ask.model, ask.stream);
    let may_use = record.client.as_ref().is_none_or(|known| known.may_use(&ask.model));
    let route = record.plan.route(&ask.model).filter(|_| may_use);
    let route = Arc::clone(route.ok_or_else(|| failure::no_such_model(&ask.model))?);
    let before = ask.previous_response_id.as_deref();
    let whom = match before.map(|id| (stored::whose(record, id), id)) {
        Some((Whose::Theirs, id)) => return Err(failure::no_previous_response(id)),
        Some((Whose::Own(key), _)) => Whom::OneOf(key, Arc::clone(&route)),
        // Made elsewhere, or long ago.
        Some((Whose::Unknown, _)) | None => Whom::Route(Arc::clone(&route)),
    };
    reserve(record, &route, &text)?;
    let (stream, at) = (ask.stream, ask.model_at);
    let what = What { endpoint, stream, body: Body::with_model_at(text, at), headers, path: None };
    let errand = Errand { share: Some(share), ..errand(record, what, whom, wishes) };
    Ok(Ready { errand, presence })
}

/// An errand as a request wishes it.
fn errand(record: &Record, what: What, whom: Whom, wishes: Wishes) -> Errand {
    let Wishes { session, require, deadline, wait, mid_stream } = wishes;
    let routing = &record.plan.config.routing;
    let counts = |known: &Arc<Known>| account::is_metered(known);
    let body = Some(what.body.text()).filter(|body| !body.is_empty());
    let expectation = record.plan.expectation.as_ref();
    let estimate = expectation.map_or_else(Estimate::default, |known| known.of(body));
    Errand {
        shared: Arc::clone(&record.shared),
        max_wait: wait.unwrap_or(routing.max_wait),
        total: deadline,
        recovers: mid_stream.unwrap_or(routing.mid_stream) == MidStream::Recover,
        counts_tokens: record.client.as_ref().is_some_and(counts),
        plan: Arc::clone(&record.plan),
        what,
        whom,
        needs: Needs { require, session, estimate, ..Needs::default() },
        trail: record.asked.as_ref().map(|asked| asked.trail.clone()).unwrap_or_default(),
        share: None,
    }
}

/// Takes a request in, if there is room.
///
/// # Errors
/// 503 while the gateway is being stopped, or is full.
fn enter(record: &Record) -> Result<Presence, Refusal> {
    let shared = &record.shared;
    let soon = Some(Duration::from_secs(1));
    if shared.is_draining() {
        return Err(failure::draining());
    }
    shared.enter(record.plan.config.server.bounds.requests).ok_or_else(|| {
        shared.metrics.shed();
        let message = "the gateway answers as many requests as it may";
        Refusal::unavailable("overloaded", message, soon)
    })
}

/// An errand that asks for a stored response where it lies: by `method`, with `end` after its id.
///
/// # Errors
/// As [`prepare`]; 404 where it is not the client's.
pub(crate) fn fetch(
    method: &'static str,
    (id, end): (&str, &str),
    record: &Record,
) -> Result<Ready, Refusal> {
    let presence = enter(record)?;
    if let Some(known) = &record.client {
        account::admit(known)?;
    }
    let Whose::Own(key) = stored::whose(record, id) else {
        return Err(failure::no_response(id));
    };
    let path = format!("/responses/{id}{end}");
    let what = What {
        endpoint: Endpoint::Responses,
        stream: false,
        body: Body::default(),
        headers: HeaderMap::new(),
        path: Some((method, path)),
    };
    Ok(Ready { errand: errand(record, what, Whom::One(key), Wishes::default()), presence })
}

/// Reserves what a request is expected to take of its client's tokens and dollars.
fn reserve(record: &mut Record, route: &Route, text: &str) -> Result<(), Refusal> {
    let Record { plan, client, asked, .. } = record;
    let (Some(known), Some(asked)) = (client, asked) else { return Ok(()) };
    if !account::is_metered(known) {
        return Ok(());
    }
    let expected = plan.expected(text);
    let Estimate { input, output } = expected;
    let dollars = plan.dearest(route).map_or(0.0, |price| price.of(Usage { input, output }));
    asked.held = Some(account::reserve(known, expected.total(), dollars)?);
    asked.expected = expected;
    Ok(())
}

/// A response which its client has to take in time.
fn taken_by(until: Option<Instant>, mut response: Response<Payload>) -> Response<Payload> {
    if let Some(until) = until {
        response.extensions_mut().insert(TakenBy(until));
    }
    response
}

/// Runs an errand and passes on what comes of it.
pub(crate) async fn run(ready: Ready, mut record: Record) -> Response<Payload> {
    let Ready { errand, presence } = ready;
    let is_cut = record.shared.is_cut();
    let until = errand.until();
    let (done, trail) = if errand.what.stream {
        let mut pending = Box::pin(errand.run());
        // Up to the first real event, or until the head has to be sent without it.
        let first = tokio::select! {
            biased;
            first = timeout(HEARTBEAT, &mut pending) => first,
            () = is_cut => return record.refused(&failure::draining()),
        };
        let Ok(done) = first else {
            record.status = 200;
            let stream = Streaming::pending(pending, record, presence);
            return taken_by(until, respond::events(None, stream));
        };
        done
    } else {
        tokio::select! {
            biased;
            done = errand.run() => done,
            () = is_cut => return record.refused(&failure::draining()),
        }
    };
    record.note(&done, trail);
    match done {
        Done::Stream(served, opened) => {
            record.status = 200;
            let stream = Streaming::flowing(opened, served.key, record, presence);
            taken_by(until, respond::events(Some(&served), stream))
        }
        Done::Reply(served, head, body) => {
            stored::note(&record, served.key, &body);
            let body = match record.plan.config.routing.response_model {
                ResponseModel::Upstream => Bytes::from(body),
                ResponseModel::Requested => rename::reply(body, record.model()),
            };
            let response = respond::reply(&served, &head, body);
            record.status = response.status().as_u16();
            response
        }
        Done::Failed(failed) => {
            let attempts = record.attempts();
            let response = respond::told(failure::told(failed, record.model()), attempts);
            record.status = response.status().as_u16();
            response
        }
    }
}
