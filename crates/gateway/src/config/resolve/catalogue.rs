//! The catalogue with what the file lays over it.

use std::borrow::Cow;

use model_multiplexer_core::catalogue::{Catalogue, CatalogueError};

use super::super::document::CatalogueDocument;
use super::super::place::Place;

/// What is known of providers and models. Where the file's own is wrong, what is built in.
pub(super) fn resolve(document: &CatalogueDocument, place: &Place<'_>) -> Cow<'static, Catalogue> {
    let CatalogueDocument { providers, models, generic } = document;
    if providers.is_empty() && models.is_empty() && generic.is_empty() {
        return Cow::Borrowed(Catalogue::built_in());
    }
    let overridden = serde_json::to_string(document)
        .map_err(|error| error.to_string())
        .and_then(|json| Catalogue::with_overrides(&json).map_err(|error| said(&error)));
    match overridden {
        Ok(catalogue) => Cow::Owned(catalogue),
        Err(message) => {
            place.problem(message);
            Cow::Borrowed(Catalogue::built_in())
        }
    }
}

/// The place that it names is that in the whole catalogue, and not that in the file.
fn said(error: &CatalogueError) -> String {
    match error {
        CatalogueError::Shape { message, .. } | CatalogueError::Meaning(message) => message.clone(),
    }
}
