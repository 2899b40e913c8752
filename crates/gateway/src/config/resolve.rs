//! The written document as what the gateway uses: defaults are filled in, and what does not go
//! together is found, all of it at once. It reads no YAML.

mod access;
mod catalogue;
mod instances;
mod models;
mod names;
mod routing;
mod server;

use std::net::IpAddr;
use std::path::Path;

use super::document::Document;
use super::place::{Findings, Place};
use super::{Config, Surroundings};

/// What counts before the file and the environment: options of the command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// The address to listen on.
    pub host: Option<IpAddr>,
    /// The port to listen on.
    pub port: Option<u16>,
}

/// What surrounds the document.
pub(super) struct Around<'a> {
    pub(super) surroundings: &'a Surroundings<'a>,
    pub(super) overrides: &'a Overrides,
    pub(super) findings: &'a Findings,
}

impl Around<'_> {
    /// A variable of the environment that is set to something.
    fn variable(&self, name: &str) -> Option<String> {
        (self.surroundings.variable)(name).filter(|text| !text.is_empty())
    }

    /// A number from the environment.
    fn number(&self, name: &str, most: u64) -> Option<u64> {
        let text = self.variable(name)?;
        let number = text.trim().parse().ok().filter(|number| *number <= most);
        if number.is_none() {
            let message = format!("must be a whole number from 0 to {most}, not \"{text}\"");
            self.findings.outside("environment", name, message);
        }
        number
    }

    /// The path of a file that has to be readable; relative ones begin at the configuration.
    fn readable(&self, place: &Place<'_>, path: &str) -> std::path::PathBuf {
        let path = self.surroundings.folder.join(Path::new(path));
        if let Err(why) = (self.surroundings.file)(&path) {
            place.problem(format!("cannot read {}: {why}", path.display()));
        }
        path
    }
}

/// What a gateway is told by this document. What is wrong with it goes to the findings; the
/// result is of use only if there are none.
pub(super) fn resolve(document: Document, root: &Place<'_>, around: &Around<'_>) -> Config {
    let catalogue = catalogue::resolve(&document.catalogue, &root.field("catalogue"));
    let (instances, skipped, known) =
        instances::resolve(document.providers, &catalogue, &root.field("providers"), around);
    let names = names::Names { known: &known };
    let clients = access::resolve(document.clients, &root.field("clients"), around);
    Config {
        server: server::server(document.server, &root.field("server"), &clients, around),
        log: server::log(&document.log, around),
        routing: routing::resolve(&document.routing, &root.field("routing")),
        aliases: names.aliases(document.aliases, &root.field("aliases")),
        fallbacks: names.fallbacks(document.fallbacks, &root.field("fallbacks")),
        clients: clients.into_iter().map(|client| client.client).collect(),
        state: server::state(document.state, &root.field("state"), around),
        generic: catalogue.generic().map(|(name, size)| (name.to_owned(), size)).collect(),
        instances,
        skipped,
    }
}
