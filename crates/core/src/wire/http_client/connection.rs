//! One request and the head of its response over one HTTP/1.1 connection. The task that asks is
//! the one that writes and reads: there is nobody in between to be woken, and no buffer that
//! lasts as long as a stream.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Uri;
use tokio::io::AsyncWrite;

use super::Malformed;
use super::head::{Parsed, Received, parse};
use super::socket::Socket;

/// As Node.js.
const MAX_HEAD: usize = 16 * 1024;
/// How much is read at a time.
const READ: usize = 16 * 1024;
/// A body up to this size is sent in one piece with its head.
const SMALL_BODY: usize = 16 * 1024;

thread_local! {
    /// What is being read, until the end of that poll.
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; READ]);
}

/// Reads once and looks at what came: an empty slice is the end.
pub(super) fn poll_read<R>(
    socket: &mut Socket,
    context: &mut Context<'_>,
    look: impl FnOnce(&[u8]) -> R,
) -> Poll<io::Result<R>> {
    BUFFER.with_borrow_mut(|buffer| match socket.poll_read_slice(context, buffer) {
        Poll::Ready(Ok(length)) => Poll::Ready(Ok(look(&buffer[..length]))),
        Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
        Poll::Pending => Poll::Pending,
    })
}

/// Why there is no response.
#[derive(Debug)]
pub(super) enum Broken {
    /// The connection ended before any byte of a response.
    Unanswered(io::Error),
    /// It ended within the head.
    Cut(io::Error),
    /// What came is not HTTP.
    Malformed(Malformed),
}

/// A request's bytes, and how many of them have been written.
pub(super) struct Outgoing {
    head: Vec<u8>,
    body: Bytes,
    written: usize,
}

impl Outgoing {
    pub(super) fn new(mut head: Vec<u8>, body: Bytes) -> Self {
        if body.len() > SMALL_BODY {
            return Self { head, body, written: 0 };
        }
        head.extend_from_slice(&body);
        Self { head, body: Bytes::new(), written: 0 }
    }

    /// Once more from the beginning.
    pub(super) fn rewind(&mut self) {
        self.written = 0;
    }

    /// All of it has been written.
    pub(super) fn is_written(&self) -> bool {
        self.rest().is_empty()
    }

    fn rest(&self) -> &[u8] {
        match self.head.get(self.written..) {
            Some(head) if !head.is_empty() => head,
            _ => &self.body[self.written - self.head.len()..],
        }
    }

    fn poll_write(
        &mut self,
        socket: &mut Socket,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while !self.is_written() {
            match Pin::new(&mut *socket).poll_write(context, self.rest()) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(written)) => self.written += written,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
        Pin::new(socket).poll_flush(context)
    }
}

/// A response's head and what followed it in the same read.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) received: Received,
    pub(super) ahead: Vec<u8>,
    /// The whole request had been written.
    pub(super) written: bool,
}

/// Writes a request and reads the head of the response. A server may answer before it has read
/// all of the request: a refusal ends the exchange, for anything else the request is written on.
/// An answer that came before the connection was reset counts.
pub(super) async fn exchange(
    socket: &mut Socket,
    outgoing: &mut Outgoing,
    uri: &Uri,
) -> Result<Answered, Broken> {
    let mut incoming = Incoming::default();
    let mut write_error = None;
    let mut written = false;
    poll_fn(|context| {
        if !written && write_error.is_none() {
            match outgoing.poll_write(socket, context) {
                Poll::Ready(Ok(())) => written = true,
                Poll::Ready(Err(error)) => write_error = Some(error),
                Poll::Pending => {}
            }
        }
        loop {
            if let Some((received, ahead)) = incoming.whole.take() {
                let refused = received.head.status >= 300;
                if written || refused || write_error.is_some() {
                    return Poll::Ready(Ok(Answered { received, ahead, written }));
                }
                incoming.whole = Some((received, ahead));
                return Poll::Pending;
            }
            match incoming.poll(socket, context, uri) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(broken)) => {
                    return Poll::Ready(Err(match write_error.take() {
                        Some(error) if !incoming.heard => Broken::Unanswered(error),
                        _ => broken,
                    }));
                }
                Poll::Pending => {
                    // Nothing is there to be read, and nothing can come on such a connection.
                    return match write_error.take() {
                        Some(error) => Poll::Ready(Err(Broken::Unanswered(error))),
                        None => Poll::Pending,
                    };
                }
            }
        }
    })
    .await
}

/// The head that is coming in.
#[derive(Default)]
struct Incoming {
    /// Its beginning, where it does not come in one piece.
    partial: Vec<u8>,
    heard: bool,
    whole: Option<(Received, Vec<u8>)>,
}

impl Incoming {
    fn poll(
        &mut self,
        socket: &mut Socket,
        context: &mut Context<'_>,
        uri: &Uri,
    ) -> Poll<Result<(), Broken>> {
        match poll_read(socket, context, |bytes| self.take(bytes, uri)) {
            Poll::Ready(Ok(result)) => Poll::Ready(result),
            Poll::Ready(Err(error)) => Poll::Ready(Err(self.ended(error))),
            Poll::Pending => Poll::Pending,
        }
    }

    fn ended(&self, error: io::Error) -> Broken {
        if self.heard { Broken::Cut(error) } else { Broken::Unanswered(error) }
    }

    fn take(&mut self, bytes: &[u8], uri: &Uri) -> Result<(), Broken> {
        if bytes.is_empty() {
            return Err(self.ended(closed()));
        }
        self.heard = true;
        if self.partial.is_empty() {
            return self.parse(bytes, uri);
        }
        let mut joined = std::mem::take(&mut self.partial);
        joined.extend_from_slice(bytes);
        self.parse(&joined, uri)
    }

    fn parse(&mut self, bytes: &[u8], uri: &Uri) -> Result<(), Broken> {
        let mut rest = bytes;
        loop {
            match parse(rest, uri).map_err(Broken::Malformed)? {
                Parsed::Interim(length) => rest = &rest[length..],
                Parsed::Whole(length, received) if length <= MAX_HEAD => {
                    self.whole = Some((received, rest[length..].to_vec()));
                    return Ok(());
                }
                Parsed::Partial if rest.len() <= MAX_HEAD => {
                    self.partial.extend_from_slice(rest);
                    return Ok(());
                }
                Parsed::Whole(..) | Parsed::Partial => {
                    return Err(Broken::Malformed(Malformed::LongHead));
                }
            }
        }
    }
}

/// The server has closed the connection. In the words of Node.js' fetch.
pub(super) fn closed() -> io::Error {
    io::Error::new(ErrorKind::UnexpectedEof, "other side closed")
}
