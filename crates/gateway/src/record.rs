//! What is known of a request while it is answered, and what is made of it when it is over:
//! metrics, the client's account, a line of the log, a trail to look up.

use std::sync::Arc;
use std::time::{Duration, Instant};

use model_multiplexer_core::clock::Timestamp;
use model_multiplexer_core::outcome::Outcome;
use model_multiplexer_core::quota::Estimate;
use model_multiplexer_core::wire::Usage;
use model_multiplexer_core::wire::reply::Meter;

use crate::config::LogLevel;
use crate::endpoint::Endpoint;
use crate::errand::Done;
use crate::guard::account::Held;
use crate::guard::key::Known;
use crate::log::Field;
use crate::plan::Plan;
use crate::request_id::RequestId;
use crate::shared::Shared;
use crate::trail::{Bill, Trail, Trodden};
use crate::upstream::Upstream;

/// The status of a request whose client has left before it was answered: nginx' 499.
const LEFT: u16 = 499;

/// A request. When it is dropped, it is over.
pub(crate) struct Record {
    pub(crate) shared: Arc<Shared>,
    pub(crate) plan: Arc<Plan>,
    pub(crate) id: RequestId,
    began: Instant,
    pub(crate) client: Option<Arc<Known>>,
    pub(crate) status: u16,
    /// Of a request that targets are asked for; none of any other.
    pub(crate) asked: Option<Box<Asked>>,
}

/// What targets are asked for.
pub(crate) struct Asked {
    pub(crate) endpoint: Endpoint,
    pub(crate) model: Box<str>,
    pub(crate) stream: bool,
    pub(crate) trail: Trail,
    /// Who has answered.
    pub(crate) served: Option<Serving>,
    /// Who has before, of a stream that others have gone on with.
    pub(crate) before: Vec<Serving>,
    /// What became of a stream that did not end as it should.
    pub(crate) broken: Option<Outcome>,
    /// What it is expected to use, where its client's tokens or dollars are counted…
    pub(crate) expected: Estimate,
    /// …and what is reserved for it of them.
    pub(crate) held: Option<Held>,
}

/// An answer of a target.
pub(crate) struct Serving {
    pub(crate) upstream: Arc<Upstream>,
    /// What it has cost so far.
    pub(crate) meter: Arc<Meter>,
}

impl Asked {
    /// Everyone who has answered, in this order.
    fn all_served(&self) -> impl Iterator<Item = &Serving> {
        self.before.iter().chain(&self.served)
    }

    /// What all of it has cost.
    fn usage(&self) -> Usage {
        self.all_served().fold(Usage::default(), |all, served| {
            let Usage { input, output } = served.meter.spent().usage;
            Usage { input: all.input + input, output: all.output + output }
        })
    }

    /// Charges what all attempts have cost: those too whose answer nobody has waited for.
    fn charge(&mut self) {
        let (mut tokens, mut dollars) = (0, 0.0);
        for bill in self.trail.bills() {
            let usage = self.owed(&bill);
            tokens += usage.input.saturating_add(usage.output);
            if let Some(cost) = bill.upstream.price.map(|price| price.of(usage)) {
                bill.upstream.metrics.spent(cost);
                dollars += cost;
            }
        }
        if let Some(held) = self.held.take() {
            held.settle(tokens, dollars);
        }
    }

    /// What is owed for an attempt. One that was given up before anything was told of it keeps what
    /// was expected: nobody knows how far it came.
    fn owed(&self, Bill { meter, is_given_up, .. }: &Bill) -> Usage {
        let spent = meter.spent();
        if spent.is_reported || !is_given_up {
            return spent.usage;
        }
        let Usage { input, output } = spent.usage;
        Usage { input: input.max(self.expected.input), output: output.max(self.expected.output) }
    }

    /// How long the first token took, at whom it was.
    fn first_token(&self) -> Option<Duration> {
        self.all_served().next()?.meter.time_to_first_token()
    }
}

