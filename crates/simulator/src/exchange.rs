//! The order of the decisions about one request, from its first byte to the body of its answer;
//! each decision is made elsewhere.

mod early;
pub(crate) mod fault;
pub(crate) mod inquiry;
pub(crate) mod intake;
pub(crate) mod response;
mod stored;

use std::future::pending;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use http::request::Parts;
use http::{Request, Response};
use hyper::body::Incoming;
use tokio::time::sleep;

use crate::answer::body::AnswerBody;
use crate::answer::chance::Chance;
use crate::answer::refusal::Refusal;
use crate::answer::{completion, embedding, headers, model};
use crate::behaviour::Behaviour;
use crate::behaviour::fault::{Fault, FaultKind};
use crate::behaviour::settled::Settled;
use crate::connection::{Abort, Connection};
use crate::control;
use crate::journal::Trace;
use crate::limits::{Exceeded, Standing, header};
use crate::provider::Provider;
use crate::request;
use crate::route::{Endpoint, Route, route};
use crate::script::ActiveScript;
use early::{Drawn, Early};
use inquiry::{Inquiry, Subject};
use intake::Intake;

/// Answers one request, or breaks the connection off.
pub(crate) async fn serve(
    provider: Arc<Provider>,
    connection: Arc<Connection>,
    request: Request<Incoming>,
) -> Result<Response<AnswerBody>, Abort> {
    let (head, incoming) = request.into_parts();
    let first = connection.count_request();
    let route = route(&head.method, head.uri.path());
    let script = provider.script();
    let key = request::key(&head.headers);
    let mut drawn = None;
    if !matches!(route, Route::Control(_))
        && let Some(early) = Early::draw(&provider, &script, &head, &route, key)
    {
        if early.is_due() {
            return early.answer(&provider, &connection, script, &head, incoming).await;
        }
        drawn = Some(early.drawn);
    }
    let body = match intake::read(incoming).await {
        Intake::Whole(body) => body,
        Intake::TooLarge => return Ok(response::refuse(&Refusal::too_large())),
        Intake::Broken => return Err(Abort),
    };
    if let Route::Control(control) = route {
        return Ok(control::answer(&provider, control, &body));
    }
    let inquiry = inquiry::read(&route, &body);
    let model = inquiry.as_ref().ok().and_then(Inquiry::model);
    let trace = if provider.journal.is_kept() {
        intake::record(&provider.journal, &connection, &head, body.clone(), key, model)
    } else {
        Trace::default()
    };
    let number = provider.count_request();
    let (provider, connection) = (&provider, &*connection);
    let exchange = Exchange { provider, connection, script, number, trace, first, drawn };
    match admit(&head, key, inquiry) {
        Ok((key, inquiry)) => match request::simulate(&head.headers) {
            Ok(own) => exchange.treat(own.as_ref(), key, inquiry).await,
            Err(refusal) => Ok(exchange.refuse(&refusal)),
        },
        Err(refusal) => Ok(exchange.refuse(&refusal)),
    }
}

/// Answers a chat completion that is not a stream and that no behaviour has a say in but in what
/// it says. Nothing is answered or counted if it is another, or if requests are kept in the journal.
pub(crate) async fn serve_ordinary(
    provider: &Arc<Provider>,
    connection: &Connection,
    key: &str,
    body: &[u8],
) -> Option<Response<AnswerBody>> {
    if provider.journal.is_kept() {
        return None;
    }
    let route = Route::Provider { endpoint: Endpoint::Chat, deployment: None };
    let inquiry = inquiry::read(&route, body).ok()?;
    let script = provider.script();
    let model = inquiry.model().unwrap_or_default();
    if inquiry.streams() || !script.behaviour(model, key, None).is_ordinary() {
        return None;
    }
    let first = connection.count_request();
    let number = provider.count_request();
    let trace = Trace::default();
    let exchange = Exchange { provider, connection, script, number, trace, first, drawn: None };
    exchange.treat(None, key, inquiry).await.ok()
}

/// Whether a request is one that a provider would work on at all.
fn admit<'a>(
    head: &'a Parts,
    key: Option<&'a str>,
    inquiry: Result<Inquiry<'a>, Refusal>,
) -> Result<(&'a str, Inquiry<'a>), Refusal> {
    if let Ok(Inquiry { subject: Subject::Unknown, .. }) = inquiry {
        return Err(inquiry::unknown(head));
    }
    Ok((key.ok_or_else(Refusal::no_key)?, inquiry?))
}

/// One request that is being answered.
struct Exchange<'a> {
    provider: &'a Arc<Provider>,
    connection: &'a Connection,
    script: Arc<ActiveScript>,
    number: u64,
    trace: Trace,
    /// Whether it is the first request of its connection.
    first: bool,
    /// The fault, if it had to be known before the body was read.
    drawn: Option<Drawn>,
}

