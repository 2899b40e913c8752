//! The faults that are about when bytes come and connections end, and the errors of providers.

use std::time::Duration;

use model_multiplexer_simulator::{Simulator, SimulatorConfig};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::wire::{
    Answer, CHAT, End, behaving, chat, chat_with, get, post, read, request, simulator, stream,
    stream_with,
};

fn fault(fields: &str) -> String {
    format!(r#"{{"tokens":4,"fault":{{{fields}}}}}"#)
}

const PATH: &str = "/v1/chat/completions";
const KEY: (&str, &str) = ("authorization", "Bearer sk-test");

async fn connect(simulator: &Simulator) -> TcpStream {
    TcpStream::connect(("127.0.0.1", simulator.port())).await.unwrap()
}

/// The head of a request of 20 MB, and 1 MB of it.
async fn begin_large(simulator: &Simulator, headers: &str) -> TcpStream {
    let mut socket = connect(simulator).await;
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sk-test\r\n{headers}\
         content-length: 20971520\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    // A server that resets early enough fails this, as it may.
    let _ = socket.write_all(&vec![b' '; 1 << 20]).await;
    socket
}

#[tokio::test]
async fn an_early_answer_does_not_wait_for_the_body_and_is_followed_by_a_reset() {
    let refused = r#""kind":"status","status":429,"early":true"#;
    let simulator = behaving(&fault(refused)).await;
    let mut socket = begin_large(&simulator, "").await;
    let answer = read(&mut socket).await;
    assert_eq!((answer.status, &answer.end), (429, &End::Complete));
    assert_eq!(answer.json()["error"]["code"], "rate_limit_exceeded");
    let error = socket.read(&mut [0; 16]).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    let entry = &get(&simulator, "/_simulator/journal").await.json()[0];
    assert_eq!((&entry["status"], &entry["body"]), (&json!(429), &json!("")));
    assert_eq!(entry["finished"], true);
}

#[tokio::test]
async fn an_early_answer_can_be_asked_for_by_a_header_or_a_key_and_be_that_of_a_provider() {
    let groq = r#""kind":"refusal","provider":"groq","reason":"rateLimited","early":true"#;
    let healthy = behaving("{}").await;
    let header = format!("x-simulate: {{\"fault\":{{{groq}}}}}\r\n");
    let mut socket = begin_large(&healthy, &header).await;
    assert_eq!(read(&mut socket).await.header("retry-after"), Some("8"));
    let keyed = simulator(&format!(r#"{{"keys":{{"sk-test":{{"fault":{{{groq}}}}}}}}}"#)).await;
    let mut socket = begin_large(&keyed, "").await;
    assert_eq!(read(&mut socket).await.status, 429);
    let other = post(&keyed, PATH, CHAT, &[("authorization", "Bearer other")]).await;
    assert_eq!(other.status, 200);
}

#[tokio::test]
async fn early_faults_are_counted_with_the_others() {
    let simulator = behaving(
        r#"{"faults":[{"kind":"status","status":429,"early":true},{"kind":"status","status":500},
            null,{"kind":"status","status":503,"early":true}]}"#,
    )
    .await;
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(chat(&simulator).await.status);
    }
    assert_eq!(statuses, [429, 500, 200, 503, 200]);
}

async fn twice_on_one_connection(simulator: &Simulator) -> (Answer, Answer) {
    let mut socket = connect(simulator).await;
    let request = request("POST", PATH, CHAT, &[KEY]);
    socket.write_all(request.as_bytes()).await.unwrap();
    let first = read(&mut socket).await;
    socket.write_all(request.as_bytes()).await.unwrap();
    (first, read(&mut socket).await)
}

