//! Where rests and what is spent of limits are kept beyond this process: opened before the first
//! request, closed after the last. What is written when is the engine's.

use std::sync::Arc;
use std::time::Duration;

use model_multiplexer_core::fleet::Fleet;
use model_multiplexer_core::state::file::{FileError, FileStore};
use model_multiplexer_core::state::redis::{Event, OnLoss, RedisStore, Settings, StoreError};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::config::{LogLevel, OnStateLoss, Secret, State};
use crate::log::{Field, Log};

/// For how long Redis' first answer is waited for, so that the first requests are not refused for
/// want of what it would have granted.
const FIRST_ANSWER: Duration = Duration::from_secs(2);

/// Why state cannot be kept where the configuration says.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The file cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// What is said of Redis cannot be used.
    #[error("state.redis: {0}")]
    Redis(#[from] StoreError),
}

impl StateError {
    /// True where the configuration has to be changed.
    pub(crate) fn is_of_configuration(&self) -> bool {
        match self {
            // What is there is no state: another file is meant.
            Self::File(FileError::Content { .. }) | Self::Redis(_) => true,
            Self::File(FileError::InUse { .. } | FileError::Io { .. }) => false,
        }
    }
}

/// Where the state of a fleet is kept.
#[derive(Debug)]
pub(crate) enum Store {
    /// In this process.
    Memory,
    File(FileStore),
    Redis {
        store: RedisStore,
        /// Notified when Redis is there, or cannot be reached.
        answered: Arc<Notify>,
    },
}

impl Store {
    /// Opens what `state` says for this fleet, on the current Tokio runtime. What becomes of it is
    /// logged.
    ///
    /// # Errors
    /// [`StateError`].
    pub(crate) fn open(state: &State, fleet: &Arc<Fleet>, log: &Log) -> Result<Self, StateError> {
        let log = log.clone();
        let on = Handle::current();
        match state {
            State::Memory => Ok(Self::Memory),
            State::File { path, flush } => {
                let tell = move |error: &FileError| unwritten(&log, error);
                Ok(Self::File(FileStore::open(path, *flush, fleet, tell, &on)?))
            }
            State::Redis { urls, prefix, on_loss } => {
                let settings = match urls.as_slice() {
                    [url] => Settings::single(url.expose(), prefix)?,
                    urls => {
                        let urls: Vec<_> =
                            urls.iter().map(Secret::expose).map(str::to_owned).collect();
                        Settings::cluster(&urls, prefix)?
                    }
                };
                let on_loss = match on_loss {
                    OnStateLoss::Stop => OnLoss::Stop,
                    OnStateLoss::Share => OnLoss::Share,
                };
                let answered = Arc::new(Notify::new());
                let first = Arc::clone(&answered);
                let tell = move |event: Event| {
                    told(&log, &event);
                    first.notify_one();
                };
                let store = RedisStore::open(settings.on_loss(on_loss), fleet, tell, &on);
                Ok(Self::Redis { store, answered })
            }
        }
    }

    /// Waits until it is known whether Redis is there, for up to two seconds.
    pub(crate) async fn ready(&self) {
        if let Self::Redis { answered, .. } = self {
            // Who does not answer at all is logged as lost in time.
            let _ = timeout(FIRST_ANSWER, answered.notified()).await;
        }
    }

    /// Writes or gives back what there is, and lets go of the store.
    pub(crate) async fn close(&self, log: &Log) {
        match self {
            Self::Memory => {}
            Self::File(store) => {
                if let Err(error) = store.close() {
                    unwritten(log, &error);
                }
            }
            Self::Redis { store, .. } => store.close().await,
        }
    }
}

fn unwritten(log: &Log, error: &FileError) {
    log.line(LogLevel::Error, "state", &[("reason", Field::Text(&error.to_string()))]);
}

fn told(log: &Log, event: &Event) {
    let (level, what, server, reason) = match event {
        Event::Connected { server, again: false } => (LogLevel::Info, "connected", server, None),
        Event::Connected { server, again: true } => (LogLevel::Info, "reconnected", server, None),
        Event::Lost { server, reason } => (LogLevel::Warn, "lost", server, Some(reason.as_str())),
        Event::Reseeded { server } => (LogLevel::Warn, "reseeded", server, None),
    };
    let fields =
        [("event", Field::Text(what)), ("server", Field::Text(server)), ("reason", reason.into())];
    log.line(level, "state", &fields);
}
