//! What is answered to a request: which path is whose, and in which order a request is looked at.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use model_multiplexer_core::multiplexer::Needs;
use model_multiplexer_core::wire::Body;
use tokio::time::timeout;

use crate::ask::Ask;
use crate::endpoint::Endpoint;
use crate::errand::{Done, Errand, Served, What, Whom};
use crate::failure::{self, Told};
use crate::health;
use crate::intake::{self, Bounds};
use crate::payload::Payload;
use crate::plan::Plan;
use crate::refusal::{Kind, Refusal};
use crate::shared::{Presence, Shared};
use crate::stream::{HEARTBEAT, Streaming};

/// An answer, or what is wrong.
type Answer = Result<Response<Payload>, Refusal>;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const EVENTS: HeaderValue = HeaderValue::from_static("text/event-stream; charset=utf-8");
/// Nobody in between keeps, changes or gathers what is on its way.
const AS_IT_COMES: HeaderValue = HeaderValue::from_static("no-cache, no-transform");
const NO: HeaderValue = HeaderValue::from_static("no");

const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
const TARGET: HeaderName = HeaderName::from_static("x-mm-target");
const MODEL: HeaderName = HeaderName::from_static("x-mm-model");
const ATTEMPTS: HeaderName = HeaderName::from_static("x-mm-attempts");

/// Answers a request.
pub(crate) async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Response<Payload> {
    let answered = dispatch(&shared, request).await;
    answered.unwrap_or_else(|refusal| refused(&refusal))
}

async fn dispatch(shared: &Arc<Shared>, request: Request<Incoming>) -> Answer {
    let path = request.uri().path();
    let below = path.strip_prefix("/v1").unwrap_or(path);
    let plan = shared.plan();
    match (request.method(), below) {
        (&Method::POST, "/chat/completions") => ask(shared, plan, Endpoint::Chat, request).await,
        (&Method::POST, "/completions") => ask(shared, plan, Endpoint::Completions, request).await,
        (&Method::POST, "/embeddings") => ask(shared, plan, Endpoint::Embeddings, request).await,
        (&Method::POST, "/responses") => ask(shared, plan, Endpoint::Responses, request).await,
        (&Method::GET, "/models") => Ok(json(StatusCode::OK, plan.listing.list(None))),
        (&Method::GET, "/health") => Ok(json(StatusCode::OK, health::report(&plan, &shared.fleet))),
        (&Method::GET, _) if below.starts_with("/models/") => {
            let id = &below["/models/".len()..];
            let listed = plan.listing.one(id).map(|model| json(StatusCode::OK, model));
            listed.ok_or_else(|| failure::no_such_model(id))
        }
        _ => Err(nowhere(request.method(), path)),
    }
}

fn nowhere(method: &Method, path: &str) -> Refusal {
    let message = format!("there is nothing at {method} {path}");
    Refusal::new(StatusCode::NOT_FOUND, Kind::InvalidRequestError, "not_found", message)
}

/// A request that a target answers.
async fn ask(
    shared: &Arc<Shared>,
    plan: Arc<Plan>,
    endpoint: Endpoint,
    request: Request<Incoming>,
) -> Answer {
    let bounds = plan.config.server.bounds;
    let presence = shared.enter(bounds.requests).ok_or_else(shed)?;
    let bounds = Bounds { size: bounds.body, time: bounds.arrival };
    let (text, share) = intake::read(request.into_body(), bounds, &shared.budget).await?;
    let ask = Ask::read(endpoint, &text)?;
    let route = plan.route(&ask.model).ok_or_else(|| failure::no_such_model(&ask.model))?;
    let (model, stream, at) = (ask.model.into_owned(), ask.stream, ask.model_at);
    let errand = Errand {
        fleet: Arc::clone(&shared.fleet),
        what: What {
            endpoint,
            stream,
            body: Body::with_model_at(text, at),
            headers: HeaderMap::new(),
            method_and_path: None,
        },
        whom: Whom::Route(Arc::clone(route)),
        needs: Needs::default(),
        max_wait: plan.config.routing.max_wait,
        total: None,
        share: Some(share),
        plan,
    };
    if stream {
        return Ok(streamed(errand, &model, presence).await);
    }
    Ok(match errand.run().await {
        Done::Reply(served, head, body) => replied(&served, &head, body),
        Done::Stream(..) => refused(&failure::broken_off()),
        Done::Failed(failed) => told(failure::told(failed, &model)),
    })
}

/// Waits for the first real event, or until the head has to be sent without it.
async fn streamed(errand: Errand, model: &str, presence: Presence) -> Response<Payload> {
    let mut pending = Box::pin(errand.run());
    match timeout(HEARTBEAT, &mut pending).await {
        Err(_) => events(None, Streaming::pending(pending, model, presence)),
        Ok(Done::Stream(served, opened)) => {
            events(Some(&served), Streaming::flowing(opened, model, presence))
        }
        Ok(Done::Reply(served, head, body)) => replied(&served, &head, body),
        Ok(Done::Failed(failed)) => told(failure::told(failed, model)),
    }
}

fn events(served: Option<&Served>, stream: Streaming) -> Response<Payload> {
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

fn replied(served: &Served, head: &str, body: String) -> Response<Payload> {
    let mut response = Response::new(Payload::from(Bytes::from(body)));
    let headers = response.headers_mut();
    let kind = head.split('\n').find_map(|line| line.strip_prefix("content-type: "));
    let kind = kind.and_then(|kind| HeaderValue::from_str(kind).ok()).unwrap_or(JSON);
    headers.insert(CONTENT_TYPE, kind);
    name(headers, served);
    response
}

/// Says who has answered.
fn name(headers: &mut HeaderMap, served: &Served) {
    headers.insert(TARGET, served.upstream.id_header.clone());
    headers.insert(MODEL, served.upstream.model_header.clone());
    headers.insert(ATTEMPTS, served.attempts.into());
}

fn told(told: Told) -> Response<Payload> {
    match told {
        Told::Own(refusal) => refused(&refusal),
        Told::Theirs(status, body) => json(status, body),
    }
}

fn refused(refusal: &Refusal) -> Response<Payload> {
    let mut response = json(refusal.status, refusal.body());
    if let Some(span) = refusal.retry_after {
        // In whole seconds, and not too early (RFC 9110 §10.2.3).
        let seconds = span.as_millis().div_ceil(1000).max(1) as u64;
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response
}

fn json(status: StatusCode, body: Bytes) -> Response<Payload> {
    let mut response = Response::new(Payload::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

fn shed() -> Refusal {
    let message = "the gateway answers as many requests as it may";
    Refusal::unavailable("overloaded", message, Some(std::time::Duration::from_secs(1)))
}
