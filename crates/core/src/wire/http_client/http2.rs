//! HTTP/2 (RFC 9113): connections that many requests share, none of which can hold up another.
//!
//! A stream's window is small and the connection's is larger than all of them together, so that
//! streams which nobody reads leave room for the rest; and a connection takes no more streams than
//! the server allows, so that none waits for another to end.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use h2::client::{Builder, Connection, SendRequest};
use h2::{Ping, Reason, RecvStream, SendStream};
use http::header::HOST;
use http::{HeaderMap, Request, Response, Version};
use tokio::sync::{Mutex as AsyncMutex, MutexGuard as AsyncMutexGuard};

use super::Fault;
use super::route::Route;
use super::socket::Socket;
use crate::wire::profile::Profile;

/// What a server may send of a stream that is not read.
const STREAM_WINDOW: u32 = 64 * 1024;
/// So many streams at most share a connection, whatever the server allows.
const MOST_STREAMS: usize = 100;
/// Room for all of them.
const CONNECTION_WINDOW: u32 = STREAM_WINDOW * (MOST_STREAMS as u32 + 1);
/// A head may be this long.
const MAX_HEAD: u32 = 16 * 1024;
/// A connection without streams is closed after so many of these.
const IDLE_CHECKS: u32 = 60;
const IDLE_CHECK: Duration = Duration::from_secs(1);

/// Connections by route.
#[derive(Default)]
pub(super) struct Http2Pool(Mutex<HashMap<Arc<Route>, Arc<Shared>>>);

/// The connections of one route.
#[derive(Default)]
pub(super) struct Shared {
    connections: Mutex<Vec<Shareable>>,
    /// How many there have been.
    opened: AtomicU64,
    /// Held while one is opened, so that calls which come at once do not each open one. Holds why
    /// the last one could not be.
    opening: AsyncMutex<Option<Fault>>,
    /// How many could not be.
    failures: AtomicU64,
}

/// The right to open a connection.
pub(super) struct Opening<'a> {
    shared: &'a Shared,
    last: AsyncMutexGuard<'a, Option<Fault>>,
    /// How many failures there were when it was asked for.
    failures: u64,
}

impl Opening<'_> {
    /// Why another could not open one while this was waited for, if so.
    pub(super) fn failed_meanwhile(&self) -> Option<Fault> {
        let is_later = self.shared.failures.load(Ordering::Acquire) != self.failures;
        is_later.then(|| self.last.clone()).flatten()
    }

    /// Leaves word for those who wait.
    pub(super) fn fail(mut self, fault: Fault) -> Fault {
        *self.last = Some(fault.clone());
        self.shared.failures.fetch_add(1, Ordering::AcqRel);
        fault
    }
}

struct Shareable {
    number: u64,
    send: SendRequest<Bytes>,
    streams: Arc<AtomicUsize>,
}

/// The right to one stream of a connection.
pub(super) struct Seat {
    number: u64,
    send: SendRequest<Bytes>,
    taken: Taken,
}

/// Gives the stream's place back.
struct Taken(Arc<AtomicUsize>);

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Http2Pool {
    /// The connections of a route.
    pub(super) fn of(&self, route: &Arc<Route>) -> Arc<Shared> {
        Arc::clone(lock(&self.0).entry(Arc::clone(route)).or_default())
    }
}

impl Shared {
    /// A place on a connection that has one.
    pub(super) fn seat(&self) -> Option<Seat> {
        lock(&self.connections).iter().find_map(Shareable::seat)
    }

    /// Waits for those who open a connection already.
    pub(super) async fn begin_opening(&self) -> Opening<'_> {
        let failures = self.failures.load(Ordering::Acquire);
        Opening { shared: self, last: self.opening.lock().await, failures }
    }

    /// Begins a connection, and keeps it for others.
    pub(super) async fn add(self: &Arc<Self>, socket: Socket) -> Result<(), h2::Error> {
        let (send, mut connection) = Builder::new()
            .initial_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_header_list_size(MAX_HEAD)
            .enable_push(false)
            .handshake(socket)
            .await?;
        let streams = Arc::new(AtomicUsize::new(0));
        let number = self.opened.fetch_add(1, Ordering::Relaxed);
        let pings = connection.ping_pong();
        tokio::spawn(drive(connection, Arc::downgrade(self), number, Arc::clone(&streams)));
        if let Some(mut pings) = pings {
            // The server's settings, its limit of streams among them, come before its answer.
            pings.ping(Ping::opaque()).await?;
        }
        lock(&self.connections).push(Shareable { number, send, streams });
        Ok(())
    }

    /// No new stream is begun on this connection; those that it has go on.
    fn retire(&self, number: u64) {
        lock(&self.connections).retain(|connection| connection.number != number);
    }
}

