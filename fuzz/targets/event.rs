//! What is let through to the host's one parse of many events is exactly what is one JSON value, and
//! an error is seen where JavaScript would see one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model_multiplexer_core::wire::event::glance;
use model_multiplexer_fuzz::json;

fuzz_target!(|text: &str| {
    let expected =
        json::parse(text).map(|value| value.get("error").is_some_and(json::Json::is_truthy));
    assert_eq!(glance(text).map(|glance| glance.has_error), expected);
});
