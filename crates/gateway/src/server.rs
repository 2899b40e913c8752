//! Listening, accepting, draining and stopping: who owns which task; not what is answered.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use model_multiplexer_core::multiplexer::wake_waiting;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::config::Config;
use crate::log::Log;
use crate::outlet::{Due, Outlet};
use crate::plan::PlanError;
use crate::service;
use crate::shared::Shared;
use crate::state::StateError;
use crate::tls::{self, TlsError};

/// After the grace, errors have so long to reach their clients.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Why a gateway cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The thread that writes the log cannot be started.
    #[error("the log cannot be written: {0}")]
    Log(#[from] io::Error),
    /// State cannot be kept where it should be.
    #[error(transparent)]
    State(#[from] StateError),
    /// TLS cannot be spoken.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The configuration cannot be used.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

impl StartError {
    /// True where the configuration has to be changed: starting again does not help.
    pub fn is_of_configuration(&self) -> bool {
        match self {
            Self::Plan(_) | Self::Tls(_) => true,
            Self::State(error) => error.is_of_configuration(),
            Self::Listen { .. } | Self::Log(_) => false,
        }
    }
}

/// A running gateway. Dropping it stops it at once.
pub struct Gateway {
    address: SocketAddr,
    is_secure: bool,
    shared: Arc<Shared>,
    stop: watch::Sender<Stop>,
    /// The task that accepts, which owns those of the connections.
    accepting: JoinSet<()>,
    /// Wakes calls that wait.
    waking: JoinSet<()>,
    grace: Duration,
}

/// Ends what is under way in a gateway, while it is drained.
#[derive(Clone)]
pub struct Cut(Arc<Shared>);

impl Cut {
    /// What is under way ends with an error, which has a second to reach its client.
    pub fn now(&self) {
        self.0.cut();
    }
}

impl std::fmt::Debug for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cut").finish_non_exhaustive()
    }
}

/// What connections are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    /// Go on.
    Run,
    /// Finish what has begun.
    Drain,
}

/// Starts a gateway on the current Tokio runtime. It listens when this returns.
///
/// # Errors
/// [`StartError`].
pub async fn start(config: Config) -> Result<Gateway, StartError> {
    let log = Log::new(config.log)?;
    start_with(config, log).await
}

/// The same with a log that is there already.
pub(crate) async fn start_with(config: Config, log: Log) -> Result<Gateway, StartError> {
    let asked = SocketAddr::new(config.server.host, config.server.port);
    let (grace, bounds) = (config.server.grace, config.server.bounds);
    let tls = config.server.tls.as_ref().map(tls::acceptor).transpose()?;
    let is_secure = tls.is_some();
    let shared = Shared::new(config, log)?;
    shared.store.ready().await;
    let listen = |source| StartError::Listen { address: asked, source };
    let listener = TcpListener::bind(asked).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let (stop, stopped) = watch::channel(Stop::Run);
    let server = Server {
        shared: Arc::clone(&shared),
        stopped,
        tls,
        head: bounds.head,
        arrival: bounds.arrival,
        unread: bounds.unread,
        connections: Arc::new(Semaphore::new(bounds.connections)),
    };
    let mut waking = JoinSet::new();
    waking.spawn(wake_waiting(Arc::downgrade(&shared.fleet)));
    let mut accepting = JoinSet::new();
    accepting.spawn(Arc::new(server).accept(listener));
    Ok(Gateway { address, is_secure, shared, stop, accepting, waking, grace })
}

