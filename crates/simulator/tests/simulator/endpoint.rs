//! The endpoints, and what each requires.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::wire::{CHAT, STREAM, behaving, call, get, post, simulator};

#[tokio::test]
async fn chat_is_answered_under_every_base_path() {
    let simulator = behaving("{}").await;
    for base in ["", "/v1", "/openai/v1", "/api/v1"] {
        let answer = post(&simulator, &format!("{base}/chat/completions"), CHAT, &[]).await;
        assert_eq!((answer.status, &answer.json()["object"]), (200, &json!("chat.completion")));
    }
}

#[tokio::test]
async fn a_deployment_of_azure_is_the_model_and_answers_as_azure() {
    let simulator = simulator(r#"{"models":{"my-deployment":{"tokens":1}}}"#).await;
    let path = "/openai/deployments/my-deployment/chat/completions?api-version=2024-10-21";
    let body = r#"{"messages":[]}"#;
    let headers = [("authorization", ""), ("api-key", "azure-key")];
    let json = post(&simulator, path, body, &headers[1..]).await.json();
    assert_eq!(json["model"], "my-deployment");
    assert_eq!(json["usage"]["completion_tokens"], 1);
    assert_eq!(json["choices"][0]["content_filter_results"]["hate"]["severity"], "safe");
}

#[tokio::test]
async fn embeddings_are_the_same_in_floats_and_in_base64() {
    let simulator = behaving("{}").await;
    let ask = async |body: &str| post(&simulator, "/v1/embeddings", body, &[]).await.json();
    let floats = ask(r#"{"model":"e","input":["a","b"],"dimensions":4}"#).await;
    let base64 =
        ask(r#"{"model":"e","input":"a","dimensions":4,"encoding_format":"base64"}"#).await;
    assert_eq!(floats["data"].as_array().unwrap().len(), 2);
    assert_eq!((&floats["model"], &floats["object"]), (&json!("e"), &json!("list")));
    let bytes = STANDARD.decode(base64["data"][0]["embedding"].as_str().unwrap()).unwrap();
    let decoded: Vec<_> =
        bytes.chunks(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect();
    assert_eq!(floats["data"][0]["embedding"], json!(decoded));
    assert_ne!(floats["data"][0]["embedding"], floats["data"][1]["embedding"]);
    let full = ask(r#"{"model":"e","input":"a"}"#).await;
    assert_eq!(full["data"][0]["embedding"].as_array().unwrap().len(), 1536);
}

#[tokio::test]
async fn older_completions_are_text_in_json_and_in_a_stream() {
    let simulator = behaving(r#"{"tokens":2}"#).await;
    let body = r#"{"model":"m","prompt":"hi"}"#;
    let json = post(&simulator, "/v1/completions", body, &[]).await.json();
    assert_eq!(
        (&json["object"], &json["choices"][0]["text"]),
        (&json!("text_completion"), &json!("The model"))
    );
    let body = r#"{"model":"m","prompt":"hi","stream":true}"#;
    let answer = post(&simulator, "/v1/completions", body, &[]).await;
    let text: String = answer
        .events()
        .iter()
        .map(|event| event["choices"][0]["text"].as_str().unwrap().to_owned())
        .collect();
    assert!(text == "The model" && answer.is_done());
}

#[tokio::test]
async fn models_are_those_of_the_script_and_any_can_be_had() {
    let simulator = simulator(r#"{"models":{"b":{},"a":{}}}"#).await;
    let list = get(&simulator, "/v1/models").await.json();
    let ids: Vec<_> = list["data"].as_array().unwrap().iter().map(|model| &model["id"]).collect();
    assert_eq!(ids, ["a", "b"]);
    let one = get(&simulator, "/v1/models/meta%2Fllama").await.json();
    assert_eq!((&one["id"], &one["object"]), (&json!("meta/llama"), &json!("model")));
    let unscripted = get(&behaving("{}").await, "/v1/models").await.json();
    assert!(!unscripted["data"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn anything_else_is_not_found() {
    let simulator = behaving("{}").await;
    for (method, path) in
        [("POST", "/v1/answers"), ("GET", "/v1/chat/completions"), ("PUT", "/"), ("GET", "/v2")]
    {
        let answer = call(&simulator, method, path, "", &[]).await;
        let error = &answer.json()["error"];
        assert_eq!((answer.status, &error["type"]), (404, &json!("invalid_request_error")));
    }
}

#[tokio::test]
async fn a_request_without_a_key_is_not_authorized() {
    let answer = call(&behaving("{}").await, "POST", "/v1/chat/completions", CHAT, &[]).await;
    assert_eq!((answer.status, &answer.json()["error"]["param"]), (401, &json!(null)));
    assert!(answer.text().starts_with(r#"{"error":{"message":"You didn't provide an API key."#));
}

#[tokio::test]
async fn a_bad_body_is_refused() {
    let simulator = behaving("{}").await;
    for (body, param) in [
        ("not json", json!(null)),
        (r#"{"model":"m"}"#, json!("messages")),
        (r#"{"messages":[]}"#, json!("model")),
    ] {
        let answer = post(&simulator, "/v1/chat/completions", body, &[]).await;
        assert_eq!((answer.status, &answer.json()["error"]["param"]), (400, &param), "{body}");
    }
}

#[tokio::test]
async fn many_requests_share_one_connection() {
    use tokio::io::AsyncWriteExt;
    let simulator = behaving("{}").await;
    let mut socket = tokio::net::TcpStream::connect(("127.0.0.1", simulator.port())).await.unwrap();
    for body in [CHAT, STREAM, CHAT] {
        let headers = [("authorization", "Bearer k")];
        let request = crate::wire::request("POST", "/v1/chat/completions", body, &headers);
        socket.write_all(request.as_bytes()).await.unwrap();
        assert_eq!(crate::wire::read(&mut socket).await.status, 200);
    }
    let journal = get(&simulator, "/_simulator/journal").await.json();
    let connections: Vec<_> =
        journal.as_array().unwrap().iter().map(|entry| &entry["connection"]).collect();
    assert_eq!(connections, [1, 1, 1]);
}
