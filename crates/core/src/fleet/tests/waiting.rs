//! The waiting room: order, time, leaving, and every interleaving of a few callers.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake};

use super::*;
use crate::fleet::phase::Phase;

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

const fn ms(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn until(millis: u64) -> Patience {
    Patience { until: ms(millis), priority: 0 }
}

fn small(id: &str) -> TargetSpec {
    TargetSpec { max_concurrent: NonZeroU32::new(1), ..TargetSpec::new(id, id) }
}

fn look(waiting: &mut Waiting) -> Poll<Result<Lease, Unavailable>> {
    look_with(waiting, &Arc::new(Bell::default()))
}

fn look_with(waiting: &mut Waiting, bell: &Arc<Bell>) -> Poll<Result<Lease, Unavailable>> {
    pin!(waiting).poll(&mut Context::from_waker(&Arc::clone(bell).into()))
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
    assert_eq!(fleet.next_due(&waker), None);
    let mut patient = fleet.wait(at(0, 0.5), Wish::default(), until(60_000)).unwrap();
    assert_eq!(bell.rung(), 1);
    assert_eq!(fleet.next_due(&waker), Some(ms(10_001)));
    let other = fleet.add(small("two")).unwrap();
    fleet.rest(other, Domain::Target, Duration::from_secs(20), ms(0));
    assert!(got(&mut patient).is_some(), "a target that is added is given at once");
    let one = fleet.wait(at(0, 0.5), Wish::default(), until(60_000)).unwrap();
    let rung = bell.rung();
    assert_eq!(fleet.next_due(&waker), Some(ms(10_001)));
    fleet.rest(other, Domain::Target, Duration::from_secs(5), ms(0));
    assert_eq!(bell.rung(), rung, "the longer rest counts");
    let third = fleet.wait(at(0, 0.5), Wish::default(), until(10_500)).unwrap();
    assert_eq!(bell.rung(), rung);
    drop((one, third));
    assert_eq!(fleet.next_due(&waker), None);
}

#[test]
fn a_return_serves_those_that_wait_and_a_deadline_sends_them_away() {
    let fleet = Fleet::new(Options::default());
    let key = fleet.add(small("one")).unwrap();
    fleet.rest(key, Domain::Target, Duration::from_secs(10), ms(0));
    let mut calls: Vec<_> =
        (0..2).map(|_| fleet.wait(at(0, 0.5), Wish::default(), until(20_000)).unwrap()).collect();
    fleet.wake_due(ms(10_000));
    assert!(calls.iter_mut().all(|call| look(call).is_pending()));
    fleet.wake_due(ms(10_001));
    let lease = got(&mut calls[0]).unwrap();
    assert!(look(&mut calls[1]).is_pending());
    fleet.wake_due(ms(19_999));
    assert!(look(&mut calls[1]).is_pending());
    fleet.wake_due(ms(20_000));
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
    fleet.next_due(&tasks.pop().unwrap());
    assert!(pin!(&mut call).poll(&mut Context::from_waker(&tasks.pop().unwrap())).is_pending());
    // Each is the last to hold its task: replaced, and dropped with the call that leaves.
    let mut other = fleet.wait(at(0, 0.5), Wish::default(), until(1_000)).unwrap();
    assert!(pin!(&mut other).poll(&mut Context::from_waker(&tasks.pop().unwrap())).is_pending());
    assert!(look(&mut call).is_pending(), "its waker goes, and with that a lease comes back");
    assert!(look(&mut call).is_ready());
    drop((call, other));
    fleet.next_due(&Arc::new(Bell::default()).into());
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
    fleet.wake_due(ms(60_001));
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

/// What a caller does, step by step.
#[derive(Clone, Copy, Debug)]
enum Step {
    Wait,
    Look,
    GiveBack,
    Leave,
    Rest,
    Pass,
}

#[derive(Default)]
struct Caller {
    waiting: Option<Waiting>,
    lease: Option<Lease>,
}

impl Caller {
    fn take(&mut self, step: Step, fleet: &Arc<Fleet>, now: &mut u64) {
        match step {
            Step::Wait => {
                self.waiting = fleet.wait(at(*now, 0.5), Wish::default(), until(10_000)).ok();
            }
            Step::Look => {
                if let Some(waiting) = &mut self.waiting
                    && let Poll::Ready(result) = look(waiting)
                {
                    self.lease = result.ok();
                    self.waiting = None;
                }
            }
            Step::GiveBack => self.lease = None,
            Step::Leave => self.waiting = None,
            Step::Rest => {
                if let Some(mut lease) = self.lease.take() {
                    lease.rest(Domain::Target, Duration::from_millis(5), ms(*now));
                }
            }
            Step::Pass => {
                *now += 6;
                fleet.wake_due(ms(*now));
            }
        }
    }
}

/// Every order in which three scripts can be merged, as the number of the script that goes next.
fn merges(left: [usize; 3]) -> Vec<Vec<usize>> {
    if left == [0; 3] {
        return vec![Vec::new()];
    }
    let goes = (0..3).filter(|&script| left[script] > 0);
    goes.flat_map(|script| {
        let mut rest = left;
        rest[script] -= 1;
        merges(rest).into_iter().map(move |mut merge| {
            merge.insert(0, script);
            merge
        })
    })
    .collect()
}

/// All state is behind one lock, so that threads can do no more than interleave whole operations:
/// here are all interleavings.
#[test]
fn however_callers_interleave_nobody_is_forgotten_and_every_slot_comes_back() {
    use Step::{GiveBack, Leave, Look, Pass, Rest, Wait};
    let scripts: [&[Step]; 3] =
        [&[Wait, Look, Rest, Pass], &[Wait, Look, GiveBack, Pass], &[Wait, Look, Leave, GiveBack]];
    let recoveries = [None, Some(Recovery::default())];
    let orders = merges([4, 4, 4]);
    assert_eq!(orders.len(), 34_650);
    for (recovery, order) in
        recoveries.into_iter().flat_map(|one| orders.iter().map(move |order| (one, order)))
    {
        let fleet = Fleet::new(Options { recovery, ..Options::default() });
        fleet.add(small("one"));
        let mut callers: [Caller; 3] = Default::default();
        let mut steps = [0; 3];
        let mut now = 0;
        for &script in order {
            callers[script].take(scripts[script][steps[script]], &fleet, &mut now);
            steps[script] += 1;
            assert!(fleet.in_flight("one") <= Some(1), "{order:?}");
            // Nobody waits while the target could be asked.
            let idle = fleet.can_lease(ms(now), Wish::default());
            assert!(!(idle && fleet.waiting() > 0), "{order:?}");
        }
        drop(callers);
        assert_eq!((fleet.waiting(), fleet.in_flight("one")), (0, Some(0)), "{order:?}");
        assert!(fleet.lease(at(now + 100, 0.5), Wish::default()).is_ok(), "{order:?}");
    }
}

fn keyed(number: u32) -> TargetSpec {
    TargetSpec {
        key: Some((number % 3).to_string()),
        max_concurrent: NonZeroU32::new(2),
        tier: Tier(u16::from(number == 5)),
        ..TargetSpec::new(number.to_string(), "m")
    }
}

/// The indexes, the timers and the domains say what the targets are.
fn is_consistent(fleet: &Fleet) {
    fleet.with(|state| {
        let (mut resting, mut passing) = (BTreeSet::new(), BTreeSet::new());
        for (key, target) in &state.targets {
            assert_eq!(target.standing, state.standing(target), "{target:?}");
            if let Some(ends) = target.phase.ends() {
                let rests = matches!(target.phase, Phase::Resting { .. });
                if rests { &mut resting } else { &mut passing }.insert((ends, *key));
            }
            for shared in target.domains.iter().flatten().map(|id| state.domains.get(*id).unwrap())
            {
                assert!(shared.members().contains(key));
                let probing = shared.probe.and_then(|key| state.targets.get(&key));
                let phase = probing.map(|target| target.phase);
                assert!(matches!(phase, None | Some(Phase::Probing { .. })), "{phase:?}");
                assert_eq!(shared.probe.is_some(), phase.is_some());
            }
        }
        assert_eq!((&state.resting, &state.passing), (&resting, &passing));
        for index in &state.indexes {
            assert_eq!(*index, state.build_index(index.requirement.clone()));
        }
    });
}

#[test]
fn threads_that_wait_rest_leave_and_drop_leave_nothing_behind() {
    use rand::{RngExt, SeedableRng};
    for seed in 0..24 {
        let fleet = Fleet::new(Options {
            recovery: (seed % 2 == 0).then(Recovery::default),
            strategy: [Strategy::Weighted, Strategy::LeastBusy, Strategy::Sticky][seed % 3],
            ..Options::default()
        });
        for number in 0..6_u32 {
            fleet.add(keyed(number));
        }
        let clock = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for thread in 0..4_u64 {
                let (fleet, clock) = (&fleet, &clock);
                scope.spawn(move || {
                    let mut random = rand::rngs::StdRng::seed_from_u64(seed as u64 * 100 + thread);
                    let mut held = Vec::new();
                    let mut line = Vec::new();
                    for _ in 0..500 {
                        let now = clock.fetch_add(1, Ordering::SeqCst) as u64;
                        let moment = at(now, random.random());
                        match random.random_range(0..8) {
                            0..3 => line
                                .extend(fleet.wait(moment, Wish::default(), until(now + 50)).ok()),
                            3 => held.extend(fleet.lease(moment, Wish::default()).ok()),
                            4 => {
                                if let Some(mut lease) = held.pop() {
                                    let domain =
                                        if random.random() { Domain::Key } else { Domain::Target };
                                    let span = Duration::from_millis(random.random_range(0..40));
                                    lease.rest(domain, span, moment.now);
                                }
                            }
                            5 => {
                                if let Some(mut lease) = held.pop() {
                                    lease.probe_succeeded(moment.now);
                                    lease.settle(Outcome::Success, None);
                                }
                            }
                            6 if !line.is_empty() => {
                                drop(line.swap_remove(random.random_range(0..line.len())));
                            }
                            7 if random.random_bool(0.2) => {
                                let id = random.random_range(0..6_u32);
                                fleet.remove(&id.to_string());
                                fleet.add(keyed(id));
                            }
                            _ => fleet.wake_due(moment.now),
                        }
                        line.retain_mut(|waiting| match look(waiting) {
                            Poll::Pending => true,
                            Poll::Ready(result) => {
                                held.extend(result.ok());
                                false
                            }
                        });
                        is_consistent(fleet);
                        let full = fleet.report(moment.now);
                        assert!(full.iter().all(|target| target.in_flight <= 2));
                    }
                });
            }
        });
        assert_eq!(fleet.waiting(), 0, "seed {seed}");
        let after = fleet.report(ms(1_000_000));
        assert!(after.iter().all(|target| target.in_flight == 0), "seed {seed}");
        let held: Vec<_> =
            (0..12).filter_map(|_| fleet.lease(at(1_000_000, 0.5), Wish::default()).ok()).collect();
        assert!(!held.is_empty(), "seed {seed}");
    }
}
