//! Listening, accepting and stopping: who owns which task; not what is answered.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::rt::Executor;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::config::{Script, SimulatorConfig};
use crate::connection::{Connection, Gauge, Socket};
use crate::error::SimulatorError;
use crate::exchange;
use crate::goaway::GoingAway;
use crate::ordinary;
use crate::provider::Provider;
use crate::script::ActiveScript;
use crate::tls;

/// A running simulator. Dropping it stops it, without waiting until it has.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    ca_pem: Option<String>,
    stop: oneshot::Sender<()>,
    /// One task: the one that accepts, which owns those of the connections.
    tasks: JoinSet<()>,
}

/// Starts a simulator on the current Tokio runtime. It listens when this returns.
///
/// # Errors
///
/// [`SimulatorError::Listen`] if the address cannot be listened on,
/// [`SimulatorError::Certificate`] or [`SimulatorError::Tls`] if TLS cannot be set up.
///
/// # Panics
///
/// Outside a Tokio runtime with I/O and time enabled.
pub async fn start(config: SimulatorConfig) -> Result<Simulator, SimulatorError> {
    let tls = if config.tls { Some(tls::make(&config.host, config.http2)?) } else { None };
    let asked = format!("{}:{}", config.host, config.port);
    let listen = |source| SimulatorError::Listen { address: asked.clone(), source };
    let listener = TcpListener::bind((config.host.as_str(), config.port)).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let script = Script { defaults: config.defaults, models: config.models, keys: config.keys };
    let provider = Arc::new(Provider::new(config.seed, config.journal, ActiveScript::new(script)));
    let (acceptor, ca_pem) = match tls {
        Some(tls) => (Some(TlsAcceptor::from(tls.server)), Some(tls.ca_pem)),
        None => (None, None),
    };
    let server = Server {
        provider,
        acceptor,
        http2: config.http2,
        max_concurrent_streams: config.max_concurrent_streams.get(),
        go_away_after: config.go_away_after,
    };
    let (stop, stopped) = oneshot::channel();
    let mut tasks = JoinSet::new();
    tasks.spawn(Arc::new(server).accept(listener, stopped));
    Ok(Simulator { address, ca_pem, stop, tasks })
}

impl Simulator {
    /// The base URL for clients: `http://127.0.0.1:4010/v1`, or `https` with TLS.
    pub fn url(&self) -> String {
        let scheme = if self.ca_pem.is_some() { "https" } else { "http" };
        let ip = match self.address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
            ip => ip,
        };
        format!("{scheme}://{}/v1", SocketAddr::new(ip, self.address.port()))
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// With TLS, the certificate authority that clients have to trust, as PEM.
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// Closes the listener and all connections. When this returns, the port is free.
    pub async fn stop(mut self) {
        // An error would mean that the task is already gone.
        let _ = self.stop.send(());
        while self.tasks.join_next().await.is_some() {}
    }
}

/// What it takes to serve a connection.
struct Server {
    provider: Arc<Provider>,
    acceptor: Option<TlsAcceptor>,
    http2: bool,
    max_concurrent_streams: u32,
    go_away_after: Option<NonZeroU32>,
}

impl Server {
    async fn accept(self: Arc<Self>, listener: TcpListener, mut stopped: oneshot::Receiver<()>) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                // The sender is dropped with the simulator, which aborts this task anyway.
                _ = &mut stopped => break,
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(Arc::clone(&self).serve(stream));
                    }
                    // Out of file descriptors, most likely: others may soon be closed.
                    Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                },
                Some(_) = connections.join_next() => {}
            }
        }
        drop(listener);
        connections.shutdown().await;
    }

    async fn serve(self: Arc<Self>, stream: TcpStream) {
        let _open = Gauge::up(&self.provider.counters.connections_open);
        let connection = Connection::new(self.provider.count_connection());
        // A socket that cannot do this is closed already.
        let _ = stream.set_nodelay(true);
        let socket = Socket::new(stream, Arc::clone(&connection));
        let end = Arc::clone(&connection);
        tokio::select! {
            () = end.wants_end() => {}
            // Whatever ends a connection is the business of the client.
            _ = self.speak(socket, connection) => {}
        }
    }

    async fn speak(&self, socket: Socket, connection: Arc<Connection>) -> io::Result<()> {
        match &self.acceptor {
            Some(acceptor) => self.converse(acceptor.accept(socket).await?, connection).await,
            None if self.go_away_after.is_some() => self.converse(socket, connection).await,
            None => {
                let rest = ordinary::converse(socket, &self.provider, &connection).await?;
                if let Some(socket) = rest {
                    self.converse(socket, connection).await;
                }
            }
        }
        Ok(())
    }

    async fn converse<S>(&self, socket: S, connection: Arc<Connection>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        match self.go_away_after {
            Some(after) => self.talk(GoingAway::new(socket, after.get()), connection).await,
            None => self.talk(socket, connection).await,
        }
    }

    async fn talk<S>(&self, socket: S, connection: Arc<Connection>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let tasks = StreamTasks::default();
        let mut builder = Builder::new(tasks.clone());
        // A timer for each request's head would cost more than the head.
        builder.http1().timer(TokioTimer::new()).header_read_timeout(None).writev(false);
        builder.http2().max_concurrent_streams(self.max_concurrent_streams);
        if !self.http2 {
            builder = builder.http1_only();
        }
        let service = service_fn(move |request| {
            exchange::serve(Arc::clone(&self.provider), Arc::clone(&connection), request)
        });
        // Errors are the end of the connection, which the journal knows more about.
        let _ = builder.serve_connection(TokioIo::new(socket), service).await;
    }
}

/// The tasks of the streams of one HTTP/2 connection, which end with it.
#[derive(Clone, Debug, Default)]
struct StreamTasks(Arc<Mutex<JoinSet<()>>>);

impl<F> Executor<F> for StreamTasks
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, stream: F) {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(stream);
    }
}
