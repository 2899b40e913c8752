//! Names that stand for models: aliases and fallbacks.

use std::collections::BTreeMap;

use super::super::Alias;
use super::super::decode::nearest;
use super::super::document::{AliasDocument, OneOrMany};
use super::super::place::Place;
use super::instances::{AUTO, Known};
use super::routing::strategy;

/// What a name can stand for.
pub(super) struct Names<'a> {
    pub(super) known: &'a Known,
}

impl Names<'_> {
    pub(super) fn aliases(
        &self,
        documents: BTreeMap<String, AliasDocument>,
        place: &Place<'_>,
    ) -> BTreeMap<String, Alias> {
        let resolved = documents.into_iter().map(|(name, document)| {
            let here = place.field(&name);
            if name == AUTO || self.known.models.contains(&name) {
                here.problem("is the name of a model already");
            }
            self.check(&document.models, &here);
            let strategy = document.strategy.map(strategy);
            (name, Alias { models: document.models, strategy })
        });
        resolved.collect()
    }

    pub(super) fn fallbacks(
        &self,
        documents: BTreeMap<String, OneOrMany<String>>,
        place: &Place<'_>,
    ) -> BTreeMap<String, Vec<String>> {
        let resolved = documents.into_iter().map(|(name, models)| {
            let here = place.field(&name);
            let models = models.into_vec();
            if !self.is_known(&name) {
                here.problem(self.unknown(&name));
            }
            if models.contains(&name) {
                here.problem(format!("\"{name}\" cannot be its own fallback"));
            }
            self.check(&models, &here);
            (name, models)
        });
        resolved.collect()
    }

    fn check(&self, models: &[String], place: &Place<'_>) {
        if models.is_empty() {
            place.problem("must name at least one model");
        }
        for model in models.iter().filter(|model| !self.is_known(model)) {
            place.problem(self.unknown(model));
        }
    }

    /// A model of some instance, by itself or after the instance's id.
    fn is_known(&self, name: &str) -> bool {
        let of_instance = |(id, model): (&str, &str)| {
            self.known.ids.contains(id) && self.known.models.contains(model)
        };
        self.known.models.contains(name) || name.split_once('/').is_some_and(of_instance)
    }

    fn unknown(&self, name: &str) -> String {
        let models: Vec<&str> = self.known.models.iter().map(String::as_str).collect();
        match nearest(name, &models) {
            Some(known) => {
                format!("no instance has the model \"{name}\"; did you mean \"{known}\"?")
            }
            None => format!("no instance has the model \"{name}\""),
        }
    }
}
