//! A call's attempts under the policy `resilient`: judged as they end, so that whom a failure
//! concerns rests, and the call goes on or is given up. It asks nobody and waits for nothing.

mod decide;
mod hedge;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

pub use decide::Decided;
use tokio::time::Instant;

use super::Call;
use super::bill::Bill;
use super::binding::Binding;
use super::letter::{is_about_usage, judgement_of, limits_told};
use super::recovering::Recovering;
use super::resilience::{FirstToken, Resilience};
use crate::clock::{Moment, Timestamp};
use crate::fleet::{Lease, TargetKey};
use crate::mailbox::Letter;
use crate::outcome::{Domain, Headers, Judgement, Outcome, Seen, Stage, judge};
use crate::policy::{Kind, Replay, ids_of_answer, is_reasoning};
use crate::quota::told;
use crate::wire::estimate;
use crate::wire::reply::{Care, Form, Meter, Notice};
use crate::wire::usage_request;

/// What is asked of a target through the engine.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The request, as JSON; empty for none.
    pub body: &'a str,
    /// The name of the model that is asked.
    pub model: &'a str,
    /// The model thinks before it answers; none where that is not said, and its name tells.
    pub reasoning: Option<bool>,
    /// In which form the answer comes.
    pub form: Form,
    /// A stream may end without saying that it is finished.
    pub finish_optional: bool,
}

/// Whether an attempt asks for the usage of its stream, which the caller has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AskedUsage {
    No,
    Yes,
    /// And the target has refused for that reason.
    Refused,
}

/// Whose answers' tokens have to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counting {
    /// Those of targets whose tokens are limited.
    OfLimitedTargets,
    /// Everyone's: whoever makes the call counts its tokens.
    OfAll,
}

/// What a call remembers of its attempts.
#[derive(Debug)]
pub struct Trial {
    shared: Arc<Resilience>,
    began: Instant,
    /// Of the whole call.
    total: Option<Duration>,
    attempt_began: Instant,
    attempts_here: u32,
    work_may_have_begun: bool,
    replay: Option<Replay>,
    /// About how many tokens the request has.
    estimate: Option<u64>,
    bill: Option<Bill>,
    usage: AskedUsage,
    counting: Counting,
    judgement: Option<Judgement>,
    /// Something of the answer has been handed over.
    opened: bool,
    recovering: Recovering,
    /// It is the second attempt beside another's.
    is_hedge: bool,
}

/// A request as one target is sent it.
#[derive(Debug)]
pub struct Begun {
    /// How the attempt is looked after.
    pub care: Care,
    /// What is sent in place of the call's own body.
    pub body: Option<String>,
}

impl Trial {
    /// A call that begins. `total` is its own deadline, in place of the one that all calls have.
    pub fn new(shared: Arc<Resilience>, total: Option<Duration>, now: Timestamp) -> Self {
        shared.budget.count_request(now);
        if let Some(hedges) = &shared.hedges {
            hedges.count_request(now);
        }
        Self {
            total: total.or(shared.deadlines.total),
            shared,
            began: Instant::now(),
            attempt_began: Instant::now(),
            attempts_here: 0,
            work_may_have_begun: false,
            replay: None,
            estimate: None,
            bill: None,
            usage: AskedUsage::No,
            counting: Counting::OfLimitedTargets,
            judgement: None,
            opened: false,
            recovering: Recovering::default(),
            is_hedge: false,
        }
    }

    /// The same call's second attempt, which begins now.
    fn beside(&self) -> Self {
        let wanted = self.recovering.is_wanted();
        Self {
            shared: Arc::clone(&self.shared),
            began: self.began,
            total: self.total,
            attempt_began: Instant::now(),
            attempts_here: 1,
            work_may_have_begun: true,
            replay: self.replay,
            estimate: self.estimate,
            bill: None,
            usage: AskedUsage::No,
            counting: self.counting,
            judgement: None,
            opened: false,
            recovering: if wanted { Recovering::wanted() } else { Recovering::default() },
            is_hedge: true,
        }
    }

    /// A stream of this call that breaks off is to be gone on with elsewhere.
    pub fn recover(&mut self) {
        self.recovering = Recovering::wanted();
    }

    /// The tokens of this call are counted by whoever makes it: its streams are asked for their
    /// usage, as where those of a target are limited.
    pub fn count_tokens(&mut self) {
        self.counting = Counting::OfAll;
    }

    fn counts_tokens(&self, lease: &Lease) -> bool {
        self.counting == Counting::OfAll || lease.counts_tokens()
    }

    /// Something of a stream at this target is altered, which takes [`Self::begin`] and not
    /// [`Self::care`].
    pub fn alters(&self, lease: &Lease) -> bool {
        self.recovering.is_wanted() || self.counts_tokens(lease)
    }

