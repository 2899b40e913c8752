//! What a request takes of its client's limits: looked at before its body is read, reserved before a
//! target is asked, settled when the request is over. It does not know what was asked.

use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;
use tokio::time::Instant;

use super::key::Known;
use super::window::{Reserved, SetAside};
use crate::refusal::Refusal;

/// What is reserved for a request until it is over.
#[derive(Debug)]
pub(crate) struct Held {
    known: Arc<Known>,
    tokens: Option<Reserved>,
    dollars: Option<SetAside>,
}

/// Counts a request, if its client may make another one.
///
/// # Errors
/// 429.
pub(crate) fn admit(known: &Known) -> Result<(), Refusal> {
    let (client, used, now) = (&known.client, &known.used, Instant::now());
    if let Some(tpm) = client.tpm {
        used.tokens.take(0, tpm.get(), now).map_err(no_tokens)?;
    }
    if let Some(rpm) = client.rpm {
        let taken = used.requests.take(1, rpm.get(), now);
        taken.map_err(|span| limited("requests of this minute are used up", Some(span)))?;
    }
    if let Some(budget) = client.budget
        && used.dollars.spent(budget.per, OffsetDateTime::now_utc()) >= budget.usd
    {
        return Err(spent());
    }
    Ok(())
}

/// True if tokens or dollars of this client are counted.
pub(crate) fn is_metered(known: &Known) -> bool {
    known.client.tpm.is_some() || known.client.budget.is_some()
}

/// Reserves what a request is expected to take, if anything is left: so that no more are under way
/// at once than there is room for, but for the last one's excess.
///
/// # Errors
/// 429.
pub(crate) fn reserve(known: &Arc<Known>, tokens: u64, dollars: f64) -> Result<Held, Refusal> {
    let mut held = Held { known: Arc::clone(known), tokens: None, dollars: None };
    let (client, used) = (&known.client, &known.used);
    if let Some(budget) = client.budget {
        let now = OffsetDateTime::now_utc();
        held.dollars = Some(used.dollars.reserve(dollars, budget, now).ok_or_else(spent)?);
    }
    if let Some(tpm) = client.tpm {
        match used.tokens.reserve(tokens, tpm.get(), Instant::now()) {
            Ok(reserved) => held.tokens = Some(reserved),
            Err(span) => {
                held.settle(0, 0.0);
                return Err(no_tokens(span));
            }
        }
    }
    Ok(held)
}

impl Held {
    /// The request is over, and has taken this.
    pub(crate) fn settle(self, tokens: u64, dollars: f64) {
        let used = &self.known.used;
        if let Some(reserved) = self.tokens {
            used.tokens.settle(reserved, tokens, Instant::now());
        }
        if let Some(aside) = self.dollars {
            used.dollars.settle(aside, dollars, OffsetDateTime::now_utc());
        }
    }
}

fn limited(what: &str, span: Option<Duration>) -> Refusal {
    Refusal::limited("rate_limit_exceeded", format!("This key's {what}"), span)
}

fn no_tokens(span: Duration) -> Refusal {
    limited("tokens of this minute are used up", Some(span))
}

fn spent() -> Refusal {
    limited("budget is spent", None)
}
