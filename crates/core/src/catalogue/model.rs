//! What is known of a model, and of each provider's offer of it.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::provider::PlanLimits;
use crate::recovery::Prefill;

/// What a model can do, where that is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Capabilities {
    /// It calls tools.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<bool>,
    /// It takes images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vision: Option<bool>,
    /// It can think before it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<bool>,
}

/// US dollars per million tokens. What is absent is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Price {
    /// Of the prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_per_million: Option<f64>,
    /// Of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_per_million: Option<f64>,
    /// Of what of the prompt was cached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached_input_per_million: Option<f64>,
}

/// The free plan for one model at one provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FreePlan {
    /// The provider's own.
    #[default]
    Providers,
    /// There is none.
    Lacking,
    /// One with these limits.
    Own(PlanLimits),
}

impl FreePlan {
    fn is_the_providers(&self) -> bool {
        *self == Self::Providers
    }
}

impl<'de> Deserialize<'de> for FreePlan {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(from)?.map_or(Self::Lacking, Self::Own))
    }
}

impl Serialize for FreePlan {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Own(limits) => limits.serialize(to),
            Self::Providers | Self::Lacking => to.serialize_none(),
        }
    }
}

/// A model at one provider.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Offer {
    /// The provider's id.
    pub provider: String,
    /// What the provider calls the model.
    pub id: String,
    /// How many tokens the context takes there, if not as many as the model's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_window: Option<u32>,
    /// How many tokens an answer may have there, if not as many as the model's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<u32>,
    /// The limits of the free plan, if not the provider's own; `null` where there is none.
    #[serde(default, skip_serializing_if = "FreePlan::is_the_providers")]
    pub free_plan: FreePlan,
    /// How it goes on from a partial answer, if not as the provider's other models.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefill: Option<Prefill>,
    /// The price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// The day (ISO 8601) from which the provider no longer has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retires_on: Option<String>,
    /// Where the facts are from, if not from where the catalogue's are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The day (ISO 8601) as of which they were true, if another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
}

/// A model, whoever offers it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Model {
    /// Its canonical id.
    pub id: String,
    /// Which models it belongs to: `Llama`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
    /// 4 for the largest to 1 for the smallest.
    pub tier: u8,
    /// Other names for it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// How many tokens its context takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_window: Option<u32>,
    /// How many tokens an answer may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<u32>,
    /// What it can do.
    #[serde(default)]
    pub capabilities: Capabilities,
    /// Who has it.
    pub offers: Vec<Offer>,
}
