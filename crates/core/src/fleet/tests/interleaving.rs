//! Callers that come between each other: every order of a few, and threads for the rest.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use super::spending::limits;
use super::waiting::{look, ms, small, until, wake};
use super::*;
use crate::fleet::phase::Phase;

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
                wake(fleet, *now);
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
        limits: [(Domain::Key, limits(&[("rpm", 300), ("tpm", 900)]))].into(),
        ..TargetSpec::new(number.to_string(), "m")
    }
}

/// The indexes, the timers and the domains say what the targets are.
fn is_consistent(fleet: &Fleet) {
    fleet.with(|state| {
        let (mut resting, mut passing) = (BTreeSet::new(), BTreeSet::new());
        let (mut barring, mut working) = (BTreeSet::new(), 0);
        for (key, target) in &state.targets {
            assert_eq!(target.standing, state.standing(target), "{target:?}");
            if let Some(ends) = target.phase.ends() {
                let rests = matches!(target.phase, Phase::Resting { .. });
                if rests { &mut resting } else { &mut passing }.insert((ends, *key));
            }
            assert_eq!(target.works, target.is_working(), "{target:?}");
            working += usize::from(target.works);
            barring.extend(target.barred.and_then(|barred| Some((barred.until?, *key))));
            for id in target.scopes.into_iter().flatten() {
                let account = state.quotas.get_mut(id).unwrap();
                assert!(account.members.contains(key));
                assert_eq!(account.barred.contains(key), target.barred.is_some());
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
        assert_eq!((&state.barring, state.working), (&barring, working));
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
            strategy: [
                Strategy::Weighted,
                Strategy::LeastBusy,
                Strategy::Sticky,
                Strategy::LeastUsed,
            ][seed % 4],
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
                            3 => {
                                let input = random.random_range(0..20);
                                let estimate = Estimate { input, output: 0 };
                                let wish = Wish { estimate, ..Wish::default() };
                                held.extend(fleet.lease(moment, wish).ok());
                            }
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
                            _ => wake(fleet, moment.now.as_millis()),
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
