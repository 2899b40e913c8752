//! A response's body as it comes in, its framing and its codings taken off. Read to its end, it
//! gives its connection back; dropped before, it closes it.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::chunked::Chunked;
use super::connection::{Answered, closed, poll_read};
use super::decoding::{Coding, Decoder};
use super::head::{Framing, Head};
use super::http2::Http2Body;
use super::pool::Pool;
use super::route::Route;
use super::socket::Socket;
use super::{Fault, Malformed};

/// A decoded body.
pub struct ResponseBody {
    raw: RawBody,
    decoder: Option<Decoder>,
}

enum RawBody {
    Http1(Http1Body),
    Http2(Http2Body),
}

impl ResponseBody {
    /// The body of an answer over HTTP/1.1, whose connection goes back to `pool`.
    pub(super) fn http1(
        answered: Answered,
        socket: Socket,
        route: Arc<Route>,
        pool: Arc<Pool>,
    ) -> (Head, Self) {
        let Answered { received, ahead, written } = answered;
        let reading = match received.framing {
            Framing::Length(length) => Reading::Length(length),
            Framing::Chunked => Reading::Chunked(Chunked::default()),
            Framing::UntilClose => Reading::UntilClose,
        };
        let home = (received.persistent && written).then_some(Home {
            pool,
            route,
            keep_alive: received.keep_alive,
        });
        let mut raw = Http1Body { socket: Some(socket), home, ahead, reading };
        raw.end_if_empty();
        let decoder = Decoder::new(&received.codings);
        (received.head, Self { raw: RawBody::Http1(raw), decoder })
    }

    /// A body over HTTP/2.
    pub(super) fn http2(raw: Http2Body, codings: &[Coding]) -> Self {
        Self { raw: RawBody::Http2(raw), decoder: Decoder::new(codings) }
    }

    /// The next bytes, given to `take` in one or more pieces, none of them empty. False at the
    /// end.
    ///
    /// # Errors
    /// What ended the body before its end.
    pub(crate) fn poll_pieces(
        &mut self,
        context: &mut Context<'_>,
        mut take: impl FnMut(&[u8]),
    ) -> Poll<Result<bool, Fault>> {
        let Some(decoder) = &mut self.decoder else { return self.raw.poll(context, &mut take) };
        let mut failed = None;
        let polled = self.raw.poll(context, &mut |piece: &[u8]| match decoder.decode(piece) {
            Ok(bytes) if bytes.is_empty() => {}
            Ok(bytes) => take(&bytes),
            Err(error) => failed = Some(error),
        });
        match failed {
            Some(error) => Poll::Ready(Err(Fault::of_connection(&error))),
            None => polled,
        }
    }

    /// The body will come in many small pieces.
    pub(crate) fn expect_small_pieces(&self) {
        if let RawBody::Http1(Http1Body { socket: Some(socket), .. }) = &self.raw {
            socket.acknowledge_lazily();
        }
    }

    /// As many bytes as the body will have, where that is known and it is not encoded.
    pub(crate) fn expected(&self) -> Option<u64> {
        match &self.raw {
            RawBody::Http1(Http1Body { reading: Reading::Length(length), .. })
                if self.decoder.is_none() =>
            {
                Some(*length)
            }
            _ => None,
        }
    }

    /// Reads on and throws away, until the end.
    pub(crate) async fn skip(&mut self) -> Result<(), Fault> {
        while poll_fn(|context| self.poll_pieces(context, |_| ())).await? {}
        Ok(())
    }
}

impl RawBody {
    fn poll(
        &mut self,
        context: &mut Context<'_>,
        take: &mut impl FnMut(&[u8]),
    ) -> Poll<Result<bool, Fault>> {
        match self {
            Self::Http1(body) => body.poll(context, take),
            Self::Http2(body) => body.poll(context, take),
        }
    }
}

/// A body over HTTP/1.1, its codings not taken off.
struct Http1Body {
    /// None when the body has ended.
    socket: Option<Socket>,
    home: Option<Home>,
    /// What came together with the head.
    ahead: Vec<u8>,
    reading: Reading,
}

/// Where the connection goes.
struct Home {
    pool: Arc<Pool>,
    route: Arc<Route>,
    keep_alive: Option<Duration>,
}

enum Reading {
    /// So many bytes are to come.
    Length(u64),
    Chunked(Chunked),
    UntilClose,
}

impl Http1Body {
    fn end_if_empty(&mut self) {
        if matches!(self.reading, Reading::Length(0)) {
            let clean = self.ahead.is_empty();
            self.end(clean);
        }
    }

    /// The body has ended; where nothing came after it, the connection can be used again.
    fn end(&mut self, clean: bool) {
        let socket = self.socket.take();
        if let (Some(socket), Some(home), true) = (socket, self.home.take(), clean) {
            home.pool.put(&home.route, socket, home.keep_alive);
        }
    }

    fn poll(
        &mut self,
        context: &mut Context<'_>,
        take: &mut impl FnMut(&[u8]),
    ) -> Poll<Result<bool, Fault>> {
        if !self.ahead.is_empty() {
            let ahead = std::mem::take(&mut self.ahead);
            let read = self.reading.read(&ahead, take);
            return Poll::Ready(self.after(read));
        }
        let Some(socket) = &mut self.socket else { return Poll::Ready(Ok(false)) };
        let reading = &mut self.reading;
        match poll_read(socket, context, |bytes| reading.read(bytes, take)) {
            Poll::Ready(Ok(read)) => Poll::Ready(self.after(read)),
            Poll::Ready(Err(error)) => Poll::Ready(self.after(Err(Ended::Io(error)))),
            Poll::Pending => Poll::Pending,
        }
    }

    /// True also at the end, where bytes came with it: the next poll tells it.
    fn after(&mut self, read: Result<Progress, Ended>) -> Result<bool, Fault> {
        match read {
            Ok(Progress::More) => Ok(true),
            Ok(Progress::Done { clean }) => {
                self.end(clean);
                Ok(true)
            }
            Err(ended) => {
                self.end(false);
                Err(match ended {
                    Ended::Io(error) => Fault::of_connection(&error),
                    Ended::Malformed(malformed) => Fault::of_connection(&malformed),
                })
            }
        }
    }
}

enum Progress {
    More,
    /// Nothing is to come; `clean` if nothing came after the end.
    Done {
        clean: bool,
    },
}

enum Ended {
    Io(io::Error),
    Malformed(Malformed),
}

impl Reading {
    /// Takes bytes of the body; none are the end of the connection.
    fn read(&mut self, bytes: &[u8], take: &mut impl FnMut(&[u8])) -> Result<Progress, Ended> {
        match self {
            Self::UntilClose if bytes.is_empty() => Ok(Progress::Done { clean: false }),
            _ if bytes.is_empty() => Err(Ended::Io(closed())),
            Self::UntilClose => {
                take(bytes);
                Ok(Progress::More)
            }
            Self::Length(left) => {
                let here = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                take(&bytes[..here]);
                *left -= here as u64;
                let clean = here == bytes.len();
                Ok(if *left == 0 { Progress::Done { clean } } else { Progress::More })
            }
            Self::Chunked(chunked) => {
                let mut rest = bytes;
                let done = chunked.decode(&mut rest, take).map_err(Ended::Malformed)?;
                let clean = rest.is_empty();
                Ok(if done { Progress::Done { clean } } else { Progress::More })
            }
        }
    }
}
