//! From a finished exchange to the mailbox: a whole reply, or a stream event by event under
//! credit. It does not decide what a failure means for the call.

mod head;
mod pump;

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http_body::Body as _;
use tokio::time::{Instant, Sleep, sleep_until};

use super::exchange::{Exchange, Failure};
use super::http_client::{Fault, ResponseBody};
use crate::mailbox::{Letter, Outbox};
use crate::outcome::Verdict;
use head::encode_head;

/// A body that says nothing for this long is given up, as by Node's fetch.
const SILENCE: Duration = Duration::from_mins(5);
/// A body of a reply that is not a stream may have this many bytes: V8's longest string.
const MAX_BODY: usize = 512 * 1024 * 1024 - 64;

/// Runs the exchange and posts what came of it: a reply, a stream, or a failure.
pub async fn answer(exchange: Exchange, stream: bool, outbox: Arc<Outbox>) {
    // On the heap, and gone with the body that was sent, before a stream that may last for long.
    let outcome = Box::pin(async move { exchange.run().await }).await;
    match outcome {
        Ok(response) if stream => pump::stream(response, &outbox).await,
        Ok(response) => whole(response, &outbox).await,
        Err(failure) => outbox.post(refusal(failure).await),
    }
}

async fn whole(response: Response<ResponseBody>, outbox: &Outbox) {
    let head = encode_head(&response);
    let letter = match read(response).await {
        Ok(body) => Letter::Reply { head, body },
        Err(fault) => Letter::Broken(fault),
    };
    outbox.post(letter);
}

async fn refusal(failure: Failure) -> Letter {
    match failure {
        Failure::Status(verdict, response) => {
            let head = encode_head(&response);
            // An error whose text does not arrive is still that error.
            let body = read(*response).await.unwrap_or_default();
            match verdict {
                Verdict::RateLimited => Letter::RateLimited { head, body },
                Verdict::Retryable | Verdict::Final => Letter::Refused { head, body },
            }
        }
        Failure::Connection(fault) => Letter::Unreachable(fault),
        Failure::TimedOut => Letter::TimedOut,
    }
}

/// Reads a whole body as text; what is not UTF-8 becomes U+FFFD, as `Response.text()` does.
async fn read(response: Response<ResponseBody>) -> Result<String, Fault> {
    let mut body = Vec::new();
    let mut pieces = Pieces::new(response);
    while let Some(piece) = pieces.next().await? {
        if body.len() + piece.len() > MAX_BODY {
            return Err(fault("the reply is larger than a string can be"));
        }
        body.extend_from_slice(&piece);
    }
    if body.starts_with(b"\xEF\xBB\xBF") {
        body.drain(..3);
    }
    Ok(String::from_utf8(body)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// A body piece by piece, given up when it is silent for too long.
struct Pieces {
    body: Pin<Box<ResponseBody>>,
    /// Set again only when it fires, not for every piece.
    silence: Option<Pin<Box<Sleep>>>,
    last: Instant,
}

impl Pieces {
    fn new(response: Response<ResponseBody>) -> Self {
        Self { body: Box::pin(response.into_body()), silence: None, last: Instant::now() }
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        let next = poll_fn(|context| self.poll_next(context)).await;
        self.last = Instant::now();
        next
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Fault>> {
        while let Poll::Ready(frame) = self.body.as_mut().poll_frame(context) {
            match frame {
                None => return Poll::Ready(Ok(None)),
                Some(Err(error)) => return Poll::Ready(Err(Fault::of(error.as_ref()))),
                Some(Ok(frame)) => {
                    // Anything else is trailers, which nobody reads.
                    if let Ok(piece) = frame.into_data() {
                        return Poll::Ready(Ok(Some(piece)));
                    }
                }
            }
        }
        let last = self.last;
        let timer = self.silence.get_or_insert_with(|| Box::pin(sleep_until(last + SILENCE)));
        while timer.as_mut().poll(context).is_ready() {
            if last.elapsed() >= SILENCE {
                let silent = fault("the body was silent for too long");
                return Poll::Ready(Err(Fault { timed_out: true, ..silent }));
            }
            timer.as_mut().reset(last + SILENCE);
        }
        Poll::Pending
    }
}

fn fault(message: &str) -> Fault {
    Fault { message: message.to_owned(), code: None, timed_out: false }
}
