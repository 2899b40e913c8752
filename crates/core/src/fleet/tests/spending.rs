//! Limits: who is let in, who waits, and what is given back.

use std::time::Duration;

use std::num::NonZeroU64;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Poll, Wake, Waker};

use super::waiting::{due, look, ms, until, wake};
use super::*;
use crate::quota::{Grant, Limit, Limits, Measure, Meter, Pace, Scope, Told, Window};

/// 2026-01-01T00:00:00Z.
const DAY: u64 = 1_767_225_600_000;

pub(super) fn limits(given: &[(&str, u64)]) -> Limits {
    let limit = |&(name, most): &(&str, u64)| {
        (Meter::of_name(name).unwrap(), Limit::new(NonZeroU64::new(most).unwrap()))
    };
    given.iter().map(limit).collect()
}

fn limited_to(id: &str, given: &[(&str, u64)]) -> TargetSpec {
    let limits = [(Domain::Target, limits(given))].into();
    TargetSpec { limits, ..TargetSpec::new(id, "m") }
}

fn wants(input: u64, output: u64) -> Wish<'static> {
    Wish { estimate: Estimate { input, output }, ..Wish::default() }
}

fn left(fleet: &Fleet, now: u64) -> Vec<u64> {
    let report = fleet.report(ms(now));
    report[0].limits[0].limits.iter().map(|limit| limit.left).collect()
}

#[test]
fn no_more_requests_are_let_in_than_the_limit_until_its_minute_is_over() {
    let fleet = Fleet::new(Options::default());
    fleet.add(limited_to("one", &[("rpm", 20)]));
    let now = DAY + 30_000;
    let held: Vec<_> =
        (0..40).filter_map(|_| fleet.lease(at(now, 0.5), Wish::default()).ok()).collect();
    assert_eq!(held.len(), 20);
    let refused = fleet.lease(at(now, 0.5), Wish::default()).unwrap_err();
    assert_eq!(refused, Unavailable::AtCapacity(Some(Duration::from_secs(30))));
    // Answered or not, a request is spent.
    drop(held);
    assert!(fleet.lease(at(DAY + 59_999, 0.5), Wish::default()).is_err());
    assert_eq!(fleet.report(ms(DAY + 59_999))[0].condition, Condition::AtCapacity);
    assert!(fleet.lease(at(DAY + 60_000, 0.5), Wish::default()).is_ok());
    assert_eq!(left(&fleet, DAY + 60_000), [19]);
}

#[test]
fn a_call_fits_in_all_limits_or_takes_of_none() {
    let fleet = Fleet::new(Options::default());
    let shared = [(Domain::Key, limits(&[("rpm", 3)])), (Domain::Target, limits(&[("rpm", 2)]))];
    let spec = |id: &str| TargetSpec {
        key: Some("k".into()),
        limits: shared.clone().into(),
        ..TargetSpec::new(id, "m")
    };
    fleet.add(spec("a"));
    fleet.add(spec("b"));
    let ids: Vec<_> = (0..4)
        .filter_map(|_| fleet.lease(at(DAY, 0.0), Wish::default()).ok())
        .map(|lease| id_of(&fleet, &lease))
        .collect();
    assert_eq!(ids, ["a", "a", "b"]);
    let report = fleet.report(ms(DAY));
    let left: Vec<_> = report[1].limits.iter().map(|scope| scope.limits[0].left).collect();
    assert_eq!(left, [1, 0]);
    assert_eq!(report[1].limits[1].scope.to_string(), "key:k");
}

#[test]
fn limits_of_a_key_hold_for_targets_that_were_added_before_they_were_declared() {
    let fleet = Fleet::new(Options::default());
    fleet.add(TargetSpec { key: Some("k".into()), ..TargetSpec::new("a", "m") });
    let limits = [(Domain::Key, limits(&[("rpm", 1)]))].into();
    fleet.add(TargetSpec { key: Some("k".into()), limits, ..TargetSpec::new("b", "m") });
    let first = fleet.lease(at(DAY, 0.0), Wish::default()).unwrap();
    assert_eq!(id_of(&fleet, &first), "a");
    assert!(fleet.lease(at(DAY, 0.9), Wish::default()).is_err());
    assert!(fleet.lease(at(DAY + 60_000, 0.9), Wish::default()).is_ok());
}

