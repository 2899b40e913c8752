//! Connections that nobody uses now, kept for a while for the next request along the same route.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Waker};
use std::time::Duration;

use tokio::time::Instant;

use super::route::Route;
use super::socket::Socket;

/// Less than Node.js servers keep theirs (5 s), so that a request seldom meets a connection that
/// is just being closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);
/// Where a server says how long it keeps a connection, it is left this much earlier…
const MARGIN: Duration = Duration::from_secs(1);
/// …and after this long whatever it says. Both as undici.
const LONGEST: Duration = Duration::from_mins(10);
/// How often connections that are too old or have been closed are looked for.
const SWEEP: Duration = Duration::from_secs(1);

/// Idle HTTP/1.1 connections by route, the youngest last.
#[derive(Debug, Default)]
pub(super) struct Pool(Mutex<Idle>);

#[derive(Debug, Default)]
struct Idle {
    by_route: HashMap<Arc<Route>, Vec<Kept>>,
    swept: bool,
}

#[derive(Debug)]
struct Kept {
    socket: Socket,
    until: Instant,
}

impl Kept {
    /// Nothing has come, not even an end.
    fn is_open(&mut self) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        self.socket.poll_read_slice(&mut context, &mut [0]).is_pending()
    }
}

impl Pool {
    /// The connection along this route that was used last.
    pub(super) fn take(&self, route: &Arc<Route>) -> Option<Socket> {
        let now = Instant::now();
        let mut idle = self.lock();
        let kept = idle.by_route.get_mut(route)?;
        while let Some(mut last) = kept.pop() {
            if last.until > now && last.is_open() {
                return Some(last.socket);
            }
        }
        None
    }

    /// Keeps a connection, for as long as the server says that it will.
    pub(super) fn put(
        self: &Arc<Self>,
        route: &Arc<Route>,
        socket: Socket,
        keep_alive: Option<Duration>,
    ) {
        let span = match keep_alive {
            Some(server) => server.saturating_sub(MARGIN).min(LONGEST),
            None => IDLE_TIMEOUT,
        };
        if span.is_zero() {
            return;
        }
        let kept = Kept { socket, until: Instant::now() + span };
        let mut idle = self.lock();
        match idle.by_route.get_mut(route) {
            Some(others) => others.push(kept),
            None => drop(idle.by_route.insert(Arc::clone(route), vec![kept])),
        }
        if !std::mem::replace(&mut idle.swept, true) {
            tokio::spawn(sweep(Arc::downgrade(self)));
        }
    }

    /// Closes what is too old or has been closed by the server. False when nothing is left.
    fn sweep(&self) -> bool {
        let now = Instant::now();
        let mut idle = self.lock();
        idle.by_route.retain(|_, kept| {
            kept.retain_mut(|kept| kept.until > now && kept.is_open());
            !kept.is_empty()
        });
        idle.swept = !idle.by_route.is_empty();
        idle.swept
    }

    fn lock(&self) -> MutexGuard<'_, Idle> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs while there are idle connections.
async fn sweep(pool: Weak<Pool>) {
    loop {
        tokio::time::sleep(SWEEP).await;
        match pool.upgrade() {
            Some(pool) if pool.sweep() => {}
            _ => return,
        }
    }
}
