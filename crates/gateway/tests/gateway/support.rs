//! A gateway in front of simulators, and a client that sends exactly what a test says.

use std::fmt::Write as _;
use std::net::SocketAddr;

use model_multiplexer_gateway::config::{Config, Overrides, Source, Surroundings};
use model_multiplexer_gateway::{Gateway, start};
use model_multiplexer_simulator::{Simulator, SimulatorConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A simulator with this script.
pub(crate) async fn provider(script: &str) -> Simulator {
    let config = SimulatorConfig::from_json(script).unwrap();
    model_multiplexer_simulator::start(config).await.unwrap()
}

/// A simulator that refuses everything with 429 and asks for a minute.
pub(crate) async fn limited() -> Simulator {
    let fault = r#"{"kind":"status","status":429}"#;
    provider(&format!(r#"{{"defaults":{{"fault":{fault},"retryAfter":60}}}}"#)).await
}

/// An instance at a simulator that serves these models, as it is written in the file.
pub(crate) fn instance(id: &str, at: &Simulator, models: &[&str]) -> String {
    let (url, models) = (at.url(), models.join(", "));
    format!(
        "  - {{id: {id}, type: openai-compatible, base_url: \"{url}\", api_key: sk-{id}-secret, \
         models: [{models}]}}\n"
    )
}

/// A configuration with these instances, on a free port, and with `more` sections.
pub(crate) fn config(instances: &[String], more: &str) -> Config {
    let text = format!("providers:\n{}{more}\n", instances.concat());
    let variable = |name: &str| match name {
        "PORT" => Some("0".to_owned()),
        "LOG_LEVEL" => Some("error".to_owned()),
        _ => None,
    };
    let surroundings = Surroundings {
        variable: &variable,
        file: &|path| std::fs::read_to_string(path).map_err(|error| error.to_string()),
        folder: ".".as_ref(),
    };
    let source = Source { name: "providers.yaml", text: &text };
    Config::read(source, &surroundings, &Overrides::default()).unwrap()
}

/// A gateway in front of these instances.
pub(crate) async fn gateway(instances: &[String]) -> Gateway {
    start(config(instances, "")).await.unwrap()
}

/// The same with `more` sections of the configuration.
pub(crate) async fn gateway_with(instances: &[String], more: &str) -> Gateway {
    start(config(instances, more)).await.unwrap()
}

/// A response, its body taken out of its chunks.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// What is at a path of the body's members, as JSON.
    pub(crate) fn at(&self, pointer: &str) -> serde_json::Value {
        let body: serde_json::Value = serde_json::from_str(&self.body).unwrap();
        body.pointer(pointer).cloned().unwrap_or_default()
    }
}

/// Sends these bytes and reads until the connection is closed.
pub(crate) async fn send(to: SocketAddr, bytes: &[u8]) -> String {
    let mut socket = TcpStream::connect(to).await.unwrap();
    socket.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // What came before a reset counts.
    let _ = socket.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// Sends a request with these further header lines.
pub(crate) async fn request(
    to: SocketAddr,
    method: &str,
    path: &str,
    headers: &[&str],
    body: &str,
) -> Answer {
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {to}\r\nconnection: close\r\n");
    if !body.is_empty() {
        let has_kind = headers.iter().any(|line| line.starts_with("content-type"));
        head += if has_kind { "" } else { "content-type: application/json\r\n" };
        write!(head, "content-length: {}\r\n", body.len()).unwrap();
    }
    for line in headers {
        write!(head, "{line}\r\n").unwrap();
    }
    parse(&send(to, format!("{head}\r\n{body}").as_bytes()).await)
}

pub(crate) fn parse(text: &str) -> Answer {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let status = lines.next().unwrap_or_default().split(' ').nth(1).unwrap_or("0").parse();
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let chunked =
        headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let body = if chunked { unchunked(body) } else { body.to_owned() };
    Answer { status: status.unwrap(), headers, body }
}

fn unchunked(mut text: &str) -> String {
    let mut body = String::new();
    while let Some((size, rest)) = text.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            break;
        }
        body.push_str(&rest[..size]);
        text = &rest[size + 2..];
    }
    body
}

/// A chat completion of this model; `more` are further members.
pub(crate) fn chat(model: &str, more: &str) -> String {
    format!(r#"{{"model":"{model}","messages":[{{"role":"user","content":"hi"}}]{more}}}"#)
}

/// Asks for a chat completion.
pub(crate) async fn ask(gateway: &Gateway, body: &str) -> Answer {
    request(gateway.address(), "POST", "/v1/chat/completions", &[], body).await
}

/// What a request went through: targets and what they came to.
pub(crate) async fn attempts(gateway: &Gateway, answer: &Answer) -> Vec<(String, String)> {
    let id = answer.header("x-mm-request-id").unwrap();
    let path = format!("/admin/requests/{id}");
    let told = request(gateway.address(), "GET", &path, &[], "").await;
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("none").to_owned();
    let attempts = told.at("/attempts");
    let attempts = attempts.as_array().unwrap().iter();
    attempts.map(|attempt| (text(&attempt["target"]), text(&attempt["outcome"]))).collect()
}

pub(crate) fn pair(target: &str, outcome: &str) -> (String, String) {
    (target.to_owned(), outcome.to_owned())
}

/// The bodies that a simulator with a journal has been sent.
pub(crate) async fn asked_of(simulator: &Simulator) -> Vec<serde_json::Value> {
    let to = SocketAddr::from(([127, 0, 0, 1], simulator.port()));
    let journal = request(to, "GET", "/_simulator/journal", &[], "").await;
    let entries: serde_json::Value = serde_json::from_str(&journal.body).unwrap();
    let body = |entry: &serde_json::Value| serde_json::from_str(entry["body"].as_str()?).ok();
    entries.as_array().unwrap().iter().filter_map(body).collect()
}

/// The chunks of a stream's body.
pub(crate) fn chunks(body: &str) -> Vec<serde_json::Value> {
    let data = body.lines().filter_map(|line| line.strip_prefix("data: "));
    data.filter_map(|data| serde_json::from_str(data).ok()).collect()
}

/// A line of the metrics' text, by its beginning.
pub(crate) async fn metric(gateway: &Gateway, begins: &str) -> Option<f64> {
    let metrics = request(gateway.address(), "GET", "/metrics", &[], "").await;
    let line = metrics.body.lines().find(|line| line.starts_with(begins))?;
    line.rsplit(' ').next()?.parse().ok()
}
