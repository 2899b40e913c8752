//! How soon a target's first token comes, learned for each target and size of prompt: when to give
//! it up, and when to ask another beside it. The times are handed in. It cuts nothing off itself.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::fleet::{Histogram, TargetKey};

/// Fewer samples say nothing of a 95th percentile.
const LEAST_SAMPLES: u32 = 50;
/// A target is given up after so many times its 95th percentile.
const MULTIPLE: u32 = 3;
/// However quick a target usually is, it is given so long.
const LEAST_DEADLINE: Duration = Duration::from_secs(1);
/// When so many targets and sizes are known, all is forgotten.
const MOST_KNOWN: usize = 4_096;
/// The percentile is reckoned anew after so many samples.
const RECKONED_EACH: u32 = 8;

/// What is learned apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Kind {
    /// Who is asked.
    pub target: TargetKey,
    /// The request's size: its bytes are fewer than 2 to this power.
    pub size: u32,
    /// The first token of a stream, or a whole reply.
    pub is_stream: bool,
}

impl Kind {
    /// For a request of so many bytes.
    pub fn new(target: TargetKey, bytes: usize, is_stream: bool) -> Self {
        Self { target, size: usize::BITS - bytes.leading_zeros(), is_stream }
    }
}

/// What has been learned of one kind.
#[derive(Debug, Default)]
struct Known {
    histogram: Histogram,
    samples: u32,
    usual: Option<Duration>,
}

/// What the calls of one fleet have learned. Each operation holds a lock for a look-up, every
/// eighth sample for a percentile.
#[derive(Debug, Default)]
pub struct FirstTokens(Mutex<HashMap<Kind, Known>>);

impl FirstTokens {
    /// The answer began after this time.
    pub fn add(&self, kind: Kind, after: Duration) {
        let mut all = self.lock();
        if all.len() >= MOST_KNOWN && !all.contains_key(&kind) {
            all.clear();
        }
        all.entry(kind).or_default().add(after);
    }

    /// It was cut off or cancelled after this time, and would have taken longer. What is less than
    /// half of the answers take says nothing; else it counts as this time at least.
    pub fn add_unanswered(&self, kind: Kind, after: Duration) {
        let mut all = self.lock();
        let Some(known) = all.get_mut(&kind) else { return };
        if known.histogram.percentiles().p50.is_some_and(|half| after >= half) {
            known.add(after);
        }
    }

    /// The time that 95 % of the answers take at most; none while that is not known.
    pub fn usual(&self, kind: Kind) -> Option<Duration> {
        self.lock().get(&kind)?.usual
    }

    /// After this time the target is given up; none while it is not known what is usual.
    pub fn deadline(&self, kind: Kind) -> Option<Duration> {
        self.usual(kind).map(|usual| (usual * MULTIPLE).max(LEAST_DEADLINE))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Kind, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn add(&mut self, after: Duration) {
        self.histogram.add(after);
        self.samples = self.samples.saturating_add(1);
        let is_due = self.samples == LEAST_SAMPLES || self.samples.is_multiple_of(RECKONED_EACH);
        if is_due && self.samples >= LEAST_SAMPLES {
            self.usual = self.histogram.percentiles().p95;
        }
    }
}

/// True for models that think before their first token, for as long as the question takes: by the
/// names that are in use, without a provider's prefix (`openai/o3-mini`, `us.deepseek.r1-v1:0`).
pub fn is_reasoning(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or(model).to_ascii_lowercase();
    let is_word = |rest: &str| rest.is_empty() || rest.starts_with(['-', ':', '.', '@']);
    let begins = |word: &str| name.strip_prefix(word).is_some_and(is_word);
    let holds = |part: &str| name.split_once(part).is_some_and(|(_, rest)| is_word(rest));
    ["o1", "o3", "o4", "r1", "deepseek-r1", "deepseek-reasoner", "gpt-5"].into_iter().any(begins)
        || holds("-thinking")
        || holds("deepseek.r1")
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn kind(target: u32, bytes: usize) -> Kind {
        Kind::new(TargetKey(target), bytes, true)
    }

    #[test]
    fn sizes_are_told_apart_by_powers_of_two() {
        for (bytes, size) in [(0, 0), (1, 1), (1_023, 10), (1_024, 11), (2_047, 11), (2_048, 12)] {
            assert_eq!(kind(1, bytes).size, size, "{bytes}");
        }
    }

    #[test]
    fn there_is_a_deadline_from_fifty_samples_on() {
        let learned = FirstTokens::default();
        for _ in 0..49 {
            learned.add(kind(1, 500), ms(1_000));
        }
        assert_eq!(learned.deadline(kind(1, 500)), None);
        learned.add(kind(1, 500), ms(1_000));
        let usual = learned.usual(kind(1, 500)).unwrap();
        assert!((1_000..1_063).contains(&(usual.as_millis() as u64)), "{usual:?}");
        assert_eq!(learned.deadline(kind(1, 500)), Some(usual * 3));
        for other in [kind(2, 500), kind(1, 5_000), Kind { is_stream: false, ..kind(1, 500) }] {
            assert_eq!(learned.deadline(other), None, "{other:?}");
        }
    }

    #[test]
    fn no_deadline_is_shorter_than_a_second() {
        let learned = FirstTokens::default();
        for _ in 0..100 {
            learned.add(kind(1, 500), ms(5));
        }
        assert_eq!(learned.deadline(kind(1, 500)), Some(ms(1_000)));
    }

    #[test]
    fn a_target_that_has_become_slow_is_given_its_time_by_and_by() {
        let learned = FirstTokens::default();
        for _ in 0..200 {
            learned.add(kind(1, 500), ms(1_000));
        }
        let before = learned.deadline(kind(1, 500)).unwrap();
        for _ in 0..24 {
            learned.add_unanswered(kind(1, 500), before);
        }
        assert!(learned.deadline(kind(1, 500)).unwrap() >= before * 3);
    }

    #[test]
    fn a_call_that_was_left_early_says_nothing() {
        let learned = FirstTokens::default();
        for _ in 0..50 {
            learned.add(kind(1, 500), ms(1_000));
        }
        let before = learned.usual(kind(1, 500));
        for _ in 0..1_000 {
            learned.add_unanswered(kind(1, 500), ms(10));
            learned.add_unanswered(kind(2, 500), ms(10_000));
        }
        assert_eq!(learned.usual(kind(1, 500)), before);
        assert_eq!(learned.usual(kind(2, 500)), None);
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let learned = FirstTokens::default();
        for target in 0..10_000 {
            learned.add(kind(target, 500), ms(10));
        }
        assert!(learned.lock().len() <= MOST_KNOWN);
    }

    #[test]
    fn models_that_think_are_known_by_their_names() {
        for name in [
            "o1",
            "o1-mini",
            "openai/o3",
            "o4-mini-2025-04-16",
            "gpt-5",
            "gpt-5-mini",
            "gpt-5.1",
            "qwen3-235b-a22b-thinking-2507",
            "Qwen/Qwen3-30B-A3B-Thinking",
            "claude-3-7-sonnet-thinking",
            "deepseek-reasoner",
            "deepseek/deepseek-r1:free",
            "DeepSeek-R1-Distill-Llama-70B",
            "us.deepseek.r1-v1:0",
            "r1",
        ] {
            assert!(is_reasoning(name), "{name}");
        }
        for name in
            ["gpt-4o", "gpt-4.1-mini", "gpt-50", "o10", "llama-r1x", "foo-o1", "thinking", ""]
        {
            assert!(!is_reasoning(name), "{name}");
        }
    }
}
