//! Opens connections: names, TCP, a proxy's tunnel, TLS. It does not keep them.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tower_service::Service;

use super::Fault;
use super::connection::{Outgoing, exchange};
use super::route::{Http2, Origin, Proxy, Route};
use super::socket::Socket;

const KEEP_ALIVE: Duration = Duration::from_mins(1);

/// Opens connections.
#[derive(Clone)]
pub(super) struct Connector {
    tcp: HttpConnector,
    tls: TlsConnector,
    /// Offers HTTP/2 and HTTP/1.1.
    negotiating: TlsConnector,
    /// Offers HTTP/2.
    http2: TlsConnector,
}

/// An open connection.
pub(super) struct Opened {
    pub(super) socket: Socket,
    /// HTTP/2 is to be spoken.
    pub(super) http2: bool,
}

impl Connector {
    pub(super) fn new(tls: &ClientConfig) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEP_ALIVE));
        let offering = |protocols: &[&[u8]]| {
            let mut tls = tls.clone();
            tls.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
            TlsConnector::from(Arc::new(tls))
        };
        Self {
            tcp,
            tls: offering(&[]),
            negotiating: offering(&[b"h2", b"http/1.1"]),
            http2: offering(&[b"h2"]),
        }
    }

    /// A connection along `route`, `within` a time.
    pub(super) async fn connect(&self, route: &Route, within: Duration) -> Result<Opened, Fault> {
        match timeout(within, self.open(route)).await {
            Ok(opened) => opened,
            Err(_) => Err(Fault {
                message: "Connect Timeout Error".to_owned(),
                code: Some("UND_ERR_CONNECT_TIMEOUT"),
                timed_out: true,
            }),
        }
    }

    async fn open(&self, route: &Route) -> Result<Opened, Fault> {
        let origin = &route.origin;
        let socket = match &route.proxy {
            None => Socket::Plain(self.tcp(origin).await?),
            Some(proxy) => self.tunnel(proxy, origin).await?,
        };
        if !origin.secure {
            return Ok(Opened { socket, http2: route.http2 == Http2::PriorKnowledge });
        }
        let tls = match route.http2 {
            Http2::Never => &self.tls,
            Http2::Negotiated => &self.negotiating,
            Http2::PriorKnowledge => &self.http2,
        };
        let socket = encrypt(tls, origin, socket).await?;
        let chosen = socket.negotiated() == Some(b"h2");
        Ok(Opened { socket, http2: chosen || route.http2 == Http2::PriorKnowledge })
    }

    async fn tcp(&self, origin: &Origin) -> Result<TcpStream, Fault> {
        let uri = Uri::builder()
            .scheme("http")
            .authority(origin.authority())
            .path_and_query("/")
            .build()
            .map_err(|error| Fault::of(&error))?;
        let tcp = self.tcp.clone().call(uri).await.map_err(|error| Fault::of(&error))?;
        Ok(tcp.into_inner())
    }

    /// A way through a proxy. Plain http goes through a tunnel as well, as with undici.
    async fn tunnel(&self, proxy: &Proxy, origin: &Origin) -> Result<Socket, Fault> {
        let mut socket = Socket::Plain(self.tcp(&proxy.origin).await?);
        if proxy.origin.secure {
            socket = encrypt(&self.tls, &proxy.origin, socket).await?;
        }
        let authority = origin.authority();
        let mut head = format!("CONNECT {authority} HTTP/1.1\r\nhost: {authority}\r\n");
        if let Some(authorization) = &proxy.authorization {
            head.push_str("proxy-authorization: ");
            head.push_str(authorization);
            head.push_str("\r\n");
        }
        head.push_str("\r\n");
        let mut outgoing = Outgoing::new(head.into_bytes(), Bytes::new());
        let answered = exchange(&mut socket, &mut outgoing, &Uri::default()).await?;
        let status = answered.received.head.status;
        if !answered.received.head.is_success() || !answered.ahead.is_empty() {
            return Err(Fault {
                message: format!("the proxy answered CONNECT with {status}"),
                code: Some("UND_ERR_SOCKET"),
                timed_out: false,
            });
        }
        Ok(socket)
    }
}

async fn encrypt(tls: &TlsConnector, origin: &Origin, socket: Socket) -> Result<Socket, Fault> {
    let name = origin.host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let name = ServerName::try_from(name).map_err(|error| Fault::of(&error))?;
    let failed = |error: io::Error| Fault::of(&error);
    match socket {
        Socket::Plain(tcp) => {
            let tls = tls.connect(name, tcp).await.map_err(failed)?;
            Ok(Socket::Tls(Box::new(tls)))
        }
        Socket::Tls(outer) => {
            let tls = tls.connect(name, *outer).await.map_err(failed)?;
            Ok(Socket::TlsInTls(Box::new(tls)))
        }
        Socket::TlsInTls(_) => Err(Fault {
            message: "a connection is encrypted twice at most".to_owned(),
            code: None,
            timed_out: false,
        }),
    }
}

#[cfg(test)]
mod tests;
