//! A request's way through the fleet: target after target, until one answers or the policy says
//! that it is enough. What is decided is the engine's; this asks, waits and asks again.

mod hedge;
mod onward;

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use model_multiplexer_core::clock::{Moment, Timestamp};
use model_multiplexer_core::fleet::{
    Candidacy, Lease, Patience, TargetKey, TargetSpec, Unavailable,
};
use model_multiplexer_core::mailbox::Letter;
use model_multiplexer_core::multiplexer::{Asked, Begun, Call, Needs, Trial};
use model_multiplexer_core::outcome::Outcome;
use model_multiplexer_core::policy::{Decision, Preset};
use model_multiplexer_core::wire::reply::{Began, Form, Meter, Relay, Sizes, begin};
use model_multiplexer_core::wire::{Body, Exchange, Profile};
use tokio::time::{Instant, timeout_at};

use crate::endpoint::Endpoint;
use crate::intake::Share;
use crate::plan::{Plan, Route};
use crate::shared::Shared;
use crate::trail::Trail;
use crate::upstream::Upstream;
use hedge::Raced;
pub(crate) use onward::{Ended, Onward};

/// For how long a response's head is waited for where nothing else bounds it: as the openai SDKs.
const HEAD_TIMEOUT: Duration = Duration::from_mins(10);

/// What is to be done for a request.
pub(crate) struct Errand {
    pub(crate) shared: Arc<Shared>,
    pub(crate) plan: Arc<Plan>,
    pub(crate) what: What,
    pub(crate) whom: Whom,
    pub(crate) needs: Needs,
    /// Where it is noted what the request goes through.
    pub(crate) trail: Trail,
    /// For how long a target may be waited for.
    pub(crate) max_wait: Duration,
    /// How long all of it may take.
    pub(crate) total: Option<Duration>,
    /// A stream that breaks off is to be gone on with elsewhere.
    pub(crate) recovers: bool,
    /// The client's tokens are counted.
    pub(crate) counts_tokens: bool,
    /// What the body takes of the budget; given back with it.
    #[expect(dead_code, reason = "what matters is when it is dropped")]
    pub(crate) share: Option<Share>,
}

/// What is sent.
pub(crate) struct What {
    pub(crate) endpoint: Endpoint,
    pub(crate) stream: bool,
    pub(crate) body: Body,
    /// Headers of the client that are passed on.
    pub(crate) headers: HeaderMap,
    /// Another request than a POST to the endpoint: its method, and its path below the API's root.
    pub(crate) path: Option<(&'static str, String)>,
}

/// Who may be asked.
pub(crate) enum Whom {
    /// A target of this route, then of those that come after it.
    Route(Arc<Route>),
    /// This one only.
    One(TargetKey),
    /// The one of this route whose key is this one's: what is asked for lies with it.
    OneOf(TargetKey, Arc<Route>),
}

/// Who has answered.
#[derive(Clone, Debug)]
pub(crate) struct Served {
    pub(crate) upstream: Arc<Upstream>,
    pub(crate) key: TargetKey,
    /// What it has cost so far.
    pub(crate) meter: Arc<Meter>,
    /// How many attempts it took.
    pub(crate) attempts: u32,
}

/// What has come of it.
pub(crate) enum Done {
    /// A reply: its head and its body.
    Reply(Served, String, String),
    /// A stream, whose first real event is at hand.
    Stream(Served, Box<Opened>),
    /// No answer.
    Failed(Failed),
}

/// A stream and what is held for it.
pub(crate) struct Opened {
    pub(crate) relay: Box<Relay>,
    trial: Trial,
    lease: Option<Lease>,
    /// What it takes to go on elsewhere; none where that is not to be.
    onward: Option<Box<Onward>>,
}

/// An errand that has not come to anything yet.
pub(crate) type Pending = Pin<Box<dyn Future<Output = (Done, Trail)> + Send>>;

/// Why there is no answer.
#[derive(Debug)]
pub(crate) struct Failed {
    /// What the last attempt came to; none if nobody was asked.
    pub(crate) last: Option<(Outcome, Letter)>,
    /// Why nobody else was asked; none if it was of no use.
    pub(crate) unavailable: Option<Unavailable>,
    /// When the first of those returns that rest.
    pub(crate) retry_after: Option<Duration>,
}

/// A target that is being asked.
struct Asking<F> {
    answer: F,
    meter: Arc<Meter>,
    /// When another may be asked beside it.
    late: Option<Instant>,
}

/// The errand under way.
struct Running {
    errand: Errand,
    call: Call,
    trial: Trial,
    /// Routes that are still to be tried.
    then: Vec<Arc<Route>>,
    attempts: u32,
    last: Option<(Outcome, Letter)>,
    /// When the first of those returns that this request has sent to rest.
    returns: Option<Timestamp>,
    trail: Trail,
}

impl Errand {
    /// When all of it must have come, if it begins now.
    pub(crate) fn until(&self) -> Option<Instant> {
        let total = self.total.or(self.plan.config.routing.timeouts.total);
        total.map(|total| Instant::now() + total)
    }

