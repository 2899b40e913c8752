//! An event that fills a template is rebuilt from it exactly. An input is the events of a stream, a
//! line each, which come several times; `~` in them differs from time to time.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model_multiplexer_core::wire::event::glance;
use model_multiplexer_core::wire::template::Templates;
use model_multiplexer_fuzz::json::{Json, parse, units};

const FILLS: [&str; 5] = ["one", "", "\\\"\\ud83c", "\u{1F34C}", "\\u0000\\\\"];

fuzz_target!(|text: &str| {
    let mut templates = Templates::default();
    for fill in FILLS {
        for line in text.lines().take(20) {
            let event = line.replace('~', fill);
            if !follow(&mut templates, &event) {
                return;
            }
        }
    }
});

/// Gives an event to the templates, and checks what they say of it. False if it ends its stream.
fn follow(templates: &mut Templates, event: &str) -> bool {
    let mut strings = Vec::new();
    let Some(index) = templates.fill(event, &mut strings) else {
        assert!(strings.is_empty());
        if let Some(index) = templates.learn(event) {
            assert!(parse(&described(templates, index)).is_some());
        }
        return glance(event).is_some_and(|seen| !seen.has_error);
    };
    let value = parse(event).expect("what fills a template is JSON");
    assert!(!value.get("error").is_some_and(Json::is_truthy));
    let strings = std::str::from_utf8(&strings).expect("strings are text");
    let Some(Json::Array(strings)) = parse(&format!("[{strings}]")) else {
        panic!("not strings: {strings}");
    };
    assert_eq!(strings.len(), templates.holes(index) as usize);
    assert_eq!(rebuilt(&described(templates, index), strings), value);
    true
}

fn described(templates: &Templates, index: u8) -> String {
    templates.describe(index, |sample| sample.into())
}

/// What a host does with a template: the sample with the strings put at the paths.
fn rebuilt(description: &str, strings: Vec<Json>) -> Json {
    let description = parse(description).expect("a description is JSON");
    let mut value = description.get("sample").expect("a sample").clone();
    let Some(Json::Array(paths)) = description.get("paths") else { panic!("no paths") };
    assert_eq!(paths.len(), strings.len());
    for (path, string) in paths.iter().zip(strings) {
        let Json::Array(steps) = path else { panic!("no path") };
        let place = steps.iter().fold(&mut value, |place, step| match (place, step) {
            (Json::Object(members), Json::String(key)) => {
                assert_ne!(*key, units("__proto__"));
                let mut found = members.iter_mut().filter(|member| member.0 == *key);
                let place = &mut found.next().expect("the key").1;
                assert!(found.next().is_none(), "the key is there twice");
                place
            }
            (Json::Array(items), Json::Number(index)) => {
                &mut items[index.parse::<usize>().expect("an index")]
            }
            (place, step) => panic!("{step:?} does not lead into {place:?}"),
        });
        assert!(matches!((&*place, &string), (Json::String(_), Json::String(_))));
        *place = string;
    }
    value
}
