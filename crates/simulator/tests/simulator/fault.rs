//! The faults: what each does to a stream, and to a JSON answer where that differs.

use std::time::Duration;

use serde_json::{Value, json};

use crate::wire::{Answer, End, behaving, call, chat, chat_with, get, post, stream, stream_with};

fn fault(fields: &str) -> String {
    format!(r#"{{"tokens":4,"fault":{{{fields}}}}}"#)
}

async fn journal(simulator: &model_multiplexer_simulator::Simulator) -> Value {
    get(simulator, "/_simulator/journal").await.json()
}

#[tokio::test]
async fn a_status_has_a_body_and_headers() {
    let plain = chat_with(&fault(r#""kind":"status","status":500"#)).await;
    assert_eq!((plain.status, &plain.json()["error"]["type"]), (500, &json!("server_error")));
    let text = chat_with(&fault(r#""kind":"status","status":502,"body":"bad gateway""#)).await;
    assert_eq!((text.status, text.text().as_str()), (502, "bad gateway"));
    let object = fault(r#""kind":"status","status":503,"body":{"a":1},"headers":{"x-b":"2"}"#);
    let object = chat_with(&object).await;
    assert_eq!((object.status, object.json()), (503, json!({ "a": 1 })));
    assert_eq!(object.header("x-b"), Some("2"));
}

#[tokio::test]
async fn a_reset_ends_the_connection_before_the_headers() {
    let simulator = behaving(&fault(r#""kind":"reset""#)).await;
    let answer = chat(&simulator).await;
    assert_eq!((answer.status, answer.end), (0, End::Reset));
    let entry = &journal(&simulator).await[0];
    assert_eq!((&entry["status"], &entry["clientLeft"]), (&Value::Null, &json!(false)));
}

#[tokio::test]
async fn no_answer_is_silence() {
    let answer = chat_with(&fault(r#""kind":"noAnswer""#)).await;
    assert_eq!((answer.status, answer.end), (0, End::Silence));
}

#[tokio::test]
async fn a_slow_first_token_comes_after_the_headers_of_a_stream_and_delays_json() {
    let behaviour = fault(r#""kind":"slowFirstToken","ms":300"#);
    let streamed = stream_with(&behaviour).await;
    assert!(streamed.head_after < Duration::from_millis(250), "{:?}", streamed.head_after);
    assert!(streamed.end_after >= Duration::from_millis(300), "{:?}", streamed.end_after);
    assert!(chat_with(&behaviour).await.head_after >= Duration::from_millis(300));
}

#[tokio::test]
async fn a_cut_closes_the_connection_after_its_tokens() {
    let behaviour = fault(r#""kind":"cut","afterTokens":2"#);
    let streamed = stream_with(&behaviour).await;
    assert_eq!((streamed.content().as_str(), &streamed.end), ("The model", &End::Closed));
    let whole = chat_with(&behaviour).await;
    assert_eq!((whole.status, &whole.end), (200, &End::Closed));
    let promised: usize = whole.header("content-length").unwrap().parse().unwrap();
    assert_eq!(whole.body().len(), promised / 2);
}

#[tokio::test]
async fn a_stall_keeps_the_connection_open_after_its_tokens() {
    let behaviour = fault(r#""kind":"stall","afterTokens":2"#);
    let streamed = stream_with(&behaviour).await;
    assert_eq!((streamed.content().as_str(), streamed.end), ("The model", End::Silence));
    let whole = chat_with(&behaviour).await;
    assert_eq!((whole.status, whole.end), (200, End::Silence));
}

fn data(answer: &Answer) -> Vec<String> {
    answer.text().lines().filter_map(|line| Some(line.strip_prefix("data: ")?.to_owned())).collect()
}

#[tokio::test]
async fn a_stream_goes_on_after_a_malformed_event() {
    let default = data(&stream_with(&fault(r#""kind":"malformedEvent","afterTokens":1"#)).await);
    assert!(serde_json::from_str::<Value>(&default[2]).is_err());
    let scripted = fault(r#""kind":"malformedEvent","afterTokens":1,"data":"{oops""#);
    let scripted = stream_with(&scripted).await;
    assert_eq!(data(&scripted)[2], "{oops");
    assert_eq!(data(&scripted).len(), 8);
    assert!(scripted.is_done() && scripted.end == End::Complete);
}

#[tokio::test]
async fn a_stream_ends_after_an_error_event() {
    let scripted =
        fault(r#""kind":"errorEvent","afterTokens":1,"error":{"code":502},"event":"error""#);
    let answer = stream_with(&scripted).await;
    assert_eq!(answer.events().last().unwrap(), &json!({ "error": { "code": 502 } }));
    assert!(answer.text().contains("event: error\ndata: {\"error\""));
    assert!(!answer.is_done() && answer.end == End::Complete);
    let default = fault(r#""kind":"errorEvent","afterTokens":1"#);
    let event = stream_with(&default).await.events().pop().unwrap();
    assert_eq!(event["error"]["type"], "server_error");
    let whole = chat_with(&scripted).await;
    assert_eq!((whole.status, whole.json()), (200, json!({ "error": { "code": 502 } })));
}

#[tokio::test]
async fn done_may_be_missing() {
    let answer = stream_with(&fault(r#""kind":"missingDone""#)).await;
    assert!(!answer.is_done() && answer.end == End::Complete);
    assert_eq!(answer.events().last().unwrap()["choices"][0]["finish_reason"], "stop");
}

#[tokio::test]
async fn the_finish_reason_may_be_missing() {
    let behaviour = fault(r#""kind":"missingFinishReason""#);
    let answer = stream_with(&behaviour).await;
    let reasons: Vec<_> =
        answer.events().iter().map(|event| event["choices"][0]["finish_reason"].clone()).collect();
    assert!(answer.is_done() && reasons.iter().all(Value::is_null));
    assert!(chat_with(&behaviour).await.json()["choices"][0]["finish_reason"].is_null());
}

#[tokio::test]
async fn a_body_may_be_empty() {
    let answer = chat_with(&fault(r#""kind":"emptyBody""#)).await;
    assert_eq!((answer.status, answer.body().len(), answer.end), (200, 0, End::Complete));
    assert_eq!(chat_with(&fault(r#""kind":"emptyBody","status":500"#)).await.status, 500);
}

#[tokio::test]
async fn a_body_may_be_html() {
    let answer = chat_with(&fault(r#""kind":"html","status":502"#)).await;
    assert_eq!(answer.status, 502);
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(answer.text().starts_with("<!DOCTYPE html>"));
}

#[tokio::test]
async fn a_body_may_claim_to_be_json_and_not_be() {
    let answer = chat_with(&fault(r#""kind":"invalidJson""#)).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    assert!(serde_json::from_str::<Value>(&answer.text()).is_err());
}

#[tokio::test]
async fn there_may_be_no_content() {
    let answer = chat_with(&fault(r#""kind":"noContent""#)).await;
    assert_eq!((answer.status, answer.body().len(), answer.end), (204, 0, End::Complete));
}

#[tokio::test]
async fn a_redirect_says_where_to() {
    let answer = chat_with(&fault(r#""kind":"redirect","location":"http://x/y""#)).await;
    assert_eq!((answer.status, answer.header("location")), (307, Some("http://x/y")));
    let other = fault(r#""kind":"redirect","status":302,"location":"/y""#);
    assert_eq!(chat_with(&other).await.status, 302);
}

async fn statuses(behaviour: &str, count: usize) -> Vec<u16> {
    let simulator = behaving(behaviour).await;
    let mut statuses = Vec::new();
    for _ in 0..count {
        statuses.push(chat(&simulator).await.status);
    }
    statuses
}

#[tokio::test]
async fn only_the_first_attempts_are_hit() {
    let behaviour = fault(r#""kind":"status","status":500,"first":2"#);
    assert_eq!(statuses(&behaviour, 4).await, [500, 500, 200, 200]);
}

#[tokio::test]
async fn a_script_of_faults_is_followed_attempt_by_attempt() {
    let behaviour = r#"{"faults":[{"kind":"status","status":500},null,{"kind":"noContent"}]}"#;
    assert_eq!(statuses(behaviour, 5).await, [500, 200, 204, 200, 200]);
}

#[tokio::test]
async fn a_fault_with_a_probability_hits_some() {
    let behaviour = fault(r#""kind":"status","status":500,"probability":0.5"#);
    let statuses = statuses(&behaviour, 60).await;
    let hit = statuses.iter().filter(|status| **status == 500).count();
    assert!((10..50).contains(&hit), "{hit}");
}

#[tokio::test]
async fn a_fault_hits_every_endpoint_of_the_provider() {
    let simulator = behaving(&fault(r#""kind":"status","status":503"#)).await;
    assert_eq!(get(&simulator, "/v1/models").await.status, 503);
    let body = r#"{"model":"m","input":"a"}"#;
    assert_eq!(post(&simulator, "/v1/embeddings", body, &[]).await.status, 503);
    assert_eq!(call(&simulator, "GET", "/_simulator/stats", "", &[]).await.status, 200);
}

#[tokio::test]
async fn a_client_that_leaves_is_noticed_at_once() {
    for kind in ["noAnswer", "stall"] {
        let simulator = behaving(&fault(&format!(r#""kind":"{kind}""#))).await;
        stream(&simulator).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        let entry = &journal(&simulator).await[0];
        assert_eq!((&entry["clientLeft"], &entry["finished"]), (&json!(true), &json!(false)));
    }
}
