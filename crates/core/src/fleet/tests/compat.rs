//! A fleet with default options against the plainest program that does the same.

use super::*;
// Two traits and types of the name `Strategy` meet here.
use proptest::prelude::{any, prop, prop_assert_eq, prop_oneof, proptest};
use proptest::strategy::Strategy as _;

struct Plain {
    key: TargetKey,
    spec: TargetSpec,
    rests_until: Option<u64>,
    in_flight: u32,
}

/// The targets of the first tier that has an eligible one, their weights subtracted one by one.
fn plain_pick(targets: &[Plain], now: u64, draw: f64, not: &[TargetKey]) -> Option<TargetKey> {
    let eligible = |target: &&Plain| {
        target.rests_until.is_none_or(|until| until < now)
            && target.spec.max_concurrent.is_none_or(|most| target.in_flight < most.get())
            && !not.contains(&target.key)
    };
    let tier = targets.iter().filter(eligible).map(|target| target.spec.tier).min()?;
    let of_tier = || targets.iter().filter(eligible).filter(|target| target.spec.tier == tier);
    let mut left = draw * of_tier().map(|target| target.spec.weight as f64).sum::<f64>();
    let mut picked = None;
    for target in of_tier() {
        picked = Some(target.key);
        left -= target.spec.weight as f64;
        if left <= 0.0 {
            break;
        }
    }
    picked
}

#[derive(Clone, Debug)]
enum Step {
    Pick { draw: f64, not: Vec<prop::sample::Index> },
    Rest { lease: prop::sample::Index, millis: u64 },
    Settle { lease: prop::sample::Index, good: bool },
    Pass { millis: u64 },
    EndRest { target: prop::sample::Index },
}

fn steps() -> impl proptest::strategy::Strategy<Value = Vec<Step>> {
    let index = any::<prop::sample::Index>;
    prop::collection::vec(
        prop_oneof![
            4 => (0.0_f64..1.0, prop::collection::vec(index(), 0..3))
                .prop_map(|(draw, not)| Step::Pick { draw, not }),
            2 => (index(), 0_u64..100).prop_map(|(lease, millis)| Step::Rest { lease, millis }),
            2 => (index(), any::<bool>()).prop_map(|(lease, good)| Step::Settle { lease, good }),
            2 => (0_u64..60).prop_map(|millis| Step::Pass { millis }),
            1 => index().prop_map(|target| Step::EndRest { target }),
        ],
        1..120,
    )
}

proptest! {
    #[test]
    fn by_default_the_fleet_picks_rests_and_returns_as_the_plain_program_does(
        specs in prop::collection::vec((1_u64..20, 0_u16..2, 0_u32..3), 1..12),
        steps in steps(),
    ) {
        let fleet = Fleet::new(Options::default());
        let mut plain: Vec<_> = specs
            .into_iter()
            .enumerate()
            .map(|(number, (weight, tier, most))| {
                let max_concurrent = NonZeroU32::new(most);
                let target =
                    TargetSpec { max_concurrent, ..spec(&number.to_string(), weight, Tier(tier)) };
                let key = fleet.add(target.clone()).unwrap();
                Plain { key, spec: target, rests_until: None, in_flight: 0 }
            })
            .collect();
        let mut held: Vec<Lease> = Vec::new();
        let mut now = 1_000;
        for step in steps {
            match step {
                Step::Pick { draw, not } => {
                    let not: Vec<_> =
                        not.iter().map(|index| plain[index.index(plain.len())].key).collect();
                    let expected = plain_pick(&plain, now, draw, &not);
                    let moment = Moment { now: Timestamp::from_millis(now), draw };
                    let lease = fleet.lease(moment, Wish::not(&not)).ok();
                    prop_assert_eq!(lease.as_ref().map(Lease::target), expected);
                    for target in plain.iter_mut().filter(|target| Some(target.key) == expected) {
                        target.in_flight += 1;
                    }
                    held.extend(lease);
                }
                Step::Rest { lease, millis } if !held.is_empty() => {
                    let lease = held.swap_remove(lease.index(held.len()));
                    let target = plain.iter_mut().find(|target| target.key == lease.target());
                    let target = target.unwrap();
                    target.in_flight -= 1;
                    // A rest that is over counts no longer.
                    let before = target.rests_until.filter(|until| *until >= now);
                    target.rests_until = before.max(Some(now + millis));
                    limited(lease, now, Duration::from_millis(millis));
                }
                Step::Settle { lease, good } if !held.is_empty() => {
                    let mut lease = held.swap_remove(lease.index(held.len()));
                    let target = plain.iter_mut().find(|target| target.key == lease.target());
                    target.unwrap().in_flight -= 1;
                    lease.succeed();
                    if !good {
                        lease.settle(Outcome::Truncated, None);
                    }
                }
                Step::Pass { millis } => now += millis,
                Step::EndRest { target } => {
                    let index = target.index(plain.len());
                    let target = &mut plain[index];
                    if let Some(until) = target.rests_until.filter(|until| *until >= now) {
                        fleet.end_rest(target.key, Timestamp::from_millis(until));
                        target.rests_until = None;
                    }
                }
                Step::Rest { .. } | Step::Settle { .. } => {}
            }
        }
    }
}
