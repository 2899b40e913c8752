//! HTTP/2, TLS, starting and stopping.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Version};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use model_multiplexer_simulator::{Simulator, SimulatorConfig, SimulatorError, start};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::wire::{CHAT, End, STREAM, behaving, chat, get, request, simulator};

async fn speak_http2<S>(stream: S) -> SendRequest<Full<Bytes>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

fn ask(simulator: &Simulator, body: &'static str) -> Request<Full<Bytes>> {
    Request::post(format!("{}/chat/completions", simulator.url()))
        .header("authorization", "Bearer sk-test")
        .body(Full::new(Bytes::from_static(body.as_bytes())))
        .unwrap()
}

async fn tcp(simulator: &Simulator) -> TcpStream {
    TcpStream::connect(("127.0.0.1", simulator.port())).await.unwrap()
}

async fn tls(simulator: &Simulator, name: &'static str, alpn: &[&str]) -> TlsStream<TcpStream> {
    let ca = CertificateDer::from_pem_slice(simulator.ca_pem().unwrap().as_bytes()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(ca).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    let name = ServerName::try_from(name).unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, tcp(simulator).await).await.unwrap()
}

#[tokio::test]
async fn http2_is_spoken_by_prior_knowledge() {
    let simulator = behaving("{}").await;
    let mut sender = speak_http2(tcp(&simulator).await).await;
    let whole = sender.send_request(ask(&simulator, CHAT)).await.unwrap();
    assert_eq!((whole.status().as_u16(), whole.version()), (200, Version::HTTP_2));
    let stream = sender.send_request(ask(&simulator, STREAM)).await.unwrap();
    let body = stream.into_body().collect().await.unwrap().to_bytes();
    assert!(body.ends_with(b"data: [DONE]\n\n"));
    let journal = get(&simulator, "/_simulator/journal").await.json();
    let seen = |entry: &Value| (entry["httpVersion"].clone(), entry["connection"].clone());
    assert_eq!(seen(&journal[0]), (json!("2"), json!(1)));
    assert_eq!(seen(&journal[1]), (json!("2"), json!(1)));
}

#[tokio::test]
async fn a_cut_resets_the_stream_and_a_reset_the_connection_of_http2() {
    let simulator = behaving(
        r#"{"faults":[{"kind":"cut","afterTokens":2},{"kind":"noAnswer"},{"kind":"reset"}]}"#,
    )
    .await;
    let mut sender = speak_http2(tcp(&simulator).await).await;
    let cut = sender.send_request(ask(&simulator, STREAM)).await.unwrap();
    assert!(cut.into_body().collect().await.is_err());
    let silent = tokio::spawn(sender.send_request(ask(&simulator, CHAT)));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(sender.send_request(ask(&simulator, CHAT)).await.is_err());
    assert!(silent.await.unwrap().is_err());
}

