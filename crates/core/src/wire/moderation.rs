//! Whether the network thread naps before it looks for more, as network cards moderate their
//! interrupts: pieces of hundreds of paced streams then share a wake-up, which costs more than the
//! reading of a piece. Where anything but pieces of streams comes in, nobody naps. It decides;
//! whose thread it is naps.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// A piece that comes during a nap is late by so much at most; the host looks for events no
/// oftener than every millisecond anyway.
const NAP: Duration = Duration::from_micros(200);

/// Wake-ups that follow one another faster than this are too many…
const BRISK: Duration = Duration::from_millis(1);

/// …once there were so many in a row.
const PATIENCE: u32 = 8;

/// What came in since the thread last had nothing to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seen {
    /// Pieces of streams.
    pieces: u32,
    /// Heads of answers, and failures.
    answers: u32,
}

thread_local! {
    static SEEN: Cell<Seen> = const { Cell::new(Seen { pieces: 0, answers: 0 }) };
    static MODERATION: Cell<Moderation> = const { Cell::new(Moderation { brisk: 0, since: None }) };
}

/// A piece of a stream has come in on this thread.
pub(super) fn note_piece() {
    SEEN.with(|seen| seen.set(Seen { pieces: seen.get().pieces.wrapping_add(1), ..seen.get() }));
}

/// An answer has begun, or failed, on this thread.
pub(super) fn note_answer() {
    SEEN.with(|seen| seen.set(Seen { answers: seen.get().answers.wrapping_add(1), ..seen.get() }));
}

/// To be asked when this thread has nothing to do, before it waits for more: for how long it naps
/// first.
pub fn nap() -> Option<Duration> {
    let mut moderation = MODERATION.get();
    let nap = moderation.nap(SEEN.take(), Instant::now());
    MODERATION.set(moderation);
    nap
}

/// The last wake-ups of a thread.
#[derive(Clone, Copy, Debug, Default)]
struct Moderation {
    /// How many brisk ones in a row brought nothing but pieces.
    brisk: u32,
    /// When the thread last had nothing to do.
    since: Option<Instant>,
}

impl Moderation {
    fn nap(&mut self, seen: Seen, now: Instant) -> Option<Duration> {
        let before = self.since.replace(now);
        let is_brisk = before.is_some_and(|before| now.duration_since(before) < BRISK);
        match seen {
            // A timer, or something of the program's.
            Seen { pieces: 0, answers: 0 } => return None,
            Seen { answers: 0, .. } if is_brisk => self.brisk = self.brisk.saturating_add(1),
            _ => self.brisk = 0,
        }
        (self.brisk >= PATIENCE).then_some(NAP)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIECES: Seen = Seen { pieces: 3, answers: 0 };
    const ANSWER: Seen = Seen { pieces: 3, answers: 1 };
    const NOTHING: Seen = Seen { pieces: 0, answers: 0 };

    /// The naps after wake-ups that saw this, so many microseconds apart.
    fn naps(wakes: impl IntoIterator<Item = (Seen, u64)>) -> Vec<bool> {
        let mut moderation = Moderation::default();
        let mut now = Instant::now();
        let wakes = wakes.into_iter();
        let naps = wakes.map(|(seen, apart)| {
            now += Duration::from_micros(apart);
            moderation.nap(seen, now).is_some()
        });
        naps.collect()
    }

    #[test]
    fn pieces_that_wake_the_thread_too_often_make_it_nap() {
        let naps = naps([(PIECES, 100); 12]);
        assert_eq!(naps.iter().position(|naps| *naps), Some(PATIENCE as usize));
        assert!(naps[PATIENCE as usize..].iter().all(|naps| *naps));
    }

    #[test]
    fn pieces_that_come_slowly_are_read_at_once() {
        assert!(!naps([(PIECES, 1000); 50]).contains(&true));
    }

    #[test]
    fn an_answer_ends_the_naps() {
        let brisk = vec![(PIECES, 100); 12];
        let naps = naps([brisk, vec![(ANSWER, 100)], vec![(PIECES, 100); 7]].concat());
        assert!(naps[11]);
        assert!(!naps[12..].contains(&true));
    }

    #[test]
    fn a_wake_up_without_anything_read_changes_nothing_and_is_no_reason_to_nap() {
        let brisk = vec![(PIECES, 100); 12];
        let naps = naps([brisk, vec![(NOTHING, 100), (PIECES, 100)]].concat());
        assert_eq!(naps[11..], [true, false, true]);
    }

    #[test]
    fn what_is_noted_is_of_the_own_thread_and_seen_once() {
        note_piece();
        note_answer();
        std::thread::scope(|scope| {
            scope.spawn(|| assert_eq!(SEEN.take(), Seen::default()));
        });
        assert_eq!(SEEN.take(), Seen { pieces: 1, answers: 1 });
        assert_eq!(SEEN.take(), Seen::default());
    }
}
