//! A configuration as it is used: the targets with their URLs, and which of them each name of a
//! model stands for. Made once for a configuration and then only read.

mod models;
mod route;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use model_multiplexer_core::fleet::{Fleet, Strategy, TargetKey, TargetSpec};
use model_multiplexer_core::multiplexer::{Deadlines, Resilience};
use model_multiplexer_core::outcome::Cooldown;
use model_multiplexer_core::policy::Policy;
use model_multiplexer_core::quota::{Estimate, Expectation, Limits, Measure};
use model_multiplexer_core::wire::http_client::{self, HttpSettings};
use model_multiplexer_core::wire::{HttpClient, HttpError, ProfileError};

pub(crate) use models::Listing;
pub(crate) use route::Route;
use route::Routes;

use crate::config::{ClientCertificate, Config, Instance, is_by_load};
use crate::guard::key::{Clients, Used};
use crate::metrics::Metrics;
use crate::upstream::{self, Cost, Upstream};

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A URL or a header of an instance is not one.
    #[error("providers \"{instance}\": {source}")]
    Profile {
        /// The instance.
        instance: String,
        /// What is wrong.
        source: ProfileError,
    },
    /// A file of certificates cannot be read.
    #[error("providers \"{instance}\": {path}: {source}")]
    File {
        /// The instance.
        instance: String,
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// Certificates cannot be used.
    #[error("providers \"{instance}\": {source}")]
    Certificates {
        /// The instance.
        instance: String,
        /// Why.
        source: HttpError,
    },
    /// Two targets would have one name.
    #[error("there are two targets named \"{0}\"")]
    Twice(String),
}

/// A configuration as it is used.
pub(crate) struct Plan {
    pub(crate) config: Config,
    pub(crate) resilience: Arc<Resilience>,
    pub(crate) cooldown: Cooldown,
    pub(crate) listing: Listing,
    pub(crate) clients: Clients,
    /// A target may have as many calls as it may, or have spent a limit.
    pub(crate) may_be_full: bool,
    /// How requests are counted; none where no tokens are limited.
    pub(crate) expectation: Option<Expectation>,
    /// The highest price of each tag's targets.
    dearest: HashMap<String, Cost>,
    upstreams: HashMap<TargetKey, Arc<Upstream>>,
    routes: Routes,
}

impl Plan {
    /// Makes a plan in place of the one `before`, and the fleet hold its targets. One whose name stays
    /// keeps its rest, its statistics and its calls; with another key, not the key's rest.
    ///
    /// # Errors
    /// [`PlanError`]; the fleet is then unchanged.
    pub(crate) fn new(
        config: Config,
        fleet: &Fleet,
        metrics: &Metrics,
        before: Option<&Self>,
        used: impl Fn(&str) -> Arc<Used>,
    ) -> Result<Self, PlanError> {
        let mut http = HttpClients::default();
        let mut specs = Vec::new();
        let mut upstreams = Vec::new();
        let connect = config.routing.timeouts.connect;
        for instance in &config.instances {
            let client = http.of(instance)?;
            for model in &instance.models {
                for key in upstream::keys(instance) {
                    let upstream =
                        Upstream::new(instance, model, key, client.clone(), connect, metrics);
                    let upstream = upstream.map_err(|source| PlanError::Profile {
                        instance: instance.id.clone(),
                        source,
                    })?;
                    specs.push(upstream::spec(instance, model, key));
                    upstreams.push(Arc::new(upstream));
                }
            }
        }
        let is_limited = |spec: &TargetSpec| {
            spec.max_concurrent.is_some() || !spec.limits.is_empty() || !spec.concurrent.is_empty()
        };
        let may_be_full = specs.iter().any(is_limited);
        let expectation = expectation(&specs);
        let routes = Routes::new(&config, &mut specs);
        let listing = Listing::new(&config, &routes);
        let dearest = dearest(&specs, &upstreams);
        let keys = fleet.replace(specs).map_err(PlanError::Twice)?;
        for (key, upstream) in keys.iter().zip(&upstreams) {
            let known = before.and_then(|before| before.upstream(*key));
            if known.is_some_and(|known| !known.has_key_of(upstream)) {
                fleet.change_key(*key);
            }
        }
        fleet.choose_by(strategy(&config));
        let cooldown = config.routing.cooldown;
        Ok(Self {
            resilience: Resilience::new(
                policy(&config),
                deadlines(&config),
                config.routing.retry_budget,
                cooldown,
                config.routing.hedge.map(|hedge| hedge.share),
            ),
            cooldown,
            listing,
            clients: Clients::new(&config.clients, used),
            may_be_full,
            expectation,
            dearest,
            upstreams: keys.into_iter().zip(upstreams).collect(),
            routes,
            config,
        })
    }

