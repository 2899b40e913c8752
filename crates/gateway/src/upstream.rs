//! A target as it is asked: its URLs and headers, made once. It does not decide when.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use model_multiplexer_core::fleet::TargetSpec;
use model_multiplexer_core::outcome::Domain;
use model_multiplexer_core::wire::http_client::Http2;
use model_multiplexer_core::wire::{HttpClient, Profile, ProfileError, Usage};

use crate::config::{Instance, KeyHash, Model, Proxy, Secret};
use crate::endpoint::Endpoint;
use crate::metrics::{Metrics, TargetMetrics};

/// A model of an instance with one of its keys.
pub(crate) struct Upstream {
    /// Its name in metrics, headers and the log.
    pub(crate) id: Box<str>,
    /// The instance that it is of.
    pub(crate) instance: Box<str>,
    /// The provider's type.
    pub(crate) kind: Box<str>,
    pub(crate) price: Option<Cost>,
    pub(crate) metrics: Arc<TargetMetrics>,
    /// What clients call its model.
    pub(crate) model: Box<str>,
    /// The model's name at the provider.
    pub(crate) model_name: Box<str>,
    /// The same two as headers of a response.
    pub(crate) id_header: HeaderValue,
    pub(crate) model_header: HeaderValue,
    pub(crate) http: HttpClient,
    /// Its streams may end without saying that the answer is finished.
    pub(crate) finish_optional: bool,
    /// The API's root, without a slash at its end.
    root: Box<str>,
    way: Way,
    /// In the order of [`Endpoint::ALL`].
    profiles: [Arc<Profile>; Endpoint::ALL.len()],
}

/// What tokens cost, in US dollars per million.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    input: f64,
    output: f64,
}

impl Cost {
    /// The price of a model, where it is known.
    fn known(model: &Model) -> Option<Self> {
        let price = model.price?;
        Some(Self { input: price.input_per_million?, output: price.output_per_million? })
    }

    /// The higher of both prices.
    pub(crate) fn or_dearer(self, other: Self) -> Self {
        Self { input: self.input.max(other.input), output: self.output.max(other.output) }
    }

    /// What so many tokens cost.
    pub(crate) fn of(self, usage: Usage) -> f64 {
        (usage.input as f64 * self.input + usage.output as f64 * self.output) / 1e6
    }
}

/// What the gateway calls itself to providers.
const USER_AGENT: &str = concat!("model-multiplexer/", env!("CARGO_PKG_VERSION"));

impl Upstream {
    /// The target of one model of an instance with its key number `key`.
    ///
    /// # Errors
    /// [`ProfileError`] where the URL or a header is not one.
    pub(crate) fn new(
        instance: &Instance,
        model: &Model,
        key: usize,
        http: HttpClient,
        connect: Option<Duration>,
        metrics: &Metrics,
    ) -> Result<Self, ProfileError> {
        let id = id(instance, model, key);
        let root = instance.base_url.as_str();
        let proxy = match &instance.proxy {
            Proxy::Url(url) => Some(url.clone()),
            Proxy::Environment | Proxy::None => None,
        };
        let http2 = if instance.http2 { Http2::Negotiated } else { Http2::Never };
        let way = Way { headers: headers(instance, key), proxy, http2, connect };
        let profile = |endpoint: Endpoint| -> Result<Arc<Profile>, ProfileError> {
            let url = format!("{root}{}", endpoint.path());
            Ok(Arc::new(way.profile("POST", &url)?))
        };
        let [chat, completions, embeddings, responses] = Endpoint::ALL;
        let profiles =
            [profile(chat)?, profile(completions)?, profile(embeddings)?, profile(responses)?];
        Ok(Self {
            id_header: header_value(&id),
            model_header: header_value(&model.model_name),
            metrics: metrics.target(&id),
            price: Cost::known(model),
            kind: instance.kind.as_str().into(),
            id: id.into(),
            instance: instance.id.as_str().into(),
            model: model.name.as_str().into(),
            model_name: model.model_name.as_str().into(),
            http,
            finish_optional: model.finish_optional,
            root: root.into(),
            way,
            profiles,
        })
    }

    /// True if the other is asked with the same key.
    pub(crate) fn has_key_of(&self, other: &Self) -> bool {
        self.way.headers == other.way.headers
    }

    /// How a request to an endpoint is sent.
    pub(crate) fn profile(&self, endpoint: Endpoint) -> Arc<Profile> {
        Arc::clone(&self.profiles[endpoint as usize])
    }

