//! Chat completions over HTTP/1.1 that nothing is special about, read and written here: benchmarks
//! ask for tens of thousands of them a second, and what the simulator costs is missing to whoever
//! is measured. Everything else on the connection is left to hyper, from its first byte.

use std::io;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::{Buf, BytesMut};
use http::Response;
use httparse::{EMPTY_HEADER, Request, Status};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::answer::body::AnswerBody;
use crate::connection::{Connection, Socket};
use crate::exchange;
use crate::provider::Provider;
use crate::request;

const PATH: &str = "/v1/chat/completions";
const READ: usize = 8 * 1024;
/// A longer request is not ordinary.
const MOST: usize = 64 * 1024;
const MOST_HEADERS: usize = 48;
/// Headers that make a request another one.
const SPECIAL: [&str; 6] =
    ["connection", "expect", "transfer-encoding", "upgrade", "http2-settings", "x-simulate"];

/// Answers for as long as requests are ordinary; then gives back the socket, with the first that is
/// not still in it, or nothing if the client has left.
pub(crate) async fn converse(
    mut socket: Socket,
    provider: &Arc<Provider>,
    connection: &Connection,
) -> io::Result<Option<Socket>> {
    let mut incoming = BytesMut::with_capacity(READ);
    let mut outgoing = BytesMut::new();
    let mut date = Date::default();
    loop {
        let found = read(&incoming);
        if let Read::Ordinary { key, body, length } = found
            && let Some(response) = exchange::serve_ordinary(provider, connection, key, body).await
        {
            // Answers to requests that came together leave together.
            write(&mut outgoing, &response, date.now())?;
            incoming.advance(length);
            continue;
        }
        let is_partly = matches!(found, Read::Partly);
        if !outgoing.is_empty() {
            socket.write_all(&outgoing).await?;
            outgoing.clear();
        }
        if !is_partly {
            socket.unread(incoming);
            return Ok(Some(socket));
        }
        incoming.reserve(READ);
        if socket.read_buf(&mut incoming).await? == 0 {
            return Ok(None);
        }
    }
}

/// What has been read.
enum Read<'a> {
    /// The beginning of a request.
    Partly,
    Special,
    Ordinary {
        key: &'a str,
        body: &'a [u8],
        /// Of head and body.
        length: usize,
    },
}

fn read(bytes: &[u8]) -> Read<'_> {
    if bytes.is_empty() {
        return Read::Partly;
    }
    let mut headers = [EMPTY_HEADER; MOST_HEADERS];
    let mut head = Request::new(&mut headers);
    let body = match head.parse(bytes) {
        Ok(Status::Complete(body)) => body,
        Ok(Status::Partial) if bytes.len() < MOST => return Read::Partly,
        _ => return Read::Special,
    };
    if (head.method, head.path, head.version) != (Some("POST"), Some(PATH), Some(1)) {
        return Read::Special;
    }
    let (mut key, mut length) = (None, None);
    for header in head.headers.iter() {
        let is = |name: &str| header.name.eq_ignore_ascii_case(name);
        let text = || std::str::from_utf8(header.value).ok();
        if is("authorization") {
            key = text().map(request::bearer);
        } else if is("content-length") {
            length = text().and_then(|text| text.parse::<usize>().ok());
        } else if SPECIAL.iter().any(|name| is(name)) {
            return Read::Special;
        }
    }
    let (Some(key), Some(length)) = (key.filter(|key| !key.is_empty()), length) else {
        return Read::Special;
    };
    let end = body.saturating_add(length);
    if end > MOST {
        return Read::Special;
    }
    match bytes.get(body..end) {
        Some(body) => Read::Ordinary { key, body, length: end },
        None => Read::Partly,
    }
}

/// Writes an answer as hyper writes it. One that is not whole would not be an ordinary one's.
fn write(to: &mut BytesMut, response: &Response<AnswerBody>, date: &str) -> io::Result<()> {
    let AnswerBody::Whole { bytes, .. } = response.body() else {
        return Err(io::ErrorKind::Unsupported.into());
    };
    let status = response.status();
    let length = bytes.len().to_string();
    to.reserve(512 + bytes.len());
    let mut put = |text: &[u8]| to.extend_from_slice(text);
    put(b"HTTP/1.1 ");
    put(status.as_str().as_bytes());
    put(b" ");
    put(status.canonical_reason().unwrap_or_default().as_bytes());
    for (name, value) in response.headers() {
        put(b"\r\n");
        put(name.as_str().as_bytes());
        put(b": ");
        put(value.as_bytes());
    }
    put(b"\r\ncontent-length: ");
    put(length.as_bytes());
    put(b"\r\ndate: ");
    put(date.as_bytes());
    put(b"\r\n\r\n");
    put(bytes);
    Ok(())
}

/// The time as a header tells it, made once a second.
#[derive(Default)]
struct Date {
    second: u64,
    text: String,
}

impl Date {
    fn now(&mut self) -> &str {
        let now = SystemTime::now();
        let second = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        if second != self.second || self.text.is_empty() {
            self.second = second;
            self.text = httpdate::fmt_http_date(now);
        }
        &self.text
    }
}
