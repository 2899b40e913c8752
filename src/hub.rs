//! What connects one JavaScript thread with the engine: its mailbox, its calls, its connections.
// On the method itself it would not reach what the macro makes of it.
#![allow(
    clippy::too_many_arguments,
    reason = "an object would cost a look-up across the border for each of its members"
)]

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use model_multiplexer_core::fleet::{Lease, Tokens, Unavailable};
use model_multiplexer_core::mailbox::Mailbox;
use model_multiplexer_core::multiplexer::Begun;
use model_multiplexer_core::outcome::{Outcome, RetryHints, parse_retry_after};
use model_multiplexer_core::wire::http_client::{self, HttpSettings};
use model_multiplexer_core::wire::reply::{self, Care, Form};
use model_multiplexer_core::wire::{Body, Booking, Exchange, HeaderMap, HttpClient, Profile};
use napi::bindgen_prelude::{Function, Uint32ArraySlice};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Error, JsString, Result, Status, sys};
use napi_derive::napi;
use tokio::task::AbortHandle;

use crate::calls::Calls;
use crate::fleet::moment;
use crate::profiles::{Profiles, pairs};
use crate::runtime::runtime;

/// Called without a value; does not keep the process alive by itself.
type Wake = ThreadsafeFunction<(), (), (), Status, false, true>;

/// Why no target could be leased.
#[napi(object)]
pub struct UnavailableDto {
    /// `empty`, `unmatched`, `resting` or `at_capacity`.
    pub reason: String,
    /// Until the first target returns from its rest, in milliseconds.
    pub retry_after_ms: Option<f64>,
    /// What held the call to an account, if anything did.
    pub binding: Option<BindingDto>,
}

/// What holds a call to an account.
#[napi(object)]
pub struct BindingDto {
    /// The member of the request whose id does so.
    pub field: String,
    /// A member whose id belongs to another account.
    pub at_odds: Option<String>,
    /// The ids of the account's targets.
    pub targets: Vec<String>,
}

/// A rest that has begun.
#[napi(object)]
pub struct RestDto {
    /// Its length in milliseconds.
    pub span_ms: f64,
    /// Its end in milliseconds since the Unix epoch.
    pub until: f64,
}

/// One JavaScript thread's side of the engine.
#[napi]
pub struct Hub {
    mailbox: Arc<Mailbox>,
    wake: Arc<Wake>,
    calls: Arc<Calls>,
    profiles: Mutex<Profiles>,
    http: Mutex<Option<Connected>>,
}

/// What exists once requests are made.
struct Connected {
    http: HttpClient,
    /// Lets events gather in the mailbox.
    gathering: AbortHandle,
}

impl Drop for Connected {
    fn drop(&mut self) {
        self.gathering.abort();
    }
}

fn more_headers(headers: &[String]) -> Result<HeaderMap> {
    Profile::headers(pairs(headers))
        .map_err(|error| Error::new(Status::InvalidArg, error.to_string()))
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.calls.clear();
    }
}

impl Hub {
    pub(crate) fn mailbox(&self) -> Arc<Mailbox> {
        Arc::clone(&self.mailbox)
    }

    pub(crate) fn calls(&self) -> Arc<Calls> {
        Arc::clone(&self.calls)
    }

    fn http(&self) -> Result<HttpClient> {
        let http = self.http.lock().unwrap_or_else(PoisonError::into_inner);
        let connected = http.as_ref().map(|connected| connected.http.clone());
        connected.ok_or_else(|| Error::from_reason("connect() comes first"))
    }

    pub(crate) fn profiles(&self) -> MutexGuard<'_, Profiles> {
        self.profiles.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[napi]
impl Hub {
    /// A hub that calls `wake` when there is mail.
    #[napi(constructor)]
    pub fn new(wake: Function<'_, (), ()>) -> Result<Self> {
        let wake = wake.build_threadsafe_function().weak::<true>().callee_handled::<false>();
        let wake: Arc<Wake> = Arc::new(wake.build()?);
        let waker = Arc::clone(&wake);
        let mailbox = Mailbox::new(move || {
            waker.call((), ThreadsafeFunctionCallMode::NonBlocking);
        });
        Ok(Self {
            mailbox,
            wake,
            calls: Arc::default(),
            profiles: Mutex::default(),
            http: Mutex::default(),
        })
    }