impl Gateway {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its URL, without `/v1`: of the loopback address where it listens on all.
    pub fn url(&self) -> String {
        let ip = match self.address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
            ip => ip,
        };
        let scheme = if self.is_secure { "https" } else { "http" };
        format!("{scheme}://{}", SocketAddr::new(ip, self.address.port()))
    }

    /// How many requests are being answered, streams until their end.
    pub fn in_flight(&self) -> usize {
        self.shared.in_flight()
    }

    /// Requests that come from now on are answered by another configuration; those under way keep
    /// theirs. The address, the bounds of connections and the place of the state stay as they were.
    ///
    /// # Errors
    /// [`PlanError`]; nothing has changed then.
    pub fn reload(&self, config: Config) -> Result<(), PlanError> {
        self.shared.reload(config)
    }

    /// What ends the grace of [`Self::drain`].
    pub fn cut(&self) -> Cut {
        Cut(Arc::clone(&self.shared))
    }

    /// Takes no new work, lets what has begun finish within the configured grace, and stops. True
    /// if everything had finished.
    pub async fn drain(mut self) -> bool {
        self.shared.drain();
        let _ = self.stop.send(Stop::Drain);
        let ended = tokio::select! {
            () = self.shared.is_cut() => false,
            ended = tokio::time::timeout(self.grace, self.accepting.join_next()) => ended.is_ok(),
        };
        // What ends because it is cut has not finished, and may have heard of it before this has.
        let finished = ended && !self.shared.was_cut();
        if !finished {
            self.shared.cut();
            let _ = tokio::time::timeout(LAST_WORDS, self.accepting.join_next()).await;
        }
        self.close().await;
        finished
    }

    /// Stops at once: connections are closed.
    pub async fn close(mut self) {
        self.accepting.shutdown().await;
        self.waking.shutdown().await;
        self.shared.store.close(&self.shared.log).await;
    }
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway").field("address", &self.address).finish_non_exhaustive()
    }
}

/// What it takes to serve a connection.
struct Server {
    shared: Arc<Shared>,
    stopped: watch::Receiver<Stop>,
    tls: Option<TlsAcceptor>,
    head: usize,
    arrival: Duration,
    unread: Duration,
    connections: Arc<Semaphore>,
}

impl Server {
    async fn accept(self: Arc<Self>, listener: TcpListener) {
        let mut connections = JoinSet::new();
        let mut stopped = self.stopped.clone();
        loop {
            // At the bound, the rest waits in the system's queue.
            let Ok(permit) = Arc::clone(&self.connections).acquire_owned().await else { break };
            tokio::select! {
                _ = stopped.changed() => break,
                accepted = listener.accept() => match accepted {
                    Ok((stream, peer)) => {
                        let server = Arc::clone(&self);
                        connections.spawn(async move {
                            server.serve(stream, peer).await;
                            drop(permit);
                        });
                    }
                    // Out of file descriptors, most likely: others may soon be closed.
                    Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                },
                Some(_) = connections.join_next() => {}
            }
        }
        drop(listener);
        while connections.join_next().await.is_some() {}
    }

    async fn serve(&self, stream: TcpStream, peer: SocketAddr) {
        // A socket that cannot do this is closed already.
        let _ = stream.set_nodelay(true);
        let Some(tls) = &self.tls else { return self.converse(stream, peer).await };
        // What a stranger says before it is a request is nobody's business.
        if let Ok(Ok(stream)) = tokio::time::timeout(self.arrival, tls.accept(stream)).await {
            self.converse(stream, peer).await;
        }
    }

    async fn converse<S>(&self, stream: S, peer: SocketAddr)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let due = Due::default();
        let stream = Outlet::new(stream, self.unread, due.clone());
        let service = service_fn(|request| {
            let (shared, due) = (Arc::clone(&self.shared), due.clone());
            async move {
                let mut response = service::answer(shared, peer.ip(), request).await;
                due.set(response.extensions_mut().remove());
                Ok::<_, Infallible>(response)
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.arrival)
            .max_buf_size(self.head.max(8192))
            .serve_connection(TokioIo::new(stream), service);
        tokio::pin!(connection);
        let mut stopped = self.stopped.clone();
        loop {
            tokio::select! {
                // Whatever ends a connection is the business of the client.
                _ = connection.as_mut() => return,
                _ = stopped.changed() => connection.as_mut().graceful_shutdown(),
            }
        }
    }
}
