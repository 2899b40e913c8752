#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use bytes::Bytes;
use http::HeaderMap;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::mailbox::{META_WORDS_AHEAD, META_WORDS_PER_ENTRY, Mailbox};
use crate::recovery::{Manner, Recovery};
use crate::wire::http_client::Http2;
use crate::wire::{HttpClient, Profile, Usage};

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
pub(super) const ROLE: &str =
    r#"data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}"#;
pub(super) const TOKEN: &str = r#"data: {"choices":[{"index":0,"delta":{"content":"a"}}]}"#;
pub(super) const STOP: &str =
    r#"data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
pub(super) const DONE: &str = "data: [DONE]";

/// What a server does after the head: writes an event, or waits for so many milliseconds.
#[derive(Clone, Copy)]
pub(super) enum Act {
    Event(&'static str),
    Bytes(&'static str),
    Wait(u64),
    /// Keeps the connection open.
    Stay,
}
use Act::{Bytes as Raw, Event, Stay, Wait};

async fn serve(mut stream: TcpStream, head: &str, acts: Vec<Act>) {
    let _ = stream.read(&mut [0; 4096]).await;
    stream.write_all(head.as_bytes()).await.unwrap();
    for act in acts {
        match act {
            Event(event) => stream.write_all(format!("{event}\n\n").as_bytes()).await.unwrap(),
            Raw(bytes) => stream.write_all(bytes.as_bytes()).await.unwrap(),
            Wait(millis) => tokio::time::sleep(Duration::from_millis(millis)).await,
            Stay => std::future::pending().await,
        }
    }
}

/// How long the first token, and each that follows, may take: far longer than a busy machine needs
/// for an event, and than a [`Wait`] of [`SOON`] lasts.
const IN_TIME: Duration = Duration::from_millis(750);
/// Several of these are longer than [`IN_TIME`].
const SOON: u64 = 200;

pub(super) fn care() -> Care {
    Care {
        withholds_usage: false,
        meter: Arc::default(),
        hedge_at: None,
        began: Instant::now(),
        first_token: Some(IN_TIME),
        stall: Some(IN_TIME),
        until: None,
        finish_optional: false,
        notice: None,
        has_json: true,
        joint: None,
    }
}

/// An exchange with a server that opens a stream and does this.
pub(super) async fn exchange_with(acts: &[Act]) -> (Exchange, tokio::task::JoinHandle<()>) {
    exchange_after(HEAD, acts).await
}

/// An exchange with a server that writes this head and then does this.
pub(super) async fn exchange_after(
    head: &'static str,
    acts: &[Act],
) -> (Exchange, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let acts = acts.to_vec();
    let server =
        tokio::spawn(async move { serve(listener.accept().await.unwrap().0, head, acts).await });
    let exchange = Exchange {
        http: HttpClient::new(&crate::wire::http_client::HttpSettings::default()).unwrap(),
        profile: Arc::new(Profile::new("POST", &url, [], false, None, Http2::Never).unwrap()),
        headers: HeaderMap::new(),
        body: Bytes::new(),
        timeout: Duration::from_secs(5),
        max_retries: 0,
        booking: None,
    };
    (exchange, server)
}

/// The letters that a stream comes to, with runs of events as their number.
async fn told(acts: &[Act], care: Option<Care>) -> Vec<String> {
    told_after(HEAD, acts, care).await
}

/// The same of an answer with this head.
async fn told_after(head: &'static str, acts: &[Act], care: Option<Care>) -> Vec<String> {
    let (exchange, server) = exchange_after(head, acts).await;
    let mailbox = Mailbox::new(|| ());
    answer(exchange, Form::Events, care, Outbox::new(Arc::clone(&mailbox), 1)).await;
    server.abort();
    mail(&mailbox)
}

fn mail(mailbox: &Arc<Mailbox>) -> Vec<String> {
    let mut letters = Vec::new();
    let mut meta = [0; META_WORDS_AHEAD + 64 * META_WORDS_PER_ENTRY];
    mailbox.drain(
        &mut meta,
        1 << 20,
        |_, letter| {
            let shown = match letter {
                Letter::Spent { .. } => return,
                Letter::Opened { .. } => "opened".to_owned(),
                Letter::Broken(fault) => format!("broken: {}", fault.message),
                Letter::ErrorEvent { data, .. } => format!("error: {data}"),
                other => format!("{other:?}"),
            };
            letters.push(shown);
        },
        |_| (),
    );
    letters
}

#[tokio::test]
async fn without_care_a_stream_is_told_as_it_comes() {
    assert_eq!(
        told(&[Event(ROLE), Event(STOP), Event(DONE)], None).await,
        ["opened", "Ended { truncated: false }"]
    );
    assert_eq!(told(&[Event(TOKEN)], None).await, ["opened", "Ended { truncated: true }"]);
    assert_eq!(
        told(&[Event(TOKEN), Event(DONE)], None).await.last().unwrap(),
        "Ended { truncated: true }"
    );
    assert_eq!(told(&[], None).await, ["opened", "Ended { truncated: false }"]);
}

#[tokio::test]
async fn nothing_is_told_before_something_of_the_answer_has_come() {
    for acts in [
        &[][..],
        &[Event(ROLE)],
        &[Event(ROLE), Event(DONE)],
        &[Raw(": a comment\n\n")],
        &[Event(r#"data: {"choices":[],"prompt_filter_results":[]}"#)],
    ] {
        let told = told(acts, Some(care())).await;
        assert_eq!(told, ["broken: the stream ended before anything of an answer came"]);
    }
    let error = r#"data: {"error":{"message":"no"}}"#;
    let told = told(&[Event(ROLE), Event(error)], Some(care())).await;
    assert_eq!(told, [r#"error: {"error":{"message":"no"}}"#]);
}

#[tokio::test]
async fn an_answer_is_told_with_what_came_before_it() {
    let told = told(&[Event(ROLE), Wait(50), Event(TOKEN), Event(STOP), Event(DONE)], Some(care()));
    assert_eq!(told.await, ["opened", "Finished", "Ended { truncated: false }"]);
}

#[tokio::test]
async fn an_answer_that_catches_up_is_told_from_there_and_may_take_its_time() {
    let restarted = || {
        let given = Arc::new(Recovery::default());
        given.begin().take(r#"{"choices":[{"index":0,"delta":{"content":"aaaa"}}]}"#);
        Care { joint: Some(Box::new(given.go_on(Manner::Restart))), ..care() }
    };
    // Longer than the first token may take.
    let steady = [Event(TOKEN), Wait(SOON)].repeat(5);
    let end = vec![Event(STOP), Event(DONE)];
    let letters = told(&[vec![Event(ROLE)], steady.clone(), end].concat(), Some(restarted())).await;
    assert_eq!(letters.first().map(String::as_str), Some("opened"));
    assert_eq!(letters.last().unwrap(), "Ended { truncated: false }");
    let letters = told(&[steady[..4].to_vec(), vec![Stay]].concat(), Some(restarted())).await;
    assert_eq!(letters.last().unwrap(), "broken: the stream stalled");
    assert!(!letters.contains(&"opened".to_owned()), "{letters:?}");
    let late = told(&[Event(ROLE), Stay], Some(restarted())).await;
    assert_eq!(late, ["broken: no token came in time"]);
    let other = r#"data: {"choices":[{"index":0,"delta":{"content":"b"}}]}"#;
    assert_eq!(told(&[Event(TOKEN), Event(other), Stay], Some(restarted())).await, ["Diverged"]);
}

#[tokio::test]
async fn the_first_token_and_each_that_follows_must_be_in_time() {
    let late = "broken: no token came in time";
    assert_eq!(told(&[Stay], Some(care())).await, [late]);
    assert_eq!(told(&[Event(ROLE), Stay], Some(care())).await, [late]);
    let pings = [Raw(": ping\n\n"), Wait(SOON)].repeat(5);
    assert_eq!(told(&[pings, vec![Stay]].concat(), Some(care())).await, [late]);
    let stalled = ["opened", "broken: the stream stalled"];
    assert_eq!(told(&[Event(TOKEN), Stay], Some(care())).await, stalled);
    // Bytes that make no event are not progress.
    let trickle = [Raw("d"), Wait(SOON)].repeat(6);
    assert_eq!(told(&[vec![Event(TOKEN)], trickle].concat(), Some(care())).await, stalled);
    let steady = [Event(TOKEN), Wait(SOON)].repeat(6);
    let end = vec![Event(STOP), Event(DONE)];
    assert_eq!(
        told(&[steady, end].concat(), Some(care())).await.last().unwrap(),
        "Ended { truncated: false }"
    );
}

#[tokio::test]
async fn all_of_it_must_be_in_time() {
    let until = Some(Instant::now() + Duration::from_millis(200));
    let endless = [Event(TOKEN), Wait(50)].repeat(20);
    let told = told(&endless, Some(Care { until, ..care() })).await;
    assert_eq!(told.last().unwrap(), "broken: the call took too long");
}

const UNAVAILABLE: &str = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 100\r\n\r\n";

#[tokio::test]
async fn an_error_whose_text_does_not_come_in_time_is_told_without_it() {
    let trickle =
        [vec![Raw("{\"error\":"), Wait(SOON)], [Raw(" "), Wait(SOON)].repeat(50)].concat();
    for acts in [vec![Raw("{\"error\":"), Stay], trickle] {
        let letters = told_after(UNAVAILABLE, &acts, Some(care())).await;
        assert_eq!(letters.len(), 1, "{letters:?}");
        assert!(letters[0].starts_with("Refused"), "{letters:?}");
        assert!(letters[0].ends_with("body: \"\" }"), "{letters:?}");
    }
}

#[tokio::test]
async fn an_error_that_is_too_long_is_told_without_its_text() {
    let head = "HTTP/1.1 503 Service Unavailable\r\n\r\n";
    let line: &str = Box::leak(" ".repeat(64 * 1024).into_boxed_str());
    let endless = vec![Raw(line); 64];
    let letters = told_after(head, &[endless, vec![Stay]].concat(), Some(care())).await;
    assert!(letters[0].ends_with("body: \"\" }"), "{}", &letters[0][..200]);
    let patient = Care { first_token: None, ..care() };
    let letters = told_after(head, &[Raw(line), Raw("end")], Some(patient)).await;
    assert!(letters[0].ends_with("end\" }"));
}

#[tokio::test]
async fn a_stream_that_ends_unfinished_is_broken() {
    let missing = "broken: the stream ended before the answer was finished";
    assert_eq!(told(&[Event(TOKEN)], Some(care())).await, ["opened", missing]);
    assert_eq!(told(&[Event(TOKEN), Event(DONE)], Some(care())).await, ["opened", missing]);
    let more = "data: [DONE] and more";
    assert_eq!(told(&[Event(TOKEN), Event(more)], Some(care())).await, ["opened", missing]);
    let ended = told(&[Event(TOKEN), Event(STOP), Event(more)], Some(care())).await;
    assert_eq!(ended.last().unwrap(), "Ended { truncated: false }");
    let optional = Care { finish_optional: true, ..care() };
    let ended = "Ended { truncated: true }";
    assert_eq!(told(&[Event(TOKEN), Event(DONE)], Some(optional)).await, ["opened", ended]);
}

#[tokio::test]
async fn a_provider_that_ends_with_an_error_has_failed() {
    let failed = r#"data: {"choices":[{"index":0,"delta":{},"finish_reason":"error"}]}"#;
    let told_with_care = told(&[Event(TOKEN), Event(failed)], Some(care())).await;
    assert!(told_with_care[1].starts_with("error: "), "{told_with_care:?}");
    let plain = told(&[Event(TOKEN), Event(failed)], None).await;
    assert_eq!(plain.last().unwrap(), "Ended { truncated: false }");
}

#[tokio::test]
async fn the_responses_api_says_in_its_own_way_that_it_has_finished() {
    let begun = "event: response.created\ndata: {\"type\":\"response.created\"}";
    let delta = "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"a\"}";
    let done = "event: response.completed\ndata: {\"type\":\"response.completed\"}";
    let letters = told(&[Event(begun), Event(delta), Event(done)], Some(care())).await;
    assert_eq!(letters.last().unwrap(), "Ended { truncated: false }");
    assert!(letters.contains(&"Finished".to_owned()));
    let letters = told(&[Event(begun), Event(delta)], Some(care())).await;
    assert!(letters.last().unwrap().starts_with("broken"), "{letters:?}");
}

#[tokio::test]
async fn events_fill_templates_though_what_was_not_asked_for_is_taken_out_of_them() {
    const USAGE: &str = r#"data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3}}"#;
    let chunk = |text: &str| {
        let delta = format!(r#"{{"index":0,"delta":{{"content":"{text}"}}}}"#);
        &*format!(r#"data: {{"choices":[{delta}],"usage":null}}"#).leak()
    };
    let chunks = ["a", "b", "c", "d"].map(|text| Event(chunk(text)));
    let rest = [Event(STOP), Event(USAGE), Event(USAGE), Event(DONE)];
    let meter = Arc::new(Meter::default());
    let care = Care { withholds_usage: true, meter: Arc::clone(&meter), ..care() };
    let (exchange, server) = exchange_with(&[&chunks[..], &rest].concat()).await;
    let mailbox = Mailbox::new(|| ());
    answer(exchange, Form::Events, Some(care), Outbox::new(Arc::clone(&mailbox), 1)).await;
    server.abort();
    let mut letters = Vec::new();
    let mut meta = [0; META_WORDS_AHEAD + 64 * META_WORDS_PER_ENTRY];
    let note = |_, letter: &Letter| {
        letters.extend(matches!(letter, Letter::Template { .. }).then(|| format!("{letter:?}")));
    };
    let text = mailbox.drain(&mut meta, 1 << 20, note, |drained| drained.text.to_vec());
    let values = std::str::from_utf8(&text[..meta[2] as usize]).unwrap();
    let first =
        |text: &str| format!(r#"{{"choices":[{{"index":0,"delta":{{"content":"{text}"}}}}]}}"#);
    let stop = STOP.trim_start_matches("data: ");
    assert_eq!(values, format!(r#"[{},{},"c","d",{stop}]"#, first("a"), first("b")));
    assert!(letters.len() == 1 && !letters[0].contains("usage"), "{letters:?}");
    assert_eq!(meter.spent().usage, Usage { input: 7, output: 3 });
}

#[tokio::test]
async fn a_call_whose_task_panics_is_told_so() {
    let notice = Some(Notice::new(|_| panic!("as a test wants it")));
    let (exchange, server) = exchange_with(&[Event(TOKEN), Stay]).await;
    let mailbox = Mailbox::new(|| ());
    let outbox = Outbox::new(Arc::clone(&mailbox), 1);
    let task =
        tokio::spawn(answer(exchange, Form::Events, Some(Care { notice, ..care() }), outbox));
    assert!(task.await.unwrap_err().is_panic());
    server.abort();
    let failed = "broken: the engine failed as it read the answer";
    assert_eq!(mail(&mailbox), [failed]);
}

/// A task is allocated and moved for each call, and lasts as long as a stream.
#[tokio::test]
async fn a_calls_task_is_small() {
    let profile = Profile::new("POST", "http://h/", [], false, None, Http2::Never).unwrap();
    let exchange = Exchange {
        http: HttpClient::new(&crate::wire::http_client::HttpSettings::default()).unwrap(),
        profile: Arc::new(profile),
        headers: HeaderMap::new(),
        body: Bytes::new(),
        timeout: Duration::from_secs(5),
        max_retries: 0,
        booking: None,
    };
    let outbox = Outbox::new(Mailbox::new(|| ()), 1);
    let task = answer(exchange, Form::Whole, None, outbox);
    assert!(size_of_val(&task) <= 2048, "{} bytes", size_of_val(&task));
}
