//! Strategies, sessions, requirements and the report, with time and draws handed in.

use super::*;

fn fleet_of(strategy: Strategy, ids: &[&str]) -> Arc<Fleet> {
    let fleet = Fleet::new(Options { strategy, ..Options::default() });
    for id in ids {
        fleet.add(TargetSpec::new(*id, *id));
    }
    fleet
}

fn session(name: &str) -> Wish<'_> {
    Wish { session: Some(name), ..Wish::default() }
}

fn tags(region: &str) -> Tags {
    Tags::from([("region".to_owned(), region.to_owned())])
}

#[test]
fn priority_asks_the_first_until_it_is_exhausted() {
    let fleet = fleet_of(Strategy::Priority, &["a", "b", "c"]);
    for draw in [0.0, 0.5, 0.99] {
        assert_eq!(id_of(&fleet, &fleet.lease(at(0, draw), Wish::default()).unwrap()), "a");
    }
    limited(fleet.lease(at(0, 0.9), Wish::default()).unwrap(), 0, Duration::from_mins(1));
    assert_eq!(id_of(&fleet, &fleet.lease(at(1, 0.9), Wish::default()).unwrap()), "b");
    assert_eq!(id_of(&fleet, &fleet.lease(at(60_001, 0.9), Wish::default()).unwrap()), "a");
}

#[test]
fn numbered_priorities_are_tiers() {
    let fleet = Fleet::new(Options::default());
    for (id, tier) in [("last", 9), ("first", 3), ("middle", 5)] {
        fleet.add(spec(id, 1, Tier(tier)));
    }
    for expected in ["first", "middle", "last"] {
        let lease = fleet.lease(at(0, 0.5), Wish::default()).unwrap();
        assert_eq!(id_of(&fleet, &lease), expected);
        limited(lease, 0, Duration::from_mins(1));
    }
}

#[test]
fn round_robin_asks_each_in_its_turn_and_passes_over_those_that_rest() {
    let fleet = fleet_of(Strategy::RoundRobin, &["a", "b", "c"]);
    let next = || id_of(&fleet, &fleet.lease(at(0, 0.9), Wish::default()).unwrap());
    assert_eq!([next(), next(), next(), next()], ["a", "b", "c", "a"]);
    limited(fleet.lease(at(0, 0.9), Wish::default()).unwrap(), 0, Duration::from_mins(1));
    assert_eq!([next(), next(), next()], ["c", "a", "c"]);
}

#[test]
fn a_call_may_say_how_its_target_is_chosen_and_turns_are_not_mixed_up_by_others() {
    let fleet = fleet_of(Strategy::Priority, &["a", "b", "c"]);
    let turn = Wish { strategy: Some(Strategy::RoundRobin), ..Wish::default() };
    let next = |wish| id_of(&fleet, &fleet.lease(at(0, 0.9), wish).unwrap());
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(next(turn));
        assert_eq!(next(Wish::default()), "a");
    }
    assert_eq!(ids, ["a", "b", "c", "a"]);
}

#[test]
fn round_robin_fails_over_within_a_call() {
    let fleet = fleet_of(Strategy::RoundRobin, &["a", "b", "c"]);
    let mut refused = Vec::new();
    for _ in 0..3 {
        let lease = fleet.lease(at(0, 0.5), Wish::not(&refused)).unwrap();
        refused.push(lease.target());
    }
    refused.sort();
    refused.dedup();
    assert_eq!(refused.len(), 3);
    assert!(fleet.lease(at(0, 0.5), Wish::not(&refused)).is_err());
}

#[test]
fn a_session_stays_and_once_moved_stays_where_it_moved() {
    let fleet = fleet_of(Strategy::Sticky, &["a", "b"]);
    let first = fleet.lease(at(0, 0.1), session("s")).unwrap();
    assert_eq!(id_of(&fleet, &first), "a");
    for draw in [0.1, 0.6, 0.9] {
        assert_eq!(id_of(&fleet, &fleet.lease(at(1, draw), session("s")).unwrap()), "a");
    }
    limited(first, 1, Duration::from_secs(1));
    assert_eq!(id_of(&fleet, &fleet.lease(at(2, 0.1), session("s")).unwrap()), "b");
    assert_eq!(id_of(&fleet, &fleet.lease(at(5_000, 0.1), session("s")).unwrap()), "b");
    assert_eq!(id_of(&fleet, &fleet.lease(at(5_000, 0.1), session("other")).unwrap()), "a");
    // Idle for ten minutes.
    assert_eq!(id_of(&fleet, &fleet.lease(at(605_000, 0.1), session("s")).unwrap()), "a");
}

