//! The section `routing`.

use std::collections::BTreeMap;
use std::time::Duration;

use model_multiplexer_core::fleet::Strategy;
use model_multiplexer_core::multiplexer::FirstToken;
use model_multiplexer_core::outcome::{Cooldown, Outcome};
use model_multiplexer_core::policy::{BudgetLimits, Preset, Rule};

use super::super::decode::nearest;
use super::super::document::{
    CooldownDocument, HedgeDocument, MidStreamName, PolicyName, ResponseModelName,
    RetryBudgetDocument, RoutingDocument, RuleName, StrategyName, TimeoutsDocument,
};
use super::super::place::Place;
use super::super::{Hedge, MidStream, ResponseModel, Routing, Timeouts};

/// The rest after a refusal that names no time, where nothing is said of it.
const DEFAULT_REST: Duration = Duration::from_mins(5);
/// The longest rest that can be asked for.
const LONGEST_REST: Duration = Duration::from_hours(24);

pub(super) fn resolve(document: &RoutingDocument, place: &Place<'_>) -> Routing {
    let is_compat = matches!(document.policy, Some(PolicyName::Compat));
    if is_compat && matches!(document.mid_stream, Some(MidStreamName::Recover)) {
        place.field("mid_stream").problem("\"recover\" needs policy: resilient");
    }
    Routing {
        strategy: document.default_strategy.map_or(Strategy::Priority, strategy),
        policy: match document.policy {
            Some(PolicyName::Compat) => Preset::Compat,
            Some(PolicyName::Resilient) | None => Preset::Resilient,
        },
        rules: rules(&document.outcomes, &place.field("outcomes")),
        cooldown: cooldown(document.retry_after_seconds, &document.cooldown, place),
        timeouts: timeouts(&document.timeouts),
        max_wait: Duration::from_millis(document.max_wait_ms.unwrap_or_default()),
        mid_stream: match document.mid_stream {
            Some(MidStreamName::Recover) => MidStream::Recover,
            Some(MidStreamName::Error) | None => MidStream::Error,
        },
        hedge: document.hedge.as_ref().map(hedge),
        retry_budget: budget(&document.retry_budget),
        response_model: match document.response_model {
            Some(ResponseModelName::Requested) => ResponseModel::Requested,
            Some(ResponseModelName::Upstream) | None => ResponseModel::Upstream,
        },
    }
}

pub(super) fn strategy(name: StrategyName) -> Strategy {
    match name {
        StrategyName::Exhaust | StrategyName::Priority => Strategy::Priority,
        StrategyName::RoundRobin => Strategy::RoundRobin,
        StrategyName::Weighted => Strategy::Weighted,
        StrategyName::Sticky => Strategy::Sticky,
        StrategyName::Latency => Strategy::Latency,
        StrategyName::LeastBusy => Strategy::LeastBusy,
        StrategyName::LeastUsed => Strategy::LeastUsed,
    }
}

fn rules(written: &BTreeMap<String, RuleName>, place: &Place<'_>) -> Vec<(Outcome, Rule)> {
    let failures: Vec<Outcome> = Outcome::ALL
        .into_iter()
        .filter(|outcome| !matches!(outcome, Outcome::Success | Outcome::Aborted))
        .collect();
    let names: Vec<&str> = failures.iter().map(|outcome| outcome.name()).collect();
    let rules = written.iter().filter_map(|(name, rule)| {
        let here = place.field(name);
        let Some(outcome) = failures.iter().find(|outcome| outcome.name() == name) else {
            here.problem(match nearest(name, &names) {
                Some(known) => format!("there is no such failure; did you mean \"{known}\"?"),
                None => format!("there is no such failure; there are {}", names.join(", ")),
            });
            return None;
        };
        let may_retry =
            matches!(outcome, Outcome::Unavailable | Outcome::TimedOut | Outcome::Truncated);
        if *rule == RuleName::Retry && !may_retry {
            here.problem("must be \"giveUp\" or \"failOver\", not \"retry\"");
        }
        let rule = match rule {
            RuleName::GiveUp => Rule::GiveUp,
            RuleName::FailOver => Rule::FailOver,
            RuleName::Retry => Rule::RetryThenFailOver,
        };
        Some((*outcome, rule))
    });
    rules.collect()
}

fn cooldown(seconds: Option<u64>, document: &CooldownDocument, place: &Place<'_>) -> Cooldown {
    if seconds.is_some() && document.default_ms.is_some() {
        place
            .field("retry_after_seconds")
            .problem("is the same as cooldown.default_ms: only one of them can be given");
    }
    let here = place.field("cooldown");
    let within = |rest: Duration, place: Place<'_>| {
        if rest.is_zero() || rest > LONGEST_REST {
            place.problem("must be longer than 0 and at most 24 hours");
        }
        rest
    };
    let millis = |written: Option<u64>, name: &str| {
        written.map(|ms| within(Duration::from_millis(ms), here.field(name)))
    };
    let by_seconds = seconds
        .map(|seconds| within(Duration::from_secs(seconds), place.field("retry_after_seconds")));
    let usual = Cooldown::resilient();
    let default = by_seconds.or(millis(document.default_ms, "default_ms")).unwrap_or(DEFAULT_REST);
    let min = millis(document.min_ms, "min_ms").unwrap_or(usual.min.min(default));
    let failure = millis(document.failure_ms, "failure_ms").unwrap_or(usual.failure);
    let max = millis(document.max_ms, "max_ms").unwrap_or(usual.max);
    if min > default || default > max {
        here.problem("the shortest rest, the default and the longest must be in this order");
    }
    Cooldown { default, failure, min, max }
}

fn timeouts(document: &TimeoutsDocument) -> Timeouts {
    let deadline = |written: Option<u64>, default: u64| {
        let ms = written.unwrap_or(default);
        (ms > 0).then(|| Duration::from_millis(ms))
    };
    Timeouts {
        connect: deadline(document.connect_ms, 10_000),
        first_token: match document.first_token_ms {
            None => FirstToken::Learned,
            Some(_) => FirstToken::Fixed(deadline(document.first_token_ms, 0)),
        },
        stall: deadline(document.stall_ms, 120_000),
        total: deadline(document.total_ms, 0),
    }
}

fn hedge(document: &HedgeDocument) -> Hedge {
    Hedge {
        after: document.after_ms.map(Duration::from_millis),
        max_share: document.max_share.map_or(0.05, |share| share.0),
    }
}

fn budget(document: &RetryBudgetDocument) -> BudgetLimits {
    let usual = BudgetLimits::default();
    BudgetLimits {
        share: document.share.map_or(usual.share, |share| share.0),
        floor_per_second: document.min_per_second.unwrap_or(usual.floor_per_second),
    }
}
