use std::time::{Duration, SystemTime};

use proptest::prelude::*;

use super::fixtures::{EVENTS, Event, Fixture, RESPONSES};
use super::*;

/// 2025-01-01T00:00:00Z.
fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_hours(482_136)
}

fn judged(status: u16, headers: &[(&str, &str)], body: &str) -> Judgement {
    let find = |name: &str| headers.iter().find(|(given, _)| *given == name).map(|pair| pair.1);
    let seen = Seen::at(Stage::AwaitingFirstEvent).with_status(status);
    judge(&seen.with_headers(&find).with_body(body), now())
}

#[test]
fn responses_are_judged_as_the_table_says() {
    for fixture in RESPONSES {
        let Fixture { provider, fault, status, headers, body, .. } = fixture;
        let judgement = judged(*status, headers, body);
        let name = format!("{provider}: {fault}");
        assert_eq!(judgement.outcome, fixture.outcome, "{name}");
        assert_eq!(judgement.domain, fixture.domain, "{name}");
        assert_eq!(judgement.asked, fixture.asked.map(Duration::from_millis), "{name}");
        assert_eq!(judgement.status, Some(*status), "{name}");
    }
}

#[test]
fn the_table_has_every_provider_and_every_outcome_of_a_response() {
    for provider in [
        "openai",
        "azure",
        "anthropic",
        "gemini",
        "groq",
        "cerebras",
        "openrouter",
        "mistral",
        "nvidia",
        "ollama",
        "vllm",
    ] {
        assert!(RESPONSES.iter().any(|fixture| fixture.provider == provider), "{provider}");
    }
    for outcome in Outcome::ALL {
        let is_of_response =
            !matches!(outcome, Outcome::TimedOut | Outcome::Aborted | Outcome::Truncated);
        let is_there = RESPONSES.iter().any(|fixture| fixture.outcome == outcome);
        assert_eq!(is_there, is_of_response, "{}", outcome.name());
    }
}

#[test]
fn events_are_judged_as_the_table_says() {
    for Event { provider, name, data, meaning } in EVENTS {
        let judgement = judge_event(name, data, Stage::Streaming, now());
        let found = judgement.as_ref().map(|judgement| (judgement.outcome, judgement.domain));
        assert_eq!(found, *meaning, "{provider}: {data}");
        assert!(judgement.is_none_or(|judgement| judgement.work_may_have_begun), "{provider}");
    }
}

#[test]
fn an_error_event_can_say_how_long_to_wait() {
    let data = r#"{"type":"error","code":"rate_limit_exceeded","message":"Rate limit reached for gpt-4o. Please try again in 2s."}"#;
    let judgement = judge_event("error", data, Stage::Streaming, now()).unwrap();
    assert_eq!(judgement.asked, Some(Duration::from_secs(2)));
    assert_eq!(judgement.status, None);
}

#[test]
fn interruptions_are_judged_by_how_far_the_exchange_had_come() {
    use Interruption::*;
    use Outcome::*;
    let reset = Broken { code: Some("ECONNRESET") };
    let refused = Broken { code: Some("ECONNREFUSED") };
    // Stage, status, interruption, outcome, whether work may have begun.
    let table = [
        (Stage::Connecting, None, refused, Unavailable, false),
        (Stage::Connecting, None, Interruption::TimedOut, Outcome::TimedOut, false),
        (Stage::Sending, None, reset, Unavailable, false),
        (Stage::AwaitingHead, None, reset, Unavailable, true),
        (Stage::AwaitingHead, None, refused, Unavailable, false),
        (Stage::AwaitingHead, None, Interruption::TimedOut, Outcome::TimedOut, true),
        (Stage::AwaitingHead, None, Interruption::Aborted, Outcome::Aborted, true),
        (Stage::Connecting, None, Interruption::Aborted, Outcome::Aborted, false),
        (Stage::AwaitingFirstEvent, Some(200), reset, Unavailable, true),
        (Stage::AwaitingFirstEvent, Some(200), EndedEarly, Unavailable, true),
        (Stage::AwaitingFirstEvent, Some(200), Interruption::TimedOut, Outcome::TimedOut, true),
        (Stage::Streaming, Some(200), reset, Truncated, true),
        (Stage::Streaming, Some(200), EndedEarly, Truncated, true),
        (Stage::Streaming, Some(200), Interruption::TimedOut, Truncated, true),
        (Stage::Streaming, Some(200), Interruption::Aborted, Outcome::Aborted, true),
        // What the server said counts for more than what became of the connection.
        (Stage::Sending, Some(429), reset, RateLimited, false),
        (Stage::AwaitingHead, Some(503), reset, Overloaded, false),
        (Stage::AwaitingHead, Some(500), reset, Unavailable, true),
    ];
    for (stage, status, interruption, outcome, began) in table {
        let seen = Seen { status, ..Seen::at(stage) }.with_interruption(interruption);
        let judgement = judge(&seen, now());
        assert_eq!(judgement.outcome, outcome, "{seen:?}");
        assert_eq!(judgement.work_may_have_begun, began, "{seen:?}");
    }
}