    /// How a request of another method to something below the root is sent: `path` begins with a
    /// slash.
    ///
    /// # Errors
    /// [`ProfileError`] where the path makes no URL.
    pub(crate) fn profile_of(
        &self,
        method: &str,
        path: &str,
    ) -> Result<Arc<Profile>, ProfileError> {
        let url = format!("{}{path}", self.root);
        self.way.profile(method, &url).map(Arc::new)
    }
}

impl std::fmt::Debug for Upstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upstream").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The numbers of its keys; one without a key is asked without.
pub(crate) fn keys(instance: &Instance) -> std::ops::Range<usize> {
    0..instance.keys.len().max(1)
}

/// The target's name: with the key's number where there are several.
pub(crate) fn id(instance: &Instance, model: &Model, key: usize) -> String {
    match instance.keys.len() {
        0 | 1 => format!("{}/{}", instance.id, model.name),
        _ => format!("{}/{}#{}", instance.id, model.name, key + 1),
    }
}

/// What the fleet is told of it, without its routes.
pub(crate) fn spec(instance: &Instance, model: &Model, key: usize) -> TargetSpec {
    let own = [(Domain::Key, &instance.limits), (Domain::Target, &model.limits)];
    let shared = instance.shared_limits.iter().map(|(domain, limits)| (*domain, limits));
    let all = own.into_iter().chain(shared);
    let concurrent = all.clone().filter_map(|(domain, limits)| Some((domain, limits.concurrent?)));
    let limits = all.map(|(domain, limits)| (domain, limits.to_core()));
    TargetSpec {
        weight: model.weight.get(),
        tier: model.tier,
        max_concurrent: model.max_concurrent,
        key: Some(key_name(instance, key)),
        account: Some(instance.account.clone()),
        provider: Some(instance.provider.clone()),
        tags: model.tags.clone(),
        context_window: model.context_window,
        prefill: model.prefill,
        concurrent: concurrent.collect(),
        limits: limits.filter(|(_, limits)| !limits.is_empty()).collect(),
        ..TargetSpec::new(id(instance, model, key), model.model_name.clone())
    }
}

/// What the limits and rests of a key go by: the same wherever it stands in the list.
fn key_name(instance: &Instance, key: usize) -> String {
    let Some(key) = instance.keys.get(key) else { return instance.id.clone() };
    let KeyHash(hash) = KeyHash::of(key.expose());
    let beginning = hash.iter().take(6).fold(0, |number, byte| number << 8 | u64::from(*byte));
    format!("{}#{beginning:012x}", instance.id)
}

fn headers(instance: &Instance, key: usize) -> Vec<(String, Secret)> {
    let own = [
        ("content-type", "application/json".to_owned()),
        ("accept", "*/*".to_owned()),
        // What comes is passed on as it is, and looked at on the way.
        ("accept-encoding", "identity".to_owned()),
        ("user-agent", USER_AGENT.to_owned()),
    ];
    let bearer = instance.keys.get(key).map(|key| format!("Bearer {}", key.expose()));
    let authorization = bearer.map(|bearer| ("authorization", bearer));
    let own = own.into_iter().chain(authorization);
    let mut headers: Vec<(String, Secret)> = own
        .filter(|(name, _)| !instance.headers.contains_key(*name))
        .map(|(name, value)| (name.to_owned(), Secret::new(value)))
        .collect();
    let further = instance.headers.iter();
    headers.extend(further.map(|(name, value)| (name.clone(), value.clone())));
    headers
}

/// What all requests to a target have in common.
struct Way {
    headers: Vec<(String, Secret)>,
    proxy: Option<Secret>,
    http2: Http2,
    /// How long a connection may take to be made; none for the engine's own time.
    connect: Option<Duration>,
}

impl Way {
    fn profile(&self, method: &str, url: &str) -> Result<Profile, ProfileError> {
        let headers = self.headers.iter().map(|(name, value)| (name.as_str(), value.expose()));
        let proxy = self.proxy.as_ref().map(Secret::expose);
        let profile = Profile::new(method, url, headers, false, proxy, self.http2)?;
        let profile = profile.without_redirects();
        Ok(match self.connect {
            Some(connect) => profile.with_connect_timeout(connect),
            None => profile,
        })
    }
}

/// A name as a header's value; letters that HTTP does not allow there become `?`.
fn header_value(name: &str) -> HeaderValue {
    let visible: String =
        name.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).collect();
    HeaderValue::from_str(&visible).unwrap_or(HeaderValue::from_static("?"))
}
