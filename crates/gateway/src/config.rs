//! What a gateway is told, in the form in which it is used: every default filled in, every
//! `${VAR}` expanded, every value checked. It does not decide what is done with it.
//!
//! A configuration comes from a YAML file and the environment: [`Config::read`].

mod client;
mod decode;
mod document;
mod expand;
mod instance;
mod place;
mod problem;
mod read;
mod resolve;
mod routing;
mod secret;
mod server;
mod state;
mod tree;

use std::collections::{BTreeMap, BTreeSet};

pub use client::{Budget, Client, ClientKey, KeyHash, Period};
pub use instance::{ClientCertificate, Instance, Limits, Model, Proxy, Skipped, Window};
pub use problem::{Problem, Problems};
pub use read::{Source, Surroundings};
pub use resolve::Overrides;
pub(crate) use resolve::is_by_load;
pub use routing::{Alias, Hedge, MidStream, ResponseModel, Routing, Timeouts};
pub use secret::Secret;
pub use server::{Bounds, Log, LogFormat, LogLevel, Server, Tls};
pub use state::{OnStateLoss, State};

/// Everything a gateway is told.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where and how it listens.
    pub server: Server,
    /// What it writes about itself.
    pub log: Log,
    /// How requests find their targets.
    pub routing: Routing,
    /// The provider instances that have a key, in the order of the file.
    pub instances: Vec<Instance>,
    /// The instances that are passed over; each is worth a line in the log.
    pub skipped: Vec<Skipped>,
    /// Names that stand for all models of a size (from 4 to 1), or of any: those of the catalogue.
    pub generic: BTreeMap<String, Option<u8>>,
    /// Names that stand for one or several models, by name.
    pub aliases: BTreeMap<String, Alias>,
    /// Models that are asked when no target of a model can be, by the model.
    pub fallbacks: BTreeMap<String, Vec<String>>,
    /// Who may use the gateway. Empty: anyone who reaches it.
    pub clients: Vec<Client>,
    /// The list of models needs no key: the file names no clients. The variable `API_KEY` alone
    /// leaves it open.
    pub lists_openly: bool,
    /// Where rests and quotas are kept.
    pub state: State,
}

impl Config {
    /// How many models there are, by name.
    pub(crate) fn models(&self) -> usize {
        let models = self.instances.iter().flat_map(|instance| &instance.models);
        models.map(|model| &model.name).collect::<BTreeSet<_>>().len()
    }
}
