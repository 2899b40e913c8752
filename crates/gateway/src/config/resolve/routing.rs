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
    RetryBudgetDocument, RoutingDocument, RuleName, StrategyName, TimeoutsDocument, Whole,
};
use super::super::place::Place;
use super::super::{Hedge, MidStream, ResponseModel, Routing, Timeouts};

/// The rest after a refusal that names no time, where nothing is said of it.
const DEFAULT_REST: Duration = Duration::from_mins(5);

pub(super) fn resolve(document: &RoutingDocument, place: &Place<'_>) -> Routing {
    let RetryBudgetDocument { share, min_per_second } = &document.retry_budget;
    let has_budget = share.is_some() || min_per_second.is_some();
    let is_compat = matches!(document.policy, Some(PolicyName::Compat));
    if is_compat && has_budget {
        place
            .field("retry_budget")
            .problem("needs `policy: resilient`: `compat` counts no attempts");
    }
    if is_compat && matches!(document.mid_stream, Some(MidStreamName::Recover)) {
        place.field("mid_stream").problem("\"recover\" needs `policy: resilient`");
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
        max_wait: Duration::from_millis(document.max_wait_ms.map_or(0, |ms| ms.0)),
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

fn cooldown(
    seconds: Option<Whole<1, 86_400>>,
    document: &CooldownDocument,
    place: &Place<'_>,
) -> Cooldown {
    if seconds.is_some() && document.default_ms.is_some() {
        place
            .field("retry_after_seconds")
            .problem("is the same as cooldown.default_ms: only one of them can be given");
    }
    let millis =
        |written: Option<Whole<1, 86_400_000>>| written.map(|ms| Duration::from_millis(ms.0));
    let by_seconds = seconds.map(|seconds| Duration::from_secs(seconds.0));
    let usual = Cooldown::resilient();
    let default = by_seconds.or(millis(document.default_ms)).unwrap_or(DEFAULT_REST);
    let min = millis(document.min_ms).unwrap_or(usual.min.min(default));
    let failure = millis(document.failure_ms).unwrap_or(usual.failure);
    let max = millis(document.max_ms).unwrap_or(usual.max);
    if min > default || default > max {
        place
            .field("cooldown")
            .problem("the shortest rest, the default and the longest must be in this order");
    }
    Cooldown { default, failure, min, max }
}

fn timeouts(document: &TimeoutsDocument) -> Timeouts {
    let deadline = |written: Option<Whole>, default: u64| {
        let ms = written.map_or(default, |ms| ms.0);
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
        after: document.after_ms.map(|ms| Duration::from_millis(ms.0)),
        share: document.share.map_or(0.05, |share| share.0),
    }
}

fn budget(document: &RetryBudgetDocument) -> BudgetLimits {
    let usual = BudgetLimits::default();
    BudgetLimits {
        share: document.share.map_or(usual.share, |share| share.0),
        floor_per_second: document
            .min_per_second
            .and_then(|most| most.0.try_into().ok())
            .unwrap_or(usual.floor_per_second),
    }
}
