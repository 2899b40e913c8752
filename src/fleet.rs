//! A multiplexer's targets, for JavaScript.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use model_multiplexer_core::clock::{Moment, Timestamp};
use model_multiplexer_core::fleet::{
    Fleet, Options, Recovery, Strategy, TargetKey, TargetSpec, Wish,
};
use model_multiplexer_core::multiplexer::{Call, Needs, Resilience, Trial};
use model_multiplexer_core::outcome::Cooldown;
use model_multiplexer_core::quota::Expectation;
use napi::{Error, Result, Status};
use napi_derive::napi;

use crate::calls::{Active, Calls};
use crate::hub::Hub;
use crate::resilience::{ResilienceDto, Tried, Warden};
use crate::target::{StatsDto, TargetDto, TargetReportDto};

/// How a fleet chooses, and what it does when an attempt fails.
#[napi(object)]
pub struct FleetOptionsDto {
    /// The rest in milliseconds when the server does not say.
    pub cooldown_default: f64,
    /// The first rest in milliseconds after a failure that is no refusal.
    pub cooldown_failure: f64,
    /// The shortest rest.
    pub cooldown_min: f64,
    /// The longest rest.
    pub cooldown_max: f64,
    /// `weighted`, `priority`, `round-robin`, `sticky`, `latency`, `least-busy` or `least-used`.
    pub strategy: String,
    /// Under the policy `resilient`: what else it goes by.
    pub resilient: Option<ResilienceDto>,
}

/// What a call asks of its targets.
#[napi(object)]
#[derive(Default)]
pub struct NeedsDto {
    /// Tags that a target must have.
    pub require: Option<HashMap<String, String>>,
    /// What the call belongs to.
    pub session: Option<String>,
    /// Its own deadline in milliseconds, under the policy `resilient`.
    pub deadline_ms: Option<f64>,
    /// A stream that breaks off goes on elsewhere.
    pub recover: Option<bool>,
}

impl From<NeedsDto> for Needs {
    fn from(dto: NeedsDto) -> Self {
        let require = dto.require.unwrap_or_default().into_iter().collect();
        Self { require, session: dto.session, ..Self::default() }
    }
}

/// The targets of one multiplexer.
#[napi]
pub struct NativeFleet {
    fleet: Arc<Fleet>,
    calls: Arc<Calls>,
    cooldown: Cooldown,
    resilience: Option<Arc<Resilience>>,
    warden: Arc<Warden>,
    expectation: Expectation,
}

/// What a call asks of its attempts.
struct Asked {
    deadline_ms: Option<f64>,
    /// A stream that breaks off goes on elsewhere.
    recover: bool,
}

impl NativeFleet {
    pub(crate) fn fleet(&self) -> &Arc<Fleet> {
        &self.fleet
    }

    fn begun(
        &self,
        id: u32,
        mut call: Call,
        request: Option<&str>,
        asked: Asked,
        at: Moment,
    ) -> u32 {
        let mut tried = self.resilience.as_ref().map(|shared| {
            let total = asked.deadline_ms.map(|ms| Duration::from_millis(ms as u64));
            let mut trial = Trial::new(Arc::clone(shared), total, at.now);
            if asked.recover {
                trial.recover();
            }
            Tried::new(trial, Arc::clone(&self.warden))
        });
        if let (Some(tried), Some(request)) = (&mut tried, request) {
            tried.trial.read(&mut call, request);
        }
        let mut active = Active::new(call, tried);
        let picked = active.pick(at);
        self.calls.insert(id, active);
        picked
    }
}

#[napi]
impl NativeFleet {
    /// A fleet whose calls belong to `hub`.
    #[napi(constructor)]
    pub fn new(hub: &Hub, options: FleetOptionsDto) -> Result<Self> {
        let span = |ms: f64| Duration::from_millis(ms as u64);
        let cooldown = Cooldown {
            default: span(options.cooldown_default),
            failure: span(options.cooldown_failure),
            min: span(options.cooldown_min),
            max: span(options.cooldown_max),
        };
        let strategy = match options.strategy.as_str() {
            "weighted" => Strategy::Weighted,
            "priority" => Strategy::Priority,
            "round-robin" => Strategy::RoundRobin,
            "sticky" => Strategy::Sticky,
            "latency" => Strategy::Latency,
            "least-busy" => Strategy::LeastBusy,
            "least-used" => Strategy::LeastUsed,
            other => return Err(Error::from_reason(format!("there is no strategy \"{other}\""))),
        };
        let resilience = options.resilient.map(|dto| dto.into_core(cooldown)).transpose()?;
        let recovery = resilience.as_ref().map(|_| Recovery::default());
        let fleet = Fleet::new(Options { strategy, recovery, ..Options::default() });
        Ok(Self {
            fleet,
            calls: hub.calls(),
            cooldown,
            resilience,
            warden: Arc::default(),
            expectation: Expectation::default(),
        })
    }