#[test]
fn a_session_never_keeps_a_call_from_another_target() {
    let fleet = fleet_of(Strategy::Sticky, &["a", "b"]);
    let home = fleet.lease(at(0, 0.1), session("s")).unwrap().target();
    let wish = Wish { not: &[home], ..session("s") };
    assert_eq!(id_of(&fleet, &fleet.lease(at(0, 0.1), wish).unwrap()), "b");
    fleet.remove("b");
    assert_eq!(id_of(&fleet, &fleet.lease(at(0, 0.9), session("s")).unwrap()), "a");
}

#[test]
fn the_sooner_of_two_is_asked_and_a_slow_one_is_tried_again_in_time() {
    let fleet = fleet_of(Strategy::Latency, &["slow", "quick"]);
    let ask = |millis, draw| fleet.lease(at(millis, draw), Wish::default()).unwrap();
    for (draw, millis) in [(0.1, 3_000), (0.9, 300)] {
        ask(0, draw).first_token(Duration::from_millis(millis), Timestamp::from_millis(0));
    }
    for number in 0..100 {
        let mut lease = ask(number, number as f64 / 100.0);
        assert_eq!(id_of(&fleet, &lease), "quick");
        lease.first_token(Duration::from_millis(300), Timestamp::from_millis(number));
    }
    let mut millis = 100;
    let mut tried = 0;
    while millis < 60_000 {
        millis += 100;
        let mut lease = ask(millis, 0.9);
        let slow = id_of(&fleet, &lease) == "slow";
        tried += u32::from(slow);
        let took = Duration::from_millis(if slow { 3_000 } else { 300 });
        lease.first_token(took, Timestamp::from_millis(millis));
    }
    assert!((1..=4).contains(&tried), "{tried}");
}

#[test]
fn a_fleet_whose_strategy_changes_goes_by_the_new_one() {
    let fleet = fleet_of(Strategy::Priority, &["a", "b"]);
    let pick = || fleet.lease(at(0, 0.0), Wish::default()).unwrap();
    let held = pick();
    assert_eq!(id_of(&fleet, &held), "a");
    fleet.choose_by(Strategy::LeastBusy);
    assert_eq!(id_of(&fleet, &pick()), "b");
    fleet.choose_by(Strategy::Priority);
    assert_eq!(id_of(&fleet, &pick()), "a");
}

#[test]
fn the_least_busy_is_asked_and_equals_take_turns() {
    let fleet = fleet_of(Strategy::LeastBusy, &["a", "b", "c"]);
    let ask = || fleet.lease(at(0, 0.5), Wish::default()).unwrap();
    let held: Vec<_> = (0..6).map(|_| ask()).collect();
    let ids: Vec<_> = held.iter().map(|lease| id_of(&fleet, lease)).collect();
    assert_eq!(ids, ["a", "b", "c", "a", "b", "c"]);
    let mut held = held;
    drop(held.remove(1));
    assert_eq!(id_of(&fleet, &ask()), "b");
}

#[test]
fn what_a_call_requires_binds_the_pick() {
    let fleet = Fleet::new(Options::default());
    for number in 0..10 {
        let region = if number == 7 { "eu" } else { "us" };
        fleet.add(TargetSpec { tags: tags(region), ..TargetSpec::new(number.to_string(), "m") });
    }
    let (eu, ap) = (tags("eu"), tags("ap"));
    let wish = Wish { require: Some(&eu), ..Wish::default() };
    for draw in [0.0, 0.5, 0.99] {
        assert_eq!(id_of(&fleet, &fleet.lease(at(0, draw), wish).unwrap()), "7");
    }
    fleet.add(TargetSpec { tags: tags("eu"), ..TargetSpec::new("late", "m") });
    let leases = [0.1, 0.9].map(|draw| id_of(&fleet, &fleet.lease(at(0, draw), wish).unwrap()));
    assert_eq!(leases, ["7", "late"]);
    fleet.remove("7");
    assert_eq!(id_of(&fleet, &fleet.lease(at(0, 0.1), wish).unwrap()), "late");
    limited(fleet.lease(at(0, 0.1), wish).unwrap(), 0, Duration::from_mins(1));
    assert_eq!(
        fleet.lease(at(0, 0.1), wish).unwrap_err(),
        Unavailable::Resting(Duration::from_mins(1))
    );
    let nowhere = Wish { require: Some(&ap), ..Wish::default() };
    assert_eq!(fleet.lease(at(0, 0.1), nowhere).unwrap_err(), Unavailable::Unmatched);
}

