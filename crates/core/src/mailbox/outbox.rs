//! What one call has received and the host has not yet taken, and how much more it may receive.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, Weak};

use tokio::sync::Notify;

use super::{Letter, Mailbox, Urgency, lock};

/// How many bytes of events may be on their way to a reader: from the socket until the reader
/// has taken the event.
pub(super) const CREDIT: i64 = 64 * 1024;

/// How much of its buffer an outbox keeps once it is empty.
const KEPT_BYTES: usize = 512;

/// The sending side of one call's mail.
#[derive(Debug)]
pub struct Outbox {
    id: u32,
    this: Weak<Self>,
    mailbox: Arc<Mailbox>,
    pending: Mutex<Pending>,
    credit: AtomicI64,
    credited: Notify,
}

#[derive(Debug, Default)]
pub(super) struct Pending {
    /// JSON values, separated by commas; the parts say which belong to what.
    pub(super) values: Vec<u8>,
    pub(super) parts: VecDeque<Part>,
    queued: bool,
    closed: bool,
}

/// A run of letters of one kind.
#[derive(Debug)]
pub(super) enum Part {
    /// Events as they came.
    Values(Run),
    /// Events as the strings that fill a template.
    Filled(u8, Run),
    /// Anything else, with its size on the wire.
    Letter(Letter, u32),
}

impl Part {
    fn size(&self) -> u32 {
        match self {
            Self::Values(run) | Self::Filled(_, run) => run.size,
            Self::Letter(_, size) => *size,
        }
    }
}

/// Successive events in [`Pending::values`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub(super) start: usize,
    pub(super) end: usize,
    /// How many JSON values.
    pub(super) count: u32,
    /// Size on the wire.
    pub(super) size: u32,
}

impl Outbox {
    /// An outbox for the call with this number.
    pub fn new(mailbox: Arc<Mailbox>, id: u32) -> Arc<Self> {
        Arc::new_cyclic(|this| Self {
            id,
            this: this.clone(),
            mailbox,
            pending: Mutex::default(),
            credit: AtomicI64::new(CREDIT),
            credited: Notify::new(),
        })
    }

    /// An outbox for the same call's next attempt: what its reader has not taken yet still counts.
    pub fn after(&self) -> Arc<Self> {
        let next = Self::new(Arc::clone(&self.mailbox), self.id);
        next.credit.store(self.credit.load(Ordering::Acquire), Ordering::Release);
        next
    }

    /// Another one for the same call, so that mail of one is told while that of the other is held.
    pub fn aside(&self) -> Arc<Self> {
        Self::new(Arc::clone(&self.mailbox), self.id)
    }

    /// The call's number.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Puts a letter in and tells the host.
    pub fn post(&self, letter: Letter) {
        self.stage(letter, 0);
        self.tell(Urgency::Now);
    }

    /// Puts a letter of `size` bytes on the wire in; the host is told at [`Self::flush`].
    pub fn stage(&self, letter: Letter, size: usize) {
        let mut pending = lock(&self.pending);
        if !pending.closed {
            pending.parts.push_back(Part::Letter(letter, size as u32));
            drop(pending);
            self.spend(size);
        }
    }

    /// Puts an event in as it came.
    pub fn stage_value(&self, json: &str, size: usize) {
        let mut pending = lock(&self.pending);
        if pending.closed {
            return;
        }
        let start = pending.begin_value();
        pending.values.extend_from_slice(json.as_bytes());
        pending.note(None, start, 1, size);
        drop(pending);
        self.spend(size);
    }

    /// Puts an event in as the strings that `fill` writes; it returns the template's number, which
    /// is the result, and how many strings there are, or nothing when it has written nothing.
    pub fn stage_filled(
        &self,
        size: usize,
        fill: impl FnOnce(&mut Vec<u8>) -> Option<(u8, u32)>,
    ) -> Option<u8> {
        let mut pending = lock(&self.pending);
        let before = pending.values.len();
        let start = pending.begin_value();
        let Some((index, strings)) = fill(&mut pending.values) else {
            pending.values.truncate(before);
            return None;
        };
        if pending.closed {
            pending.values.clear();
        } else {
            pending.note(Some(index), start, strings, size);
            drop(pending);
            self.spend(size);
        }
        Some(index)
    }

