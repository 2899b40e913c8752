//! One TCP connection: its number, how it is reset, what is open on it; not what is answered.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::BytesMut;
use hyper::body::Incoming;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::sleep;

/// A reset discards what has not arrived; this is ample on a loopback.
const BEFORE_RESET: Duration = Duration::from_millis(20);

/// The answer is to break off here.
#[derive(Debug, thiserror::Error)]
#[error("the simulator cuts the connection")]
pub(crate) struct Abort;

/// What the requests of one connection know about it.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) number: u64,
    reset: AtomicBool,
    wake: Notify,
    requests: AtomicU64,
    /// The body of a request that is not read, which would otherwise be drained.
    unread: Mutex<Option<Incoming>>,
}

impl Connection {
    pub(crate) fn new(number: u64) -> Arc<Self> {
        Arc::new(Self {
            number,
            reset: AtomicBool::new(false),
            wake: Notify::new(),
            requests: AtomicU64::new(0),
            unread: Mutex::default(),
        })
    }

    /// Counts a request; true for the first one.
    pub(crate) fn count_request(&self) -> bool {
        self.requests.fetch_add(1, Ordering::Relaxed) == 0
    }

    /// Asks for the connection to be reset, with all that is on it.
    pub(crate) fn reset(&self) {
        self.reset.store(true, Ordering::Release);
        self.wake.notify_one();
    }

    /// Asks for the connection to be closed, with all that is on it.
    pub(crate) fn close(&self) {
        self.wake.notify_one();
    }

    /// Asks for the connection to be reset as soon as the answer that is given now had time to
    /// arrive. The rest of the request is not read.
    pub(crate) fn reset_soon(&self, unread: Incoming) {
        *self.unread.lock().unwrap_or_else(PoisonError::into_inner) = Some(unread);
        self.wake.notify_one();
    }

    /// Waits until the end of the connection is asked for.
    pub(crate) async fn wants_end(&self) {
        self.wake.notified().await;
        let held = self.unread.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        if held {
            sleep(BEFORE_RESET).await;
            self.reset.store(true, Ordering::Release);
        }
    }
}

/// A socket that closes with a TCP RST if its connection is to be reset.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: TcpStream,
    connection: Arc<Connection>,
    /// What was read and is to be read again.
    unread: BytesMut,
}

impl Socket {
    pub(crate) fn new(stream: TcpStream, connection: Arc<Connection>) -> Self {
        Self { stream, connection, unread: BytesMut::new() }
    }

    /// Has these bytes read before any others.
    pub(crate) fn unread(&mut self, bytes: BytesMut) {
        self.unread = bytes;
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.connection.reset.load(Ordering::Acquire) {
            // A close with nothing to linger for discards what is unsent and sends RST. If that
            // cannot be had, the close is an ordinary one.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.unread.is_empty() {
            let length = self.unread.len().min(buf.remaining());
            buf.put_slice(&self.unread.split_to(length));
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// Counts one of what is open for as long as it lives.
#[derive(Debug)]
pub(crate) struct Gauge(Arc<AtomicU64>);

impl Gauge {
    pub(crate) fn up(open: &Arc<AtomicU64>) -> Self {
        open.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(open))
    }
}

impl Drop for Gauge {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
