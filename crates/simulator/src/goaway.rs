//! A server of HTTP/2 that goes away after so many streams of a connection: those are finished,
//! later ones are never seen (RFC 9113 §6.8); not what is answered on any of them.
//!
//! hyper can only go away in two steps, which gives every stream under way time to be accepted.
//! Servers that are killed, and many proxies, are not that kind. So this sits between hyper and
//! the socket and takes the frames of later streams out.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const HEADER: usize = 9;
const READ: usize = 16 * 1024;

const HEADERS: u8 = 1;

/// The head of a frame.
#[derive(Clone, Copy, Debug)]
struct Frame {
    length: usize,
    kind: u8,
    flags: u8,
    stream: u32,
}

/// Finds the frames in bytes that come piece by piece.
#[derive(Debug, Default)]
struct Frames {
    head: BytesMut,
    /// Bytes of the payload that are still to come.
    payload: usize,
}

impl Frames {
    fn at_boundary(&self) -> bool {
        self.head.is_empty() && self.payload == 0
    }

    /// How many bytes belong to the payload, or are missing from the head.
    fn next(&self) -> usize {
        if self.payload > 0 { self.payload } else { HEADER - self.head.len() }
    }

    /// Takes bytes, no more than [`Self::next`] says. Gives a frame when its head is complete.
    fn take(&mut self, bytes: &[u8]) -> Option<Frame> {
        if self.payload > 0 {
            self.payload -= bytes.len();
            return None;
        }
        self.head.extend_from_slice(bytes);
        if self.head.len() < HEADER {
            return None;
        }
        let [high, middle, low, kind] = self.head.get_u32().to_be_bytes();
        let length = u32::from_be_bytes([0, high, middle, low]) as usize;
        let flags = self.head.get_u8();
        let stream = self.head.get_u32() & 0x7fff_ffff;
        self.payload = length;
        Some(Frame { length, kind, flags, stream })
    }
}

/// A socket whose connection goes away after so many streams.
#[derive(Debug)]
pub(crate) struct GoingAway<S> {
    socket: S,
    /// Streams yet to be accepted.
    left: u32,
    /// The last one that was.
    last: u32,
    /// Nothing until it is known, then whether the connection speaks HTTP/2.
    http2: Option<bool>,
    raw: BytesMut,
    accepted: BytesMut,
    incoming: Frames,
    dropping: bool,
    outgoing: Frames,
    farewell: Farewell,
}

#[derive(Debug, PartialEq)]
enum Farewell {
    NotYet,
    /// What is left to write of the frame.
    Due(BytesMut),
    Said,
}

impl<S> GoingAway<S> {
    pub(crate) fn new(socket: S, after: u32) -> Self {
        Self {
            socket,
            left: after,
            last: 0,
            http2: None,
            raw: BytesMut::new(),
            accepted: BytesMut::new(),
            incoming: Frames::default(),
            dropping: false,
            outgoing: Frames::default(),
            farewell: Farewell::NotYet,
        }
    }

    /// Moves what was read to what hyper may see.
    fn sift(&mut self) {
        if self.http2.is_none() {
            let seen = self.raw.len().min(PREFACE.len());
            if self.raw.get(..seen) != PREFACE.get(..seen) {
                self.http2 = Some(false);
            } else if seen == PREFACE.len() {
                self.http2 = Some(true);
                self.accepted.extend_from_slice(&self.raw.split_to(seen));
            } else {
                return;
            }
        }
        if self.http2 == Some(false) {
            self.accepted.unsplit(self.raw.split());
            return;
        }
        while !self.raw.is_empty() {
            let size = self.incoming.next().min(self.raw.len());
            let bytes = self.raw.split_to(size);
            let in_payload = self.incoming.payload > 0;
            if in_payload {
                self.incoming.take(&bytes);
                if !self.dropping {
                    self.accepted.extend_from_slice(&bytes);
                }
            } else if let Some(frame) = self.incoming.take(&bytes) {
                self.dropping = !self.accepts(frame);
                if !self.dropping {
                    push_head(&mut self.accepted, frame);
                }
            }
        }
    }

    /// Whether a frame is of a stream that was accepted, or of none.
    fn accepts(&mut self, frame: Frame) -> bool {
        if frame.kind == HEADERS && frame.stream > self.last && self.left > 0 {
            self.left -= 1;
            self.last = frame.stream;
            if self.left == 0 {
                self.farewell = Farewell::Due(goaway(frame.stream));
            }
        }
        self.left > 0 || frame.stream <= self.last
    }

    /// Notes where frames end in what hyper has written.
    fn note(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let size = self.outgoing.next().min(bytes.len());
            let (taken, rest) = bytes.split_at(size);
            bytes = rest;
            self.outgoing.take(taken);
        }
    }
}

impl<S: AsyncWrite + Unpin> GoingAway<S> {
    /// Says farewell if it is due and no frame is in the middle of being written.
    fn poll_farewell(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Farewell::Due(frame) = &mut self.farewell else { return Poll::Ready(Ok(())) };
        if !self.outgoing.at_boundary() {
            return Poll::Ready(Ok(()));
        }
        while !frame.is_empty() {
            let written = ready!(Pin::new(&mut self.socket).poll_write(cx, frame))?;
            frame.advance(written);
        }
        self.farewell = Farewell::Said;
        ready!(Pin::new(&mut self.socket).poll_flush(cx))?;
        Poll::Ready(Ok(()))
    }
}

fn push_head(out: &mut BytesMut, frame: Frame) {
    let [_, high, middle, low] = (frame.length as u32).to_be_bytes();
    out.extend_from_slice(&[high, middle, low, frame.kind, frame.flags]);
    out.extend_from_slice(&frame.stream.to_be_bytes());
}

/// GOAWAY with NO_ERROR: streams after this one were not and will not be processed.
fn goaway(last: u32) -> BytesMut {
    let mut out = BytesMut::new();
    push_head(&mut out, Frame { length: 8, kind: 7, flags: 0, stream: 0 });
    out.extend_from_slice(&last.to_be_bytes());
    out.extend_from_slice(&[0; 4]);
    out
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for GoingAway<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            if !this.accepted.is_empty() {
                let size = this.accepted.len().min(buf.remaining());
                buf.put_slice(&this.accepted.split_to(size));
                return Poll::Ready(Ok(()));
            }
            if let Poll::Ready(said) = this.poll_farewell(cx) {
                said?;
            }
            // A client that has been told leaves by itself. Until then it may still be sending, and a
            // socket that is closed with bytes unread takes back what was said before.
            let mut space = [0; READ];
            let mut read = ReadBuf::new(&mut space);
            ready!(Pin::new(&mut this.socket).poll_read(cx, &mut read))?;
            if read.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            this.raw.extend_from_slice(read.filled());
            this.sift();
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for GoingAway<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.http2 != Some(true) {
            return Pin::new(&mut this.socket).poll_write(cx, buf);
        }
        ready!(this.poll_farewell(cx))?;
        // Up to the end of the frame, if something is to be said after it.
        let most = match this.farewell {
            Farewell::Due(_) => this.outgoing.next().min(buf.len()),
            Farewell::NotYet | Farewell::Said => buf.len(),
        };
        let part = buf.get(..most).unwrap_or(buf);
        let written = ready!(Pin::new(&mut this.socket).poll_write(cx, part))?;
        this.note(part.get(..written).unwrap_or(part));
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_farewell(cx))?;
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}