impl Exchange<'_> {
    /// Answers with a refusal that no behaviour has a say in, besides the headers of the defaults.
    fn refuse(self, refusal: &Refusal) -> Response<AnswerBody> {
        let settled = self.script.behaviour("", "", None);
        self.complete(response::refuse(refusal), &settled, None)
    }

    /// Answers as the behaviour has it.
    async fn treat(
        mut self,
        own: Option<&Behaviour>,
        key: &str,
        mut inquiry: Inquiry<'_>,
    ) -> Result<Response<AnswerBody>, Abort> {
        let model = inquiry.model().unwrap_or_default();
        let settled = self.script.behaviour(model, key, own);
        if let Err(refusal) = inquiry.fit(&settled) {
            return Ok(self.complete(response::refuse(&refusal), &settled, None));
        }
        if let Some(id) = inquiry.previous()
            && self.provider.store.get(key, id, Instant::now()).is_none()
        {
            let refusal = Refusal::no_previous(id);
            return Ok(self.complete(response::refuse(&refusal), &settled, None));
        }
        let model = inquiry.model().unwrap_or_default();
        let standing = match self.limit(&settled, key, &inquiry) {
            Ok(standing) => standing,
            Err((standing, refusal)) => {
                return Ok(self.complete(response::refuse(&refusal), &settled, Some(&standing)));
            }
        };
        let mut chance = Chance::of_request(self.provider.seed, self.number);
        let roll = chance.roll();
        let drawn = self.drawn.take();
        let fault = match &drawn {
            Some(Drawn(fault)) => fault.as_ref(),
            None => self.script.strike(&settled, key, model, roll),
        };
        if !settled.latency.is_zero() {
            sleep(settled.latency).await;
        }
        self.fall_silent(fault).await;
        let replaced =
            fault.and_then(|fault| fault::replace(&fault.kind, model, inquiry.streams()));
        let response = match replaced {
            Some(response) => response,
            None => self.fulfil(&settled, fault, key, inquiry, chance).await,
        };
        Ok(self.complete(response, &settled, standing.as_ref()))
    }

    /// Where the request stands with its limits, or the refusal if it is beyond them.
    fn limit(
        &self,
        settled: &Settled,
        key: &str,
        inquiry: &Inquiry<'_>,
    ) -> Result<Option<Standing>, (Standing, Refusal)> {
        let (Some(limits), Some(tokens)) = (&settled.limits, inquiry.charged(settled)) else {
            return Ok(None);
        };
        let model = inquiry.model().unwrap_or_default();
        let standing = self.script.admit(limits, key, model, tokens, Instant::now());
        let Some(exceeded) = standing.exceeded else { return Ok(Some(standing)) };
        let kind = match exceeded {
            Exceeded::Requests => "requests",
            Exceeded::Tokens => "tokens",
        };
        let message = header::message(model, exceeded, &standing, tokens);
        Err((standing, Refusal::limited(kind, &message)))
    }

    /// Never returns if the fault is that there is no answer. When the client leaves, this is
    /// dropped, and the trace with it.
    async fn fall_silent(&mut self, fault: Option<&Fault>) {
        match fault.map(|fault| &fault.kind) {
            Some(FaultKind::NoAnswer) => pending::<()>().await,
            Some(FaultKind::Reset) => {
                self.trace.abandoned();
                self.connection.reset();
                pending::<()>().await;
            }
            Some(FaultKind::StaleConnection { reset }) if !self.first => {
                self.trace.abandoned();
                if *reset {
                    self.connection.reset();
                } else {
                    self.connection.close();
                }
                pending::<()>().await;
            }
            _ => {}
        }
    }

    /// Answers what was asked, with the faults that show only in a body.
    async fn fulfil(
        &mut self,
        settled: &Arc<Settled>,
        fault: Option<&Fault>,
        key: &str,
        inquiry: Inquiry<'_>,
        mut chance: Chance,
    ) -> Response<AnswerBody> {
        let whole = match inquiry.subject {
            Subject::Completion(asked) => {
                let created = intake::epoch_ms() / 1000;
                let streams = asked.streams;
                let plan = asked.plan(Arc::clone(settled), fault, created, &mut chance);
                let made = stored::make(&self.provider.store, key, &plan, streams, Instant::now());
                if streams {
                    let trace = std::mem::take(&mut self.trace);
                    return response::events(plan, chance, trace, &self.provider.counters);
                }
                self.trace.sent(plan.spent.completion);
                if let (Some(made), Some(FaultKind::ErrorEvent { .. })) = (&made, &plan.fault) {
                    return response::document(made.clone(), settled, None);
                }
                made.unwrap_or_else(|| completion::render(&plan))
            }
            Subject::Embeddings(embed) => embedding::render(&embed, &settled.usage),
            Subject::Models => model::render_list(self.script.models()),
            Subject::Model(id) => model::render(&id),
            Subject::Stored { verb, id } => {
                return stored::answer(&self.provider.store, key, verb, id, Instant::now());
            }
            Subject::Unknown => return response::refuse(&Refusal::unknown_url("", "")),
        };
        if let Some(FaultKind::SlowFirstToken(wait)) = fault.map(|fault| &fault.kind) {
            sleep(*wait).await;
        }
        response::document(whole, settled, fault.map(|fault| &fault.kind))
    }

    /// Puts the headers every answer has, and has the answer followed to its end.
    fn complete(
        self,
        mut response: Response<AnswerBody>,
        settled: &Settled,
        standing: Option<&Standing>,
    ) -> Response<AnswerBody> {
        let status = response.status();
        let headers = response.headers_mut();
        headers::put_request_id(headers, settled, self.number);
        let mut reset = None;
        if let Some(standing) = standing {
            header::put(headers, settled.limit_headers, standing, SystemTime::now());
            reset = standing.exceeded.map(|_| standing.reset);
        }
        headers::put_retry_after(headers, status, settled, reset, SystemTime::now());
        headers::put_extra(headers, settled);
        self.trace.answered(status.as_u16());
        response.map(|body| body.traced(self.trace))
    }
}
