//! Instances that are reached by way of a proxy, each by its own.

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::support::{ask, chat, gateway, instance, provider};

/// A proxy that leads everyone to where they ask; its address, and the heads that it is sent.
async fn proxy() -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (told, heads) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(lead(stream, told.clone()));
        }
    });
    (address, heads)
}

async fn lead(mut client: TcpStream, told: mpsc::UnboundedSender<String>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    let asked = head.split(' ').nth(1).unwrap().trim_start_matches("http://");
    let to = asked.split('/').next().unwrap().to_owned();
    let mut server = TcpStream::connect(to).await.unwrap();
    if head.starts_with("CONNECT ") {
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    } else {
        server.write_all(head.as_bytes()).await.unwrap();
    }
    told.send(head).unwrap();
    let _ = copy_bidirectional(&mut client, &mut server).await;
}

#[tokio::test]
async fn an_instance_is_reached_by_its_own_proxy_and_others_are_not() {
    let simulator = provider("{}").await;
    let (address, mut heads) = proxy().await;
    let by_proxy = format!("proxy: \"http://user:pass@{address}\", models: [");
    let instances = [
        instance("led", &simulator, &["m"]).replace("models: [", &by_proxy),
        instance("direct", &simulator, &["n"]).replace("models: [", "proxy: false, models: ["),
    ];
    let gateway = gateway(&instances).await;
    let answer = ask(&gateway, &chat("n", "")).await;
    assert_eq!((answer.status, heads.try_recv().ok()), (200, None), "{answer:?}");
    let answer = ask(&gateway, &chat("m", "")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let head = heads.try_recv().unwrap().to_ascii_lowercase();
    assert!(head.contains("proxy-authorization: basic dxnlcjpwyxnz"), "{head}");
}
