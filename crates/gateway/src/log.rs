//! The log: lines that are put together where something happens and written by a thread of their
//! own. Bodies and keys are not among what is told; control characters are taken out.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::config::{self, LogFormat, LogLevel};

/// So many lines may wait to be written; more are dropped, so that a slow terminal slows nobody.
const MOST_WAITING: usize = 8192;
/// So many bytes are written at once.
const BATCH: usize = 64 * 1024;

/// For how long others gather before they are written: a line does not wake the thread that has
/// just written one.
const GATHERING: Duration = Duration::from_millis(5);

/// The log. Lines are written until the last of its clones is dropped.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    least: LogLevel,
    access: bool,
    look: Look,
    lines: SyncSender<Mail>,
}

/// How lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Json,
    /// For people, in colours or without.
    Pretty {
        colours: bool,
    },
}

/// What the thread is sent.
enum Mail {
    Line(Vec<u8>),
    /// All before it is to be written now; who waits for that hears of it when this is dropped.
    Flush(SyncSender<()>),
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
        let on_terminal = std::io::stdout().is_terminal();
        let pretty = config.format.map_or(on_terminal, |format| format == LogFormat::Pretty);
        let colours = on_terminal && std::env::var_os("NO_COLOR").is_none();
        let look = if pretty { Look::Pretty { colours } } else { Look::Json };
        Ok(Self { least: config.level, access: config.access, look, lines })
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
        let bytes = match self.look {
            Look::Json => line.json(),
            Look::Pretty { colours } => line.pretty(colours),
        };
        // What finds no room is dropped.
        let _ = self.lines.try_send(Mail::Line(bytes));
    }

    /// Waits until what has been told is written, but for a second at most.
    pub(crate) fn flush(&self) {
        let (written, wait) = sync_channel(0);
        if self.lines.try_send(Mail::Flush(written)).is_ok() {
            let _ = wait.recv_timeout(Duration::from_secs(1));
        }
    }
}

/// Writes lines, several at a time where several wait, until nobody can send any more.
fn write(waiting: &Receiver<Mail>, out: &mut impl Write) {
    while let Ok(mail) = waiting.recv() {
        let mut batch = Vec::new();
        let mut flushed = take(mail, &mut batch);
        while batch.len() < BATCH && flushed.is_none() {
            let Ok(mail) = waiting.try_recv() else { break };
            flushed = take(mail, &mut batch);
        }
        // A log that nobody reads any more stops nobody.
        let _ = out.write_all(&batch).and_then(|()| out.flush());
        if flushed.is_none() {
            std::thread::sleep(GATHERING);
        }
    }
}

/// Adds a line to those that are written at once; whom to tell that they have been, if anyone.
fn take(mail: Mail, batch: &mut Vec<u8>) -> Option<SyncSender<()>> {
    match mail {
        Mail::Line(line) => {
            batch.extend_from_slice(&line);
            None
        }
        Mail::Flush(written) => Some(written),
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

    fn pretty(&self, colours: bool) -> Vec<u8> {
        let time = self.now.time();
        let clock = format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second());
        let level = format!("{:5}", name(self.level));
        let paint = |colour: u8, text: &str| {
            if colours { format!("\u{1b}[{colour}m{text}\u{1b}[0m") } else { text.to_owned() }
        };
        let (clock, level) = (paint(GREY, &clock), paint(colour(self.level), &level));
        let mut line = format!("{clock} {level} {}", plain(self.message));
        for (name, field) in self.told() {
            let value = match field {
                Field::Text(text) => plain(text),
                // Numbers and truths always serialise.
                other => serde_json::to_string(other).unwrap_or_default(),
            };
            // Writing to a string cannot fail.
            let _ = write!(line, " {}", paint(GREY, &format!("{name}={value}")));
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

const GREY: u8 = 90;

/// A level's colour on a terminal (ECMA-48, SGR).
fn colour(level: LogLevel) -> u8 {
    match level {
        LogLevel::Debug => GREY,
        LogLevel::Info => 32,
        LogLevel::Warn => 33,
        LogLevel::Error => 31,
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
            String::from_utf8(line.pretty(false)).unwrap(),
            "00:00:00 info  request model=a\u{fffd}\u{fffd}[31m\"b\" ms=1.235 stream=true\n"
        );
        let painted = Line { message: "m", fields: &fields[2..3], ..line };
        assert_eq!(
            String::from_utf8(painted.pretty(true)).unwrap(),
            "\u{1b}[90m00:00:00\u{1b}[0m \u{1b}[32minfo \u{1b}[0m m \u{1b}[90mms=1.235\u{1b}[0m\n"
        );
    }

    #[test]
    fn who_flushes_waits_for_what_was_told_before() {
        let (lines, waiting) = sync_channel(8);
        let (written, wait) = sync_channel(0);
        for mail in [Mail::Line(b"a\n".to_vec()), Mail::Line(b"b\n".to_vec()), Mail::Flush(written)]
        {
            lines.send(mail).unwrap();
        }
        drop(lines);
        let mut out = Vec::new();
        write(&waiting, &mut out);
        assert_eq!(out, b"a\nb\n");
        assert!(wait.recv().is_err());
    }
}
