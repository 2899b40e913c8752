//! What the calls of one fleet share under the policy `resilient`: the policy itself, its deadlines,
//! its budgets, and what has been learned of the targets.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::fleet::TargetKey;
use crate::outcome::Cooldown;
use crate::policy::{BudgetLimits, FirstTokens, Policy, RetryBudget};

/// When so many targets are known to refuse to tell a stream's usage, all is forgotten: most are
/// gone by then.
const MOST_WITHOUT_USAGE: usize = 4_096;

/// Deadlines of calls.
#[derive(Clone, Copy, Debug, Default)]
pub struct Deadlines {
    /// To the first event that is something of the answer.
    pub first_token: FirstToken,
    /// From one event to the next.
    pub stall: Option<Duration>,
    /// Of the whole call.
    pub total: Option<Duration>,
}

/// How long the first token may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FirstToken {
    /// As long as the target's usual time says, once that is known, and for ever where the model
    /// thinks before it answers.
    #[default]
    Learned,
    /// So long; none for as long as it likes.
    Fixed(Option<Duration>),
}

/// What the calls of one fleet share.
#[derive(Debug)]
pub struct Resilience {
    pub(super) policy: Policy,
    pub(super) budget: Arc<RetryBudget>,
    pub(super) hedges: Option<Arc<RetryBudget>>,
    pub(super) cooldown: Cooldown,
    pub(super) deadlines: Deadlines,
    /// Targets that do not know the option by which a stream is asked for its usage.
    without_usage: Mutex<HashSet<TargetKey>>,
    first_tokens: FirstTokens,
}

impl Resilience {
    /// This policy with these deadlines, bounds of retries and bounds of rests. `hedges` is the
    /// share of the calls beside which a second target may be asked; none for no call.
    pub fn new(
        policy: Policy,
        deadlines: Deadlines,
        retries: BudgetLimits,
        cooldown: Cooldown,
        hedges: Option<f64>,
    ) -> Arc<Self> {
        let hedges =
            hedges.map(|share| RetryBudget::new(BudgetLimits { share, floor_per_second: 0 }));
        Arc::new(Self {
            policy,
            budget: RetryBudget::new(retries),
            hedges,
            cooldown,
            deadlines,
            without_usage: Mutex::default(),
            first_tokens: FirstTokens::default(),
        })
    }

    pub(super) fn first_tokens(&self) -> &FirstTokens {
        &self.first_tokens
    }

    /// True if the target is known not to take the option that asks for a stream's usage.
    pub(super) fn is_without_usage(&self, target: TargetKey) -> bool {
        self.without_usage().contains(&target)
    }

    /// The target has refused the option that asks for a stream's usage.
    pub(super) fn refused_usage(&self, target: TargetKey) {
        let mut targets = self.without_usage();
        if targets.len() >= MOST_WITHOUT_USAGE {
            targets.clear();
        }
        targets.insert(target);
    }

    fn without_usage(&self) -> MutexGuard<'_, HashSet<TargetKey>> {
        self.without_usage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
