#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

use super::*;

/// `text` encoded in two parts, each flushed, as a server sends a stream.
fn encoded<E: Write>(mut encoder: E, bytes: impl Fn(&E) -> Vec<u8>, text: &[u8]) -> [Vec<u8>; 2] {
    let (one, other) = text.split_at(text.len() / 2);
    encoder.write_all(one).unwrap();
    encoder.flush().unwrap();
    let first = bytes(&encoder);
    encoder.write_all(other).unwrap();
    encoder.flush().unwrap();
    let second = bytes(&encoder)[first.len()..].to_vec();
    [first, second]
}

fn check(coding: Coding, [first, second]: [Vec<u8>; 2], text: &[u8]) {
    let mut decoder = Decoder::new(&[coding]).unwrap();
    let (one, other) = text.split_at(text.len() / 2);
    assert_eq!(decoder.decode(&first).unwrap(), one);
    let bytewise: Vec<u8> =
        second.iter().flat_map(|byte| decoder.decode(&[*byte]).unwrap()).collect();
    assert_eq!(bytewise, other);
}

#[test]
fn what_a_server_has_flushed_comes_out_at_once() {
    let text = b"data: {\"choices\":[]}\n\n".repeat(20);
    let fast = Compression::fast();
    let gzip = encoded(GzEncoder::new(Vec::new(), fast), |e| e.get_ref().clone(), &text);
    check(Coding::Gzip, gzip, &text);
    let zlib = encoded(ZlibEncoder::new(Vec::new(), fast), |e| e.get_ref().clone(), &text);
    check(Coding::Deflate, zlib, &text);
    let bare = encoded(DeflateEncoder::new(Vec::new(), fast), |e| e.get_ref().clone(), &text);
    check(Coding::Deflate, bare, &text);
}

#[test]
fn brotli_is_decoded() {
    // As Node.js' zlib encodes it.
    let hello = [
        0x1b, 0x17, 0x00, 0xf8, 0x8d, 0x94, 0x6e, 0xde, 0x44, 0x55, 0x86, 0xd6, 0x0a, 0x20, 0x6c,
        0x6f, 0x4a, 0x11, 0x79, 0xe2, 0x80, 0xae, 0x16,
    ];
    let mut decoder = Decoder::new(&[Coding::Brotli]).unwrap();
    assert_eq!(decoder.decode(&hello).unwrap(), b"hello hello hello hello\n");
}

#[test]
fn what_follows_the_end_of_a_coding_is_padding() {
    let text = b"all of it";
    let fast = Compression::fast();
    let mut encoder = ZlibEncoder::new(Vec::new(), fast);
    encoder.write_all(text).unwrap();
    let ended = encoder.finish().unwrap();
    let mut decoder = Decoder::new(&[Coding::Deflate]).unwrap();
    assert_eq!(decoder.decode(&[&ended[..], b"\n\0"].concat()).unwrap(), text);
    assert_eq!(decoder.decode(b"more").unwrap(), b"");
}

#[test]
fn a_piece_that_decodes_to_more_than_any_reply_is_refused() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let mebibyte = vec![0; 1024 * 1024];
    for _ in 0..65 {
        encoder.write_all(&mebibyte).unwrap();
    }
    let mut decoder = Decoder::new(&[Coding::Gzip]).unwrap();
    assert!(decoder.decode(&encoder.finish().unwrap()).is_err());
}

#[test]
fn several_codings_come_off_the_last_one_first() {
    let text = b"twice".repeat(10);
    let fast = Compression::fast();
    let zlib = encoded(ZlibEncoder::new(Vec::new(), fast), |e| e.get_ref().clone(), &text).concat();
    let both = encoded(GzEncoder::new(Vec::new(), fast), |e| e.get_ref().clone(), &zlib).concat();
    let mut decoder = Decoder::new(&[Coding::Deflate, Coding::Gzip]).unwrap();
    assert_eq!(decoder.decode(&both).unwrap(), text);
}

#[test]
fn what_is_not_encoded_as_it_says_is_an_error() {
    for coding in [Coding::Gzip, Coding::Brotli] {
        let mut decoder = Decoder::new(&[coding]).unwrap();
        assert!(decoder.decode(b"<html>not compressed at all, whatever it says</html>").is_err());
    }
    assert!(Decoder::new(&[]).is_none());
}
