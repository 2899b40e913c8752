//! A response's head is read the same however much of it, or of what follows, has come; and what the
//! host gets of it has a line for each header.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model_multiplexer_core::wire::http_client::fuzzing::{Beginning, head};

fuzz_target!(|bytes: &[u8]| {
    let seen = head(bytes);
    let length = match &seen {
        Beginning::Whole { length, text, .. } => {
            check(&bytes[..*length], text);
            *length
        }
        Beginning::Interim(length) => *length,
        Beginning::Partial => bytes.len() + 1,
        Beginning::Malformed => return,
    };
    for end in 0..length.min(bytes.len()).min(500) {
        assert_eq!(head(&bytes[..end]), Beginning::Partial, "{end}");
    }
    if length <= bytes.len() {
        assert_eq!(head(&bytes[..length]), seen);
    }
});

fn check(head: &[u8], text: &str) {
    let mut lines = text.split('\n');
    let status = lines.next().and_then(|line| line.strip_suffix(" http://localhost/v1"));
    assert!(status.is_some_and(|status| status.parse::<u16>().is_ok_and(|code| code < 1000)));
    let count = lines
        .map(|line| {
            let (name, value) = line.split_once(": ").expect("a name and a value");
            assert!(!name.is_empty() && !name.contains(|c: char| !c.is_ascii_graphic()));
            assert!(!name.contains(|c: char| c.is_ascii_uppercase()));
            assert!(value.chars().all(|c| c == '\t' || (c >= ' ' && c != '\u{7f}')));
        })
        .count();
    assert!(count <= head.iter().filter(|byte| **byte == b':').count());
}
