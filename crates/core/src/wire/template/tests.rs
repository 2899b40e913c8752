//! Templates against plain parsing.

use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

/// What a host does with a template: the sample with the strings put at the paths.
fn rebuild(description: &str, strings: &[u8]) -> Value {
    let description: Value = serde_json::from_str(description).unwrap();
    let text = format!("[{}]", std::str::from_utf8(strings).unwrap());
    let strings: Vec<Value> = serde_json::from_str(&text).unwrap();
    let mut value = description["sample"].clone();
    let paths = description["paths"].as_array().unwrap();
    assert_eq!(paths.len(), strings.len());
    for (path, string) in paths.iter().zip(strings) {
        let mut place = &mut value;
        for step in path.as_array().unwrap() {
            place = match step {
                Value::String(key) => &mut place[key.as_str()],
                index => &mut place[index.as_u64().unwrap() as usize],
            };
        }
        *place = string;
    }
    value
}

/// Runs events through and checks that each comes out as it went in. Returns the hits.
fn run(events: &[String]) -> usize {
    let mut templates = Templates::default();
    let mut hits = 0;
    for event in events {
        let mut out = Vec::new();
        if let Some(index) = templates.fill(event, &mut out) {
            hits += 1;
            let expected: Value = serde_json::from_str(event).unwrap();
            let description = templates.describe(index, |sample| sample.into());
            assert_eq!(rebuild(&description, &out), expected);
        } else {
            assert!(out.is_empty());
            templates.learn(event);
        }
    }
    hits
}

fn chunk(content: &str, obfuscation: &str) -> String {
    json!({"id": "c1", "created": 7, "choices": [{"index": 0, "delta": {"content": content}, "finish_reason": null}], "obfuscation": obfuscation}).to_string()
}

#[test]
fn all_chunks_but_the_first_two_of_a_kind_fill_a_template() {
    let events: Vec<_> =
        (0..100).map(|n| chunk(&format!(" w\"{n}\n"), &"x".repeat(n % 7))).collect();
    assert_eq!(run(&events), 98);
}

#[test]
fn a_string_that_starts_to_differ_later_opens_another_hole() {
    let mut events: Vec<_> = (0..10).map(|n| chunk(&n.to_string(), "same")).collect();
    events.extend((0..10).map(|n| chunk(&n.to_string(), &n.to_string())));
    assert_eq!(run(&events), 8 + 9);
}

#[test]
fn kinds_of_events_that_alternate_have_a_template_each() {
    let choice = |index: u32, text: u32| {
        format!("{{\"choices\":[{{\"index\":{index},\"delta\":{{\"content\":\"{text}\"}}}}]}}")
    };
    let events: Vec<_> = (0..100).map(|n| choice(n % 4, n)).collect();
    assert_eq!(run(&events), 100 - 8);
}

#[test]
fn objects_that_cannot_be_copied_faithfully_are_left_alone() {
    for (one, other) in [
        (r#"{"__proto__":"a"}"#, r#"{"__proto__":"b"}"#),
        (r#"{"a":"1","a":"2"}"#, r#"{"a":"1","a":"3"}"#),
        (r#"{"a\u0062":"1"}"#, r#"{"a\u0062":"3"}"#),
        (r#"["a"]"#, r#"["b"]"#),
    ] {
        assert_eq!(
            run(&[one.to_owned(), other.to_owned(), one.to_owned(), other.to_owned()]),
            0,
            "{one}"
        );
    }
}

#[test]
fn a_hole_does_not_swallow_what_is_not_one_string() {
    let mut templates = Templates::default();
    let mut out = Vec::new();
    assert_eq!(templates.learn(r#"{"a":"1","b":"x"}"#), None);
    assert_eq!(templates.learn(r#"{"a":"2","b":"x"}"#), Some(0));
    for event in [
        r#"{"a":"2","c":"y","b":"x"}"#,
        r#"{"a":"2\","b":"x"}"#,
        r#"{"a":"\x","b":"x"}"#,
        r#"{"a":"\u12g4","b":"x"}"#,
        "{\"a\":\"\u{1}\",\"b\":\"x\"}",
        r#"{"a":"2","b":"x"} "#,
        r#"{"a":3,"b":"x"}"#,
    ] {
        assert_eq!(templates.fill(event, &mut out), None, "{event}");
        assert!(out.is_empty());
    }
}

#[test]
fn what_the_host_is_not_told_of_the_sample_is_not_told_of_what_fills_it() {
    let mut templates = Templates::default();
    let event = |text: &str| format!("{{\"text\":\"{text}\",\"usage\":null}}");
    templates.learn(&event("a"));
    let index = templates.learn(&event("b")).unwrap();
    let mut out = Vec::new();
    assert_eq!(templates.fill(&event("c"), &mut out), Some(index));
    let description =
        templates.describe(index, |sample| sample.replace(",\"usage\":null", "").into());
    assert_eq!(rebuild(&description, &out), json!({"text": "c"}));
}

#[test]
fn a_stream_whose_numbers_differ_is_given_up_after_a_while() {
    let mut templates = Templates::default();
    for number in 0..PATIENCE {
        let event = format!("{{\"n\":{number},\"s\":\"x\"}}");
        assert_eq!(templates.fill(&event, &mut Vec::new()), None);
        assert_eq!(templates.learn(&event), None);
    }
    assert!(templates.given_up);
    assert!(templates.shapes.len() <= MAX_SHAPES);
}

fn value(depth: u32) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0..3).prop_map(Value::from),
        "[a-c\\\\\"\n\u{e9}\u{1F600}]{0,3}".prop_map(Value::from),
    ];
    leaf.prop_recursive(depth, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-d]{1,2}", inner, 0..4)
                .prop_map(|map| map.into_iter().collect::<Value>()),
        ]
    })
}

/// Changes some strings in place.
fn vary(value: &mut Value, seed: &mut u32) {
    match value {
        Value::String(text) => {
            *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            if *seed >> 30 == 0 {
                *text = format!("{text}\"{}", *seed >> 24);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| vary(item, seed)),
        Value::Object(map) => map.values_mut().for_each(|item| vary(item, seed)),
        _ => {}
    }
}

proptest! {
    #[test]
    fn whatever_fills_a_template_comes_out_as_it_went_in(
        kinds in prop::collection::vec(value(4), 1..4),
        seed in any::<u32>(),
    ) {
        let mut seed = seed;
        let events: Vec<String> = (0..60).map(|n| {
            let mut value = kinds[n % kinds.len()].clone();
            vary(&mut value, &mut seed);
            value.to_string()
        }).collect();
        run(&events);
    }
}
