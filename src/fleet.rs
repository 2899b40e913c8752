//! A multiplexer's targets, for JavaScript.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use model_multiplexer_core::clock::{Moment, Timestamp};
use model_multiplexer_core::fleet::{Fleet, Options, TargetKey, TargetSpec, Tier, Wish};
use model_multiplexer_core::multiplexer::{Call, Needs};
use model_multiplexer_core::outcome::Cooldown;
use napi::{Error, Result, Status};
use napi_derive::napi;

use crate::calls::{Active, Calls};
use crate::hub::Hub;

/// A target as it is added. Checked in TypeScript.
#[napi(object)]
pub struct TargetDto {
    /// Its name in statistics.
    pub id: String,
    /// The model name that is sent on.
    pub model: String,
    /// Its weight: a positive integer.
    pub weight: f64,
    /// True for a fallback.
    pub fallback: bool,
    /// How many calls at a time; 0 is without limit.
    pub max_concurrent: f64,
}

/// A target's counters.
#[napi(object)]
pub struct StatsDto {
    /// Its name.
    pub id: String,
    /// Calls answered.
    pub success: f64,
    /// Calls refused with 429 or 529.
    pub rate_limited: f64,
    /// Calls that failed otherwise.
    pub failed: f64,
}

impl From<TargetDto> for TargetSpec {
    fn from(dto: TargetDto) -> Self {
        Self {
            weight: dto.weight as u64,
            tier: if dto.fallback { Tier::FALLBACK } else { Tier::PRIMARY },
            max_concurrent: NonZeroU32::new(dto.max_concurrent as u32),
            ..Self::new(dto.id, dto.model)
        }
    }
}

/// The targets of one multiplexer.
#[napi]
pub struct NativeFleet {
    fleet: Arc<Fleet>,
    calls: Arc<Calls>,
    cooldown: Cooldown,
}

#[napi]
impl NativeFleet {
    /// A fleet whose calls belong to `hub`. Cool-downs are in milliseconds.
    #[napi(constructor)]
    pub fn new(hub: &Hub, default_ms: f64, min_ms: f64, max_ms: f64) -> Self {
        let span = |ms: f64| Duration::from_millis(ms as u64);
        let cooldown = Cooldown { default: span(default_ms), min: span(min_ms), max: span(max_ms) };
        Self { fleet: Fleet::new(Options::default()), calls: hub.calls(), cooldown }
    }

    /// Adds a target and returns its number; 0 if its id is taken.
    #[napi]
    pub fn add(&self, target: TargetDto) -> u32 {
        self.fleet.add(target.into()).map_or(0, |key| key.0)
    }

    /// Removes a target; false if there is none of this id.
    #[napi]
    pub fn remove(&self, id: String) -> bool {
        self.fleet.remove(&id)
    }

    /// Makes these the targets and returns their numbers.
    #[napi]
    pub fn replace(&self, targets: Vec<TargetDto>) -> Result<Vec<u32>> {
        let keys = self.fleet.replace(targets.into_iter().map(Into::into).collect());
        keys.map(|keys| keys.into_iter().map(|key| key.0).collect())
            .map_err(|id| Error::new(Status::InvalidArg, format!("the id {id} occurs twice")))
    }

    /// Removes all targets.
    #[napi]
    pub fn clear(&self) {
        self.fleet.clear();
    }

    /// The counters, primaries first, in the order of adding.
    #[napi]
    pub fn stats(&self) -> Vec<StatsDto> {
        let stats = self.fleet.stats().into_iter();
        stats
            .map(|(id, stats)| StatsDto {
                id,
                success: stats.success as f64,
                rate_limited: stats.rate_limited as f64,
                failed: stats.failed as f64,
            })
            .collect()
    }

    /// How many leases of this target are held; null if there is no such target.
    #[napi]
    pub fn in_flight(&self, id: String) -> Option<u32> {
        self.fleet.in_flight(&id)
    }

    /// True if a call that begins now would find a target.
    #[napi]
    pub fn can_pick(&self, now: f64) -> bool {
        self.fleet.can_lease(moment(now, 0.0).now, Wish::default())
    }

    /// Begins a call and leases its first target: the target's number, or 0 if there is none.
    /// A `now` or `draw` that is not a number means the engine's own.
    #[napi]
    pub fn begin(&self, call: u32, now: f64, draw: f64) -> u32 {
        let call_state = Call::new(Arc::clone(&self.fleet), self.cooldown, Needs::default());
        let mut active = Active::new(call_state);
        let picked = active.pick(moment(now, draw));
        self.calls.insert(call, active);
        picked
    }

    /// Begins a call that only this target can answer, and leases it: its number, or 0 if it is
    /// gone or full.
    #[napi]
    pub fn begin_bound(&self, call: u32, target: u32, now: f64) -> u32 {
        let bound = Call::bound_to(Arc::clone(&self.fleet), self.cooldown, TargetKey(target));
        let mut active = Active::new(bound);
        let picked = active.pick(moment(now, 0.0));
        self.calls.insert(call, active);
        picked
    }

    /// Counts an answered call as failed after all.
    #[napi]
    pub fn take_back(&self, target: u32) {
        self.fleet.take_back(TargetKey(target));
    }

    /// Ends a target's rest early if it ends at `until`; false if that is not its rest.
    #[napi]
    pub fn end_rest(&self, target: u32, until: f64) -> bool {
        self.fleet.end_rest(TargetKey(target), Timestamp::from_millis(until as u64))
    }
}

/// The host's time and draw where it gives them, else the engine's own.
pub(crate) fn moment(now: f64, draw: f64) -> Moment {
    let mut moment = Moment::sample();
    if !now.is_nan() {
        moment.now = Timestamp::from_millis(now as u64);
    }
    if !draw.is_nan() {
        moment.draw = draw;
    }
    moment
}
