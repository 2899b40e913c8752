use std::num::NonZeroU64;
use std::thread;

use super::*;
use crate::clock::Moment;
use crate::fleet::{Condition, Options, Patience, TargetSpec, Unavailable, Wish};
use crate::outcome::Domain;
use crate::quota::{Estimate, Limit, Limits};

fn fleet(limits: &[(&str, u64)], pace: &Pace) -> Arc<Fleet> {
    let fleet = Fleet::new(Options::default());
    let limit = |&(meter, most): &(&str, u64)| {
        let limit = Limit { most: NonZeroU64::new(most).unwrap(), pace: pace.clone() };
        (Meter::of_name(meter).unwrap(), limit)
    };
    let limits: Limits = limits.iter().map(limit).collect();
    let spec = TargetSpec { key: Some("acme".to_owned()), ..TargetSpec::new("gpt", "gpt") };
    fleet.add(TargetSpec { limits: [(Domain::Key, limits)].into(), ..spec }).unwrap();
    fleet
}

fn name() -> String {
    format!("{:x}", rand::random::<u64>())
}

fn call(fleet: &Arc<Fleet>, tokens: u64) -> Result<(), Unavailable> {
    let estimate = Estimate { input: tokens, output: 0 };
    let wish = Wish { estimate, ..Wish::default() };
    fleet.lease(Moment::sample(), wish).map(drop)
}

#[tokio::test]
async fn fleets_of_a_name_spend_one_limit_and_no_call_is_refused_before_it_is_spent() {
    for pace in [Pace::default(), Pace::Sliding] {
        let name = name();
        let fleets: Vec<_> = (0..4).map(|_| fleet(&[("rpd", 100)], &pace)).collect();
        let join = |fleet| Membership::join(&name, fleet, &Handle::current());
        let _memberships: Vec<_> = fleets.iter().map(join).collect();
        let threads: Vec<_> = fleets
            .iter()
            .cloned()
            .zip([150, 30, 10, 10])
            .map(|(fleet, calls)| {
                thread::spawn(move || (0..calls).filter(|_| call(&fleet, 0).is_ok()).count())
            })
            .collect();
        let let_in: usize = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
        assert_eq!(let_in, 100, "{pace:?}");
    }
}

#[tokio::test]
async fn what_one_fleet_holds_and_does_not_use_is_another_s_to_spend() {
    let (name, handle) = (name(), Handle::current());
    let (first, second) =
        (fleet(&[("tpd", 100)], &Pace::default()), fleet(&[("tpd", 100)], &Pace::default()));
    let one = Membership::join(&name, &first, &handle);
    let _two = Membership::join(&name, &second, &handle);
    call(&first, 10).unwrap();
    call(&second, 90).unwrap();
    assert!(call(&first, 1).is_err());
    one.leave();
    let third = fleet(&[("tpd", 100)], &Pace::default());
    let _three = Membership::join(&name, &third, &handle);
    assert!(call(&third, 1).is_err());
}

#[tokio::test]
async fn a_rest_is_at_once_one_of_all_also_of_those_that_come_later() {
    let (name, handle) = (name(), Handle::current());
    let fleets = [(); 3].map(|()| fleet(&[], &Pace::default()));
    let _one = Membership::join(&name, &fleets[0], &handle);
    let _two = Membership::join(&name, &fleets[1], &handle);
    let mut lease = fleets[0].lease(Moment::sample(), Wish::default()).unwrap();
    lease.rest(Domain::Key, Duration::from_secs(30), Timestamp::now());
    let _three = Membership::join(&name, &fleets[2], &handle);
    for fleet in &fleets {
        let condition = fleet.report(Timestamp::now())[0].condition;
        assert!(matches!(condition, Condition::Resting { .. }), "{condition:?}");
    }
}

#[tokio::test]
async fn calls_that_wait_are_looked_after_and_nothing_runs_while_none_does() {
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let fleet = fleet(&[("rpm", 600)], &Pace::Sliding);
    let _membership = Membership::join(&name(), &fleet, &Handle::current());
    while call(&fleet, 0).is_ok() {}
    for _ in 0..2 {
        assert_eq!(tasks(), 0);
        let patience = Patience { until: Timestamp::now().after(KEPT), priority: 0 };
        let waiting = fleet.wait(Moment::sample(), Wish::default(), patience).unwrap();
        assert_eq!(tasks(), 1);
        drop(waiting.await.unwrap());
        while tasks() > 0 {
            sleep(LOOK).await;
        }
    }
}
