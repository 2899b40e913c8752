//! Server-sent events from bytes: WHATWG HTML §9.2.6, and where the openai SDK differs, as the
//! SDK: a last event without its blank line counts, `id` and `retry` mean nothing, an event that
//! has a name but no data is an event with empty data, and any line may begin with a byte order
//! mark.
//!
//! It does not look into the data.

use memchr::memchr2;

/// An event's largest size in bytes; a server that exceeds it is cut off.
pub const MAX_EVENT_BYTES: usize = 32 * 1024 * 1024;

/// A complete event. Text is as the server sent it, not checked to be UTF-8.
#[derive(Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// The value of the last `event` field; empty if there was none.
    pub name: &'a [u8],
    /// The values of the `data` fields, joined by line feeds.
    pub data: &'a [u8],
}

/// A server sent an event larger than [`MAX_EVENT_BYTES`].
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event is larger than {MAX_EVENT_BYTES} bytes")]
pub struct TooLarge;

/// Splits a byte stream into events, at whatever boundaries the bytes arrive.
#[derive(Debug, Default)]
pub struct Decoder {
    /// The beginning of a line whose end has not come.
    line: Vec<u8>,
    name: Vec<u8>,
    data: Vec<u8>,
    data_lines: usize,
    /// The last byte was a carriage return: a line feed that follows belongs to it.
    after_return: bool,
}

impl Decoder {
    /// Takes the next bytes and hands every event that is now complete to `sink`, until it
    /// answers false: then nothing more is read.
    ///
    /// # Errors
    /// [`TooLarge`].
    pub fn push(
        &mut self,
        bytes: &[u8],
        mut sink: impl FnMut(Event<'_>) -> bool,
    ) -> Result<(), TooLarge> {
        let mut rest = bytes;
        if !self.line.is_empty() && !self.complete(&mut rest, &mut sink) {
            return self.check_size();
        }
        self.lines(&mut rest, &mut sink);
        self.line.extend_from_slice(rest);
        self.check_size()
    }

    /// The stream has ended: what is pending counts as a line and as an event.
    pub fn finish(&mut self, mut sink: impl FnMut(Event<'_>) -> bool) {
        let line = std::mem::take(&mut self.line);
        let line = without_mark(&line);
        if line.is_empty() || self.field(line, &[], &mut sink).is_some() {
            self.dispatch(&mut sink);
        }
    }

    fn check_size(&self) -> Result<(), TooLarge> {
        if self.line.len() + self.data.len() > MAX_EVENT_BYTES { Err(TooLarge) } else { Ok(()) }
    }

    /// Takes the end of the line that has begun off `rest`. False if it is not there, or when the
    /// sink wants no more. What has come of the line before is not looked at again.
    fn complete(&mut self, rest: &mut &[u8], sink: &mut impl FnMut(Event<'_>) -> bool) -> bool {
        let Some(end) = memchr2(b'\n', b'\r', rest) else {
            self.line.extend_from_slice(rest);
            return false;
        };
        let mut line = std::mem::take(&mut self.line);
        line.extend_from_slice(&rest[..end]);
        self.ended(&line, end, rest, sink)
    }

    /// Takes all complete lines off `rest`.
    fn lines(&mut self, rest: &mut &[u8], sink: &mut impl FnMut(Event<'_>) -> bool) {
        loop {
            if self.after_return && !rest.is_empty() {
                self.after_return = false;
                *rest = rest.strip_prefix(b"\n").unwrap_or(rest);
            }
            let Some(end) = memchr2(b'\n', b'\r', rest) else { return };
            let line = &rest[..end];
            if !self.ended(line, end, rest, sink) {
                return;
            }
        }
    }

    /// Takes a line whose end is at `end` in `rest`, and that end off `rest`. False when the sink
    /// wants no more.
    fn ended(
        &mut self,
        line: &[u8],
        end: usize,
        rest: &mut &[u8],
        sink: &mut impl FnMut(Event<'_>) -> bool,
    ) -> bool {
        self.after_return = rest[end] == b'\r';
        *rest = &rest[end + 1..];
        let line = without_mark(line);
        if line.is_empty() {
            return self.dispatch(sink);
        }
        let Some(blank) = self.field(line, rest, sink) else { return false };
        if blank > 0 {
            self.after_return = false;
            *rest = &rest[blank..];
        }
        true
    }

    /// Takes a field. An event that is a single data line, with its blank line at hand in
    /// `ahead`, is handed on without being copied; the length of that blank line is returned.
    /// None when the sink wants no more.
    fn field(
        &mut self,
        line: &[u8],
        ahead: &[u8],
        sink: &mut impl FnMut(Event<'_>) -> bool,
    ) -> Option<usize> {
        let colon = memchr::memchr(b':', line);
        let name = &line[..colon.unwrap_or(line.len())];
        let value = colon.map_or(&[][..], |colon| &line[colon + 1..]);
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match name {
            b"data" => {
                if self.data_lines == 0
                    && let Some(blank) = self.blank_line(ahead)
                {
                    let wanted = sink(Event { name: &self.name, data: value });
                    self.name.clear();
                    return wanted.then_some(blank);
                }
                if self.data_lines > 0 {
                    self.data.push(b'\n');
                }
                self.data.extend_from_slice(value);
                self.data_lines += 1;
            }
            b"event" => {
                self.name.clear();
                self.name.extend_from_slice(value);
            }
            _ => {}
        }
        Some(0)
    }

    /// The length of the blank line that `ahead` begins with, if it is there for certain.
    fn blank_line(&self, ahead: &[u8]) -> Option<usize> {
        match (self.after_return, ahead) {
            (false, [b'\n', ..]) => Some(1),
            (false, [b'\r', b'\n', ..]) | (true, [b'\n', b'\n', ..]) => Some(2),
            (true, [b'\n', b'\r', b'\n', ..]) => Some(3),
            _ => None,
        }
    }

    /// Hands on the pending event, if there is one. False when the sink wants no more.
    fn dispatch(&mut self, sink: &mut impl FnMut(Event<'_>) -> bool) -> bool {
        if self.name.is_empty() && self.data_lines == 0 {
            return true;
        }
        let wanted = sink(Event { name: &self.name, data: &self.data });
        self.name.clear();
        self.data.clear();
        self.data_lines = 0;
        wanted
    }
}

/// Strips a byte order mark off a line: the SDK decodes line by line, and with each drops one.
fn without_mark(line: &[u8]) -> &[u8] {
    line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line)
}

#[cfg(test)]
mod tests;
