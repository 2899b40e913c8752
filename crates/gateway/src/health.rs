//! What `/health` tells: which instances there are and which of them take requests.

use std::collections::BTreeMap;

use bytes::Bytes;
use model_multiplexer_core::clock::Timestamp;
use model_multiplexer_core::fleet::{Condition, Fleet, Strategy};
use model_multiplexer_core::outcome::Outcome;
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::plan::Plan;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Health<'a> {
    /// `ok` while an instance takes requests, else `degraded`.
    status: &'static str,
    routing: Routing,
    providers: Vec<Provider<'a>>,
    provider_count: usize,
    active_count: usize,
    timestamp: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Routing {
    default_strategy: &'static str,
    retry_after_seconds: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Provider<'a> {
    id: &'a str,
    r#type: &'a str,
    /// `active` while one of its targets takes requests, else `rate_limited`.
    status: &'static str,
    models: Vec<&'a str>,
    error_count: u64,
}

/// What is known of an instance's targets together.
#[derive(Default)]
struct Together {
    active: bool,
    errors: u64,
}

/// The instances and their state as JSON.
pub(crate) fn report(plan: &Plan, fleet: &Fleet) -> Bytes {
    let mut by_instance: BTreeMap<&str, Together> = BTreeMap::new();
    for target in fleet.report(Timestamp::now()) {
        let Some(upstream) = plan.upstream(target.key) else { continue };
        let together = by_instance.entry(&upstream.instance).or_default();
        together.active |= !matches!(target.condition, Condition::Resting { .. });
        let counted = Outcome::ALL.iter().zip(target.outcomes);
        let is_error = |outcome| !matches!(outcome, Outcome::Success | Outcome::Aborted);
        together.errors +=
            counted.filter(|(outcome, _)| is_error(**outcome)).map(|(_, count)| count).sum::<u64>();
    }
    let providers: Vec<_> = plan
        .config
        .instances
        .iter()
        .map(|instance| {
            let unknown = Together::default();
            let together = by_instance.get(instance.id.as_str()).unwrap_or(&unknown);
            Provider {
                id: &instance.id,
                r#type: &instance.kind,
                status: if together.active { "active" } else { "rate_limited" },
                models: instance.models.iter().map(|model| model.name.as_str()).collect(),
                error_count: together.errors,
            }
        })
        .collect();
    let active_count = providers.iter().filter(|provider| provider.status == "active").count();
    let routing = &plan.config.routing;
    let health = Health {
        status: if active_count > 0 { "ok" } else { "degraded" },
        routing: Routing {
            default_strategy: name(routing.strategy),
            retry_after_seconds: routing.cooldown.default.as_secs(),
        },
        provider_count: providers.len(),
        active_count,
        providers,
        timestamp: OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default(),
    };
    // Text and numbers always serialise.
    serde_json::to_vec(&health).unwrap_or_default().into()
}

fn name(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::Priority => "exhaust",
        Strategy::RoundRobin => "round-robin",
        Strategy::Weighted => "weighted",
        Strategy::Sticky => "sticky",
        Strategy::Latency => "latency",
        Strategy::LeastBusy => "least-busy",
        Strategy::LeastUsed => "least-used",
    }
}