#[test]
fn a_call_that_does_not_fit_goes_to_the_next_target_and_a_smaller_one_still_fits() {
    let fleet = Fleet::new(Options { strategy: Strategy::Priority, ..Options::default() });
    fleet.add(limited_to("a", &[("tpm", 100)]));
    fleet.add(limited_to("b", &[("tpm", 1_000)]));
    let mut held = Vec::new();
    let mut ids = Vec::new();
    for input in [80, 50, 50, 15, 900, 10, 3, 800] {
        let lease = fleet.lease(at(DAY, 0.0), wants(input, 0));
        ids.push(lease.as_ref().map(|lease| id_of(&fleet, lease)).ok());
        held.extend(lease);
    }
    let ids: Vec<_> = ids.iter().map(Option::as_deref).collect();
    // While b is open, a is kept for calls that fit nowhere else.
    assert_eq!(
        ids,
        [Some("a"), Some("b"), Some("b"), Some("b"), None, Some("a"), Some("a"), Some("b")],
    );
}

#[test]
fn a_target_that_has_too_little_left_for_a_call_is_said_to_be_at_capacity_for_it() {
    let fleet = Fleet::new(Options::default());
    let key = fleet.add(limited_to("one", &[("tpm", 100)])).unwrap();
    fleet.lease(at(DAY, 0.0), wants(90, 0)).unwrap().settle(Outcome::Success, None);
    assert!(fleet.lease(at(DAY, 0.0), wants(20, 0)).is_err());
    let why = |input| fleet.explain(ms(DAY), wants(input, 0));
    assert_eq!(why(20), [(key, Candidacy::AtCapacity)]);
    assert_eq!(why(10), [(key, Candidacy::Eligible)]);
}

#[test]
fn what_was_reserved_and_not_used_is_given_back_and_what_was_used_beyond_it_is_taken() {
    let fleet = Fleet::new(Options::default());
    fleet.add(limited_to("one", &[("tpm", 1_000)]));
    let mut lease = fleet.lease(at(DAY, 0.0), wants(100, 500)).unwrap();
    assert_eq!(left(&fleet, DAY), [400]);
    // Cumulative: the last report counts.
    lease.report_tokens(Tokens { input: 90, output: 10 }, ms(DAY));
    lease.report_tokens(Tokens { input: 90, output: 60 }, ms(DAY));
    lease.settle(Outcome::Success, None);
    assert_eq!(left(&fleet, DAY), [850]);
    let mut lease = fleet.lease(at(DAY, 0.0), wants(100, 500)).unwrap();
    lease.report_tokens(Tokens { input: 1_000, output: 1_350 }, ms(DAY));
    lease.settle(Outcome::Success, None);
    // 1,500 beyond the limit: the whole of the next window, and half of the one after it.
    assert_eq!(left(&fleet, DAY), [0]);
    let refused = fleet.lease(at(DAY, 0.0), wants(1, 0)).unwrap_err();
    assert_eq!(refused, Unavailable::AtCapacity(Some(Duration::from_mins(2))));
    assert_eq!(left(&fleet, DAY + 60_000), [0]);
    assert_eq!(left(&fleet, DAY + 120_000), [500]);
    assert!(fleet.lease(at(DAY + 120_000, 0.0), wants(1, 0)).is_ok());
}

#[test]
fn only_what_was_never_written_is_refunded() {
    let fleet = Fleet::new(Options::default());
    fleet.add(limited_to("one", &[("rpm", 10), ("tpm", 1_000)]));
    let lease = || fleet.lease(at(DAY, 0.0), wants(100, 100)).unwrap();
    lease().settle_unsent(Outcome::Unavailable, None);
    lease().forget();
    assert_eq!(left(&fleet, DAY), [10, 1_000]);
    lease().settle(Outcome::RateLimited, None);
    assert_eq!(left(&fleet, DAY), [9, 1_000]);
    lease().settle(Outcome::TimedOut, None);
    assert_eq!(left(&fleet, DAY), [8, 900]);
    let reservation = lease().detach().unwrap();
    reservation.settle(Tokens { input: 100, output: 30 }, false, Duration::ZERO);
    assert_eq!(left(&fleet, DAY), [7, 770]);
    lease().detach().unwrap().refund();
    drop(lease().detach());
    assert_eq!(left(&fleet, DAY), [6, 670]);
    let report = fleet.report(ms(DAY));
    assert_eq!(report[0].estimated, Tokens { input: 300, output: 30 });
    assert_eq!(report[0].tokens, Tokens::default());
}

