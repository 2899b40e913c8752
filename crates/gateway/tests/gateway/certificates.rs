//! What the gateway shows of itself to a provider that asks who it is.

use std::sync::Arc;

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use super::support::{ask, chat, gateway};

const REPLY: &str = r#"{"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}"#;

/// A certificate for this machine, and its key, as PEM.
fn made() -> (String, String) {
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

/// A provider that answers only those who show the certificate `client`; its URL.
async fn strict(own: &(String, String), client: &str) -> String {
    let der = |pem: &str| CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(der(client)).unwrap();
    let crypto = Arc::new(default_provider());
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&crypto));
    let key = PrivateKeyDer::from_pem_slice(own.1.as_bytes()).unwrap();
    let server = ServerConfig::builder_with_provider(crypto)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(vec![der(&own.0)], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(server));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = vec![0; 64 * 1024];
            let _ = stream.read(&mut request).await;
            let length = REPLY.len();
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\
                 content-length: {length}\r\n\r\n{REPLY}"
            );
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    url
}

#[tokio::test]
async fn a_provider_that_asks_is_shown_the_certificate_of_its_instance() {
    let (own, client) = (made(), made());
    let url = strict(&own, &client.0).await;
    let folder = std::env::temp_dir().join(format!("mm-gateway-client-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let ca = file("ca.pem", &own.0);
    let (cert, key) = (file("cert.pem", &client.0), file("key.pem", &client.1));
    let of = |more: &str| {
        format!(
            "  - {{id: strict, type: openai-compatible, base_url: \"{url}\", api_key: k, \
             models: [m], ca_file: \"{ca}\"{more}}}\n"
        )
    };
    let shown = format!(", client_certificate: {{cert_file: \"{cert}\", key_file: \"{key}\"}}");
    let answer = ask(&gateway(&[of(&shown)]).await, &chat("m", "")).await;
    assert_eq!((answer.status, answer.at("/id")), (200, "c".into()), "{answer:?}");
    let answer = ask(&gateway(&[of("")]).await, &chat("m", "")).await;
    assert_eq!(answer.status, 502, "{answer:?}");
    std::fs::remove_dir_all(&folder).unwrap();
}
