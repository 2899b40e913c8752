//! The fleet's behaviour, with time and draws handed in.

use super::*;
use std::num::NonZeroU32;

mod choosing;
mod compat;
mod crowds;
mod declaring;
mod interleaving;
mod spending;
mod waiting;
mod way_back;

fn spec(id: &str, weight: u64, tier: Tier) -> TargetSpec {
    TargetSpec { weight, tier, ..TargetSpec::new(id, id) }
}

fn at(millis: u64, draw: f64) -> Moment {
    Moment { now: Timestamp::from_millis(millis), draw }
}

fn id_of(fleet: &Fleet, lease: &Lease) -> String {
    fleet.spec(lease.target()).unwrap().id
}

/// As the preset `compat` settles a refusal.
fn limited(mut lease: Lease, millis: u64, span: Duration) -> Timestamp {
    let until = lease.rest(Domain::Target, span, Timestamp::from_millis(millis));
    lease.settle(Outcome::RateLimited, None);
    until
}

#[test]
fn fallbacks_are_asked_only_when_no_primary_is_eligible() {
    let fleet = Fleet::new(Options::default());
    fleet.add(spec("fallback", 1000, Tier::FALLBACK));
    fleet.add(spec("primary", 1, Tier::PRIMARY));
    let lease = fleet.lease(at(0, 0.99), Wish::default()).unwrap();
    assert_eq!(id_of(&fleet, &lease), "primary");
    limited(lease, 0, Duration::from_mins(1));
    assert_eq!(id_of(&fleet, &fleet.lease(at(0, 0.99), Wish::default()).unwrap()), "fallback");
}

#[test]
fn a_rest_ends_just_after_its_last_millisecond() {
    let fleet = Fleet::new(Options::default());
    fleet.add(spec("one", 1, Tier::PRIMARY));
    let lease = fleet.lease(at(0, 0.5), Wish::default()).unwrap();
    limited(lease, 0, Duration::from_mins(1));
    assert_eq!(
        fleet.lease(at(1_000, 0.5), Wish::default()).unwrap_err(),
        Unavailable::Resting(Duration::from_secs(59))
    );
    assert!(fleet.lease(at(60_000, 0.5), Wish::default()).is_err());
    assert!(fleet.lease(at(60_001, 0.5), Wish::default()).is_ok());
}

#[test]
fn the_later_of_two_rests_counts() {
    let fleet = Fleet::new(Options::default());
    fleet.add(spec("one", 1, Tier::PRIMARY));
    let first = fleet.lease(at(0, 0.5), Wish::default()).unwrap();
    let second = fleet.lease(at(0, 0.5), Wish::default()).unwrap();
    limited(first, 0, Duration::from_mins(1));
    limited(second, 0, Duration::from_secs(1));
    assert!(fleet.lease(at(30_000, 0.5), Wish::default()).is_err());
    assert_eq!(fleet.stats()[0].1.rate_limited, 2);
}

#[test]
fn a_full_target_is_passed_over_and_takes_calls_again_when_a_lease_is_dropped() {
    let fleet = Fleet::new(Options::default());
    let one_at_a_time = Some(NonZeroU32::MIN);
    fleet.add(TargetSpec { max_concurrent: one_at_a_time, ..spec("small", 1, Tier::PRIMARY) });
    let held = fleet.lease(at(0, 0.5), Wish::default()).unwrap();
    assert_eq!(
        fleet.lease(at(0, 0.5), Wish::default()).unwrap_err(),
        Unavailable::AtCapacity(None)
    );
    fleet.add(spec("fallback", 1, Tier::FALLBACK));
    assert_eq!(id_of(&fleet, &fleet.lease(at(0, 0.5), Wish::default()).unwrap()), "fallback");
    drop(held);
    assert_eq!(id_of(&fleet, &fleet.lease(at(0, 0.5), Wish::default()).unwrap()), "small");
    assert_eq!(fleet.in_flight("small"), Some(0));
}

