//! Tool calls, held until they are complete, so that none is ever half-given.

use super::chunk::Chunk;

/// So many bytes are held; a longer call is told as it comes.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// The chunks since the first of a call that is not known to be complete.
#[derive(Debug, Default)]
pub(super) struct Held {
    chunks: Vec<String>,
    bytes: usize,
    /// The index of the last call that has begun.
    last: u64,
    is_too_long: bool,
}

impl Held {
    /// True if this chunk has to come after what is held, or is to be held itself.
    pub(super) fn concerns(&self, chunk: &Chunk) -> bool {
        !self.chunks.is_empty() || (!chunk.calls.is_empty() && !self.is_too_long)
    }

    /// Takes a chunk and gives those that may be told now.
    pub(super) fn take(&mut self, data: String, chunk: &Chunk) -> Vec<String> {
        let first = chunk.calls.iter().min();
        // A call is complete when the next begins, and the last when the answer ends.
        let is_next = !self.chunks.is_empty() && first.is_some_and(|first| *first > self.last);
        let complete = if is_next { self.release() } else { Vec::new() };
        self.last = self.last.max(chunk.calls.iter().max().copied().unwrap_or_default());
        self.bytes += data.len();
        self.chunks.push(data);
        self.is_too_long |= self.bytes > MOST_BYTES;
        if chunk.finishes || self.is_too_long { self.release() } else { complete }
    }

    /// All that is held.
    pub(super) fn release(&mut self) -> Vec<String> {
        self.bytes = 0;
        std::mem::take(&mut self.chunks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_told_when_the_next_begins_or_the_answer_ends() {
        let call = |calls: &[u64]| Chunk { calls: calls.to_vec(), ..Chunk::default() };
        let text = Chunk::default();
        let finish = Chunk { finishes: true, ..Chunk::default() };
        let steps = [
            (call(&[0]), "a", ""),
            (call(&[0]), "b", ""),
            (text, "c", ""),
            (call(&[1]), "d", "abc"),
            (call(&[1, 2]), "e", ""),
            (call(&[3]), "f", "de"),
            (finish, "g", "fg"),
        ];
        let mut held = Held::default();
        assert!(!held.concerns(&Chunk::default()));
        for (chunk, data, expected) in steps {
            assert!(held.concerns(&chunk));
            assert_eq!(held.take(data.to_owned(), &chunk).concat(), expected, "{data}");
        }
        assert!(!held.concerns(&Chunk::default()));
    }

    #[test]
    fn a_call_that_is_too_long_is_told_as_it_comes() {
        let call = Chunk { calls: vec![0], ..Chunk::default() };
        let mut held = Held::default();
        assert!(held.take("x".repeat(MOST_BYTES), &call).is_empty());
        assert_eq!(held.take("y".to_owned(), &call).len(), 2);
        assert!(!held.concerns(&call));
    }
}
