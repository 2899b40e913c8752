#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use crate::wire::reply::tests::Act::{Bytes as Raw, Event, Stay, Wait};
use crate::wire::reply::tests::{Act, DONE, ROLE, STOP, TOKEN, care, exchange_with};

const ERROR: &str = r#"data: {"error":{"message":"no more"}}"#;

/// The bytes that a stream gives and how it ends; none before its first real event.
async fn relayed(acts: &[Act], most: Sizes) -> (Option<String>, String) {
    let (exchange, server) = exchange_with(acts).await;
    let told = match begin(exchange, Form::Events, care(), most).await {
        Began::Told(letter) => (None, shown(&letter)),
        Began::Streams(mut relay) => {
            let mut bytes = String::new();
            loop {
                match poll_fn(|context| relay.poll_next(context)).await {
                    Next::Events(events) => bytes += std::str::from_utf8(&events).unwrap(),
                    Next::Ended(letter) => break (Some(bytes), shown(&letter)),
                }
            }
        }
    };
    server.abort();
    told
}

fn shown(letter: &Letter) -> String {
    match letter {
        Letter::Ended { truncated } => format!("ended {truncated}"),
        Letter::Broken(fault) => fault.message.clone(),
        Letter::ErrorEvent { data, .. } => format!("error {data}"),
        other => format!("{other:?}"),
    }
}

#[tokio::test]
async fn events_are_passed_on_as_they_came_comments_and_line_ends_with_them() {
    let comment = ": thinking\r\n\r\n";
    let cut = (r#"data: {"choices":[{"index":0,"#, "\"delta\":{\"content\":\"b\"}}]}\r\n\r\n");
    let acts = [
        Raw(comment),
        Event(ROLE),
        Event(TOKEN),
        Raw(cut.0),
        Wait(20),
        Raw(cut.1),
        Event(STOP),
        Event(DONE),
    ];
    let (bytes, end) = relayed(&acts, Sizes::default()).await;
    let events = format!("{comment}{ROLE}\n\n{TOKEN}\n\n{}{}{STOP}\n\n{DONE}\n\n", cut.0, cut.1);
    assert_eq!((bytes.unwrap(), end), (events, "ended false".to_owned()));
}

#[tokio::test]
async fn what_goes_wrong_before_the_first_real_event_is_told_and_nothing_passed_on() {
    let table: [(&[Act], &str); 4] = [
        (&[Event(ROLE), Event(ERROR)], "error {\"error\":{\"message\":\"no more\"}}"),
        (&[Event(ROLE), Event(DONE)], "the stream ended before anything of an answer came"),
        (&[], "the stream ended before anything of an answer came"),
        (&[Event(ROLE), Stay], "no token came in time"),
    ];
    for (acts, expected) in table {
        assert_eq!(relayed(acts, Sizes::default()).await, (None, expected.to_owned()));
    }
}

#[tokio::test]
async fn what_goes_wrong_afterwards_comes_after_all_events_that_are_whole() {
    let table: [(&[Act], &str); 5] = [
        (&[Event(TOKEN), Event(ERROR), Event(DONE)], "error {\"error\":{\"message\":\"no more\"}}"),
        (&[Event(TOKEN), Raw("data: {\"choi")], "Unparsed { data: \"{\\\"choi\" }"),
        (&[Event(TOKEN)], "the stream ended before the answer was finished"),
        (&[Event(TOKEN), Event(DONE)], "the stream ended before the answer was finished"),
        (&[Event(TOKEN), Stay], "the stream stalled"),
    ];
    for (acts, expected) in table {
        let (bytes, end) = relayed(acts, Sizes::default()).await;
        assert_eq!(end, expected);
        let bytes = bytes.unwrap();
        assert!(bytes.starts_with(&format!("{TOKEN}\n\n")), "{bytes}");
        assert!(!bytes.contains("error") && !bytes.contains("choi\n"), "{bytes}");
    }
}

#[tokio::test]
async fn an_event_may_be_only_so_large() {
    let most = Sizes { event: 200, ..Sizes::default() };
    let endless =
        Raw("data: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    let acts = [Event(TOKEN), endless, endless, endless, endless, Stay];
    assert_eq!(relayed(&acts, most).await.1, "an event is too large");
}
