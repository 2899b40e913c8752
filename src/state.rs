//! Where a fleet's state lies, for JavaScript.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use model_multiplexer_core::state::file::{FileError, FileStore};
use model_multiplexer_core::state::redis::{Event, OnLoss, RedisStore, Settings};
use model_multiplexer_core::state::share::Membership;
use napi::bindgen_prelude::{AsyncTask, Function};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Error, Result, Status, Task};
use napi_derive::napi;
use tokio::time::timeout;

use crate::fleet::NativeFleet;
use crate::runtime::runtime;

/// For so long a process that exits waits for Redis.
const LAST_WORD: Duration = Duration::from_millis(250);

/// Called with what has happened; does not keep the process alive by itself.
type Tell = ThreadsafeFunction<StateEventDto, (), StateEventDto, Status, false, true>;

/// Something that a program is told of its state store.
#[napi(object)]
pub struct StateEventDto {
    /// `connected`, `reconnected`, `lost`, `reseeded` or `unwritten`.
    pub kind: String,
    /// The server without user and password, or the file.
    pub place: String,
    /// Why, for what went wrong.
    pub reason: String,
}

impl From<Event> for StateEventDto {
    fn from(event: Event) -> Self {
        let (kind, place, reason) = match event {
            Event::Connected { server, again: false } => ("connected", server, String::new()),
            Event::Connected { server, again: true } => ("reconnected", server, String::new()),
            Event::Lost { server, reason } => ("lost", server, reason),
            Event::Reseeded { server } => ("reseeded", server, String::new()),
        };
        Self { kind: kind.to_owned(), place, reason }
    }
}

/// Redis as a store. Checked in TypeScript.
#[napi(object)]
pub struct RedisStateDto {
    /// One server, or nodes of a cluster.
    pub urls: Vec<String>,
    /// The URLs are of a cluster.
    pub is_cluster: bool,
    /// What all keys begin with.
    pub prefix: String,
    /// While Redis is lost, members spend their share of the limits.
    pub shares_on_loss: bool,
    /// The authority to trust instead of the system's, as PEM.
    pub ca: Option<String>,
}

enum Store {
    File(FileStore),
    Redis(RedisStore),
    Share(Membership),
}

/// The store of one fleet's state.
#[napi]
pub struct NativeState {
    store: Arc<Store>,
}

fn invalid(error: &dyn std::error::Error) -> Error {
    Error::new(Status::InvalidArg, error.to_string())
}

fn teller(tell: &Function<'_, StateEventDto, ()>) -> Result<Tell> {
    tell.build_threadsafe_function().weak::<true>().callee_handled::<false>().build()
}

#[napi]
impl NativeState {
    /// A file, which is written each `flush_interval_ms` if something has changed.
    #[napi(factory)]
    pub fn file(
        fleet: &NativeFleet,
        path: String,
        flush_interval_ms: f64,
        tell: Function<'_, StateEventDto, ()>,
    ) -> Result<Self> {
        let (every, tell, place) =
            (Duration::from_millis(flush_interval_ms as u64), teller(&tell)?, path.clone());
        let tell = move |error: &FileError| {
            let event = StateEventDto {
                kind: "unwritten".to_owned(),
                place: place.clone(),
                reason: error.to_string(),
            };
            tell.call(event, ThreadsafeFunctionCallMode::NonBlocking);
        };
        let on = runtime()?.handle();
        let store = FileStore::open(Path::new(&path), every, fleet.fleet(), tell, on);
        Ok(Self { store: Arc::new(Store::File(store.map_err(|error| invalid(&error))?)) })
    }

    /// Redis, which processes share.
    #[napi(factory)]
    pub fn redis(
        fleet: &NativeFleet,
        options: RedisStateDto,
        tell: Function<'_, StateEventDto, ()>,
    ) -> Result<Self> {
        let settings = match options.urls.as_slice() {
            [url] if !options.is_cluster => Settings::single(url, &options.prefix),
            urls => Settings::cluster(urls, &options.prefix),
        };
        let on_loss = if options.shares_on_loss { OnLoss::Share } else { OnLoss::Stop };
        let settings = settings.map_err(|error| invalid(&error))?;
        let settings = settings.on_loss(on_loss).authority(options.ca);
        let tell = teller(&tell)?;
        let tell = move |event: Event| {
            tell.call(event.into(), ThreadsafeFunctionCallMode::NonBlocking);
        };
        let store = RedisStore::open(settings, fleet.fleet(), tell, runtime()?.handle());
        Ok(Self { store: Arc::new(Store::Redis(store)) })
    }

    /// What all fleets of this process that give the same name have in common.
    #[napi(factory)]
    pub fn share(fleet: &NativeFleet, name: String) -> Result<Self> {
        let membership = Membership::join(&name, fleet.fleet(), runtime()?.handle());
        Ok(Self { store: Arc::new(Store::Share(membership)) })
    }

    /// Writes or gives back what there is on this thread, which has no other work any more: the
    /// process exits. Waits for Redis for at most a quarter of a second.
    #[napi]
    pub fn leave(&self) -> Result<()> {
        match &*self.store {
            Store::File(store) => store.flush().map_err(|error| invalid(&error)),
            Store::Redis(store) if store.is_connected() => {
                let last = async { timeout(LAST_WORD, store.close()).await };
                // What could not be given back is taken for spent.
                let _ = runtime()?.block_on(last);
                Ok(())
            }
            Store::Redis(_) | Store::Share(_) => Ok(()),
        }
    }

    /// Writes or gives back what there is, and lets go of the store.
    #[napi]
    pub fn close(&self) -> AsyncTask<Closing> {
        AsyncTask::new(Closing(Arc::clone(&self.store)))
    }
}

/// Closes a store, on a thread that may wait.
pub struct Closing(Arc<Store>);

impl Task for Closing {
    type Output = ();
    type JsValue = ();

    fn compute(&mut self) -> Result<()> {
        match &*self.0 {
            Store::File(store) => store.close().map_err(|error| invalid(&error)),
            Store::Redis(store) => {
                runtime()?.block_on(store.close());
                Ok(())
            }
            Store::Share(membership) => {
                membership.leave();
                Ok(())
            }
        }
    }

    fn resolve(&mut self, _: Env, (): ()) -> Result<()> {
        Ok(())
    }
}
