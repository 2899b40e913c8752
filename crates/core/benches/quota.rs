//! What limits cost: reserving and settling with one target, and with 1,000 targets from several
//! threads at once. The same without limits is there to be compared with.
//!
//! `cargo bench -p model-multiplexer-core --bench quota`
#![allow(missing_docs, reason = "the macros make public items")]

use std::hint::black_box;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use model_multiplexer_core::clock::{Moment, Timestamp};
use model_multiplexer_core::fleet::{Fleet, Options, TargetSpec, Tokens, Wish};
use model_multiplexer_core::outcome::{Domain, Outcome};
use model_multiplexer_core::quota::{Estimate, Limit, Limits, Meter};

/// 2026-01-01T00:00:00Z.
const START: u64 = 1_767_225_600_000;

fn limits(names: &[&str]) -> Limits {
    let limit = |name: &&str| {
        let most = Limit::new(NonZeroU64::new(1 << 40)?);
        Some((Meter::of_name(name)?, most))
    };
    names.iter().filter_map(limit).collect()
}

/// Targets with limits of their own and, four by four, of a key.
fn fleet(targets: u64, names: &[&str]) -> Arc<Fleet> {
    let fleet = Fleet::new(Options::default());
    for number in 0..targets {
        let own = (Domain::Target, limits(names));
        let shared = (Domain::Key, limits(names));
        let limits = if names.is_empty() { [].into() } else { [own, shared].into() };
        let key = Some(format!("key {}", number / 4));
        fleet.add(TargetSpec { limits, key, ..TargetSpec::new(number.to_string(), "m") });
    }
    fleet
}

fn reserve_and_settle(fleet: &Arc<Fleet>, now: u64) {
    let now = Timestamp::from_millis(now);
    let estimate = Estimate { input: 100, output: 1_000 };
    let wish = Wish { estimate, ..Wish::default() };
    let lease = fleet.lease(Moment { now, draw: rand::random() }, wish);
    if let Ok(mut lease) = lease {
        lease.report_tokens(Tokens { input: 90, output: 200 }, now);
        lease.settle(Outcome::Success, None);
    }
}

const KINDS: [(&str, &[&str]); 3] = [
    ("no limits", &[]),
    ("RPM", &["rpm"]),
    ("RPM, RPD, TPM and TPD", &["rpm", "rpd", "tpm", "tpd"]),
];

fn alone(criterion: &mut Criterion) {
    for (name, names) in KINDS {
        let fleet = fleet(1, names);
        let mut now = START;
        criterion.bench_function(&format!("one target, {name}"), |bencher| {
            bencher.iter(|| {
                now += 1;
                reserve_and_settle(black_box(&fleet), now);
            });
        });
    }
}

/// Four threads at once; the time is that of one of them for one call.
fn contended(criterion: &mut Criterion) {
    const THREADS: u64 = 4;
    for (name, names) in KINDS {
        let fleet = fleet(1_000, names);
        let clock = AtomicU64::new(START);
        criterion.bench_function(&format!("1,000 targets, 4 threads, {name}"), |bencher| {
            bencher.iter_custom(|rounds| {
                let began = Instant::now();
                thread::scope(|scope| {
                    for _ in 0..THREADS {
                        scope.spawn(|| {
                            for _ in 0..rounds.div_ceil(THREADS) {
                                let now = clock.fetch_add(1, Ordering::Relaxed);
                                reserve_and_settle(&fleet, now);
                            }
                        });
                    }
                });
                began.elapsed()
            });
        });
    }
}

/// 10,000 targets of which all but one are spent.
fn exhausted(criterion: &mut Criterion) {
    let fleet = Fleet::new(Options::default());
    let one = NonZeroU64::MIN;
    for number in 0..10_000_u64 {
        let most = if number == 9_999 { one.saturating_add(1 << 40) } else { one };
        let limits: Limits =
            Meter::of_name("rpd").map(|meter| (meter, Limit::new(most))).into_iter().collect();
        let limits = [(Domain::Target, limits)].into();
        fleet.add(TargetSpec { limits, ..TargetSpec::new(number.to_string(), "m") });
    }
    let ask = |now: u64| {
        let moment = Moment { now: Timestamp::from_millis(now), draw: rand::random() };
        fleet.lease(moment, Wish::default()).is_ok()
    };
    while fleet
        .report(Timestamp::from_millis(START))
        .iter()
        .filter(|one| one.limits[0].limits[0].left > 0)
        .count()
        > 1
    {
        for _ in 0..10_000 {
            ask(START);
        }
    }
    criterion.bench_function("10,000 targets of which 9,999 are spent", |bencher| {
        bencher.iter(|| black_box(ask(START)));
    });
}

fn settings() -> Criterion {
    Criterion::default().measurement_time(Duration::from_secs(3)).sample_size(30)
}

criterion_group! { name = benches; config = settings(); targets = alone, contended, exhausted }
criterion_main!(benches);