    /// The call's body is needed after its stream has begun.
    pub fn keeps_body(&self) -> bool {
        self.recovering.is_wanted()
    }

    /// A target has been leased, and is asked by the engine or by the host.
    pub fn attempt(&mut self) {
        self.attempt_began = Instant::now();
        self.attempts_here += 1;
    }

    /// Reads what is to be sent, before anybody is asked: an id that is known to have come from an
    /// account holds the call to it.
    pub fn read(&mut self, call: &mut Call, body: &str) {
        let (replay, binding) = Binding::read(body, call.fleet());
        self.replay = Some(replay);
        if let Some(binding) = binding {
            call.bind(binding);
        }
    }

    /// The engine sends this to a target.
    pub fn begin(&mut self, call: &mut Call, lease: &mut Lease, asked: Asked<'_>) -> Begun {
        let Asked { body, form, finish_optional, .. } = asked;
        let target = lease.target();
        self.replay.get_or_insert_with(|| Replay::of(body));
        let estimated = *self.estimate.get_or_insert_with(|| estimate(body));
        self.settle_account(call, target);
        if form != Form::Events {
            self.recovering = Recovering::default();
        }
        // Text that is held for the end of the answer needs one that is told.
        let takes = self.recovering.is_under_way() && !finish_optional;
        let prefill = takes.then(|| call.fleet().spec(target)?.prefill).flatten();
        let (joint, altered) = self.recovering.begin(body, self.replay.as_ref(), prefill);
        let asking = self.asking(lease, altered.as_deref().unwrap_or(body), form);
        // What was reserved is the better estimate, where tokens are limited.
        let input = match (altered.as_deref(), lease.estimate().input) {
            (Some(altered), _) => estimate(altered),
            (None, 0) => estimated,
            (None, reserved) => reserved,
        };
        let fleet = Arc::downgrade(call.fleet());
        let notice = Notice::new(move |answer| {
            let Some(fleet) = fleet.upgrade() else { return };
            ids_of_answer(answer, &mut |id| fleet.remember(id, target));
        });
        // Whoever goes on with a stream is asked alone.
        let may_hedge = !self.recovering.is_under_way();
        let care = self.look_after(lease, asked, input);
        let care = Care {
            withholds_usage: asking.is_some(),
            notice: Some(notice),
            joint,
            hedge_at: care.hedge_at.filter(|_| may_hedge),
            ..care
        };
        Begun { care, body: asking.or(altered) }
    }

    /// What the call asks, as JSON. It need not be told before an attempt has failed.
    pub fn asks(&mut self, body: &str) {
        self.replay.get_or_insert_with(|| Replay::of(body));
    }

    /// How the attempt that begins is looked after, of a call of which [`Self::asks`] is told
    /// later: nothing is altered of what is sent, nobody is asked beside it, and no id of its
    /// answer is remembered.
    pub fn care(&mut self, lease: &mut Lease, asked: Asked<'_>) -> Care {
        let estimated = *self.estimate.get_or_insert_with(|| estimate(asked.body));
        let reserved = lease.estimate().input;
        self.look_after(lease, asked, if reserved > 0 { reserved } else { estimated })
    }

    fn look_after(&mut self, lease: &mut Lease, asked: Asked<'_>, input: u64) -> Care {
        let Asked { body, form, finish_optional, .. } = asked;
        let meter = Arc::new(Meter::new(input));
        let kind = Kind::new(lease.target(), body.len(), form == Form::Events);
        // Of bytes that are handed on as they come, nobody knows which is the first token.
        let lesson = (form != Form::Bytes).then_some(kind);
        let shared = Arc::clone(&self.shared);
        self.bill = Some(Bill::new(lease, Arc::clone(&meter), shared, self.attempt_began, lesson));
        Care {
            began: self.attempt_began,
            first_token: self.first_token(kind, asked),
            stall: self.shared.deadlines.stall,
            until: self.until(),
            finish_optional,
            has_json: !body.is_empty(),
            withholds_usage: false,
            hedge_at: self.hedge_at(kind, form),
            meter,
            notice: None,
            joint: None,
        }
    }

    /// An id that nobody remembers belongs to the account that is asked first, or to none that
    /// could be found.
    fn settle_account(&self, call: &mut Call, target: TargetKey) {
        if let Some(field) = self.replay.as_ref().and_then(|replay| replay.bound_by) {
            call.settle_on(field, target);
        }
    }

    /// The request that asks for the usage of its stream as well, where the caller's does not and
    /// tokens are limited.
    fn asking(&mut self, lease: &Lease, body: &str, form: Form) -> Option<String> {
        let may = form == Form::Events
            && self.counts_tokens(lease)
            && !self.shared.is_without_usage(lease.target());
        let asking = may.then(|| usage_request::asking(body)).flatten();
        self.usage = if asking.is_some() { AskedUsage::Yes } else { AskedUsage::No };
        asking
    }