#[test]
fn an_excluded_target_is_not_leased_and_keeps_its_weight() {
    let fleet = Fleet::new(Options::default());
    let key = fleet.add(spec("one", 1, Tier::PRIMARY)).unwrap();
    assert_eq!(
        fleet.lease(at(0, 0.5), Wish::not(&[key])).unwrap_err(),
        Unavailable::Resting(Duration::ZERO)
    );
    assert!(fleet.lease(at(0, 0.5), Wish::default()).is_ok());
}

#[test]
fn a_stream_that_dies_moves_its_count_from_success_to_failed() {
    let fleet = Fleet::new(Options::default());
    fleet.add(spec("one", 1, Tier::PRIMARY));
    let mut lease = fleet.lease(at(0, 0.5), Wish::default()).unwrap();
    lease.succeed();
    assert_eq!(fleet.stats()[0].1, TargetStats { success: 1, ..TargetStats::default() });
    lease.settle(Outcome::Unavailable, None);
    assert_eq!(fleet.stats()[0].1, TargetStats { failed: 1, ..TargetStats::default() });
}

#[test]
fn a_lease_outlives_its_target_without_harm() {
    let fleet = Fleet::new(Options::default());
    fleet.add(spec("one", 1, Tier::PRIMARY));
    let lease = fleet.lease(at(0, 0.5), Wish::default()).unwrap();
    fleet.clear();
    fleet.add(spec("one", 1, Tier::PRIMARY));
    lease.settle(Outcome::Unavailable, None);
    assert_eq!(fleet.stats()[0].1, TargetStats::default());
    assert_eq!(fleet.in_flight("one"), Some(0));
}

#[test]
fn many_removals_keep_the_order_of_those_that_stay() {
    let fleet = Fleet::new(Options::default());
    for number in 0..100 {
        fleet.add(spec(&format!("t{number}"), 1, Tier::PRIMARY));
    }
    for number in 0..98 {
        assert!(fleet.remove(&format!("t{number}")));
    }
    assert!(!fleet.remove("t0"));
    assert_eq!(id_of(&fleet, &fleet.lease(at(0, 0.25), Wish::default()).unwrap()), "t98");
    assert_eq!(id_of(&fleet, &fleet.lease(at(0, 0.75), Wish::default()).unwrap()), "t99");
}

#[test]
fn replacing_keeps_the_rest_and_the_counts_of_an_id_that_stays() {
    let fleet = Fleet::new(Options::default());
    fleet.add(spec("stays", 1, Tier::PRIMARY));
    fleet.add(spec("goes", 1, Tier::PRIMARY));
    let held = fleet.lease(at(0, 0.1), Wish::default()).unwrap();
    limited(held, 0, Duration::from_mins(1));
    let keys = fleet
        .replace(vec![spec("new", 1, Tier::PRIMARY), spec("stays", 7, Tier::FALLBACK)])
        .unwrap();
    assert_eq!(keys.len(), 2);
    let stats = fleet.stats();
    assert_eq!(stats[0].0, "new");
    assert_eq!(stats[1].1.rate_limited, 1);
    assert_eq!(id_of(&fleet, &fleet.lease(at(1, 0.9), Wish::default()).unwrap()), "new");
    assert!(fleet.lease(at(1, 0.9), Wish::not(&[keys[0]])).is_err());
    let twice = vec![spec("same", 1, Tier::PRIMARY), spec("same", 1, Tier::PRIMARY)];
    assert_eq!(fleet.replace(twice).unwrap_err(), "same");
}

#[test]
fn a_host_timer_ends_only_the_rest_that_it_was_set_for() {
    let fleet = Fleet::new(Options::default());
    let key = fleet.add(spec("one", 1, Tier::PRIMARY)).unwrap();
    let lease = fleet.lease(at(0, 0.5), Wish::default()).unwrap();
    let until = limited(lease, 0, Duration::from_mins(1));
    assert!(!fleet.end_rest(key, Timestamp::from_millis(5)));
    assert!(fleet.lease(at(0, 0.5), Wish::default()).is_err());
    assert!(fleet.end_rest(key, until));
    assert!(fleet.lease(at(0, 0.5), Wish::default()).is_ok());
}
