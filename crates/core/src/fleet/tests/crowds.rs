//! Calls at a time of all that share something: who is closed, who waits, and what is given back.

use std::task::Poll;

use super::waiting::{look, until};
use super::*;
use crate::outcome::Outcome;

fn together(domain: Domain, most: u32) -> std::collections::BTreeMap<Domain, NonZeroU32> {
    NonZeroU32::new(most).map(|most| (domain, most)).into_iter().collect()
}

/// A target of the key "k", the account "a" and the provider "p", with the model "m".
fn member(id: &str) -> TargetSpec {
    TargetSpec {
        key: Some("k".into()),
        account: Some("a".into()),
        provider: Some("p".into()),
        ..TargetSpec::new(id, "m")
    }
}

fn lease(fleet: &Arc<Fleet>) -> Result<Lease, Unavailable> {
    fleet.lease(at(0, 0.5), Wish::default())
}

#[test]
fn no_more_calls_are_under_way_at_all_that_share_something_than_it_takes() {
    for domain in quotas::DOMAINS.into_iter().filter(|domain| *domain != Domain::Target) {
        let fleet = Fleet::new(Options::default());
        for id in ["one", "two", "three"] {
            fleet.add(TargetSpec { concurrent: together(domain, 2), ..member(id) });
        }
        let mut held = vec![lease(&fleet).unwrap(), lease(&fleet).unwrap()];
        assert_eq!(lease(&fleet).unwrap_err(), Unavailable::AtCapacity(None), "{domain:?}");
        let report = fleet.report(Timestamp::from_millis(0));
        assert!(report.iter().all(|target| target.condition == Condition::AtCapacity));
        held.pop();
        held.push(lease(&fleet).unwrap());
        assert!(lease(&fleet).is_err());
        held.clear();
        let report = fleet.report(Timestamp::from_millis(0));
        assert!(report.iter().all(|target| target.condition == Condition::Ready));
    }
}

#[test]
fn a_slot_comes_back_whatever_becomes_of_the_call() {
    let fleet = Fleet::new(Options::default());
    fleet.add(TargetSpec { concurrent: together(Domain::Key, 1), ..member("one") });
    let ends: [fn(Lease); 6] = [
        drop,
        |lease| lease.forget(),
        |lease| lease.settle(Outcome::Success, None),
        |lease| lease.settle(Outcome::BadRequest, None),
        |lease| lease.settle_unsent(Outcome::Unavailable, None),
        |mut lease| drop(lease.detach()),
    ];
    for end in ends {
        let held = lease(&fleet).unwrap();
        assert!(lease(&fleet).is_err());
        end(held);
    }
    assert!(lease(&fleet).is_ok());
}

#[test]
fn who_shares_nothing_with_a_full_key_is_asked_instead() {
    let fleet = Fleet::new(Options { strategy: Strategy::Priority, ..Options::default() });
    fleet.add(TargetSpec { concurrent: together(Domain::Key, 1), ..member("one") });
    fleet.add(member("same key"));
    fleet.add(TargetSpec { key: Some("other".into()), ..member("other") });
    let _first = lease(&fleet).unwrap();
    let second = lease(&fleet).unwrap();
    assert_eq!(id_of(&fleet, &second), "other");
    let key = fleet.lease_one(Timestamp::from_millis(0), TargetKey(2), Estimate::default());
    assert_eq!(key.unwrap_err(), Unavailable::AtCapacity(None));
}

#[test]
fn a_call_that_waits_is_given_the_slot_of_another_target_of_the_key() {
    let fleet = Fleet::new(Options::default());
    for id in ["one", "two"] {
        fleet.add(TargetSpec { concurrent: together(Domain::Key, 1), ..member(id) });
    }
    let held = lease(&fleet).unwrap();
    let mut waiting = fleet.wait(at(0, 0.99), Wish::default(), until(1_000)).unwrap();
    assert!(look(&mut waiting).is_pending());
    drop(held);
    assert!(matches!(look(&mut waiting), Poll::Ready(Ok(_))));
}

#[test]
fn the_number_can_be_changed_while_calls_are_under_way() {
    let fleet = Fleet::new(Options::default());
    let with = |most| TargetSpec { concurrent: together(Domain::Key, most), ..member("one") };
    fleet.add(with(3));
    fleet.add(member("two"));
    let held = [lease(&fleet).unwrap(), lease(&fleet).unwrap()];
    fleet.replace(vec![with(1), member("two")]).unwrap();
    assert!(lease(&fleet).is_err());
    fleet.replace(vec![with(3), member("two")]).unwrap();
    let third = lease(&fleet).unwrap();
    assert!(lease(&fleet).is_err());
    drop((held, third));
    assert!(lease(&fleet).is_ok());
}

#[test]
fn a_removed_target_leaves_its_calls_with_the_key_and_a_cleared_fleet_forgets_them() {
    let fleet = Fleet::new(Options::default());
    let spec = || TargetSpec { concurrent: together(Domain::Key, 1), ..member("one") };
    fleet.add(spec());
    let held = lease(&fleet).unwrap();
    fleet.remove("one");
    fleet.add(spec());
    assert!(lease(&fleet).is_err());
    fleet.clear();
    fleet.add(spec());
    let after = lease(&fleet).unwrap();
    // It belongs to what was before.
    drop(held);
    assert!(lease(&fleet).is_err());
    drop(after);
    assert!(lease(&fleet).is_ok());
}