#[test]
fn a_longer_context_is_looked_for_among_the_known_first_then_the_unknown() {
    let fleet = Fleet::new(Options::default());
    for (id, window) in [("unknown", 0), ("small", 8_000), ("large", 128_000)] {
        let context_window = NonZeroU32::new(window);
        fleet.add(TargetSpec { context_window, ..TargetSpec::new(id, "m") });
    }
    let larger = |size| Wish { larger_than: Some(size), ..Wish::default() };
    for (size, expected) in
        [(8_000, "large"), (100_000, "large"), (127_999, "large"), (128_000, "unknown")]
    {
        let lease = fleet.lease(at(0, 0.5), larger(size)).unwrap();
        assert_eq!(id_of(&fleet, &lease), expected, "{size}");
    }
    let large = fleet.lease(at(0, 0.5), larger(8_000)).unwrap();
    limited(large, 0, Duration::from_mins(1));
    assert_eq!(id_of(&fleet, &fleet.lease(at(0, 0.5), larger(8_000)).unwrap()), "unknown");
}

#[test]
fn more_kinds_of_requirement_than_are_kept_are_still_met() {
    let fleet = Fleet::new(Options::default());
    for number in 0..30 {
        fleet.add(TargetSpec {
            tags: tags(&number.to_string()),
            ..TargetSpec::new(number.to_string(), "m")
        });
    }
    for number in (0..30).chain(0..30) {
        let require = tags(&number.to_string());
        let wish = Wish { require: Some(&require), ..Wish::default() };
        assert_eq!(id_of(&fleet, &fleet.lease(at(0, 0.5), wish).unwrap()), number.to_string());
    }
}

#[test]
fn it_is_told_why_each_target_is_passed_over() {
    let fleet = Fleet::new(Options { recovery: Some(Recovery::default()), ..Options::default() });
    let add = |target: TargetSpec| fleet.add(target).unwrap();
    let eu = |id: &str| TargetSpec { tags: tags("eu"), ..TargetSpec::new(id, "m") };
    let full = add(TargetSpec { max_concurrent: NonZeroU32::new(1), ..eu("full") });
    let _held = fleet.lease(at(0, 0.5), Wish::default()).unwrap();
    let free = add(eu("free"));
    let refused = add(eu("refused"));
    let us = add(TargetSpec { tags: tags("us"), ..TargetSpec::new("us", "m") });
    let small = add(TargetSpec { context_window: NonZeroU32::new(10), ..eu("small") });
    let rests = add(eu("rests"));
    let probed = add(eu("probed"));
    let later = add(TargetSpec { tier: Tier::FALLBACK, ..eu("later") });
    let until =
        fleet.rest(rests, Domain::Target, Duration::from_mins(1), Timestamp::from_millis(0));
    fleet.rest(probed, Domain::Target, Duration::from_millis(1), Timestamp::from_millis(0));
    let _probe = fleet.lease(at(2, 0.5), Wish::default()).unwrap();
    let require = tags("eu");
    let not = [refused];
    let wish =
        Wish { not: &not, require: Some(&require), larger_than: Some(100), ..Wish::default() };
    assert_eq!(
        fleet.explain(Timestamp::from_millis(2), wish),
        [
            (full, Candidacy::AtCapacity),
            (free, Candidacy::Eligible),
            (refused, Candidacy::Excluded),
            (us, Candidacy::Unmatched),
            (small, Candidacy::TooSmall),
            (rests, Candidacy::Resting { until }),
            (probed, Candidacy::Probing),
            (later, Candidacy::LaterTier),
        ]
    );
}

#[test]
fn every_lease_is_counted_by_outcome_once_though_nobody_settles_it() {
    let fleet = fleet_of(Strategy::Weighted, &["one"]);
    let ask = || fleet.lease(at(0, 0.5), Wish::default()).unwrap();
    let counts = || {
        let outcomes = fleet.report(Timestamp::from_millis(0)).remove(0).outcomes;
        [Outcome::Success, Outcome::Aborted, Outcome::Truncated].map(|kind| outcomes[kind as usize])
    };
    drop(ask());
    assert_eq!(counts(), [0, 1, 0]);
    let mut lease = ask();
    lease.succeed();
    let key = lease.target();
    drop(lease);
    assert_eq!(counts(), [1, 1, 0]);
    fleet.take_back(key);
    assert_eq!(counts(), [0, 1, 1]);
    assert_eq!(fleet.stats()[0].1, TargetStats { failed: 1, ..TargetStats::default() });
}

