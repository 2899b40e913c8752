//! A bounded table of what was used lately: by a keyed hash of its name, so that its size does not
//! depend on names. It does not decide what is kept in it.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use crate::clock::Timestamp;

/// How much is kept, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableLimits {
    /// How many entries at a time; the one that was used longest ago gives way.
    pub most: usize,
    /// An entry that was not used for so long is not found any more.
    pub idle: Duration,
}

/// Entries by the hash of their name.
#[derive(Debug)]
pub(super) struct Recent<V> {
    limits: TableLimits,
    hasher: RandomState,
    entries: HashMap<u64, Entry<V>>,
    by_use: BTreeMap<u64, u64>,
    uses: u64,
}

#[derive(Debug)]
struct Entry<V> {
    value: V,
    used: Timestamp,
    use_number: u64,
}

impl<V> Recent<V> {
    pub(super) fn new(limits: TableLimits) -> Self {
        Self {
            limits,
            hasher: RandomState::new(),
            entries: HashMap::new(),
            by_use: BTreeMap::new(),
            uses: 0,
        }
    }

    /// True if nothing was ever put in, or all of it had to give way.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What is kept under a name, if it was used recently. Does not use it.
    pub(super) fn get(&self, name: &str, now: Timestamp) -> Option<&V> {
        let entry = self.entries.get(&self.hasher.hash_one(name))?;
        (now.since(entry.used) < self.limits.idle).then_some(&entry.value)
    }

    /// Uses a name, for this value.
    pub(super) fn put(&mut self, name: &str, value: V, now: Timestamp) {
        let hash = self.hasher.hash_one(name);
        self.uses += 1;
        let entry = Entry { value, used: now, use_number: self.uses };
        if let Some(before) = self.entries.insert(hash, entry) {
            self.by_use.remove(&before.use_number);
        }
        self.by_use.insert(self.uses, hash);
        if self.entries.len() > self.limits.most
            && let Some((_, oldest)) = self.by_use.pop_first()
        {
            self.entries.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    const LIMITS: TableLimits = TableLimits { most: 100, idle: Duration::from_mins(10) };

    #[test]
    fn an_entry_is_found_until_it_has_been_idle() {
        let mut table = Recent::new(LIMITS);
        assert!(table.is_empty());
        table.put("one", 7, at(0));
        assert!(!table.is_empty());
        assert_eq!(table.get("one", at(599_999)), Some(&7));
        assert_eq!(table.get("one", at(600_000)), None);
        assert_eq!(table.get("other", at(0)), None);
    }

    #[test]
    fn the_table_is_bounded_and_forgets_what_was_idle_longest() {
        let mut table = Recent::new(LIMITS);
        for number in 0..1_000_u32 {
            table.put("used", 0, at(1));
            table.put(&number.to_string(), number, at(1));
        }
        assert_eq!((table.entries.len(), table.by_use.len()), (100, 100));
        assert_eq!(table.get("used", at(1)), Some(&0));
        assert_eq!(table.get("999", at(1)), Some(&999));
        assert_eq!(table.get("900", at(1)), None);
    }
}
