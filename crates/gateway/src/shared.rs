//! What all requests of a gateway share.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use model_multiplexer_core::fleet::{Fleet, Options, Recovery};

use crate::config::Config;
use crate::intake::Budget;
use crate::plan::{Plan, PlanError};

/// What all requests of a gateway share.
pub(crate) struct Shared {
    pub(crate) fleet: Arc<Fleet>,
    pub(crate) budget: Arc<Budget>,
    pub(crate) started: Instant,
    plan: RwLock<Arc<Plan>>,
    draining: AtomicBool,
    /// Requests that are being answered, streams until their end.
    in_flight: AtomicUsize,
}

impl Shared {
    /// # Errors
    /// [`PlanError`].
    pub(crate) fn new(config: Config) -> Result<Arc<Self>, PlanError> {
        let recovery = Some(Recovery::default());
        let strategy = config.routing.strategy;
        let fleet = Fleet::new(Options { strategy, recovery, ..Options::default() });
        let budget = Budget::new(config.server.bounds.retained);
        let plan = Plan::new(config, &fleet)?;
        Ok(Arc::new(Self {
            fleet,
            budget,
            started: Instant::now(),
            plan: RwLock::new(Arc::new(plan)),
            draining: AtomicBool::new(false),
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
        *plan = Arc::new(Plan::new(config, &self.fleet)?);
        Ok(())
    }

    /// No new work is taken from now on.
    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Release);
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

/// A request that is being answered.
pub(crate) struct Presence(Arc<Shared>);

impl Drop for Presence {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