impl Record {
    pub(crate) fn new(shared: Arc<Shared>, plan: Arc<Plan>) -> Self {
        let (id, began) = (RequestId::next(), Instant::now());
        Self { shared, plan, id, began, client: None, status: LEFT, asked: None }
    }

    /// The request is for targets.
    pub(crate) fn asks(&mut self, endpoint: Endpoint, model: &str, stream: bool) {
        let (model, trail) = (model.into(), Trail::default());
        let (served, before) = (None, Vec::new());
        let (broken, expected, held) = (None, Estimate::default(), None);
        let asked =
            Asked { endpoint, model, stream, trail, served, before, broken, expected, held };
        self.asked = Some(Box::new(asked));
    }

    /// The model that was asked for.
    pub(crate) fn model(&self) -> &str {
        self.asked.as_ref().map(|asked| &*asked.model).unwrap_or_default()
    }

    /// How many targets have been asked.
    pub(crate) fn attempts(&self) -> u64 {
        self.asked.as_ref().map_or(1, |asked| asked.trail.attempts())
    }

    /// The client's name.
    pub(crate) fn client_name(&self) -> Option<&str> {
        self.client.as_ref().map(|known| known.client.name.as_str())
    }

    /// What has come of it.
    pub(crate) fn note(&mut self, done: &Done, trail: Trail) {
        let Some(asked) = &mut self.asked else { return };
        asked.trail = trail;
        if let Done::Stream(served, _) | Done::Reply(served, ..) = done {
            let (upstream, meter) = (Arc::clone(&served.upstream), Arc::clone(&served.meter));
            asked.before.extend(asked.served.replace(Serving { upstream, meter }));
        }
    }

    /// A stream has ended otherwise than it should.
    pub(crate) fn note_broken(&mut self, outcome: Outcome) {
        if let Some(asked) = &mut self.asked {
            asked.broken = Some(outcome);
        }
    }

    fn log(&self, asked: &Asked) {
        let served = asked.served.as_ref();
        let current = asked.trail.current();
        let target = served.map(|served| &served.upstream).or(current.as_ref());
        let spent = served.map(|_| asked.usage());
        let client = self.client_name();
        let count = |count: Option<u64>| count.map_or(Field::None, Field::Count);
        let first = asked.first_token();
        self.shared.log.line(
            LogLevel::Info,
            "request",
            &[
                ("id", Field::Text(&self.id.to_string())),
                ("path", Field::Text(asked.endpoint.path())),
                ("status", Field::Count(self.status.into())),
                ("ms", Field::Millis(self.began.elapsed().as_secs_f64() * 1e3)),
                ("model", Field::Text(&asked.model)),
                ("stream", Field::Truth(asked.stream)),
                ("target", target.map(|upstream| &*upstream.id).into()),
                ("attempts", Field::Count(asked.trail.attempts())),
                ("client", client.into()),
                (
                    "firstTokenMs",
                    first.map_or(Field::None, |first| Field::Millis(first.as_secs_f64() * 1e3)),
                ),
                ("inputTokens", count(spent.map(|usage| usage.input))),
                ("outputTokens", count(spent.map(|usage| usage.output))),
                ("broken", asked.broken.map(Outcome::name).into()),
            ],
        );
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let metrics = &self.shared.metrics;
        metrics.answered(self.status);
        let Some(mut asked) = self.asked.take() else { return };
        asked.charge();
        if let Some(Serving { upstream, .. }) = &asked.served {
            upstream.metrics.answered(asked.endpoint, self.began.elapsed(), asked.first_token());
        }
        if self.shared.log.has_access() {
            self.log(&asked);
        }
        let took = self.began.elapsed();
        let now = Timestamp::now().as_millis();
        let at = Timestamp::from_millis(now.saturating_sub(took.as_millis() as u64));
        self.shared.trails.keep(Trodden {
            id: self.id,
            client: self.client_name().map(Into::into),
            model: asked.model,
            plan: Arc::clone(&self.plan),
            status: self.status,
            at,
            took,
            trail: asked.trail,
        });
    }
}
