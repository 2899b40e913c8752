//! The randomness of one answer: ids, obfuscation, whether a fault strikes. Seeded, so that a run
//! can be repeated; never used for secrets.

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789AB";

/// Obfuscation is cut out of this, which is far cheaper than making it up letter by letter.
const POOL: &str = "k3Tz0QmV8xJpR5sYc1Wd9LhN2bGf7AuEoXi4KtZqM6vPjSrCy0DwHlBnUgFaOe3I8T5z\
                    Qx1Vm7Rk9Jp2Ys4Wc6Ld0Nh8Gb3Af5uXo7EiZt1KqPv9MjCr2SyHw4DlUn6BgOa8FeIz";
const LONGEST: usize = 16;

/// A source of chance.
#[derive(Debug)]
pub(crate) struct Chance(SmallRng);

impl Chance {
    /// The chance of the n-th request of a run.
    pub(crate) fn of_request(seed: u64, number: u64) -> Self {
        Self(SmallRng::seed_from_u64(seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
    }

    /// Something from 0 to 1.
    pub(crate) fn roll(&mut self) -> f64 {
        self.0.random()
    }

    /// From 1 to 16 letters and digits.
    pub(crate) fn obfuscation(&mut self) -> &'static str {
        let bits: u64 = self.0.random();
        let start = (bits >> 32) as usize % (POOL.len() - LONGEST);
        let length = 1 + bits as usize % LONGEST;
        POOL.get(start..start + length).unwrap_or(POOL)
    }

    /// Puts so many letters and digits at the end.
    pub(crate) fn push_id(&mut self, out: &mut String, length: usize) {
        let mut left = length;
        while left > 0 {
            let mut bits: u64 = self.0.random();
            for _ in 0..left.min(10) {
                out.push(char::from(ALPHABET[(bits & 63) as usize]));
                bits >>= 6;
            }
            left -= left.min(10);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_number_give_the_same_chance() {
        let id = |seed, number| {
            let mut id = String::new();
            Chance::of_request(seed, number).push_id(&mut id, 29);
            id
        };
        assert_eq!(id(1, 7), id(1, 7));
        assert_ne!(id(1, 7), id(1, 8));
        assert_ne!(id(1, 7), id(2, 7));
        assert_eq!(id(1, 7).len(), 29);
    }

    #[test]
    fn obfuscation_has_a_random_length_from_1_to_16() {
        let mut chance = Chance::of_request(1, 1);
        let lengths: Vec<_> = (0..1000).map(|_| chance.obfuscation().len()).collect();
        assert_eq!((lengths.iter().min(), lengths.iter().max()), (Some(&1), Some(&16)));
    }
}
