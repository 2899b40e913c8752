//! A fleet with one limited key, as each process of a test has one.

use std::num::NonZeroU64;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use model_multiplexer_core::clock::{Moment, Timestamp};
use model_multiplexer_core::fleet::{Fleet, Options, Patience, TargetSpec, Wish};
use model_multiplexer_core::multiplexer::wake_waiting;
use model_multiplexer_core::outcome::Domain;
use model_multiplexer_core::quota::{Estimate, Limit, Limits, Meter};
use model_multiplexer_core::state::redis::{Event, OnLoss, RedisStore, Settings};
use tokio::runtime::Handle;
use tokio::time::sleep;

use crate::server::Server;

pub(crate) struct Member {
    pub(crate) fleet: Arc<Fleet>,
    pub(crate) store: RedisStore,
    pub(crate) events: Arc<Mutex<Vec<Event>>>,
}

/// A target of the key `acme` with these limits of the key, as `("rph", 100)`.
pub(crate) fn target(id: &str, limits: &[(&str, u64)]) -> TargetSpec {
    let limit = |&(meter, most): &(&str, u64)| {
        (Meter::of_name(meter).unwrap(), Limit::new(NonZeroU64::new(most).unwrap()))
    };
    let limits: Limits = limits.iter().map(limit).collect();
    TargetSpec {
        key: Some("acme".to_owned()),
        limits: [(Domain::Key, limits)].into(),
        ..TargetSpec::new(id, "gpt")
    }
}

impl Member {
    pub(crate) fn join(server: &Server, limits: &[(&str, u64)]) -> Self {
        Self::join_with(server, limits, OnLoss::Stop)
    }

    pub(crate) fn join_with(server: &Server, limits: &[(&str, u64)], on_loss: OnLoss) -> Self {
        Self::join_at(&server.url(), limits, on_loss)
    }

    pub(crate) fn join_at(url: &str, limits: &[(&str, u64)], on_loss: OnLoss) -> Self {
        let fleet = Fleet::new(Options::default());
        fleet.add(target("gpt", limits)).unwrap();
        let settings = Settings::single(url, "mm").unwrap().on_loss(on_loss);
        let events = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&events);
        let tell = move |event| told.lock().unwrap().push(event);
        let store = RedisStore::open(settings, &fleet, tell, &Handle::current());
        tokio::spawn(wake_waiting(Arc::downgrade(&fleet)));
        Self { fleet, store, events }
    }

    /// Makes a call that waits for up to so long; true if it was let in.
    pub(crate) async fn call(&self, tokens: u64, patience: Duration) -> bool {
        let estimate = Estimate { input: tokens, output: 0 };
        let wish = Wish { estimate, ..Wish::default() };
        let patience = Patience { until: Timestamp::now().after(patience), priority: 0 };
        match self.fleet.wait(Moment::sample(), wish, patience) {
            Ok(waiting) => waiting.await.is_ok(),
            Err(_) => false,
        }
    }

    /// Makes so many calls at once; how many were let in.
    pub(crate) async fn calls(&self, count: usize, patience: Duration) -> usize {
        let calls = (0..count).map(|_| self.call(0, patience));
        futures_util::future::join_all(calls).await.into_iter().filter(|let_in| *let_in).count()
    }

    /// Waits until something is in hand.
    pub(crate) async fn supplied(&self) {
        let wish = Wish::default();
        until("a slice is in hand", || self.fleet.can_lease(Timestamp::now(), wish)).await;
    }

    pub(crate) fn has_told(&self, told: impl Fn(&Event) -> bool) -> usize {
        self.events.lock().unwrap().iter().filter(|event| told(event)).count()
    }
}

/// Waits for something that is bound to happen.
pub(crate) async fn until(what: &str, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(20), "{what}: not within 20 s");
        sleep(Duration::from_millis(5)).await;
    }
}
