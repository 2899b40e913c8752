//! Failure domains, probes and ramps, with time and draws handed in.

use super::*;

fn resilient() -> Arc<Fleet> {
    Fleet::new(Options { recovery: Some(Recovery::default()), ..Options::default() })
}

/// Two providers with two keys each, and two models on each key.
fn grid(options: Options) -> Arc<Fleet> {
    let fleet = Fleet::new(options);
    for provider in ["p", "q"] {
        for key in ["1", "2"] {
            for model in ["m", "n"] {
                fleet.add(TargetSpec {
                    provider: Some(provider.into()),
                    account: Some(format!("{provider}-account")),
                    key: Some(format!("{provider}{key}")),
                    ..TargetSpec::new(format!("{provider}{key}{model}"), model)
                });
            }
        }
    }
    fleet
}

fn key_of(fleet: &Fleet, id: &str) -> TargetKey {
    let mut all = fleet.report(Timestamp::from_millis(0)).into_iter();
    all.find(|target| target.id == id).unwrap().key
}

fn resting(fleet: &Fleet, millis: u64) -> Vec<String> {
    let report = fleet.report(Timestamp::from_millis(millis)).into_iter();
    let rests = report.filter(|target| matches!(target.condition, Condition::Resting { .. }));
    rests.map(|target| target.id).collect()
}

fn condition(fleet: &Fleet, millis: u64, id: &str) -> Condition {
    let mut all = fleet.report(Timestamp::from_millis(millis)).into_iter();
    all.find(|target| target.id == id).unwrap().condition
}

