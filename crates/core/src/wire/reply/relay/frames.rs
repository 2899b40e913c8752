//! Splits a stream's bytes where its events end, so that whole events can be passed on as they
//! came and something can be put between two of them. It does not look into an event.

use bytes::{Bytes, BytesMut};
use memchr::memchr2;

/// Bytes that have come, up to where they have been looked at.
#[derive(Debug, Default)]
pub(super) struct Frames {
    bytes: BytesMut,
    /// Where the line begins whose end is looked for.
    line: usize,
    /// How far that line has been looked at.
    seen: usize,
    /// Events that are whole end here.
    whole: usize,
}

impl Frames {
    /// Adds what has come.
    pub(super) fn push(&mut self, piece: &[u8]) {
        self.bytes.extend_from_slice(piece);
    }

    /// Moves on over the next event that is whole, its blank line with it.
    pub(super) fn next(&mut self) -> Option<&[u8]> {
        let begin = self.whole;
        loop {
            let Some(end) = memchr2(b'\n', b'\r', &self.bytes[self.seen..]) else {
                self.seen = self.bytes.len();
                return None;
            };
            let end = self.seen + end;
            let after = match self.bytes[end..] {
                // A line feed may follow that belongs to it.
                [b'\r'] => {
                    self.seen = end;
                    return None;
                }
                [b'\r', b'\n', ..] => end + 2,
                _ => end + 1,
            };
            let is_blank = end == self.line;
            self.line = after;
            self.seen = after;
            if is_blank {
                self.whole = after;
                return Some(&self.bytes[begin..after]);
            }
        }
    }

    /// Gives out the events that have been moved over.
    pub(super) fn take(&mut self) -> Bytes {
        let taken = self.bytes.split_to(self.whole);
        self.line -= self.whole;
        self.seen -= self.whole;
        self.whole = 0;
        taken.freeze()
    }

    /// Drops the last event that was moved over, `length` bytes, and all behind it.
    pub(super) fn cut(&mut self, length: usize) {
        self.whole -= length;
        self.bytes.truncate(self.whole);
        self.line = self.whole;
        self.seen = self.whole;
    }

    /// What has come of an event that is not whole counts as one.
    pub(super) fn finish(&mut self) {
        if self.bytes.len() > self.whole {
            self.push(b"\n\n");
        }
    }

    /// How much has come of an event that is not whole.
    pub(super) fn begun(&self) -> usize {
        self.bytes.len() - self.whole
    }

    /// How much has come that was not given out.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Events have been moved over that were not given out.
    pub(super) fn has_whole(&self) -> bool {
        self.whole > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split(text: &str, at: &[usize]) -> Vec<String> {
        let mut frames = Frames::default();
        let mut events = Vec::new();
        let mut begin = 0;
        for end in at.iter().copied().chain([text.len()]) {
            frames.push(&text.as_bytes()[begin..end]);
            begin = end;
            while let Some(event) = frames.next() {
                events.push(String::from_utf8_lossy(event).into_owned());
            }
            frames.take();
        }
        frames.finish();
        events.extend(frames.next().map(|last| String::from_utf8_lossy(last).into_owned()));
        events
    }

    #[test]
    fn events_end_with_a_blank_line_of_any_kind() {
        let table: [(&str, &[&str]); 5] = [
            ("data: a\n\ndata: b\n\n", &["data: a\n\n", "data: b\n\n"]),
            ("data: a\r\n\r\ndata: b", &["data: a\r\n\r\n", "data: b\n\n"]),
            ("data: a\r\rdata: b\r\r\nid: 1\r", &["data: a\r\r", "data: b\r\r\n", "id: 1\r\n\n"]),
            (": comment\n\n\nid: 1\n", &[": comment\n\n", "\n", "id: 1\n\n"]),
            ("event: x\ndata: a\n\n", &["event: x\ndata: a\n\n"]),
        ];
        for (text, events) in table {
            assert_eq!(split(text, &[]), events, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn where_the_bytes_are_cut_makes_no_difference(
            text in "(data: [ab]{0,3}(\n|\r\n|\r)|: x(\n|\r\n)|\n|\r\n){0,12}",
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        ) {
            let mut at: Vec<_> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
            at.sort_unstable();
            prop_assert_eq!(split(&text, &at), split(&text, &[]));
        }
    }

    #[test]
    fn an_event_that_is_cut_off_goes_with_all_behind_it() {
        let mut frames = Frames::default();
        frames.push(b"data: a\n\ndata: b\n\ndata: c");
        frames.next();
        let last = frames.next().unwrap().len();
        frames.cut(last);
        assert_eq!(frames.take(), "data: a\n\n");
        frames.finish();
        assert_eq!(frames.next(), None);
    }
}
