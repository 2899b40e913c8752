//! The mailbox as a host sees it.

use super::*;
use std::sync::atomic::{AtomicUsize, Ordering};

struct Host {
    mailbox: Arc<Mailbox>,
    wakes: Arc<AtomicUsize>,
    meta: Vec<u32>,
}

/// One entry: kind, template, call, values, size, texts.
type Entry = (u32, u32, u32, u32, u32, String, String);

impl Host {
    fn new(entries: usize) -> Self {
        let wakes = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&wakes);
        let mailbox = Mailbox::new(move || {
            counted.fetch_add(1, Ordering::SeqCst);
        });
        let meta = vec![0; META_WORDS_AHEAD + entries * META_WORDS_PER_ENTRY];
        Self { mailbox, wakes, meta }
    }

    fn outbox(&self, id: u32) -> Arc<Outbox> {
        Outbox::new(Arc::clone(&self.mailbox), id)
    }

    fn wakes(&self) -> usize {
        self.wakes.load(Ordering::SeqCst)
    }

    fn drain(&mut self, budget: usize) -> (Vec<Entry>, String, bool) {
        let text = self.mailbox.drain(
            &mut self.meta,
            budget,
            |_, _| {},
            |drained| {
                assert_eq!(drained.is_ascii, drained.text.is_ascii());
                String::from_utf8(drained.text.to_vec()).unwrap()
            },
        );
        let units: Vec<u16> = text.encode_utf16().collect();
        let slice = |from: usize, to: usize| String::from_utf16(&units[from..to]).unwrap();
        let values = slice(0, self.meta[2] as usize);
        let mut at = self.meta[2] as usize;
        let words = self.meta[META_WORDS_AHEAD..].chunks(META_WORDS_PER_ENTRY);
        let entries = words.take(self.meta[0] as usize).map(|words| {
            let (one, other) = (at + words[4] as usize, at + (words[4] + words[5]) as usize);
            let texts = (slice(at, one), slice(one, other));
            at = other;
            (words[0] & 0xFF, words[0] >> 8, words[1], words[2], words[3], texts.0, texts.1)
        });
        let entries = entries.collect();
        assert_eq!(at, units.len());
        (entries, values, self.meta[1] == 1)
    }
}

#[test]
fn a_thousand_events_of_a_hundred_streams_need_one_wake() {
    let mut host = Host::new(4096);
    let outboxes: Vec<_> = (0..100).map(|id| host.outbox(id)).collect();
    for _ in 0..10 {
        for outbox in &outboxes {
            outbox.stage_value("{}", 2);
            outbox.flush();
        }
    }
    assert_eq!(host.wakes(), 1);
    let (entries, values, more) = host.drain(usize::MAX);
    assert_eq!(entries.len(), 100);
    assert_eq!(values.matches("{}").count(), 1_000);
    assert!(!more);
    outboxes[0].post(Letter::Ended { truncated: false });
    assert_eq!(host.wakes(), 2);
}

