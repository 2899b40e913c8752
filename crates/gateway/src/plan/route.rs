//! Which targets a name of a model stands for: a model that instances serve, `instance/model`,
//! `type/model`, an alias, a name for a size, or `multirouter-auto`. It does not choose among them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use model_multiplexer_core::fleet::{Strategy, Tags, TargetSpec};

use super::mark;
use crate::config::{Alias, Config};
use crate::upstream;

/// The name that stands for all instances, each in its turn with its first model.
pub(crate) const AUTO: &str = "multirouter-auto";

/// What a name stands for.
#[derive(Debug)]
pub(crate) struct Route {
    /// What targets must have to belong to it.
    pub(crate) tags: Tags,
    /// How one of them is chosen.
    pub(crate) strategy: Strategy,
    /// Names of what is asked when none of them can be, in this order.
    pub(crate) then: Vec<Box<str>>,
}

/// All routes by name.
#[derive(Debug, Default)]
pub(super) struct Routes(HashMap<Box<str>, Arc<Route>>);

/// The tag of a route's targets. No tag of a configuration has such a name.
pub(super) fn tag(route: &str) -> String {
    format!("\0{route}")
}

impl Routes {
    /// The routes of a configuration, whose targets are `specs`, in the order of the instances,
    /// their models and their keys. Each is marked as what it belongs to.
    ///
    /// A name that is a model and something else as well is the model.
    pub(super) fn new(config: &Config, specs: &mut [TargetSpec]) -> Self {
        let mut routes = Self::default();
        let strategy = config.routing.strategy;
        let models: Vec<_> = targets(config).map(|(_, model, _)| model.name.as_str()).collect();
        for ((instance, model, is_first), spec) in targets(config).zip(&mut *specs) {
            let mut names = vec![model.name.clone()];
            let is_id = |name: &str| config.instances.iter().any(|other| other.id == name);
            let wider = [&instance.kind, &instance.provider].into_iter().filter(|of| !is_id(of));
            let qualified = std::iter::once(&instance.id).chain(wider);
            let qualified = qualified.map(|of| format!("{of}/{}", model.name));
            names.extend(qualified.filter(|name| !models.contains(&name.as_str())));
            for name in names {
                mark(spec, &name);
                routes.enter(&name, strategy);
            }
            if is_first {
                mark(spec, AUTO);
                routes.enter(AUTO, Strategy::RoundRobin);
            }
        }
        let is_taken = |name: &str| models.contains(&name) || config.aliases.contains_key(name);
        for (name, size) in config.generic.iter().filter(|(name, _)| !is_taken(name)) {
            routes.enter_generic(name, *size, config, specs);
        }
        for (name, alias) in &config.aliases {
            routes.enter_alias(name, alias, strategy, specs);
        }
        for (name, others) in &config.fallbacks {
            if let Some(route) = routes.0.get_mut(name.as_str()).and_then(Arc::get_mut) {
                route.then.extend(others.iter().map(|other| other.as_str().into()));
            }
        }
        routes
    }

    fn enter(&mut self, name: &str, strategy: Strategy) {
        self.0.entry(name.into()).or_insert_with(|| {
            Arc::new(Route {
                tags: Tags::from([(tag(name), String::new())]),
                strategy,
                then: Vec::new(),
            })
        });
    }

    /// A name for all models of a size; of any size, the largest are asked first, and those of
    /// unknown size last.
    fn enter_generic(
        &mut self,
        name: &str,
        size: Option<u8>,
        config: &Config,
        specs: &mut [TargetSpec],
    ) {
        let sizes: BTreeSet<_> = targets(config).map(|(_, model, _)| model.size).collect();
        let is_meant = |of: &Option<u8>| size.is_none_or(|size| *of == Some(size));
        let rows: Vec<_> = sizes.into_iter().rev().filter(is_meant).collect();
        let row = |number: usize| match number {
            0 => name.to_owned(),
            // A name that nobody asks for.
            number => format!("\0{name}\0{number}"),
        };
        for (number, size) in rows.iter().enumerate() {
            let named = row(number);
            for ((_, model, _), spec) in targets(config).zip(&mut *specs) {
                if model.size == *size {
                    mark(spec, &named);
                }
            }
            self.enter(&named, config.routing.strategy);
        }
        if let Some(first) = self.0.get_mut(name).and_then(Arc::get_mut) {
            first.then.extend((1..rows.len()).map(|number| row(number).into_boxed_str()));
        }
    }

    /// An alias. Under [`Strategy::Priority`] its models are asked in their order, each with all
    /// its targets; under any other all targets are one row.
    fn enter_alias(
        &mut self,
        name: &str,
        alias: &Alias,
        strategy: Strategy,
        specs: &mut [TargetSpec],
    ) {
        let strategy = alias.strategy.unwrap_or(strategy);
        let (row, then) = match (strategy, alias.models.split_first()) {
            (Strategy::Priority, Some((first, others))) => (std::slice::from_ref(first), others),
            _ => (alias.models.as_slice(), [].as_slice()),
        };
        let row: Vec<_> = row.iter().map(|model| tag(model)).collect();
        for spec in specs {
            if row.iter().any(|tag| spec.tags.contains_key(tag)) {
                mark(spec, name);
            }
        }
        self.enter(name, strategy);
        if let Some(route) = self.0.get_mut(name).and_then(Arc::get_mut) {
            route.then.extend(then.iter().map(|other| other.as_str().into()));
        }
    }

    pub(super) fn named(&self, name: &str) -> Option<&Arc<Route>> {
        self.0.get(name)
    }
}

type Each<'a> = (&'a crate::config::Instance, &'a crate::config::Model, bool);

/// Instance and model of each target, in the order of targets, and whether it is the instance's
/// first model.
fn targets(config: &Config) -> impl Iterator<Item = Each<'_>> {
    config.instances.iter().flat_map(|instance| {
        instance.models.iter().enumerate().flat_map(move |(number, model)| {
            upstream::keys(instance).map(move |_| (instance, model, number == 0))
        })
    })
}
