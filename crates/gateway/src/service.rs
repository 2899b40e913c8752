//! What is answered to a request: which path is whose, and in which order a request is looked at.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::ALLOW;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use time::OffsetDateTime;
use tokio::time::Instant;

use crate::endpoint::Endpoint;
use crate::failure;
use crate::guard::{browser, content, host, place};
use crate::health;
use crate::metrics;
use crate::payload::Payload;
use crate::record::Record;
use crate::refusal::{Kind, Refusal};
use crate::relayed;
use crate::respond::{json, typed};
use crate::shared::Shared;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const MM_REQUEST_ID: HeaderName = HeaderName::from_static("x-mm-request-id");
/// Prometheus' text format.
const METRICS: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// Answers a request from this address.
pub(crate) async fn answer(
    shared: Arc<Shared>,
    peer: IpAddr,
    request: Request<Incoming>,
) -> Response<Payload> {
    let plan = shared.plan();
    let record = Record::new(shared, Arc::clone(&plan));
    let id = record.id.header();
    let origin = host::check(&request, &plan.config.server.hosts)
        .and_then(|()| browser::origin(&request, &plan.config.server.cors_origins));
    let (mut response, origin) = match origin {
        Err(refusal) => (record.refused(&refusal), None),
        Ok(Some(origin)) if browser::is_preflight(&request) => {
            let mut response = record.answered(json(StatusCode::NO_CONTENT, Bytes::new()));
            browser::allow(browser::asked_headers(&request).as_ref(), response.headers_mut());
            (response, Some(origin))
        }
        Ok(origin) => (dispatch(record, peer, request).await, origin),
    };
    let headers = response.headers_mut();
    headers.insert(MM_REQUEST_ID, id.clone());
    headers.insert(REQUEST_ID, id);
    if let Some(origin) = origin {
        browser::expose(origin, headers);
    }
    response
}

