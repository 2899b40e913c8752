use super::*;
use crate::fleet::{Options, TargetSpec, TargetStats};

fn fleet_of_two() -> Arc<Fleet> {
    let fleet = Fleet::new(Options::default());
    for id in ["a", "b"] {
        let max_concurrent = NonZeroU32::new(1);
        fleet.add(TargetSpec { max_concurrent, ..TargetSpec::new(id, id) });
    }
    fleet
}

fn at(millis: u64) -> Moment {
    Moment { now: Timestamp::from_millis(millis), draw: 0.0 }
}

#[test]
fn a_target_that_refused_is_not_asked_again_in_the_same_call() {
    let fleet = Fleet::new(Options::default());
    for id in ["a", "b"] {
        fleet.add(TargetSpec::new(id, id));
    }
    let mut call = Call::new(Arc::clone(&fleet), Cooldown::default(), Needs::default());
    let first = call.pick(at(0)).unwrap();
    let rest = call.rate_limited(first, Some(Duration::from_secs(5)), at(0).now);
    assert_eq!(rest.span, Duration::from_secs(5));
    assert!(call.was_refused());
    let second = call.pick(at(10_000)).unwrap();
    assert_ne!(second.target(), rest.target);
    call.rate_limited(second, None, at(10_000).now);
    assert!(call.pick(at(20_000)).is_err());
}

#[test]
fn a_target_that_was_passed_over_is_not_asked_again_and_counts_nothing() {
    let fleet = fleet_of_two();
    let mut call = Call::new(Arc::clone(&fleet), Cooldown::default(), Needs::default());
    let first = call.pick(at(0)).unwrap();
    let passed = first.target();
    assert!(call.may_wait());
    call.pass_over(first);
    assert!(!call.may_wait());
    let second = call.pick(at(0)).unwrap();
    assert_ne!(second.target(), passed);
    call.pass_over(second);
    assert!(call.pick(at(0)).is_err());
    assert!(fleet.stats().iter().all(|(_, stats)| *stats == TargetStats::default()));
    assert!(fleet.report(at(0).now).iter().all(|target| target.outcomes == [0; 13]));
    assert_eq!((fleet.in_flight("a"), fleet.in_flight("b")), (Some(0), Some(0)));
}

#[test]
fn a_target_to_be_asked_again_that_has_become_full_is_passed_over() {
    let fleet = fleet_of_two();
    let mut call = Call::new(Arc::clone(&fleet), Cooldown::default(), Needs::default());
    let first = call.pick(at(0)).unwrap().target();
    call.stay(first);
    assert_eq!(call.pick(at(0)).unwrap().target(), first);
    call.stay(first);
    let _taken = fleet.lease_one(at(0).now, first, Estimate::default()).unwrap();
    assert_ne!(call.pick(at(0)).unwrap().target(), first);
}

#[test]
fn a_bound_call_asks_its_target_even_while_it_rests_and_no_other() {
    let fleet = fleet_of_two();
    let mut other = Call::new(Arc::clone(&fleet), Cooldown::default(), Needs::default());
    let lease = other.pick(at(0)).unwrap();
    let target = lease.target();
    other.rate_limited(lease, None, at(0).now);
    let mut call =
        Call::bound_to(Arc::clone(&fleet), Cooldown::default(), target, Estimate::default());
    let lease = call.pick(at(1)).unwrap();
    assert_eq!(lease.target(), target);
    let mut full =
        Call::bound_to(Arc::clone(&fleet), Cooldown::default(), target, Estimate::default());
    assert_eq!(full.pick(at(1)).unwrap_err(), Unavailable::AtCapacity(None));
    call.rate_limited(lease, None, at(1).now);
    assert!(call.pick(at(2)).is_err());
    fleet.clear();
    assert_eq!(full.pick(at(3)).unwrap_err(), Unavailable::Empty);
}

#[test]
fn who_has_refused_a_call_is_still_known_to_return() {
    let fleet = fleet_of_two();
    let mut call = Call::new(Arc::clone(&fleet), Cooldown::default(), Needs::default());
    assert_eq!(call.first_return(at(0).now), None);
    for seconds in [9, 5] {
        let lease = call.pick(at(0)).unwrap();
        call.rate_limited(lease, Some(Duration::from_secs(seconds)), at(0).now);
    }
    assert_eq!(call.pick(at(1_000)).unwrap_err(), Unavailable::Resting(Duration::ZERO));
    assert_eq!(call.first_return(at(1_000).now), Some(Duration::from_secs(4)));
}

#[test]
fn what_a_call_needs_binds_every_pick() {
    let fleet = Fleet::new(Options::default());
    let region = |name: &str| Tags::from([("region".to_owned(), name.to_owned())]);
    for id in ["us", "eu"] {
        fleet.add(TargetSpec { tags: region(id), ..TargetSpec::new(id, id) });
    }
    let needs = Needs { require: region("eu"), ..Needs::default() };
    let mut call = Call::new(Arc::clone(&fleet), Cooldown::default(), needs);
    let lease = call.pick(at(0)).unwrap();
    assert_eq!(fleet.spec(lease.target()).unwrap().id, "eu");
    call.rate_limited(lease, None, at(0).now);
    assert!(call.pick(at(0)).is_err());
}

fn fleet_of_accounts() -> Arc<Fleet> {
    let fleet = Fleet::new(Options::default());
    for (id, account) in [("a1", "a"), ("b1", "b"), ("a2", "a")] {
        let account = Some(account.to_owned());
        fleet.add(TargetSpec { account, ..TargetSpec::new(id, id) });
    }
    fleet
}

