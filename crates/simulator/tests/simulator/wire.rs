//! A client that sees what is on the wire: the chunks of a body, and how a connection ends.

use std::time::{Duration, Instant};

use model_multiplexer_simulator::{Simulator, SimulatorConfig, start};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Long enough for anything that is not stalled.
const PATIENCE: Duration = Duration::from_millis(800);

/// What a server sent in answer to one request.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    /// The chunks of a chunked body, or the whole body.
    pub(crate) chunks: Vec<Vec<u8>>,
    pub(crate) end: End,
    /// From the request to the head, and to the end.
    pub(crate) head_after: Duration,
    pub(crate) end_after: Duration,
}

/// How an answer ended.
#[derive(Debug, Default, PartialEq)]
pub(crate) enum End {
    #[default]
    Complete,
    /// The connection was closed too early.
    Closed,
    /// The connection was reset.
    Reset,
    /// Nothing more came.
    Silence,
}

impl Answer {
    pub(crate) fn body(&self) -> Vec<u8> {
        self.chunks.concat()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body()).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body()).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The data of the events, without `[DONE]`.
    pub(crate) fn events(&self) -> Vec<Value> {
        let text = self.text();
        let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
        data.filter(|data| *data != "[DONE]")
            .map(|data| serde_json::from_str(data).unwrap())
            .collect()
    }

    /// What the content of the first choice adds up to.
    pub(crate) fn content(&self) -> String {
        let content = |event: &Value| {
            event["choices"][0]["delta"]["content"].as_str().unwrap_or_default().to_owned()
        };
        self.events().iter().map(content).collect()
    }

    pub(crate) fn is_done(&self) -> bool {
        self.text().contains("data: [DONE]")
    }
}

pub(crate) async fn simulator(config: &str) -> Simulator {
    start(SimulatorConfig::from_json(config).unwrap()).await.unwrap()
}

/// A simulator with one behaviour for all.
pub(crate) async fn behaving(behaviour: &str) -> Simulator {
    simulator(&format!(r#"{{"journal":10,"defaults":{behaviour}}}"#)).await
}

pub(crate) const CHAT: &str =
    r#"{"model":"gpt-4.1-mini","messages":[{"role":"user","content":"hi"}]}"#;
pub(crate) const STREAM: &str =
    r#"{"model":"gpt-4.1-mini","stream":true,"messages":[{"role":"user","content":"hi"}]}"#;

/// Asks for a completion as JSON.
pub(crate) async fn chat(simulator: &Simulator) -> Answer {
    post(simulator, "/v1/chat/completions", CHAT, &[]).await
}

/// Asks for a completion as a stream.
pub(crate) async fn stream(simulator: &Simulator) -> Answer {
    post(simulator, "/v1/chat/completions", STREAM, &[]).await
}

/// Starts a simulator with a behaviour and asks it for one completion as JSON.
pub(crate) async fn chat_with(behaviour: &str) -> Answer {
    chat(&behaving(behaviour).await).await
}

/// Starts a simulator with a behaviour and asks it for one stream.
pub(crate) async fn stream_with(behaviour: &str) -> Answer {
    stream(&behaving(behaviour).await).await
}

pub(crate) async fn post(
    simulator: &Simulator,
    path: &str,
    body: &str,
    headers: &[(&str, &str)],
) -> Answer {
    let mut all = vec![("authorization", "Bearer sk-test")];
    all.retain(|(name, _)| headers.iter().all(|(other, _)| other != name));
    all.extend(headers);
    call(simulator, "POST", path, body, &all).await
}

pub(crate) async fn get(simulator: &Simulator, path: &str) -> Answer {
    call(simulator, "GET", path, "", &[("authorization", "Bearer sk-test")]).await
}

/// Sends one request on a connection of its own and reads the answer.
pub(crate) async fn call(
    simulator: &Simulator,
    method: &str,
    path: &str,
    body: &str,
    headers: &[(&str, &str)],
) -> Answer {
    let mut socket = TcpStream::connect(("127.0.0.1", simulator.port())).await.unwrap();
    socket.write_all(request(method, path, body, headers).as_bytes()).await.unwrap();
    read(&mut socket).await
}

pub(crate) fn request(method: &str, path: &str, body: &str, headers: &[(&str, &str)]) -> String {
    let lines: Vec<_> =
        headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let (lines, length) = (lines.concat(), body.len());
    format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\n{lines}content-length: {length}\r\n\r\n\
         {body}"
    )
}

/// Reads one answer.
pub(crate) async fn read(socket: &mut TcpStream) -> Answer {
    let (begun, mut answer, mut wire) = (Instant::now(), Answer::default(), Vec::new());
    let mut buffer = vec![0; 65_536];
    loop {
        if answer.status == 0 && parse_head(&mut wire, &mut answer) {
            answer.head_after = begun.elapsed();
        }
        if answer.status != 0 && parse_body(&mut wire, &mut answer) {
            break;
        }
        match timeout(PATIENCE, socket.read(&mut buffer)).await {
            Err(_) => answer.end = End::Silence,
            Ok(Err(_)) => answer.end = End::Reset,
            Ok(Ok(0)) => answer.end = End::Closed,
            Ok(Ok(read)) => {
                wire.extend_from_slice(&buffer[..read]);
                continue;
            }
        }
        break;
    }
    answer.end_after = begun.elapsed();
    if answer.header("transfer-encoding").is_none() && !wire.is_empty() {
        answer.chunks.push(wire);
    }
    answer
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn parse_head(wire: &mut Vec<u8>, answer: &mut Answer) -> bool {
    let Some(end) = find(wire, b"\r\n\r\n") else { return false };
    let head = String::from_utf8(wire[..end].to_vec()).unwrap();
    wire.drain(..end + 4);
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    answer.status = status.parse().unwrap();
    let pairs = lines.map(|line| line.split_once(": ").unwrap());
    answer.headers = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    true
}

/// Takes whole chunks, or the whole body. True at the end.
fn parse_body(wire: &mut Vec<u8>, answer: &mut Answer) -> bool {
    if answer.header("transfer-encoding").is_none() {
        let length = answer.header("content-length").map_or(0, |text| text.parse().unwrap());
        if wire.len() < length {
            return false;
        }
        answer.chunks.push(wire.drain(..length).collect());
        return true;
    }
    while let Some(end) = find(wire, b"\r\n") {
        let size = std::str::from_utf8(&wire[..end]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        if wire.len() < end + 2 + size + 2 {
            return false;
        }
        if size == 0 {
            return true;
        }
        answer.chunks.push(wire[end + 2..end + 2 + size].to_vec());
        wire.drain(..end + 2 + size + 2);
    }
    false
}
