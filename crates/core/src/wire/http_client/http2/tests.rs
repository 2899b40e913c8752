#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::future::poll_fn;
use std::sync::atomic::AtomicBool;

use h2::server::{self, SendResponse};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::*;
use crate::wire::http_client::{Http2, HttpClient, HttpSettings, Response as Answer, ResponseBody};

/// A server that answers `ok` and counts what it sees.
struct Server {
    profile: Profile,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    /// The first connection says goodbye after its first request.
    goes_away: AtomicBool,
}

/// What the server sends after the head.
#[derive(Clone)]
enum Body {
    Ok,
    /// As much as the client lets it.
    Flood,
    /// `ok`, once there is a permit.
    Held(Arc<Semaphore>),
}

impl Server {
    async fn start(most_streams: u32, body: impl Fn(&str) -> Body + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let profile = Profile::new("POST", &url, [], false, None, Http2::PriorKnowledge).unwrap();
        let seen = Arc::new(Seen::default());
        let (counting, body) = (Arc::clone(&seen), Arc::new(body));
        tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let first = counting.connections.fetch_add(1, Ordering::Relaxed) == 0;
                let goes_away = first && counting.goes_away.load(Ordering::Relaxed);
                let body = Arc::clone(&body);
                tokio::spawn(async move {
                    let mut builder = server::Builder::new();
                    builder.max_concurrent_streams(most_streams);
                    let mut connection = builder.handshake::<_, Bytes>(socket).await.unwrap();
                    while let Some(Ok((request, response))) = connection.accept().await {
                        let what = request.headers().get("x-what").map(|what| what.to_str());
                        let body = body(what.and_then(Result::ok).unwrap_or_default());
                        tokio::spawn(respond(response, body));
                        if goes_away {
                            connection.graceful_shutdown();
                        }
                    }
                });
            }
        });
        Self { profile, seen }
    }

    async fn ask(&self, client: &HttpClient, what: &'static str) -> Result<Answer, Fault> {
        let extra = HeaderMap::from_iter([(
            http::HeaderName::from_static("x-what"),
            http::HeaderValue::from_static(what),
        )]);
        client.send(&self.profile, &extra, Bytes::from_static(b"{}"), 0).await
    }
}

async fn respond(mut response: SendResponse<Bytes>, body: Body) {
    if let Body::Held(permits) = &body {
        permits.acquire().await.unwrap().forget();
    }
    let mut send = response.send_response(Response::new(()), false).unwrap();
    if let Body::Flood = body {
        loop {
            send.reserve_capacity(16 * 1024);
            match poll_fn(|context| send.poll_capacity(context)).await {
                Some(Ok(room)) => send.send_data(vec![b'x'; room].into(), false).unwrap(),
                _ => return,
            }
        }
    }
    let _ = send.send_data(Bytes::from_static(b"ok"), true);
}

async fn text(mut body: ResponseBody) -> String {
    let mut text = Vec::new();
    while poll_fn(|context| body.poll_pieces(context, |piece| text.extend_from_slice(piece)))
        .await
        .unwrap()
    {}
    String::from_utf8(text).unwrap()
}

fn client() -> HttpClient {
    HttpClient::new(&HttpSettings::default()).unwrap()
}

async fn soon<T>(future: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(20), future).await.expect("it hangs")
}

#[tokio::test]
async fn requests_share_a_connection() {
    let server = Server::start(100, |_| Body::Ok).await;
    let client = client();
    for _ in 0..3 {
        let answer = soon(server.ask(&client, "")).await.unwrap();
        assert_eq!(answer.head.status, 200);
        assert_eq!(text(answer.body).await, "ok");
    }
    assert_eq!(server.seen.connections.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn more_streams_than_the_server_allows_go_over_more_connections() {
    let permits = Arc::new(Semaphore::new(0));
    let held = Body::Held(Arc::clone(&permits));
    let server = Arc::new(Server::start(10, move |_| held.clone()).await);
    let client = client();
    let calls: Vec<_> = (0..45)
        .map(|_| {
            let (server, client) = (Arc::clone(&server), client.clone());
            tokio::spawn(async move {
                let answer = server.ask(&client, "").await.unwrap();
                text(answer.body).await
            })
        })
        .collect();
    // Nobody is answered before all have been sent: none may wait for another.
    soon(async {
        while server.seen.connections.load(Ordering::Relaxed) < 5 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    permits.add_permits(45);
    for call in calls {
        assert_eq!(soon(call).await.unwrap(), "ok");
    }
    assert_eq!(server.seen.connections.load(Ordering::Relaxed), 5);
}

#[tokio::test]
async fn streams_that_nobody_reads_hold_up_nobody() {
    let body = |what: &str| if what == "flood" { Body::Flood } else { Body::Ok };
    let server = Server::start(100, body).await;
    let client = client();
    let mut unread = Vec::new();
    for _ in 0..50 {
        unread.push(soon(server.ask(&client, "flood")).await.unwrap());
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    for _ in 0..20 {
        let answer = soon(server.ask(&client, "")).await.unwrap();
        assert_eq!(soon(text(answer.body)).await, "ok");
    }
    assert_eq!(server.seen.connections.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_goodbye_lets_streams_finish_and_sends_others_elsewhere() {
    let permits = Arc::new(Semaphore::new(0));
    let held = Body::Held(Arc::clone(&permits));
    let body = move |what: &str| if what == "held" { held.clone() } else { Body::Ok };
    let server = Arc::new(Server::start(100, body).await);
    server.seen.goes_away.store(true, Ordering::Relaxed);
    let client = client();
    let accepted = {
        let (server, client) = (Arc::clone(&server), client.clone());
        tokio::spawn(async move {
            let answer = server.ask(&client, "held").await.unwrap();
            text(answer.body).await
        })
    };
    for _ in 0..10 {
        let answer = soon(server.ask(&client, "")).await.unwrap();
        assert_eq!(text(answer.body).await, "ok");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    permits.add_permits(1);
    assert_eq!(soon(accepted).await.unwrap(), "ok");
    assert_eq!(server.seen.connections.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_body_that_is_dropped_gives_its_stream_back() {
    let server = Server::start(1, |_| Body::Flood).await;
    let client = client();
    for _ in 0..5 {
        drop(soon(server.ask(&client, "")).await.unwrap());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(server.seen.connections.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn calls_that_wait_for_a_connection_that_cannot_be_opened_fail_with_it() {
    // It accepts, and says nothing: a handshake of TLS never ends.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let profile = Profile::new("POST", &url, [], false, None, Http2::Negotiated).unwrap();
    let profile = profile.with_connect_timeout(Duration::from_millis(500));
    let client = HttpClient::new(&HttpSettings::default()).unwrap();
    let extra = HeaderMap::new();
    let ask = || client.send(&profile, &extra, Bytes::from_static(b"{}"), 0);
    let calls = tokio::join!(ask(), ask(), ask());
    for answer in [calls.0, calls.1, calls.2] {
        assert!(answer.map(drop).unwrap_err().timed_out);
    }
    let connections = || timeout(Duration::from_millis(50), listener.accept());
    assert!(connections().await.is_ok());
    assert!(connections().await.is_err(), "each has tried for itself");
    // Who comes later tries anew.
    assert!(ask().await.map(drop).unwrap_err().timed_out);
    assert!(connections().await.is_ok());
}