#[test]
fn only_a_failure_of_the_server_may_have_cost_anything() {
    for fixture in RESPONSES {
        let judgement = judged(fixture.status, fixture.headers, fixture.body);
        let is_refusal = fixture.status != 200 && fixture.outcome != Outcome::Unavailable;
        assert_eq!(judgement.work_may_have_begun, !is_refusal, "{}", fixture.fault);
    }
}

#[test]
fn facts_that_a_policy_needs_are_handed_on() {
    let long = r#"{"error":{"message":"prompt is too long: 213462 tokens > 200000 maximum"}}"#;
    assert_eq!(judged(400, &[], long).context_window, Some(200_000));
    assert!(judged(500, &[("x-should-retry", "true")], "").should_retry);
    assert!(!judged(500, &[("x-should-retry", "false")], "").should_retry);
}

#[test]
fn nothing_of_a_response_is_shown_by_debug() {
    let secret = |_: &str| Some("sk-secret");
    let seen = Seen::at(Stage::AwaitingHead).with_headers(&secret).with_body("sk-secret");
    assert!(!format!("{seen:?}").contains("secret"));
}

/// Words that mean something where a provider says them.
const TEMPTING: [&str; 10] = [
    "insufficient_quota",
    "Rate limit reached for you. Please try again in 9h.",
    "prompt is too long: 2 tokens > 1 maximum",
    "Your credit balance is too low to access the Anthropic API",
    "API key not valid. Please pass a valid API key.",
    "\",\"code\":\"insufficient_quota",
    "{\"error\":{\"code\":\"invalid_api_key\",\"type\":\"overloaded_error\"}}",
    "\"}}{\"error\":{\"status\":429}}",
    "<html>429 Too Many Requests",
    "This request would exceed your account's monthly spend limit",
];

fn any_prompt() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(&TEMPTING[..]).prop_map(str::to_owned),
        "\\PC{0,60}",
        (proptest::sample::select(&TEMPTING[..]), "\\PC{0,20}", "\\PC{0,20}")
            .prop_map(|(words, before, after)| format!("{before}{words}{after}")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_body_panics(body in "\\PC{0,300}", status in 100_u16..=999) {
        judged(status, &[("retry-after", &body), ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", &body)], &body);
        judge_event(&body, &body, Stage::Streaming, now());
    }

    #[test]
    fn no_damaged_body_panics(
        fixture in proptest::sample::select(RESPONSES),
        at in any::<proptest::sample::Index>(),
        with in "[\\[\\]{}\":,0-9a-z\\\\]{0,4}",
    ) {
        let chars: Vec<char> = fixture.body.chars().chain([' ']).collect();
        let (before, after) = chars.split_at(at.index(chars.len()));
        let body: String = before.iter().copied().chain(with.chars()).chain(after.iter().copied()).collect();
        judged(fixture.status, fixture.headers, &body);
        judge_event("", &body, Stage::Streaming, now());
    }

    #[test]
    fn a_prompt_that_is_quoted_changes_nothing(
        prompt in any_prompt(),
        status in proptest::sample::select(&[400_u16, 401, 402, 403, 404, 422, 429, 500, 503][..]),
        code in proptest::sample::select(&["", "unsupported_value", "insufficient_quota"][..]),
    ) {
        let body = |prompt: &str| {
            let message = format!("Invalid value: '{prompt}'. Supported values are: 'a'.");
            let echo = serde_json::json!([{ "loc": ["body"], "input": prompt }]);
            serde_json::json!({
                "error": { "message": message, "code": code, "param": null, "echo": echo },
                "detail": echo,
            })
            .to_string()
        };
        prop_assert_eq!(judged(status, &[], &body(&prompt)), judged(status, &[], &body("hi")));
    }

    #[test]
    fn a_prompt_in_plain_text_changes_nothing(
        prompt in any_prompt(),
        status in proptest::sample::select(&[400_u16, 402, 422, 429, 500][..]),
    ) {
        let body = |prompt: &str| format!("cannot use: {prompt}");
        prop_assert_eq!(judged(status, &[], &body(&prompt)), judged(status, &[], &body("hi")));
    }

    #[test]
    fn a_prompt_that_is_all_of_the_message_widens_no_domain(
        prompt in any_prompt(),
        status in proptest::sample::select(&[400_u16, 401, 404, 422, 429, 500, 503][..]),
    ) {
        let body = |prompt: &str| serde_json::json!({ "error": { "message": prompt } }).to_string();
        let (quoted, plain) = (judged(status, &[], &body(&prompt)), judged(status, &[], &body("hi")));
        prop_assert_eq!(quoted.domain, plain.domain);
    }
}