fn key_of(fleet: &Arc<Fleet>, id: &str) -> TargetKey {
    let all = (1..=3).map(TargetKey);
    all.into_iter().find(|key| fleet.spec(*key).unwrap().id == id).unwrap()
}

/// A call with this body, and what it is held to.
fn call_with(fleet: &Arc<Fleet>, body: &str) -> Call {
    let mut call = Call::new(Arc::clone(fleet), Cooldown::default(), Needs::default());
    if let Some(binding) = Binding::read(body, fleet).1 {
        call.bind(binding);
    }
    call
}

#[test]
fn a_call_with_a_known_id_stays_with_the_targets_of_its_account() {
    let fleet = fleet_of_accounts();
    fleet.remember("resp_1", key_of(&fleet, "a1"));
    let mut call = call_with(&fleet, r#"{"previous_response_id":"resp_1"}"#);
    assert_eq!(call.binding().unwrap().field, "previous_response_id");
    let mut asked = Vec::new();
    while let Ok(lease) = call.pick(at(1)) {
        asked.push(fleet.spec(lease.target()).unwrap().id);
        call.rate_limited(lease, None, at(1).now);
    }
    assert_eq!(asked, ["a1", "a2"]);
    assert_eq!(fleet.targets_of(&call.binding().unwrap().account), ["a1", "a2"]);
    assert!(call.may_wait());
    assert!(matches!(call.pick(at(2)).unwrap_err(), Unavailable::Resting(_)));
}

#[test]
fn an_account_without_targets_leaves_its_calls_without_any() {
    let fleet = fleet_of_accounts();
    fleet.remember("resp_1", key_of(&fleet, "a1"));
    fleet.remove("a1");
    fleet.remove("a2");
    let mut call = call_with(&fleet, r#"{"previous_response_id":"resp_1"}"#);
    assert_eq!(call.pick(at(1)).unwrap_err(), Unavailable::Unmatched);
    assert!(fleet.targets_of(&call.binding().unwrap().account).is_empty());
}

#[test]
fn ids_of_two_accounts_leave_a_call_without_a_target() {
    let fleet = fleet_of_accounts();
    fleet.remember("resp_1", key_of(&fleet, "a1"));
    fleet.remember("conv_1", key_of(&fleet, "b1"));
    let body = r#"{"previous_response_id":"resp_1","conversation":"conv_1"}"#;
    let mut call = call_with(&fleet, body);
    assert_eq!(call.binding().unwrap().at_odds, Some("conversation"));
    assert_eq!(call.pick(at(1)).unwrap_err(), Unavailable::Unmatched);
    assert!(!call.can_pick(at(1).now) && !call.may_wait());
    let same = r#"{"previous_response_id":"resp_1","messages":[{"audio":{"id":"resp_1"}}]}"#;
    assert_eq!(call_with(&fleet, same).binding().unwrap().at_odds, None);
}

#[test]
fn an_id_of_unknown_origin_holds_a_call_to_the_account_that_is_asked_first() {
    let fleet = fleet_of_accounts();
    let mut call = call_with(&fleet, r#"{"previous_response_id":"resp_other"}"#);
    assert_eq!(call.binding(), None);
    let first = call.pick(at(0)).unwrap();
    call.settle_on("previous_response_id", first.target());
    assert_eq!(fleet.spec(first.target()).unwrap().id, "a1");
    call.rate_limited(first, None, at(0).now);
    let second = call.pick(at(0)).unwrap();
    assert_eq!(fleet.spec(second.target()).unwrap().id, "a2");
    call.rate_limited(second, None, at(0).now);
    assert!(call.pick(at(0)).is_err());
}

#[test]
fn a_target_without_account_belongs_to_its_key_and_without_either_to_itself() {
    let fleet = Fleet::new(Options::default());
    let key = |name: &str| Some(name.to_owned());
    let add =
        |id: &str, spec: TargetSpec| fleet.add(TargetSpec { id: id.to_owned(), ..spec }).unwrap();
    let blank = || TargetSpec::new("", "m");
    let one = add("one", TargetSpec { key: key("k"), ..blank() });
    let two = add("two", TargetSpec { key: key("k"), ..blank() });
    let alone = add("alone", blank());
    let other = add("other", blank());
    let named = add("named", TargetSpec { key: key("k"), account: key("k"), ..blank() });
    assert_eq!(fleet.account_of(one), fleet.account_of(two));
    assert_ne!(fleet.account_of(alone), fleet.account_of(other));
    assert_ne!(fleet.account_of(one), fleet.account_of(named));
    fleet.remove("other");
    assert_eq!(fleet.account_of(other), None);
}

#[test]
fn an_id_is_forgotten_after_thirty_days_and_with_all_else() {
    let fleet = fleet_of_accounts();
    // Time is what the fleet was told last.
    let pass = |days: u64| drop(fleet.report(Timestamp::from_millis(days * 24 * 3_600_000)));
    assert!(!fleet.remembers());
    fleet.remember("resp_1", TargetKey(1));
    fleet.remember("resp_2", TargetKey(99));
    assert!(fleet.remembers());
    assert_eq!(fleet.origin("resp_2"), None);
    // Being asked for keeps it.
    pass(29);
    assert_eq!(fleet.origin("resp_1").unwrap().target, TargetKey(1));
    pass(58);
    assert!(fleet.origin("resp_1").is_some());
    pass(88);
    assert_eq!(fleet.origin("resp_1"), None);
    fleet.remember("resp_1", TargetKey(1));
    fleet.clear();
    assert_eq!((fleet.origin("resp_1"), fleet.remembers()), (None, false));
}
