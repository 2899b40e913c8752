//! A compressed body decodes to the same wherever it is cut. The first byte of an input says how it is
//! compressed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model_multiplexer_core::wire::http_client::fuzzing::decode;

fuzz_target!(|bytes: &[u8]| {
    let Some((&first, bytes)) = bytes.split_first() else { return };
    let codings: &[&[u8]] = match first % 4 {
        0 => &[b"gzip"],
        1 => &[b"deflate"],
        2 => &[b"br"],
        _ => &[b"gzip", b"deflate"],
    };
    let whole = decode(codings, &[bytes]);
    for size in [1, 3, 100] {
        let pieces: Vec<&[u8]> = bytes.chunks(size).collect();
        assert_eq!(decode(codings, &pieces), whole, "pieces of {size}");
    }
});
