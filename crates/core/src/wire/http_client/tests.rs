#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::future::poll_fn;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::*;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

struct Server {
    listener: TcpListener,
    profile: Profile,
}

impl Server {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1/chat/completions", listener.local_addr().unwrap());
        let profile = Profile::new("POST", &url, [], false, None, Http2::Never).unwrap();
        Self { listener, profile }
    }

    async fn accept(&self) -> TcpStream {
        let accepted = timeout(Duration::from_secs(5), self.listener.accept());
        accepted.await.expect("nobody connects").unwrap().0
    }

    /// Accepts a connection on which a request has been read.
    async fn asked(&self) -> TcpStream {
        let mut stream = self.accept().await;
        read_request(&mut stream).await;
        stream
    }

    async fn ask(&self, client: &HttpClient, body: Bytes) -> Result<Response, Fault> {
        client.send(&self.profile, &HeaderMap::new(), body, 0).await
    }

    /// Whether a connection waits to be accepted.
    async fn is_called(&self) -> bool {
        timeout(Duration::from_millis(50), self.listener.accept()).await.is_ok()
    }
}

async fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"{}") {
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0, "the request is not whole");
    }
    String::from_utf8(bytes).unwrap()
}

fn client() -> HttpClient {
    HttpClient::new(&HttpSettings::default()).unwrap()
}

fn body() -> Bytes {
    Bytes::from_static(b"{}")
}

async fn text(mut body: ResponseBody) -> Result<String, Fault> {
    let mut text = Vec::new();
    while poll_fn(|context| body.poll_pieces(context, |piece| text.extend_from_slice(piece)))
        .await?
    {}
    Ok(String::from_utf8(text).unwrap())
}

/// Sends a request that is answered with these bytes, after which the connection is closed.
async fn answered(answer: &[u8]) -> Result<(Head, Result<String, Fault>), Fault> {
    let server = Server::start().await;
    let client = client();
    let serve = async {
        let mut stream = server.asked().await;
        stream.write_all(answer).await.unwrap();
    };
    let ((), response) = tokio::join!(serve, server.ask(&client, body()));
    let response = response?;
    Ok((response.head, text(response.body).await))
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let server = Server::start().await;
    let client = client();
    let serve = async {
        let mut stream = server.asked().await;
        stream.write_all(OK).await.unwrap();
        read_request(&mut stream).await;
        stream.write_all(OK).await.unwrap();
    };
    let ask = async {
        for _ in 0..2 {
            let response = server.ask(&client, body()).await.unwrap();
            assert_eq!(text(response.body).await.unwrap(), "ok");
        }
    };
    tokio::join!(serve, ask);
    assert!(!server.is_called().await);
}

#[tokio::test]
async fn a_request_that_may_have_been_read_is_not_sent_again() {
    let server = Server::start().await;
    let client = client();
    let serve = async {
        let mut stream = server.asked().await;
        stream.write_all(OK).await.unwrap();
        // The request comes, and the end goes.
        read_request(&mut stream).await;
    };
    let ask = async {
        let response = server.ask(&client, body()).await.unwrap();
        assert_eq!(text(response.body).await.unwrap(), "ok");
        server.ask(&client, body()).await.map(drop).unwrap_err()
    };
    let ((), fault) = tokio::join!(serve, ask);
    assert_eq!(fault.message, "other side closed");
    assert!(!server.is_called().await);
}

#[tokio::test]
async fn a_request_that_a_closed_connection_did_not_take_whole_is_sent_again() {
    let server = Server::start().await;
    let client = client();
    let size = 20 * 1024 * 1024;
    let serve = async {
        let mut stream = server.asked().await;
        stream.write_all(OK).await.unwrap();
        assert_ne!(stream.read(&mut [0; 1024]).await.unwrap(), 0);
        drop(stream);
        let mut stream = server.accept().await;
        let mut bytes = vec![0; 64 * 1024];
        let mut received = 0;
        while received < size {
            received += stream.read(&mut bytes).await.unwrap();
        }
        stream.write_all(OK).await.unwrap();
    };
    let ask = async {
        for body in [body(), Bytes::from(vec![b' '; size])] {
            let response = server.ask(&client, body).await.unwrap();
            assert_eq!(text(response.body).await.unwrap(), "ok");
        }
    };
    tokio::join!(serve, ask);
}

#[tokio::test]
async fn an_idle_connection_that_the_server_closes_is_let_go() {
    let server = Server::start().await;
    let client = client();
    let serve = async {
        let mut stream = server.asked().await;
        stream.write_all(OK).await.unwrap();
        stream.shutdown().await.unwrap();
        // The client's end arrives without anything being asked.
        assert_eq!(stream.read(&mut [0; 8]).await.unwrap(), 0);
    };
    let ask = async {
        let response = server.ask(&client, body()).await.unwrap();
        assert_eq!(text(response.body).await.unwrap(), "ok");
    };
    timeout(Duration::from_secs(5), async { tokio::join!(serve, ask) }).await.unwrap();
}

#[tokio::test]
async fn a_new_connection_that_ends_without_an_answer_is_a_failure() {
    let fault = answered(b"").await.map(drop).unwrap_err();
    assert_eq!(fault.code, Some("UND_ERR_SOCKET"));
    assert_eq!(fault.message, "other side closed");
}

#[tokio::test]
async fn a_refusal_before_the_body_was_read_is_that_refusal() {
    let server = Server::start().await;
    let client = client();
    let serve = async {
        let mut stream = server.accept().await;
        let mut some = [0; 1024];
        let _ = stream.read(&mut some).await.unwrap();
        let refusal = b"HTTP/1.1 429 Too Many Requests\r\ncontent-length: 4\r\n\r\nslow";
        stream.write_all(refusal).await.unwrap();
        // With 20 MB unread, the kernel resets the connection.
        drop(stream);
    };
    let large = Bytes::from(vec![b' '; 20 * 1024 * 1024]);
    let ((), response) = tokio::join!(serve, server.ask(&client, large));
    assert_eq!(response.unwrap().head.status, 429);
}

