#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;

use super::*;

/// Decodes `pieces` one after the other: the data, and whether the body ended.
fn decode(pieces: &[&[u8]]) -> Result<(Vec<u8>, bool, usize), Malformed> {
    let mut chunked = Chunked::default();
    let mut data = Vec::new();
    let mut done = false;
    let mut left = 0;
    for piece in pieces {
        let mut rest = *piece;
        if !done {
            done = chunked.decode(&mut rest, &mut |bytes| data.extend_from_slice(bytes))?;
        }
        left += rest.len();
    }
    Ok((data, done, left))
}

#[test]
fn data_comes_out_and_the_end_is_seen() {
    let (data, done, left) = decode(&[b"4\r\nWiki\r\n6\r\npedia \r\n0\r\n\r\nHTTP"]).unwrap();
    assert_eq!((data.as_slice(), done, left), (&b"Wikipedia "[..], true, 4));
}

#[test]
fn extensions_and_trailers_are_read_over() {
    let body = b"3;name=value;quoted=\"a\"\r\nabc\r\n0;last\r\nexpires: never\r\nx: y\r\n\r\n";
    let (data, done, left) = decode(&[body]).unwrap();
    assert_eq!((data.as_slice(), done, left), (&b"abc"[..], true, 0));
}

#[test]
fn what_is_not_chunks_is_refused() {
    for body in [
        &b"\r\n"[..],
        b"g\r\n",
        b"-1\r\n",
        b"0x4\r\nWiki\r\n",
        b"4\nWiki\n",
        b"4\r\nWikipedia",
        b"4\r\nWiki\n0\r\n\r\n",
        b"11111111111111111\r\n",
        b"4\r\rWiki",
        b"0\r\nx: y\n\n",
        b"4;a\nb\r\n",
    ] {
        assert!(decode(&[body]).is_err(), "{:?}", String::from_utf8_lossy(body));
    }
}

#[test]
fn endless_extensions_and_trailers_are_refused() {
    let extension = [b"1;".to_vec(), vec![b'a'; MOST_OVERHEAD + 1]].concat();
    assert!(decode(&[&extension]).is_err());
    let trailers = [b"0\r\n".to_vec(), b"x: y\r\n".repeat(MOST_OVERHEAD / 4 + 1)].concat();
    assert!(decode(&[&trailers]).is_err());
}

proptest! {
    #[test]
    fn boundaries_of_the_bytes_mean_nothing(
        chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 0..6),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let mut body = Vec::new();
        for chunk in &chunks {
            body.extend_from_slice(format!("{:X}\r\n", chunk.len()).as_bytes());
            body.extend_from_slice(chunk);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"0\r\n\r\n");
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(body.len())).collect();
        cuts.extend([0, body.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &body[cut[0]..cut[1]]).collect();
        let (data, done, left) = decode(&pieces).unwrap();
        prop_assert_eq!(data, chunks.concat());
        prop_assert!(done);
        prop_assert_eq!(left, 0);
    }

    #[test]
    fn no_input_panics(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode(&[&body]);
    }
}
