//! What a gateway knows outlives it in a file, and is shared with others in Redis.

use std::process::{Child, Command};
use std::time::Duration;

use super::support::{ask, chat, config, gateway_with, instance, limited, provider};
use model_multiplexer_gateway::{StartError, start};

/// A redis-server (Debian: redis-server) on a free port, gone with the test.
struct Redis {
    child: Child,
    url: String,
}

impl Redis {
    async fn start() -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let at = free.local_addr().unwrap();
        drop(free);
        let port = at.port().to_string();
        let child = Command::new("redis-server")
            .args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        for _ in 0..1000 {
            if tokio::net::TcpStream::connect(at).await.is_ok() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Self { child, url: format!("redis://{at}") }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn rests_and_what_is_spent_outlive_a_gateway_in_its_file() {
    let (tired, well) = (limited().await, provider("{}").await);
    let mut spendable = instance("two", &well, &["m"]);
    spendable = spendable.replace("models: [", "limits: {rpd: 2}, models: [");
    let instances = [instance("one", &tired, &["m"]), spendable];
    let name = format!("mm-gateway-state-{}.json", std::process::id());
    let path = std::env::temp_dir().join(name);
    let more = format!("state: {{file: {{path: \"{}\"}}}}", path.display());
    let gateway = gateway_with(&instances, &more).await;
    let first = ask(&gateway, &chat("m", "")).await;
    assert_eq!((first.status, first.header("x-mm-attempts")), (200, Some("2")), "{first:?}");
    let another = start(config(&instances, &more)).await;
    assert!(matches!(another, Err(StartError::State(_))), "{another:?}");
    assert!(gateway.drain().await);

    let gateway = gateway_with(&instances, &more).await;
    let second = ask(&gateway, &chat("m", "")).await;
    assert_eq!((second.status, second.header("x-mm-attempts")), (200, Some("1")), "{second:?}");
    assert_eq!(ask(&gateway, &chat("m", "")).await.status, 429);
    gateway.close().await;
    std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn gateways_with_one_redis_send_no_more_than_the_limit_together() {
    let redis = Redis::start().await;
    let simulator = provider("{}").await;
    let instances =
        [instance("one", &simulator, &["m"]).replace("models: [", "limits: {rpd: 6}, models: [")];
    let more =
        format!("state: {{redis: {{url: \"{}\"}}}}\nrouting: {{max_wait_ms: 1000}}", redis.url);
    let first = gateway_with(&instances, &more).await;
    let second = gateway_with(&instances, &more).await;
    let mut well = 0;
    for _ in 0..4 {
        let body = chat("m", "");
        let (one, other) = tokio::join!(ask(&first, &body), ask(&second, &body));
        for answer in [one, other] {
            assert!(matches!(answer.status, 200 | 429), "{answer:?}");
            well += u32::from(answer.status == 200);
        }
    }
    assert_eq!(well, 6);
    first.close().await;
    second.close().await;
}