    /// Throws unless these certificate authorities, as PEM text, can be given to
    /// [`Self::connect`].
    #[napi]
    pub fn check_authorities(pem: String) -> Result<()> {
        http_client::check_authorities(&pem).map_err(|error| Error::from_reason(error.to_string()))
    }

    /// Opens the connection pool, once.
    #[napi]
    pub fn connect(
        &self,
        extra_authorities: Option<String>,
        accept_invalid_certificates: bool,
    ) -> Result<()> {
        let settings = HttpSettings {
            extra_authorities,
            accept_invalid_certificates,
            ..HttpSettings::default()
        };
        let mut http = self.http.lock().unwrap_or_else(PoisonError::into_inner);
        if http.is_none() {
            let made = HttpClient::new(&settings);
            let made = made.map_err(|error| Error::from_reason(error.to_string()))?;
            let gathering = runtime()?.spawn(Arc::clone(&self.mailbox).gather()).abort_handle();
            *http = Some(Connected { http: made, gathering });
        }
        Ok(())
    }

    /// Keeps the process alive until [`Self::unref`].
    #[napi(js_name = "ref")]
    pub fn hold(&self, env: &Env) {
        // SAFETY: the function belongs to this environment and lives as long as the hub.
        #[expect(unsafe_code, reason = "napi's own `refer` wants the function to itself")]
        unsafe {
            sys::napi_ref_threadsafe_function(env.raw(), self.wake.raw());
        }
    }

    /// Lets the process end though the hub is there.
    #[napi]
    pub fn unref(&self, env: &Env) {
        // SAFETY: as in `hold`.
        #[expect(unsafe_code, reason = "napi's own `unref` wants the function to itself")]
        unsafe {
            sys::napi_unref_threadsafe_function(env.raw(), self.wake.raw());
        }
    }

