//! The decoder gives what the rules say, wherever the bytes are cut.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model_multiplexer_core::wire::sse::{Decoder, Event};
use model_multiplexer_fuzz::in_pieces;

type Seen = Vec<(String, String)>;

fuzz_target!(|bytes: &[u8]| {
    let expected = by_the_rules(bytes);
    in_pieces(bytes, |pieces| assert_eq!(decode(pieces), expected, "{pieces:?}"));
});

fn decode(pieces: &[&[u8]]) -> Seen {
    let mut decoder = Decoder::default();
    let mut seen = Vec::new();
    let mut sink = |event: Event<'_>| {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        seen.push((text(event.name), text(event.data)));
        true
    };
    for piece in pieces {
        decoder.push(piece, &mut sink).expect("no event is so large");
    }
    decoder.finish(&mut sink);
    seen
}

/// All lines first, then one after the other.
fn by_the_rules(bytes: &[u8]) -> Seen {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace('\r', "\n");
    let mut seen = Vec::new();
    let (mut name, mut data): (String, Vec<&str>) = (String::new(), Vec::new());
    for line in text.split('\n').chain([""]) {
        let line = line.strip_prefix('\u{FEFF}').unwrap_or(line);
        if line.is_empty() {
            if !name.is_empty() || !data.is_empty() {
                seen.push((std::mem::take(&mut name), std::mem::take(&mut data).join("\n")));
            }
            continue;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => name = value.into(),
            "data" => data.push(value),
            _ => {}
        }
    }
    seen
}
