//! The log: lines that are put together where something happens and written by a thread of their
//! own. Bodies and keys are not among what is told; control characters are taken out.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::config::{self, LogFormat, LogLevel};

/// So many lines may wait to be written; more are dropped, so that a slow terminal slows nobody.
const MOST_WAITING: usize = 8192;
/// So many bytes are written at once.
const BATCH: usize = 64 * 1024;

/// The log. Lines are written until the last of its clones is dropped.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    least: LogLevel,
    access: bool,
    pretty: bool,
    lines: SyncSender<Vec<u8>>,
}

/// A field of a line.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Field<'a> {
    Text(&'a str),
    Count(u64),
    Millis(f64),
    Truth(bool),
    /// Not told.
    None,
}

impl<'a> From<Option<&'a str>> for Field<'a> {
    fn from(text: Option<&'a str>) -> Self {
        text.map_or(Self::None, Self::Text)
    }
}

impl Serialize for Field<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Count(count) => serializer.serialize_u64(*count),
            Self::Millis(millis) => serializer.serialize_f64((millis * 1e3).round() / 1e3),
            Self::Truth(truth) => serializer.serialize_bool(*truth),
            Self::None => serializer.serialize_none(),
        }
    }
}

impl Log {
    /// A log to standard output.
    ///
    /// # Errors
    /// Where no thread can be started.
    pub(crate) fn new(config: config::Log) -> std::io::Result<Self> {
        let (lines, waiting) = sync_channel(MOST_WAITING);
        let thread = std::thread::Builder::new().name("model-multiplexer-log".to_owned());
        thread.spawn(move || write(&waiting, &mut std::io::stdout()))?;
        let pretty = config
            .format
            .map_or_else(|| std::io::stdout().is_terminal(), |format| format == LogFormat::Pretty);
        Ok(Self { least: config.level, access: config.access, pretty, lines })
    }

    /// True if requests have lines.
    pub(crate) fn has_access(&self) -> bool {
        self.access && self.least <= LogLevel::Info
    }

    /// Writes a line, if lines of this level are.
    pub(crate) fn line(&self, level: LogLevel, message: &str, fields: &[(&str, Field<'_>)]) {
        if level < self.least {
            return;
        }
        let line = Line { now: OffsetDateTime::now_utc(), level, message, fields };
        let bytes = if self.pretty { line.pretty() } else { line.json() };
        // What finds no room is dropped.
        let _ = self.lines.try_send(bytes);
    }
}

/// Writes lines, several at a time where several wait, until nobody can send any more.
fn write(waiting: &Receiver<Vec<u8>>, out: &mut impl Write) {
    while let Ok(mut batch) = waiting.recv() {
        while batch.len() < BATCH {
            let Ok(line) = waiting.try_recv() else { break };
            batch.extend_from_slice(&line);
        }
        // A log that nobody reads any more stops nobody.
        let _ = out.write_all(&batch).and_then(|()| out.flush());
    }
}

struct Line<'a> {
    now: OffsetDateTime,
    level: LogLevel,
    message: &'a str,
    fields: &'a [(&'a str, Field<'a>)],
}

impl Line<'_> {
    fn told(&self) -> impl Iterator<Item = &(&str, Field<'_>)> {
        self.fields.iter().filter(|(_, field)| !matches!(field, Field::None))
    }

    fn json(&self) -> Vec<u8> {
        // Text and numbers always serialise.
        let mut line = serde_json::to_vec(self).unwrap_or_default();
        line.push(b'\n');
        line
    }

    fn pretty(&self) -> Vec<u8> {
        let time = self.now.time();
        let (hour, minute, second) = (time.hour(), time.minute(), time.second());
        let mut line = format!(
            "{hour:02}:{minute:02}:{second:02} {:5} {}",
            name(self.level),
            plain(self.message)
        );
        for (name, field) in self.told() {
            let value = match field {
                Field::Text(text) => plain(text),
                // Numbers and truths always serialise.
                other => serde_json::to_string(other).unwrap_or_default(),
            };
            // Writing to a string cannot fail.
            let _ = write!(line, " {name}={value}");
        }
        line.push('\n');
        line.into_bytes()
    }
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("time", &self.now.format(&Rfc3339).unwrap_or_default())?;
        map.serialize_entry("level", name(self.level))?;
        map.serialize_entry("msg", self.message)?;
        for (name, field) in self.told() {
            map.serialize_entry(name, field)?;
        }
        map.end()
    }
}

fn name(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Debug => "debug",
        LogLevel::Info => "info",
        LogLevel::Warn => "warn",
        LogLevel::Error => "error",
    }
}

/// Text that cannot move a terminal's cursor or begin a line of its own.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line_whatever_is_in_it() {
        let fields = [
            ("model", Field::Text("a\n\u{1b}[31m\"b\"")),
            ("target", Field::None),
            ("ms", Field::Millis(1.23456)),
            ("stream", Field::Truth(true)),
        ];
        let now = OffsetDateTime::UNIX_EPOCH;
        let line = Line { now, level: LogLevel::Info, message: "request", fields: &fields };
        assert_eq!(
            String::from_utf8(line.json()).unwrap(),
            "{\"time\":\"1970-01-01T00:00:00Z\",\"level\":\"info\",\"msg\":\"request\",\
             \"model\":\"a\\n\\u001b[31m\\\"b\\\"\",\"ms\":1.235,\"stream\":true}\n"
        );
        assert_eq!(
            String::from_utf8(line.pretty()).unwrap(),
            "00:00:00 info  request model=a\u{fffd}\u{fffd}[31m\"b\" ms=1.235 stream=true\n"
        );
    }
}