#[test]
fn letters_keep_their_order_and_runs_of_one_kind_are_one_entry() {
    let mut host = Host::new(64);
    let outbox = host.outbox(7);
    outbox.post(Letter::Opened { head: "200 é".into() });
    outbox.stage_value(r#"{"a":"😀"}"#, 10);
    outbox.stage_value("1", 11);
    outbox.stage(Letter::Template { index: 3, description: "{}".into() }, 0);
    for text in ["\"x\"", "\"y\""] {
        let filled = outbox.stage_filled(5, |out| {
            out.extend_from_slice(text.as_bytes());
            Some((3, 1))
        });
        assert_eq!(filled, Some(3));
    }
    assert_eq!(outbox.stage_filled(5, |_| None), None);
    outbox.post(Letter::Ended { truncated: false });
    let (entries, values, _) = host.drain(usize::MAX);
    assert_eq!(values, r#"[{"a":"😀"},1,"x","y"]"#);
    assert_eq!(
        entries,
        [
            (kind::OPENED, 0, 7, 0, 0, "200 é".into(), String::new()),
            (kind::VALUES, 0, 7, 2, 21, String::new(), String::new()),
            (kind::TEMPLATE, 3, 7, 0, 0, "{}".into(), String::new()),
            (kind::FILLED, 3, 7, 2, 10, String::new(), String::new()),
            (kind::ENDED, 0, 7, 0, 0, String::new(), String::new()),
        ]
    );
}

#[test]
fn a_drain_stops_at_its_budget_and_takes_turns() {
    let mut host = Host::new(64);
    let outboxes: Vec<_> = (0..4).map(|id| host.outbox(id)).collect();
    for outbox in &outboxes {
        outbox.stage_value(&"1".repeat(100), 100);
        outbox.flush();
    }
    let (entries, _, more) = host.drain(150);
    assert_eq!(entries.iter().map(|entry| entry.2).collect::<Vec<_>>(), [0, 1]);
    assert!(more);
    outboxes[0].stage_value("2", 1);
    outboxes[0].flush();
    assert_eq!(host.wakes(), 1, "the host knows that more is waiting");
    let (entries, _, more) = host.drain(1_000);
    assert_eq!(entries.iter().map(|entry| entry.2).collect::<Vec<_>>(), [2, 3, 0]);
    assert!(!more);
}

#[test]
fn a_full_page_leaves_the_rest_for_the_next() {
    let mut host = Host::new(2);
    let outbox = host.outbox(1);
    outbox.stage_value("1", 1);
    outbox.stage(Letter::Unparsed { data: "x".into() }, 1);
    outbox.stage_value("2", 1);
    outbox.flush();
    let (first, values, more) = host.drain(usize::MAX);
    assert_eq!((first.len(), values.as_str(), more), (2, "[1]", true));
    let (second, values, more) = host.drain(usize::MAX);
    assert_eq!((second.len(), values.as_str(), more), (1, "[2]", false));
}

#[test]
fn a_closed_outbox_tells_nothing_more() {
    let mut host = Host::new(8);
    let outbox = host.outbox(1);
    outbox.stage_value("1", 1);
    outbox.flush();
    outbox.close();
    outbox.post(Letter::Ended { truncated: false });
    assert_eq!(host.drain(usize::MAX).0, []);
}

#[test]
fn a_call_may_be_closed_while_its_mail_is_being_taken() {
    let host = Host::new(8);
    let outbox = host.outbox(1);
    outbox.post(Letter::Ended { truncated: false });
    let mut meta = host.meta.clone();
    host.mailbox.drain(&mut meta, usize::MAX, |_, _| outbox.close(), |_| ());
    assert_eq!(meta[0], 1);
}

#[tokio::test(start_paused = true)]
async fn events_soon_after_a_drain_share_a_wake_and_replies_do_not_wait_for_it() {
    let mut host = Host::new(64);
    let gathering = tokio::spawn(Arc::clone(&host.mailbox).gather());
    tokio::task::yield_now().await;
    let outboxes: Vec<_> = (0..10).map(|id| host.outbox(id)).collect();
    let event = |outbox: &Outbox| {
        outbox.stage_value("1", 1);
        outbox.flush();
    };
    event(&outboxes[0]);
    assert_eq!(host.wakes(), 1, "an event after a long silence wakes at once");
    host.drain(usize::MAX);
    for outbox in &outboxes {
        event(outbox);
    }
    assert_eq!(host.wakes(), 1);
    tokio::time::sleep(GATHERING * 2).await;
    assert_eq!(host.wakes(), 2);
    assert_eq!(host.drain(usize::MAX).0.len(), 10);
    event(&outboxes[0]);
    outboxes[1].post(Letter::Opened { head: String::new() });
    assert_eq!(host.wakes(), 3, "the beginning of a stream does not wait");
    tokio::time::sleep(GATHERING * 2).await;
    assert_eq!(host.wakes(), 3, "the host is not woken twice");
    gathering.abort();
}

#[tokio::test]
async fn a_stream_waits_when_its_credit_is_spent_and_goes_on_when_it_is_given_back() {
    let host = Host::new(8);
    let outbox = host.outbox(1);
    outbox.stage_value("1", 64 * 1024);
    assert!(tokio::time::timeout(std::time::Duration::ZERO, outbox.credit()).await.is_err());
    outbox.give_credit(1);
    outbox.credit().await;
}

#[test]
fn credit_that_is_given_while_a_task_begins_to_wait_for_it_wakes_it() {
    let host = Host::new(1);
    let outbox = host.outbox(1);
    let size = outbox::CREDIT as u32;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (reader, is_done) = (Arc::clone(&outbox), &done);
        scope.spawn(move || {
            while !is_done.load(Ordering::Acquire) {
                if !reader.has_credit() {
                    reader.give_credit(size);
                }
            }
        });
        let rounds = async {
            for _ in 0..20_000 {
                outbox.credit().await;
                outbox.stage(Letter::Finished, size as usize);
            }
        };
        let all = runtime
            .block_on(async { tokio::time::timeout(Duration::from_mins(1), rounds).await.is_ok() });
        done.store(true, Ordering::Release);
        assert!(all, "a wake was lost");
    });
}
