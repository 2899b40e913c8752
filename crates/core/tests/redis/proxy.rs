//! A proxy before a redis-server that lets subscriptions fall silent without closing them, as a route
//! does that is lost.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use crate::server::Server;

pub(crate) struct Proxy {
    port: u16,
    /// Of each connection that has subscribed, whether it is silent.
    subscriptions: Arc<Mutex<Vec<Arc<AtomicBool>>>>,
}

impl Proxy {
    pub(crate) async fn before(server: &Server) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let subscriptions = Arc::<Mutex<Vec<_>>>::default();
        let (to, known) = (server.port(), Arc::clone(&subscriptions));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(("127.0.0.1", to)).await else { continue };
                let silent = Arc::new(AtomicBool::new(false));
                let (asks, answers) = (client.into_split(), server.into_split());
                tokio::spawn(pass(asks.0, answers.1, Arc::clone(&silent), Some(known.clone())));
                tokio::spawn(pass(answers.0, asks.1, silent, None));
            }
        });
        Self { port, subscriptions }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Nothing comes through any more on connections that have subscribed so far.
    pub(crate) fn silence(&self) {
        let subscriptions = self.subscriptions.lock().unwrap();
        assert!(!subscriptions.is_empty(), "nobody has subscribed");
        subscriptions.iter().for_each(|silent| silent.store(true, Ordering::Relaxed));
    }
}

/// Passes on one direction; what subscribes is noted in `subscriptions`.
async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    silent: Arc<AtomicBool>,
    subscriptions: Option<Arc<Mutex<Vec<Arc<AtomicBool>>>>>,
) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        let bytes = &buffer[..count];
        if let Some(subscriptions) = &subscriptions
            && bytes.windows(9).any(|word| word.eq_ignore_ascii_case(b"subscribe"))
        {
            subscriptions.lock().unwrap().push(Arc::clone(&silent));
        }
        if !silent.load(Ordering::Relaxed) && to.write_all(bytes).await.is_err() {
            return;
        }
    }
}
