//! One event as a sample, with the places of its string values. Each may be opened as a hole.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Write;

use memchr::memchr2;

/// More string values than this in one event: not worth a template.
const MAX_STRINGS: usize = 64;
const MAX_DEPTH: usize = 32;

/// A string value in the sample.
#[derive(Clone, Copy, Debug)]
struct Slot {
    /// Where the text between its quotes stands.
    start: u32,
    end: u32,
    open: bool,
}

#[derive(Debug)]
pub(super) struct Shape {
    sample: String,
    slots: Vec<Slot>,
    holes: u32,
}

impl Shape {
    /// None for a value that has too many strings, or keys that an object cannot be copied with
    /// faithfully (`__proto__`, twice the same, or escaped ones, which might be either).
    pub(super) fn of(sample: &str) -> Option<Self> {
        let strings = strings_of(sample)?;
        let slots = strings.iter().map(|string| string.slot).collect();
        Some(Self { sample: sample.to_owned(), slots, holes: 0 })
    }

    /// True if the event differs from the sample in open holes only; writes them out.
    pub(super) fn fill(&self, event: &[u8], out: &mut Vec<u8>) -> bool {
        if self.holes == 0 {
            return false;
        }
        let before = out.len();
        let fits = self.walk(event, Slot::is_open, |_, text| {
            if out.len() > before {
                out.push(b',');
            }
            out.extend_from_slice(text);
        });
        if !fits {
            out.truncate(before);
        }
        fits
    }

    /// Opens the holes that the event needs; false if it differs elsewhere than in strings.
    pub(super) fn widen(&mut self, event: &[u8]) -> bool {
        let mut needed = Vec::new();
        let sample = self.sample.as_bytes();
        let fits = self.walk(
            event,
            |_| true,
            |index, text| {
                let slot = &self.slots[index];
                if &sample[slot.start as usize - 1..=slot.end as usize] != text {
                    needed.push(index);
                }
            },
        );
        if !fits {
            return false;
        }
        for index in needed {
            self.holes += u32::from(!std::mem::replace(&mut self.slots[index].open, true));
        }
        self.holes > 0
    }

    pub(super) fn holes(&self) -> u32 {
        self.holes
    }

    pub(super) fn describe(&self, edit: impl FnOnce(&str) -> Cow<'_, str>) -> String {
        let mut text = format!("{{\"sample\":{},\"paths\":[", edit(&self.sample));
        // Paths are seldom asked for, and a stream is long: they are found again.
        let strings = strings_of(&self.sample).unwrap_or_default();
        let open = strings.iter().zip(&self.slots).filter(|(_, slot)| slot.open);
        for (index, (string, _)) in open.enumerate() {
            let comma = if index == 0 { "" } else { "," };
            // Writing to a String cannot fail.
            let _ = write!(text, "{comma}{}", string.path);
        }
        text.push_str("]}");
        text
    }

    /// Walks over `event` beside the sample, whose chosen slots stand for any string: each is
    /// handed on with its quotes.
    fn walk<'e>(
        &self,
        event: &'e [u8],
        chosen: impl Fn(&Slot) -> bool,
        mut found: impl FnMut(usize, &'e [u8]),
    ) -> bool {
        let sample = self.sample.as_bytes();
        let (mut done, mut at) = (0, 0);
        for (index, slot) in self.slots.iter().enumerate().filter(|(_, slot)| chosen(slot)) {
            let literal = &sample[done..slot.start as usize];
            if !event[at..].starts_with(literal) {
                return false;
            }
            at += literal.len();
            let Some(length) = string_length(&event[at..]) else { return false };
            found(index, &event[at - 1..=at + length]);
            at += length;
            done = slot.end as usize;
        }
        event[at..] == sample[done..]
    }
}

impl Slot {
    fn is_open(&self) -> bool {
        self.open
    }
}

/// The length of the string content that `text` begins with, up to its closing quote; none if
/// it is not valid JSON.
fn string_length(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let stop = at + memchr2(b'"', b'\\', &text[at..])?;
        if text[at..stop].iter().any(|byte| *byte < 0x20) {
            return None;
        }
        if text[stop] == b'"' {
            return Some(stop);
        }
        match text.get(stop + 1)? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => at = stop + 2,
            b'u' if text.get(stop + 2..stop + 6)?.iter().all(u8::is_ascii_hexdigit) => {
                at = stop + 6;
            }
            _ => return None,
        }
    }
}

/// A string value of a sample, and where it is.
struct Found {
    slot: Slot,
    /// Its path as a JSON array.
    path: String,
}

/// The string values of an object; none if it is no object or cannot be copied faithfully.
fn strings_of(sample: &str) -> Option<Vec<Found>> {
    let mut reader =
        Reader { text: sample.as_bytes(), at: 0, path: Vec::new(), strings: Vec::new() };
    if reader.text.first() != Some(&b'{') {
        return None;
    }
    reader.value()?;
    (reader.at == sample.len() && !reader.strings.is_empty()).then_some(reader.strings)
}

/// Walks over a value that is known to be valid JSON and notes its strings.
struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    path: Vec<String>,
    strings: Vec<Found>,
}

impl Reader<'_> {
    fn value(&mut self) -> Option<()> {
        match self.text.get(self.at)? {
            b'{' => self.object(),
            b'[' => self.array(),
            b'"' => self.string(),
            _ => {
                let rest = &self.text[self.at..];
                self.at += rest.iter().position(|byte| matches!(byte, b',' | b'}' | b']'))?;
                Some(())
            }
        }
    }

    fn string(&mut self) -> Option<()> {
        let start = self.at + 1;
        let end = start + string_length(&self.text[start..])?;
        self.at = end + 1;
        let path = format!("[{}]", self.path.join(","));
        let slot = Slot { start: start as u32, end: end as u32, open: false };
        self.strings.push(Found { slot, path });
        (self.strings.len() <= MAX_STRINGS).then_some(())
    }

    fn object(&mut self) -> Option<()> {
        let mut keys = HashSet::new();
        self.members(b'}', |reader| {
            let start = reader.at;
            let inner = reader.text.get(start..).filter(|rest| rest.first() == Some(&b'"'))?;
            let length = string_length(&inner[1..])?;
            let key = &reader.text[start..start + length + 2];
            if key.contains(&b'\\') || key == b"\"__proto__\"" || !keys.insert(key) {
                return None;
            }
            // An event that reports an error must be looked at, so that it never fills a hole.
            if reader.path.is_empty() && key == b"\"error\"" {
                return None;
            }
            reader.at = start + key.len();
            reader.space();
            reader.at += 1;
            reader.space();
            std::str::from_utf8(key).ok().map(str::to_owned)
        })
    }

    fn array(&mut self) -> Option<()> {
        let mut index = 0;
        self.members(b']', |_| {
            index += 1;
            Some((index - 1).to_string())
        })
    }

    /// Walks over the members up to `close`; `step` reads what stands before each value and
    /// names the step of the path that leads to it.
    fn members(
        &mut self,
        close: u8,
        mut step: impl FnMut(&mut Self) -> Option<String>,
    ) -> Option<()> {
        if self.path.len() >= MAX_DEPTH {
            return None;
        }
        self.at += 1;
        self.space();
        if *self.text.get(self.at)? == close {
            self.at += 1;
            return Some(());
        }
        loop {
            let name = step(self)?;
            self.path.push(name);
            self.value()?;
            self.path.pop();
            self.space();
            let mark = *self.text.get(self.at)?;
            self.at += 1;
            if mark == close {
                return Some(());
            }
            self.space();
        }
    }

    fn space(&mut self) {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }
}
