//! The head of a response: its status, its headers, and what they say of the body's framing and
//! of the connection (RFC 9112).

use std::fmt::Write;
use std::mem::MaybeUninit;
use std::time::Duration;

use http::header::CONTENT_ENCODING;
use http::{HeaderMap, Uri};
use httparse::{Header, ParserConfig, Response, Status};

use super::Malformed;
use super::decoding::Coding;

/// Status, URL and headers as one text, in the form in which the host gets them.
#[derive(Debug)]
pub struct Head {
    /// The status code.
    pub status: u16,
    /// The status, a space and the URL, then a line `name: value` for each header.
    text: String,
    /// Where the headers begin.
    fields: usize,
}

/// A response may have so many headers.
const MOST_HEADERS: usize = 128;

impl Head {
    pub(super) fn new(status: u16, uri: &Uri) -> Self {
        let mut text = String::with_capacity(1024);
        // Writing to a String cannot fail.
        let _ = write!(text, "{status} {uri}");
        let fields = text.len();
        Self { status, text, fields }
    }

    /// Adds a header; its value is read as Latin-1, as fetch does.
    fn add(&mut self, name: &str, value: &[u8]) {
        self.text.push('\n');
        let at = self.text.len();
        self.text.push_str(name);
        self.text[at..].make_ascii_lowercase();
        self.text.push_str(": ");
        match std::str::from_utf8(value) {
            Ok(text) if text.is_ascii() => self.text.push_str(text),
            _ => self.text.extend(value.iter().copied().map(char::from)),
        }
    }

    /// The head of a response over HTTP/2, and the codings of its body.
    pub(super) fn of_http2(status: u16, uri: &Uri, headers: &HeaderMap) -> (Self, Vec<Coding>) {
        let mut head = Self::new(status, uri);
        for (name, value) in headers {
            head.add(name.as_str(), value.as_bytes());
        }
        let encodings = headers.get_all(CONTENT_ENCODING).into_iter();
        let codings = encodings.flat_map(|value| list(value.as_bytes()));
        (head, codings.filter_map(Coding::named).collect())
    }

    /// True for 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The first value of a header, whose name is in lower case.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut lines = self.text[self.fields..].split('\n');
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// The whole as one text.
    pub fn into_text(self) -> String {
        self.text
    }
}

/// Where a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// After so many bytes.
    Length(u64),
    /// Where the chunks say so.
    Chunked,
    /// Where the connection is closed.
    UntilClose,
}

/// What the bytes at hand are.
#[derive(Debug)]
pub(super) enum Parsed {
    /// The beginning of a head.
    Partial,
    /// An interim response (1xx) of so many bytes.
    Interim(usize),
    /// A head of so many bytes.
    Whole(usize, Received),
}

/// A head and what it says of the bytes that follow.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) head: Head,
    pub(super) framing: Framing,
    pub(super) codings: Vec<Coding>,
    /// The connection may be used again after the body.
    pub(super) persistent: bool,
    /// For how long the server keeps an idle connection, if it says so.
    pub(super) keep_alive: Option<Duration>,
}

/// Reads a head off the beginning of `bytes`.
pub(super) fn parse(bytes: &[u8], uri: &Uri) -> Result<Parsed, Malformed> {
    let mut headers = [const { MaybeUninit::<Header<'_>>::uninit() }; MOST_HEADERS];
    let mut response = Response::new(&mut []);
    let parsed = ParserConfig::default().parse_response_with_uninit_headers(
        &mut response,
        bytes,
        &mut headers,
    );
    let length = match parsed {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) => return Ok(Parsed::Partial),
        Err(error) => return Err(Malformed::Head(error)),
    };
    let status = response.code.unwrap_or_default();
    match status {
        // Nobody has asked for another protocol.
        101 => return Err(Malformed::Upgrade),
        100..200 => return Ok(Parsed::Interim(length)),
        _ => {}
    }
    let mut received = Received {
        head: Head::new(status, uri),
        framing: Framing::UntilClose,
        codings: Vec::new(),
        persistent: response.version == Some(1),
        keep_alive: None,
    };
    let mut lengths = Lengths::default();
    for header in response.headers.iter() {
        received.head.add(header.name, header.value);
        received.note(header, &mut lengths)?;
    }
    received.frame(&lengths);
    Ok(Parsed::Whole(length, received))
}

/// What the headers say of the body's length.
#[derive(Default)]
struct Lengths {
    content_length: Option<u64>,
    transfer_encoding: bool,
    chunked: bool,
}

impl Received {
    fn note(&mut self, header: &Header<'_>, lengths: &mut Lengths) -> Result<(), Malformed> {
        let Header { name, value } = *header;
        if name.eq_ignore_ascii_case("content-length") {
            let value = content_length(value).ok_or(Malformed::ContentLength)?;
            if lengths.content_length.is_some_and(|before| before != value) {
                return Err(Malformed::ContentLength);
            }
            lengths.content_length = Some(value);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            lengths.transfer_encoding = true;
            let last = list(value).last().unwrap_or_default();
            lengths.chunked = last.eq_ignore_ascii_case(b"chunked");
        } else if name.eq_ignore_ascii_case("connection") {
            for option in list(value) {
                if option.eq_ignore_ascii_case(b"close") {
                    self.persistent = false;
                } else if option.eq_ignore_ascii_case(b"keep-alive") {
                    self.persistent = true;
                }
            }
        } else if name.eq_ignore_ascii_case("keep-alive") {
            self.keep_alive = timeout(value);
        } else if name.eq_ignore_ascii_case("content-encoding") {
            self.codings.extend(list(value).filter_map(Coding::named));
        }
        Ok(())
    }

    /// RFC 9112 §6.3.
    fn frame(&mut self, lengths: &Lengths) {
        self.framing = match lengths {
            _ if matches!(self.head.status, 204 | 304) => Framing::Length(0),
            Lengths { chunked: true, .. } => Framing::Chunked,
            Lengths { transfer_encoding: true, .. } => Framing::UntilClose,
            Lengths { content_length: Some(length), .. } => Framing::Length(*length),
            _ => Framing::UntilClose,
        };
        // Both at once is what smuggling looks like.
        let ambiguous = lengths.transfer_encoding && lengths.content_length.is_some();
        if self.framing == Framing::UntilClose || ambiguous {
            self.persistent = false;
        }
    }
}

/// The members of a comma-separated list.
fn list(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|member| !member.is_empty())
}

/// A length; a list that repeats the same one is that one.
fn content_length(value: &[u8]) -> Option<u64> {
    let mut lengths = value.split(|byte| *byte == b',').map(|length| {
        let digits = length.trim_ascii();
        let valid = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
        std::str::from_utf8(digits).ok().filter(|_| valid)?.parse::<u64>().ok()
    });
    let first = lengths.next()??;
    lengths.all(|length| length == Some(first)).then_some(first)
}

/// The `timeout` of a `keep-alive` header.
fn timeout(value: &[u8]) -> Option<Duration> {
    let seconds = list(value).find_map(|parameter| {
        let equals = parameter.iter().position(|byte| *byte == b'=')?;
        let (name, value) = parameter.split_at(equals);
        let named = name.trim_ascii().eq_ignore_ascii_case(b"timeout");
        std::str::from_utf8(value[1..].trim_ascii()).ok().filter(|_| named)?.parse().ok()
    })?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests;
