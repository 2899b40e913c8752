//! How a draw maps onto weights: cumulative, in the order of adding.
//!
//! A Fenwick tree keeps the sums, so that picking, resting and returning cost about log2(n)
//! steps whatever the number of targets. It does not know why a weight is zero.

/// Weights by position, with their running sums.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(PartialEq))]
pub(super) struct Weights {
    /// `tree[i]` is the sum of the `lowbit(i)` weights that end at position `i - 1`; index 0 is unused.
    tree: Vec<u64>,
    leaves: Vec<u64>,
    total: u64,
}

const fn lowbit(index: usize) -> usize {
    index & index.wrapping_neg()
}

impl Weights {
    /// Adds a weight behind all others.
    pub(super) fn push(&mut self, weight: u64) {
        if self.tree.is_empty() {
            self.tree.push(0);
        }
        let index = self.tree.len();
        let mut sum = weight;
        let mut child = index - 1;
        while child > index - lowbit(index) {
            sum += self.tree[child];
            child -= lowbit(child);
        }
        self.tree.push(sum);
        self.leaves.push(weight);
        self.total += weight;
    }

    /// Replaces the weight at `position`.
    pub(super) fn set(&mut self, position: usize, weight: u64) {
        let before = std::mem::replace(&mut self.leaves[position], weight);
        if before == weight {
            return;
        }
        let mut index = position + 1;
        while index < self.tree.len() {
            #[cfg(test)]
            STEPS.with(|steps| steps.set(steps.get() + 1));
            self.tree[index] = self.tree[index] - before + weight;
            index += lowbit(index);
        }
        self.total = self.total - before + weight;
    }

    /// The sum of all weights.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// The first position from `position` on whose weight is not zero.
    pub(super) fn first_from(&self, position: usize) -> Option<usize> {
        let before = self.before(position);
        (before < self.total).then(|| self.reach(before))
    }

    /// As [`Self::find`] among the weights without the one at `other`.
    pub(super) fn find_beside(&self, other: usize, draw: f64) -> Option<usize> {
        let left = self.total - self.leaves[other];
        if left == 0 {
            return None;
        }
        let unit = ((draw * left as f64) as u64).min(left - 1);
        let before = self.before(other);
        Some(self.reach(if unit < before { unit } else { unit + self.leaves[other] }))
    }

    /// The sum of the weights before `position`.
    fn before(&self, position: usize) -> u64 {
        let mut index = position.min(self.leaves.len());
        let mut sum = 0;
        while index > 0 {
            #[cfg(test)]
            STEPS.with(|steps| steps.set(steps.get() + 1));
            sum += self.tree[index];
            index -= lowbit(index);
        }
        sum
    }

    /// The first position whose cumulative weight is more than `unit`, which is below the total.
    fn reach(&self, mut unit: u64) -> usize {
        let last = self.leaves.len();
        let mut index = 0;
        let mut step = last.next_power_of_two();
        while step > 0 {
            #[cfg(test)]
            STEPS.with(|steps| steps.set(steps.get() + 1));
            let next = index + step;
            if next <= last && self.tree[next] <= unit {
                unit -= self.tree[next];
                index = next;
            }
            step /= 2;
        }
        index
    }

    /// The first position whose cumulative weight reaches `draw` of the total; a draw of zero
    /// takes the first weight that is not zero, one beyond 1 the last. None when the total is zero.
    pub(super) fn find(&self, draw: f64) -> Option<usize> {
        if self.total == 0 {
            return None;
        }
        // A draw of 0 must not stop at a leading zero weight, so that it counts as just above 0.
        let total = self.total as f64;
        let mut wanted = (draw * total).clamp(f64::MIN_POSITIVE, total);
        let last = self.tree.len() - 1;
        let mut index = 0;
        let mut step = last.next_power_of_two();
        while step > 0 {
            #[cfg(test)]
            STEPS.with(|steps| steps.set(steps.get() + 1));
            let next = index + step;
            if next <= last && (self.tree[next] as f64) < wanted {
                wanted -= self.tree[next] as f64;
                index = next;
            }
            step /= 2;
        }
        Some(index.min(last - 1))
    }
}

