//! How a request's body comes in: bounded in size, in time and in what all bodies may take.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::StatusCode;
use http_body::Body;
use hyper::body::Incoming;

use crate::refusal::{Kind, Refusal};

/// What bodies that are kept may take together.
#[derive(Debug)]
pub(crate) struct Budget {
    taken: AtomicUsize,
    most: usize,
}

/// A body's part of the budget, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    budget: Arc<Budget>,
    size: usize,
}

impl Budget {
    pub(crate) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { taken: AtomicUsize::new(0), most })
    }

    /// What is taken of it.
    pub(crate) fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    fn share(self: &Arc<Self>) -> Share {
        Share { budget: Arc::clone(self), size: 0 }
    }
}

impl Share {
    /// Takes so much more. False, and nothing is taken, if it is not there.
    fn grow(&mut self, by: usize) -> bool {
        let before = self.budget.taken.fetch_add(by, Ordering::Relaxed);
        if before + by > self.budget.most {
            self.budget.taken.fetch_sub(by, Ordering::Relaxed);
            return false;
        }
        self.size += by;
        true
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.taken.fetch_sub(self.size, Ordering::Relaxed);
    }
}

/// The bounds of one body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// In bytes.
    pub(crate) size: usize,
    /// From the head to the end.
    pub(crate) time: Duration,
}

/// Reads a body as text, and how much of the budget it has.
///
/// # Errors
/// What the client is told.
pub(crate) async fn read(
    body: Incoming,
    bounds: Bounds,
    budget: &Arc<Budget>,
) -> Result<(String, Share), Refusal> {
    let expected = body.size_hint().exact();
    if expected.is_some_and(|length| length > bounds.size as u64) {
        return Err(too_large(bounds.size));
    }
    let mut share = budget.share();
    let expected = expected.unwrap_or_default() as usize;
    if !share.grow(expected) {
        return Err(full());
    }
    let bytes = tokio::time::timeout(bounds.time, gather(body, expected, bounds.size, &mut share));
    let bytes = bytes.await.map_err(|_| too_slow())??;
    let text = String::from_utf8(bytes);
    let text = text.map_err(|_| Refusal::bad_request("invalid_json", "the body is not UTF-8"))?;
    Ok((text, share))
}

async fn gather(
    mut body: Incoming,
    expected: usize,
    most: usize,
    share: &mut Share,
) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::with_capacity(expected);
    loop {
        let frame = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
        let Some(frame) = frame else { return Ok(bytes) };
        let frame = frame.map_err(|_| cut_off())?;
        let Some(data) = frame.data_ref() else { continue };
        let size = bytes.len() + data.len();
        if size > most {
            return Err(too_large(most));
        }
        if size > share.size && !share.grow(size - share.size) {
            return Err(full());
        }
        bytes.extend_from_slice(data);
    }
}

fn too_large(most: usize) -> Refusal {
    let message = format!("the body is larger than {most} bytes");
    let kind = Kind::InvalidRequest;
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, kind, "body_too_large", message)
}

fn too_slow() -> Refusal {
    let message = "the body did not arrive in time";
    let kind = Kind::InvalidRequest;
    Refusal::new(StatusCode::REQUEST_TIMEOUT, kind, "body_too_slow", message)
}

fn cut_off() -> Refusal {
    Refusal::bad_request("body_cut_off", "the body ended before it was whole")
}

fn full() -> Refusal {
    let message = "the gateway holds as many request bodies as it may";
    Refusal::unavailable("overloaded", message, Some(Duration::from_secs(1)))
}
