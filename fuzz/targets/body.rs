//! A body's model is replaced and nothing else is, for every body that `JSON.stringify` may have
//! written; anything else comes through without a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model_multiplexer_core::wire::Body;
use model_multiplexer_fuzz::json::{Json, parse, units};

const MODEL: &str = "a \"new\"\n\u{1F34C} model";

fuzz_target!(|text: &str| {
    let sent = Body::new(text.to_owned()).with_model(MODEL);
    let sent = std::str::from_utf8(&sent).expect("text stays text");
    let Some(mut expected) = parse(text) else { return };
    if let Json::Object(members) = &mut expected {
        let mut models: Vec<&mut Json> = members
            .iter_mut()
            .filter(|(key, _)| *key == units("model"))
            .map(|m| &mut m.1)
            .collect();
        // `JSON.stringify` writes a key once, and a letter as that letter.
        if models.len() > 1 || text.contains("\\u00") {
            return;
        }
        if let Some(model) = models.pop() {
            *model = Json::String(units(MODEL));
            assert_eq!(parse(sent), Some(expected));
            return;
        }
    }
    assert_eq!(sent, text);
});
