//! Limits hold across members, whatever happens to Redis.

use std::time::Duration;

use futures_util::future::join_all;
use model_multiplexer_core::state::redis::{Event, OnLoss};

use crate::member::{Member, until};
use crate::server::Server;

const PATIENCE: Duration = Duration::from_secs(8);
/// A limit whose window does not turn while a test runs, but for one hour in many.
const LIMIT: &[(&str, u64)] = &[("rpd", 100)];

#[tokio::test(flavor = "multi_thread")]
async fn four_members_with_skewed_load_send_exactly_what_there_is() {
    let server = Server::start();
    let members: Vec<_> = (0..4).map(|_| Member::join(&server, LIMIT)).collect();
    let load = [150, 30, 10, 10];
    let calls = members.iter().zip(load).map(|(member, count)| member.calls(count, PATIENCE));
    let let_in = join_all(calls).await;
    assert_eq!(let_in.iter().sum::<usize>(), 100, "{let_in:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_start_together_are_told_that_redis_is_there() {
    let server = Server::start();
    let members: Vec<_> = (0..8).map(|_| Member::join(&server, LIMIT)).collect();
    let is_told = |event: &Event| matches!(event, Event::Connected { again: false, .. });
    until("all are told", || members.iter().all(|member| member.has_told(is_told) == 1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_idle_member_holds_goes_to_one_that_needs_it() {
    let server = Server::start();
    let limit = &[("rpm", 100)];
    let idle = Member::join(&server, limit);
    idle.supplied().await;
    let busy = Member::join(&server, limit);
    assert_eq!(busy.calls(100, PATIENCE).await, 100);
    assert_eq!(idle.calls(1, Duration::from_millis(300)).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_granted_as_calls_need_them() {
    let server = Server::start();
    let limit = &[("tpd", 10_000), ("rpd", 1_000)];
    let members: Vec<_> = (0..3).map(|_| Member::join(&server, limit)).collect();
    let calls = members.iter().flat_map(|member| (0..5).map(|_| member.call(900, PATIENCE)));
    let let_in = join_all(calls).await.into_iter().filter(|let_in| *let_in).count();
    assert_eq!(let_in, 11);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_gives_back_what_is_unused() {
    let server = Server::start();
    let first = Member::join(&server, LIMIT);
    assert_eq!(first.calls(10, PATIENCE).await, 10);
    first.store.close().await;
    let second = Member::join(&server, LIMIT);
    assert_eq!(second.calls(100, PATIENCE).await, 90);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_only_what_is_in_hand_is_spent() {
    let mut server = Server::start();
    let member = Member::join(&server, LIMIT);
    member.supplied().await;
    server.kill();
    until("the loss is told", || member.has_told(|event| matches!(event, Event::Lost { .. })) == 1)
        .await;
    let let_in = member.calls(100, Duration::from_millis(500)).await;
    assert!((1..100).contains(&let_in), "{let_in}");
    server.run();
    let more = member.calls(100, PATIENCE).await;
    assert_eq!(let_in + more, 100);
    let lost = member.has_told(|event| matches!(event, Event::Lost { .. }));
    let back = member.has_told(|event| matches!(event, Event::Connected { again: true, .. }));
    assert_eq!((lost, back), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_that_comes_back_empty_grants_no_more_than_is_left() {
    let mut server = Server::start();
    let members: Vec<_> = (0..3).map(|_| Member::join(&server, LIMIT)).collect();
    let mut let_in = 0;
    for member in &members {
        let_in += member.calls(20, PATIENCE).await;
    }
    assert_eq!(let_in, 60);
    server.kill();
    server.wipe();
    server.run();
    let newcomer = Member::join(&server, LIMIT);
    let all = members.iter().chain([&newcomer]);
    let more = join_all(all.map(|member| member.calls(40, PATIENCE))).await;
    assert_eq!(more.iter().sum::<usize>(), 40, "{more:?}");
    let reseeded = members[0].has_told(|event| matches!(event, Event::Reseeded { .. }));
    assert_eq!(reseeded, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_that_comes_back_with_its_data_goes_on_where_it_was() {
    let mut server = Server::start();
    let members: Vec<_> = (0..2).map(|_| Member::join(&server, LIMIT)).collect();
    assert_eq!(members[0].calls(30, PATIENCE).await, 30);
    assert_eq!(members[1].calls(30, PATIENCE).await, 30);
    server.kill();
    server.run();
    let more = join_all(members.iter().map(|member| member.calls(60, PATIENCE))).await;
    assert_eq!(more.iter().sum::<usize>(), 40, "{more:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_that_is_flushed_grants_no_more_than_is_left() {
    let server = Server::start();
    let members: Vec<_> = (0..2).map(|_| Member::join(&server, LIMIT)).collect();
    assert_eq!(members[0].calls(30, PATIENCE).await, 30);
    assert_eq!(members[1].calls(30, PATIENCE).await, 30);
    server.command(&["FLUSHALL"]);
    let more = join_all(members.iter().map(|member| member.calls(60, PATIENCE))).await;
    assert_eq!(more.iter().sum::<usize>(), 40, "{more:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_that_is_flushed_grants_a_newcomer_no_more_than_is_left() {
    let server = Server::start();
    let members: Vec<_> = (0..2).map(|_| Member::join(&server, LIMIT)).collect();
    for member in &members {
        assert_eq!(member.calls(30, PATIENCE).await, 30);
    }
    // Data that is missing is as suspicious of a server that has been up for long.
    tokio::time::sleep(Duration::from_secs(4)).await;
    server.command(&["FLUSHALL"]);
    let newcomer = Member::join(&server, LIMIT);
    assert!(newcomer.calls(100, PATIENCE).await <= 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_that_comes_back_with_older_data_waits_for_those_that_may_know_more() {
    let mut server = Server::start();
    let member = Member::join(&server, LIMIT);
    assert_eq!(member.calls(5, PATIENCE).await, 5);
    server.keep();
    assert_eq!(member.calls(85, PATIENCE).await, 85);
    server.kill();
    // It does not come back: only the older data tells that it was there, long before.
    drop(member);
    tokio::time::sleep(Duration::from_secs(6)).await;
    server.go_back();
    server.run();
    let newcomer = Member::join(&server, LIMIT);
    assert_eq!(newcomer.calls(100, Duration::from_secs(4)).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_is_spent_without_redis_where_that_is_asked_for() {
    let mut server = Server::start();
    let join = || Member::join_with(&server, LIMIT, OnLoss::Share);
    let members = [join(), join()];
    // Both have seen each other once both have been heard of.
    for member in &members {
        assert_eq!(member.calls(5, PATIENCE).await, 5);
    }
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    server.kill();
    let alone = join_all(members.iter().map(|member| member.calls(80, PATIENCE))).await;
    // Each its half, the ten before included.
    assert_eq!(alone, [45, 45]);
    server.run();
    let more = join_all(members.iter().map(|member| member.calls(10, PATIENCE))).await;
    assert_eq!(more, [0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_share_is_spent_while_redis_is_there_though_it_has_lost_its_data() {
    let server = Server::start();
    let join = || Member::join_with(&server, LIMIT, OnLoss::Share);
    let (modest, busy) = (join(), join());
    let mut let_in = modest.calls(10, PATIENCE).await;
    let_in += busy.calls(90, PATIENCE).await;
    server.command(&["FLUSHALL"]);
    // The one has had less than its half, the other more.
    let_in += modest.calls(60, PATIENCE).await;
    let_in += busy.calls(60, PATIENCE).await;
    assert!(let_in <= 100, "{let_in}");
}
