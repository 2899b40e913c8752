//! Reading a request to its end and writing it into the journal; not what it means.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::SystemTime;

use bytes::{Bytes, BytesMut};
use http::Version;
use http::request::Parts;
use http_body::Body as _;
use hyper::body::Incoming;

use crate::connection::Connection;
use crate::journal::{Entry, Fate, Journal, Trace};

/// A simulator holds a whole body; larger ones are refused.
const MOST: usize = 64 * 1024 * 1024;

/// The body of a request.
pub(crate) enum Intake {
    Whole(Bytes),
    TooLarge,
    /// The client left before the end.
    Broken,
}

/// Reads a body. One that comes in a single piece is not copied.
pub(crate) async fn read(mut incoming: Incoming) -> Intake {
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while !incoming.is_end_stream() {
        let frame = match poll_fn(|cx| Pin::new(&mut incoming).poll_frame(cx)).await {
            None => break,
            Some(Err(_)) => return Intake::Broken,
            Some(Ok(frame)) => frame,
        };
        let Ok(data) = frame.into_data() else { continue };
        if first.is_empty() {
            first = data;
            continue;
        }
        if rest.is_empty() {
            rest.extend_from_slice(&first);
        }
        rest.extend_from_slice(&data);
        if rest.len() > MOST {
            return Intake::TooLarge;
        }
    }
    Intake::Whole(if rest.is_empty() { first } else { rest.freeze() })
}

/// Milliseconds of the Unix epoch.
pub(crate) fn epoch_ms() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as u64)
}

/// Writes a request into the journal.
pub(crate) fn record(
    journal: &Journal,
    connection: &Connection,
    head: &Parts,
    body: Bytes,
    key: Option<&str>,
    model: Option<&str>,
) -> Trace {
    let path = head.uri.path_and_query().map_or(head.uri.path(), |path| path.as_str());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let headers = head.headers.iter();
    Trace::of(journal.add(Entry {
        time: epoch_ms(),
        method: head.method.to_string(),
        path: path.to_owned(),
        http_version: match head.version {
            Version::HTTP_2 => "2",
            Version::HTTP_10 => "1.0",
            _ => "1.1",
        },
        connection: connection.number,
        key: key.map(str::to_owned),
        model: model.map(str::to_owned),
        headers: headers.map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect(),
        body,
        fate: Fate::default(),
    }))
}
