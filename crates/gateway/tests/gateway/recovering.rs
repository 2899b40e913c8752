//! A stream that breaks off, and another target that goes on with it.

use std::time::Duration;

use model_multiplexer_gateway::Gateway;
use model_multiplexer_simulator::Simulator;

use super::support::{
    Answer, ask, asked_of, attempts, chat, chunks, gateway_with, instance, metric, pair, provider,
    request,
};

const TEXT: &str = "one two three four five six seven eight";
const RECOVER: &str = "routing: {mid_stream: recover, timeouts: {stall_ms: 1000}}";
const STREAM: &str = r#","stream":true"#;

/// A simulator that says the text, with this behaviour besides.
async fn says(text: &str, more: &str) -> Simulator {
    provider(&format!(r#"{{"journal":10,"defaults":{{"text":"{text}"{more}}}}}"#)).await
}

async fn cut() -> Simulator {
    says(TEXT, r#","fault":{"kind":"cut","afterTokens":5}"#).await
}

/// Asks by this header.
async fn ask_by(gateway: &Gateway, header: &str, body: &str) -> Answer {
    request(gateway.address(), "POST", "/v1/chat/completions", &[header], body).await
}

/// The text of a stream's chunks.
fn said(answer: &Answer) -> String {
    let chunks = chunks(&answer.body);
    let content =
        chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str());
    content.collect()
}

fn is_broken_off(answer: &Answer) -> bool {
    let last = answer.body.trim_end().rsplit("\n\n").next().unwrap();
    last.contains(r#""code":"stream_interrupted""#) && !answer.body.contains("[DONE]")
}

#[tokio::test]
async fn another_that_says_the_same_goes_on_whatever_broke_it_off() {
    for (fault, outcome) in [
        ("cut", "truncated"),
        ("stall", "truncated"),
        ("errorEvent", "unavailable"),
        ("malformedEvent", "truncated"),
    ] {
        let first = says(TEXT, &format!(r#","fault":{{"kind":"{fault}","afterTokens":5}}"#)).await;
        let second = says(TEXT, "").await;
        let instances = [instance("one", &first, &["m"]), instance("two", &second, &["m"])];
        let gateway = gateway_with(&instances, RECOVER).await;
        let answer = ask(&gateway, &chat("m", STREAM)).await;
        assert_eq!(said(&answer), TEXT, "{fault}: {}", answer.body);
        assert!(answer.body.ends_with("data: [DONE]\n\n"), "{fault}: {}", answer.body);
        let chunks = chunks(&answer.body);
        assert!(chunks.iter().all(|chunk| chunk["id"] == chunks[0]["id"]), "{}", answer.body);
        let roles = chunks.iter().filter(|chunk| !chunk["choices"][0]["delta"]["role"].is_null());
        assert_eq!(roles.count(), 1, "{}", answer.body);
        let attempts = attempts(&gateway, &answer).await;
        assert_eq!(attempts, [pair("one/m", outcome), pair("two/m", "success")], "{fault}");
        let recovered = "model_multiplexer_recoveries_total{outcome=\"recovered\"}";
        assert_eq!(metric(&gateway, recovered).await, Some(1.0));
        for target in ["one", "two"] {
            let flying = format!("model_multiplexer_target_in_flight{{target=\"{target}/m\"");
            assert_eq!(metric(&gateway, &flying).await, Some(0.0));
        }
    }
}

#[tokio::test]
async fn who_takes_the_beginning_of_an_answer_is_handed_it() {
    let second = says(TEXT, r#","prefill":"vllm""#).await;
    let by_file = instance("two", &second, &["m"])
        .replace("models:", "prefill: continue_final_message, models:");
    let by_type = instance("two", &second, &["m"]).replace("openai-compatible", "vllm");
    for two in [by_file, by_type] {
        let first = cut().await;
        let gateway = gateway_with(&[instance("one", &first, &["m"]), two], RECOVER).await;
        let answer = ask(&gateway, &chat("m", STREAM)).await;
        assert_eq!(said(&answer), TEXT, "{}", answer.body);
        let asked = asked_of(&second).await.pop().unwrap();
        assert_eq!(asked["continue_final_message"], true, "{asked}");
        assert_eq!(asked["messages"][1]["content"], "one two three four five");
        assert_eq!(asked["model"], "m");
    }
    let none = instance("two", &second, &["m"])
        .replace("openai-compatible", "vllm")
        .replace("models: [m]", "models: [{name: m, prefill: none}]");
    let first = cut().await;
    let gateway = gateway_with(&[instance("one", &first, &["m"]), none], RECOVER).await;
    assert_eq!(said(&ask(&gateway, &chat("m", STREAM)).await), TEXT);
    let asked = asked_of(&second).await.pop().unwrap();
    assert_eq!(asked["messages"].as_array().unwrap().len(), 1, "{asked}");
}

#[tokio::test]
async fn an_answer_that_is_another_one_is_not_passed_on() {
    let (first, second) = (cut().await, says("one two and so on", "").await);
    let instances = [instance("one", &first, &["m"]), instance("two", &second, &["m"])];
    let gateway = gateway_with(&instances, RECOVER).await;
    let answer = ask(&gateway, &chat("m", STREAM)).await;
    assert!(is_broken_off(&answer), "{}", answer.body);
    assert_eq!(said(&answer).trim_end(), "one two three four five");
    let attempts = attempts(&gateway, &answer).await;
    assert_eq!(attempts[1], pair("two/m", "diverged"));
    let failed = "model_multiplexer_recoveries_total{outcome=\"failed\"}";
    assert_eq!(metric(&gateway, failed).await, Some(1.0));
}

#[tokio::test]
async fn a_stream_goes_on_as_often_as_there_are_targets() {
    let limited = r#"{"defaults":{"fault":{"kind":"status","status":429}}}"#;
    let simulators = [
        says(TEXT, r#","fault":{"kind":"cut","afterTokens":2}"#).await,
        provider(limited).await,
        cut().await,
        says(TEXT, "").await,
    ];
    let ids = ["one", "limited", "two", "three"];
    let instances: Vec<_> =
        ids.iter().zip(&simulators).map(|(id, at)| instance(id, at, &["m"])).collect();
    let gateway = gateway_with(&instances, RECOVER).await;
    let answer = ask(&gateway, &chat("m", STREAM)).await;
    assert_eq!(said(&answer), TEXT, "{}", answer.body);
    let attempts = attempts(&gateway, &answer).await;
    let targets: Vec<_> = attempts.iter().map(|(target, _)| target.as_str()).collect();
    assert_eq!(targets, ["one/m", "limited/m", "two/m", "three/m"]);
    assert_eq!(attempts[1].1, "rate_limited");
    assert_eq!(attempts[3].1, "success");
}

#[tokio::test]
async fn where_nobody_is_left_the_stream_is_broken_off() {
    let (first, second) = (cut().await, cut().await);
    let instances = [instance("one", &first, &["m"]), instance("two", &second, &["m"])];
    for instances in [&instances[..1], &instances[..]] {
        let gateway = gateway_with(instances, RECOVER).await;
        let answer = ask(&gateway, &chat("m", STREAM)).await;
        assert!(is_broken_off(&answer), "{}", answer.body);
        assert_eq!(said(&answer).trim_end(), "one two three four five");
        assert_eq!(metric(&gateway, "model_multiplexer_retained_bytes").await, Some(0.0));
    }
}

#[tokio::test]
async fn a_request_says_for_itself_whether_others_go_on() {
    let (first, second) = (cut().await, says(TEXT, "").await);
    let instances = [instance("one", &first, &["m"]), instance("two", &second, &["m"])];
    let calm = "\n  cooldown: {default_ms: 1, min_ms: 1, max_ms: 1}";
    for (routing, header, goes_on) in [
        ("", "x-mm-mid-stream: recover", true),
        ("", "x-mm-mid-stream: error", false),
        ("\n  mid_stream: recover", "x-mm-mid-stream: error", false),
        ("\n  mid_stream: recover", "x-mm-session: s", true),
        ("\n  policy: compat", "x-mm-mid-stream: recover", false),
    ] {
        let gateway = gateway_with(&instances, &format!("routing:{calm}{routing}")).await;
        let answer = ask_by(&gateway, header, &chat("m", STREAM)).await;
        assert_eq!(!is_broken_off(&answer), goes_on, "{routing} {header}: {}", answer.body);
    }
    let gateway = gateway_with(&instances, "").await;
    let answer = ask_by(&gateway, "x-mm-mid-stream: resume", &chat("m", STREAM)).await;
    assert_eq!((answer.status, answer.at("/error/code")), (400, "invalid_header".into()));
}

#[tokio::test]
async fn what_cannot_be_pieced_together_is_not_gone_on_with() {
    let (first, second) = (cut().await, says(TEXT, "").await);
    let instances = [instance("one", &first, &["m"]), instance("two", &second, &["m"])];
    for more in [r#","n":2"#, r#","logprobs":true"#, r#","store":true"#] {
        let gateway = gateway_with(&instances, RECOVER).await;
        let answer = ask(&gateway, &chat("m", &format!("{STREAM}{more}"))).await;
        assert!(is_broken_off(&answer), "{more}: {}", answer.body);
    }
    assert_eq!(asked_of(&second).await.len(), 0);
}

#[tokio::test]
async fn a_tool_call_is_never_half_given() {
    let call = r#","toolCalls":1,"fault":{"kind":"cut","afterTokens":2}"#;
    let (first, second) = (says(TEXT, call).await, says(TEXT, r#","toolCalls":1"#).await);
    let instances = [instance("one", &first, &["m"]), instance("two", &second, &["m"])];
    let gateway = gateway_with(&instances, RECOVER).await;
    let tools = r#","tools":[{"type":"function","function":{"name":"get_weather"}}]"#;
    let answer = ask(&gateway, &chat("m", &format!("{STREAM}{tools}"))).await;
    let pieces = chunks(&answer.body).into_iter().filter_map(|chunk| {
        let piece = &chunk["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"];
        piece.as_str().map(str::to_owned)
    });
    let arguments: String = pieces.collect();
    assert!(serde_json::from_str::<serde_json::Value>(&arguments).is_ok(), "{}", answer.body);
    assert!(answer.body.ends_with("data: [DONE]\n\n"), "{}", answer.body);
}

#[tokio::test]
async fn a_body_is_kept_only_as_long_as_somebody_may_go_on() {
    let slow = says(TEXT, r#","tokenIntervalMs":250"#).await;
    for (mid_stream, is_kept) in [("error", false), ("recover", true)] {
        let routing = format!("routing: {{mid_stream: {mid_stream}}}");
        let gateway = gateway_with(&[instance("one", &slow, &["m"])], &routing).await;
        let to = gateway.address();
        let path = "/v1/chat/completions";
        let asking =
            tokio::spawn(async move { request(to, "POST", path, &[], &chat("m", STREAM)).await });
        let flying = "model_multiplexer_target_in_flight";
        while metric(&gateway, flying).await != Some(1.0) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        tokio::time::sleep(Duration::from_millis(400)).await;
        let kept = metric(&gateway, "model_multiplexer_retained_bytes").await.unwrap();
        assert_eq!(kept > 0.0, is_kept, "{mid_stream}: {kept}");
        assert_eq!(said(&asking.await.unwrap()), TEXT);
        assert_eq!(metric(&gateway, "model_multiplexer_retained_bytes").await, Some(0.0));
    }
}

#[tokio::test]
async fn the_models_name_that_was_asked_for_stays_in_every_chunk() {
    let (first, second) = (cut().await, says(TEXT, "").await);
    let renamed = |text: String, name: &str| {
        text.replace("models: [m]", &format!("models: [{{name: m, model_name: {name}}}]"))
    };
    let instances = [
        renamed(instance("one", &first, &["m"]), "first"),
        renamed(instance("two", &second, &["m"]), "second"),
    ];
    for (response_model, names) in [("upstream", ["first", "second"]), ("requested", ["m", "m"])] {
        let routing = format!("routing: {{mid_stream: recover, response_model: {response_model}}}");
        let gateway = gateway_with(&instances, &routing).await;
        let answer = ask(&gateway, &chat("m", STREAM)).await;
        let chunks = chunks(&answer.body);
        let last = chunks.last().unwrap();
        assert_eq!([&chunks[0]["model"], &last["model"]], names, "{}", answer.body);
    }
}
