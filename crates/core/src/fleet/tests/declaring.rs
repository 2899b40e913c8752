//! Which limits are in force: those that the targets declare who are there.

use std::num::NonZeroU32;

use super::spending::limits;
use super::waiting::ms;
use super::*;
use crate::quota::{Limit, Limits, Meter, Pace, Zone};

/// 2026-01-01T00:00:00Z.
const DAY: u64 = 1_767_225_600_000;

/// A target of the key `k`, with limits of that key if there are any.
fn of_key(id: &str, given: &[(&str, u64)]) -> TargetSpec {
    let limits = (!given.is_empty()).then(|| (Domain::Key, limits(given)));
    let limits = limits.into_iter().collect();
    TargetSpec { key: Some("k".into()), limits, ..TargetSpec::new(id, "m") }
}

fn paced(pace: Pace) -> TargetSpec {
    let limit = Limit { pace, ..Limit::new(2.try_into().unwrap()) };
    let limits = Limits::from([(Meter::of_name("rpd").unwrap(), limit)]);
    TargetSpec { limits: [(Domain::Target, limits)].into(), ..TargetSpec::new("one", "m") }
}

fn answers(fleet: &Arc<Fleet>, calls: usize) -> usize {
    (0..calls).filter(|_| fleet.lease(at(DAY, 0.0), Wish::default()).is_ok()).count()
}

#[test]
fn a_limit_that_nobody_declares_any_more_is_none_and_what_was_spent_of_it_is_not_forgotten() {
    let fleet = Fleet::new(Options::default());
    let with = || vec![of_key("one", &[("rpm", 3)]), of_key("two", &[])];
    fleet.replace(with()).unwrap();
    assert_eq!(answers(&fleet, 2), 2);
    fleet.replace(vec![of_key("one", &[]), of_key("two", &[])]).unwrap();
    assert_eq!(answers(&fleet, 9), 9);
    assert!(fleet.report(ms(DAY))[0].limits.iter().all(|of| of.limits.is_empty()));
    fleet.replace(with()).unwrap();
    assert_eq!(answers(&fleet, 9), 1);
    // Also where it is another one that is limited meanwhile.
    fleet.replace(vec![of_key("one", &[("rpd", 5)]), of_key("two", &[])]).unwrap();
    assert_eq!(answers(&fleet, 9), 5);
    fleet.replace(with()).unwrap();
    assert_eq!(answers(&fleet, 9), 0);
    assert_eq!(fleet.spending(ms(DAY))[0].used, 3);
}

#[test]
fn what_was_spent_of_a_dropped_limit_is_kept_until_its_window_is_over() {
    let fleet = Fleet::new(Options::default());
    fleet.add(of_key("one", &[("rpm", 3)]));
    assert_eq!(answers(&fleet, 3), 3);
    fleet.replace(vec![of_key("one", &[])]).unwrap();
    assert_eq!(fleet.snapshot(ms(DAY)).spending[0].used, 3);
    let later = at(DAY + 60_000, 0.0);
    assert!(fleet.lease(later, Wish::default()).is_ok());
    fleet.replace(vec![of_key("one", &[("rpm", 3)])]).unwrap();
    assert_eq!((0..9).filter(|_| fleet.lease(later, Wish::default()).is_ok()).count(), 3);
}

#[test]
fn a_target_that_is_added_again_without_limits_has_none() {
    let fleet = Fleet::new(Options::default());
    fleet.add(of_key("one", &[("rpm", 1)]));
    fleet.remove("one");
    fleet.add(of_key("one", &[]));
    assert_eq!(answers(&fleet, 4), 4);
}

#[test]
fn the_limits_of_a_key_outlive_the_target_that_declared_them() {
    let fleet = Fleet::new(Options::default());
    fleet.add(of_key("one", &[("rpm", 2)]));
    fleet.add(of_key("two", &[]));
    fleet.remove("one");
    assert_eq!(answers(&fleet, 4), 2);
}

#[test]
fn a_limit_that_is_raised_by_one_target_opens_all_that_share_it() {
    let fleet = Fleet::new(Options::default());
    fleet.replace(vec![of_key("one", &[("rpm", 1)]), of_key("two", &[])]).unwrap();
    assert_eq!(answers(&fleet, 2), 1);
    fleet.replace(vec![of_key("one", &[]), of_key("two", &[("rpm", 2)])]).unwrap();
    let states: Vec<_> = fleet.report(ms(DAY)).iter().map(|target| target.condition).collect();
    assert_eq!(states, [Condition::Ready; 2]);
    assert_eq!(answers(&fleet, 2), 1);
}

#[test]
fn another_pace_or_zone_gives_no_second_quota() {
    let fleet = Fleet::new(Options::default());
    fleet.add(paced(Pace::default()));
    assert_eq!(answers(&fleet, 9), 2);
    for pace in [Pace::Sliding, Pace::Fixed(Zone::named("Asia/Tokyo").unwrap()), Pace::default()] {
        fleet.replace(vec![paced(pace)]).unwrap();
        assert_eq!(answers(&fleet, 9), 0);
    }
}

#[test]
fn a_number_of_calls_that_nobody_declares_any_more_is_none() {
    let fleet = Fleet::new(Options::default());
    let together = || [(Domain::Key, NonZeroU32::MIN)].into();
    let with = || TargetSpec { concurrent: together(), ..of_key("one", &[]) };
    fleet.replace(vec![with(), of_key("two", &[])]).unwrap();
    let first = fleet.lease(at(DAY, 0.0), Wish::default()).unwrap();
    assert!(fleet.lease(at(DAY, 0.0), Wish::default()).is_err());
    fleet.replace(vec![of_key("one", &[]), of_key("two", &[])]).unwrap();
    let second = fleet.lease(at(DAY, 0.0), Wish::default()).unwrap();
    // Those under way count when there is such a number again.
    fleet.replace(vec![with(), of_key("two", &[])]).unwrap();
    drop(first);
    assert!(fleet.lease(at(DAY, 0.0), Wish::default()).is_err());
    drop(second);
    assert!(fleet.lease(at(DAY, 0.0), Wish::default()).is_ok());
}
