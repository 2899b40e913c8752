//! Limits and the headers that tell about them.

use std::time::Duration;

use crate::wire::{CHAT, behaving, chat, get, post, simulator};

#[tokio::test]
async fn a_request_over_the_limit_is_refused_as_openai_does() {
    let simulator = behaving(r#"{"limits":{"rpm":1}}"#).await;
    let taken = chat(&simulator).await;
    assert_eq!(taken.status, 200);
    assert_eq!(taken.header("x-ratelimit-limit-requests"), Some("1"));
    assert_eq!(taken.header("x-ratelimit-remaining-requests"), Some("0"));
    assert_eq!(taken.header("x-ratelimit-reset-requests"), Some("1m0s"));
    assert_eq!(taken.header("x-ratelimit-limit-tokens"), None);
    let refused = chat(&simulator).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("60")));
    assert!(refused.header("retry-after-ms").unwrap().parse::<u64>().unwrap() > 59_000);
    let error = &refused.json()["error"];
    assert_eq!(
        (&error["type"], &error["code"]),
        (&"requests".into(), &"rate_limit_exceeded".into())
    );
    let message = error["message"].as_str().unwrap();
    assert!(message.starts_with("Rate limit reached for gpt-4.1-mini"), "{message}");
}

#[tokio::test]
async fn tokens_over_the_limit_are_refused() {
    let simulator = behaving(r#"{"limits":{"tpm":30},"usage":{"total_tokens":20}}"#).await;
    assert_eq!(chat(&simulator).await.header("x-ratelimit-remaining-tokens"), Some("10"));
    let refused = chat(&simulator).await;
    assert_eq!((refused.status, &refused.json()["error"]["type"]), (429, &"tokens".into()));
}

#[tokio::test]
async fn a_window_is_as_long_as_scripted() {
    let simulator = behaving(r#"{"limits":{"rpm":1,"windowMs":150}}"#).await;
    assert_eq!(chat(&simulator).await.status, 200);
    assert_eq!(chat(&simulator).await.status, 429);
    tokio::time::sleep(Duration::from_millis(170)).await;
    assert_eq!(chat(&simulator).await.status, 200);
}

#[tokio::test]
async fn a_window_is_shared_by_its_scope() {
    // The key, the model, then what shares a window with key `sk-test` and `gpt-4.1-mini`.
    let other_model = CHAT.replace("gpt-4.1-mini", "other");
    let other_key = [("authorization", "Bearer other")];
    for (scope, model_shares, key_shares) in
        [("key", true, false), ("model", false, true), ("keyAndModel", false, false)]
    {
        let behaviour = format!(r#"{{"limits":{{"rpm":1,"scope":"{scope}"}}}}"#);
        let simulator = behaving(&behaviour).await;
        let status = |shares| if shares { 429 } else { 200 };
        assert_eq!(chat(&simulator).await.status, 200);
        let model = post(&simulator, "/v1/chat/completions", &other_model, &[]).await;
        assert_eq!(model.status, status(model_shares), "{scope}");
        let key = post(&simulator, "/v1/chat/completions", CHAT, &other_key).await;
        assert_eq!(key.status, status(key_shares), "{scope}");
    }
}

#[tokio::test]
async fn groq_tells_requests_per_day_and_when_to_try_again_in_seconds() {
    let simulator = behaving(r#"{"limits":{"rpm":1,"tpm":6000},"limitHeaders":"groq"}"#).await;
    let taken = chat(&simulator).await;
    assert_eq!(taken.header("x-ratelimit-limit-requests"), Some("1440"));
    assert_eq!(taken.header("x-ratelimit-remaining-requests"), Some("1439"));
    assert_eq!(taken.header("x-ratelimit-reset-requests"), Some("1m0s"));
    assert_eq!(taken.header("x-ratelimit-limit-tokens"), Some("6000"));
    let refused = chat(&simulator).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("60")));
    assert_eq!(refused.header("retry-after-ms"), None);
}

#[tokio::test]
async fn other_providers_tell_the_reset_as_a_time_or_in_seconds() {
    let told = async |style: &str| {
        let limits = format!(r#"{{"limits":{{"rpm":1,"tpm":6000}},"limitHeaders":"{style}"}}"#);
        let simulator = behaving(&limits).await;
        (chat(&simulator).await, chat(&simulator).await)
    };
    let (taken, refused) = told("anthropic").await;
    assert_eq!(taken.header("anthropic-ratelimit-requests-limit"), Some("1"));
    assert_eq!(taken.header("anthropic-ratelimit-requests-remaining"), Some("0"));
    let reset = taken.header("anthropic-ratelimit-tokens-reset").unwrap();
    assert!(reset.len() == 20 && reset.starts_with("20") && reset.ends_with('Z'), "{reset}");
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("60")));
    let (taken, refused) = told("cerebras").await;
    let reset = taken.header("x-ratelimit-reset-requests-minute").unwrap();
    assert!(reset.parse::<f64>().unwrap() <= 60.0, "{reset}");
    assert_eq!(refused.header("x-ratelimit-remaining-requests-minute"), Some("0"));
    assert_eq!((refused.status, refused.header("retry-after")), (429, None));
    let (taken, refused) = told("openrouter").await;
    assert_eq!(taken.header("x-ratelimit-limit"), None);
    assert_eq!(refused.header("x-ratelimit-limit"), Some("1"));
    assert_eq!(refused.header("x-ratelimit-reset").unwrap().len(), 13);
}

#[tokio::test]
async fn limits_can_be_kept_secret() {
    let simulator = behaving(r#"{"limits":{"rpm":1},"limitHeaders":"none"}"#).await;
    chat(&simulator).await;
    let refused = chat(&simulator).await;
    assert_eq!(refused.status, 429);
    let telling = |(name, _): &(String, String)| {
        name.starts_with("x-ratelimit") || name.starts_with("retry-after")
    };
    assert!(!refused.headers.iter().any(telling));
}

#[tokio::test]
async fn when_to_try_again_can_be_scripted() {
    let simulator = behaving(
        r#"{"fault":{"kind":"status","status":429},"retryAfter":"soon","retryAfterMs":1.5}"#,
    )
    .await;
    let refused = chat(&simulator).await;
    assert_eq!(refused.header("retry-after"), Some("soon"));
    assert_eq!(refused.header("retry-after-ms"), Some("1.5"));
}

#[tokio::test]
async fn a_key_has_its_limits_and_listing_models_costs_nothing() {
    let simulator = simulator(r#"{"keys":{"sk-test":{"limits":{"rpm":1}}}}"#).await;
    assert_eq!(get(&simulator, "/v1/models").await.status, 200);
    assert_eq!(chat(&simulator).await.status, 200);
    assert_eq!(chat(&simulator).await.status, 429);
    let other = [("authorization", "Bearer other")];
    for _ in 0..3 {
        assert_eq!(post(&simulator, "/v1/chat/completions", CHAT, &other).await.status, 200);
    }
}