#[test]
fn the_report_counts_by_outcome_with_times_and_tokens() {
    let fleet = fleet_of(Strategy::Weighted, &["one"]);
    let ask = || fleet.lease(at(0, 0.5), Wish::default()).unwrap();
    let mut good = ask();
    good.first_token(Duration::from_millis(200), Timestamp::from_millis(200));
    good.report_tokens(Tokens { input: 10, output: 20 }, Timestamp::from_millis(0));
    good.settle(Outcome::Success, Some(Duration::from_secs(2)));
    ask().settle(Outcome::QuotaUsedUp, None);
    ask().settle(Outcome::Aborted, None);
    let mut cut = ask();
    cut.succeed();
    cut.settle(Outcome::Truncated, Some(Duration::from_secs(9)));
    let _held = ask();
    let report = fleet.report(Timestamp::from_millis(0)).remove(0);
    let mut outcomes = [0; Outcome::COUNT];
    for kind in [Outcome::Success, Outcome::QuotaUsedUp, Outcome::Aborted, Outcome::Truncated] {
        outcomes[kind as usize] = 1;
    }
    assert_eq!(report.outcomes, outcomes);
    assert_eq!(report.stats, TargetStats { success: 1, rate_limited: 1, failed: 1 });
    assert_eq!(report.tokens, Tokens { input: 10, output: 20 });
    assert_eq!((report.in_flight, report.duration.samples, report.first_token.samples), (1, 2, 1));
    let p99 = report.duration.p99.unwrap();
    assert!(p99 >= Duration::from_secs(9) && p99 < Duration::from_millis(9_600), "{p99:?}");
}

#[test]
fn beside_a_target_only_one_of_another_failure_domain_is_leased() {
    let named = |name: &str| Some(name.to_owned());
    let table = [
        ("nothing is shared", TargetSpec::new("other", "m"), true),
        ("key", TargetSpec { key: named("k"), ..TargetSpec::new("other", "m") }, false),
        ("account", TargetSpec { account: named("a"), ..TargetSpec::new("other", "m") }, false),
        ("provider", TargetSpec { provider: named("p"), ..TargetSpec::new("other", "n") }, false),
        (
            "provider's other",
            TargetSpec { provider: named("q"), ..TargetSpec::new("other", "m") },
            true,
        ),
    ];
    for (what, other, is_apart) in table {
        let fleet = Fleet::new(Options::default());
        fleet.add(TargetSpec {
            key: named("k"),
            account: named("a"),
            provider: named("p"),
            ..TargetSpec::new("first", "m")
        });
        let first = fleet.lease(at(0, 0.0), Wish::default()).unwrap();
        fleet.add(other);
        let second = fleet.lease_apart(at(0, 0.0), Wish::default(), first.target());
        assert_eq!(second.is_ok(), is_apart, "{what}");
        assert!(second.is_err() || second.unwrap().target() != first.target(), "{what}");
    }
}

#[test]
fn it_is_known_whether_someone_is_out() {
    let full = TargetSpec { max_concurrent: NonZeroU32::new(1), ..TargetSpec::new("full", "m") };
    let fleet = Fleet::new(Options::default());
    assert!(!fleet.someone_is_out());
    fleet.add(full.clone());
    assert!(!fleet.someone_is_out());
    let lease = fleet.lease(at(0, 0.0), Wish::default()).unwrap();
    assert!(fleet.someone_is_out());
    fleet.replace(vec![TargetSpec::new("new", "m"), full.clone()]).unwrap();
    assert!(fleet.someone_is_out());
    drop(lease);
    assert!(!fleet.someone_is_out());
    let rested = fleet.lease(at(0, 0.0), Wish::default()).unwrap();
    limited(rested, 0, Duration::from_secs(1));
    assert!(fleet.someone_is_out());
    assert!(fleet.can_lease(Timestamp::from_millis(1_001), Wish::default()));
    assert!(!fleet.someone_is_out());
    let _held = fleet.lease(at(2_000, 0.99), Wish::default()).unwrap();
    fleet.remove("full");
    fleet.replace(vec![TargetSpec::new("new", "m")]).unwrap();
    assert!(!fleet.someone_is_out());
    fleet.clear();
    assert!(!fleet.someone_is_out());
}