    /// Runs it, and tells what it went through.
    pub(crate) async fn run(self) -> (Done, Trail) {
        let now = Moment::sample().now;
        let mut trial = Trial::new(Arc::clone(&self.plan.resilience), self.total, now);
        if self.recovers && self.may_alter() {
            trial.recover();
        }
        if self.counts_tokens {
            trial.count_tokens();
        }
        let estimate = self.needs.estimate;
        let bound =
            |key| Call::bound_to(Arc::clone(&self.shared.fleet), self.plan.cooldown, key, estimate);
        let (call, then) = match &self.whom {
            Whom::One(key) => (bound(*key), Vec::new()),
            Whom::OneOf(key, route) => match self.sibling(*key, route) {
                Some(key) => (bound(key), Vec::new()),
                None => (self.call(route), Vec::new()),
            },
            Whom::Route(route) => {
                let then = route.then.iter().rev();
                (self.call(route), then.filter_map(|name| self.plan.route(name).cloned()).collect())
            }
        };
        let trail = self.trail.clone();
        let running = Running {
            errand: self,
            call,
            trial,
            then,
            attempts: 0,
            last: None,
            returns: None,
            trail,
        };
        running.run().await
    }

    /// The target of a route that has the same key as this one.
    fn sibling(&self, key: TargetKey, route: &Route) -> Option<TargetKey> {
        let belongs = |spec: &TargetSpec| route.tags.keys().all(|tag| spec.tags.contains_key(tag));
        let own = self.shared.fleet.spec(key)?;
        if belongs(&own) {
            return Some(key);
        }
        self.plan.targets().find(|other| {
            self.shared.fleet.spec(*other).is_some_and(|spec| spec.key == own.key && belongs(&spec))
        })
    }

    /// What is sent and what is passed on may be altered: not under `compat`.
    fn may_alter(&self) -> bool {
        self.plan.config.routing.policy == Preset::Resilient
    }

    /// Asks a target under this lease.
    fn asking(
        &self,
        trial: &mut Trial,
        (call, lease): (&mut Call, &mut Lease),
        upstream: &Upstream,
        profile: Arc<Profile>,
    ) -> Asking<impl Future<Output = Began> + Send + use<>> {
        let what = &self.what;
        let form = what.endpoint.form(what.stream);
        let asked = Asked {
            body: what.body.text(),
            model: &upstream.model_name,
            reasoning: None,
            form,
            finish_optional: upstream.finish_optional,
        };
        let Begun { care, body } =
            if form == Form::Events && self.may_alter() && trial.alters(lease) {
                trial.begin(call, lease, asked)
            } else {
                Begun { care: trial.care(lease, asked), body: None }
            };
        let altered = body.map(|body| Body::new(body).with_model(&upstream.model_name));
        let exchange = Exchange {
            http: upstream.http.clone(),
            profile,
            headers: what.headers.clone(),
            body: altered.unwrap_or_else(|| what.body.with_model(&upstream.model_name)),
            timeout: HEAD_TIMEOUT,
            max_retries: 0,
            booking: None,
        };
        let meter = Arc::clone(&care.meter);
        let hedge = self.plan.config.routing.hedge;
        let late = hedge.and_then(|hedge| match hedge.after {
            Some(after) => Some(care.began + after),
            None => care.hedge_at,
        });
        let bounds = &self.plan.config.server.bounds;
        let most = Sizes { reply: bounds.reply, event: bounds.event };
        Asking { answer: begin(exchange, form, care, most), meter, late }
    }

    fn call(&self, route: &Route) -> Call {
        let mut needs = self.needs.clone();
        needs.strategy = Some(route.strategy);
        needs.require.extend(route.tags.iter().map(|(key, value)| (key.clone(), value.clone())));
        Call::new(Arc::clone(&self.shared.fleet), self.plan.cooldown, needs)
    }
}

impl Running {
    async fn run(mut self) -> (Done, Trail) {
        loop {
            let passed_over = self.passed_over();
            let mut lease = match self.lease().await {
                Ok(lease) => lease,
                Err(unavailable) => {
                    let passed_over = self.call.passed_over(Timestamp::now());
                    self.step(None, passed_over);
                    return self.failed(Some(unavailable));
                }
            };
            let key = lease.target();
            let Some((upstream, profile)) = self.upstream(key) else {
                self.call.pass_over(lease);
                continue;
            };
            self.attempts += 1;
            self.step(Some(Arc::clone(&upstream)), passed_over);
            self.trial.attempt();
            if self.errand.plan.config.routing.hedge.is_some() {
                self.trial.asks(self.errand.what.body.text());
            }
            let with = (&mut self.call, &mut lease);
            let asking = self.errand.asking(&mut self.trial, with, &upstream, profile);
            let Asking { answer, meter, late } = asking;
            self.trail.costs(Arc::clone(&meter));
            let mut served = Served { upstream, key, meter, attempts: self.attempts };
            let mut lease = Some(lease);
            let began = match late {
                None => answer.await,
                Some(late) => {
                    let mut answer = pin!(answer);
                    match timeout_at(late, &mut answer).await {
                        Ok(began) => began,
                        Err(_) => match self.race(&mut lease, answer).await {
                            Raced::First(began) => began,
                            Raced::Second(second, began) => {
                                self.call = second.call;
                                self.trial = second.trial;
                                lease = Some(second.lease);
                                served = second.served;
                                began
                            }
                            Raced::Neither(None) => return self.failed(None),
                            Raced::Neither(Some(after)) => {
                                tokio::time::sleep(after).await;
                                continue;
                            }
                        },
                    }
                }
            };
            served.attempts = self.attempts;
            match began {
                Began::Streams(relay) => {
                    self.trial.told(&mut lease, &Letter::Opened { head: String::new() });
                    return self.opened(served, relay, lease);
                }
                Began::Told(letter) => {
                    self.trial.told(&mut lease, &letter);
                    if let Letter::Reply { head, body } = letter {
                        self.trail.note(Outcome::Success);
                        return (Done::Reply(served, head, body), self.trail);
                    }
                    match self.decide(letter, lease) {
                        Some(after) => tokio::time::sleep(after).await,
                        None => return self.failed(None),
                    }
                }
            }
        }
    }

