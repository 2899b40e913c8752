//! A second target beside one that is late.

use std::time::{Duration, Instant};

use super::support::{
    ask, attempts, chat, gateway_with, instance, limited, pair, provider, request,
};

const HEDGE: &str = "routing: {hedge: {after_ms: 100, max_share: 1.0}}";

#[tokio::test]
async fn who_is_late_is_overtaken_by_another() {
    let (slow, fast) =
        (provider(r#"{"defaults":{"latencyMs":20000}}"#).await, provider("{}").await);
    let instances = [instance("one", &slow, &["m"]), instance("two", &fast, &["m"])];
    let gateway = gateway_with(&instances, HEDGE).await;
    for stream in ["", r#","stream":true"#] {
        let began = Instant::now();
        let answer = ask(&gateway, &chat("m", stream)).await;
        assert_eq!((answer.status, answer.header("x-mm-target")), (200, Some("two/m")));
        assert_eq!(answer.header("x-mm-attempts"), Some("2"));
        assert!(began.elapsed() < Duration::from_secs(15));
        let expected = [pair("one/m", "aborted"), pair("two/m", "success")];
        assert_eq!(attempts(&gateway, &answer).await, expected);
    }
    let metrics = request(gateway.address(), "GET", "/metrics", &[], "").await;
    let flying = "model_multiplexer_target_in_flight";
    let mut lines = metrics.body.lines().filter(|line| line.starts_with(flying));
    assert!(lines.all(|line| line.ends_with(" 0")), "{}", metrics.body);
}

#[tokio::test]
async fn a_second_attempt_that_fails_leaves_the_request_with_the_first() {
    let (slow, tired) = (provider(r#"{"defaults":{"latencyMs":600}}"#).await, limited().await);
    let instances = [instance("one", &slow, &["m"]), instance("two", &tired, &["m"])];
    let gateway = gateway_with(&instances, HEDGE).await;
    let answer = ask(&gateway, &chat("m", "")).await;
    assert_eq!((answer.status, answer.header("x-mm-target")), (200, Some("one/m")), "{answer:?}");
    let expected = [pair("one/m", "success"), pair("two/m", "rate_limited")];
    assert_eq!(attempts(&gateway, &answer).await, expected);
}

#[tokio::test]
async fn a_first_attempt_that_fails_waits_for_the_second() {
    let failing = r#"{"defaults":{"latencyMs":400,"fault":{"kind":"status","status":429}}}"#;
    let (failing, slow) =
        (provider(failing).await, provider(r#"{"defaults":{"latencyMs":1000}}"#).await);
    let instances = [instance("one", &failing, &["m"]), instance("two", &slow, &["m"])];
    let gateway = gateway_with(&instances, HEDGE).await;
    let answer = ask(&gateway, &chat("m", r#","stream":true"#)).await;
    assert_eq!((answer.status, answer.header("x-mm-target")), (200, Some("two/m")), "{answer:?}");
    let expected = [pair("one/m", "rate_limited"), pair("two/m", "success")];
    assert_eq!(attempts(&gateway, &answer).await, expected);
}

#[tokio::test]
async fn what_must_not_be_done_twice_is_not() {
    let (slow, fast) = (provider(r#"{"defaults":{"latencyMs":400}}"#).await, provider("{}").await);
    let instances = [instance("one", &slow, &["m"]), instance("two", &fast, &["m"])];
    let gateway = gateway_with(&instances, HEDGE).await;
    let answer = ask(&gateway, &chat("m", r#","store":true"#)).await;
    assert_eq!((answer.status, answer.header("x-mm-attempts")), (200, Some("1")), "{answer:?}");
}
