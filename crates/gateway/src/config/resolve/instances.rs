//! The instances that can be used, and those that are passed over.

use std::collections::{BTreeMap, BTreeSet};

use http::{HeaderName, HeaderValue, Uri};
use model_multiplexer_core::catalogue::{Catalogue, Provider};
use model_multiplexer_core::fleet::Tier;

use super::super::decode::nearest;
use super::super::document::{
    CertificateDocument, OneOrMany, ProviderDocument, ProxyText, SecretText, TierName,
};
use super::super::place::Place;
use super::super::{ClientCertificate, Instance, Proxy, Secret, Skipped};
use super::Around;
use super::models::{Host, limits, shared_limits};

/// A model's rank: primary before fallback, then by priority. Its tier is the rank's position
/// among all that are used.
pub(super) type Rank = (TierName, u16);

/// The name that stands for every instance in its turn; no model can have it.
pub(super) const AUTO: &str = "multirouter-auto";

/// The names that instances have, used or not: what an alias may stand for.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) ids: BTreeSet<String>,
    pub(super) models: BTreeSet<String>,
}

/// The instances with a key, those without, and the names of them all.
pub(super) fn resolve(
    documents: Vec<ProviderDocument>,
    catalogue: &Catalogue,
    place: &Place<'_>,
    around: &Around<'_>,
) -> (Vec<Instance>, Vec<Skipped>, Known) {
    if documents.is_empty() {
        place.problem("must have at least one instance");
    }
    let mut known = Known::default();
    let mut used = Vec::new();
    let mut skipped = Vec::new();
    for (index, document) in documents.into_iter().enumerate() {
        let here = place.item(index);
        check_id(&document.id, &mut known.ids, &here.field("id"));
        let provider = provider(catalogue, &document.r#type, &here.field("type"));
        let reason = reason_to_skip(&document, provider.is_some_and(|known| known.key_optional));
        let (instance, ranks) = instance(document, (catalogue, provider), &here, around);
        known.models.extend(instance.models.iter().map(|model| model.name.clone()));
        match reason {
            Some(reason) => skipped.push(Skipped { id: instance.id, reason }),
            None => used.push((instance, ranks)),
        }
    }
    (in_tiers(used), skipped, known)
}

fn check_id(id: &str, ids: &mut BTreeSet<String>, place: &Place<'_>) {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '@');
    if id.is_empty() || id.len() > 100 || !id.chars().all(allowed) {
        place.problem(format!(
            "must be 1 to 100 letters, digits or any of - _ . : @, not \"{}\"",
            id.escape_debug()
        ));
    } else if !ids.insert(id.to_owned()) {
        place.problem(format!("another instance is called \"{id}\" already"));
    }
}

/// What is known of the providers of this type.
fn provider<'a>(catalogue: &'a Catalogue, kind: &str, place: &Place<'_>) -> Option<&'a Provider> {
    let found = catalogue.provider(kind);
    if found.is_none() {
        let kinds: Vec<&str> = catalogue.providers().iter().map(|one| one.id.as_str()).collect();
        place.problem(match nearest(kind, &kinds) {
            Some(known) => format!("there is no type \"{kind}\"; did you mean \"{known}\"?"),
            None => format!("there is no type \"{kind}\"; there are {}", kinds.join(", ")),
        });
    }
    found
}

fn reason_to_skip(document: &ProviderDocument, key_optional: bool) -> Option<String> {
    if document.enabled == Some(false) {
        return Some("it is not enabled".to_owned());
    }
    let has_key = match &document.api_key {
        None => key_optional,
        Some(OneOrMany::One(key)) => key.0.is_some(),
        Some(OneOrMany::Many(keys)) => keys.iter().any(|key| key.0.is_some()),
    };
    (!has_key).then(|| "it has no API key".to_owned())
}

fn instance(
    document: ProviderDocument,
    (catalogue, known): (&Catalogue, Option<&Provider>),
    place: &Place<'_>,
    around: &Around<'_>,
) -> (Instance, Vec<Rank>) {
    let zone = known.map_or("UTC", |known| &known.zone);
    let base_url = base_url(document.base_url.as_deref(), known, &place.field("base_url"));
    let host = Host { document: &document, catalogue, base_url: &base_url, zone };
    let (models, ranks) = host.models(&place.field("models"));
    let keys = document.api_key.map(OneOrMany::into_vec).unwrap_or_default();
    let keys: Vec<Secret> = keys.into_iter().filter_map(|key| key.0).collect();
    for (index, key) in keys.iter().enumerate() {
        if HeaderValue::from_str(key.expose()).is_err() {
            let here = place.field("api_key");
            here.item(index).problem("has a character that no HTTP header may have");
        }
    }
    let own = document.r#type == "openai-compatible";
    let provider = if own { &document.id } else { &document.r#type };
    let instance = Instance {
        base_url,
        account: document.account.unwrap_or_else(|| document.id.clone()),
        provider: document.provider.unwrap_or_else(|| provider.clone()),
        limits: limits(&document.limits, zone, &place.field("limits")),
        shared_limits: shared_limits(&document.shared_limits, zone, &place.field("shared_limits")),
        headers: headers(document.headers, &place.field("headers")),
        proxy: proxy(document.proxy, &place.field("proxy")),
        http2: document.http2.unwrap_or_default(),
        ca_file: document
            .ca_file
            .map(|path| around.readable(&place.field("ca_file"), &path).clone()),
        client_certificate: document.client_certificate.map(|files| {
            let (cert_file, key_file) =
                certificate(&files, &place.field("client_certificate"), around);
            ClientCertificate { cert_file, key_file }
        }),
        id: document.id,
        kind: document.r#type,
        keys,
        models,
    };
    (instance, ranks)
}

/// The two files of a certificate.
pub(super) fn certificate(
    files: &CertificateDocument,
    place: &Place<'_>,
    around: &Around<'_>,
) -> (std::path::PathBuf, std::path::PathBuf) {
    let cert = around.readable(&place.field("cert_file"), &files.cert_file);
    (cert, around.readable(&place.field("key_file"), &files.key_file))
}

fn base_url(written: Option<&str>, known: Option<&Provider>, place: &Place<'_>) -> String {
    let usual = known.and_then(|known| known.base_url.as_deref());
    let Some(written) = written.filter(|url| !url.is_empty()).or(usual) else {
        if let Some(known) = known {
            place.problem(format!("is missing: the type {} needs it", known.id));
        }
        return String::new();
    };
    match written.parse::<Uri>() {
        Ok(uri) if is_web(&uri) => {}
        _ => place.problem(
            "must be an http(s) URL without a name and a password, as \"http://localhost:11434/v1\"",
        ),
    }
    written.trim_end_matches('/').to_owned()
}

fn is_web(uri: &Uri) -> bool {
    let host = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
    host && uri.query().is_none() && matches!(uri.scheme_str(), Some("http" | "https"))
}

fn headers(written: BTreeMap<String, SecretText>, place: &Place<'_>) -> BTreeMap<String, Secret> {
    let mut headers = BTreeMap::new();
    for (name, SecretText(value)) in written {
        let here = place.field(&name);
        if HeaderValue::from_str(value.expose()).is_err() {
            here.problem("has a character that no HTTP header may have");
        }
        match HeaderName::from_bytes(name.as_bytes()) {
            Ok(name) => drop(headers.insert(name.as_str().to_owned(), value)),
            Err(_) => here.problem("is not the name of an HTTP header"),
        }
    }
    headers
}

fn proxy(written: Option<ProxyText>, place: &Place<'_>) -> Proxy {
    match written {
        None => Proxy::Environment,
        Some(ProxyText::Direct) => Proxy::None,
        Some(ProxyText::Url(url)) => {
            let parsed = url.expose().parse::<Uri>().ok();
            let usable = parsed.is_some_and(|uri| {
                uri.authority().is_some() && matches!(uri.scheme_str(), Some("http" | "https"))
            });
            if !usable {
                place
                    .problem("must be an http(s) URL, as \"http://proxy:3128\", or false for none");
            }
            Proxy::Url(url)
        }
    }
}

/// Numbers the tiers: the lowest rank is tier 0.
fn in_tiers(used: Vec<(Instance, Vec<Rank>)>) -> Vec<Instance> {
    let ranks: BTreeSet<Rank> = used.iter().flat_map(|(_, ranks)| ranks.iter().copied()).collect();
    let tiers: BTreeMap<Rank, Tier> =
        ranks.into_iter().zip(0..).map(|(rank, tier)| (rank, Tier(tier))).collect();
    let numbered = used.into_iter().map(|(mut instance, ranks)| {
        for (model, rank) in instance.models.iter_mut().zip(ranks) {
            model.tier = tiers[&rank];
        }
        instance
    });
    numbered.collect()
}
