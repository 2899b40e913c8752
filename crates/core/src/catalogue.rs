//! What is known of providers and models: where they are reached, under which names, with which
//! limits on a free plan, for what price. Data with a date (`catalogue/*.json`), which a user can
//! extend or override. It asks nobody, and it does not decide who is called.
//!
//! What is not known is absent: a price that is missing is unknown, not nothing.

mod merge;
mod model;
mod provider;

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

pub use model::{Capabilities, FreePlan, Model, Offer, Price};
pub use provider::{Dialect, LimitsPer, PlanLimits, Provider};

use crate::recovery::Prefill;

/// Why a catalogue, or what was to be laid over one, is not taken.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// It is not of the right shape. The caller sees a configuration error that names the field.
    #[error("{path}: {message}")]
    Shape {
        /// Where: `models[3].tier`.
        path: String,
        /// What is wrong there.
        message: String,
    },
    /// Something refers to what is not there, or a name has two meanings.
    #[error("{0}")]
    Meaning(String),
}

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved<'a> {
    /// A model, by its canonical id.
    Model(&'a str),
    /// Any model of this tier; of any tier, the highest first, where there is none.
    Tier(Option<u8>),
}

/// Providers and models, and the names under which they are known.
#[derive(Clone, Debug)]
pub struct Catalogue {
    data: Data,
    /// Models by every name that they have, in lower case.
    names: HashMap<String, usize>,
}

/// The content of the data files.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Data {
    providers: Vec<Provider>,
    /// Names that stand for a tier; none for any tier.
    generic: HashMap<String, Option<u8>>,
    models: Vec<Model>,
}

static BUILT_IN: LazyLock<Catalogue> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the data is compiled in, and a test reads it")]
    Catalogue::from_value(merge::built_in()).expect("the catalogue's own data")
});

impl Catalogue {
    /// The catalogue that comes with the package, parsed once.
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    /// The built-in catalogue with `overrides` laid over it: JSON with `providers`, `models` and
    /// `generic`, each optional. An entry whose id is known replaces the members that it names
    /// (`null` removes one; a model's offers are matched by provider and id); any other is added.
    ///
    /// # Errors
    /// What is wrong with the overrides, and where.
    pub fn with_overrides(overrides: &str) -> Result<Self, CatalogueError> {
        let given = serde_json::from_str(overrides).map_err(|error| CatalogueError::Shape {
            path: "catalogue".to_owned(),
            message: error.to_string(),
        })?;
        Self::from_value(merge::merge(merge::built_in(), given)?)
    }

    fn from_value(value: serde_json::Value) -> Result<Self, CatalogueError> {
        let data: Data = serde_path_to_error::deserialize(value).map_err(|error| {
            let path = error.path().to_string();
            CatalogueError::Shape { path, message: error.into_inner().to_string() }
        })?;
        let names = names_of(&data)?;
        for (index, model) in data.models.iter().enumerate() {
            let known = |id: &str| data.providers.iter().any(|provider| provider.id == id);
            if let Some(offer) = model.offers.iter().find(|offer| !known(&offer.provider)) {
                return Err(CatalogueError::Meaning(format!(
                    "models[{index}] (\"{}\"): there is no provider \"{}\"",
                    model.id, offer.provider
                )));
            }
        }
        Ok(Self { data, names })
    }

    /// All providers.
    pub fn providers(&self) -> &[Provider] {
        &self.data.providers
    }

    /// The provider of this id.
    pub fn provider(&self, id: &str) -> Option<&Provider> {
        self.data.providers.iter().find(|provider| provider.id == id)
    }

    /// All models.
    pub fn models(&self) -> &[Model] {
        &self.data.models
    }

    /// The model of this name: its canonical id, an alias, or what a provider calls it, in capital
    /// letters or not.
    pub fn model(&self, name: &str) -> Option<&Model> {
        self.data.models.get(*self.names.get(&name.to_lowercase())?)
    }

    /// What a name stands for, in capital letters or not.
    pub fn resolve(&self, name: &str) -> Option<Resolved<'_>> {
        if let Some(model) = self.model(name) {
            return Some(Resolved::Model(&model.id));
        }
        let tier = self.data.generic.get(&name.to_lowercase())?;
        Some(Resolved::Tier(*tier))
    }

    /// The limits of the free plan at this provider for the model that it calls so; none where no
    /// such plan is known.
    pub fn free_plan(&self, provider: &str, model: &str) -> Option<&PlanLimits> {
        let at = self.provider(provider)?;
        match self.offer(provider, model).map(|offer| &offer.free_plan) {
            Some(FreePlan::Own(limits)) => Some(limits),
            Some(FreePlan::Lacking) => None,
            Some(FreePlan::Providers) | None => at.free_plan.as_ref(),
        }
    }

    /// The names that stand for a tier, in lower case; none for any tier.
    pub fn generic(&self) -> impl Iterator<Item = (&str, Option<u8>)> {
        self.data.generic.iter().map(|(name, tier)| (name.as_str(), *tier))
    }

    /// What this provider offers under this name.
    pub fn offer(&self, provider: &str, name: &str) -> Option<&Offer> {
        let mut offers = self.model(name)?.offers.iter();
        offers.find(|offer| offer.provider == provider && offer.id == name)
    }

    /// In which form this provider's model of this name takes the beginning of its answer, at the
    /// API of this root; none where it is not known to.
    pub fn prefill(&self, provider: &str, model: &str, base_url: &str) -> Option<Prefill> {
        let at = self.provider(provider)?;
        let is_at = |url: &str| url.trim_end_matches('/') == base_url.trim_end_matches('/');
        let elsewhere = at.prefill_base_url.as_deref().is_some_and(|url| !is_at(url));
        let own = self.offer(provider, model).and_then(|offer| offer.prefill);
        own.or(at.prefill).filter(|_| !elsewhere)
    }

    /// All of it as JSON, for hosts.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.data).unwrap_or_default()
    }
}

fn names_of(data: &Data) -> Result<HashMap<String, usize>, CatalogueError> {
    let mut names = HashMap::new();
    for (index, model) in data.models.iter().enumerate() {
        let offered = model.offers.iter().map(|offer| &offer.id);
        for name in [&model.id].into_iter().chain(&model.aliases).chain(offered) {
            let before = names.insert(name.to_lowercase(), index);
            if let Some(other) = before.filter(|other| *other != index) {
                return Err(CatalogueError::Meaning(format!(
                    "models[{index}] (\"{}\"): \"{name}\" is a name of \"{}\" already",
                    model.id, data.models[other].id
                )));
            }
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests;