#[test]
fn what_a_lease_holds_is_settled_once() {
    let fleet = Fleet::new(Options::default());
    fleet.add(limited_to("one", &[("rpm", 10), ("tpm", 1_000)]));
    let mut lease = fleet.lease(at(DAY, 0.0), wants(100, 100)).unwrap();
    let first = lease.detach().unwrap();
    assert!(lease.detach().is_none());
    first.settle(Tokens { input: 100, output: 30 }, true, Duration::ZERO);
    lease.settle(Outcome::Success, None);
    assert_eq!(left(&fleet, DAY), [9, 870]);
}

#[test]
fn what_belongs_to_a_window_that_is_over_is_not_given_back_to_the_next() {
    let fleet = Fleet::new(Options::default());
    fleet.add(limited_to("one", &[("rpm", 10), ("tpm", 1_000)]));
    let early = fleet.lease(at(DAY, 0.0), wants(500, 0)).unwrap();
    let late = fleet.lease(at(DAY + 60_000, 0.0), wants(500, 0)).unwrap();
    early.forget();
    assert_eq!(left(&fleet, DAY + 60_000), [9, 500]);
    late.forget();
    assert_eq!(left(&fleet, DAY + 60_000), [10, 1_000]);
}

#[test]
fn a_call_that_wants_more_than_there_ever_is_takes_a_whole_window() {
    let fleet = Fleet::new(Options::default());
    fleet.add(limited_to("one", &[("tpm", 100)]));
    let small = fleet.lease(at(DAY, 0.0), wants(1, 0)).unwrap();
    let refused = fleet.lease(at(DAY, 0.0), wants(500, 0)).unwrap_err();
    assert_eq!(refused, Unavailable::AtCapacity(Some(Duration::from_mins(1))));
    let large = fleet.lease(at(DAY + 60_000, 0.0), wants(500, 0)).unwrap();
    assert_eq!(left(&fleet, DAY + 60_000), [0]);
    drop((small, large));
}

#[test]
fn a_clock_that_is_set_back_gives_no_second_quota() {
    let fleet = Fleet::new(Options::default());
    fleet.add(limited_to("one", &[("rpd", 2)]));
    // Ten seconds after midnight, set back to before it.
    for _ in 0..2 {
        fleet.lease(at(DAY + 10_000, 0.0), Wish::default()).unwrap();
    }
    let hour = 3_600_000;
    for now in [DAY - 10_000, DAY - 1, DAY, DAY + 5_000, DAY + hour, DAY + 24 * hour - 1] {
        assert!(fleet.lease(at(now, 0.0), Wish::default()).is_err(), "{now}");
    }
    assert!(fleet.lease(at(DAY + 24 * hour, 0.0), Wish::default()).is_ok());
}

#[test]
fn a_minute_is_not_prolonged_by_the_hour_that_the_clock_is_set_back() {
    let fleet = Fleet::new(Options::default());
    fleet.add(limited_to("one", &[("rpm", 1)]));
    fleet.lease(at(DAY + 30_000, 0.0), Wish::default()).unwrap();
    let back = DAY + 30_000 - 3_600_000;
    assert!(fleet.lease(at(back, 0.0), Wish::default()).is_err());
    assert!(fleet.lease(at(back + 29_999, 0.0), Wish::default()).is_err());
    assert!(fleet.lease(at(back + 30_000, 0.0), Wish::default()).is_ok());
}