    /// Adds a target and returns its number; 0 if its id is taken.
    #[napi]
    pub fn add(&self, target: TargetDto) -> Result<u32> {
        let spec: TargetSpec = target.try_into()?;
        self.expectation.prepare_for(&spec.model, spec.limits.values());
        Ok(self.fleet.add(spec).map_or(0, |key| key.0))
    }

    /// Removes a target; false if there is none of this id.
    #[napi]
    pub fn remove(&self, id: String) -> bool {
        self.fleet.remove(&id)
    }

    /// Makes these the targets and returns their numbers.
    #[napi]
    pub fn replace(&self, targets: Vec<TargetDto>) -> Result<Vec<u32>> {
        let specs = targets.into_iter().map(TargetSpec::try_from).collect::<Result<Vec<_>>>()?;
        for spec in &specs {
            self.expectation.prepare_for(&spec.model, spec.limits.values());
        }
        let keys = self.fleet.replace(specs);
        keys.map(|keys| keys.into_iter().map(|key| key.0).collect())
            .map_err(|id| Error::new(Status::InvalidArg, format!("the id {id} occurs twice")))
    }

    /// A target and those that share its key by name have another key now: a rest that concerned
    /// the old one is over.
    #[napi]
    pub fn change_key(&self, target: u32) {
        self.fleet.change_key(TargetKey(target));
    }

    /// Ends every rest.
    #[napi]
    pub fn end_all_rests(&self) {
        self.fleet.end_all_rests();
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
    /// A `now` or `draw` that is not a number means the engine's own. `request`, as JSON, is read
    /// for ids that hold the call to an account, and for what it may cost where tokens are limited.
    #[napi]
    pub fn begin(
        &self,
        call: u32,
        now: f64,
        draw: f64,
        needs: Option<NeedsDto>,
        request: Option<String>,
    ) -> u32 {
        let needs = needs.unwrap_or_default();
        let recover = needs.recover == Some(true);
        let asked = Asked { deadline_ms: needs.deadline_ms, recover };
        let needs = Needs { estimate: self.expectation.of(request.as_deref()), ..needs.into() };
        let begun = Call::new(Arc::clone(&self.fleet), self.cooldown, needs);
        self.begun(call, begun, request.as_deref(), asked, moment(now, draw))
    }

    /// Begins a call about something that has come from an account, which alone can answer it:
    /// `id` is its id, and `field` what a message calls it.
    #[napi]
    pub fn begin_about(
        &self,
        call: u32,
        id: String,
        now: f64,
        needs: Option<NeedsDto>,
        request: Option<String>,
    ) -> u32 {
        let at = moment(now, f64::NAN);
        let needs = needs.unwrap_or_default();
        let asked = Asked { deadline_ms: needs.deadline_ms, recover: false };
        let needs = Needs { estimate: self.expectation.of(request.as_deref()), ..needs.into() };
        let mut begun = Call::new(Arc::clone(&self.fleet), self.cooldown, needs);
        begun.bind_to_origin("response_id", &id);
        self.begun(call, begun, None, asked, at)
    }

    /// Remembers that an id has come from this target.
    #[napi]
    pub fn remember(&self, id: String, target: u32) {
        self.fleet.remember(&id, TargetKey(target));
    }

    /// True if any id is remembered.
    #[napi]
    pub fn remembers(&self) -> bool {
        self.fleet.remembers()
    }

    /// The target from which an id has come; 0 if that is not known.
    #[napi]
    pub fn origin(&self, id: String) -> u32 {
        self.fleet.origin(&id).map_or(0, |origin| origin.target.0)
    }

    /// Begins a call that only this target can answer, also while it rests.
    #[napi]
    pub fn begin_bound(
        &self,
        call: u32,
        target: u32,
        now: f64,
        deadline_ms: Option<f64>,
        request: Option<String>,
    ) -> u32 {
        let key = TargetKey(target);
        let estimate = self.expectation.of(request.as_deref());
        let bound = Call::bound_to(Arc::clone(&self.fleet), self.cooldown, key, estimate);
        let asked = Asked { deadline_ms, recover: false };
        self.begun(call, bound, None, asked, moment(now, 0.0))
    }

    /// All that is known of each target, primaries first, in the order of adding.
    #[napi]
    pub fn report(&self, now: f64) -> Vec<TargetReportDto> {
        self.fleet.report(moment(now, 0.0).now).into_iter().map(TargetReportDto::from).collect()
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
