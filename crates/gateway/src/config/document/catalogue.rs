//! `catalogue`: what is laid over what is known of providers and models.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use model_multiplexer_core::recovery::Prefill;

/// Providers and models of yours. An entry whose `id` is known replaces what it names; any other is
/// added.
#[derive(Debug, Default, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(in super::super) struct CatalogueDocument {
    /// Types that an instance can have.
    #[serde(default)]
    pub(in super::super) providers: Vec<KnownProviderDocument>,
    /// Models, and who offers them.
    #[serde(default)]
    pub(in super::super) models: Vec<KnownModelDocument>,
    /// Names that stand for all models of a tier, or of any: `{ cheap: 1 }`.
    #[serde(default)]
    pub(in super::super) generic: BTreeMap<String, Option<u8>>,
}

/// A type of instances.
#[derive(Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all(serialize = "camelCase"))]
pub(in super::super) struct KnownProviderDocument {
    /// The type.
    pub(in super::super) id: String,
    /// The API's root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in super::super) base_url: Option<String>,
    /// It answers without a key. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in super::super) key_optional: Option<bool>,
    /// The IANA time zone in which its days begin. Default: UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in super::super) zone: Option<String>,
    /// In which form its models take the beginning of their answer: `prefix`,
    /// `continue_final_message` or `assistant`. Default: none does.
    #[cfg_attr(test, schemars(with = "Option<PrefillForm>"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in super::super) prefill: Option<Prefill>,
    /// The API's root where they do, if another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in super::super) prefill_base_url: Option<String>,
}

/// A model, whoever offers it.
#[derive(Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all(serialize = "camelCase"))]
pub(in super::super) struct KnownModelDocument {
    /// Its canonical id.
    pub(in super::super) id: String,
    /// 4 for the largest to 1 for the smallest. Required for a model that is not known.
    #[cfg_attr(test, schemars(range(min = 1, max = 4)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in super::super) tier: Option<u8>,
    /// How many tokens its context takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in super::super) context_window: Option<u32>,
    /// Who has it.
    #[serde(default)]
    pub(in super::super) offers: Vec<OfferDocument>,
}

/// A model at one provider.
#[derive(Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all(serialize = "camelCase"))]
pub(in super::super) struct OfferDocument {
    /// The provider's type.
    pub(in super::super) provider: String,
    /// What the provider calls the model.
    pub(in super::super) id: String,
    /// How many tokens its context takes there, if not as many as the model's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in super::super) context_window: Option<u32>,
    /// In which form it takes the beginning of its answer there.
    #[cfg_attr(test, schemars(with = "Option<PrefillForm>"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in super::super) prefill: Option<Prefill>,
    /// The price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in super::super) price: Option<PriceDocument>,
}

/// US dollars per million tokens.
#[derive(Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all(serialize = "camelCase"))]
pub(in super::super) struct PriceDocument {
    /// Of the prompt.
    pub(in super::super) input_per_million: f64,
    /// Of the answer.
    pub(in super::super) output_per_million: f64,
}

/// [`Prefill`] as it is written.
#[cfg(test)]
#[derive(schemars::JsonSchema)]
#[schemars(rename_all = "snake_case")]
#[expect(dead_code, reason = "only the schema is made of it")]
enum PrefillForm {
    Prefix,
    ContinueFinalMessage,
    Assistant,
}
