//! Where stored responses lie: a response that an account keeps can be asked for, cancelled and
//! gone on from at that account only, and by the client that it was made for.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use model_multiplexer_core::fleet::TargetKey;
use serde::Deserialize;

use crate::endpoint::Endpoint;
use crate::record::Record;

/// So many responses are remembered; the oldest give way.
const MOST: usize = 50_000;
/// The longest id that is remembered.
const LONGEST: usize = 256;

/// Which target holds which response.
#[derive(Debug, Default)]
pub(crate) struct Stored(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    by_id: HashMap<Box<str>, Holder>,
    in_order: VecDeque<Box<str>>,
}

/// For whom a response was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// For the client that asks; this target holds it.
    Own(TargetKey),
    /// For another one.
    Theirs,
    /// Not through this gateway, or too long ago.
    Unknown,
}

#[derive(Clone, Debug)]
struct Holder {
    target: TargetKey,
    client: Option<Box<str>>,
}

impl Stored {
    fn keep(&self, id: &str, holder: Holder) {
        if id.is_empty() || id.len() > LONGEST {
            return;
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.by_id.insert(id.into(), holder).is_none() {
            known.in_order.push_back(id.into());
        }
        while known.in_order.len() > MOST {
            if let Some(oldest) = known.in_order.pop_front() {
                known.by_id.remove(&oldest);
            }
        }
    }

    fn whose(&self, id: &str, client: Option<&str>) -> Whose {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match known.by_id.get(id) {
            Some(holder) if holder.client.as_deref() == client => Whose::Own(holder.target),
            Some(_) => Whose::Theirs,
            None => Whose::Unknown,
        }
    }
}

/// Whether this response was made for the client, and which target holds it.
pub(crate) fn whose(record: &Record, id: &str) -> Whose {
    record.shared.stored.whose(id, record.client_name())
}

/// True if what is made may be kept by who makes it.
pub(crate) fn is_kept(record: &Record) -> bool {
    record.asked.as_ref().is_some_and(|asked| asked.endpoint == Endpoint::Responses)
}

#[derive(Deserialize)]
struct Response<'a> {
    #[serde(borrow)]
    id: std::borrow::Cow<'a, str>,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow)]
    response: Response<'a>,
}

/// Notes who has made this response.
pub(crate) fn note(record: &Record, target: TargetKey, body: &str) {
    if is_kept(record)
        && let Ok(Response { id }) = serde_json::from_str(body)
    {
        keep(record, target, &id);
    }
}

/// The same from events of a stream; false if none of them tells.
pub(crate) fn note_events(record: &Record, target: TargetKey, events: &[u8]) -> bool {
    let lines = events.split(|byte| matches!(byte, b'\n' | b'\r'));
    let mut data = lines.filter_map(|line| line.strip_prefix(b"data:"));
    let told = data.find_map(|data| serde_json::from_slice::<Event<'_>>(data).ok());
    if let Some(Event { response }) = &told {
        keep(record, target, &response.id);
    }
    told.is_some()
}

fn keep(record: &Record, target: TargetKey, id: &str) {
    let client = record.client_name().map(Into::into);
    record.shared.stored.keep(id, Holder { target, client });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_is_found_by_its_client_until_it_gives_way() {
        let stored = Stored::default();
        let holder = Holder { target: TargetKey(7), client: Some("a".into()) };
        stored.keep("resp_0", holder.clone());
        assert_eq!(stored.whose("resp_0", Some("a")), Whose::Own(TargetKey(7)));
        assert_eq!(stored.whose("resp_0", Some("b")), Whose::Theirs);
        assert_eq!(stored.whose("resp_0", None), Whose::Theirs);
        for number in 1..=MOST {
            stored.keep(&format!("resp_{number}"), holder.clone());
        }
        assert_eq!(stored.whose("resp_0", Some("a")), Whose::Unknown);
        assert_eq!(stored.whose("resp_1", Some("a")), Whose::Own(TargetKey(7)));
    }
}
