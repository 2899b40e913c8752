//! What all requests of a gateway share.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use model_multiplexer_core::fleet::{Fleet, Options, Recovery};
use tokio::sync::watch;

use crate::config::Config;
use crate::guard::key::Used;
use crate::guard::place::Places;
use crate::intake::Budget;
use crate::log::Log;
use crate::metrics::Metrics;
use crate::plan::{Plan, PlanError};
use crate::server::StartError;
use crate::state::Store;
use crate::stored::Stored;
use crate::trail::Trails;

/// What all requests of a gateway share.
pub(crate) struct Shared {
    pub(crate) fleet: Arc<Fleet>,
    pub(crate) store: Store,
    pub(crate) budget: Arc<Budget>,
    pub(crate) metrics: Metrics,
    pub(crate) log: Log,
    pub(crate) trails: Trails,
    pub(crate) places: Places,
    pub(crate) stored: Stored,
    /// What clients have used, by their names.
    used: Mutex<HashMap<String, Arc<Used>>>,
    plan: RwLock<Arc<Plan>>,
    draining: AtomicBool,
    /// True when what is under way is to end.
    cut: watch::Sender<bool>,
    /// Requests that are being answered, streams until their end.
    in_flight: AtomicUsize,
}

impl Shared {
    /// # Errors
    /// [`StartError::Plan`], [`StartError::State`].
    pub(crate) fn new(config: Config, log: Log) -> Result<Arc<Self>, StartError> {
        let recovery = Some(Recovery::default());
        let fleet = Fleet::new(Options { recovery, ..Options::default() });
        let budget = Budget::new(config.server.bounds.retained);
        let (metrics, used) = (Metrics::default(), Mutex::default());
        let store = Store::open(&config.state, &fleet, &log)?;
        let plan = Plan::new(config, &fleet, &metrics, None, |name| used_by(&used, name))?;
        Ok(Arc::new(Self {
            fleet,
            store,
            budget,
            metrics,
            log,
            trails: Trails::default(),
            places: Places::default(),
            stored: Stored::default(),
            used,
            plan: RwLock::new(Arc::new(plan)),
            draining: AtomicBool::new(false),
            cut: watch::Sender::new(false),
            in_flight: AtomicUsize::new(0),
        }))
    }

    /// The plan as it is now. A request keeps the one that it began with.
    pub(crate) fn plan(&self) -> Arc<Plan> {
        Arc::clone(&self.plan.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Requests that come from now on have another plan.
    ///
    /// # Errors
    /// [`PlanError`]; nothing has changed then.
    pub(crate) fn reload(&self, config: Config) -> Result<(), PlanError> {
        // Under the lock, so that of two the later one holds in the fleet as well.
        let mut plan = self.plan.write().unwrap_or_else(PoisonError::into_inner);
        *plan = Arc::new(Plan::new(config, &self.fleet, &self.metrics, Some(&plan), |name| {
            used_by(&self.used, name)
        })?);
        Ok(())
    }

    /// No new work is taken from now on.
    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// What is under way ends now, each with an error.
    pub(crate) fn cut(&self) {
        self.cut.send_replace(true);
    }

    /// Whether it was.
    pub(crate) fn was_cut(&self) -> bool {
        *self.cut.borrow()
    }

    /// Waits until what is under way is to end.
    pub(crate) fn is_cut(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut cut = self.cut.subscribe();
        async move {
            // Without a gateway nobody can say so.
            if cut.wait_for(|cut| *cut).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    /// Requests that are being answered.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Counts a request as long as the result lives; none where there are as many as there may be.
    pub(crate) fn enter(self: &Arc<Self>, most: usize) -> Option<Presence> {
        let presence = Presence(Arc::clone(self));
        let before = self.in_flight.fetch_add(1, Ordering::Relaxed);
        (before < most).then_some(presence)
    }
}

/// What the client of this name has used; the same under every configuration.
fn used_by(used: &Mutex<HashMap<String, Arc<Used>>>, name: &str) -> Arc<Used> {
    let mut used = used.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(used.entry(name.to_owned()).or_default())
}

/// A request that is being answered.
pub(crate) struct Presence(Arc<Shared>);

impl Drop for Presence {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
