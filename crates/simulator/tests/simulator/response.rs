//! The Responses API: its documents, its events, and what can be done with a response later.

use std::time::Duration;

use model_multiplexer_simulator::Simulator;
use serde_json::{Value, json};

use crate::wire::{Answer, End, behaving, call, post};

const PATH: &str = "/v1/responses";
const KEY: [(&str, &str); 1] = [("authorization", "Bearer sk-test")];

async fn make(simulator: &Simulator, extra: Value) -> Answer {
    let mut body = json!({ "model": "m", "input": "hi" });
    for (name, value) in extra.as_object().unwrap() {
        body[name] = value.clone();
    }
    post(simulator, PATH, &body.to_string(), &[]).await
}

async fn make_with(behaviour: &str, extra: Value) -> Answer {
    make(&behaving(behaviour).await, extra).await
}

/// The names of the events with their data; checks that both agree and that they are numbered.
fn events(answer: &Answer) -> Vec<(String, Value)> {
    let text = answer.text();
    let events: Vec<_> = text
        .split("\n\n")
        .filter(|event| !event.is_empty())
        .map(|event| {
            let (name, data) = event.split_once('\n').unwrap();
            let data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
            (name.strip_prefix("event: ").unwrap().to_owned(), data)
        })
        .collect();
    for (number, (name, data)) in events.iter().enumerate() {
        assert_eq!((&data["type"], &data["sequence_number"]), (&json!(name), &json!(number)));
    }
    events
}

fn names(answer: &Answer) -> Vec<String> {
    events(answer)
        .into_iter()
        .map(|(name, _)| name.strip_prefix("response.").unwrap_or(&name).to_owned())
        .collect()
}

