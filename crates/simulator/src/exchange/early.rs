//! The answer that does not wait for the body of its request; not what it says (see `fault`).

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{Response, Version};
use hyper::body::Incoming;
use tokio::time::sleep;

use super::{Exchange, fault, intake};
use crate::answer::body::AnswerBody;
use crate::answer::chance::Chance;
use crate::behaviour::fault::Fault;
use crate::behaviour::settled::Settled;
use crate::connection::{Abort, Connection};
use crate::journal::Trace;
use crate::provider::Provider;
use crate::request;
use crate::route::Route;
use crate::script::ActiveScript;

/// What is known of a request before its body, and the fault drawn for it.
pub(super) struct Early<'a> {
    key: &'a str,
    model: &'a str,
    settled: Arc<Settled>,
    pub(super) drawn: Drawn,
}

/// The fault of a request, or that it has none.
pub(super) struct Drawn(pub(super) Option<Fault>);

impl<'a> Early<'a> {
    /// Draws the fault of a request, if it may be one that does not wait. The model is known only
    /// if the path names it.
    pub(super) fn draw(
        provider: &Provider,
        script: &ActiveScript,
        head: &'a Parts,
        route: &'a Route<'_>,
        key: Option<&'a str>,
    ) -> Option<Self> {
        let own = if request::asks_early(&head.headers) {
            request::simulate(&head.headers).ok().flatten()
        } else {
            None
        };
        if own.is_none() && !script.may_be_early() {
            return None;
        }
        let (key, model) = (key?, route.model());
        let settled = script.behaviour(model, key, own.as_ref());
        if !settled.has_early_fault() {
            return None;
        }
        // Not the number that the request will have, which is counted when it is read.
        let mut chance = Chance::of_request(provider.seed, provider.requests().wrapping_mul(3));
        let fault = script.strike(&settled, key, model, chance.roll()).cloned();
        Some(Self { key, model, settled, drawn: Drawn(fault) })
    }

    /// Whether the fault does not wait.
    pub(super) fn is_due(&self) -> bool {
        self.drawn.0.as_ref().is_some_and(|fault| fault.early)
    }

    /// Answers, and has the connection reset after that. Of HTTP/2, only the stream is reset.
    pub(super) async fn answer(
        self,
        provider: &Arc<Provider>,
        connection: &Connection,
        script: Arc<ActiveScript>,
        head: &Parts,
        unread: Incoming,
    ) -> Result<Response<AnswerBody>, Abort> {
        let kind = self.drawn.0.map(|fault| fault.kind).ok_or(Abort)?;
        let number = provider.count_request();
        let trace = if provider.journal.is_kept() {
            let (key, model) = (Some(self.key), Some(self.model).filter(|model| !model.is_empty()));
            intake::record(&provider.journal, connection, head, Bytes::new(), key, model)
        } else {
            Trace::default()
        };
        let exchange =
            Exchange { provider, connection, script, number, trace, first: false, drawn: None };
        if !self.settled.latency.is_zero() {
            sleep(self.settled.latency).await;
        }
        let response = fault::replace(&kind, self.model, false).ok_or(Abort)?;
        if head.version != Version::HTTP_2 {
            connection.reset_soon(unread);
        }
        Ok(exchange.complete(response, &self.settled, None))
    }
}