proptest::proptest! {
    /// Fixed windows let in twice the limit around a boundary, and never more, however often the
    /// clock is set.
    #[test]
    fn no_setting_of_the_clock_lets_in_more_than_time_does(
        steps in proptest::collection::vec((0_u64..40_000, 0_u64..7_200_000, 0_u8..10), 1..60),
    ) {
        let fleet = Fleet::new(Options::default());
        fleet.add(limited_to("one", &[("rpm", 3)]));
        let (mut host, mut elapsed, mut let_in) = (DAY + 30_000_000, 0, 0);
        for (passes, back, chance) in steps {
            host += passes;
            elapsed += passes;
            if chance == 0 {
                host -= back;
            }
            while fleet.lease(at(host, 0.0), Wish::default()).is_ok() {
                let_in += 1;
            }
            proptest::prop_assert!(let_in <= 3 * (elapsed / 60_000 + 2), "{let_in} in {elapsed} ms");
        }
    }
}

#[test]
fn a_limit_that_slides_refills_evenly() {
    let fleet = Fleet::new(Options::default());
    let limit = Limit { most: NonZeroU64::new(6).unwrap(), pace: Pace::Sliding };
    let limits = [(Meter::of_name("rpm").unwrap(), limit)].into();
    let limits = [(Domain::Target, limits)].into();
    fleet.add(TargetSpec { limits, ..TargetSpec::new("one", "m") });
    let mut taken = Vec::new();
    for now in (0..40_000).step_by(1_000) {
        while let Ok(lease) = fleet.lease(at(DAY + now, 0.0), Wish::default()) {
            lease.settle(Outcome::Success, None);
            taken.push(now);
        }
    }
    assert_eq!(taken, [0, 0, 0, 0, 0, 0, 10_000, 20_000, 30_000]);
    let refused = fleet.lease(at(DAY + 39_000, 0.0), Wish::default()).unwrap_err();
    assert_eq!(refused, Unavailable::AtCapacity(Some(Duration::from_secs(1))));
}

#[test]
fn calls_that_wait_are_served_when_the_window_turns_in_arrival_order() {
    let fleet = Fleet::new(Options::default());
    fleet.add(limited_to("one", &[("rpm", 1)]));
    let now = DAY + 10_000;
    let _first = fleet.lease(at(now, 0.0), Wish::default()).unwrap();
    // Not in time: refused at once.
    assert_eq!(
        fleet.wait(at(now, 0.0), Wish::default(), until(now + 49_999)).unwrap_err(),
        Unavailable::AtCapacity(Some(Duration::from_secs(50)))
    );
    let mut second = fleet.wait(at(now, 0.0), Wish::default(), until(now + 200_000)).unwrap();
    let mut third = fleet.wait(at(now, 0.0), Wish::default(), until(now + 200_000)).unwrap();
    assert_eq!(due(&fleet, Waker::noop()), Some(ms(DAY + 60_000)));
    wake(&fleet, DAY + 60_000);
    assert!(matches!(look(&mut second), Poll::Ready(Ok(_))));
    assert!(look(&mut third).is_pending());
    wake(&fleet, DAY + 120_000);
    assert!(matches!(look(&mut third), Poll::Ready(Ok(_))));
}

#[test]
fn a_call_that_waits_for_tokens_is_served_when_another_gives_them_back() {
    let fleet = Fleet::new(Options::default());
    fleet.add(limited_to("one", &[("tpm", 1_000)]));
    let mut first = fleet.lease(at(DAY, 0.0), wants(10, 800)).unwrap();
    let mut second = fleet.wait(at(DAY, 0.0), wants(500, 0), until(DAY + 5_000)).unwrap();
    assert!(look(&mut second).is_pending());
    first.report_tokens(Tokens { input: 10, output: 10 }, ms(DAY + 100));
    drop(first);
    assert!(matches!(look(&mut second), Poll::Ready(Ok(_))));
}

#[test]
fn a_call_that_waited_and_leaves_gives_back_what_it_was_given() {
    let fleet = Fleet::new(Options::default());
    fleet.add(limited_to("one", &[("rpm", 1)]));
    let waiting = fleet.wait(at(DAY, 0.0), Wish::default(), until(DAY + 5_000)).unwrap();
    drop(waiting);
    assert!(fleet.lease(at(DAY, 0.0), Wish::default()).is_ok());
}

