//! How mail crosses to the host in one call: numbers in an array, all text in one string.
//!
//! The string begins with a JSON array of all values of all streams, which the host parses at
//! once; every value in it has been checked to be exactly one JSON value, so that no stream can
//! shift another's. After the array come the texts of the other letters.

use std::sync::Arc;

use tokio::time::Instant;

use super::outbox::{Outbox, Part, Run};
use super::{Host, Letter, Mailbox, kind, lock};
use crate::wire::http_client::Fault;

/// Numbers before the first entry: entries, whether more is waiting, length of the JSON array.
pub const META_WORDS_AHEAD: usize = 3;
/// Numbers of an entry: kind and template, call, values, size on the wire, length of the first
/// and of the second text. Lengths are in UTF-16 units.
pub const META_WORDS_PER_ENTRY: usize = 6;

/// Buffers that are kept between drains.
#[derive(Default)]
pub(super) struct Scratch {
    values: Vec<u8>,
    texts: Vec<u8>,
}

/// The text of a drain.
#[derive(Clone, Copy, Debug)]
pub struct Drained<'a> {
    /// The JSON array, if there is any value, then the letters' texts. UTF-8.
    pub text: &'a [u8],
    /// No byte is above 127.
    pub is_ascii: bool,
}

impl Mailbox {
    /// Takes mail, in turns, until about `budget` bytes or until `meta` is full, writes the
    /// numbers to `meta`, tells `seen` of each letter and `finish` of the text. Events count with
    /// their size on the wire, which says more of what they cost the host than the few bytes in
    /// which they may cross.
    ///
    /// When more is left, the host must drain again or call [`Mailbox::wake`].
    pub fn drain<R>(
        &self,
        meta: &mut [u32],
        budget: usize,
        mut seen: impl FnMut(u32, &Letter),
        finish: impl FnOnce(Drained<'_>) -> R,
    ) -> R {
        let mut scratch = lock(&self.scratch);
        let mut page = Page::new(&mut scratch, meta);
        while page.room() > 0 && page.size < budget {
            let Some(outbox) = lock(&self.ready).queue.pop_front() else { break };
            if page.take(&outbox, &mut seen) {
                lock(&self.ready).queue.push_back(outbox);
            }
        }
        let more = self.sleep_unless_ready();
        page.finish(more, finish)
    }

    /// Notes that the host has seen an empty queue; true if it is not empty.
    fn sleep_unless_ready(&self) -> bool {
        let mut ready = lock(&self.ready);
        let more = !ready.queue.is_empty();
        ready.host = if more { Host::Awake } else { Host::Asleep };
        if !more {
            ready.last_drain = Some(Instant::now());
        }
        more
    }
}

/// A drain in the making.
struct Page<'a> {
    scratch: &'a mut Scratch,
    meta: &'a mut [u32],
    entries: usize,
    size: usize,
}

impl<'a> Page<'a> {
    fn new(scratch: &'a mut Scratch, meta: &'a mut [u32]) -> Self {
        scratch.values.clear();
        scratch.texts.clear();
        Self { scratch, meta, entries: 0, size: 0 }
    }

    fn room(&self) -> usize {
        (self.meta.len().saturating_sub(META_WORDS_AHEAD) / META_WORDS_PER_ENTRY) - self.entries
    }

    /// Takes what there is room for; true if the outbox has more.
    fn take(&mut self, outbox: &Arc<Outbox>, seen: &mut impl FnMut(u32, &Letter)) -> bool {
        let id = outbox.id();
        outbox.take(self.room(), |values, part| match part {
            Part::Values(run) => self.run(id, kind::VALUES, values, run),
            Part::Filled(index, run) => {
                self.run(id, kind::FILLED | u32::from(index) << 8, values, run);
            }
            Part::Letter(letter, size) => {
                seen(id, &letter);
                self.letter(id, &letter, size);
            }
        })
    }

    fn run(&mut self, id: u32, kind: u32, values: &[u8], run: Run) {
        self.scratch.values.push(if self.scratch.values.is_empty() { b'[' } else { b',' });
        self.scratch.values.extend_from_slice(&values[run.start..run.end]);
        self.size += run.size as usize;
        self.entry([kind, id, run.count, run.size, 0, 0]);
    }

    fn letter(&mut self, id: u32, letter: &Letter, size: u32) {
        let (kind, one, other) = parts_of(letter);
        self.scratch.texts.extend_from_slice(one.as_bytes());
        self.scratch.texts.extend_from_slice(other.as_bytes());
        self.size += one.len() + other.len();
        self.entry([kind, id, 0, size, utf16_length(one), utf16_length(other)]);
    }

    fn entry(&mut self, words: [u32; META_WORDS_PER_ENTRY]) {
        let at = META_WORDS_AHEAD + self.entries * META_WORDS_PER_ENTRY;
        self.meta[at..at + META_WORDS_PER_ENTRY].copy_from_slice(&words);
        self.entries += 1;
    }

    fn finish<R>(self, more: bool, finish: impl FnOnce(Drained<'_>) -> R) -> R {
        let Scratch { values, texts } = self.scratch;
        if !values.is_empty() {
            values.push(b']');
        }
        let values_length = std::str::from_utf8(values).map_or(0, utf16_length);
        if let [entries, waiting, length, ..] = self.meta {
            *entries = self.entries as u32;
            *waiting = u32::from(more);
            *length = values_length;
        }
        values.append(texts);
        let result = finish(Drained { text: values, is_ascii: values.is_ascii() });
        // A rare large reply must not be paid for ever after.
        values.shrink_to(1 << 20);
        texts.shrink_to(1 << 20);
        result
    }
}

fn parts_of(letter: &Letter) -> (u32, &str, &str) {
    match letter {
        Letter::Reply { head, body } => (kind::REPLY, head, body),
        Letter::Opened { head } => (kind::OPENED, head, ""),
        Letter::Ended { truncated } => (kind::ENDED | u32::from(*truncated) << 8, "", ""),
        Letter::Leased { target } => (kind::LEASED, target, ""),
        Letter::Finished => (kind::FINISHED, "", ""),
        Letter::Spent { spent } => (kind::SPENT, spent, ""),
        Letter::Broken(fault) => {
            (kind::BROKEN | timed_out(fault), fault.code.unwrap_or(""), &fault.message)
        }
        Letter::RateLimited { head, body } => (kind::RATE_LIMITED, head, body),
        Letter::Refused { head, body } => (kind::REFUSED, head, body),
        Letter::Unreachable(fault) => {
            (kind::UNREACHABLE | timed_out(fault), fault.code.unwrap_or(""), &fault.message)
        }
        Letter::TimedOut => (kind::TIMED_OUT, "", ""),
        Letter::Template { index, description } => {
            (kind::TEMPLATE | u32::from(*index) << 8, description, "")
        }
        Letter::Bytes { latin1 } => (kind::BYTES, latin1, ""),
        Letter::Named { name, data } => (kind::NAMED, name, data),
        Letter::ErrorEvent { name, data } => (kind::ERROR_EVENT, name, data),
        Letter::Unparsed { data } => (kind::UNPARSED, data, ""),
    }
}

fn timed_out(fault: &Fault) -> u32 {
    u32::from(fault.timed_out) << 8
}

fn utf16_length(text: &str) -> u32 {
    if text.is_ascii() { text.len() as u32 } else { text.encode_utf16().count() as u32 }
}
