//! A client's connection, which is given up when its client takes nothing of an answer for too long.
//! As long as hyper waits to write, it does not ask for more of the answer, so that nobody else
//! would end what is held for it: the provider's stream and the target's slot.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// A client who reads still hears what is said at the end.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// When the answer that has this in its extensions must have been taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TakenBy(pub(crate) Instant);

/// When the answer under way on a connection must have been taken, if it must.
#[derive(Clone, Debug, Default)]
pub(crate) struct Due(Arc<Mutex<Option<Instant>>>);

impl Due {
    /// Another answer is under way.
    pub(crate) fn set(&self, taken_by: Option<TakenBy>) {
        let due = taken_by.map(|TakenBy(until)| until + LAST_WORDS);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = due;
    }

    fn get(&self) -> Option<Instant> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection whose client is waited for only so long.
#[derive(Debug)]
pub(crate) struct Outlet<S> {
    socket: S,
    longest: Duration,
    due: Due,
    /// Since when the client has taken nothing.
    since: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl<S> Outlet<S> {
    /// Gives up when nothing can be written for `longest`, or when nothing can and it is `due`.
    pub(crate) fn new(socket: S, longest: Duration, due: Due) -> Self {
        Self { socket, longest, due, since: None, timer: None }
    }

    /// What came of an attempt to write, or that it is enough.
    fn judged<T>(
        &mut self,
        context: &mut Context<'_>,
        polled: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            self.since = None;
            return polled;
        }
        let since = *self.since.get_or_insert_with(Instant::now);
        let patience = since + self.longest;
        let until = self.due.get().map_or(patience, |due| due.min(patience));
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(until)));
        if timer.deadline() != until {
            timer.as_mut().reset(until);
        }
        timer.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Outlet<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Outlet<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.socket).poll_write(context, bytes);
        this.judged(context, polled)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.socket).poll_write_vectored(context, slices);
        this.judged(context, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.socket).poll_flush(context);
        this.judged(context, polled)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.socket).poll_shutdown(context);
        this.judged(context, polled)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const LONGEST: Duration = Duration::from_mins(1);

    /// After how long a client is given up who takes a byte every so often.
    async fn given_up_after(due: Due, takes_every: Option<Duration>) -> Duration {
        let (ours, mut theirs) = duplex(16);
        let client = tokio::spawn(async move {
            loop {
                match takes_every {
                    Some(span) => tokio::time::sleep(span).await,
                    None => std::future::pending().await,
                }
                let _ = theirs.read(&mut [0; 1]).await;
            }
        });
        let began = Instant::now();
        let mut outlet = Outlet::new(ours, LONGEST, due);
        let error = outlet.write_all(&[0; 32]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        client.abort();
        began.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_who_takes_nothing_is_given_up() {
        assert_eq!(given_up_after(Due::default(), None).await.as_secs(), 60);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_who_does_not_take_the_answer_in_time_is_given_up_then() {
        let due = Due::default();
        due.set(Some(TakenBy(Instant::now() + Duration::from_secs(10))));
        assert_eq!(given_up_after(due, None).await.as_secs(), 11);
        let due = Due::default();
        due.set(Some(TakenBy(Instant::now() + Duration::from_secs(100))));
        let slowly = Some(Duration::from_secs(30));
        assert_eq!(given_up_after(due, slowly).await.as_secs(), 101);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_who_takes_little_is_given_what_there_is() {
        let (ours, mut theirs) = duplex(16);
        let mut outlet = Outlet::new(ours, LONGEST, Due::default());
        let taken = tokio::spawn(async move {
            for taken in 0..32 {
                tokio::time::sleep(Duration::from_secs(50)).await;
                assert_eq!(theirs.read(&mut [0; 1]).await.unwrap(), 1, "{taken}");
            }
        });
        outlet.write_all(&[0; 32]).await.unwrap();
        taken.await.unwrap();
    }
}
