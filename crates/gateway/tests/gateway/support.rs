//! A gateway in front of simulators, and a client that sends exactly what a test says.

use std::net::SocketAddr;
use std::time::Duration;

use model_multiplexer_core::clock::Timestamp;
use model_multiplexer_core::fleet::Tier;
use model_multiplexer_gateway::config::{
    Config, Instance, Limits, Model, Overrides, Proxy, Secret, Source, Surroundings,
};
use model_multiplexer_gateway::{Gateway, start};
use model_multiplexer_simulator::{Simulator, SimulatorConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A simulator with this script.
pub(crate) async fn provider(script: &str) -> Simulator {
    let config = SimulatorConfig::from_json(script).unwrap();
    model_multiplexer_simulator::start(config).await.unwrap()
}

/// An instance at a simulator that serves these models.
pub(crate) fn instance(id: &str, at: &Simulator, models: &[&str]) -> Instance {
    Instance {
        id: id.to_owned(),
        kind: "openai-compatible".to_owned(),
        base_url: at.url(),
        keys: vec![Secret::new(format!("sk-{id}"))],
        models: models.iter().map(|name| model(name)).collect(),
        account: id.to_owned(),
        provider: id.to_owned(),
        limits: Limits::default(),
        headers: std::collections::BTreeMap::new(),
        proxy: Proxy::None,
        http2: false,
        ca_file: None,
        client_certificate: None,
    }
}

pub(crate) fn model(name: &str) -> Model {
    Model {
        name: name.to_owned(),
        model_name: name.to_owned(),
        weight: std::num::NonZeroU64::MIN,
        tier: Tier::PRIMARY,
        max_concurrent: None,
        limits: Limits::default(),
        tags: std::collections::BTreeMap::new(),
        context_window: None,
        finish_optional: false,
    }
}

/// What is told a gateway in front of these instances, on a free port.
pub(crate) fn config(instances: Vec<Instance>) -> Config {
    let text = "
providers: [{id: a, type: ollama, models: [m]}]
server: {port: 0, rate_limit_max: 0}
log: {level: error, access: false}
";
    let surroundings = Surroundings {
        variable: &|_| None,
        file: &|_| Err("no files here".to_owned()),
        folder: ".".as_ref(),
    };
    let source = Source { name: "providers.yaml", text };
    let config = Config::read(source, &surroundings, &Overrides::default()).unwrap();
    Config { instances, ..config }
}

/// A gateway in front of these instances.
pub(crate) async fn gateway(instances: Vec<Instance>) -> Gateway {
    let _ = Timestamp::now();
    start(config(instances)).await.unwrap()
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
        head += &format!("content-length: {}\r\n", body.len());
    }
    for line in headers {
        head += &format!("{line}\r\n");
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
