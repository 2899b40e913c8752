//! What picking costs: 10,000 targets, 30 % of them resting or at capacity.
//!
//! `cargo bench -p model-multiplexer-core`
#![allow(missing_docs, reason = "the macros make public items")]

use std::hint::black_box;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use model_multiplexer_core::clock::{Moment, Timestamp};
use model_multiplexer_core::fleet::{
    Fleet, Lease, Options, Patience, Strategy, Tags, TargetKey, TargetSpec, Wish,
};
use model_multiplexer_core::outcome::Domain;

const NOW: Timestamp = Timestamp::from_millis(1_000_000);

fn moment() -> Moment {
    Moment { now: NOW, draw: rand::random() }
}

/// The fleet, and the leases that keep some targets full.
fn fleet(options: Options) -> (Arc<Fleet>, Vec<Lease>) {
    let fleet = Fleet::new(options);
    for number in 0..10_000_u64 {
        let region = if number % 2 == 0 { "eu" } else { "us" };
        fleet.add(TargetSpec {
            weight: 1 + number % 7,
            max_concurrent: NonZeroU32::new(u32::from(number % 2 == 0)),
            provider: Some(format!("provider {}", number % 10)),
            key: Some(format!("key {}", number / 4)),
            tags: Tags::from([("region".to_owned(), region.to_owned())]),
            ..TargetSpec::new(number.to_string(), "model")
        });
    }
    let mut held = Vec::new();
    let mut resting = 0;
    while held.len() + resting < 3_000 {
        let Ok(mut lease) = fleet.lease(moment(), Wish::default()) else { break };
        if held.len() < 1_500 {
            held.push(lease);
        } else {
            lease.rest(Domain::Target, Duration::from_hours(24), NOW);
            resting += 1;
        }
    }
    (fleet, held)
}

fn picking(criterion: &mut Criterion) {
    let strategies = [
        Strategy::Weighted,
        Strategy::Priority,
        Strategy::RoundRobin,
        Strategy::Sticky,
        Strategy::Latency,
        Strategy::LeastBusy,
    ];
    for strategy in strategies {
        let (fleet, held) = fleet(Options { strategy, ..Options::default() });
        criterion.bench_function(&format!("pick and give back, {strategy:?}"), |bencher| {
            bencher.iter(|| black_box(fleet.lease(moment(), Wish::default()).ok()));
        });
        drop(held);
    }
    let (fleet, held) = fleet(Options::default());
    let eu = Tags::from([("region".to_owned(), "eu".to_owned())]);
    let wish = Wish { require: Some(&eu), ..Wish::default() };
    criterion.bench_function("pick and give back with a required tag", |bencher| {
        bencher.iter(|| black_box(fleet.lease(moment(), wish).ok()));
    });
    drop(held);
}

fn resting(criterion: &mut Criterion) {
    let (fleet, held) = fleet(Options::default());
    let mut instant = NOW;
    criterion.bench_function("rest and return", |bencher| {
        bencher.iter_batched(
            || fleet.lease(Moment { now: instant, draw: rand::random() }, Wish::default()).ok(),
            |lease| {
                if let Some(mut lease) = lease {
                    let until = lease.rest(Domain::Target, Duration::from_hours(1), instant);
                    fleet.end_rest(lease.target(), until);
                }
            },
            BatchSize::PerIteration,
        );
    });
    // 1,000 members each; the span grows, so that each rest is later than the one before.
    let mut span = Duration::from_hours(48);
    criterion.bench_function("rest of a domain of 1,000 targets", |bencher| {
        bencher.iter(|| {
            span += Duration::from_secs(1);
            instant = instant.after(Duration::from_millis(1));
            fleet.rest(TargetKey(1), Domain::Provider, span, instant)
        });
    });
    drop(held);
}

fn waiting(criterion: &mut Criterion) {
    let patience = Patience { until: NOW.after(Duration::from_hours(1)), priority: 0 };
    criterion.bench_function("10,000 calls that wait are served", |bencher| {
        bencher.iter_batched(
            || {
                let (fleet, held) = fleet(Options::default());
                drop(held);
                for number in 0..10 {
                    let provider = TargetKey(1 + number);
                    fleet.rest(provider, Domain::Provider, Duration::from_mins(1), NOW);
                }
                let calls = (0..10_000).map(|_| fleet.wait(moment(), Wish::default(), patience));
                let calls: Vec<_> = calls.collect();
                assert_eq!(fleet.waiting(), 10_000);
                (fleet, calls)
            },
            |(fleet, calls)| {
                fleet.wake_after(NOW, Duration::from_mins(2));
                assert_eq!(fleet.waiting(), 0);
                (fleet, calls)
            },
            BatchSize::PerIteration,
        );
    });
}

criterion_group!(benches, picking, resting, waiting);
criterion_main!(benches);
