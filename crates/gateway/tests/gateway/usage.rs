//! The usage of streams where tokens are counted.

use super::support::{
    Answer, ask, asked_of, chat, chunks, gateway_with, instance, metric, provider, request,
};

const STREAM: &str = r#","stream":true"#;
const ASKED: &str = r#","stream":true,"stream_options":{"include_usage":true}"#;
/// A simulator with a journal.
const JOURNAL: &str = r#"{"journal":20,"defaults":{"tokens":5}}"#;

fn limited(text: &str) -> String {
    text.replace("models: [m]", "models: [{name: m, limits: {tpd: 5000}}]")
}

fn has_usage(answer: &Answer) -> bool {
    answer.body.contains("\"usage\"")
}

#[tokio::test]
async fn it_is_asked_for_and_taken_out_again_where_tokens_of_a_target_are_limited() {
    let simulator = provider(JOURNAL).await;
    let gateway = gateway_with(&[limited(&instance("one", &simulator, &["m"]))], "").await;
    let answer = ask(&gateway, &chat("m", STREAM)).await;
    assert!(!has_usage(&answer), "{}", answer.body);
    assert!(answer.body.ends_with("data: [DONE]\n\n"));
    let asked = asked_of(&simulator).await.pop().unwrap();
    assert_eq!(asked["stream_options"]["include_usage"], true);
    let left = metric(&gateway, "model_multiplexer_quota_remaining").await.unwrap();
    let answer = ask(&gateway, &chat("m", ASKED)).await;
    let chunks = chunks(&answer.body);
    let used = chunks.last().unwrap()["usage"]["total_tokens"].as_f64().unwrap();
    assert!((left - (5000.0 - used)).abs() < 0.5, "{left} {used}");
    let (bytes, plain) = (answer.body, {
        let gateway = gateway_with(&[instance("one", &simulator, &["m"])], "").await;
        ask(&gateway, &chat("m", ASKED)).await.body
    });
    assert_eq!(bytes.matches("\"usage\"").count(), plain.matches("\"usage\"").count());
}

#[tokio::test]
async fn it_is_not_where_nobody_counts_or_nothing_may_be_altered() {
    let simulator = provider(JOURNAL).await;
    let limited = limited(&instance("one", &simulator, &["m"]));
    let compat = "routing: {policy: compat}";
    for (instance, more) in [(instance("one", &simulator, &["m"]), ""), (limited, compat)] {
        let gateway = gateway_with(&[instance], more).await;
        assert!(!has_usage(&ask(&gateway, &chat("m", STREAM)).await));
        let asked = asked_of(&simulator).await.pop().unwrap();
        assert!(asked["stream_options"].is_null(), "{asked}");
    }
}

#[tokio::test]
async fn it_is_where_a_clients_tokens_or_money_are_counted() {
    let simulator = provider(JOURNAL).await;
    for (limit, counts) in [("tpm: 100000", true), ("budget: {usd: 5}", true), ("rpm: 9", false)] {
        let key = "a-key-that-nobody-guesses-0123456789";
        let clients = format!("clients: [{{name: alice, keys: [{{key: {key}}}], {limit}}}]");
        let gateway = gateway_with(&[instance("one", &simulator, &["m"])], &clients).await;
        let header = format!("authorization: Bearer {key}");
        let body = chat("m", STREAM);
        let answer =
            request(gateway.address(), "POST", "/v1/chat/completions", &[&header], &body).await;
        assert!(!has_usage(&answer), "{answer:?}");
        let asked = asked_of(&simulator).await.pop().unwrap();
        assert_eq!(asked["stream_options"]["include_usage"] == true, counts, "{limit}: {asked}");
    }
}

#[tokio::test]
async fn who_refuses_to_tell_it_is_asked_again_without_and_never_again_with() {
    let script = r#"{"journal":20,"defaults":{"tokens":5,"rejects":["stream_options"]}}"#;
    let simulator = provider(script).await;
    let gateway = gateway_with(&[limited(&instance("one", &simulator, &["m"]))], "").await;
    for _ in 0..2 {
        let answer = ask(&gateway, &chat("m", STREAM)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let asked = asked_of(&simulator).await;
    let with = asked.iter().map(|body| !body["stream_options"].is_null());
    assert_eq!(with.collect::<Vec<_>>(), [true, false, false]);
    // What the client asks for itself is its own mistake.
    assert_eq!(ask(&gateway, &chat("m", ASKED)).await.status, 400);
}

#[tokio::test]
async fn chunks_without_choices_that_tell_something_else_stay() {
    let script = r#"{"defaults":{"tokens":5,"shape":"azure"}}"#;
    let simulator = provider(script).await;
    let text = limited(&instance("one", &simulator, &["m"]));
    let gateway = gateway_with(&[text], "").await;
    let answer = ask(&gateway, &chat("m", STREAM)).await;
    assert!(answer.body.contains("prompt_filter_results"), "{}", answer.body);
    assert!(!has_usage(&answer), "{}", answer.body);
}