#[tokio::test]
async fn a_response_has_its_output_usage_and_what_it_was_asked() {
    let extra = json!({ "instructions": "be brief", "metadata": { "a": "b" } });
    let body = make_with(r#"{"tokens":2}"#, extra).await.json();
    assert!(body["id"].as_str().unwrap().starts_with("resp_"));
    assert_eq!((&body["object"], &body["status"]), (&json!("response"), &json!("completed")));
    assert_eq!((&body["instructions"], &body["metadata"]["a"]), (&json!("be brief"), &json!("b")));
    assert_eq!((&body["tools"], &body["tool_choice"]), (&json!([]), &json!("auto")));
    let message = &body["output"][0];
    assert_eq!((&message["type"], &message["role"]), (&json!("message"), &json!("assistant")));
    assert_eq!(message["content"][0]["text"], "The model");
    assert_eq!(body["usage"]["output_tokens"], 2);
    assert_eq!(
        body["usage"]["total_tokens"].as_u64().unwrap(),
        body["usage"]["input_tokens"].as_u64().unwrap() + 2
    );
    let without = make_with(r#"{"usage":false}"#, json!({})).await.json();
    assert_eq!(without["usage"], Value::Null);
}

#[tokio::test]
async fn a_streamed_response_has_named_and_numbered_events() {
    let answer = make_with(r#"{"text":"one two"}"#, json!({ "stream": true })).await;
    assert_eq!(answer.header("content-type"), Some("text/event-stream; charset=utf-8"));
    assert_eq!(
        names(&answer),
        [
            "created",
            "in_progress",
            "output_item.added",
            "content_part.added",
            "output_text.delta",
            "output_text.delta",
            "output_text.done",
            "content_part.done",
            "output_item.done",
            "completed"
        ]
    );
    let events = events(&answer);
    let text: String = events.iter().filter_map(|(_, data)| data["delta"].as_str()).collect();
    let last = &events.last().unwrap().1["response"];
    assert_eq!((text.as_str(), &events[6].1["text"]), ("one two", &json!("one two")));
    assert_eq!(last["output"][0]["content"][0]["text"], "one two");
    assert_eq!(last["output"][0]["id"], events[4].1["item_id"]);
    assert_eq!(events[0].1["response"]["status"], "in_progress");
    assert_eq!(
        (&last["status"], &last["usage"]["output_tokens"]),
        (&json!("completed"), &json!(2))
    );
    assert!(!answer.is_done() && answer.end == End::Complete);
}

#[tokio::test]
async fn reasoning_and_tool_calls_are_items_of_their_own() {
    let tools = json!([{ "type": "function", "name": "look_up", "parameters": {} }]);
    let behaviour = r#"{"reasoning":2,"toolCalls":1}"#;
    let body = make_with(behaviour, json!({ "tools": tools })).await.json();
    let (reasoning, call) = (&body["output"][0], &body["output"][1]);
    assert_eq!(reasoning["summary"][0]["text"], "The model");
    assert_eq!((&call["type"], &call["name"]), (&json!("function_call"), &json!("look_up")));
    let arguments = call["arguments"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Value>(arguments).unwrap()["location"], "Paris");
    assert!(call["call_id"].as_str().unwrap().starts_with("call_"));
    let streamed = make_with(behaviour, json!({ "stream": true })).await;
    let names = names(&streamed);
    assert_eq!(names[2..4], ["output_item.added", "reasoning_summary_part.added"]);
    assert_eq!(
        names[6..9],
        ["reasoning_summary_text.done", "reasoning_summary_part.done", "output_item.done"]
    );
    let deltas = names.iter().filter(|name| *name == "function_call_arguments.delta").count();
    assert_eq!((deltas, names.last().unwrap().as_str()), (6, "completed"));
}

#[tokio::test]
async fn a_response_that_is_cut_by_its_most_tokens_is_incomplete() {
    let body = make_with("{}", json!({ "max_output_tokens": 2 })).await.json();
    assert_eq!(body["status"], "incomplete");
    assert_eq!(body["incomplete_details"], json!({ "reason": "max_output_tokens" }));
    assert_eq!(body["output"][0]["content"][0]["text"], "The model");
    let streamed = make_with("{}", json!({ "max_output_tokens": 2, "stream": true })).await;
    assert_eq!(names(&streamed).last().unwrap(), "incomplete");
    let thought = json!({ "max_output_tokens": 1 });
    let thought = make_with(r#"{"reasoning":3}"#, thought).await.json();
    assert_eq!(thought["output"].as_array().unwrap().len(), 1);
    let filtered = make_with(r#"{"finishReason":"content_filter"}"#, json!({})).await.json();
    assert_eq!(filtered["incomplete_details"]["reason"], "content_filter");
}

#[tokio::test]
async fn a_response_can_be_read_and_deleted_by_its_key_alone() {
    let simulator = behaving("{}").await;
    let made = make(&simulator, json!({})).await.json();
    let path = format!("{PATH}/{}", made["id"].as_str().unwrap());
    assert_eq!(call(&simulator, "GET", &path, "", &KEY).await.json(), made);
    let other = [("authorization", "Bearer other")];
    for method in ["GET", "DELETE"] {
        let refused = call(&simulator, method, &path, "", &other).await;
        assert_eq!(refused.status, 404, "{method}");
        assert_eq!(refused.json()["error"]["type"], "invalid_request_error");
    }
    let deleted = call(&simulator, "DELETE", &path, "", &KEY).await;
    assert_eq!(deleted.json()["deleted"], true);
    assert_eq!(call(&simulator, "GET", &path, "", &KEY).await.status, 404);
    let unkept = make(&simulator, json!({ "store": false })).await.json();
    let path = format!("{PATH}/{}", unkept["id"].as_str().unwrap());
    assert_eq!(call(&simulator, "GET", &path, "", &KEY).await.status, 404);
    assert_eq!(call(&simulator, "GET", &path, "", &[]).await.status, 401);
}

#[tokio::test]
async fn a_response_goes_on_only_from_one_of_its_key() {
    let simulator = behaving("{}").await;
    let made = make(&simulator, json!({})).await.json();
    let next = json!({ "model": "m", "input": "more", "previous_response_id": made["id"] });
    let next = next.to_string();
    let continued = post(&simulator, PATH, &next, &[]).await;
    assert_eq!((continued.status, &continued.json()["previous_response_id"]), (200, &made["id"]));
    let other = post(&simulator, PATH, &next, &[("authorization", "Bearer other")]).await;
    assert_eq!(other.status, 400);
    assert_eq!(other.json()["error"]["code"], "previous_response_not_found");
}

#[tokio::test]
async fn a_response_in_the_background_runs_until_it_is_complete() {
    let simulator = behaving(r#"{"tokens":4,"tokenIntervalMs":50}"#).await;
    let made = make(&simulator, json!({ "background": true })).await.json();
    assert_eq!((&made["status"], &made["output"]), (&json!("queued"), &json!([])));
    let path = format!("{PATH}/{}", made["id"].as_str().unwrap());
    let status = async || call(&simulator, "GET", &path, "", &KEY).await.json()["status"].clone();
    assert_eq!(status().await, "in_progress");
    tokio::time::sleep(Duration::from_millis(250)).await;
    assert_eq!(status().await, "completed");
}

#[tokio::test]
async fn a_response_in_the_background_can_be_cancelled_and_no_other() {
    let simulator = behaving(r#"{"tokens":4,"tokenIntervalMs":50}"#).await;
    let id = async |extra| make(&simulator, extra).await.json()["id"].as_str().unwrap().to_owned();
    let background = format!("{PATH}/{}", id(json!({ "background": true })).await);
    let cancel = |path: &str| format!("{path}/cancel");
    let cancelled = call(&simulator, "POST", &cancel(&background), "", &KEY).await.json();
    assert_eq!(cancelled["status"], "cancelled");
    tokio::time::sleep(Duration::from_millis(250)).await;
    let later = call(&simulator, "GET", &background, "", &KEY).await.json();
    assert_eq!(later["status"], "cancelled");
    let synchronous = format!("{PATH}/{}", id(json!({})).await);
    assert_eq!(call(&simulator, "POST", &cancel(&synchronous), "", &KEY).await.status, 400);
}

#[tokio::test]
async fn faults_hit_a_response_as_they_hit_a_completion() {
    let stream = json!({ "stream": true });
    let cut = r#"{"fault":{"kind":"cut","afterTokens":2}}"#;
    let cut = make_with(cut, stream.clone()).await;
    assert_eq!((names(&cut).len(), cut.end), (6, End::Closed));
    let stall = make_with(r#"{"fault":{"kind":"stall"}}"#, stream.clone()).await;
    assert_eq!((names(&stall).len(), stall.end), (4, End::Silence));
    let unfinished = r#"{"tokens":1,"fault":{"kind":"missingFinishReason"}}"#;
    let unfinished = make_with(unfinished, stream.clone()).await;
    assert_eq!(names(&unfinished).last().unwrap(), "output_item.done");
    assert_eq!(unfinished.end, End::Complete);
    let open = make_with(r#"{"fault":{"kind":"neverCloses"}}"#, stream.clone()).await;
    assert_eq!(names(&open).last().unwrap(), "completed");
    assert_eq!(open.end, End::Silence);
    let limited = r#"{"fault":{"kind":"status","status":429}}"#;
    assert_eq!(make_with(limited, stream).await.status, 429);
}

#[tokio::test]
async fn a_response_may_fail_by_an_event_or_in_its_status() {
    let stream = json!({ "stream": true });
    let error =
        r#"{"fault":{"kind":"errorEvent","afterTokens":1,"error":{"code":"c","message":"m"}}}"#;
    let streamed = make_with(error, stream.clone()).await;
    let (name, data) = events(&streamed).pop().unwrap();
    assert_eq!(
        (name.as_str(), &data["code"], &data["message"]),
        ("error", &json!("c"), &json!("m"))
    );
    let failed = r#"{"fault":{"kind":"errorEvent","afterTokens":1,"event":"response.failed"}}"#;
    let streamed = make_with(failed, stream).await;
    let (name, data) = events(&streamed).pop().unwrap();
    assert_eq!((name.as_str(), &data["response"]["status"]), ("response.failed", &json!("failed")));
    let whole = make_with(failed, json!({})).await;
    assert_eq!((whole.status, &whole.json()["status"]), (200, &json!("failed")));
    assert_eq!(whole.json()["error"]["code"], "server_error");
}

#[tokio::test]
async fn a_response_without_input_is_refused() {
    let answer = post(&behaving("{}").await, PATH, r#"{"model":"m"}"#, &[]).await;
    assert_eq!((answer.status, &answer.json()["error"]["param"]), (400, &json!("input")));
}
