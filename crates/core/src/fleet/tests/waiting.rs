//! The waiting room: order, time and leaving.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use super::*;

#[derive(Default)]
struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Bell {
    fn rung(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

pub(super) const fn ms(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(super) fn until(millis: u64) -> Patience {
    Patience { until: ms(millis), priority: 0 }
}

pub(super) fn small(id: &str) -> TargetSpec {
    TargetSpec { max_concurrent: NonZeroU32::new(1), ..TargetSpec::new(id, id) }
}

pub(super) fn look(waiting: &mut Waiting) -> Poll<Result<Lease, Unavailable>> {
    look_with(waiting, &Arc::new(Bell::default()))
}

fn look_with(waiting: &mut Waiting, bell: &Arc<Bell>) -> Poll<Result<Lease, Unavailable>> {
    pin!(waiting).poll(&mut Context::from_waker(&Arc::clone(bell).into()))
}

/// The host's time is this.
pub(super) fn wake(fleet: &Fleet, millis: u64) {
    fleet.wake_after(ms(0), Duration::from_millis(millis));
}

/// When the host has to come next.
pub(super) fn due(fleet: &Fleet, waker: &Waker) -> Option<Timestamp> {
    let (told, span) = fleet.sleep(waker);
    span.map(|span| told.after(span))
}

fn got(waiting: &mut Waiting) -> Option<Lease> {
    match look(waiting) {
        Poll::Ready(Ok(lease)) => Some(lease),
        _ => None,
    }
}

#[test]
fn calls_are_served_in_the_order_of_coming_and_woken_exactly_then() {
    let fleet = Fleet::new(Options::default());
    fleet.add(small("one"));
    let held = fleet.lease(at(0, 0.5), Wish::default()).unwrap();
    let mut calls: Vec<_> =
        (0..3).map(|_| fleet.wait(at(0, 0.5), Wish::default(), until(1_000)).unwrap()).collect();
    let bells: Vec<_> = (0..3).map(|_| Arc::new(Bell::default())).collect();
    for (call, bell) in calls.iter_mut().zip(&bells) {
        assert!(look_with(call, bell).is_pending());
    }
    let rung = || bells.iter().map(|bell| bell.rung()).collect::<Vec<_>>();
    drop(held);
    assert_eq!(rung(), [1, 0, 0]);
    // The place is already the first one's: nobody who comes now overtakes it.
    assert!(fleet.lease(at(1, 0.5), Wish::default()).is_err());
    let lease = got(&mut calls[0]).unwrap();
    drop(lease);
    assert_eq!(rung(), [1, 1, 0]);
    assert_eq!(fleet.waiting(), 1);
}

#[test]
fn a_higher_priority_goes_first() {
    let fleet = Fleet::new(Options::default());
    fleet.add(small("one"));
    let held = fleet.lease(at(0, 0.5), Wish::default()).unwrap();
    let wait = |priority| {
        let patience = Patience { until: ms(1_000), priority };
        fleet.wait(at(0, 0.5), Wish::default(), patience).unwrap()
    };
    let (mut usual, mut urgent) = (wait(0), wait(5));
    drop(held);
    assert!(got(&mut usual).is_none());
    assert!(got(&mut urgent).is_some());
    assert!(got(&mut usual).is_some());
}

#[test]
fn who_cannot_use_what_came_free_is_passed_over_and_keeps_its_place() {
    let fleet = Fleet::new(Options::default());
    let tagged =
        |id: &str| TargetSpec { tags: Tags::from([("id".to_owned(), id.to_owned())]), ..small(id) };
    for id in ["a", "b"] {
        fleet.add(tagged(id));
    }
    let a = fleet.lease(at(0, 0.1), Wish::default()).unwrap();
    let b = fleet.lease(at(0, 0.9), Wish::default()).unwrap();
    let only_a = Tags::from([("id".to_owned(), "a".to_owned())]);
    let wish = Wish { require: Some(&only_a), ..Wish::default() };
    let mut picky = fleet.wait(at(0, 0.5), wish, until(1_000)).unwrap();
    let not_b = [b.target()];
    let mut shy = fleet.wait(at(0, 0.5), Wish::not(&not_b), until(1_000)).unwrap();
    let mut any = fleet.wait(at(0, 0.5), Wish::default(), until(1_000)).unwrap();
    drop(b);
    assert!(got(&mut picky).is_none());
    assert!(got(&mut shy).is_none());
    assert_eq!(id_of(&fleet, &got(&mut any).unwrap()), "b");
    drop(a);
    assert!(got(&mut shy).is_none());
    assert_eq!(id_of(&fleet, &got(&mut picky).unwrap()), "a");
    assert!(got(&mut shy).is_some());
}

#[test]
fn a_call_is_refused_at_once_when_nobody_can_be_free_in_time() {
    let fleet = Fleet::new(Options::default());
    let refused = |until_ms| fleet.wait(at(0, 0.5), Wish::default(), until(until_ms)).err();
    assert_eq!(refused(1_000), Some(Unavailable::Empty));
    let key = fleet.add(small("one")).unwrap();
    fleet.rest(key, Domain::Target, Duration::from_mins(1), ms(0));
    let rests = Unavailable::Resting(Duration::from_mins(1));
    assert_eq!(refused(60_000), Some(rests));
    assert_eq!(refused(60_001), None);
    let not = [key];
    let nobody = fleet.wait(at(0, 0.5), Wish::not(&not), until(99_000)).err();
    assert_eq!(nobody, Some(Unavailable::Resting(Duration::ZERO)));
    let tags = Tags::from([("a".to_owned(), "b".to_owned())]);
    let wish = Wish { require: Some(&tags), ..Wish::default() };
    assert_eq!(fleet.wait(at(0, 0.5), wish, until(99_000)).err(), Some(Unavailable::Unmatched));
}

#[test]
fn the_host_is_told_when_to_come_and_again_when_that_is_earlier() {
    let fleet = Fleet::new(Options::default());
    let key = fleet.add(small("one")).unwrap();
    fleet.rest(key, Domain::Target, Duration::from_secs(10), ms(0));
    let bell = Arc::new(Bell::default());
    let waker = Arc::clone(&bell).into();
    assert_eq!(due(&fleet, &waker), None);
    let mut patient = fleet.wait(at(0, 0.5), Wish::default(), until(60_000)).unwrap();
    assert_eq!(bell.rung(), 1);
    assert_eq!(due(&fleet, &waker), Some(ms(10_001)));
    let other = fleet.add(small("two")).unwrap();
    fleet.rest(other, Domain::Target, Duration::from_secs(20), ms(0));
    assert!(got(&mut patient).is_some(), "a target that is added is given at once");
    let one = fleet.wait(at(0, 0.5), Wish::default(), until(60_000)).unwrap();
    let rung = bell.rung();
    assert_eq!(due(&fleet, &waker), Some(ms(10_001)));
    fleet.rest(other, Domain::Target, Duration::from_secs(5), ms(0));
    assert_eq!(bell.rung(), rung, "the longer rest counts");
    let third = fleet.wait(at(0, 0.5), Wish::default(), until(10_500)).unwrap();
    assert_eq!(bell.rung(), rung);
    drop((one, third));
    assert_eq!(due(&fleet, &waker), None);
}

#[test]
fn a_return_serves_those_that_wait_and_a_deadline_sends_them_away() {
    let fleet = Fleet::new(Options::default());
    let key = fleet.add(small("one")).unwrap();
    fleet.rest(key, Domain::Target, Duration::from_secs(10), ms(0));
    let mut calls: Vec<_> =
        (0..2).map(|_| fleet.wait(at(0, 0.5), Wish::default(), until(20_000)).unwrap()).collect();
    wake(&fleet, 10_000);
    assert!(calls.iter_mut().all(|call| look(call).is_pending()));
    wake(&fleet, 10_001);
    let lease = got(&mut calls[0]).unwrap();
    assert!(look(&mut calls[1]).is_pending());
    wake(&fleet, 19_999);
    assert!(look(&mut calls[1]).is_pending());
    wake(&fleet, 20_000);
    assert!(matches!(look(&mut calls[1]), Poll::Ready(Err(Unavailable::AtCapacity(None)))));
    drop(lease);
    assert_eq!((fleet.waiting(), fleet.in_flight("one")), (0, Some(0)));
}

#[test]
fn who_leaves_gives_up_the_place_and_what_was_given() {
    let fleet = Fleet::new(Options::default());
    fleet.add(small("one"));
    let held = fleet.lease(at(0, 0.5), Wish::default()).unwrap();
    let mut calls: Vec<_> =
        (0..3).map(|_| fleet.wait(at(0, 0.5), Wish::default(), until(1_000)).unwrap()).collect();
    let last = calls.pop().unwrap();
    let second = calls.pop().unwrap();
    let first = calls.pop().unwrap();
    drop(second);
    drop(held);
    // Given, and dropped before it was looked at: the next has it.
    drop(first);
    let mut last = last;
    assert!(got(&mut last).is_some());
    let at_once = fleet.wait(at(0, 0.5), Wish::default(), until(1_000)).unwrap();
    assert_eq!(fleet.in_flight("one"), Some(1));
    drop(at_once);
    assert_eq!((fleet.waiting(), fleet.in_flight("one")), (0, Some(0)));
}

/// As a runtime's task: its waker owns what the task holds.
struct Task(#[expect(dead_code, reason = "it is dropped with the waker")] Option<Lease>);

impl Wake for Task {
    fn wake(self: Arc<Self>) {}
}

#[test]
fn a_waker_that_owns_a_lease_may_be_dropped_by_the_fleet() {
    let fleet = Fleet::new(Options::default());
    fleet.add(TargetSpec { max_concurrent: NonZeroU32::new(3), ..TargetSpec::new("one", "m") });
    let mut tasks: Vec<_> = (0..3)
        .map(|_| Arc::new(Task(fleet.lease(at(0, 0.5), Wish::default()).ok())).into())
        .collect::<Vec<std::task::Waker>>();
    let mut call = fleet.wait(at(0, 0.5), Wish::default(), until(1_000)).unwrap();
    fleet.sleep(&tasks.pop().unwrap());
    assert!(pin!(&mut call).poll(&mut Context::from_waker(&tasks.pop().unwrap())).is_pending());
    // Each is the last to hold its task: replaced, and dropped with the call that leaves.
    let mut other = fleet.wait(at(0, 0.5), Wish::default(), until(1_000)).unwrap();
    assert!(pin!(&mut other).poll(&mut Context::from_waker(&tasks.pop().unwrap())).is_pending());
    assert!(look(&mut call).is_pending(), "its waker goes, and with that a lease comes back");
    assert!(look(&mut call).is_ready());
    drop((call, other));
    fleet.sleep(&Arc::new(Bell::default()).into());
    assert_eq!(fleet.in_flight("one"), Some(0));
}

#[test]
fn a_fleet_that_is_cleared_sends_all_away() {
    let fleet = Fleet::new(Options::default());
    fleet.add(small("one"));
    let held = fleet.lease(at(0, 0.5), Wish::default()).unwrap();
    let mut call = fleet.wait(at(0, 0.5), Wish::default(), until(1_000)).unwrap();
    fleet.clear();
    assert!(matches!(look(&mut call), Poll::Ready(Err(Unavailable::Empty))));
    drop(held);
    assert_eq!(fleet.waiting(), 0);
}

#[test]
fn of_five_thousand_that_wait_each_key_that_returns_gets_one_probe() {
    let fleet = Fleet::new(Options { recovery: Some(Recovery::default()), ..Options::default() });
    for number in 0..100 {
        let key = Some(format!("key {}", number / 2));
        fleet.add(TargetSpec { key, ..TargetSpec::new(number.to_string(), "m") });
    }
    for target in fleet.report(ms(0)) {
        fleet.rest(target.key, Domain::Key, Duration::from_mins(1), ms(0));
    }
    let bell = Arc::new(Bell::default());
    let mut calls: Vec<_> = (0..5_000)
        .map(|_| fleet.wait(at(0, rand::random()), Wish::default(), until(120_000)).unwrap())
        .collect();
    for call in &mut calls {
        assert!(look_with(call, &bell).is_pending());
    }
    wake(&fleet, 60_001);
    assert_eq!(bell.rung(), 50);
    let mut probes: Vec<_> = calls.iter_mut().take(50).map(|call| got(call).unwrap()).collect();
    assert!(probes.iter().all(Lease::is_probe));
    let mut keys: Vec<_> =
        probes.iter().map(|lease| fleet.spec(lease.target()).unwrap().key).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 50);
    // One good probe is enough for all that still wait: they have nowhere else to go.
    probes[0].probe_succeeded(ms(60_200));
    assert_eq!((bell.rung(), fleet.waiting()), (5_000, 0));
    assert_eq!(calls.iter_mut().filter_map(got).count(), 4_950);
}