    /// How long the first token may take.
    fn first_token(&self, kind: Kind, asked: Asked<'_>) -> Option<Duration> {
        match self.shared.deadlines.first_token {
            FirstToken::Fixed(span) => span,
            FirstToken::Learned if asked.form != Form::Events => None,
            FirstToken::Learned => {
                let learned = self.shared.first_tokens().deadline(kind)?;
                let reasons = asked.reasoning.unwrap_or_else(|| is_reasoning(asked.model));
                (!reasons).then_some(learned)
            }
        }
    }

    /// When the call must have come to its end.
    pub fn until(&self) -> Option<Instant> {
        self.total.map(|total| self.began + total)
    }

    /// How long the present attempt has taken so far.
    pub fn took(&self) -> Duration {
        self.attempt_began.elapsed()
    }

    /// The time of the whole call is over.
    fn is_late(&self) -> bool {
        self.until().is_some_and(|until| until <= Instant::now())
    }

    /// What came too late for the call is nobody's fault, unless the target had most of the time
    /// and gave nothing.
    fn excuse(&self, judgement: Judgement) -> Judgement {
        let is_cut = matches!(judgement.outcome, Outcome::TimedOut | Outcome::Truncated);
        let Some(until) = self.until().filter(|_| is_cut && self.is_late()) else {
            return judgement;
        };
        let had_most = (until - self.attempt_began) * 2 >= until - self.began;
        if had_most && !self.opened {
            return judgement;
        }
        Judgement { domain: Domain::Request, ..judgement }
    }

    /// Notes what a letter says of the attempt, and counts what is over with it. True if the call
    /// goes on: then its lease is kept until [`Self::decide`].
    pub fn told(&mut self, lease: &mut Option<Lease>, letter: &Letter) -> bool {
        let took = self.attempt_began.elapsed();
        let first = self.bill.as_ref().and_then(|bill| bill.meter().time_to_first_token());
        if let Some(lease) = lease {
            let told = limits_told(letter);
            if !told.is_empty() {
                lease.learn(&told, lease.now(took));
            }
        }
        match letter {
            Letter::Opened { .. } => {
                self.opened = true;
                if let Some(bill) = &mut self.bill {
                    bill.answered();
                }
                if let Some(lease) = lease {
                    lease.first_token(first.unwrap_or(took), lease.now(took));
                    lease.succeed();
                }
                return true;
            }
            Letter::Reply { .. } | Letter::Ended { .. } | Letter::Finished => {
                if let (Letter::Reply { .. }, Some(bill)) = (letter, &mut self.bill) {
                    bill.answered();
                }
                if let Some(mut lease) = lease.take() {
                    lease.probe_succeeded(lease.now(took));
                    lease.settle(Outcome::Success, Some(took));
                }
                return matches!(letter, Letter::Finished);
            }
            _ => {}
        }
        let stage = if self.opened { Stage::Streaming } else { Stage::AwaitingHead };
        let Some(judgement) = judgement_of(letter, stage) else { return true };
        let judgement = self.excuse(judgement);
        if self.opened && !(lease.is_some() && self.recovering.can_go_on()) {
            // The stream is the caller's: nothing is left to decide but who rests.
            if let Some(lease) = lease.take() {
                let now = lease.now(took);
                self.settle(lease, &judgement, Moment { now, ..Moment::sample() });
            }
            return false;
        }
        if self.usage == AskedUsage::Yes && is_about_usage(letter) {
            self.usage = AskedUsage::Refused;
        }
        self.judgement = Some(judgement);
        true
    }

    /// The answer to an attempt that the host makes itself has these headers: what they tell of
    /// limits holds at the target.
    pub fn host_heard(&self, lease: &mut Lease, headers: Headers<'_>) {
        let told = told(headers, SystemTime::now());
        if !told.is_empty() {
            lease.learn(&told, lease.now(self.took()));
        }
    }

    /// An attempt that the host made itself has failed. `request` is what was asked, as JSON.
    pub fn host_failed(&mut self, lease: Option<&mut Lease>, seen: &Seen<'_>, request: &str) {
        if let Some(lease) = lease.filter(|_| !matches!(seen.status, Some(429 | 529))) {
            self.host_heard(lease, seen.headers);
        }
        self.judgement = Some(self.excuse(judge(seen, SystemTime::now())));
        self.replay.get_or_insert_with(|| Replay::of(request));
    }

    /// The call begins to wait: what comes next is a new beginning.
    pub fn begin_waiting(&mut self) {
        self.attempts_here = 0;
    }

    /// What the attempt under way has cost so far, as [`Meter::to_text`] tells it.
    pub fn spent(&self) -> Option<String> {
        self.bill.as_ref().map(|bill| bill.meter().to_text())
    }
}