/// What a path is, without `/v1`.
enum Place<'a> {
    /// An endpoint of providers.
    Relayed(Endpoint),
    /// A stored response, and whether it is to be cancelled.
    Stored(&'a str, bool),
    Models,
    Model(&'a str),
    /// What providers do for one account at a time, and no gateway can for many.
    NotHere,
    Health,
    Live,
    Readiness,
    Metrics,
    /// What a request went through.
    Explain(&'a str),
    Nothing,
}

impl<'a> Place<'a> {
    fn of(path: &'a str) -> Self {
        let below = path.strip_prefix("/v1").unwrap_or(path);
        if let Some(endpoint) = Endpoint::ALL.into_iter().find(|known| known.path() == below) {
            return Self::Relayed(endpoint);
        }
        match below {
            "/models" => Self::Models,
            "/health" => Self::Health,
            "/health/live" => Self::Live,
            "/health/ready" => Self::Readiness,
            "/metrics" => Self::Metrics,
            _ => Self::of_longer(below),
        }
    }

    fn of_longer(below: &'a str) -> Self {
        let is_id = |id: &&str| {
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
            !id.is_empty() && id.bytes().all(is_plain)
        };
        if let Some(id) = below.strip_prefix("/responses/") {
            let cancelled = id.strip_suffix("/cancel");
            let id = Some(cancelled.unwrap_or(id)).filter(is_id);
            return id.map_or(Self::Nothing, |id| Self::Stored(id, cancelled.is_some()));
        }
        if let Some(id) = below.strip_prefix("/models/") {
            return Self::Model(id);
        }
        if let Some(id) = below.strip_prefix("/admin/requests/") {
            return Self::Explain(id);
        }
        let is_of = |kind: &str| {
            below.strip_prefix(kind).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if ["/files", "/batches", "/uploads"].into_iter().any(is_of) {
            return Self::NotHere;
        }
        Self::Nothing
    }

    /// The methods that it takes.
    fn methods(&self) -> &'static [Method] {
        match self {
            Self::Relayed(_) | Self::Stored(_, true) => &[Method::POST],
            Self::Stored(_, false) => &[Method::GET, Method::DELETE],
            Self::NotHere | Self::Nothing => &[],
            _ => &[Method::GET, Method::HEAD],
        }
    }

    /// Anyone may see it, however often.
    fn is_open(&self) -> bool {
        matches!(self, Self::Health | Self::Live | Self::Readiness)
    }

    /// A list of models, which may need no key.
    fn is_listing(&self) -> bool {
        matches!(self, Self::Models | Self::Model(_))
    }
}

async fn dispatch(
    mut record: Record,
    peer: IpAddr,
    request: Request<Incoming>,
) -> Response<Payload> {
    if let Err(refusal) = content::check_framing(&request) {
        return record.refused(&refusal);
    }
    let path = request.uri().path().to_owned();
    let place = Place::of(&path);
    if let Err(refusal) = admit(&mut record, &place, peer, &request) {
        return record.refused(&refusal);
    }
    let methods = place.methods();
    if !methods.is_empty() && !methods.contains(request.method()) {
        return wrong_method(record, methods);
    }
    let ready = match place {
        Place::Relayed(endpoint) => relayed::prepare(endpoint, request, &mut record).await,
        Place::Stored(id, cancelled) => fetched(id, cancelled, request.method(), &record),
        other => match own(&other, &path, &record) {
            Ok(response) => return record.answered(response),
            Err(refusal) => Err(refusal),
        },
    };
    match ready {
        Ok(ready) => relayed::run(ready, record).await,
        Err(refusal) => record.refused(&refusal),
    }
}

/// Who asks, and whether they may: keys come before limits, and those that have shown one are not
/// limited by where they are.
fn admit<B>(
    record: &mut Record,
    place: &Place<'_>,
    peer: IpAddr,
    request: &Request<B>,
) -> Result<(), Refusal> {
    if place.is_open() {
        return Ok(());
    }
    let plan = &record.plan;
    let shown = if plan.clients.is_open() {
        None
    } else {
        let now = OffsetDateTime::now_utc();
        Some(plan.clients.identify(request.headers(), now))
    };
    if let Some(Ok(known)) = shown {
        record.client = Some(Arc::clone(known));
        return Ok(());
    }
    let server = &plan.config.server;
    if let Some(most) = server.ip_rpm {
        let ip = place::of(peer, request.headers(), &server.trusted_proxies);
        let counted = record.shared.places.count(ip, most.get(), Instant::now());
        counted.map_err(|span| {
            let message = "Too many requests from this address, please try again later";
            Refusal::limited("rate_limit_exceeded", message, Some(span))
        })?;
    }
    match shown {
        Some(Err(_)) if place.is_listing() && plan.config.lists_openly => Ok(()),
        Some(Err(refusal)) => Err(refusal),
        _ => Ok(()),
    }
}

/// What the gateway answers itself.
fn own(place: &Place<'_>, path: &str, record: &Record) -> Result<Response<Payload>, Refusal> {
    let (plan, shared) = (&record.plan, &record.shared);
    let sees = |model: &str| record.client.as_ref().is_none_or(|known| known.may_use(model));
    Ok(match *place {
        Place::Models if record.client.is_some() => {
            json(StatusCode::OK, plan.listing.list(Some(&sees)))
        }
        Place::Models => json(StatusCode::OK, plan.listing.list(None)),
        Place::Model(id) => {
            let listed = plan.listing.one(id).filter(|_| sees(id));
            json(StatusCode::OK, listed.ok_or_else(|| failure::no_such_model(id))?)
        }
        Place::Health => json(StatusCode::OK, health::report(plan, &shared.fleet)),
        Place::Live => json(StatusCode::OK, Bytes::from_static(br#"{"status":"ok"}"#)),
        Place::Readiness if shared.is_draining() => {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            json(status, Bytes::from_static(br#"{"status":"draining"}"#))
        }
        Place::Readiness => json(StatusCode::OK, Bytes::from_static(br#"{"status":"ready"}"#)),
        Place::Metrics => typed(StatusCode::OK, METRICS, metrics::render(shared, plan).into()),
        Place::Explain(id) => {
            let told = shared.trails.tell(id, record.client_name());
            json(StatusCode::OK, told.ok_or_else(|| nowhere(path))?.into())
        }
        Place::NotHere => return Err(not_here()),
        Place::Nothing | Place::Relayed(_) | Place::Stored(..) => return Err(nowhere(path)),
    })
}

/// A stored response is asked for where it lies.
fn fetched(
    id: &str,
    cancelled: bool,
    method: &Method,
    record: &Record,
) -> Result<relayed::Ready, Refusal> {
    let end = if cancelled { "/cancel" } else { "" };
    let method = match *method {
        Method::GET => "GET",
        Method::DELETE => "DELETE",
        _ => "POST",
    };
    relayed::fetch(method, (id, end), record)
}

fn wrong_method(record: Record, methods: &[Method]) -> Response<Payload> {
    let names: Vec<_> = methods.iter().map(Method::as_str).collect();
    let names = names.join(", ");
    let refusal = Refusal::new(
        StatusCode::METHOD_NOT_ALLOWED,
        Kind::InvalidRequest,
        "method_not_allowed",
        format!("this takes {names}"),
    );
    let mut response = record.refused(&refusal);
    if let Ok(names) = HeaderValue::from_str(&names) {
        response.headers_mut().insert(ALLOW, names);
    }
    response
}

fn nowhere(path: &str) -> Refusal {
    let message = format!("there is nothing at {path}");
    Refusal::new(StatusCode::NOT_FOUND, Kind::InvalidRequest, "not_found", message)
}

fn not_here() -> Refusal {
    let message = "files and batches lie on one account, and are not passed on by the gateway";
    Refusal::new(StatusCode::NOT_IMPLEMENTED, Kind::Server, "not_implemented", message)
}