    /// Who is passed over by the pick that comes next. Not looked for where nobody can be.
    fn passed_over(&self) -> Vec<(TargetKey, Candidacy)> {
        if self.errand.plan.may_be_full || self.errand.shared.fleet.anyone_rests() {
            return self.call.passed_over(Timestamp::now());
        }
        Vec::new()
    }

    fn step(&mut self, upstream: Option<Arc<Upstream>>, passed_over: Vec<(TargetKey, Candidacy)>) {
        self.trail.push(upstream, passed_over);
    }

    fn failed(self, unavailable: Option<Unavailable>) -> (Done, Trail) {
        let theirs = match unavailable {
            // What has refused this request is not among those that it might still ask.
            Some(Unavailable::Resting(span) | Unavailable::AtCapacity(Some(span))) => {
                Some(span).filter(|span| !span.is_zero())
            }
            _ => None,
        };
        let ours = self.returns.map(|until| until.since(Timestamp::now()));
        let retry_after = theirs.into_iter().chain(ours).min();
        (Done::Failed(Failed { last: self.last, unavailable, retry_after }), self.trail)
    }

    /// The next target: of this route, of the next one, or of the first after a wait.
    async fn lease(&mut self) -> Result<Lease, Unavailable> {
        loop {
            match self.call.pick(Moment::sample()) {
                Ok(lease) => return Ok(lease),
                Err(unavailable) => match self.then.pop() {
                    Some(route) => self.call = self.errand.call(&route),
                    None => return self.wait(unavailable).await,
                },
            }
        }
    }

    async fn wait(&mut self, unavailable: Unavailable) -> Result<Lease, Unavailable> {
        if self.errand.max_wait.is_zero() || !self.call.may_wait() {
            return Err(unavailable);
        }
        let at = Moment::sample();
        let left = self.trial.until().map(|until| until.duration_since(Instant::now()));
        let patience = left.map_or(self.errand.max_wait, |left| left.min(self.errand.max_wait));
        let patience = Patience { until: at.now.after(patience), priority: 0 };
        self.trial.begin_waiting();
        self.call.wait(at, patience)?.await
    }

    fn upstream(&self, key: TargetKey) -> Option<(Arc<Upstream>, Arc<Profile>)> {
        let Errand { plan, shared, .. } = &self.errand;
        // Who has waited may be given a target of a later configuration.
        let upstream =
            plan.upstream(key).cloned().or_else(|| shared.plan().upstream(key).cloned())?;
        let what = &self.errand.what;
        let profile = match &what.path {
            None => upstream.profile(what.endpoint),
            Some((method, path)) => upstream.profile_of(method, path).ok()?,
        };
        Some((upstream, profile))
    }

    /// Decides what is done after an attempt that has failed: it goes on after this time, or not.
    fn decide(&mut self, letter: Letter, lease: Option<Lease>) -> Option<Duration> {
        self.trial.asks(self.errand.what.body.text());
        if matches!(letter, Letter::Diverged) {
            self.trail.note_diverged();
        }
        let decided =
            lease.and_then(|lease| self.trial.decide(&mut self.call, lease, Moment::sample()))?;
        self.trail.note_failed(None, &decided);
        self.last = Some((decided.outcome, letter));
        self.note_return(decided.rest);
        match decided.decision {
            Decision::FailOver(_) => Some(Duration::ZERO),
            Decision::RetrySame { after } => Some(after),
            Decision::GiveUp => None,
        }
    }

    fn note_return(&mut self, rest: Option<(Duration, Timestamp)>) {
        self.returns = self.returns.into_iter().chain(rest.map(|(_, until)| until)).min();
    }
}
