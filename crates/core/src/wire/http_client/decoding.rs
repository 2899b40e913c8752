//! Content codings (RFC 9110 §8.4.1), taken off piece by piece: what has arrived is decoded at
//! once, so that a compressed stream flows.

use std::io::{self, Write};

use brotli_decompressor::DecompressorWriter;
use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

/// A coding that this client knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Gzip,
    Deflate,
    Brotli,
}

impl Coding {
    /// The coding of this name; None for one that is not known or that changes nothing.
    pub(super) fn named(name: &[u8]) -> Option<Self> {
        match name.to_ascii_lowercase().as_slice() {
            b"gzip" | b"x-gzip" => Some(Self::Gzip),
            b"deflate" => Some(Self::Deflate),
            b"br" => Some(Self::Brotli),
            _ => None,
        }
    }
}

/// The memory that brotli asks for at a time.
const BROTLI_BUFFER: usize = 4096;

/// What one piece may decode to. A piece is a few kilobytes, and gzip makes them a thousand times as
/// many at most; brotli could fill the memory.
const MOST_OF_A_PIECE: usize = 64 * 1024 * 1024;

/// Takes codings off, the last one first.
pub(super) struct Decoder(Vec<Step>);

enum Step {
    Gzip(MultiGzDecoder<Output>),
    /// zlib's format, or the bare one that some servers send: told by the first byte.
    Unsure,
    Zlib(ZlibDecoder<Output>),
    Deflate(DeflateDecoder<Output>),
    Brotli(Box<DecompressorWriter<Output>>),
}

impl Decoder {
    /// A decoder for these codings, in the order of `content-encoding`; None if there are none.
    pub(super) fn new(codings: &[Coding]) -> Option<Self> {
        let steps = codings.iter().rev().map(|coding| match coding {
            Coding::Gzip => Step::Gzip(MultiGzDecoder::new(Output::default())),
            Coding::Deflate => Step::Unsure,
            Coding::Brotli => {
                Step::Brotli(Box::new(DecompressorWriter::new(Output::default(), BROTLI_BUFFER)))
            }
        });
        let steps: Vec<Step> = steps.collect();
        (!steps.is_empty()).then_some(Self(steps))
    }

    /// What `piece` decodes to, with what came before it.
    pub(super) fn decode(&mut self, piece: &[u8]) -> io::Result<Vec<u8>> {
        let mut bytes = piece.to_vec();
        for step in &mut self.0 {
            if !bytes.is_empty() {
                bytes = step.decode(&bytes)?;
            }
        }
        Ok(bytes)
    }
}

impl Step {
    fn decode(&mut self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        if let (Self::Unsure, Some(first)) = (&*self, bytes.first()) {
            // As Node.js: the low half of zlib's first byte says deflate.
            *self = if first & 0x0f == 8 {
                Self::Zlib(ZlibDecoder::new(Output::default()))
            } else {
                Self::Deflate(DeflateDecoder::new(Output::default()))
            };
        }
        match self {
            Self::Gzip(decoder) => pass(decoder, MultiGzDecoder::get_mut, bytes),
            Self::Zlib(decoder) => pass(decoder, ZlibDecoder::get_mut, bytes),
            Self::Deflate(decoder) => pass(decoder, DeflateDecoder::get_mut, bytes),
            Self::Brotli(decoder) => pass(&mut **decoder, DecompressorWriter::get_mut, bytes),
            Self::Unsure => Ok(Vec::new()),
        }
    }
}

fn pass<D: Write>(
    decoder: &mut D,
    output: impl FnOnce(&mut D) -> &mut Output,
    bytes: &[u8],
) -> io::Result<Vec<u8>> {
    let mut rest = bytes;
    while !rest.is_empty() {
        match decoder.write(rest)? {
            // The coding has ended, and what follows is padding, as for Node.js.
            0 => break,
            taken => rest = &rest[taken..],
        }
    }
    decoder.flush()?;
    Ok(std::mem::take(&mut output(decoder).0))
}

/// What has been decoded, up to [`MOST_OF_A_PIECE`].
#[derive(Default)]
struct Output(Vec<u8>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MOST_OF_A_PIECE {
            return Err(io::Error::other("a few bytes of the body decode to more than 64 MB"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
