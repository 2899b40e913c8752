//! Whether what a catalogue says can be true: tiers and time zones that there are, ids that are not
//! empty, offers of providers that are known. Shapes are the reader's.

use std::collections::HashMap;

use super::{CatalogueError, Data, Provider};
use crate::quota::Zone;

/// The largest models are of tier 4, the smallest of tier 1.
const TIERS: std::ops::RangeInclusive<u8> = 1..=4;

pub(super) fn providers(all: &[Provider]) -> Result<(), CatalogueError> {
    for (index, Provider { id, zone, .. }) in all.iter().enumerate() {
        if id.is_empty() {
            return Err(wrong(format!("providers[{index}].id must not be empty")));
        }
        if Zone::named(zone).is_err() {
            return Err(wrong(format!(
                "providers[{index}] (\"{id}\"): zone must be an IANA time zone such as \
                 \"America/Los_Angeles\", not {zone:?}"
            )));
        }
    }
    Ok(())
}

pub(super) fn generic(names: &HashMap<String, Option<u8>>) -> Result<(), CatalogueError> {
    let wrong_tier = |(_, tier): &(_, &Option<u8>)| tier.is_some_and(|tier| !TIERS.contains(&tier));
    let Some((name, tier)) = names.iter().find(wrong_tier) else { return Ok(()) };
    let tier = tier.unwrap_or_default();
    Err(wrong(format!("generic.{name} must be a tier from 1 to 4, or null for any, not {tier}")))
}

pub(super) fn models(data: &Data) -> Result<(), CatalogueError> {
    for (index, model) in data.models.iter().enumerate() {
        let place = format!("models[{index}] (\"{}\")", model.id);
        let names = [&model.id].into_iter().chain(&model.aliases);
        if names.chain(model.offers.iter().map(|offer| &offer.id)).any(String::is_empty) {
            return Err(wrong(format!("{place}: its names must not be empty")));
        }
        if !TIERS.contains(&model.tier) {
            return Err(wrong(format!("{place}: tier must be from 1 to 4, not {}", model.tier)));
        }
        let known = |id: &str| data.providers.iter().any(|provider| provider.id == id);
        if let Some(offer) = model.offers.iter().find(|offer| !known(&offer.provider)) {
            return Err(wrong(format!("{place}: there is no provider \"{}\"", offer.provider)));
        }
    }
    Ok(())
}

fn wrong(message: String) -> CatalogueError {
    CatalogueError::Meaning(message)
}
