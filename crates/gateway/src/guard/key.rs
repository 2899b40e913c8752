//! Whose key a request shows. Keys are known by their SHA-256 only; how long it takes to look one
//! up does not depend on which it is.

use std::sync::Arc;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use subtle::{ConditionallySelectable, ConstantTimeEq};
use time::OffsetDateTime;

use super::window::Window;
use crate::config::{Client, KeyHash};
use crate::refusal::Refusal;

/// Who may use the gateway.
pub(crate) struct Clients {
    clients: Vec<Arc<Known>>,
    /// Each key with its client's number and the end of its time.
    keys: Vec<(KeyHash, u32, Option<OffsetDateTime>)>,
}

/// A client and what it has used.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) client: Client,
    pub(crate) used: Arc<Used>,
}

/// What a client has used. It outlives a configuration.
#[derive(Debug, Default)]
pub(crate) struct Used {
    pub(crate) requests: Window,
    pub(crate) tokens: Window,
    pub(crate) dollars: super::window::Purse,
}

impl Known {
    /// True if the client may ask for this model.
    pub(crate) fn may_use(&self, model: &str) -> bool {
        let matches = |pattern: &String| match pattern.strip_suffix('*') {
            Some(beginning) => model.starts_with(beginning),
            None => pattern == model,
        };
        self.client.models.as_ref().is_none_or(|models| models.iter().any(matches))
    }
}

impl Clients {
    /// `used` gives what a client of a name has used so far.
    pub(crate) fn new(clients: &[Client], used: impl Fn(&str) -> Arc<Used>) -> Self {
        let keys = clients.iter().zip(0..).flat_map(|(client, number)| {
            client.keys.iter().map(move |key| (key.hash, number, key.expires))
        });
        let known =
            |client: &Client| Arc::new(Known { used: used(&client.name), client: client.clone() });
        Self { keys: keys.collect(), clients: clients.iter().map(known).collect() }
    }

    /// True if anyone may use the gateway who reaches it.
    pub(crate) fn is_open(&self) -> bool {
        self.clients.is_empty()
    }

    /// The client whose key is shown.
    ///
    /// # Errors
    /// 401 where there is none, or one that is not known or not any more.
    pub(crate) fn identify(
        &self,
        headers: &HeaderMap,
        now: OffsetDateTime,
    ) -> Result<&Arc<Known>, Refusal> {
        let key = bearer(headers)
            .ok_or_else(|| Refusal::unauthorized("Missing or invalid Authorization header"))?;
        self.find(key, now).ok_or_else(|| Refusal::unauthorized("Invalid API key"))
    }

    fn find(&self, key: &str, now: OffsetDateTime) -> Option<&Arc<Known>> {
        let KeyHash(shown) = KeyHash::of(key);
        let mut found = u32::MAX;
        for (KeyHash(known), client, expires) in &self.keys {
            let counts = u8::from(expires.is_none_or(|end| now < end));
            let is_it = known.ct_eq(&shown) & counts.into();
            found = u32::conditional_select(&found, client, is_it);
        }
        self.clients.get(found as usize)
    }
}

/// The bearer token (RFC 6750 §2.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ClientKey;
    use time::Duration;

    fn client(name: &str, keys: &[(&str, Option<OffsetDateTime>)]) -> Client {
        Client {
            name: name.to_owned(),
            keys: keys
                .iter()
                .map(|(key, expires)| ClientKey { hash: KeyHash::of(key), expires: *expires })
                .collect(),
            models: Some(vec!["gpt-4o*".to_owned(), "llama".to_owned()]),
            rpm: None,
            tpm: None,
            budget: None,
        }
    }

    #[test]
    fn a_key_is_its_clients_until_it_expires() {
        let now = OffsetDateTime::UNIX_EPOCH + Duration::days(20_000);
        let soon = Some(now + Duration::seconds(1));
        let clients = Clients::new(
            &[
                client("a", &[("sk-a1", Some(now)), ("sk-a2", soon)]),
                client("b", &[("sk-b", None)]),
            ],
            |_| Arc::default(),
        );
        let table = [
            ("Bearer sk-a1", Err("Invalid API key")),
            ("Bearer sk-a2", Ok("a")),
            ("bearer  sk-b", Ok("b")),
            ("Bearer sk-c", Err("Invalid API key")),
            ("Bearer ", Err("Missing or invalid Authorization header")),
            ("Basic sk-b", Err("Missing or invalid Authorization header")),
            ("sk-b", Err("Missing or invalid Authorization header")),
        ];
        for (value, expected) in table {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())]);
            let found = clients.identify(&headers, now);
            let name = found.as_ref().map(|known| known.client.name.as_str());
            assert_eq!(name.map_err(|refusal| refusal.message.as_str()), expected, "{value}");
        }
    }

    #[test]
    fn a_client_may_use_what_its_list_names() {
        let known = Known { client: client("a", &[]), used: Arc::default() };
        for (model, may) in [
            ("gpt-4o", true),
            ("gpt-4o-mini", true),
            ("gpt-4", false),
            ("llama", true),
            ("llama-3", false),
        ] {
            assert_eq!(known.may_use(model), may, "{model}");
        }
    }
}
