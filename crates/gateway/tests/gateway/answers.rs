//! What is answered: replies, streams, lists, and failures.

use super::support::{ask, chat, gateway, instance, limited, provider, request};

#[tokio::test]
async fn a_reply_is_the_providers_and_says_who_has_answered() {
    let simulator = provider("{}").await;
    let gateway = gateway(&[instance("one", &simulator, &["gpt-4o"])]).await;
    let answer = ask(&gateway, &chat("gpt-4o", "")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.at("/object"), "chat.completion");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("x-mm-target"), Some("one/gpt-4o"));
    assert_eq!(answer.header("x-mm-model"), Some("gpt-4o"));
    assert_eq!(answer.header("x-mm-attempts"), Some("1"));
}

#[tokio::test]
async fn a_stream_is_passed_on_to_its_end() {
    let simulator = provider(r#"{"defaults":{"tokens":5}}"#).await;
    let gateway = gateway(&[instance("one", &simulator, &["gpt-4o"])]).await;
    let answer = ask(&gateway, &chat("gpt-4o", r#","stream":true"#)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("text/event-stream; charset=utf-8"));
    assert_eq!(answer.header("cache-control"), Some("no-cache, no-transform"));
    assert_eq!(answer.header("x-accel-buffering"), Some("no"));
    assert!(answer.body.starts_with("data: {\""), "{}", answer.body);
    assert!(answer.body.ends_with("data: [DONE]\n\n"), "{}", answer.body);
}

#[tokio::test]
async fn who_is_limited_is_passed_over_and_rests() {
    let (limited, well) = (limited().await, provider("{}").await);
    let instances = [instance("one", &limited, &["gpt-4o"]), instance("two", &well, &["gpt-4o"])];
    let gateway = gateway(&instances).await;
    for (stream, attempts) in [("", "2"), (r#","stream":true"#, "1"), ("", "1")] {
        let answer = ask(&gateway, &chat("gpt-4o", stream)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.header("x-mm-target"), Some("two/gpt-4o"));
        assert_eq!(answer.header("x-mm-attempts"), Some(attempts));
    }
    let health = request(gateway.address(), "GET", "/health", &[], "").await;
    assert_eq!(health.at("/status"), "ok");
    assert_eq!(health.at("/providers/0/status"), "rate_limited");
    assert_eq!(health.at("/providers/0/errorCount"), 1);
    assert_eq!(health.at("/providers/1/status"), "active");
    assert_eq!(health.at("/activeCount"), 1);
}

#[tokio::test]
async fn when_all_are_limited_the_client_is_told_when_to_come_back() {
    let limited = limited().await;
    let gateway = gateway(&[instance("one", &limited, &["gpt-4o"])]).await;
    for stream in ["", r#","stream":true"#] {
        let answer = ask(&gateway, &chat("gpt-4o", stream)).await;
        assert_eq!(answer.status, 429);
        assert_eq!(answer.at("/error/code"), "rate_limit_exceeded");
        let attempts = if stream.is_empty() { "1" } else { "0" };
        assert_eq!(answer.header("x-mm-attempts"), Some(attempts));
        assert_eq!(answer.at("/error/message"), "All providers for model \"gpt-4o\" are exhausted");
        let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((50..=60).contains(&seconds), "{seconds}");
    }
}

#[tokio::test]
async fn a_stream_that_fails_before_its_first_token_fails_over_unseen() {
    let broken = provider(r#"{"defaults":{"fault":{"kind":"cut","afterTokens":0}}}"#).await;
    let well = provider(r#"{"defaults":{"tokens":3}}"#).await;
    let instances = [instance("one", &broken, &["gpt-4o"]), instance("two", &well, &["gpt-4o"])];
    let gateway = gateway(&instances).await;
    let answer = ask(&gateway, &chat("gpt-4o", r#","stream":true"#)).await;
    assert_eq!(answer.header("x-mm-target"), Some("two/gpt-4o"), "{answer:?}");
    assert!(answer.body.ends_with("data: [DONE]\n\n"));
}

#[tokio::test]
async fn a_stream_that_breaks_off_ends_with_an_error_and_not_as_if_it_were_done() {
    let broken = provider(r#"{"defaults":{"tokens":9,"fault":{"kind":"cut","afterTokens":3}}}"#);
    let broken = broken.await;
    let gateway = gateway(&[instance("one", &broken, &["gpt-4o"])]).await;
    let answer = ask(&gateway, &chat("gpt-4o", r#","stream":true"#)).await;
    assert_eq!(answer.status, 200);
    let last = answer.body.trim_end().rsplit("\n\n").next().unwrap();
    assert!(last.contains(r#""code":"stream_interrupted""#), "{}", answer.body);
    assert!(!answer.body.contains("[DONE]"));
}

#[tokio::test]
async fn models_are_listed_once_each_with_the_one_that_stands_for_all() {
    let simulator = provider("{}").await;
    let instances = [
        instance("one", &simulator, &["gpt-4o", "gpt-4o-mini"]),
        instance("two", &simulator, &["gpt-4o"]),
    ];
    let gateway = gateway(&instances).await;
    let list = request(gateway.address(), "GET", "/v1/models", &[], "").await;
    let ids: Vec<_> = (0..4).map(|n| list.at(&format!("/data/{n}/id"))).collect();
    assert_eq!(ids[..3], ["multirouter-auto", "gpt-4o", "gpt-4o-mini"]);
    assert!(ids[3].is_null());
    assert_eq!(list.at("/data/1/owned_by"), "openai-compatible");
    let one = request(gateway.address(), "GET", "/v1/models/gpt-4o", &[], "").await;
    assert_eq!(one.at("/id"), "gpt-4o");
    let none = request(gateway.address(), "GET", "/v1/models/nope", &[], "").await;
    assert_eq!((none.status, none.at("/error/code")), (404, "model_not_found".into()));
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_told_before_anybody_is_asked() {
    let simulator = provider("{}").await;
    let gateway = gateway(&[instance("one", &simulator, &["gpt-4o"])]).await;
    let table = [
        (chat("nope", ""), 404, "model_not_found"),
        ("{".to_owned(), 400, "invalid_json"),
        (r#"{"model":"gpt-4o"}"#.to_owned(), 400, "missing_required_parameter"),
        (r#"{"messages":[1]}"#.to_owned(), 400, "missing_required_parameter"),
        (chat("gpt-4o", r#","model":"x""#), 400, "duplicate_key"),
    ];
    for (body, status, code) in table {
        let answer = ask(&gateway, &body).await;
        assert_eq!((answer.status, answer.at("/error/code")), (status, code.into()), "{body}");
    }
}

#[tokio::test]
async fn requests_for_all_go_round_and_fail_over() {
    let (limited, well) = (limited().await, provider("{}").await);
    let instances = [
        instance("a", &well, &["m1", "m2"]),
        instance("b", &limited, &["m3"]),
        instance("c", &well, &["m4"]),
    ];
    let gateway = gateway(&instances).await;
    let mut targets = Vec::new();
    for _ in 0..4 {
        let answer = ask(&gateway, &chat("multirouter-auto", "")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        targets.push(answer.header("x-mm-target").unwrap().to_owned());
        assert_eq!(answer.at("/model"), answer.header("x-mm-model").unwrap());
    }
    assert_eq!(targets, ["a/m1", "c/m4", "a/m1", "c/m4"]);
}

#[tokio::test]
async fn a_response_that_breaks_off_ends_with_an_error_of_its_protocol() {
    let broken = provider(r#"{"defaults":{"tokens":9,"fault":{"kind":"cut","afterTokens":3}}}"#);
    let broken = broken.await;
    let gateway = gateway(&[instance("one", &broken, &["m"])]).await;
    let body = r#"{"model":"m","input":"hi","stream":true}"#;
    let answer = request(gateway.address(), "POST", "/v1/responses", &[], body).await;
    let last = answer.body.trim_end().rsplit("\n\n").next().unwrap();
    let event = last.strip_prefix("event: error\ndata: ").unwrap_or_else(|| panic!("{last}"));
    let event: serde_json::Value = serde_json::from_str(event).unwrap();
    assert_eq!((&event["type"], &event["code"]), (&"error".into(), &"stream_interrupted".into()));
}
