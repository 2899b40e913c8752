//! `routing` and `aliases`.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor, value};

use super::super::decode::OF_SEVERAL_FORMS;
use super::written::{OneOrMany, Share};

/// How requests find their targets, and what is done when an attempt fails.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(in super::super) struct RoutingDocument {
    /// How a target is chosen among those of the model that was asked for. Default: `exhaust`.
    pub(in super::super) default_strategy: Option<StrategyName>,
    /// How long a target rests, in seconds, after a refusal that names no time; as
    /// `cooldown.default_ms`. Default: 300.
    #[cfg_attr(test, schemars(range(min = 1, max = 86_400)))]
    pub(in super::super) retry_after_seconds: Option<u64>,
    /// `resilient`: what another target may do better goes to another target. `compat`: only 429
    /// and 529 do. Default: `resilient`.
    pub(in super::super) policy: Option<PolicyName>,
    /// What is done after a failure, by its name in reports, where it is not what the policy does:
    /// `{ content_refused: giveUp }`.
    #[serde(default)]
    pub(in super::super) outcomes: BTreeMap<String, RuleName>,
    /// How long a target rests that has refused.
    #[serde(default)]
    pub(in super::super) cooldown: CooldownDocument,
    /// Deadlines.
    #[serde(default)]
    pub(in super::super) timeouts: TimeoutsDocument,
    /// For how many milliseconds a request may wait when every target rests or is at capacity. It
    /// is refused at once where none can be free in time. Default: 0.
    pub(in super::super) max_wait_ms: Option<u64>,
    /// What becomes of a stream that breaks off after its first token. Default: `error`.
    pub(in super::super) mid_stream: Option<MidStreamName>,
    /// A second target is asked when the first token is late. Default: none is.
    pub(in super::super) hedge: Option<HedgeDocument>,
    /// How many attempts may be made again after work may have begun.
    #[serde(default)]
    pub(in super::super) retry_budget: RetryBudgetDocument,
    /// Whose name the `model` of a reply is: the one that the provider gives (`upstream`), or the
    /// one that was asked for (`requested`). Default: `upstream`.
    pub(in super::super) response_model: Option<ResponseModelName>,
}

/// How a target is chosen among those that can be asked.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(in super::super) enum StrategyName {
    /// The first in the order of the file, until it is exhausted.
    Exhaust,
    /// The same as `exhaust`.
    Priority,
    /// Each in its turn.
    RoundRobin,
    /// By chance, in proportion to the weights.
    Weighted,
    /// Requests of one session stay with one target.
    Sticky,
    /// The sooner of two to give its first token.
    Latency,
    /// The one with the fewest requests under way.
    LeastBusy,
    /// The one of whose scarcest limit the largest part is left.
    LeastUsed,
}

/// What is done when an attempt fails.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(in super::super) enum PolicyName {
    /// Only 429 and 529 go to the next target.
    Compat,
    /// Whatever another target may do better.
    Resilient,
}

/// What is done after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(in super::super) enum RuleName {
    /// It is the caller's.
    GiveUp,
    /// The other targets are asked, once each.
    FailOver,
    /// The same target is asked once more, then the others. For `unavailable`, `timed_out` and
    /// `truncated`.
    Retry,
}

/// How long a target rests.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the unit, as in every option")]
pub(in super::super) struct CooldownDocument {
    /// After a refusal that names no time of its own. Default: 300000.
    #[cfg_attr(test, schemars(range(min = 1, max = 86_400_000)))]
    pub(in super::super) default_ms: Option<u64>,
    /// After the first failure that is no refusal and names no time; doubled by each that follows,
    /// to at most a minute or this. Default: 1000.
    #[cfg_attr(test, schemars(range(min = 1, max = 86_400_000)))]
    pub(in super::super) failure_ms: Option<u64>,
    /// The shortest rest. Default: 250.
    #[cfg_attr(test, schemars(range(min = 1, max = 86_400_000)))]
    pub(in super::super) min_ms: Option<u64>,
    /// The longest rest. Default: 86400000, a day.
    #[cfg_attr(test, schemars(range(min = 1, max = 86_400_000)))]
    pub(in super::super) max_ms: Option<u64>,
}

/// Deadlines in milliseconds; 0 is none.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the unit, as in every option")]
pub(in super::super) struct TimeoutsDocument {
    /// Of making a connection. Default: 10000.
    pub(in super::super) connect_ms: Option<u64>,
    /// From the request to the first token of a stream; then the next target is asked. Default: as
    /// learned: three times as long as 95 of 100 of its last answers have taken, a second at least.
    pub(in super::super) first_token_ms: Option<u64>,
    /// From one event of a stream to the next; then the stream has broken off. Default: 120000.
    pub(in super::super) stall_ms: Option<u64>,
    /// Of the whole request. Default: 0.
    pub(in super::super) total_ms: Option<u64>,
}

/// What becomes of a stream that breaks off after its first token.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(in super::super) enum MidStreamName {
    /// An error event in the stream.
    Error,
    /// Another target goes on.
    Recover,
}

/// A second target is asked when the first token is late.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(in super::super) struct HedgeDocument {
    /// After so many milliseconds. Default: what 95 of 100 streams have taken of late.
    pub(in super::super) after_ms: Option<u64>,
    /// The largest share of requests that are hedged. Default: 0.05.
    pub(in super::super) max_share: Option<Share>,
}

/// How many attempts may be made again after work may have begun.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(in super::super) struct RetryBudgetDocument {
    /// So many for each request of the last 10 seconds. Default: 0.2.
    pub(in super::super) share: Option<Share>,
    /// So many a second are always allowed. Default: 10.
    pub(in super::super) min_per_second: Option<u32>,
}

/// Whose name the `model` of a reply is.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(in super::super) enum ResponseModelName {
    /// The one that the provider gives.
    Upstream,
    /// The one that was asked for.
    Requested,
}

/// What a name stands for: a model, several models, or a map.
#[derive(Debug)]
pub(in super::super) struct AliasDocument {
    pub(in super::super) models: Vec<String>,
    pub(in super::super) strategy: Option<StrategyName>,
}

/// An alias with all fields.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct AliasFields {
    /// Names of models, or `instance/model`.
    models: OneOrMany<String>,
    /// How a target is chosen among theirs. Default: as `routing` says.
    strategy: Option<StrategyName>,
}

impl<'de> Deserialize<'de> for AliasDocument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AliasVisitor;
        impl<'de> Visitor<'de> for AliasVisitor {
            type Value = AliasDocument;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a model, a list of models, or a map")
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(
                self,
                deserializer: D,
            ) -> Result<AliasDocument, D::Error> {
                let models = vec![String::deserialize(deserializer)?];
                Ok(AliasDocument { models, strategy: None })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<AliasDocument, A::Error> {
                let models = Vec::deserialize(value::SeqAccessDeserializer::new(items))?;
                Ok(AliasDocument { models, strategy: None })
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<AliasDocument, A::Error> {
                let AliasFields { models, strategy } =
                    AliasFields::deserialize(value::MapAccessDeserializer::new(fields))?;
                Ok(AliasDocument { models: models.into_vec(), strategy })
            }
        }
        deserializer.deserialize_newtype_struct(OF_SEVERAL_FORMS, AliasVisitor)
    }
}

#[cfg(test)]
impl schemars::JsonSchema for AliasDocument {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Alias".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let fields = generator.subschema_for::<AliasFields>();
        let short = generator.subschema_for::<OneOrMany<String>>();
        schemars::json_schema!({ "anyOf": [short, fields] })
    }
}
