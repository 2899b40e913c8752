#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;

#[test]
fn an_error_is_seen_where_javascript_would_see_one() {
    let table = [
        (r#"{"error":{"message":"x"}}"#, true),
        (r#"{"error":"x"}"#, true),
        (r#"{"error":1}"#, true),
        (r#"{"error":{}}"#, true),
        (r#"{"error":null}"#, false),
        (r#"{"error":0}"#, false),
        (r#"{"error":-0.0}"#, false),
        (r#"{"error":""}"#, false),
        (r#"{"error":false}"#, false),
        (r#"{"error":1,"error":null}"#, false),
        (r#"{"choices":[{"error":1}]}"#, false),
        (r#"{"err\u006fr":1}"#, true),
        (r#"{"\ud83c":1,"error":1}"#, true),
        (r#"{"\ud83c":{"\udf4c":"\ud83c"},"b":1}"#, false),
        ("[]", false),
        ("1e999", false),
        ("-12", false),
        ("null", false),
        (r#""error""#, false),
    ];
    for (text, has_error) in table {
        assert_eq!(glance(text).map(|glance| glance.has_error), Some(has_error), "{text}");
    }
}

#[test]
fn what_is_not_one_json_value_is_not_read() {
    for text in [
        "",
        "{",
        "1,2",
        r#"{"a":1}{"b":2}"#,
        r#"{"a":[1"#,
        "2]}",
        "undefined",
        "{'a':1}",
        "\"\u{1}\"",
        "{\"\u{1}\":1}",
        r#"{"\u00":1}"#,
    ] {
        assert_eq!(glance(text), None, "{text}");
    }
}

#[test]
fn values_nested_more_deeply_than_any_stack_are_read() {
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(glance(&deep), Some(Glance::default()));
}

fn step(text: &str) -> Step {
    glance(text).unwrap().step
}

#[test]
fn something_of_the_answer_is_told_from_what_surrounds_it() {
    let real = [
        r#"{"choices":[{"index":0,"delta":{"content":"a"}}]}"#,
        r#"{"choices":[{"delta":{"role":"assistant","reasoning_content":"a"}}]}"#,
        r#"{"choices":[{"delta":{"refusal":"no"}}]}"#,
        r#"{"choices":[{"delta":{"tool_calls":[{"index":0}]}}]}"#,
        r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#,
        r#"{"choices":[{"text":"a"}]}"#,
        r#"{"type":"response.output_text.delta","delta":"a"}"#,
        r#"{"type":"response.completed"}"#,
    ];
    for text in real {
        assert!(step(text).is_real, "{text}");
    }
    let around = [
        r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}"#,
        r#"{"choices":[{"delta":{"content":null,"tool_calls":[]},"finish_reason":null}]}"#,
        r#"{"choices":[],"usage":{"total_tokens":3}}"#,
        r#"{"choices":[],"prompt_filter_results":[{}]}"#,
        r#"{"choices":"none"}"#,
        r#"{"choices":[{"delta":5}]}"#,
        r#"{"type":"response.created"}"#,
        r#"{"type":"ping"}"#,
        r#"{"type":[1]}"#,
        "[]",
    ];
    for text in around {
        assert!(!step(text).is_real, "{text}");
    }
}

#[test]
fn ends_are_seen_choice_by_choice() {
    let two =
        r#"{"choices":[{"index":1,"delta":{}},{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
    assert_eq!((step(two).choices, step(two).finished, step(two).failed), (3, 1, false));
    let failed = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"error"}]}"#;
    assert!(step(failed).failed);
    assert_eq!(step(r#"{"type":"response.incomplete"}"#).finished, 1);
    assert!(step(r#"{"type":"response.failed"}"#).failed);
}

#[test]
fn what_reports_an_error_is_one_but_for_events_of_a_thread() {
    let (plain, error) = ("{}", r#"{"error":{"message":"no"}}"#);
    let failed = r#"{"type":"response.failed"}"#;
    let table = [
        (plain, "", [false, false]),
        (plain, "error", [true, true]),
        (error, "", [true, true]),
        (error, "response.created", [true, true]),
        (error, "thread.run.failed", [false, false]),
        (failed, "response.failed", [false, true]),
        (failed, "thread.run.failed", [false, false]),
    ];
    for (data, name, expected) in table {
        let glance = glance(data).unwrap();
        let found = [false, true].map(|careful| glance.is_error(name, careful));
        assert_eq!(found, expected, "{name} {data}");
    }
}
