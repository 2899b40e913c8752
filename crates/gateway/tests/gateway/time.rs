//! Streams that take their time, and requests that wait: on simulated time.

use super::support::{ask, chat, gateway, gateway_with, instance, provider, request};

#[tokio::test(start_paused = true)]
async fn while_nothing_comes_a_comment_comes_every_ten_seconds() {
    let simulator = provider(r#"{"defaults":{"tokens":2,"firstTokenMs":35000}}"#).await;
    let gateway = gateway(&[instance("one", &simulator, &["m"])]).await;
    let answer = ask(&gateway, &chat("m", r#","stream":true"#)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("x-mm-target"), None);
    let beginning = ": keep-alive\n\n: keep-alive\n\n";
    assert!(answer.body.starts_with(beginning), "{}", answer.body);
    assert_eq!(answer.body.matches(": keep-alive").count(), 2, "{}", answer.body);
    assert!(answer.body.ends_with("data: [DONE]\n\n"));
}

#[tokio::test(start_paused = true)]
async fn a_failure_after_a_comment_is_an_event_in_the_stream() {
    let fault = r#"{"kind":"status","status":500}"#;
    let script = format!(r#"{{"defaults":{{"latencyMs":15000,"fault":{fault}}}}}"#);
    let failing = provider(&script).await;
    let gateway = gateway(&[instance("one", &failing, &["m"])]).await;
    let answer = ask(&gateway, &chat("m", r#","stream":true"#)).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.starts_with(": keep-alive\n\n"), "{}", answer.body);
    assert!(answer.body.contains(r#"data: {"error":{"#), "{}", answer.body);
    assert!(!answer.body.contains("[DONE]"));
}

#[tokio::test(start_paused = true)]
async fn a_stream_of_forty_minutes_is_a_stream() {
    let simulator = provider(r#"{"defaults":{"tokens":80,"tokenIntervalMs":30000}}"#).await;
    let gateway = gateway(&[instance("one", &simulator, &["m"])]).await;
    let began = tokio::time::Instant::now();
    let answer = ask(&gateway, &chat("m", r#","stream":true"#)).await;
    assert!(began.elapsed().as_secs() >= 79 * 30);
    assert!(answer.body.ends_with("data: [DONE]\n\n"));
    assert!(answer.body.matches(": keep-alive").count() >= 79);
}

#[tokio::test]
async fn a_request_may_wait_for_a_target_and_says_how_long() {
    let fault = r#"[{"kind":"status","status":429}]"#;
    let script = format!(r#"{{"defaults":{{"faults":{fault},"retryAfterMs":300}}}}"#);
    let simulator = provider(&script).await;
    let gateway = gateway(&[instance("one", &simulator, &["m"])]).await;
    let to = gateway.address();
    let path = "/v1/chat/completions";
    let patient = request(to, "POST", path, &["x-mm-wait: 10000"], &chat("m", "")).await;
    assert_eq!(patient.status, 200, "{patient:?}");
    assert_eq!(patient.header("x-mm-attempts"), Some("2"));
}

#[tokio::test]
async fn a_request_is_not_answered_later_than_it_says() {
    let simulator = provider(r#"{"defaults":{"latencyMs":60000}}"#).await;
    let gateway = gateway_with(&[instance("one", &simulator, &["m"])], "").await;
    let to = gateway.address();
    let path = "/v1/chat/completions";
    let late = request(to, "POST", path, &["x-mm-deadline: 200"], &chat("m", "")).await;
    assert_eq!((late.status, late.at("/error/code")), (504, "timeout".into()));
}

#[tokio::test]
async fn aliases_fallbacks_and_required_tags_choose_the_target() {
    let simulator = provider("{}").await;
    let url = simulator.url();
    let more = format!(
        "  - {{id: eu, type: openai-compatible, base_url: \"{url}\", api_key: k, \
         models: [{{name: m, tags: {{region: eu}}}}]}}\n\
         aliases: {{fast: [n, m], both: {{models: [m, n], strategy: round-robin}}}}\n"
    );
    let gateway = gateway_with(
        &[instance("one", &simulator, &["m"]), instance("two", &simulator, &["n"])],
        &more,
    )
    .await;
    let to = gateway.address();
    let path = "/v1/chat/completions";
    let table: [(&str, &[&str], Option<&str>); 6] = [
        ("fast", &[], Some("two/n")),
        ("eu/m", &[], Some("eu/m")),
        ("one/m", &[], Some("one/m")),
        ("m", &[], Some("one/m")),
        ("m", &["x-mm-require: region=eu"], Some("eu/m")),
        ("m", &["x-mm-require: region=us"], None),
    ];
    for (model, headers, target) in table {
        let answer = request(to, "POST", path, headers, &chat(model, "")).await;
        assert_eq!(answer.header("x-mm-target"), target, "{model} {headers:?} {answer:?}");
    }
    let mut targets = Vec::new();
    for _ in 0..3 {
        let answer = ask(&gateway, &chat("both", "")).await;
        targets.push(answer.header("x-mm-target").unwrap().to_owned());
    }
    targets.sort();
    assert_eq!(targets, ["eu/m", "one/m", "two/n"]);
}
