//! The models of an instance, and what it and they may use.

use std::collections::{BTreeMap, BTreeSet};
use std::num::{NonZeroU32, NonZeroU64};

use model_multiplexer_core::catalogue::Catalogue;
use model_multiplexer_core::fleet::Tier;
use model_multiplexer_core::outcome::Domain;
use model_multiplexer_core::quota::Zone;
use model_multiplexer_core::recovery::Prefill;

use super::super::document::{
    Count, LimitsDocument, ModelDocument, PrefillName, ProviderDocument, SharedLimitsDocument,
    TextOr, TierName, WindowsName,
};
use super::super::place::Place;
use super::super::{Limits, Model, Windows};
use super::instances::{AUTO, Rank};

/// An instance whose models are read.
pub(super) struct Host<'a> {
    pub(super) document: &'a ProviderDocument,
    pub(super) catalogue: &'a Catalogue,
    pub(super) base_url: &'a str,
    /// Where its days begin if nothing else is said.
    pub(super) zone: &'a str,
}

impl Host<'_> {
    pub(super) fn models(&self, place: &Place<'_>) -> (Vec<Model>, Vec<Rank>) {
        if self.document.models.is_empty() {
            place.problem("must have at least one model");
        }
        let mut names = BTreeSet::new();
        let mut ranks = Vec::new();
        let mut models = Vec::new();
        for (index, written) in self.document.models.iter().enumerate() {
            let here = place.item(index);
            let (name, fields) = match written {
                TextOr::Text(name) => (name, None),
                TextOr::Fields(fields) => (&fields.name, Some(fields)),
            };
            if name.trim().is_empty() || name.chars().any(char::is_control) {
                here.problem("must be a model's name");
            } else if name == AUTO {
                here.problem(format!("\"{AUTO}\" stands for every instance in its turn"));
            } else if !names.insert(name) {
                here.problem(format!("\"{name}\" is there twice"));
            }
            let priority = fields.and_then(|fields| fields.priority).or(self.document.priority);
            if priority.is_some_and(|priority| priority > 1000) {
                place.problem("a priority must be a whole number from 0 to 1000");
            }
            let tier = fields.and_then(|fields| fields.tier).or(self.document.tier);
            ranks.push((tier.unwrap_or(TierName::Primary), priority.unwrap_or(1)));
            models.push(self.model(name, fields, &here));
        }
        (models, ranks)
    }

    fn model(&self, name: &str, fields: Option<&ModelDocument>, place: &Place<'_>) -> Model {
        let of_all = self.document;
        let weight = fields.and_then(|fields| fields.weight).or(of_all.weight);
        let most = fields.and_then(|fields| fields.max_concurrent).or(of_all.max_concurrent);
        let mut tags = of_all.tags.clone();
        tags.extend(fields.iter().flat_map(|fields| fields.tags.clone()));
        let model_name = fields.and_then(|fields| fields.model_name.clone());
        let model_name = model_name.unwrap_or_else(|| name.to_owned());
        let (catalogue, kind) = (self.catalogue, &of_all.r#type);
        let known = catalogue.model(&model_name).or_else(|| catalogue.model(name));
        let offer = catalogue.offer(kind, &model_name);
        let known_window = offer.and_then(|offer| {
            offer.context_window.or(known.and_then(|known| known.context_window))
        });
        let prefill = fields.and_then(|fields| fields.prefill).or(of_all.prefill);
        Model {
            name: name.to_owned(),
            weight: weight.map_or(NonZeroU64::MIN, |weight| weight.0),
            tier: Tier::PRIMARY,
            max_concurrent: most.map(|most| narrowed(most, &place.field("max_concurrent"))),
            limits: fields.map_or_else(
                || limits(&LimitsDocument::default(), self.zone, place),
                |fields| own_limits(&fields.limits, self.zone, &place.field("limits")),
            ),
            tags,
            context_window: fields
                .and_then(|fields| fields.context_window)
                .map(|tokens| narrowed(tokens, &place.field("context_window")))
                .or_else(|| known_window.and_then(NonZeroU32::new)),
            finish_optional: fields.and_then(|fields| fields.finish_optional).unwrap_or_default(),
            prefill: match prefill {
                Some(PrefillName::Prefix) => Some(Prefill::Prefix),
                Some(PrefillName::ContinueFinalMessage) => Some(Prefill::ContinueFinalMessage),
                Some(PrefillName::Assistant) => Some(Prefill::Assistant),
                Some(PrefillName::None) => None,
                None => catalogue.prefill(kind, &model_name, self.base_url),
            },
            size: known.map(|known| known.tier),
            price: offer.and_then(|offer| offer.price),
            model_name,
        }
    }
}

/// What a model may use by itself.
fn own_limits(document: &LimitsDocument, zone: &str, place: &Place<'_>) -> Limits {
    if document.concurrent.is_some() {
        place.field("concurrent").problem("a model's own is max_concurrent, beside limits");
    }
    limits(document, zone, place)
}

/// What its models share with others.
pub(super) fn shared_limits(
    document: &SharedLimitsDocument,
    zone: &str,
    place: &Place<'_>,
) -> BTreeMap<Domain, Limits> {
    let SharedLimitsDocument { account, model, provider } = document;
    let all = [
        (Domain::Account, "account", account),
        (Domain::Model, "model", model),
        (Domain::Provider, "provider", provider),
    ];
    let given = all.into_iter().filter_map(|(domain, name, written)| {
        Some((domain, limits(written.as_ref()?, zone, &place.field(name))))
    });
    given.collect()
}

fn narrowed(count: Count, place: &Place<'_>) -> NonZeroU32 {
    NonZeroU32::try_from(count.0).unwrap_or_else(|_| {
        place.problem(format!("must be at most {}, not {}", u32::MAX, count.0));
        NonZeroU32::MIN
    })
}

pub(super) fn limits(document: &LimitsDocument, zone: &str, place: &Place<'_>) -> Limits {
    let count = |count: Option<Count>| count.map(|count| count.0);
    let named = document.time_zone.as_deref();
    let time_zone = Zone::named(named.unwrap_or(zone)).unwrap_or_else(|error| {
        place
            .field("time_zone")
            .problem(format!("{error}; expected one as \"America/Los_Angeles\""));
        Zone::utc()
    });
    Limits {
        rpm: count(document.rpm),
        rph: count(document.rph),
        rpd: count(document.rpd),
        tpm: count(document.tpm),
        tph: count(document.tph),
        tpd: count(document.tpd),
        concurrent: document.concurrent.map(|most| narrowed(most, &place.field("concurrent"))),
        windows: match document.windows {
            Some(WindowsName::Sliding) => Windows::Sliding,
            Some(WindowsName::Fixed) | None => Windows::Fixed,
        },
        time_zone,
    }
}
