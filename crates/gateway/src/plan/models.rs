//! The list of models, as it is answered. It does not decide who sees which.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use serde::Serialize;

use super::route::{AUTO, Routes};
use crate::config::Config;

/// All models, each once.
pub(crate) struct Listing {
    models: Vec<Listed>,
    /// The whole list as JSON.
    all: Bytes,
}

#[derive(Clone, Debug, Serialize)]
struct Listed {
    id: String,
    object: &'static str,
    created: u64,
    owned_by: String,
}

#[derive(Serialize)]
struct List<'a> {
    object: &'static str,
    data: Vec<&'a Listed>,
}

impl Listing {
    /// `multirouter-auto` first, then models in the order of the file, then aliases.
    pub(super) fn new(config: &Config, routes: &Routes) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let mut models: Vec<Listed> = Vec::new();
        let mut list = |id: &str, owned_by: &str| {
            if routes.named(id).is_some() && !models.iter().any(|listed| listed.id == id) {
                models.push(Listed {
                    id: id.to_owned(),
                    object: "model",
                    created: now,
                    owned_by: owned_by.to_owned(),
                });
            }
        };
        list(AUTO, "multirouter");
        for instance in &config.instances {
            for model in &instance.models {
                list(&model.name, &instance.kind);
            }
        }
        for alias in config.aliases.keys() {
            list(alias, "multirouter");
        }
        let all = json(&List { object: "list", data: models.iter().collect() });
        Self { models, all }
    }

    /// The list of those that `may` be seen, as JSON; none: all of them.
    pub(crate) fn list(&self, may: Option<&dyn Fn(&str) -> bool>) -> Bytes {
        let Some(may) = may else { return self.all.clone() };
        let data = self.models.iter().filter(|listed| may(&listed.id)).collect();
        json(&List { object: "list", data })
    }

    /// One of them as JSON.
    pub(crate) fn one(&self, id: &str) -> Option<Bytes> {
        self.models.iter().find(|listed| listed.id == id).map(json)
    }
}

fn json(value: &impl Serialize) -> Bytes {
    // Text and numbers always serialise.
    serde_json::to_vec(value).unwrap_or_default().into()
}
