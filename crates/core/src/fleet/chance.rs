//! Several draws from one: the host hands in a single draw for each pick, and a pick may need two
//! more. The first is the host's own, so that seeded programs see what they asked for.

/// A row of draws from `[0, 1)` that begins with a given one and is settled by it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chance {
    given: f64,
    state: u64,
}

impl Chance {
    pub(super) fn from_draw(draw: f64) -> Self {
        Self { given: draw, state: draw.to_bits() }
    }

    /// The host's draw.
    pub(super) fn given(self) -> f64 {
        self.given
    }

    /// A further draw, by `SplitMix64` (Steele, Lea and Flood 2014).
    pub(super) fn further(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        (mixed >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn further_draws_are_spread_evenly_and_the_same_for_the_same_draw() {
        let mut tenths = [0_u32; 10];
        for number in 0..10_000 {
            let draw = f64::from(number) / 10_000.0;
            let further = Chance::from_draw(draw).further();
            assert_eq!(further.to_bits(), Chance::from_draw(draw).further().to_bits());
            tenths[(further * 10.0) as usize] += 1;
        }
        assert!(tenths.iter().all(|count| (850..1_150).contains(count)), "{tenths:?}");
    }
}