#[cfg(test)]
thread_local! {
    /// Comparisons and additions done so far, for tests that count them.
    static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_pick_a_rest_and_a_return_among_ten_thousand_take_fifteen_steps_at_most() {
        let mut weights = Weights::default();
        for position in 0..10_000_u64 {
            weights.push(1 + position % 7);
        }
        for position in (0..10_000).filter(|position| position % 10 < 3) {
            weights.set(position, 0);
        }
        let steps_of = |work: &mut dyn FnMut()| {
            let before = STEPS.get();
            work();
            STEPS.get() - before
        };
        for draw in [0.0, 0.3, 0.7, 0.999_999] {
            let mut found = 0;
            assert!(steps_of(&mut || found = weights.find(draw).unwrap()) <= 15);
            assert!(steps_of(&mut || weights.set(found, 0)) <= 15);
            assert!(steps_of(&mut || weights.set(found, 5)) <= 15);
        }
    }

    fn by_subtraction(weights: &[u64], draw: f64) -> Option<usize> {
        let total: u64 = weights.iter().sum();
        let mut left = draw * total as f64;
        let mut found = None;
        for (position, &weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0) {
            found = Some(position);
            left -= weight as f64;
            if left <= 0.0 {
                break;
            }
        }
        found
    }

    proptest! {
        #[test]
        fn a_draw_lands_where_subtracting_the_weights_one_by_one_lands(
            weights in prop::collection::vec(0_u64..50, 1..200),
            changes in prop::collection::vec((any::<prop::sample::Index>(), 0_u64..50), 0..50),
            draws in prop::collection::vec(0.0_f64..1.0, 20),
        ) {
            let mut tree = Weights::default();
            let mut plain = Vec::new();
            for weight in weights {
                tree.push(weight);
                plain.push(weight);
            }
            for (index, weight) in changes {
                let position = index.index(plain.len());
                tree.set(position, weight);
                plain[position] = weight;
            }
            prop_assert_eq!(tree.total, plain.iter().sum::<u64>());
            for draw in draws.into_iter().chain([0.0, -1.0, 1.0, f64::INFINITY]) {
                prop_assert_eq!(tree.find(draw), by_subtraction(&plain, draw));
            }
        }
    }

    proptest! {
        #[test]
        fn the_next_weight_and_the_one_beside_another_are_those_of_the_plain_row(
            weights in prop::collection::vec(0_u64..4, 1..60),
            draw in 0.0_f64..1.0,
        ) {
            let mut tree = Weights::default();
            for &weight in &weights {
                tree.push(weight);
            }
            for from in 0..=weights.len() {
                let next = (from..weights.len()).find(|&position| weights[position] > 0);
                prop_assert_eq!(tree.first_from(from), next);
            }
            for other in 0..weights.len() {
                let units: Vec<_> = (0..weights.len())
                    .filter(|&position| position != other)
                    .flat_map(|position| std::iter::repeat_n(position, weights[position] as usize))
                    .collect();
                let unit = (draw * units.len() as f64) as usize;
                prop_assert_eq!(tree.find_beside(other, draw), units.get(unit).copied());
            }
        }
    }

    #[test]
    fn nothing_is_found_when_every_weight_is_zero() {
        let mut weights = Weights::default();
        assert_eq!(weights.find(0.5), None);
        weights.push(0);
        assert_eq!(weights.find(0.5), None);
    }

    #[test]
    fn picks_follow_the_weights_as_a_chi_squared_test_sees_it() {
        use rand::{RngExt, SeedableRng};
        let mut weights = Weights::default();
        let given = [5_u64, 3, 1, 0, 11, 80];
        for weight in given {
            weights.push(weight);
        }
        for seed in 0..5 {
            let mut random = rand::rngs::StdRng::seed_from_u64(seed);
            let mut seen = [0_u64; 6];
            let draws = 100_000;
            for _ in 0..draws {
                seen[weights.find(random.random()).unwrap()] += 1;
            }
            assert_eq!(seen[3], 0);
            let total: u64 = given.iter().sum();
            let chi: f64 = given
                .iter()
                .zip(seen)
                .filter(|(weight, _)| **weight > 0)
                .map(|(&weight, count)| {
                    let expected = f64::from(draws) * weight as f64 / total as f64;
                    (count as f64 - expected).powi(2) / expected
                })
                .sum();
            // 4 degrees of freedom: 23.5 is exceeded once in 10,000 runs.
            assert!(chi < 23.5, "seed {seed}: chi squared {chi}");
        }
    }
}