    /// Takes mail of about `budget` bytes: numbers to `meta`, text as the result.
    #[napi]
    pub fn drain<'env>(
        &self,
        env: &'env Env,
        mut meta: Uint32ArraySlice<'_>,
        budget: u32,
    ) -> Result<JsString<'env>> {
        // SAFETY: the array is JavaScript's and nobody else touches it during this call.
        #[expect(unsafe_code, reason = "the numbers are written in place")]
        let meta = unsafe { meta.as_mut() };
        self.mailbox.drain(
            meta,
            budget as usize,
            |call, letter| self.calls.told(call, letter),
            |drained| match std::str::from_utf8(drained.text) {
                // V8 copies Latin-1 faster than it checks UTF-8.
                _ if drained.is_ascii => env.create_string_latin1(drained.text),
                Ok(text) => env.create_string(text),
                Err(error) => Err(Error::from_reason(error.to_string())),
            },
        )
    }

    /// Calls `wake` again, from the event loop: for mail that a drain has left.
    #[napi]
    pub fn wake_again(&self) {
        self.mailbox.wake();
    }

    /// Sends a call's body to the target that it has leased. The body is given once, or
    /// never where there is none. The body of the answer comes as one
    /// text (form 0), as events (1) or as bytes (2). `headers`, names and values in turn, are of
    /// this request alone. With `finish_optional`, a stream need not say that it is finished;
    /// `reasoning` says that the model thinks before it answers, or does not.
    #[napi]
    pub fn send(
        &self,
        call: u32,
        profile: u32,
        model: String,
        body: Option<String>,
        timeout_ms: f64,
        max_retries: u32,
        form: u32,
        headers: Option<Vec<String>>,
        finish_optional: Option<bool>,
        reasoning: Option<bool>,
    ) -> Result<()> {
        let finish_optional = finish_optional.unwrap_or_default();
        let form = match form {
            0 => Form::Whole,
            1 => Form::Events,
            2 => Form::Bytes,
            _ => return Err(Error::from_reason(format!("{form} is not a form"))),
        };
        let headers = match headers {
            Some(headers) => more_headers(&headers)?,
            None => HeaderMap::new(),
        };
        let exchange = |body, lease: Option<&Lease>| -> Result<Exchange> {
            // Under the policy `resilient` each request has a lease of its own.
            let again = lease.filter(|_| max_retries > 0).and_then(Lease::again);
            Ok(Exchange {
                http: self.http()?,
                profile: self.profiles().get(profile)?,
                headers,
                body,
                timeout: Duration::from_millis(timeout_ms as u64),
                max_retries,
                booking: again.map(|again| Booking::new(move || again.take())),
            })
        };
        let started = self.calls.with(call, |active| {
            if let Some(text) = body {
                active.body = Body::new(text);
            }
            let (care, body) = match active.begin(&model, reasoning, form, finish_optional)? {
                Some(Begun { care, body }) => (Some(care), body),
                None => (None, None),
            };
            let body = body.map(Body::new);
            let body = body.as_ref().unwrap_or(&active.body).with_model(&model);
            let exchange = exchange(body, active.lease.as_ref())?;
            let outbox = active.outbox(&self.mailbox, call);
            let alarm = care.as_ref().and_then(Care::alarm);
            let answer = reply::answer(exchange, form, care, Arc::clone(&outbox));
            let task = match alarm {
                None => runtime()?.spawn(answer),
                Some(alarm) => runtime()?.spawn(reply::watched(alarm, answer, Arc::clone(&outbox))),
            };
            active.start(outbox, task.abort_handle());
            Ok(())
        });
        started.unwrap_or_else(|| Err(Error::from_reason("no such call")))
    }

    /// Settles a call's lease after 429 or 529 and lets the target rest: as its answer asks in
    /// the headers `retry-after-ms` and `Retry-After`. Null if the call is over.
    #[napi]
    pub fn rate_limited(
        &self,
        call: u32,
        now: f64,
        retry_after_ms: Option<String>,
        retry_after: Option<String>,
    ) -> Option<RestDto> {
        let now = moment(now, 0.0).now;
        let wall = SystemTime::UNIX_EPOCH + Duration::from_millis(now.as_millis());
        let hints = RetryHints {
            retry_after_ms: retry_after_ms.as_deref(),
            retry_after: retry_after.as_deref(),
        };
        let asked = parse_retry_after(hints, wall);
        let rest = self.calls.with(call, |active| {
            let lease = active.lease.take()?;
            Some(active.call.rate_limited(lease, asked, now))
        });
        rest.flatten().map(|rest| RestDto {
            span_ms: rest.span.as_millis() as f64,
            until: rest.until.as_millis() as f64,
        })
    }

    /// True if a call would find another target now.
    #[napi]
    pub fn can_pick_again(&self, call: u32, now: f64) -> bool {
        let now = moment(now, 0.0).now;
        self.calls.with(call, |active| active.call.can_pick(now)).unwrap_or_default()
    }

    /// Leases the next target for a call: its number, or 0 if there is none.
    #[napi]
    pub fn again(&self, call: u32, now: f64, draw: f64) -> u32 {
        self.calls.with(call, |active| active.pick(moment(now, draw))).unwrap_or_default()
    }

    /// Gives back a call's lease of a target that cannot take this kind of call: the call does
    /// not come to it again, and nothing is counted.
    #[napi]
    pub fn pass_over(&self, call: u32) {
        self.calls.with(call, |active| {
            if let Some(lease) = active.lease.take() {
                active.call.pass_over(lease);
            }
        });
    }

    /// Settles a call's lease as aborted before its target was asked: what it had reserved is given
    /// back.
    #[napi]
    pub fn abort_unsent(&self, call: u32) {
        self.calls.with(call, |active| {
            if let Some(lease) = active.lease.take() {
                lease.settle_unsent(Outcome::Aborted, None);
            }
        });
    }

    /// Why the last pick of this call found no target.
    #[napi]
    pub fn unavailable(&self, call: u32) -> Option<UnavailableDto> {
        let (reason, binding) = self.calls.with(call, |active| {
            let binding = active.call.binding().map(|binding| BindingDto {
                field: binding.field.to_owned(),
                at_odds: binding.at_odds.map(str::to_owned),
                targets: active.call.fleet().targets_of(&binding.account),
            });
            Some((active.unavailable?, binding))
        })??;
        let millis = |span: Duration| span.as_millis() as f64;
        let (reason, retry_after_ms) = match reason {
            Unavailable::Empty => ("empty", None),
            Unavailable::Unmatched => ("unmatched", None),
            Unavailable::Resting(span) => ("resting", Some(millis(span))),
            Unavailable::AtCapacity(span) => ("at_capacity", span.map(millis)),
        };
        Some(UnavailableDto { reason: reason.to_owned(), retry_after_ms, binding })
    }

    /// Milliseconds until a target returns that a call like this one could ask; null where nobody
    /// rests.
    #[napi]
    pub fn first_return(&self, call: u32, now: f64) -> Option<f64> {
        let now = moment(now, 0.0).now;
        let span = self.calls.with(call, |active| active.call.first_return(now)).flatten()?;
        Some(span.as_millis() as f64)
    }

    /// Counts a success for a call that the host makes itself; its slot stays held.
    #[napi]
    pub fn succeeded(&self, call: u32) {
        self.calls.with(call, |active| {
            if let Some(lease) = &mut active.lease {
                lease.succeed();
                let took = active.tried.as_ref().map(|tried| tried.trial.took());
                lease.probe_succeeded(lease.now(took.unwrap_or_default()));
            }
        });
    }

    /// Counts a failure and ends the call.
    #[napi]
    pub fn failed(&self, call: u32) {
        if let Some(lease) = self.calls.end(call) {
            lease.settle(Outcome::Unavailable, None);
        }
    }

    /// Ends a call whose stream, which a client gave that was called itself, has broken off.
    #[napi]
    pub fn broke_off(&self, call: u32) {
        if let Some(lease) = self.calls.end(call) {
            lease.settle(Outcome::Truncated, None);
        }
    }

    /// Gives a stream's reader room for so many more bytes.
    #[napi]
    pub fn credit(&self, call: u32, size: u32) {
        self.calls.give_credit(call, size);
    }

    /// Ends a call: its request is cancelled, its slot is given back, no outcome is counted. Tells
    /// what its attempt has cost, where that is kept.
    #[napi]
    pub fn close(&self, call: u32) -> Option<String> {
        let spent = self.calls.with(call, |active| active.tried.as_ref()?.trial.spent());
        drop(self.calls.end(call));
        spent.flatten()
    }

    /// Notes the tokens that a client which was called itself has told.
    #[napi]
    pub fn spent(&self, call: u32, input: f64, output: f64) {
        self.calls.with(call, |active| {
            if let Some(lease) = &mut active.lease {
                let took = active.tried.as_ref().map(|tried| tried.trial.took());
                let tokens = Tokens { input: input as u64, output: output as u64 };
                lease.report_tokens(tokens, lease.now(took.unwrap_or_default()));
            }
        });
    }

    /// How many calls are under way.
    #[napi]
    pub fn open_calls(&self) -> u32 {
        self.calls.len() as u32
    }

    /// How many tasks the engine has that have not ended, for all hubs of the process: for tests,
    /// and for whoever suspects that some are left behind.
    #[napi]
    pub fn alive_tasks() -> Result<u32> {
        Ok(runtime()?.metrics().num_alive_tasks() as u32)
    }
}
