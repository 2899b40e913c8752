//! The configuration file as it is written: its sections, fields and their defaults. What is said
//! of a field here is what an editor shows, by the JSON Schema that is made from these types.
//! Whether fields go together is decided in `resolve`.

mod access;
mod catalogue;
mod operation;
mod providers;
mod routing;
#[cfg(test)]
mod schema;
mod written;

use std::collections::BTreeMap;

use serde::Deserialize;

pub(super) use access::{BudgetDocument, ClientDocument, ClientKeyDocument, PeriodName};
pub(super) use catalogue::CatalogueDocument;
pub(super) use operation::{
    BoundsDocument, FormatName, LevelName, LogDocument, OnLossName, ServerDocument, StateDocument,
};
pub(super) use providers::{
    CertificateDocument, LimitsDocument, ModelDocument, PrefillName, ProviderDocument,
    SharedLimitsDocument, TierName, WindowsName,
};
pub(super) use routing::{
    AliasDocument, CooldownDocument, HedgeDocument, MidStreamName, PolicyName, ResponseModelName,
    RetryBudgetDocument, RoutingDocument, RuleName, StrategyName, TimeoutsDocument,
};
pub(super) use written::{Count, OneOrMany, ProxyText, SecretText, TextOr};

/// The configuration of `model-multiplexer serve`.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "providers.yaml"))]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    /// The provider instances, in the order in which `exhaust` tries them.
    pub(super) providers: Vec<ProviderDocument>,
    /// Providers, models and prices that are not known, or known otherwise.
    #[serde(default)]
    pub(super) catalogue: CatalogueDocument,
    /// How requests find their targets, and what is done when an attempt fails.
    #[serde(default)]
    pub(super) routing: RoutingDocument,
    /// Names that stand for one or several models: `fast: llama-3.1-8b-instant`.
    #[serde(default)]
    pub(super) aliases: BTreeMap<String, AliasDocument>,
    /// Models that are asked, in this order, when no target of a model can be:
    /// `gpt-4o: [llama-3.3-70b-versatile]`.
    #[serde(default)]
    pub(super) fallbacks: BTreeMap<String, OneOrMany<String>>,
    /// Who may use the gateway, with which keys and how much. The variable `API_KEY` adds one
    /// without limits. Without any, everyone may who reaches it.
    #[serde(default)]
    pub(super) clients: Vec<ClientDocument>,
    /// Where and how the gateway listens.
    #[serde(default)]
    pub(super) server: ServerDocument,
    /// What is written to the log.
    #[serde(default)]
    pub(super) log: LogDocument,
    /// Where rests and quotas are kept.
    #[serde(default)]
    pub(super) state: StateDocument,
}
