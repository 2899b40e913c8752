//! An open connection's bytes, with and without TLS.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// An open connection's bytes.
#[derive(Debug)]
pub(super) enum Socket {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    /// To a server through a proxy that is spoken to over TLS.
    TlsInTls(Box<TlsStream<TlsStream<TcpStream>>>),
}

impl Socket {
    /// The protocol that was agreed upon (ALPN).
    pub(super) fn negotiated(&self) -> Option<&[u8]> {
        match self {
            Self::Plain(_) => None,
            Self::Tls(tls) => tls.get_ref().1.alpn_protocol(),
            Self::TlsInTls(tls) => tls.get_ref().1.alpn_protocol(),
        }
    }

    /// Lets the system acknowledge several small pieces at once, as it does by itself where
    /// requests and answers alternate, instead of each as it is read: a packet less for every
    /// other event of a stream. The system returns to its own ways as soon as an acknowledgement
    /// had to wait for its longest (40 ms on Linux), so that a server which waits for one before it
    /// sends on (Nagle's algorithm) loses that time once.
    pub(super) fn acknowledge_lazily(&self) {
        let tcp = match self {
            Self::Plain(tcp) => tcp,
            Self::Tls(tls) => tls.get_ref().0,
            Self::TlsInTls(tls) => tls.get_ref().0.get_ref().0,
        };
        #[cfg(target_os = "linux")]
        // Where this cannot be set, each piece is acknowledged as it is read.
        let _ = tcp.set_quickack(false);
        #[cfg(not(target_os = "linux"))]
        let _ = tcp;
    }

    /// Reads into `buffer`; 0 at the end.
    pub(super) fn poll_read_slice(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut read = ReadBuf::new(buffer);
        Pin::new(self).poll_read(context, &mut read).map_ok(|()| read.filled().len())
    }
}

impl AsyncRead for Socket {
    /// A TLS connection that ends without saying so ends, too: whether a body was whole is for
    /// its framing to say.
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let polled = match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_read(context, buffer),
            Self::Tls(tls) => Pin::new(tls).poll_read(context, buffer),
            Self::TlsInTls(tls) => Pin::new(tls).poll_read(context, buffer),
        };
        match polled {
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Poll::Ready(Ok(()))
            }
            polled => polled,
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_write(context, bytes),
            Self::Tls(tls) => Pin::new(tls).poll_write(context, bytes),
            Self::TlsInTls(tls) => Pin::new(tls).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_flush(context),
            Self::Tls(tls) => Pin::new(tls).poll_flush(context),
            Self::TlsInTls(tls) => Pin::new(tls).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_shutdown(context),
            Self::Tls(tls) => Pin::new(tls).poll_shutdown(context),
            Self::TlsInTls(tls) => Pin::new(tls).poll_shutdown(context),
        }
    }
}
