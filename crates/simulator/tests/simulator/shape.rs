//! The chunks and answers of each provider that is imitated.

use serde_json::{Value, json};

use crate::wire::{chat_with, stream_with};

fn members(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn openai_obfuscates_and_starts_with_a_role() {
    let answer = stream_with(r#"{"tokens":1}"#).await;
    let events = answer.events();
    assert_eq!(
        members(&events[0]),
        [
            "choices",
            "created",
            "id",
            "model",
            "obfuscation",
            "object",
            "service_tier",
            "system_fingerprint"
        ]
    );
    assert_eq!(events[0]["object"], "chat.completion.chunk");
    assert!(events[0]["id"].as_str().unwrap().starts_with("chatcmpl-"));
    assert_eq!(
        events[0]["choices"][0],
        json!({ "index": 0, "logprobs": null, "finish_reason": null,
                "delta": { "role": "assistant", "content": "", "refusal": null } })
    );
    let (middle, last) = (&events[1]["choices"][0], &events[2]["choices"][0]);
    assert_eq!(middle["delta"], json!({ "content": "The" }));
    assert_eq!((&last["delta"], &last["finish_reason"]), (&json!({}), &json!("stop")));
    assert_eq!(events.len(), 3);
}

#[tokio::test]
async fn azure_starts_without_choices_and_filters_content() {
    let events = stream_with(r#"{"tokens":1,"shape":"azure"}"#).await.events();
    assert_eq!(events[0]["choices"], json!([]));
    assert!(events[0]["prompt_filter_results"][0]["content_filter_results"].is_object());
    assert_eq!(events[2]["choices"][0]["delta"], json!({ "content": "The" }));
    assert_eq!(events[2]["choices"][0]["content_filter_results"]["hate"]["filtered"], false);
    assert!(events[2].get("obfuscation").is_none());
    let json = chat_with(r#"{"shape":"azure"}"#).await.json();
    assert!(json["prompt_filter_results"].is_array());
}

#[tokio::test]
async fn groq_has_its_own_id_and_usage_in_the_last_chunk() {
    let events = stream_with(r#"{"tokens":2,"shape":"groq","reasoning":1}"#).await.events();
    assert!(events[0]["x_groq"]["id"].as_str().unwrap().starts_with("req_"));
    assert_eq!(events[1]["choices"][0]["delta"]["reasoning"], "The");
    assert!(events[2].get("x_groq").is_none());
    let last = events.last().unwrap();
    assert_eq!(last["x_groq"]["usage"]["completion_tokens"], 3);
    assert!(last["x_groq"]["usage"]["total_time"].is_f64());
    let json = chat_with(r#"{"shape":"groq"}"#).await.json();
    assert!(json["x_groq"]["id"].is_string() && json["usage"]["queue_time"].is_f64());
}

#[tokio::test]
async fn openrouter_comments_while_it_waits_and_names_its_provider() {
    let answer = stream_with(r#"{"tokens":1,"shape":"openrouter"}"#).await;
    assert!(answer.text().starts_with(": OPENROUTER PROCESSING\n\n"));
    let events = answer.events();
    assert!(events[0]["id"].as_str().unwrap().starts_with("gen-"));
    assert_eq!(events[0]["provider"], "OpenAI");
    assert_eq!(events[2]["choices"][0]["native_finish_reason"], "stop");
    assert_eq!(events[3]["usage"]["completion_tokens"], 1);
    let json = chat_with(r#"{"shape":"openrouter"}"#).await.json();
    assert_eq!(json["choices"][0]["native_finish_reason"], "stop");
}

#[tokio::test]
async fn obfuscation_has_many_lengths() {
    let events = stream_with(r#"{"tokens":200}"#).await.events();
    let mut lengths: Vec<_> =
        events.iter().map(|event| event["obfuscation"].as_str().unwrap().len()).collect();
    lengths.sort_unstable();
    lengths.dedup();
    assert!(lengths.len() > 8, "{lengths:?}");
}

#[tokio::test]
async fn the_same_seed_makes_the_same_run() {
    let id = async |seed: u32| {
        let simulator = crate::wire::simulator(&format!(r#"{{"seed":{seed}}}"#)).await;
        crate::wire::chat(&simulator).await.json()["id"].clone()
    };
    assert_eq!(id(5).await, id(5).await);
    assert_ne!(id(5).await, id(6).await);
}
