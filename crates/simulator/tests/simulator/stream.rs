//! The fields of a behaviour that show in an event stream.

use std::io::Read;
use std::time::Duration;

use flate2::read::GzDecoder;

use crate::wire::{behaving, post, stream, stream_with};

const WITH_USAGE: &str = r#"{"model":"m","messages":[],"stream":true,
    "stream_options":{"include_usage":true}}"#;

#[tokio::test]
async fn a_stream_adds_up_to_the_answer_and_ends_with_done() {
    let answer = stream_with(r#"{"text":"Hello big world"}"#).await;
    assert_eq!(answer.header("content-type"), Some("text/event-stream; charset=utf-8"));
    assert_eq!(answer.content(), "Hello big world");
    assert_eq!(answer.events().last().unwrap()["choices"][0]["finish_reason"], "stop");
    assert!(answer.is_done());
}

#[tokio::test]
async fn every_event_is_a_chunk_of_its_own() {
    let answer = stream_with(r#"{"tokens":3}"#).await;
    assert_eq!(answer.chunks.len(), 6);
    assert!(answer.chunks.iter().all(|chunk| chunk.ends_with(b"\n\n")));
}

#[tokio::test]
async fn events_are_joined_into_one_write() {
    let answer = stream_with(r#"{"tokens":4,"eventsPerWrite":3}"#).await;
    let events = |chunk: &Vec<u8>| chunk.windows(6).filter(|window| window == b"data: ").count();
    assert_eq!(answer.chunks.iter().map(events).collect::<Vec<_>>(), [3, 3, 1]);
}

#[tokio::test]
async fn bytes_are_written_in_pieces() {
    let answer = stream_with(r#"{"tokens":2,"writeBytes":7}"#).await;
    assert!(answer.chunks.iter().all(|chunk| chunk.len() <= 7));
    assert_eq!(answer.content(), "The model");
}

#[tokio::test]
async fn the_first_token_may_come_late() {
    let answer = stream_with(r#"{"firstTokenMs":300}"#).await;
    assert!(answer.head_after < Duration::from_millis(250), "{:?}", answer.head_after);
    assert!(answer.end_after >= Duration::from_millis(300), "{:?}", answer.end_after);
}

#[tokio::test]
async fn tokens_keep_their_pace() {
    let answer = stream_with(r#"{"tokens":11,"tokenIntervalMs":12.5}"#).await;
    let (least, most) = (Duration::from_millis(125), Duration::from_millis(700));
    assert!((least..most).contains(&answer.end_after), "{:?}", answer.end_after);
}

#[tokio::test]
async fn lines_end_as_scripted() {
    for (ending, end) in [("lf", "\n"), ("crlf", "\r\n"), ("cr", "\r")] {
        let answer = stream_with(&format!(r#"{{"lineEnding":"{ending}","tokens":1}}"#)).await;
        let text = answer.text();
        assert!(text.ends_with(&format!("data: [DONE]{end}{end}")), "{ending}: {text:?}");
        assert_eq!(text.matches(&format!("{end}{end}")).count(), 4);
    }
}

#[tokio::test]
async fn comments_come_between_events() {
    let text = stream_with(r#"{"comments":2,"tokens":1}"#).await.text();
    assert_eq!(text.matches(": comment\n").count(), 8);
}

#[tokio::test]
async fn a_compressed_stream_can_be_read_event_by_event() {
    let answer = stream_with(r#"{"gzip":true,"tokens":2}"#).await;
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    let mut text = String::new();
    GzDecoder::new(answer.body().as_slice()).read_to_string(&mut text).unwrap();
    assert!(text.ends_with("data: [DONE]\n\n"));
    let two = answer.chunks[..2].concat();
    let mut start = vec![0; 4096];
    let read = GzDecoder::new(two.as_slice()).read(&mut start).unwrap();
    assert!(read > 0 && start.starts_with(b"data: {"));
}

#[tokio::test]
async fn usage_is_told_only_if_asked_for() {
    let simulator = behaving(r#"{"tokens":2}"#).await;
    let asked = post(&simulator, "/v1/chat/completions", WITH_USAGE, &[]).await.events();
    let usage = asked.last().unwrap();
    assert_eq!(usage["choices"].as_array().unwrap().len(), 0);
    assert_eq!(usage["usage"]["completion_tokens"], 2);
    assert!(asked[..asked.len() - 1].iter().all(|event| event["usage"].is_null()));
    assert!(asked[0].as_object().unwrap().contains_key("usage"));
    let unasked = stream(&simulator).await.events();
    assert!(unasked.iter().all(|event| event.get("usage").is_none()));
}

#[tokio::test]
async fn usage_that_is_false_is_not_told_even_if_asked_for() {
    let simulator = behaving(r#"{"usage":false}"#).await;
    let events = post(&simulator, "/v1/chat/completions", WITH_USAGE, &[]).await.events();
    assert!(events.iter().all(|event| event.get("usage").is_none()));
}

#[tokio::test]
async fn done_and_the_finish_reason_can_be_left_out() {
    let answer = stream_with(r#"{"done":false,"finishReason":null}"#).await;
    assert!(!answer.is_done());
    let events = answer.events();
    assert!(events.iter().all(|event| event["choices"][0]["finish_reason"].is_null()));
}

#[tokio::test]
async fn tool_calls_stream_their_arguments() {
    let events = stream_with(r#"{"toolCalls":2}"#).await.events();
    let calls = events.iter().filter_map(|event| {
        event["choices"][0]["delta"]["tool_calls"].get(0).filter(|call| call["index"] == 1)
    });
    let arguments: String =
        calls.map(|call| call["function"]["arguments"].as_str().unwrap().to_owned()).collect();
    assert_eq!(arguments, r#"{"location":"Paris","unit":"celsius"}"#);
    assert_eq!(events.last().unwrap()["choices"][0]["finish_reason"], "tool_calls");
}

#[tokio::test]
async fn reasoning_streams_before_the_content() {
    let events = stream_with(r#"{"reasoning":2,"tokens":1}"#).await.events();
    let reasons =
        |event: &serde_json::Value| event["choices"][0]["delta"].get("reasoning_content").is_some();
    assert_eq!(events.iter().map(reasons).collect::<Vec<_>>(), [false, true, true, false, false]);
}

#[tokio::test]
async fn choices_stream_in_turns() {
    let body = r#"{"model":"m","messages":[],"stream":true,"n":2}"#;
    let simulator = behaving(r#"{"tokens":1}"#).await;
    let events = post(&simulator, "/v1/chat/completions", body, &[]).await.events();
    let indexes: Vec<_> =
        events.iter().map(|event| event["choices"][0]["index"].as_u64().unwrap()).collect();
    assert_eq!(indexes, [0, 1, 0, 1, 0, 1]);
}