    /// The target of this key; none if it has gone meanwhile.
    pub(crate) fn upstream(&self, key: TargetKey) -> Option<&Arc<Upstream>> {
        self.upstreams.get(&key)
    }

    /// All targets.
    pub(crate) fn targets(&self) -> impl Iterator<Item = TargetKey> {
        self.upstreams.keys().copied()
    }

    /// What a request is expected to use.
    pub(crate) fn expected(&self, request: &str) -> Estimate {
        match &self.expectation {
            Some(expectation) => expectation.of(Some(request)),
            None => Expectation::default().of(Some(request)),
        }
    }

    /// The highest price of a route's targets, as far as prices are known.
    pub(crate) fn dearest(&self, route: &Route) -> Option<Cost> {
        route.tags.keys().find_map(|tag| self.dearest.get(tag)).copied()
    }

    /// What a name of a model stands for.
    pub(crate) fn route(&self, name: &str) -> Option<&Arc<Route>> {
        self.routes.named(name)
    }
}

/// How requests to these targets are counted, if that is needed.
fn expectation(specs: &[TargetSpec]) -> Option<Expectation> {
    let mut meters = specs.iter().flat_map(|spec| spec.limits.values()).flat_map(Limits::keys);
    meters.any(|meter| meter.measure == Measure::Tokens).then(|| {
        let expectation = Expectation::default();
        for spec in specs {
            expectation.prepare_for(&spec.model, spec.limits.values());
        }
        expectation
    })
}

/// The highest price of each tag's targets.
fn dearest(specs: &[TargetSpec], upstreams: &[Arc<Upstream>]) -> HashMap<String, Cost> {
    let mut dearest = HashMap::<_, Cost>::new();
    for (spec, upstream) in specs.iter().zip(upstreams) {
        let Some(price) = upstream.price else { continue };
        for tag in spec.tags.keys() {
            let known = dearest.entry(tag.clone()).or_insert(price);
            *known = known.or_dearer(price);
        }
    }
    dearest
}

/// The fleet's own strategy. Routes say theirs; but only a fleet that goes by loads keeps them.
fn strategy(config: &Config) -> Strategy {
    let mut of_aliases = config.aliases.values().filter_map(|alias| alias.strategy);
    of_aliases.find(|strategy| is_by_load(*strategy)).unwrap_or(config.routing.strategy)
}

fn policy(config: &Config) -> Policy {
    let preset = Policy::new(config.routing.policy);
    config.routing.rules.iter().fold(preset, |policy, (outcome, rule)| policy.with(*outcome, *rule))
}

fn deadlines(config: &Config) -> Deadlines {
    let timeouts = &config.routing.timeouts;
    Deadlines { first_token: timeouts.first_token, stall: timeouts.stall, total: timeouts.total }
}

/// HTTP clients: one for all instances that trust the same authorities and show the same
/// certificate.
#[derive(Default)]
struct HttpClients(BTreeMap<(Option<PathBuf>, Option<ClientCertificate>), HttpClient>);

impl HttpClients {
    fn of(&mut self, instance: &Instance) -> Result<HttpClient, PlanError> {
        let shared = (instance.ca_file.clone(), instance.client_certificate.clone());
        if let Some(client) = self.0.get(&shared) {
            return Ok(client.clone());
        }
        let name = || instance.id.clone();
        let read = |path: &PathBuf| {
            std::fs::read_to_string(path).map_err(|source| PlanError::File {
                instance: name(),
                path: path.display().to_string(),
                source,
            })
        };
        let extra_authorities = instance.ca_file.as_ref().map(read).transpose()?;
        let files = instance.client_certificate.as_ref();
        let certificate = files.map(|files| {
            let (chain, key) = (read(&files.cert_file)?, read(&files.key_file)?);
            Ok(http_client::ClientCertificate { chain, key })
        });
        let client_certificate = certificate.transpose()?;
        let settings =
            HttpSettings { extra_authorities, client_certificate, ..HttpSettings::default() };
        let client = HttpClient::new(&settings)
            .map_err(|source| PlanError::Certificates { instance: name(), source })?;
        self.0.insert(shared, client.clone());
        Ok(client)
    }
}

/// Marks a target as one of a route.
fn mark(spec: &mut TargetSpec, route: &str) {
    spec.tags.insert(route::tag(route), String::new());
}
