#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use crate::recovery::{Joint, Manner, Prefill, Recovery};
use crate::wire::Usage;
use crate::wire::reply::tests::Act::{Bytes as Raw, Event, Stay, Wait};
use crate::wire::reply::tests::{Act, DONE, ROLE, STOP, TOKEN, care, exchange_with};

const ERROR: &str = r#"data: {"error":{"message":"no more"}}"#;

/// The bytes that a stream gives and how it ends; none before its first real event.
async fn relayed(acts: &[Act], most: Sizes) -> (Option<String>, String) {
    relayed_with(acts, care(), most).await
}

async fn relayed_with(acts: &[Act], care: Care, most: Sizes) -> (Option<String>, String) {
    let (exchange, server) = exchange_with(acts).await;
    let told = match begin(exchange, Form::Events, care, most).await {
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
        assert!(!bytes.contains("[DONE]"), "{bytes}");
    }
}

#[tokio::test]
async fn an_event_may_be_only_so_large() {
    let most = Sizes { event: 200, ..Sizes::default() };
    let endless =
        Raw("data: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    let acts = [Event(TOKEN), endless, endless, endless, endless, Stay];
    assert_eq!(relayed(&acts, most).await.1, "an event is too large");
    // Also one that comes in one piece.
    let most = Sizes { event: 60, ..most };
    let acts = [Event(TOKEN), Event(STOP), Event(DONE)];
    assert_eq!(relayed(&acts, most).await.1, "an event is too large");
}

#[tokio::test]
async fn only_so_much_is_kept_before_the_answer_begins() {
    let most = Sizes { event: 200, ..Sizes::default() };
    let acts = [vec![Raw(": ping\n\n"); 40], vec![Stay]].concat();
    let told = relayed(&acts, most).await;
    assert_eq!(told, (None, "what comes before the answer is too large".to_owned()));
    let role = [vec![Event(ROLE); 3], vec![Event(TOKEN), Event(STOP)]].concat();
    assert_eq!(relayed(&role, Sizes { event: 1000, ..most }).await.1, "ended false");
}

#[tokio::test]
async fn a_usage_that_was_not_asked_for_is_noted_and_taken_out() {
    let azure = r#"data: {"choices":[],"prompt_filter_results":[],"usage":null}"#;
    let token = r#"data: {"choices":[{"index":0,"delta":{"content":"a"}}],"usage":null}"#;
    let last = r#"data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3}}"#;
    let acts = [
        Event(azure),
        Raw(": ping\n\n"),
        Event(token),
        Event(token),
        Event(STOP),
        Event(last),
        Event(DONE),
    ];
    let care = Care { withholds_usage: true, ..care() };
    let meter = std::sync::Arc::clone(&care.meter);
    let (bytes, end) = relayed_with(&acts, care, Sizes::default()).await;
    let azure = r#"data: {"choices":[],"prompt_filter_results":[]}"#;
    let events = format!("{azure}\n\n: ping\n\n{TOKEN}\n\n{TOKEN}\n\n{STOP}\n\n{DONE}\n\n");
    assert_eq!((bytes.unwrap(), end), (events, "ended false".to_owned()));
    assert_eq!(meter.spent().usage, Usage { input: 7, output: 3 });
}

const BODY: &str = r#"{"messages":[{"role":"user","content":"hi"}],"stop":"END","stream":true}"#;

/// An attempt after one that has given this.
fn after(given: &str, manner: impl FnOnce(&Recovery) -> Manner) -> Care {
    let recovery = std::sync::Arc::new(Recovery::default());
    let chunk = format!(
        r#"{{"id":"first","created":1,"choices":[{{"index":0,"delta":{{"content":"{given}"}}}}]}}"#
    );
    recovery.begin().take(&chunk);
    let joint: Joint = recovery.go_on(manner(&recovery));
    Care { joint: Some(Box::new(joint)), ..care() }
}

fn chunk(content: &str) -> Act {
    let event = format!(
        r#"data: {{"id":"second","created":2,"choices":[{{"index":0,"delta":{{"content":"{content}"}}}}]}}"#
    );
    Event(event.leak())
}

#[tokio::test]
async fn the_first_answer_of_a_call_that_may_go_on_elsewhere_passes_as_it_came() {
    let first = std::sync::Arc::new(Recovery::default());
    let spread =
        Raw("data: {\"choices\":\r\ndata: [{\"index\":0,\"delta\":{\"content\":\"b\"}}]}\r\n\r\n");
    let acts = [Event(ROLE), Event(TOKEN), spread, Event(STOP), Event(DONE)];
    let care = Care { joint: Some(Box::new(first.begin())), ..care() };
    let (bytes, _) = relayed_with(&acts, care, Sizes::default()).await;
    assert_eq!(bytes, relayed(&acts, Sizes::default()).await.0);
    let spread = Raw("data: {\"choices\":\r\ndata: []}\r\n\r\n");
    let care = after("", |_| Manner::Restart);
    let (bytes, end) =
        relayed_with(&[spread, chunk("a"), Event(STOP), Event(DONE)], care, Sizes::default()).await;
    assert_eq!(bytes.unwrap().lines().filter(|line| line.starts_with("data: ")).count(), 3);
    assert_eq!(end, "ended false");
}

#[tokio::test]
async fn an_answer_that_is_asked_anew_is_passed_on_from_where_the_first_broke_off() {
    let acts = [Event(ROLE), chunk("one"), chunk(" two"), Event(STOP), Event(DONE)];
    let care = after("one", |_| Manner::Restart);
    let (bytes, end) = relayed_with(&acts, care, Sizes::default()).await;
    let bytes = bytes.unwrap();
    assert!(bytes.starts_with(r#"data: {"id":"first","created":1,"#), "{bytes}");
    assert!(bytes.contains(r#""content":" two""#) && !bytes.contains("one"), "{bytes}");
    assert!(bytes.ends_with("data: [DONE]\n\n"), "{bytes}");
    assert_eq!(end, "ended false");
    let other = after("three", |_| Manner::Restart);
    let told = relayed_with(&acts, other, Sizes::default()).await;
    assert_eq!(told, (None, "Diverged".to_owned()));
    let short = [chunk("one"), Event(DONE)];
    let unfinished = relayed_with(&short, after("one", |_| Manner::Restart), Sizes::default());
    assert_eq!(unfinished.await.0, None);
}

#[tokio::test]
async fn an_answer_that_is_continued_ends_at_a_stop_string_across_the_seam() {
    let care = after("one EN", |recovery| {
        let continued = recovery.continuation(BODY, Prefill::ContinueFinalMessage);
        Manner::Continue(continued.unwrap().1)
    });
    let acts = [chunk("D and more"), Event(STOP), Event(DONE)];
    let (bytes, end) = relayed_with(&acts, care, Sizes::default()).await;
    let bytes = bytes.unwrap();
    assert!(bytes.contains(r#""finish_reason":"stop""#) && !bytes.contains("more"), "{bytes}");
    assert!(bytes.ends_with("data: [DONE]\n\n"), "{bytes}");
    assert_eq!(end, "ended false");
}

#[tokio::test]
async fn a_tool_call_that_is_held_comes_before_the_end_that_nobody_told() {
    let call = r#"data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"name":"f"}}]}}]}"#;
    let first = std::sync::Arc::new(Recovery::default());
    let acts = [Event(TOKEN), Event(call), Event(DONE)];
    let joint = Some(Box::new(first.begin()));
    let optional = Care { joint, finish_optional: true, ..care() };
    let (bytes, end) = relayed_with(&acts, optional, Sizes::default()).await;
    assert_eq!(bytes.unwrap(), format!("{TOKEN}\n\n{call}\n\n{DONE}\n\n"));
    assert_eq!(end, "ended true");
    let care = Care { joint: Some(Box::new(first.begin())), ..care() };
    let (bytes, end) = relayed_with(&acts, care, Sizes::default()).await;
    assert_eq!(bytes.unwrap(), format!("{TOKEN}\n\n"));
    assert_eq!(end, "the stream ended before the answer was finished");
}
