//! Opens connections: names, TCP, TLS. It does not keep them.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tower_service::Service;

use super::{Fault, Origin};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const KEEP_ALIVE: Duration = Duration::from_mins(1);

/// Opens connections.
#[derive(Clone)]
pub(super) struct Connector {
    tcp: HttpConnector,
    tls: TlsConnector,
}

impl Connector {
    pub(super) fn new(tls: ClientConfig) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEP_ALIVE));
        Self { tcp, tls: TlsConnector::from(Arc::new(tls)) }
    }

    /// A connection to `origin`, within 10 s.
    pub(super) async fn connect(&self, origin: &Origin) -> Result<Socket, Fault> {
        match timeout(CONNECT_TIMEOUT, self.open(origin)).await {
            Ok(opened) => opened,
            Err(_) => Err(Fault {
                message: "Connect Timeout Error".to_owned(),
                code: Some("UND_ERR_CONNECT_TIMEOUT"),
                timed_out: true,
            }),
        }
    }

    async fn open(&self, origin: &Origin) -> Result<Socket, Fault> {
        let uri = Uri::builder()
            .scheme("http")
            .authority(format!("{}:{}", origin.host, origin.port))
            .path_and_query("/")
            .build()
            .map_err(|error| Fault::of(&error))?;
        let tcp = self.tcp.clone().call(uri).await.map_err(|error| Fault::of(&error))?;
        let tcp = tcp.into_inner();
        if !origin.secure {
            return Ok(Socket::Plain(tcp));
        }
        let name = origin.host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(name).map_err(|error| Fault::of(&error))?;
        let tls = self.tls.connect(name, tcp).await.map_err(|error| Fault::of(&error))?;
        Ok(Socket::Tls(Box::new(tls)))
    }
}

/// An open connection's bytes.
#[derive(Debug)]
pub(super) enum Socket {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Socket {
    /// Reads into `buffer`; 0 at the end. A TLS connection that ends without saying so ends, too:
    /// whether a body was whole is for its framing to say.
    pub(super) fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut read = ReadBuf::new(buffer);
        let polled = match self {
            Self::Plain(tcp) => Pin::new(tcp).poll_read(context, &mut read),
            Self::Tls(tls) => Pin::new(tls).poll_read(context, &mut read),
        };
        match polled {
            Poll::Ready(Ok(())) => Poll::Ready(Ok(read.filled().len())),
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Poll::Ready(Ok(0))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => Poll::Pending,
        }
    }

    pub(super) fn poll_write(
        &mut self,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self {
            Self::Plain(tcp) => Pin::new(tcp).poll_write(context, bytes),
            Self::Tls(tls) => Pin::new(tls).poll_write(context, bytes),
        }
    }

    pub(super) fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(_) => Poll::Ready(Ok(())),
            Self::Tls(tls) => Pin::new(tls).poll_flush(context),
        }
    }
}
