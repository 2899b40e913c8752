//! How many attempts may be repeated: a share of the requests of the last seconds and a floor, so
//! that retries do not bury a provider that is down. The time is handed in. It does not decide
//! which attempts are charged.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::{Elapsed, Timestamp};

/// What a budget allows, over a window of 10 s that moves on second by second, as tower's and
/// reqwest's do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BudgetLimits {
    /// Retries for each request of the window. 0 or more; default 0.2.
    pub share: f64,
    /// Retries a second that are always allowed. Default 10: 100 in a window.
    pub floor_per_second: u32,
}

impl Default for BudgetLimits {
    fn default() -> Self {
        Self { share: 0.2, floor_per_second: 10 }
    }
}

const SLOTS: usize = 10;
const SLOT: Duration = Duration::from_secs(1);

/// What happened in one second.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    second: u64,
    requests: u32,
    retries: u32,
}

/// The requests and retries of the last 10 s. Shared by the calls of one multiplexer; each
/// operation holds a lock for the time of ten additions.
#[derive(Debug, Default)]
pub struct RetryBudget {
    limits: BudgetLimits,
    spent: Mutex<Spent>,
}

#[derive(Debug, Default)]
struct Spent {
    clock: Elapsed,
    slots: [Slot; SLOTS],
}

impl RetryBudget {
    /// A budget of which nothing is spent.
    pub fn new(limits: BudgetLimits) -> Arc<Self> {
        Arc::new(Self { limits, spent: Mutex::default() })
    }

    /// Counts a call, once, however many attempts it takes.
    pub fn count_request(&self, now: Timestamp) {
        self.with(now, |second, slots| {
            let slot = current(slots, second);
            slot.requests = slot.requests.saturating_add(1);
        });
    }

    /// True if a retry would be allowed now. Takes nothing.
    pub fn has_left(&self, now: Timestamp) -> bool {
        self.with(now, |second, slots| self.allows(slots, second))
    }

    /// Takes one retry, which is given back if it is not made; none if none is left.
    pub fn take_retry(self: &Arc<Self>, now: Timestamp) -> Option<Retry> {
        let second = self.with(now, |second, slots| {
            self.allows(slots, second).then(|| {
                let slot = current(slots, second);
                slot.retries = slot.retries.saturating_add(1);
                second
            })
        })?;
        Some(Retry { budget: Some(Arc::clone(self)), second })
    }

    fn give_back(&self, second: u64) {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = &mut spent.slots[second as usize % SLOTS];
        if slot.second == second {
            slot.retries = slot.retries.saturating_sub(1);
        }
    }

    /// A clock that is set back neither gives a second budget nor keeps the first one spent.
    fn with<R>(&self, now: Timestamp, work: impl FnOnce(u64, &mut [Slot; SLOTS]) -> R) -> R {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let now = spent.clock.tick(now);
        work(now.as_millis() / SLOT.as_millis() as u64, &mut spent.slots)
    }

    fn allows(&self, slots: &[Slot; SLOTS], second: u64) -> bool {
        let recent = slots.iter().filter(|slot| slot.second + SLOTS as u64 > second);
        let (requests, retries) = recent.fold((0_u64, 0_u64), |(requests, retries), slot| {
            (requests + u64::from(slot.requests), retries + u64::from(slot.retries))
        });
        let floor = f64::from(self.limits.floor_per_second) * SLOTS as f64;
        let allowed = floor + requests as f64 * self.limits.share;
        (retries as f64) + 1.0 <= allowed
    }
}

/// A retry that is allowed. Dropping it gives it back, as where nobody was left to be asked.
#[derive(Debug)]
#[must_use = "one that is dropped was not made"]
pub struct Retry {
    /// None once it was made.
    budget: Option<Arc<RetryBudget>>,
    second: u64,
}

impl Retry {
    /// It is made, and stays spent.
    pub fn make(mut self) {
        self.budget = None;
    }
}

impl Drop for Retry {
    fn drop(&mut self) {
        if let Some(budget) = &self.budget {
            budget.give_back(self.second);
        }
    }
}

/// The slot of this second, emptied if it was an earlier one's.
fn current(slots: &mut [Slot; SLOTS], second: u64) -> &mut Slot {
    let slot = &mut slots[second as usize % SLOTS];
    if slot.second < second {
        *slot = Slot { second, ..Slot::default() };
    }
    slot
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(1_000_000 + millis)
    }

    fn retries(budget: &Arc<RetryBudget>, now: Timestamp) -> usize {
        (0..10_000).take_while(|_| budget.take_retry(now).map(Retry::make).is_some()).count()
    }

    #[test]
    fn the_floor_is_there_without_any_request() {
        let budget = RetryBudget::new(BudgetLimits::default());
        assert!(budget.has_left(at(0)));
        assert_eq!(retries(&budget, at(0)), 100);
        assert!(!budget.has_left(at(9_999)));
    }

    #[test]
    fn a_share_of_the_recent_requests_is_added_to_the_floor() {
        let budget = RetryBudget::new(BudgetLimits { share: 0.1, floor_per_second: 0 });
        assert_eq!(retries(&budget, at(0)), 0);
        for second in 0..10 {
            for _ in 0..20 {
                budget.count_request(at(second * 1_000));
            }
        }
        assert_eq!(retries(&budget, at(9_500)), 20);
    }

    #[test]
    fn after_ten_seconds_requests_and_retries_are_forgotten() {
        let budget = RetryBudget::new(BudgetLimits { share: 1.0, floor_per_second: 1 });
        for _ in 0..5 {
            budget.count_request(at(0));
        }
        assert_eq!(retries(&budget, at(0)), 15);
        assert_eq!(retries(&budget, at(9_000)), 0);
        assert_eq!(retries(&budget, at(10_000)), 10);
    }

    #[test]
    fn a_budget_of_nothing_allows_nothing() {
        let budget = RetryBudget::new(BudgetLimits { share: 0.0, floor_per_second: 0 });
        budget.count_request(at(0));
        assert!(budget.take_retry(at(0)).is_none());
    }

    #[test]
    fn a_retry_that_was_not_made_is_there_for_another_call() {
        let budget = RetryBudget::new(BudgetLimits { share: 0.0, floor_per_second: 1 });
        for _ in 0..100 {
            drop(budget.take_retry(at(0)));
        }
        let held = budget.take_retry(at(0));
        assert_eq!(retries(&budget, at(0)), 9);
        // By then its second is over, and another has its place.
        assert_eq!(retries(&budget, at(10_000)), 10);
        drop(held);
        assert_eq!(retries(&budget, at(10_000)), 0);
    }

    #[test]
    fn a_clock_that_is_set_back_gives_no_second_budget() {
        let budget = RetryBudget::new(BudgetLimits::default());
        assert_eq!(retries(&budget, at(90_000)), 100);
        assert_eq!(retries(&budget, at(0)), 0);
    }

    #[test]
    fn a_budget_that_was_spent_is_back_in_time_though_the_clock_was_set_back() {
        let budget = RetryBudget::new(BudgetLimits::default());
        assert_eq!(retries(&budget, at(90_000)), 100);
        assert_eq!(retries(&budget, at(0)), 0);
        assert_eq!(retries(&budget, at(9_000)), 0);
        assert_eq!(retries(&budget, at(11_000)), 100);
    }

    #[test]
    fn threads_together_take_no_more_than_there_is() {
        let budget = RetryBudget::new(BudgetLimits::default());
        let taken: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        (0..100).map_while(|_| budget.take_retry(at(0)).map(Retry::make)).count()
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(taken, 100);
    }
}
