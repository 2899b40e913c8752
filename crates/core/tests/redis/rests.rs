//! Rests reach the other members, and those that come later.

use std::time::Duration;

use model_multiplexer_core::clock::{Moment, Timestamp};
use model_multiplexer_core::fleet::{Condition, Wish};
use model_multiplexer_core::outcome::Domain;
use model_multiplexer_core::state::redis::{Event, OnLoss};

use crate::member::{Member, target, until};
use crate::proxy::Proxy;
use crate::server::Server;

fn rests(member: &Member) -> bool {
    let report = member.fleet.report(Timestamp::now());
    report.iter().all(|target| matches!(target.condition, Condition::Resting { .. }))
}

/// Lets the member's key rest, as a call of its finds it limited.
async fn limit_key(member: &Member) {
    member.supplied().await;
    let mut lease = member.fleet.lease(Moment::sample(), Wish::default()).unwrap();
    lease.rest(Domain::Key, Duration::from_secs(30), Timestamp::now());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rest_is_pushed_to_the_others_who_do_not_look_for_it() {
    let server = Server::start();
    let limits = &[("rpm", 1_000)];
    let members: Vec<_> = (0..3).map(|_| Member::join(&server, limits)).collect();
    for member in &members {
        member.supplied().await;
    }
    server.command(&["CONFIG", "RESETSTAT"]);
    limit_key(&members[0]).await;
    until("all rest", || members.iter().all(rests)).await;
    // Rests are looked up by this command alone, and only by who connects.
    assert!(server.ran("publish") > 0);
    assert_eq!(server.ran("zrangebyscore"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_joins_later_and_targets_that_are_added_later_rest_too() {
    let server = Server::start();
    let first = Member::join(&server, &[]);
    first.fleet.add(target("other", &[("rpm", 10)])).unwrap();
    limit_key(&first).await;
    until("it is told", || server.command(&["ZCARD", "{mm}:rests"]) == redis::Value::Int(1)).await;
    let second = Member::join(&server, &[]);
    until("the second rests", || rests(&second)).await;
    second.fleet.add(target("later", &[])).unwrap();
    assert!(rests(&second));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rest_that_is_found_while_redis_is_lost_is_told_when_it_is_back() {
    let mut server = Server::start();
    let limits = &[("rpm", 1_000)];
    let (first, second) = (Member::join(&server, limits), Member::join(&server, limits));
    first.supplied().await;
    second.supplied().await;
    server.kill();
    until("it is lost", || !first.store.is_connected()).await;
    limit_key(&first).await;
    assert!(!rests(&second));
    server.run();
    until("the second rests", || rests(&second)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_that_falls_silent_is_noticed_and_what_was_missed_is_read() {
    let server = Server::start();
    let proxy = Proxy::before(&server).await;
    let limits = &[("rpm", 1_000)];
    let deaf = Member::join_at(&proxy.url(), limits, OnLoss::Stop);
    let other = Member::join(&server, limits);
    deaf.supplied().await;
    proxy.silence();
    limit_key(&other).await;
    until("it rests", || rests(&deaf)).await;
    assert_eq!(deaf.has_told(|event| matches!(event, Event::Lost { .. })), 1);
}
