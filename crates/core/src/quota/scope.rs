//! Whose account it is, by a name that outlives the process, and what of an account does.

use std::fmt;
use std::str::FromStr;

use super::limits::Meter;
use super::zone::Window;
use crate::outcome::Domain;

/// Whom limits concern: one target, or all that share a key, an account, a model of one of a
/// provider's or of an account's, or a provider.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// What is shared.
    pub domain: Domain,
    /// Its name: the target's id, or the name of the key, the account or the provider, or
    /// provider or account and model with a slash between. Never a secret.
    pub name: String,
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.domain.name(), self.name)
    }
}

/// A text that is no scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a scope is a kind and a name, such as key:acme")]
pub struct NoScope;

impl FromStr for Scope {
    type Err = NoScope;

    fn from_str(text: &str) -> Result<Self, NoScope> {
        let (domain, name) = text.split_once(':').ok_or(NoScope)?;
        let domain = match domain {
            "target" => Domain::Target,
            "model" => Domain::Model,
            "accountModel" => Domain::AccountModel,
            "key" => Domain::Key,
            "account" => Domain::Account,
            "provider" => Domain::Provider,
            _ => return Err(NoScope),
        };
        Ok(Self { domain, name: name.to_owned() })
    }
}

/// What was spent of a limit in a window: what a store keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spending {
    /// Whose limit.
    pub scope: Scope,
    /// Which one.
    pub meter: Meter,
    /// The window, by the host's clock. For a limit that slides: from now until it is whole again.
    pub window: Window,
    /// Spent and reserved. More than the limit is owed in the next window.
    pub used: u64,
}