#[tokio::test]
async fn a_stale_connection_is_closed_when_its_next_request_arrives() {
    for (reset, end) in [(false, End::Closed), (true, End::Reset)] {
        let stale = fault(&format!(r#""kind":"staleConnection","reset":{reset}"#));
        let simulator = behaving(&stale).await;
        let (first, second) = twice_on_one_connection(&simulator).await;
        assert_eq!((first.status, first.end), (200, End::Complete));
        assert_eq!((second.status, second.end), (0, end));
        assert_eq!(chat(&simulator).await.status, 200);
    }
}

#[tokio::test]
async fn a_scripted_connection_header_closes_the_connection() {
    let simulator = behaving(r#"{"headers":{"connection":"close"}}"#).await;
    let (first, second) = twice_on_one_connection(&simulator).await;
    assert_eq!((first.status, first.header("connection")), (200, Some("close")));
    assert_eq!(second.status, 0);
}

#[tokio::test]
async fn a_role_may_be_all_that_comes() {
    let answer = stream_with(&fault(r#""kind":"stall""#)).await;
    let events = answer.events();
    assert_eq!((events.len(), answer.end), (1, End::Silence));
    assert_eq!(events[0]["choices"][0]["delta"]["role"], "assistant");
}

#[tokio::test]
async fn a_finished_stream_may_never_close() {
    let finish = stream_with(&fault(r#""kind":"neverCloses""#)).await;
    assert_eq!(finish.events().last().unwrap()["choices"][0]["finish_reason"], "stop");
    assert!(!finish.is_done() && finish.end == End::Silence);
    let done = stream_with(&fault(r#""kind":"neverCloses","after":"done""#)).await;
    assert!(done.is_done() && done.end == End::Silence);
    assert_eq!(chat_with(&fault(r#""kind":"neverCloses""#)).await.end, End::Complete);
}

#[tokio::test]
async fn one_event_may_trickle_and_the_others_do_not() {
    let behaviour = fault(r#""kind":"trickle","afterTokens":1,"bytesPerSecond":500"#);
    let answer = stream_with(&behaviour).await;
    let sizes: Vec<_> = answer.chunks.iter().map(Vec::len).collect();
    let small = sizes.iter().filter(|size| **size <= 10).count();
    assert!(small > 20 && sizes[..2].iter().all(|size| *size > 10), "{sizes:?}");
    assert!(answer.end_after > Duration::from_millis(300), "{:?}", answer.end_after);
    assert!(answer.is_done() && answer.content() == "The model answers with");
    let slow = stream_with(&fault(r#""kind":"trickle""#)).await;
    assert_eq!((slow.chunks[1].as_slice(), slow.end), (&b"d"[..], End::Silence));
}

#[tokio::test]
async fn a_json_answer_trickles_from_its_start() {
    let behaviour = fault(r#""kind":"trickle","bytesPerSecond":2000"#);
    let simulator = behaving(&behaviour).await;
    let answer = chat(&simulator).await;
    assert!(answer.head_after < Duration::from_millis(200), "{:?}", answer.head_after);
    assert!(answer.end_after > Duration::from_millis(200), "{:?}", answer.end_after);
    assert_eq!(answer.json()["object"], "chat.completion");
}

#[tokio::test]
async fn pings_come_instead_of_events_for_ever_or_for_a_while() {
    let for_a_while = fault(r#""kind":"pings","afterTokens":1,"ms":20,"count":3"#);
    let answer = stream_with(&for_a_while).await;
    assert_eq!(answer.text().matches(": ping\n\n").count(), 3);
    assert!(answer.is_done() && answer.end_after >= Duration::from_millis(60));
    let named = fault(r#""kind":"pings","ms":20,"count":1,"data":"event: ping\ndata: {}""#);
    assert!(stream_with(&named).await.text().contains("event: ping\ndata: {}\n\n"));
    let json = chat_with(&fault(r#""kind":"pings","ms":20,"count":2"#)).await;
    assert!(json.text().starts_with("\n\n{") && json.end == End::Complete);
    assert_eq!(json.json()["object"], "chat.completion");
    let simulator = behaving(&fault(r#""kind":"pings","ms":50"#)).await;
    let endless = tokio::time::timeout(Duration::from_millis(600), stream(&simulator));
    assert!(endless.await.is_err());
}

#[tokio::test]
async fn an_error_event_has_the_form_of_its_provider() {
    let last = async |provider: &str| {
        let fields = format!(r#""kind":"errorEvent","afterTokens":2,"provider":"{provider}""#);
        let answer = stream_with(&fault(&fields)).await;
        assert_eq!(answer.end, End::Complete);
        answer
    };
    let openai = last("openai").await;
    assert_eq!(openai.events().last().unwrap()["error"]["type"], "server_error");
    let openrouter = last("openrouter").await;
    let (events, id) = (openrouter.events(), openrouter.events()[0]["id"].clone());
    let event = events.last().unwrap();
    assert_eq!((&event["id"], &event["model"]), (&id, &json!("gpt-4.1-mini")));
    assert_eq!(event["choices"][0]["finish_reason"], "error");
    assert!(event["created"].is_u64() && !openrouter.is_done());
    let anthropic = last("anthropic").await;
    assert!(anthropic.text().contains("event: error\ndata: {\"type\":\"error\""));
    assert_eq!(anthropic.events().last().unwrap()["error"]["type"], "overloaded_error");
    let vllm = last("vllm").await;
    assert_eq!(vllm.events().last().unwrap()["error"]["code"], 500);
    assert!(vllm.is_done());
    let whole = fault(r#""kind":"errorEvent","provider":"openrouter""#);
    let whole = chat_with(&whole).await;
    assert_eq!((whole.status, &whole.json()["error"]["code"]), (200, &json!("server_error")));
}

#[tokio::test]
async fn a_refusal_is_what_the_provider_really_sends() {
    type Check = fn(&Value) -> bool;
    let table: [(&str, &str, u16, Check); 12] = [
        ("openai", "quotaUsedUp", 429, |body| body["error"]["code"] == "insufficient_quota"),
        ("azure", "contentRefused", 400, |body| body["error"]["innererror"].is_object()),
        ("anthropic", "overloaded", 529, |body| body["error"]["type"] == "overloaded_error"),
        ("gemini", "rateLimited", 429, |body| body[0]["error"]["details"][2]["retryDelay"] == "8s"),
        ("groq", "requestTooLarge", 413, |body| body["error"]["type"] == "tokens"),
        ("cerebras", "rateLimited", 429, |body| body["code"] == "request_quota_exceeded"),
        ("openrouter", "fewerTokens", 402, |body| body["error"]["metadata"].is_object()),
        ("mistral", "rateLimited", 429, |body| body["code"] == "1300"),
        ("nvidia-nim", "quotaUsedUp", 402, |body| body["title"] == "Payment Required"),
        ("ollama", "modelNotFound", 404, |body| {
            body["error"]["message"] == "model 'gpt-4.1-mini' not found"
        }),
        ("vllm", "badKey", 401, |body| body["error"] == "Unauthorized"),
        ("deepseek", "quotaUsedUp", 402, |body| body["error"]["message"] == "Insufficient Balance"),
    ];
    for (provider, reason, status, check) in table {
        let fields = format!(r#""kind":"refusal","provider":"{provider}","reason":"{reason}""#);
        for answer in [chat_with(&fault(&fields)).await, stream_with(&fault(&fields)).await] {
            assert_eq!(answer.status, status, "{provider} {reason}");
            assert!(check(&answer.json()), "{provider} {reason}: {}", answer.text());
        }
    }
}

#[tokio::test]
async fn a_refusal_tells_its_delay_and_a_scripted_retry_after_covers_it() {
    let fields = r#""kind":"refusal","provider":"groq","reason":"tokensLimited","delayMs":90500"#;
    let answer = chat_with(&fault(fields)).await;
    assert!(answer.text().contains("Please try again in 1m30.5s."), "{}", answer.text());
    assert_eq!(answer.header("retry-after"), Some("91"));
    let covered = format!(r#"{{"retryAfter":0,"fault":{{{fields}}}}}"#);
    assert_eq!(chat_with(&covered).await.header("retry-after"), Some("0"));
    let past = r#"{"retryAfter":{"httpDateInSeconds":-90},"fault":{"kind":"status","status":429}}"#;
    let past = chat_with(past).await;
    assert!(past.header("retry-after").unwrap().ends_with(" GMT"));
}

#[test]
fn a_fault_that_makes_no_sense_is_refused_by_the_name_of_its_field() {
    let table = [
        (r#""kind":"refusal","reason":"badKey""#, "`provider`"),
        (r#""kind":"refusal","provider":"nobody","reason":"badKey""#, "expected one of anthropic"),
        (r#""kind":"refusal","provider":"vllm","reason":"rateLimited""#, "`reason`"),
        (r#""kind":"errorEvent","provider":"gemini""#, "`provider`"),
        (r#""kind":"pings""#, "`ms`"),
        (r#""kind":"pings","ms":0"#, "`ms`"),
        (r#""kind":"trickle","bytesPerSecond":0"#, "`bytesPerSecond`"),
        (r#""kind":"neverCloses","after":"lunch""#, "`after` is \"lunch\""),
        (r#""kind":"reset","early":true"#, "`early`"),
        (r#""kind":"cut","reset":true"#, "`reset`"),
    ];
    for (fields, expected) in table {
        let config = format!(r#"{{"defaults":{}}}"#, fault(fields));
        let message = SimulatorConfig::from_json(&config).unwrap_err().to_string();
        assert!(message.contains("`defaults.fault"), "{fields}: {message}");
        assert!(message.contains(expected), "{fields}: {message}");
    }
}
