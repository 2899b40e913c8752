#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::future::poll_fn;
use std::sync::Mutex;

use http::HeaderMap;
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::wire::http_client::{HttpClient, HttpSettings};
use crate::wire::{Profile, http_client::Http2};

fn acceptor() -> TlsAcceptor {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = CertificateDer::from(made.cert.der().to_vec());
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let crypto = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(crypto)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(std::sync::Arc::new(config))
}

async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        assert_ne!(stream.read_buf(&mut head).await.unwrap(), 0, "the head is not whole");
    }
    String::from_utf8(head).unwrap()
}

async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    read_head(&mut stream).await;
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.unwrap();
    stream.flush().await.unwrap();
    // The client closes first.
    let _ = stream.read(&mut [0]).await;
}

/// What a client gets through a proxy that is spoken to over TLS, and what the proxy was asked.
async fn through_secure_proxy(to_secure_server: bool) -> (String, String) {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let scheme = if to_secure_server { "https" } else { "http" };
    let address = server.local_addr().unwrap();
    let url = format!("{scheme}://localhost:{}/", address.port());
    let proxy_url = format!("https://me:secret@localhost:{}", proxy.local_addr().unwrap().port());
    tokio::spawn(async move {
        let (tcp, _) = server.accept().await.unwrap();
        if to_secure_server {
            answer(acceptor().accept(tcp).await.unwrap()).await;
        } else {
            answer(tcp).await;
        }
    });
    let asked = std::sync::Arc::new(Mutex::new(String::new()));
    let noted = std::sync::Arc::clone(&asked);
    tokio::spawn(async move {
        let (tcp, _) = proxy.accept().await.unwrap();
        let mut client = acceptor().accept(tcp).await.unwrap();
        *noted.lock().unwrap() = read_head(&mut client).await;
        client.write_all(b"HTTP/1.1 200 Connection Established\r\n\r\n").await.unwrap();
        let mut upstream = tokio::net::TcpStream::connect(address).await.unwrap();
        let _ = copy_bidirectional(&mut client, &mut upstream).await;
    });
    let settings = HttpSettings { accept_invalid_certificates: true, ..HttpSettings::default() };
    let client = HttpClient::new(&settings).unwrap();
    let profile = Profile::new("GET", &url, [], false, Some(&proxy_url), Http2::Never).unwrap();
    let extra = HeaderMap::new();
    let mut body = client.send(&profile, &extra, bytes::Bytes::new(), 0).await.unwrap().body;
    let mut text = Vec::new();
    while poll_fn(|context| body.poll_pieces(context, |piece| text.extend_from_slice(piece)))
        .await
        .unwrap()
    {}
    let asked = asked.lock().unwrap().clone();
    (String::from_utf8(text).unwrap(), asked)
}

#[tokio::test]
async fn a_proxy_may_be_spoken_to_over_tls_and_the_server_behind_it_as_well() {
    for to_secure_server in [false, true] {
        let (text, asked) = through_secure_proxy(to_secure_server).await;
        assert_eq!(text, "ok");
        assert!(asked.starts_with("CONNECT localhost:"), "{asked}");
        assert!(asked.contains("\r\nproxy-authorization: Basic bWU6c2VjcmV0\r\n"), "{asked}");
    }
}
