//! How one of the eligible targets is chosen: pure functions of the index, with chance, time and
//! measurements handed in. Tiers, probes and ramps come before it (`pick`).

use super::chance::Chance;
use super::index::Lane;

/// How a target is chosen among those of a tier that are eligible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Strategy {
    /// By chance, in proportion to the weights.
    #[default]
    Weighted,
    /// The first in the order of adding, until it is exhausted. Numbered priorities are tiers.
    Priority,
    /// Each in its turn, in the order of adding, whatever the weights.
    RoundRobin,
    /// Calls of one session stay with one target; which one is chosen as by weight.
    Sticky,
    /// The sooner to give its first token of two that are drawn by weight.
    Latency,
    /// The one with the fewest calls in flight; each in its turn among equals.
    LeastBusy,
    /// The one of whose scarcest limit the largest part is left; the first in the order of adding
    /// among equals.
    LeastUsed,
}

/// What a choice is made by, besides the index.
pub(super) struct Circumstances<'a> {
    /// The position after the one picked last.
    pub(super) turn: usize,
    /// The mean time to the first token of the target at a position.
    pub(super) first_token: &'a dyn Fn(usize) -> f64,
    /// The calls in flight of the target at a position, or how much of its limits is spent.
    pub(super) load: &'a dyn Fn(usize) -> u32,
}

impl Strategy {
    /// Whoever was picked last has had its turn.
    pub(super) fn takes_turns(self) -> bool {
        matches!(self, Self::RoundRobin | Self::LeastBusy)
    }

    /// The position that is chosen from a lane; none if it is empty.
    pub(super) fn choose(
        self,
        lane: &Lane,
        around: &Circumstances<'_>,
        chance: &mut Chance,
    ) -> Option<usize> {
        let weights = &lane.weights;
        match self {
            Self::Weighted | Self::Sticky => weights.find(chance.given()),
            Self::Priority => weights.first_from(0),
            Self::RoundRobin => weights.first_from(around.turn).or_else(|| weights.first_from(0)),
            Self::Latency => {
                let one = weights.find(chance.given())?;
                let other = weights.find_beside(one, chance.further());
                let sooner =
                    other.filter(|&other| (around.first_token)(other) < (around.first_token)(one));
                Some(sooner.unwrap_or(one))
            }
            Self::LeastBusy => {
                let &(least, first) = lane.loads.first()?;
                let mut in_turn = lane.loads.range((least, around.turn)..=(least, usize::MAX));
                Some(in_turn.next().map_or(first, |&(_, position)| position))
            }
            Self::LeastUsed => lane.loads.first().map(|&(_, position)| position),
        }
    }

    /// True if the strategy would rather have the choice of the ramping lane than the open one's.
    pub(super) fn prefers_ramping(
        self,
        (ramping, ramping_lane): (usize, &Lane),
        (open, open_lane): (usize, &Lane),
        around: &Circumstances<'_>,
        chance: &mut Chance,
    ) -> bool {
        let far = |position: usize| (position < around.turn, position);
        match self {
            Self::Weighted | Self::Sticky => {
                let (mine, theirs) = (ramping_lane.weights.total(), open_lane.weights.total());
                chance.further() * (mine as f64 + theirs as f64) < mine as f64
            }
            Self::Priority => ramping < open,
            Self::RoundRobin => far(ramping) < far(open),
            Self::Latency => (around.first_token)(ramping) < (around.first_token)(open),
            Self::LeastUsed => ((around.load)(ramping), ramping) < ((around.load)(open), open),
            Self::LeastBusy => {
                let rank = |position| ((around.load)(position), far(position));
                rank(ramping) < rank(open)
            }
        }
    }
}