    /// Tells the host of events, which may wait a moment for those of other streams.
    pub fn flush(&self) {
        self.tell(Urgency::Soon);
    }

    /// Tells the host at once.
    pub fn flush_now(&self) {
        self.tell(Urgency::Now);
    }

    /// Takes back what has been put in and not been told.
    pub fn withdraw(&self) {
        let mut pending = lock(&self.pending);
        if !pending.queued && !pending.closed {
            let size = pending.parts.iter().map(Part::size).sum();
            *pending = Pending::default();
            drop(pending);
            self.give_credit(size);
        }
    }

    fn tell(&self, urgency: Urgency) {
        let mut pending = lock(&self.pending);
        if pending.parts.is_empty() || pending.queued || pending.closed {
            return;
        }
        pending.queued = true;
        drop(pending);
        if let Some(this) = self.this.upgrade() {
            self.mailbox.enqueue(this, urgency);
        }
    }

    /// The reader has room.
    pub fn has_credit(&self) -> bool {
        self.credit.load(Ordering::Acquire) > 0
    }

    /// Waits until the reader has room.
    pub async fn credit(&self) {
        loop {
            let credited = self.credited.notified();
            if self.has_credit() {
                return;
            }
            credited.await;
        }
    }

    /// The reader has taken events of this size.
    pub fn give_credit(&self, size: u32) {
        self.credit.fetch_add(i64::from(size), Ordering::AcqRel);
        self.credited.notify_one();
    }

    /// The host wants no more: what is pending is dropped and what comes is not told.
    pub fn close(&self) {
        *lock(&self.pending) = Pending { closed: true, ..Pending::default() };
    }

    fn spend(&self, size: usize) {
        self.credit.fetch_sub(size as i64, Ordering::AcqRel);
    }

    /// Takes up to `most` parts out and hands each to `take`, which may close the outbox. True if
    /// some are left: the outbox stays queued.
    pub(super) fn take(&self, most: usize, mut take: impl FnMut(&[u8], Part)) -> bool {
        let mut pending = lock(&self.pending);
        let taken = pending.parts.len().min(most);
        let rest = pending.parts.split_off(taken);
        let left = rest.len();
        let parts = std::mem::replace(&mut pending.parts, rest);
        let values =
            if left == 0 { std::mem::take(&mut pending.values) } else { pending.values.clone() };
        pending.queued = left > 0;
        drop(pending);
        for part in parts {
            take(&values, part);
        }
        self.recycle(values);
        left > 0
    }

    /// Keeps a buffer for what comes next; a burst is not paid for as long as the stream is open.
    fn recycle(&self, mut values: Vec<u8>) {
        let mut pending = lock(&self.pending);
        if pending.values.capacity() == 0 && !pending.closed {
            values.clear();
            values.shrink_to(KEPT_BYTES);
            pending.values = values;
        }
    }
}

impl Pending {
    /// Separates the next value from the last; where it starts.
    fn begin_value(&mut self) -> usize {
        if !self.values.is_empty() {
            self.values.push(b',');
        }
        self.values.len()
    }

    /// Notes the event written since `start`, with the last part where that is of its kind.
    fn note(&mut self, template: Option<u8>, start: usize, count: u32, size: usize) {
        let run = Run { start, end: self.values.len(), count, size: size as u32 };
        match (self.parts.back_mut(), template) {
            (Some(Part::Values(last)), None) => last.extend(run),
            (Some(Part::Filled(index, last)), Some(template)) if *index == template => {
                last.extend(run);
            }
            (_, None) => self.parts.push_back(Part::Values(run)),
            (_, Some(index)) => self.parts.push_back(Part::Filled(index, run)),
        }
    }
}

impl Run {
    fn extend(&mut self, next: Self) {
        self.end = next.end;
        self.count += next.count;
        self.size += next.size;
    }
}