impl Shareable {
    fn seat(&self) -> Option<Seat> {
        let most = self.send.current_max_send_streams().min(MOST_STREAMS);
        let take = |streams: usize| (streams < most).then_some(streams + 1);
        self.streams.fetch_update(Ordering::AcqRel, Ordering::Acquire, take).ok()?;
        let taken = Taken(Arc::clone(&self.streams));
        Some(Seat { number: self.number, send: self.send.clone(), taken })
    }
}

/// Moves a connection's frames until it ends, or has had no stream for a while.
async fn drive(
    mut connection: Connection<Socket, Bytes>,
    shared: Weak<Shared>,
    number: u64,
    streams: Arc<AtomicUsize>,
) {
    let mut idle = 0;
    loop {
        tokio::select! {
            _ = &mut connection => break,
            () = tokio::time::sleep(IDLE_CHECK) => {
                idle = if streams.load(Ordering::Acquire) == 0 { idle + 1 } else { 0 };
            }
        }
        // With the last of its handles gone, the connection says goodbye and ends.
        match shared.upgrade() {
            Some(shared) if idle == IDLE_CHECKS => shared.retire(number),
            Some(_) => {}
            None => return,
        }
    }
    if let Some(shared) = shared.upgrade() {
        shared.retire(number);
    }
}

/// Why there is no response.
pub(super) enum Refused {
    /// The server has certainly not looked at the request.
    Unprocessed,
    /// Anything else.
    Failed(Fault),
}

impl Seat {
    /// Sends a request and waits for the head of its response.
    pub(super) async fn send(
        self,
        shared: &Shared,
        profile: &Profile,
        extra: &HeaderMap,
        body: Bytes,
        retry: u32,
    ) -> Result<(Response<()>, Http2Body), Refused> {
        let Self { number, send, taken } = self;
        let failed = |error: h2::Error| {
            if is_unprocessed(&error) {
                shared.retire(number);
                return Refused::Unprocessed;
            }
            Refused::Failed(fault(&error))
        };
        // A connection that takes no more streams says so here, before anything is sent.
        let mut send = send.ready().await.map_err(|_| {
            shared.retire(number);
            Refused::Unprocessed
        })?;
        let (response, mut request) = send
            .send_request(request(profile, extra, body.len(), retry), body.is_empty())
            .map_err(failed)?;
        if !body.is_empty() {
            request.send_data(body, true).map_err(failed)?;
        }
        let (head, stream) = response.await.map_err(failed)?.into_parts();
        let body = Http2Body { stream, request, taken: Some(taken) };
        Ok((Response::from_parts(head, ()), body))
    }
}

fn request(profile: &Profile, extra: &HeaderMap, length: usize, retry: u32) -> Request<()> {
    let mut headers = profile.fields(length, retry, extra);
    // The authority says it.
    headers.remove(HOST);
    let mut request = Request::new(());
    *request.method_mut() = profile.method.clone();
    *request.uri_mut() = profile.uri.clone();
    *request.version_mut() = Version::HTTP_2;
    *request.headers_mut() = headers;
    request
}

/// Nothing was done with the request: RFC 9113 §8.7.
fn is_unprocessed(error: &h2::Error) -> bool {
    let refused = error.is_reset() && error.reason() == Some(Reason::REFUSED_STREAM);
    refused || (error.is_go_away() && error.is_remote() && error.reason() == Some(Reason::NO_ERROR))
}

fn fault(error: &h2::Error) -> Fault {
    match error.get_io() {
        Some(io) => Fault::of_connection(io),
        None => Fault::of_connection(error),
    }
}

/// A body that comes in over HTTP/2. Dropped before its end, it cancels the stream.
pub(super) struct Http2Body {
    stream: RecvStream,
    /// Open for as long as the request is being written.
    #[expect(dead_code, reason = "dropped, it would reset a stream whose request is not written")]
    request: SendStream<Bytes>,
    taken: Option<Taken>,
}

impl Http2Body {
    /// As of a body over HTTP/1.1: false at the end.
    pub(super) fn poll(
        &mut self,
        context: &mut Context<'_>,
        take: &mut impl FnMut(&[u8]),
    ) -> Poll<Result<bool, Fault>> {
        if self.taken.is_none() {
            return Poll::Ready(Ok(false));
        }
        let Poll::Ready(data) = self.stream.poll_data(context) else { return Poll::Pending };
        let result = match data {
            Some(Ok(bytes)) => {
                // What has been read may be sent again.
                let _ = self.stream.flow_control().release_capacity(bytes.len());
                if !bytes.is_empty() {
                    take(&bytes);
                }
                return Poll::Ready(Ok(true));
            }
            Some(Err(error)) => Err(fault(&error)),
            None => Ok(false),
        };
        self.taken = None;
        Poll::Ready(result)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
