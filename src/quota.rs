//! Limits and what is left of them, for JavaScript.

use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroU64};

use model_multiplexer_core::fleet::ScopeReport;
use model_multiplexer_core::outcome::Domain;
use model_multiplexer_core::quota::{Limit, Limits, Meter, Pace, Zone};
use napi::{Error, Result, Status};
use napi_derive::napi;

use crate::fleet::NativeFleet;

/// A limit of a target or of what it shares. Checked in TypeScript.
#[napi(object)]
pub struct LimitDto {
    /// `target`, `model`, `accountModel`, `key`, `account` or `provider`.
    pub scope: String,
    /// `rpm`, `rph`, `rpd`, `tpm`, `tph` or `tpd`; `concurrent` for calls under way at a time.
    pub name: String,
    /// So many in its time: a positive integer, of calls at a time at most `u32::MAX`.
    pub most: f64,
    /// The zone whose clock its windows begin by; UTC without it.
    pub zone: Option<String>,
    /// It refills evenly instead of having windows.
    pub slides: bool,
}

/// What is left of a limit.
#[napi(object)]
pub struct QuotaDto {
    /// Whose it is, as in [`LimitDto`].
    pub scope: String,
    /// The name of that.
    pub scope_name: String,
    /// Which limit it is.
    pub name: String,
    /// The whole of it.
    pub most: f64,
    /// What may still be spent.
    pub remaining: f64,
    /// When it is whole again, in milliseconds since the Unix epoch; none where that is not known.
    pub resets_at: Option<f64>,
}

const SCOPES: [(Domain, &str); 6] = [
    (Domain::Target, "target"),
    (Domain::Model, "model"),
    (Domain::AccountModel, "accountModel"),
    (Domain::Key, "key"),
    (Domain::Account, "account"),
    (Domain::Provider, "provider"),
];

#[napi]
impl NativeFleet {
    /// True if this is the name of a time zone, such as `America/Los_Angeles`.
    #[napi]
    pub fn is_time_zone(name: String) -> bool {
        Zone::named(&name).is_ok()
    }
}

/// What may be spent, and how many calls may be under way, by whom it concerns.
type ByDomain = (BTreeMap<Domain, Limits>, BTreeMap<Domain, NonZeroU32>);

/// The limits by whom they concern.
///
/// # Errors
/// A name or a number that TypeScript should not have let through.
pub(crate) fn limits(dtos: Vec<LimitDto>) -> Result<ByDomain> {
    let (mut limits, mut concurrent) = ByDomain::default();
    for dto in dtos {
        let wrong = |what: &str| Error::new(Status::InvalidArg, format!("a limit's {what}"));
        let domain = SCOPES.iter().find(|(_, name)| *name == dto.scope);
        let (domain, _) = domain.ok_or_else(|| wrong("scope"))?;
        if dto.name == "concurrent" {
            let most = NonZeroU32::new(dto.most as u32).ok_or_else(|| wrong("size"))?;
            concurrent.insert(*domain, most);
            continue;
        }
        let meter = Meter::of_name(&dto.name).ok_or_else(|| wrong("name"))?;
        let most = NonZeroU64::new(dto.most as u64).ok_or_else(|| wrong("size"))?;
        let zone = dto.zone.as_deref().map_or(Ok(Zone::utc()), Zone::named);
        let pace = if dto.slides {
            Pace::Sliding
        } else {
            Pace::Fixed(zone.map_err(|error| wrong(&error.to_string()))?)
        };
        limits.entry(*domain).or_default().insert(meter, Limit { most, pace });
    }
    Ok((limits, concurrent))
}

/// What is left of a target's limits.
pub(crate) fn quotas(reports: Vec<ScopeReport>) -> Vec<QuotaDto> {
    let of_scope = |ScopeReport { scope, limits }: ScopeReport| {
        let name = SCOPES.iter().find(|(domain, _)| *domain == scope.domain);
        let name = name.map_or("", |(_, name)| *name);
        limits.into_iter().map(move |limit| QuotaDto {
            scope: name.to_owned(),
            scope_name: scope.name.clone(),
            name: limit.meter.name().to_owned(),
            most: limit.limit as f64,
            remaining: limit.left as f64,
            resets_at: limit.resets.map(|resets| resets.as_millis() as f64),
        })
    };
    reports.into_iter().flat_map(of_scope).collect()
}
