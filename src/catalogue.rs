//! The catalogue, for JavaScript.

use model_multiplexer_core::catalogue::{Catalogue, Resolved};
use napi::{Error, Result, Status};
use napi_derive::napi;

/// What a model's name stands for: a model, or any of a tier.
#[napi(object)]
pub struct ResolvedDto {
    /// The model's canonical id; none for a tier.
    pub model: Option<String>,
    /// The tier; none for a model, 0 for any tier.
    pub tier: Option<u32>,
}

/// Providers and models.
#[napi]
pub struct NativeCatalogue(Catalogue);

#[napi]
impl NativeCatalogue {
    /// The built-in catalogue, with `overrides` (JSON) laid over it.
    #[napi(constructor)]
    pub fn new(overrides: Option<String>) -> Result<Self> {
        let catalogue = match overrides {
            None => Catalogue::built_in().clone(),
            Some(overrides) => Catalogue::with_overrides(&overrides)
                .map_err(|error| Error::new(Status::InvalidArg, error.to_string()))?,
        };
        Ok(Self(catalogue))
    }

    /// All of it as JSON.
    #[napi]
    pub fn json(&self) -> String {
        self.0.to_json()
    }

    /// What a name stands for, in capital letters or not; null if it is not known.
    #[napi]
    pub fn resolve(&self, name: String) -> Option<ResolvedDto> {
        Some(match self.0.resolve(&name)? {
            Resolved::Model(id) => ResolvedDto { model: Some(id.to_owned()), tier: None },
            Resolved::Tier(tier) => {
                ResolvedDto { model: None, tier: Some(tier.map_or(0, u32::from)) }
            }
        })
    }
}