#[test]
fn removing_a_target_and_adding_it_again_gives_no_second_quota() {
    let fleet = Fleet::new(Options::default());
    fleet.add(limited_to("one", &[("rpm", 1)]));
    fleet.lease(at(DAY, 0.0), Wish::default()).unwrap();
    fleet.remove("one");
    fleet.add(limited_to("one", &[("rpm", 1)]));
    assert!(fleet.lease(at(DAY, 0.0), Wish::default()).is_err());
    fleet.replace(vec![limited_to("one", &[("rpm", 2)])]).unwrap();
    assert!(fleet.lease(at(DAY, 0.0), Wish::default()).is_ok());
    assert!(fleet.lease(at(DAY, 0.0), Wish::default()).is_err());
}

struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn a_limit_supplied_by_grants_spends_only_them_and_says_when_they_run_low() {
    let fleet = Fleet::new(Options::default());
    fleet.add(limited_to("one", &[("rpm", 100)]));
    let scope = Scope { domain: Domain::Target, name: "one".to_owned() };
    let rpm = Meter::of_name("rpm").unwrap();
    let now = ms(DAY);
    fleet.supply_by_grants(now);
    let bell = Arc::new(Bell(AtomicUsize::new(0)));
    let waker = Waker::from(Arc::clone(&bell));
    assert_eq!(fleet.demands(now, &waker).len(), 1);
    // Nothing in hand is at capacity, without a time.
    let refused = fleet.lease(at(DAY, 0.0), Wish::default()).unwrap_err();
    assert_eq!(refused, Unavailable::AtCapacity(None));
    assert_eq!(bell.0.load(Ordering::SeqCst), 1);
    let mut waiting = fleet.wait(at(DAY, 0.0), Wish::default(), until(DAY + 5_000)).unwrap();
    let window = Window { start: ms(DAY), end: ms(DAY + 60_000) };
    let grant = Grant { window, amount: 4, expires: ms(DAY + 10_000) };
    assert!(fleet.grant(&scope, rpm, grant, now));
    assert!(matches!(look(&mut waiting), Poll::Ready(Ok(_))));
    assert!(fleet.demands(now, &waker).is_empty());
    fleet.lease(at(DAY, 0.0), Wish::default()).unwrap();
    assert_eq!(bell.0.load(Ordering::SeqCst), 2);
    let demands = fleet.demands(now, &waker);
    assert_eq!((demands[0].in_hand, demands[0].spent, demands[0].limit.most.get()), (2, 2, 100));
    assert_eq!(fleet.give_up(&scope, rpm, 1, now), [Grant { amount: 1, ..grant }]);
    fleet.lease(at(DAY, 0.0), Wish::default()).unwrap();
    assert!(fleet.lease(at(DAY, 0.0), Wish::default()).is_err());
    // What has expired is not spent, though the window goes on.
    assert!(fleet.grant(&scope, rpm, grant, now));
    assert!(fleet.lease(at(DAY + 10_000, 0.0), Wish::default()).is_err());
    let demands = fleet.demands(ms(DAY + 10_000), &waker);
    assert_eq!((bell.0.load(Ordering::SeqCst), demands[0].missed), (3, 1));
}

#[test]
fn what_was_spent_outlives_the_process_that_spent_it() {
    let fleet = || {
        let fleet = Fleet::new(Options::default());
        fleet.add(limited_to("one", &[("rpm", 10), ("tpd", 1_000)]));
        fleet
    };
    let before = fleet();
    for _ in 0..3 {
        before.lease(at(DAY, 0.0), wants(100, 0)).unwrap().settle(Outcome::Success, None);
    }
    let left_behind = before.snapshot(ms(DAY + 1_000));
    let after = fleet();
    after.inherit(left_behind.clone(), ms(DAY + 2_000));
    assert_eq!(left(&after, DAY + 2_000), [7, 700]);
    let later = fleet();
    later.inherit(left_behind, ms(DAY + 62_000));
    assert_eq!(left(&later, DAY + 62_000), [10, 700]);
}

