//! The control endpoints: the journal, the counters, the replacement of the script.

use std::time::Duration;

use serde_json::{Value, json};

use crate::wire::{CHAT, STREAM, behaving, call, chat, get, post, simulator, stream};

async fn journal(simulator: &model_multiplexer_simulator::Simulator) -> Vec<Value> {
    let journal = call(simulator, "GET", "/_simulator/journal", "", &[]).await.json();
    journal.as_array().unwrap().clone()
}

#[tokio::test]
async fn the_journal_tells_all_about_a_request() {
    let simulator = behaving(r#"{"tokens":3}"#).await;
    post(&simulator, "/v1/chat/completions?a=b", STREAM, &[("x-mine", "1")]).await;
    let entry = &journal(&simulator).await[0];
    let expected = json!({
        "method": "POST", "path": "/v1/chat/completions?a=b", "httpVersion": "1.1",
        "connection": 1, "key": "sk-test", "model": "gpt-4.1-mini", "body": STREAM,
        "status": 200, "tokensSent": 3, "clientLeft": false, "finished": true,
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&entry[name], value, "{name}");
    }
    let names: Vec<_> = entry["headers"].as_array().unwrap().iter().map(|pair| &pair[0]).collect();
    assert_eq!(names, ["host", "authorization", "x-mine", "content-length"]);
    assert!(entry["time"].as_u64().unwrap() > 1_700_000_000_000);
}

#[tokio::test]
async fn the_journal_keeps_the_last_requests_and_can_be_cleared() {
    let simulator = simulator(r#"{"journal":2}"#).await;
    for model in ["a", "b", "c"] {
        let body = CHAT.replace("gpt-4.1-mini", model);
        post(&simulator, "/v1/chat/completions", &body, &[]).await;
    }
    let models: Vec<_> =
        journal(&simulator).await.iter().map(|entry| entry["model"].clone()).collect();
    assert_eq!(models, ["b", "c"]);
    assert_eq!(call(&simulator, "DELETE", "/_simulator/journal", "", &[]).await.status, 204);
    assert!(journal(&simulator).await.is_empty());
}

#[tokio::test]
async fn no_journal_is_kept_unless_asked_for() {
    let simulator = simulator("{}").await;
    chat(&simulator).await;
    assert!(journal(&simulator).await.is_empty());
}

#[tokio::test]
async fn a_refused_request_is_in_the_journal() {
    let simulator = behaving("{}").await;
    call(&simulator, "POST", "/v1/chat/completions", "nonsense", &[]).await;
    let entry = &journal(&simulator).await[0];
    assert_eq!((&entry["status"], &entry["body"]), (&json!(401), &json!("nonsense")));
    assert_eq!((&entry["key"], &entry["model"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn the_counters_count_what_is_open_and_what_was() {
    let simulator = behaving(r#"{"fault":{"kind":"stall"}}"#).await;
    let stats = async || call(&simulator, "GET", "/_simulator/stats", "", &[]).await.json();
    let (_, during) = tokio::join!(stream(&simulator), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        stats().await
    });
    assert_eq!(
        during,
        json!({ "connectionsOpen": 2, "connectionsTotal": 2, "requestsTotal": 1, "streamsOpen": 1 })
    );
    tokio::time::sleep(Duration::from_millis(200)).await;
    let after = stats().await;
    assert_eq!((&after["streamsOpen"], &after["connectionsOpen"]), (&json!(0), &json!(1)));
}

#[tokio::test]
async fn a_new_script_replaces_the_old_one_and_forgets_its_counts() {
    let simulator = simulator(r#"{"defaults":{"limits":{"rpm":1}}}"#).await;
    chat(&simulator).await;
    assert_eq!(chat(&simulator).await.status, 429);
    let script = r#"{"defaults":{"limits":{"rpm":1}},"keys":{"sk-b":{"fault":{"kind":"noContent","first":1}}}}"#;
    let replace = async || {
        let answer = call(&simulator, "PUT", "/_simulator/script", script, &[]).await;
        assert_eq!(answer.status, 204);
    };
    let other = async || {
        let headers = [("authorization", "Bearer sk-b")];
        post(&simulator, "/v1/chat/completions", CHAT, &headers).await.status
    };
    for _ in 0..2 {
        replace().await;
        assert_eq!((chat(&simulator).await.status, chat(&simulator).await.status), (200, 429));
        assert_eq!(other().await, 204);
    }
}

#[tokio::test]
async fn a_wrong_script_is_refused_and_changes_nothing() {
    let simulator = behaving(r#"{"tokens":2}"#).await;
    let wrong = r#"{"keys":{"k":{"tokens":"many"}}}"#;
    let answer = call(&simulator, "PUT", "/_simulator/script", wrong, &[]).await;
    assert_eq!((answer.status, &answer.json()["error"]["param"]), (400, &json!("keys.k.tokens")));
    let json = chat(&simulator).await.json();
    assert_eq!(json["usage"]["completion_tokens"], 2);
}

#[tokio::test]
async fn control_needs_no_key_and_unknown_control_is_not_found() {
    let simulator = behaving("{}").await;
    assert_eq!(call(&simulator, "GET", "/_simulator/stats", "", &[]).await.status, 200);
    assert_eq!(get(&simulator, "/_simulator/other").await.status, 404);
}