#[tokio::test]
async fn a_success_before_the_body_was_read_waits_for_the_rest() {
    let server = Server::start().await;
    let client = client();
    let size = 8 * 1024 * 1024;
    let serve = async {
        let mut stream = server.accept().await;
        let mut bytes = vec![0; 1024];
        let mut received = stream.read(&mut bytes).await.unwrap();
        stream.write_all(OK).await.unwrap();
        while received < size {
            received += stream.read(&mut bytes).await.unwrap();
        }
    };
    let large = Bytes::from(vec![b' '; size]);
    let ((), response) = tokio::join!(serve, server.ask(&client, large));
    assert_eq!(text(response.unwrap().body).await.unwrap(), "ok");
}

#[tokio::test]
async fn a_response_may_come_byte_by_byte() {
    let server = Server::start().await;
    let client = client();
    let answer = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\
                   transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n1;x\r\nd\r\n0\r\n\r\n";
    let serve = async {
        let mut stream = server.asked().await;
        stream.set_nodelay(true).unwrap();
        for byte in answer {
            stream.write_all(&[*byte]).await.unwrap();
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
    };
    let ask = async {
        let response = server.ask(&client, body()).await.unwrap();
        text(response.body).await.unwrap()
    };
    let ((), text) = tokio::join!(serve, ask);
    assert_eq!(text, "abcd");
}

#[tokio::test]
async fn heads_of_up_to_16_kb_are_read() {
    let head = |length| format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "a".repeat(length));
    assert!(answered(head(15 * 1024).as_bytes()).await.is_ok());
    let fault = answered(head(20 * 1024).as_bytes()).await.map(drop).unwrap_err();
    assert!(fault.message.contains("longer than 16 KB"), "{fault:?}");
}

#[tokio::test]
async fn a_body_without_a_length_lasts_until_the_end() {
    let (_, text) = answered(b"HTTP/1.1 200 OK\r\n\r\nall of it").await.unwrap();
    assert_eq!(text.unwrap(), "all of it");
}

#[tokio::test]
async fn a_body_that_is_cut_is_a_failure() {
    for answer in [
        &b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabc"[..],
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n",
    ] {
        let (_, text) = answered(answer).await.unwrap();
        assert_eq!(text.unwrap_err().message, "other side closed");
    }
}

#[tokio::test]
async fn what_is_not_http_is_a_failure() {
    let fault = answered(b"SSH-2.0-OpenSSH_9.2\r\n").await.map(drop).unwrap_err();
    assert!(fault.message.contains("not valid HTTP"), "{fault:?}");
}

#[tokio::test]
async fn a_connection_with_bytes_after_the_body_is_not_used_again() {
    let server = Server::start().await;
    let client = client();
    let serve = async {
        let mut stream = server.asked().await;
        stream.write_all(&[OK, b"HTTP/1.1 200 OK\r\n"].concat()).await.unwrap();
        let mut stream = server.asked().await;
        stream.write_all(OK).await.unwrap();
    };
    let ask = async {
        for _ in 0..2 {
            let response = server.ask(&client, body()).await.unwrap();
            assert_eq!(text(response.body).await.unwrap(), "ok");
        }
    };
    tokio::join!(serve, ask);
}

#[tokio::test]
async fn a_body_that_is_dropped_closes_its_connection() {
    let server = Server::start().await;
    let client = client();
    let serve = async {
        let mut stream = server.asked().await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabc").await.unwrap();
        assert_eq!(stream.read(&mut [0; 8]).await.unwrap(), 0);
    };
    let ask = async { drop(server.ask(&client, body()).await.unwrap()) };
    timeout(Duration::from_secs(5), async { tokio::join!(serve, ask) }).await.unwrap();
}

#[tokio::test]
async fn a_redirect_is_followed_with_the_body_or_as_a_get() {
    for (status, method) in [(307, "POST"), (308, "POST"), (301, "GET"), (303, "GET")] {
        let server = Server::start().await;
        let client = client();
        let serve = async {
            let mut stream = server.asked().await;
            let answer = format!(
                "HTTP/1.1 {status} Over There\r\nlocation: ../there?a=b#c\r\n\
                 content-length: 0\r\n\r\n"
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
            let mut bytes = vec![0; 1024];
            let length = stream.read(&mut bytes).await.unwrap();
            stream.write_all(OK).await.unwrap();
            String::from_utf8(bytes[..length].to_vec()).unwrap()
        };
        let (request, response) = tokio::join!(serve, server.ask(&client, body()));
        assert!(request.starts_with(&format!("{method} /v1/there?a=b HTTP/1.1\r\n")), "{request}");
        assert_eq!(request.ends_with("{}"), method == "POST");
        assert_eq!(response.unwrap().head.status, 200);
    }
}

#[tokio::test]
async fn a_redirect_to_another_origin_is_handed_back() {
    let answer =
        b"HTTP/1.1 307 There\r\nlocation: http://localhost:1/\r\ncontent-length: 0\r\n\r\n";
    let (head, _) = answered(answer).await.unwrap();
    assert_eq!(head.status, 307);
}

#[tokio::test]
async fn a_refused_connection_has_nodes_code() {
    let profile =
        Profile::new("POST", "http://127.0.0.1:1/", [], false, None, Http2::Never).unwrap();
    let fault = client().send(&profile, &HeaderMap::new(), body(), 0).await.map(drop).unwrap_err();
    assert_eq!(fault.code, Some("ECONNREFUSED"));
}
