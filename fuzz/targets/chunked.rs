//! The chunked transfer coding is taken off as RFC 9112 §7.1 says, wherever the bytes are cut.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model_multiplexer_core::wire::http_client::fuzzing::{Dechunked, dechunk};
use model_multiplexer_fuzz::in_pieces;

fuzz_target!(|bytes: &[u8]| {
    let seen = dechunk(&[bytes]);
    in_pieces(bytes, |pieces| assert_eq!(dechunk(pieces), seen, "{pieces:?}"));
    match whole(bytes) {
        Some(expected) => assert_eq!(seen, Some(expected)),
        None => assert!(!seen.is_some_and(|seen| seen.done)),
    }
});

/// A body that is all there and valid.
fn whole(bytes: &[u8]) -> Option<Dechunked> {
    let mut rest = bytes;
    let mut data = Vec::new();
    loop {
        let size = line(&mut rest)?;
        let digits = size.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let (digits, extension) = size.split_at(digits);
        if !matches!(extension, [] | [b';' | b' ' | b'\t', ..]) {
            return None;
        }
        let control = |byte: &u8| byte.is_ascii_control() && *byte != b'\t';
        if extension.iter().any(control) {
            return None;
        }
        // All that has come is less than a larger size could be.
        let size = u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        let size = usize::try_from(size).ok()?;
        if size == 0 {
            break;
        }
        data.extend_from_slice(rest.get(..size)?);
        rest = rest[size..].strip_prefix(b"\r\n")?;
    }
    while !line(&mut rest)?.is_empty() {}
    Some(Dechunked { data, done: true, beyond: rest.len() })
}

/// Takes a line off, which ends with a carriage return and a line feed and has none of its own.
fn line<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n'))?;
    let (line, after) = rest.split_at(end);
    *rest = after.strip_prefix(b"\r\n")?;
    Some(line)
}
