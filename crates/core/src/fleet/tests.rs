//! The fleet's behaviour, with time and draws handed in.

use super::*;
use std::num::NonZeroU32;

fn spec(id: &str, weight: u64, tier: Tier) -> TargetSpec {
    TargetSpec { id: id.into(), model: id.into(), weight, tier, max_concurrent: None }
}

fn at(millis: u64, draw: f64) -> Moment {
    Moment { now: Timestamp::from_millis(millis), draw }
}

fn id_of(fleet: &Fleet, lease: &Lease) -> String {
    fleet.model(lease.target()).unwrap()
}

#[test]
fn fallbacks_are_asked_only_when_no_primary_is_eligible() {
    let fleet = Fleet::new();
    fleet.add(spec("fallback", 1000, Tier::Fallback));
    fleet.add(spec("primary", 1, Tier::Primary));
    let lease = fleet.lease(at(0, 0.99), &[]).unwrap();
    assert_eq!(id_of(&fleet, &lease), "primary");
    lease.rate_limited(Timestamp::from_millis(0), Duration::from_mins(1));
    assert_eq!(id_of(&fleet, &fleet.lease(at(0, 0.99), &[]).unwrap()), "fallback");
}

#[test]
fn a_rest_ends_just_after_its_last_millisecond() {
    let fleet = Fleet::new();
    fleet.add(spec("one", 1, Tier::Primary));
    fleet
        .lease(at(0, 0.5), &[])
        .unwrap()
        .rate_limited(Timestamp::from_millis(0), Duration::from_mins(1));
    assert_eq!(
        fleet.lease(at(1_000, 0.5), &[]).unwrap_err(),
        Unavailable::Resting(Duration::from_secs(59))
    );
    assert!(fleet.lease(at(60_000, 0.5), &[]).is_err());
    assert!(fleet.lease(at(60_001, 0.5), &[]).is_ok());
}

#[test]
fn the_later_of_two_rests_counts() {
    let fleet = Fleet::new();
    fleet.add(spec("one", 1, Tier::Primary));
    let first = fleet.lease(at(0, 0.5), &[]).unwrap();
    let second = fleet.lease(at(0, 0.5), &[]).unwrap();
    first.rate_limited(Timestamp::from_millis(0), Duration::from_mins(1));
    second.rate_limited(Timestamp::from_millis(0), Duration::from_secs(1));
    assert!(fleet.lease(at(30_000, 0.5), &[]).is_err());
    assert_eq!(fleet.stats()[0].1.rate_limited, 2);
}

#[test]
fn a_full_target_is_passed_over_and_takes_calls_again_when_a_lease_is_dropped() {
    let fleet = Fleet::new();
    let one_at_a_time = Some(NonZeroU32::MIN);
    fleet.add(TargetSpec { max_concurrent: one_at_a_time, ..spec("small", 1, Tier::Primary) });
    let held = fleet.lease(at(0, 0.5), &[]).unwrap();
    assert_eq!(fleet.lease(at(0, 0.5), &[]).unwrap_err(), Unavailable::AtCapacity(None));
    fleet.add(spec("fallback", 1, Tier::Fallback));
    assert_eq!(id_of(&fleet, &fleet.lease(at(0, 0.5), &[]).unwrap()), "fallback");
    drop(held);
    assert_eq!(id_of(&fleet, &fleet.lease(at(0, 0.5), &[]).unwrap()), "small");
    assert_eq!(fleet.in_flight("small"), Some(0));
}

#[test]
fn an_excluded_target_is_not_leased_and_keeps_its_weight() {
    let fleet = Fleet::new();
    let key = fleet.add(spec("one", 1, Tier::Primary)).unwrap();
    assert_eq!(fleet.lease(at(0, 0.5), &[key]).unwrap_err(), Unavailable::Resting(Duration::ZERO));
    assert!(fleet.lease(at(0, 0.5), &[]).is_ok());
}

#[test]
fn a_stream_that_dies_moves_its_count_from_success_to_failed() {
    let fleet = Fleet::new();
    fleet.add(spec("one", 1, Tier::Primary));
    let mut lease = fleet.lease(at(0, 0.5), &[]).unwrap();
    lease.succeed();
    assert_eq!(fleet.stats()[0].1, TargetStats { success: 1, ..TargetStats::default() });
    lease.fail();
    assert_eq!(fleet.stats()[0].1, TargetStats { failed: 1, ..TargetStats::default() });
}

#[test]
fn a_lease_outlives_its_target_without_harm() {
    let fleet = Fleet::new();
    fleet.add(spec("one", 1, Tier::Primary));
    let lease = fleet.lease(at(0, 0.5), &[]).unwrap();
    fleet.clear();
    fleet.add(spec("one", 1, Tier::Primary));
    lease.fail();
    assert_eq!(fleet.stats()[0].1, TargetStats::default());
    assert_eq!(fleet.in_flight("one"), Some(0));
}

#[test]
fn many_removals_keep_the_order_of_those_that_stay() {
    let fleet = Fleet::new();
    for number in 0..100 {
        fleet.add(spec(&format!("t{number}"), 1, Tier::Primary));
    }
    for number in 0..98 {
        assert!(fleet.remove(&format!("t{number}")));
    }
    assert!(!fleet.remove("t0"));
    assert_eq!(id_of(&fleet, &fleet.lease(at(0, 0.25), &[]).unwrap()), "t98");
    assert_eq!(id_of(&fleet, &fleet.lease(at(0, 0.75), &[]).unwrap()), "t99");
}

#[test]
fn replacing_keeps_the_rest_and_the_counts_of_an_id_that_stays() {
    let fleet = Fleet::new();
    fleet.add(spec("stays", 1, Tier::Primary));
    fleet.add(spec("goes", 1, Tier::Primary));
    let held = fleet.lease(at(0, 0.1), &[]).unwrap();
    held.rate_limited(Timestamp::from_millis(0), Duration::from_mins(1));
    let keys = fleet
        .replace(vec![spec("new", 1, Tier::Primary), spec("stays", 7, Tier::Fallback)])
        .unwrap();
    assert_eq!(keys.len(), 2);
    let stats = fleet.stats();
    assert_eq!(stats[0].0, "new");
    assert_eq!(stats[1].1.rate_limited, 1);
    assert_eq!(id_of(&fleet, &fleet.lease(at(1, 0.9), &[]).unwrap()), "new");
    assert!(fleet.lease(at(1, 0.9), &[keys[0]]).is_err());
    let twice = vec![spec("same", 1, Tier::Primary), spec("same", 1, Tier::Primary)];
    assert_eq!(fleet.replace(twice).unwrap_err(), "same");
}

#[test]
fn a_host_timer_ends_only_the_rest_that_it_was_set_for() {
    let fleet = Fleet::new();
    let key = fleet.add(spec("one", 1, Tier::Primary)).unwrap();
    let lease = fleet.lease(at(0, 0.5), &[]).unwrap();
    let until = lease.rate_limited(Timestamp::from_millis(0), Duration::from_mins(1));
    assert!(!fleet.end_rest(key, Timestamp::from_millis(5)));
    assert!(fleet.lease(at(0, 0.5), &[]).is_err());
    assert!(fleet.end_rest(key, until));
    assert!(fleet.lease(at(0, 0.5), &[]).is_ok());
}
