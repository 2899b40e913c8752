//! Where Redis is and how it is used. Checked as it is made; a password in a URL is never shown.

use std::fmt;
use std::str::FromStr;

use url::Url;

use super::StoreError;

/// What is done while Redis cannot be reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnLoss {
    /// Only what was granted before is spent.
    #[default]
    Stop,
    /// Each member spends its share of the limits: a limit divided by the members last seen.
    Share,
}

/// Where Redis is, and what it is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// One server, or nodes of a cluster.
    pub(super) servers: Servers,
    /// What all keys begin with.
    pub(super) prefix: String,
    pub(super) on_loss: OnLoss,
    /// The authority to trust instead of the system's, as PEM.
    pub(super) authority: Option<Vec<u8>>,
}

#[derive(Clone, Debug)]
pub(super) enum Servers {
    One(ServerUrl),
    /// Some nodes; the others are found through them.
    Cluster(Vec<ServerUrl>),
}

impl Servers {
    pub(super) fn urls(&self) -> &[ServerUrl] {
        match self {
            Self::One(url) => std::slice::from_ref(url),
            Self::Cluster(urls) => urls,
        }
    }
}

impl Settings {
    /// One server at `url`: `redis://[user:password@]host[:port][/database]`, `rediss://` for TLS.
    ///
    /// # Errors
    /// The URL or the prefix is none.
    pub fn single(url: &str, prefix: &str) -> Result<Self, StoreError> {
        Self::new(Servers::One(url.parse()?), prefix)
    }

    /// A cluster with these nodes, of which one has to be there.
    ///
    /// # Errors
    /// A URL or the prefix is none, or there is no URL.
    pub fn cluster(urls: &[String], prefix: &str) -> Result<Self, StoreError> {
        if urls.is_empty() {
            return Err(StoreError::NoUrl);
        }
        let urls = urls.iter().map(|url| url.parse()).collect::<Result<_, _>>()?;
        Self::new(Servers::Cluster(urls), prefix)
    }

    fn new(servers: Servers, prefix: &str) -> Result<Self, StoreError> {
        let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '{' | '}');
        if prefix.is_empty() || !prefix.chars().all(is_plain) {
            return Err(StoreError::Prefix(prefix.to_owned()));
        }
        let prefix = prefix.to_owned();
        Ok(Self { servers, prefix, on_loss: OnLoss::Stop, authority: None })
    }

    /// What is done while Redis cannot be reached.
    #[must_use]
    pub fn on_loss(self, on_loss: OnLoss) -> Self {
        Self { on_loss, ..self }
    }

    /// Trusts this authority (PEM) instead of the system's.
    #[must_use]
    pub fn authority(self, pem: Option<String>) -> Self {
        Self { authority: pem.map(String::into_bytes), ..self }
    }
}

/// The URL of a server. Shown without its user and password.
#[derive(Clone)]
pub(super) struct ServerUrl(Url);

impl ServerUrl {
    pub(super) fn secret(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for ServerUrl {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let url = Url::parse(text).map_err(|_| StoreError::Url)?;
        let is_known = matches!(url.scheme(), "redis" | "rediss");
        if !is_known || url.host_str().is_none_or(str::is_empty) {
            return Err(StoreError::Url);
        }
        let database = url.path().trim_matches('/');
        if !database.is_empty() && database.parse::<u16>().is_err() {
            return Err(StoreError::Url);
        }
        Ok(Self(url))
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.0.host_str().unwrap_or_default();
        write!(f, "{}://{host}:{}", self.0.scheme(), self.0.port().unwrap_or(6379))
    }
}

impl fmt::Debug for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Servers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, url) in self.urls().iter().enumerate() {
            write!(f, "{}{url}", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        let url = "rediss://alice:s3cret@redis.example:6380/2";
        let settings = Settings::single(url, "mm").unwrap();
        let shown = format!("{settings:?} {}", settings.servers);
        assert!(!shown.contains("s3cret") && !shown.contains("alice"), "{shown}");
        assert!(shown.contains("rediss://redis.example:6380"), "{shown}");
        let wrong = Settings::single("http://alice:s3cret@redis.example", "mm").unwrap_err();
        assert!(!format!("{wrong} {wrong:?}").contains("s3cret"));
    }

    #[test]
    fn what_is_no_redis_url_is_refused() {
        for url in ["", "localhost:6379", "http://localhost", "redis://", "redis://localhost/x"] {
            assert!(matches!(Settings::single(url, "mm"), Err(StoreError::Url)), "{url}");
        }
        assert!(matches!(Settings::cluster(&[], "mm"), Err(StoreError::NoUrl)));
    }

    #[test]
    fn a_prefix_that_would_move_the_hash_tag_is_refused() {
        for prefix in ["", "a{b", "a}b", "a b", "é"] {
            let refused = Settings::single("redis://localhost", prefix);
            assert!(matches!(refused, Err(StoreError::Prefix(_))), "{prefix}");
        }
    }
}