const fn ms(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

const MINUTE: Duration = Duration::from_mins(1);

#[test]
fn a_rest_covers_the_siblings_that_share_its_domain_and_no_others() {
    let table = [
        (Domain::Request, &[][..]),
        (Domain::Target, &["p1m"][..]),
        (Domain::Model, &["p1m", "p2m"]),
        (Domain::Key, &["p1m", "p1n"]),
        (Domain::Account, &["p1m", "p1n", "p2m", "p2n"]),
        (Domain::Provider, &["p1m", "p1n", "p2m", "p2n"]),
    ];
    for (domain, expected) in table {
        let fleet = grid(Options::default());
        fleet.rest(key_of(&fleet, "p1m"), domain, MINUTE, ms(0));
        assert_eq!(resting(&fleet, 1), expected, "{domain:?}");
        assert_eq!(resting(&fleet, 60_001), [""; 0], "{domain:?}");
    }
}

#[test]
fn a_domain_without_a_name_is_the_targets_own() {
    let fleet = Fleet::new(Options::default());
    let one = fleet.add(TargetSpec::new("one", "m")).unwrap();
    fleet.add(TargetSpec::new("two", "m"));
    for domain in [Domain::Model, Domain::Key, Domain::Account, Domain::Provider] {
        fleet.rest(one, domain, MINUTE, ms(0));
        assert_eq!(resting(&fleet, 1), ["one"], "{domain:?}");
    }
}

#[test]
fn of_a_domains_rest_and_a_targets_own_the_later_counts() {
    let fleet = grid(Options::default());
    let key = key_of(&fleet, "p1m");
    fleet.rest(key, Domain::Target, MINUTE * 2, ms(0));
    fleet.rest(key, Domain::Key, MINUTE, ms(0));
    fleet.rest(key, Domain::Key, MINUTE / 2, ms(0));
    assert_eq!(resting(&fleet, 60_000), ["p1m", "p1n"]);
    assert_eq!(resting(&fleet, 60_001), ["p1m"]);
    assert_eq!(resting(&fleet, 120_001), [""; 0]);
}

#[test]
fn a_target_that_joins_a_resting_domain_rests_with_it() {
    let fleet = grid(Options::default());
    fleet.rest(key_of(&fleet, "p1m"), Domain::Key, MINUTE, ms(0));
    fleet.add(TargetSpec { key: Some("p1".into()), ..TargetSpec::new("new", "o") });
    assert_eq!(resting(&fleet, 1), ["p1m", "p1n", "new"]);
    fleet.remove("p1m");
    fleet.remove("p1n");
    fleet.remove("new");
    fleet.add(TargetSpec { key: Some("p1".into()), ..TargetSpec::new("later", "o") });
    assert_eq!(resting(&fleet, 1), [""; 0]);
}

#[test]
fn replacing_targets_keeps_a_domains_rest_and_moves_a_target_to_its_new_domain() {
    let fleet = grid(Options::default());
    fleet.rest(key_of(&fleet, "p1m"), Domain::Key, MINUTE, ms(0));
    let with_key =
        |id: &str, key: &str| TargetSpec { key: Some(key.into()), ..TargetSpec::new(id, "m") };
    fleet
        .replace(vec![with_key("p1m", "moved"), with_key("p2m", "p1"), with_key("p1n", "p1")])
        .unwrap();
    assert_eq!(resting(&fleet, 1), ["p1m", "p2m", "p1n"]);
    fleet.rest(key_of(&fleet, "p1n"), Domain::Key, MINUTE * 2, ms(0));
    assert_eq!(resting(&fleet, 60_001), ["p2m", "p1n"]);
}

#[test]
fn failures_in_a_row_are_counted_by_domain_until_a_success() {
    let fleet = grid(Options::default());
    let key = key_of(&fleet, "p1m");
    let sibling = key_of(&fleet, "p1n");
    let number = |domain, millis| fleet.failure_number(key, domain, ms(millis));
    let second = Duration::from_secs(1);
    assert_eq!(number(Domain::Key, 0), 1);
    fleet.rest(key, Domain::Key, second, ms(0));
    // What was under way with it fails as one with it, and the sibling's count is the same.
    assert_eq!(number(Domain::Key, 500), 1);
    fleet.rest(sibling, Domain::Key, second, ms(500));
    assert_eq!(number(Domain::Key, 2_000), 2);
    fleet.rest(sibling, Domain::Key, second, ms(2_000));
    assert_eq!(number(Domain::Key, 4_000), 3);
    assert_eq!(number(Domain::Target, 4_000), 1);
    assert_eq!(number(Domain::Provider, 4_000), 1);
    let mut lease = fleet.lease(at(4_000, 0.01), Wish::default()).unwrap();
    assert_eq!(lease.failure_number(Domain::Key, ms(4_000)), 3);
    lease.succeed();
    assert_eq!(number(Domain::Key, 4_000), 1);
}

#[test]
fn a_success_that_began_before_the_failure_proves_nothing() {
    let fleet = Fleet::new(Options::default());
    let key = fleet.add(TargetSpec::new("one", "m")).unwrap();
    let mut old = fleet.lease(at(0, 0.5), Wish::default()).unwrap();
    fleet.rest(key, Domain::Target, Duration::from_secs(1), ms(100));
    old.succeed();
    assert_eq!(fleet.failure_number(key, Domain::Target, ms(5_000)), 2);
}

#[test]
fn after_a_rest_one_call_is_the_probe_whatever_the_weights() {
    let fleet = resilient();
    let weak = fleet.add(spec("weak", 1, Tier::PRIMARY)).unwrap();
    fleet.add(spec("strong", 1_000_000, Tier::PRIMARY));
    fleet.rest(weak, Domain::Target, MINUTE, ms(0));
    let mut probe = fleet.lease(at(60_001, 0.99), Wish::default()).unwrap();
    assert_eq!((probe.target(), probe.is_probe()), (weak, true));
    for _ in 0..100 {
        let other = fleet.lease(at(60_001, 0.0), Wish::default()).unwrap();
        assert_eq!((id_of(&fleet, &other).as_str(), other.is_probe()), ("strong", false));
    }
    assert_eq!(condition(&fleet, 60_001, "weak"), Condition::Probing);
    probe.first_token(Duration::from_millis(300), ms(60_301));
    assert_eq!(condition(&fleet, 65_301, "weak"), Condition::Ramping { share: 0.5 });
    assert_eq!(condition(&fleet, 70_302, "weak"), Condition::Ready);
}

#[test]
fn a_probe_in_a_later_tier_does_not_go_before_a_target_that_still_has_room_for_the_call() {
    let fleet = resilient();
    let tpm = [(Domain::Target, super::spending::limits(&[("tpm", 1_000)]))].into();
    fleet.add(TargetSpec { limits: tpm, ..spec("primary", 1, Tier::PRIMARY) });
    let fallback = fleet.add(spec("fallback", 1, Tier::FALLBACK)).unwrap();
    let wants = |input| Wish { estimate: Estimate { input, output: 0 }, ..Wish::default() };
    let asked = |input| {
        let lease = fleet.lease(at(70_000, 0.5), wants(input)).unwrap();
        (id_of(&fleet, &lease), lease.is_probe(), lease)
    };
    fleet.rest(fallback, Domain::Target, MINUTE, ms(0));
    fleet.lease(at(70_000, 0.5), wants(600)).unwrap().settle(Outcome::Success, None);
    let (id, is_probe, large) = asked(700);
    assert_eq!((id.as_str(), is_probe), ("fallback", true));
    large.forget();
    // The primary is known to be short by now; it has 400 left.
    let (id, is_probe, small) = asked(50);
    assert_eq!((id.as_str(), is_probe), ("primary", false));
    drop(small);
    assert_eq!(asked(700).0, "fallback");
}

#[test]
fn a_probe_that_fails_rests_again_and_one_that_is_dropped_is_followed_by_another() {
    let fleet = resilient();
    let key = fleet.add(spec("one", 1, Tier::PRIMARY)).unwrap();
    fleet.rest(key, Domain::Target, MINUTE, ms(0));
    let dropped = fleet.lease(at(60_001, 0.5), Wish::default()).unwrap();
    assert_eq!(
        fleet.lease(at(60_001, 0.5), Wish::default()).unwrap_err(),
        Unavailable::AtCapacity(None)
    );
    drop(dropped);
    let mut failed = fleet.lease(at(60_001, 0.5), Wish::default()).unwrap();
    assert!(failed.is_probe());
    assert_eq!(failed.failure_number(Domain::Target, ms(60_100)), 2);
    failed.rest(Domain::Target, MINUTE, ms(60_100));
    failed.settle(Outcome::Overloaded, None);
    assert!(matches!(
        fleet.lease(at(120_100, 0.5), Wish::default()).unwrap_err(),
        Unavailable::Resting(_)
    ));
    assert!(fleet.lease(at(120_101, 0.5), Wish::default()).unwrap().is_probe());
}

#[test]
fn a_probe_without_a_verdict_lapses_and_still_counts_when_it_succeeds_late() {
    let fleet = resilient();
    let key = fleet.add(spec("one", 1, Tier::PRIMARY)).unwrap();
    fleet.rest(key, Domain::Target, MINUTE, ms(0));
    let mut slow = fleet.lease(at(60_001, 0.5), Wish::default()).unwrap();
    assert!(fleet.lease(at(70_001, 0.5), Wish::default()).is_err());
    let second = fleet.lease(at(70_002, 0.5), Wish::default()).unwrap();
    assert!(second.is_probe());
    slow.probe_succeeded(ms(72_000));
    // The second is no longer needed; dropping it does not take back the verdict.
    drop(second);
    assert_eq!(condition(&fleet, 72_000, "one"), Condition::Ramping { share: 0.0 });
}

#[test]
fn a_lapsed_probe_that_is_dropped_does_not_free_the_place_of_the_next() {
    let fleet = resilient();
    let key = fleet.add(spec("one", 1, Tier::PRIMARY)).unwrap();
    fleet.rest(key, Domain::Target, MINUTE, ms(0));
    let lapsed = fleet.lease(at(60_001, 0.5), Wish::default()).unwrap();
    let present = fleet.lease(at(70_002, 0.5), Wish::default()).unwrap();
    drop(lapsed);
    assert!(fleet.lease(at(70_002, 0.5), Wish::default()).is_err());
    drop(present);
    assert!(fleet.lease(at(70_002, 0.5), Wish::default()).is_ok());
}

#[test]
fn a_domain_returns_by_one_probe_for_all_its_members() {
    let fleet = grid(Options { recovery: Some(Recovery::default()), ..Options::default() });
    fleet.rest(key_of(&fleet, "p1m"), Domain::Provider, MINUTE, ms(0));
    let mut probe = fleet.lease(at(60_001, 0.99), Wish::default()).unwrap();
    assert_eq!(id_of(&fleet, &probe), "p1m");
    let others: Vec<_> = (0..20)
        .map(|number| fleet.lease(at(60_001, f64::from(number) / 20.0), Wish::default()).unwrap())
        .collect();
    assert!(others.iter().all(|lease| id_of(&fleet, lease).starts_with('q')));
    probe.probe_succeeded(ms(60_500));
    for id in ["p1m", "p1n", "p2m", "p2n"] {
        assert_eq!(condition(&fleet, 60_500, id), Condition::Ramping { share: 0.0 }, "{id}");
    }
}

#[test]
fn a_probe_that_fails_for_its_key_alone_leaves_the_domain_to_the_next_probe() {
    let fleet = grid(Options { recovery: Some(Recovery::default()), ..Options::default() });
    fleet.rest(key_of(&fleet, "p1m"), Domain::Provider, MINUTE, ms(0));
    let mut probe = fleet.lease(at(60_001, 0.5), Wish::default()).unwrap();
    probe.rest(Domain::Key, MINUTE, ms(60_002));
    drop(probe);
    let next = fleet.lease(at(60_003, 0.5), Wish::default()).unwrap();
    assert_eq!((id_of(&fleet, &next).as_str(), next.is_probe()), ("p2m", true));
    fleet.remove("p2m");
    let after_removal = fleet.lease(at(60_003, 0.5), Wish::default()).unwrap();
    assert_eq!(id_of(&fleet, &after_removal), "p2n");
}

#[test]
fn a_ramp_gives_way_while_there_is_somebody_else_and_refuses_nobody_when_there_is_not() {
    let ramping = |with_fallback: bool| {
        let fleet = resilient();
        let key = fleet.add(spec("one", 1, Tier::PRIMARY)).unwrap();
        if with_fallback {
            fleet.add(spec("fallback", 1, Tier::FALLBACK));
        }
        fleet.rest(key, Domain::Target, MINUTE, ms(0));
        fleet.lease(at(60_001, 0.5), Wish::default()).unwrap().probe_succeeded(ms(60_001));
        fleet
    };
    let alone = ramping(false);
    for number in 0..100 {
        assert!(alone.lease(at(60_001, f64::from(number) / 100.0), Wish::default()).is_ok());
    }
    let beside = ramping(true);
    let share_at = |millis| {
        let leases = (0..4_000).map(|number| {
            let draw = f64::from(number) / 4_000.0;
            let lease = beside.lease(at(millis, draw), Wish::default()).unwrap();
            u32::from(id_of(&beside, &lease) == "one")
        });
        f64::from(leases.sum::<u32>()) / 4_000.0
    };
    assert!(share_at(60_001) < 0.01);
    assert!((share_at(62_501) - 0.25).abs() < 0.03);
    assert!((share_at(67_501) - 0.75).abs() < 0.03);
    assert!(share_at(70_002) > 0.999);
}

#[test]
fn under_every_strategy_a_ramp_grows_to_the_targets_usual_share() {
    for (strategy, usual) in [
        (Strategy::Weighted, 0.5),
        (Strategy::Sticky, 0.5),
        (Strategy::Priority, 1.0),
        (Strategy::RoundRobin, 0.5),
        (Strategy::LeastBusy, 0.5),
    ] {
        let recovery = Some(Recovery::default());
        let fleet = Fleet::new(Options { strategy, recovery, ..Options::default() });
        let first = fleet.add(spec("first", 1, Tier::PRIMARY)).unwrap();
        fleet.add(spec("second", 1, Tier::PRIMARY));
        fleet.rest(first, Domain::Target, MINUTE, ms(0));
        fleet.lease(at(60_001, 0.5), Wish::default()).unwrap().probe_succeeded(ms(60_001));
        let share_at = |millis| {
            let leases = (0..2_000).map(|number| {
                let draw = f64::from(number) / 2_000.0;
                let lease = fleet.lease(at(millis, draw), Wish::default()).unwrap();
                u32::from(lease.target() == first)
            });
            f64::from(leases.sum::<u32>()) / 2_000.0
        };
        assert!(share_at(60_001) < 0.02, "{strategy:?}");
        let half = share_at(65_001);
        assert!(half > 0.1 && half < usual, "{strategy:?}: {half}");
        assert!((share_at(70_002) - usual).abs() < 0.01, "{strategy:?}");
    }
}

#[test]
fn without_recovery_a_rested_target_simply_returns() {
    let fleet = grid(Options::default());
    fleet.rest(key_of(&fleet, "p1m"), Domain::Provider, MINUTE, ms(0));
    for _ in 0..10 {
        assert!(!fleet.lease(at(60_001, 0.0), Wish::default()).unwrap().is_probe());
    }
    assert_eq!(condition(&fleet, 60_001, "p1m"), Condition::Ready);
}

#[test]
fn a_wall_clock_that_steps_back_makes_no_rest_longer() {
    let fleet = resilient();
    let key = fleet.add(spec("one", 1, Tier::PRIMARY)).unwrap();
    let until = fleet.rest(key, Domain::Target, MINUTE, ms(1_000_000));
    assert_eq!(until, ms(1_060_000));
    // 30 s later the clock is set back by 90 s.
    assert!(fleet.lease(at(1_030_000, 0.5), Wish::default()).is_err());
    let stepped = 1_030_000 - 90_000;
    assert_eq!(
        fleet.lease(at(stepped, 0.5), Wish::default()).unwrap_err(),
        Unavailable::Resting(Duration::from_secs(30))
    );
    assert!(fleet.lease(at(stepped + 30_000, 0.5), Wish::default()).is_err());
    assert!(fleet.lease(at(stepped + 30_001, 0.5), Wish::default()).is_ok());
}

#[test]
fn a_host_timer_knows_its_rest_again_after_the_clock_was_set_back() {
    let fleet = Fleet::new(Options::default());
    let key = fleet.add(spec("one", 1, Tier::PRIMARY)).unwrap();
    let until = fleet.rest(key, Domain::Target, MINUTE, ms(1_000_000));
    assert!(fleet.lease(at(5_000, 0.5), Wish::default()).is_err());
    assert!(fleet.end_rest(key, until));
    assert!(fleet.lease(at(5_000, 0.5), Wish::default()).is_ok());
}

#[test]
fn another_key_ends_the_rest_of_the_old_one_for_all_that_share_it() {
    let fleet = grid(Options { recovery: Some(Recovery::default()), ..Options::default() });
    let key = key_of(&fleet, "p1m");
    fleet.rest(key, Domain::Key, MINUTE, ms(0));
    assert_eq!(resting(&fleet, 1), ["p1m", "p1n"]);
    fleet.change_key(key);
    assert_eq!(resting(&fleet, 1), Vec::<String>::new());
    assert_eq!(fleet.failure_number(key, Domain::Key, ms(1)), 1);
}

#[test]
fn another_key_does_not_end_a_rest_that_was_not_the_keys() {
    let fleet = grid(Options { recovery: Some(Recovery::default()), ..Options::default() });
    let key = key_of(&fleet, "p1m");
    fleet.rest(key, Domain::Key, MINUTE, ms(0));
    fleet.rest(key, Domain::Target, MINUTE * 2, ms(0));
    fleet.change_key(key);
    assert_eq!(resting(&fleet, 1), ["p1m"]);
}

#[test]
fn the_key_of_a_target_alone_is_changed_as_well() {
    let fleet = resilient();
    let key = fleet.add(TargetSpec::new("a", "m")).unwrap();
    fleet.rest(key, Domain::Key, MINUTE, ms(0));
    fleet.change_key(key);
    assert!(fleet.can_lease(ms(1), Wish::default()));
}

#[test]
fn all_rests_can_be_ended_at_once_and_failures_in_a_row_begin_anew() {
    let fleet = grid(Options { recovery: Some(Recovery::default()), ..Options::default() });
    let key = key_of(&fleet, "p1m");
    fleet.rest(key, Domain::Provider, MINUTE, ms(0));
    fleet.rest(key, Domain::Target, MINUTE, ms(0));
    fleet.end_all_rests();
    let report = fleet.report(ms(1));
    assert!(report.iter().all(|one| one.condition == Condition::Ready));
    assert_eq!(fleet.failure_number(key, Domain::Provider, ms(1)), 1);
    fleet.add(TargetSpec { provider: Some("p".to_owned()), ..TargetSpec::new("new", "m") });
    assert!(fleet.report(ms(1)).iter().all(|one| one.condition == Condition::Ready));
}
