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
use model_multiplexer_core::fleet::{Fleet, Lease, TargetSpec, Tier};

const NOW: Timestamp = Timestamp::from_millis(1_000_000);

fn moment() -> Moment {
    Moment { now: NOW, draw: rand::random() }
}

/// The fleet, and the leases that keep some targets full.
fn fleet() -> (Arc<Fleet>, Vec<Lease>) {
    let fleet = Fleet::new();
    for number in 0..10_000_u64 {
        fleet.add(TargetSpec {
            id: number.to_string(),
            model: "model".to_owned(),
            weight: 1 + number % 7,
            tier: Tier::Primary,
            max_concurrent: NonZeroU32::new(u32::from(number % 2 == 0)),
        });
    }
    let mut held = Vec::new();
    let mut resting = 0;
    while held.len() + resting < 3_000 {
        let Ok(lease) = fleet.lease(moment(), &[]) else { break };
        if held.len() < 1_500 {
            held.push(lease);
        } else {
            lease.rate_limited(NOW, Duration::from_mins(10));
            resting += 1;
        }
    }
    (fleet, held)
}

fn picking(criterion: &mut Criterion) {
    let (fleet, held) = fleet();
    criterion.bench_function("pick and give back", |bencher| {
        bencher.iter(|| black_box(fleet.lease(moment(), &[]).ok()));
    });
    let mut instant = NOW;
    criterion.bench_function("rest and return", |bencher| {
        bencher.iter_batched(
            || fleet.lease(moment(), &[]),
            |lease| {
                if let Ok(lease) = lease {
                    let target = lease.target();
                    instant = instant.after(Duration::from_millis(1));
                    let until = lease.rate_limited(instant, Duration::from_hours(1));
                    fleet.end_rest(target, until);
                }
            },
            BatchSize::PerIteration,
        );
    });
    drop(held);
}

criterion_group!(benches, picking);
criterion_main!(benches);
