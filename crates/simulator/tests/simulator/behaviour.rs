//! The fields of a behaviour that shape a whole answer.

use std::io::Read;
use std::time::Duration;

use flate2::read::GzDecoder;
use serde_json::json;

use crate::wire::{CHAT, behaving, chat, chat_with, post, simulator, stream_with};

#[tokio::test]
async fn a_healthy_answer_has_sixteen_tokens_and_usage() {
    let answer = chat_with("{}").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    let json = answer.json();
    assert_eq!(json["choices"][0]["finish_reason"], "stop");
    assert_eq!(json["usage"]["completion_tokens"], 16);
    assert_eq!(json["model"], "gpt-4.1-mini");
}

#[tokio::test]
async fn tokens_and_text_decide_the_content() {
    let tokens = chat_with(r#"{"tokens":3}"#).await.json();
    assert_eq!(tokens["choices"][0]["message"]["content"], "The model answers");
    assert_eq!(tokens["usage"]["completion_tokens"], 3);
    let text = chat_with(r#"{"tokens":3,"text":"Say \"é\" twice, please"}"#).await.json();
    assert_eq!(text["choices"][0]["message"]["content"], "Say \"é\" twice, please");
    assert_eq!(text["usage"]["completion_tokens"], 4);
}

#[tokio::test]
async fn the_latency_comes_before_the_headers() {
    let answer = chat_with(r#"{"latencyMs":60}"#).await;
    assert!(answer.head_after >= Duration::from_millis(60), "{answer:?}");
}

#[tokio::test]
async fn tool_calls_take_their_names_from_the_tools_of_the_request() {
    let simulator = behaving(r#"{"toolCalls":3}"#).await;
    let body = r#"{"model":"m","messages":[],"tools":[
        {"type":"function","function":{"name":"first"}},
        {"type":"function","function":{"name":"second"}}]}"#;
    let json = post(&simulator, "/v1/chat/completions", body, &[]).await.json();
    let choice = &json["choices"][0];
    assert_eq!(choice["finish_reason"], "tool_calls");
    assert_eq!(choice["message"]["content"], json!(null));
    let calls = choice["message"]["tool_calls"].as_array().unwrap();
    let names: Vec<_> = calls.iter().map(|call| &call["function"]["name"]).collect();
    assert_eq!(names, ["first", "second", "first"]);
    assert_ne!(calls[0]["id"], calls[1]["id"]);
    let arguments = calls[0]["function"]["arguments"].as_str().unwrap();
    let arguments: serde_json::Value = serde_json::from_str(arguments).unwrap();
    assert_eq!(arguments, json!({ "location": "Paris", "unit": "celsius" }));
    let forced = chat(&simulator).await.json();
    let call = &forced["choices"][0]["message"]["tool_calls"][0];
    assert_eq!(call["function"]["name"], "get_weather");
}

#[tokio::test]
async fn so_many_choices_are_answered_as_asked() {
    let body = r#"{"model":"m","messages":[],"n":3}"#;
    let json = post(&behaving("{}").await, "/v1/chat/completions", body, &[]).await.json();
    assert_eq!(json["choices"].as_array().unwrap().len(), 3);
    assert_eq!(json["choices"][2]["index"], 2);
    assert_eq!(json["usage"]["completion_tokens"], 48);
}

#[tokio::test]
async fn reasoning_comes_with_the_message() {
    let json = chat_with(r#"{"reasoning":2}"#).await.json();
    assert_eq!(json["choices"][0]["message"]["reasoning_content"], "The model");
    assert_eq!(json["usage"]["completion_tokens_details"]["reasoning_tokens"], 2);
}

#[tokio::test]
async fn a_body_is_compressed_if_so_scripted() {
    let answer = chat_with(r#"{"gzip":true}"#).await;
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    let mut plain = String::new();
    GzDecoder::new(answer.body().as_slice()).read_to_string(&mut plain).unwrap();
    let json: serde_json::Value = serde_json::from_str(&plain).unwrap();
    assert_eq!(json["object"], "chat.completion");
}

#[tokio::test]
async fn the_content_type_can_be_another() {
    let answer = chat_with(r#"{"contentType":"text/plain"}"#).await;
    assert_eq!(answer.header("content-type"), Some("text/plain"));
    let answer = stream_with(r#"{"contentType":"application/json"}"#).await;
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn usage_can_be_left_out_or_be_anything() {
    assert!(chat_with(r#"{"usage":false}"#).await.json().get("usage").is_none());
    let json = chat_with(r#"{"usage":{"total_tokens":5,"x":1}}"#).await.json();
    assert_eq!(json["usage"], json!({ "total_tokens": 5, "x": 1 }));
}

#[tokio::test]
async fn the_finish_reason_can_be_another_or_none() {
    let json = chat_with(r#"{"finishReason":"length"}"#).await.json();
    assert_eq!(json["choices"][0]["finish_reason"], "length");
    let json = chat_with(r#"{"finishReason":null}"#).await.json();
    assert_eq!(json["choices"][0]["finish_reason"], json!(null));
}

#[tokio::test]
async fn headers_are_added_and_cover_others() {
    let answer = chat_with(r#"{"headers":{"x-a":"1","content-type":"text/x"}}"#).await;
    assert_eq!((answer.header("x-a"), answer.header("content-type")), (Some("1"), Some("text/x")));
}

#[tokio::test]
async fn the_request_id_counts_or_is_scripted_or_left_out() {
    let simulator = behaving("{}").await;
    assert_eq!(chat(&simulator).await.header("x-request-id"), Some("req_1"));
    assert_eq!(chat(&simulator).await.header("x-request-id"), Some("req_2"));
    let scripted = chat_with(r#"{"requestId":"mine"}"#).await;
    assert_eq!(scripted.header("x-request-id"), Some("mine"));
    assert_eq!(chat_with(r#"{"requestId":null}"#).await.header("x-request-id"), None);
}

#[tokio::test]
async fn a_body_is_padded_to_about_its_size() {
    let answer = chat_with(r#"{"bodyBytes":20000}"#).await;
    assert!((19_000..21_000).contains(&answer.body().len()), "{}", answer.body().len());
    assert_eq!(answer.json()["object"], "chat.completion");
}

#[tokio::test]
async fn the_header_covers_the_key_which_covers_the_model_which_covers_the_defaults() {
    let simulator = simulator(
        r#"{"defaults":{"tokens":1},"models":{"gpt-4.1-mini":{"tokens":2}},
            "keys":{"sk-three":{"tokens":3}}}"#,
    )
    .await;
    let other = r#"{"model":"other","messages":[]}"#;
    let key = ("authorization", "Bearer sk-three");
    let header = ("x-simulate", r#"{"tokens":4}"#);
    let table =
        [(other, vec![], 1), (CHAT, vec![], 2), (CHAT, vec![key], 3), (CHAT, vec![key, header], 4)];
    for (body, headers, expected) in table {
        let json = post(&simulator, "/v1/chat/completions", body, &headers).await.json();
        assert_eq!(json["usage"]["completion_tokens"], expected);
    }
}

#[tokio::test]
async fn a_header_that_is_no_behaviour_is_refused_by_the_name_of_its_field() {
    let simulator = behaving("{}").await;
    for (header, field) in
        [(r#"{"latncyMs":1}"#, "latncyMs"), (r#"{"limits":{"rpm":-1}}"#, "limits.rpm"), ("{", ".")]
    {
        let headers = [("x-simulate", header)];
        let answer = post(&simulator, "/v1/chat/completions", CHAT, &headers).await;
        assert_eq!((answer.status, &answer.json()["error"]["param"]), (400, &json!(field)));
    }
}