#[tokio::test]
async fn a_client_that_leaves_a_stream_of_http2_is_noticed_at_once() {
    let simulator = behaving(r#"{"fault":{"kind":"noAnswer"}}"#).await;
    let mut sender = speak_http2(tcp(&simulator).await).await;
    let asked = sender.send_request(ask(&simulator, CHAT));
    assert!(tokio::time::timeout(Duration::from_millis(100), asked).await.is_err());
    tokio::time::sleep(Duration::from_millis(200)).await;
    let journal = get(&simulator, "/_simulator/journal").await.json();
    assert_eq!(journal[0]["clientLeft"], true);
}

#[tokio::test]
async fn http2_can_be_turned_off() {
    let simulator = simulator(r#"{"http2":false}"#).await;
    let mut socket = tcp(&simulator).await;
    socket.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    // Whether it closes or resets, it does not answer in HTTP/2.
    let _ = socket.read_to_end(&mut answer).await;
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 400"), "{answer:?}");
    assert_eq!(chat(&simulator).await.status, 200);
}

#[tokio::test]
async fn streams_beyond_the_most_wait_for_their_turn() {
    let simulator = simulator(r#"{"maxConcurrentStreams":1,"defaults":{"latencyMs":60}}"#).await;
    let mut sender = speak_http2(tcp(&simulator).await).await;
    // The first answer makes sure that the settings of the server have arrived.
    sender.send_request(ask(&simulator, CHAT)).await.unwrap();
    let begun = std::time::Instant::now();
    let (one, two) = (ask(&simulator, CHAT), ask(&simulator, CHAT));
    let mut other = sender.clone();
    let one = async { sender.send_request(one).await.unwrap().collect().await.unwrap() };
    let two = async { other.send_request(two).await.unwrap().collect().await.unwrap() };
    tokio::join!(one, two);
    assert!(begun.elapsed() >= Duration::from_millis(120), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_connection_that_goes_away_finishes_what_it_accepted_and_never_sees_the_rest() {
    for scheme in ["http", "https"] {
        let tls_on = scheme == "https";
        let simulator = simulator(&format!(
            r#"{{"tls":{tls_on},"goAwayAfter":5,"journal":50,
                "defaults":{{"tokens":20,"tokenIntervalMs":5}}}}"#
        ))
        .await;
        let sender = if tls_on {
            speak_http2(tls(&simulator, "localhost", &["h2"]).await).await
        } else {
            speak_http2(tcp(&simulator).await).await
        };
        let asked: Vec<_> = (0..20)
            .map(|_| {
                let (mut sender, request) = (sender.clone(), ask(&simulator, STREAM));
                tokio::spawn(async move {
                    let answer = sender.send_request(request).await.ok()?;
                    let body = answer.into_body().collect().await.ok()?.to_bytes();
                    Some(body.ends_with(b"data: [DONE]\n\n"))
                })
            })
            .collect();
        let mut whole = Vec::new();
        for answer in asked {
            whole.extend(answer.await.unwrap());
        }
        assert_eq!(whole, [true; 5], "{scheme}");
        let patience = Duration::from_secs(5);
        let closed = async {
            while !sender.is_closed() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(patience, closed).await.unwrap();
        if !tls_on {
            let journal = get(&simulator, "/_simulator/journal").await.json();
            assert_eq!(journal.as_array().unwrap().len(), 5);
            assert_eq!(chat(&simulator).await.status, 200);
        }
    }
}

#[tokio::test]
async fn a_connection_goes_away_at_once_even_if_nothing_is_answered() {
    let simulator =
        simulator(r#"{"goAwayAfter":2,"defaults":{"fault":{"kind":"noAnswer"}}}"#).await;
    let mut socket = tcp(&simulator).await;
    // The preface, empty settings, and three requests whose bodies do not end.
    socket.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    for stream in [1_u8, 3, 5] {
        let head = [0, 0, 3, 1, 4, 0, 0, 0, stream, 0x83, 0x86, 0x84];
        socket.write_all(&head).await.unwrap();
    }
    let mut seen = Vec::new();
    let goaway = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0];
    while !seen.windows(goaway.len()).any(|window| window == goaway) {
        let mut buffer = [0; 256];
        let read = socket.read(&mut buffer).await.unwrap();
        assert!(read > 0, "{seen:?}");
        seen.extend_from_slice(&buffer[..read]);
    }
}

#[tokio::test]
async fn tls_is_trusted_by_its_authority_under_every_local_name() {
    let simulator = simulator(r#"{"tls":true}"#).await;
    assert_eq!(simulator.url(), format!("https://127.0.0.1:{}/v1", simulator.port()));
    for name in ["localhost", "127.0.0.1", "::1"] {
        let mut stream = tls(&simulator, name, &["http/1.1"]).await;
        let headers = [("authorization", "Bearer k"), ("connection", "close")];
        let request = request("POST", "/v1/chat/completions", CHAT, &headers);
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{name}");
    }
}

#[tokio::test]
async fn http2_is_negotiated_under_tls() {
    let simulator = simulator(r#"{"tls":true}"#).await;
    let stream = tls(&simulator, "localhost", &["h2", "http/1.1"]).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    let mut sender = speak_http2(stream).await;
    assert_eq!(sender.send_request(ask(&simulator, CHAT)).await.unwrap().status(), 200);
}

#[tokio::test]
async fn stopping_closes_connections_and_frees_the_port() {
    let simulator = behaving(r#"{"fault":{"kind":"noAnswer"}}"#).await;
    let port = simulator.port();
    let mut socket = tcp(&simulator).await;
    let headers = [("authorization", "Bearer k")];
    let request = request("POST", "/v1/chat/completions", CHAT, &headers);
    socket.write_all(request.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    simulator.stop().await;
    let answer = crate::wire::read(&mut socket).await;
    assert!(matches!(answer.end, End::Closed | End::Reset), "{answer:?}");
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
}

#[tokio::test]
async fn an_address_that_is_taken_is_told() {
    let first = simulator("{}").await;
    let config = SimulatorConfig { port: first.port(), ..SimulatorConfig::default() };
    let error = start(config).await.unwrap_err();
    assert!(matches!(error, SimulatorError::Listen { .. }));
    assert_eq!(error.to_string(), format!("cannot listen on 127.0.0.1:{}", first.port()));
}

#[tokio::test]
async fn the_url_of_all_interfaces_is_a_local_one() {
    let simulator = simulator(r#"{"host":"0.0.0.0"}"#).await;
    assert_eq!(simulator.url(), format!("http://127.0.0.1:{}/v1", simulator.port()));
    assert_eq!(simulator.ca_pem(), None);
}
