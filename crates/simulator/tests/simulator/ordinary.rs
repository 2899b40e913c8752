//! Requests that nothing is special about are answered by other code than the rest, and nobody can
//! tell.

use model_multiplexer_simulator::Simulator;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::wire::{Answer, CHAT, STREAM, get, post, read, request, simulator};

const PATH: &str = "/v1/chat/completions";
const KEY: (&str, &str) = ("authorization", "Bearer k");
/// Says what is so anyway, and is special.
const SPECIAL: (&str, &str) = ("connection", "keep-alive");

async fn connect(simulator: &Simulator) -> TcpStream {
    TcpStream::connect(("127.0.0.1", simulator.port())).await.unwrap()
}

/// All but the time.
fn told(answer: &Answer) -> (u16, Vec<(String, String)>, Value) {
    let mut headers = answer.headers.clone();
    headers.retain(|(name, _)| name != "date");
    let mut body = answer.json();
    if let Some(body) = body.as_object_mut() {
        body.remove("created");
    }
    (answer.status, headers, body)
}

#[tokio::test]
async fn an_ordinary_answer_is_like_any_other() {
    for script in [
        "{}",
        r#"{"defaults":{"tokens":3,"shape":"azure","gzip":false,"headers":{"x-own":"1"}}}"#,
        r#"{"models":{"gpt-4.1-mini":{"text":"Hello."}},"keys":{"k":{"requestId":null}}}"#,
    ] {
        let (one, other) = (simulator(script).await, simulator(script).await);
        for body in [CHAT, r#"{"model":"gpt-4.1-mini","messages":[]}"#, "{}", "no"] {
            let ordinary = post(&one, PATH, body, &[KEY]).await;
            let special = post(&other, PATH, body, &[KEY, SPECIAL]).await;
            assert!(ordinary.header("date").is_some());
            assert_eq!(told(&ordinary), told(&special), "{script} {body}");
        }
        let requests = async |simulator| get(simulator, "/_simulator/stats").await.json();
        assert_eq!(requests(&one).await, requests(&other).await);
    }
}

#[tokio::test]
async fn requests_in_pieces_are_answered_whoever_does_it() {
    let simulator = simulator(r#"{"defaults":{"tokens":2}}"#).await;
    for size in [1, 100, usize::MAX] {
        let mut socket = connect(&simulator).await;
        socket.set_nodelay(true).unwrap();
        for body in [CHAT, CHAT, STREAM, CHAT] {
            for piece in request("POST", PATH, body, &[KEY]).as_bytes().chunks(size) {
                socket.write_all(piece).await.unwrap();
                tokio::task::yield_now().await;
            }
            let answer = read(&mut socket).await;
            assert_eq!((answer.status, answer.is_done()), (200, body == STREAM), "{size}");
        }
    }
}

#[tokio::test]
async fn requests_that_come_together_are_answered_in_order() {
    let simulator = simulator(r#"{"defaults":{"tokens":2}}"#).await;
    let mut socket = connect(&simulator).await;
    let all = [CHAT, CHAT, STREAM].map(|body| request("POST", PATH, body, &[KEY]));
    socket.write_all(all.concat().as_bytes()).await.unwrap();
    let mut text = String::new();
    while !text.ends_with("\r\n0\r\n\r\n") {
        let mut bytes = [0; 4096];
        let read = socket.read(&mut bytes).await.unwrap();
        assert_ne!(read, 0, "{text}");
        text.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
    }
    let ids: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("x-request-id: ")).collect();
    assert_eq!(ids, ["req_1", "req_2", "req_3"]);
}