fn told(left: u64, seconds: u64) -> Told {
    let resets = Duration::from_secs(seconds);
    Told { measure: Measure::Requests, span: None, limit: Some(10), left, resets }
}

#[test]
fn what_an_answer_tells_of_limits_moves_calls_elsewhere_before_they_are_refused() {
    let fleet = Fleet::new(Options { strategy: Strategy::Priority, ..Options::default() });
    fleet.add(TargetSpec::new("a", "m"));
    fleet.add(TargetSpec::new("b", "m"));
    let ask = |now| fleet.lease(at(now, 0.0), Wish::default()).unwrap();
    let mut first = ask(DAY);
    let second = ask(DAY);
    assert_eq!(id_of(&fleet, &second), "a");
    // One is left after the first, and the second has it.
    first.learn(&[told(1, 30)], ms(DAY));
    assert_eq!(id_of(&fleet, &ask(DAY)), "b");
    assert_eq!(fleet.report(ms(DAY))[0].condition, Condition::AtCapacity);
    assert_eq!(id_of(&fleet, &ask(DAY + 29_999)), "b");
    assert_eq!(id_of(&fleet, &ask(DAY + 30_000)), "a");
    drop((first, second));
}

#[test]
fn under_least_used_the_target_with_the_largest_part_left_is_asked() {
    let fleet = Fleet::new(Options { strategy: Strategy::LeastUsed, ..Options::default() });
    fleet.add(limited_to("small", &[("rpm", 4), ("rpd", 1_000)]));
    fleet.add(limited_to("large", &[("rpm", 10)]));
    let ask = |now| id_of(&fleet, &fleet.lease(at(now, 0.5), Wish::default()).unwrap());
    let asked: Vec<_> = (0..14).map(|_| ask(DAY)).collect();
    // The part that is left: 1 and 1, 3/4 and 1, 3/4 and 9/10, 3/4 and 8/10, 3/4 and 7/10, ...
    let order = ["small", "large", "large", "large", "small", "large", "large"];
    assert_eq!(asked[..7], order);
    assert_eq!(asked.iter().filter(|id| *id == "small").count(), 4);
    assert!(fleet.lease(at(DAY, 0.5), Wish::default()).is_err());
    // Both are whole again but for the day of the first.
    let later: Vec<_> = (0..3).map(|_| ask(DAY + 60_000)).collect();
    assert_eq!(later, ["large", "small", "large"]);
}

#[test]
fn a_fleet_that_begins_to_choose_by_least_used_knows_what_has_been_spent() {
    let fleet = Fleet::new(Options { strategy: Strategy::Priority, ..Options::default() });
    fleet.add(limited_to("a", &[("rpm", 10)]));
    fleet.add(limited_to("b", &[("rpm", 10)]));
    let ask = || id_of(&fleet, &fleet.lease(at(DAY, 0.5), Wish::default()).unwrap());
    assert_eq!(ask(), "a");
    fleet.choose_by(Strategy::LeastUsed);
    assert_eq!(ask(), "b");
}

#[test]
fn under_least_used_a_limit_that_was_told_counts_and_so_does_one_that_is_shared() {
    let fleet = Fleet::new(Options { strategy: Strategy::LeastUsed, ..Options::default() });
    let shared = |id: &str| TargetSpec {
        key: Some("k".into()),
        limits: [(Domain::Key, limits(&[("rpm", 100)]))].into(),
        ..TargetSpec::new(id, "m")
    };
    fleet.add(shared("a"));
    fleet.add(shared("b"));
    fleet.add(TargetSpec::new("c", "m"));
    let ask = || fleet.lease(at(DAY, 0.5), Wish::default()).unwrap();
    let mut first = ask();
    assert_eq!(id_of(&fleet, &first), "a");
    let mut second = ask();
    assert_eq!(id_of(&fleet, &second), "c");
    second.learn(&[told(5, 60)], ms(DAY));
    let third = ask();
    assert_eq!(id_of(&fleet, &third), "a");
    first.learn(&[told(1, 60)], ms(DAY));
    assert_eq!(id_of(&fleet, &ask()), "b");
}
