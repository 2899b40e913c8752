//! What a call that waits costs. Alone in its process, so that nothing else moves the figure.
#![cfg(target_os = "linux")]

use std::time::Duration;

use model_multiplexer_core::clock::{Moment, Timestamp};
use model_multiplexer_core::fleet::{Fleet, Options, Patience, TargetSpec, Wish};
use model_multiplexer_core::outcome::Domain;

/// The process's resident memory, in bytes; none if it cannot be read.
fn resident_bytes() -> Option<usize> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(statm.split(' ').nth(1)?.parse::<usize>().ok()? * 4_096)
}

#[test]
fn ten_thousand_calls_that_wait_take_less_than_two_kilobytes_each() {
    let fleet = Fleet::new(Options::default());
    let key = fleet.add(TargetSpec::new("one", "m")).unwrap();
    let now = Timestamp::from_millis(0);
    fleet.rest(key, Domain::Target, Duration::from_mins(1), now);
    let patience = Patience { until: now.after(Duration::from_mins(2)), priority: 0 };
    let before = resident_bytes().unwrap();
    let calls: Vec<_> = (0..10_000)
        .map(|number| {
            let session = format!("session number {number}");
            let wish = Wish { session: Some(&session), ..Wish::default() };
            fleet.wait(Moment { now, draw: 0.5 }, wish, patience).unwrap()
        })
        .collect();
    let each = (resident_bytes().unwrap() - before) / calls.len();
    assert_eq!(fleet.waiting(), 10_000);
    assert!(each < 2_048, "{each} bytes");
}
