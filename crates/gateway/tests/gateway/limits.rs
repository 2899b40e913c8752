//! Limits of instances and models: kept to, moved away from, and told.

use super::support::{ask, chat, gateway, gateway_with, instance, metric, provider, request};

fn limited(text: &str, limits: &str) -> String {
    text.replace("models: [", &format!("limits: {{{limits}}}, models: ["))
}

#[tokio::test]
async fn what_is_over_a_limit_goes_elsewhere_and_then_is_told_when_to_come_back() {
    let (first, second) = (provider("{}").await, provider("{}").await);
    let instances = [
        limited(&instance("one", &first, &["m"]), "rpd: 2"),
        limited(&instance("two", &second, &["m"]), "rpd: 1"),
    ];
    let gateway = gateway(&instances).await;
    for target in ["one/m", "one/m", "two/m"] {
        let answer = ask(&gateway, &chat("m", "")).await;
        assert_eq!((answer.status, answer.header("x-mm-target")), (200, Some(target)));
    }
    let spent = ask(&gateway, &chat("m", "")).await;
    assert_eq!((spent.status, spent.at("/error/code")), (429, "at_capacity".into()), "{spent:?}");
    let seconds: u64 = spent.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=86_400).contains(&seconds), "{seconds}");
    let metrics = request(gateway.address(), "GET", "/metrics", &[], "").await;
    let labels = "gen_ai_provider_name=\"openai-compatible\",gen_ai_request_model=\"m\"";
    for (id, most) in [("one", 2), ("two", 1)] {
        let of = format!("{{target=\"{id}/m\",{labels},scope=\"key\",limit=\"rpd\"}}");
        for line in [
            format!("model_multiplexer_quota_limit{of} {most}"),
            format!("model_multiplexer_quota_left{of} 0"),
        ] {
            assert!(metrics.body.lines().any(|known| known == line), "{line} in {}", metrics.body);
        }
    }
}

#[tokio::test]
async fn tokens_are_settled_as_they_are_reported() {
    let simulator = provider("{}").await;
    let models = "models: [{name: m, limits: {tpd: 5000}}]";
    let text = instance("one", &simulator, &["m"]).replace("models: [m]", models);
    let gateway = gateway(&[text]).await;
    let answer = ask(&gateway, &chat("m", r#","max_tokens":4000"#)).await;
    let used = answer.at("/usage/total_tokens").as_u64().unwrap();
    let metrics = request(gateway.address(), "GET", "/metrics", &[], "").await;
    let left = metrics.body.lines().find(|line| line.starts_with("model_multiplexer_quota_left"));
    let left: u64 = left.unwrap().rsplit(' ').next().unwrap().parse().unwrap();
    assert_eq!(left, 5000 - used);
    // The answer that is asked for would not fit into what is left.
    let large = ask(&gateway, &chat("m", r#","max_tokens":5000"#)).await;
    assert_eq!(large.status, 429, "{large:?}");
}

#[tokio::test]
async fn forty_requests_at_once_send_no_more_than_the_limit() {
    let simulator = provider("{}").await;
    let text = limited(&instance("one", &simulator, &["m"]), "rpd: 20");
    let gateway = gateway(&[text]).await;
    let to = gateway.address();
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let path = "/v1/chat/completions";
        asking.spawn(async move { request(to, "POST", path, &[], &chat("m", "")).await.status });
    }
    let statuses = asking.join_all().await;
    let well = statuses.iter().filter(|status| **status == 200).count();
    let refused = statuses.iter().filter(|status| **status == 429).count();
    assert_eq!((well, refused), (20, 20));
}

#[tokio::test]
async fn requests_at_a_time_are_counted_for_all_who_share_an_account() {
    let simulator = provider(r#"{"defaults":{"latencyMs":2000}}"#).await;
    let shared = "account: team, shared_limits: {account: {concurrent: 1}}, models: [";
    let instances = [
        instance("one", &simulator, &["a"]).replace("models: [", shared),
        instance("two", &simulator, &["b"]).replace("models: [", "account: team, models: ["),
        instance("three", &simulator, &["c"]),
    ];
    let gateway = gateway(&instances).await;
    let to = gateway.address();
    let path = "/v1/chat/completions";
    let first = tokio::spawn(async move { request(to, "POST", path, &[], &chat("a", "")).await });
    while metric(&gateway, "model_multiplexer_target_in_flight{target=\"one/a\"").await != Some(1.0)
    {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let refused = ask(&gateway, &chat("b", "")).await;
    assert_eq!((refused.status, refused.at("/error/code")), (429, "at_capacity".into()));
    assert_eq!(ask(&gateway, &chat("c", "")).await.status, 200);
    assert_eq!(first.await.unwrap().status, 200);
    assert_eq!(ask(&gateway, &chat("b", "")).await.status, 200);
}

#[tokio::test]
async fn of_several_the_one_with_the_most_left_is_asked() {
    let simulator = provider("{}").await;
    let instances = [
        limited(&instance("one", &simulator, &["m"]), "rpd: 10"),
        limited(&instance("two", &simulator, &["m"]), "rpd: 20"),
    ];
    let gateway = gateway_with(&instances, "routing: {default_strategy: least-used}").await;
    let mut targets = Vec::new();
    for _ in 0..6 {
        let answer = ask(&gateway, &chat("m", "")).await;
        targets.push(answer.header("x-mm-target").unwrap().to_owned());
    }
    assert_eq!(targets.iter().filter(|target| *target == "two/m").count(), 4, "{targets:?}");
}
