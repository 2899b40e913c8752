//! The parsers that are private to this client, for the fuzz targets. Each is fed in the pieces that
//! it is given, and says all that the client would go by.

use http::Uri;

use super::chunked::Chunked;
use super::decoding::{Coding, Decoder};
use super::head::{Parsed, parse};

/// What became of a body in the chunked transfer coding.
#[derive(Debug, PartialEq, Eq)]
pub struct Dechunked {
    /// The data.
    pub data: Vec<u8>,
    /// The body has ended.
    pub done: bool,
    /// How many bytes came after its end.
    pub beyond: usize,
}

/// Takes the chunked transfer coding off; none where it is none.
pub fn dechunk(pieces: &[&[u8]]) -> Option<Dechunked> {
    let mut chunked = Chunked::default();
    let mut seen = Dechunked { data: Vec::new(), done: false, beyond: 0 };
    for piece in pieces {
        let mut rest = *piece;
        let data = &mut seen.data;
        seen.done = chunked.decode(&mut rest, &mut |bytes| data.extend_from_slice(bytes)).ok()?;
        seen.beyond += rest.len();
    }
    Some(seen)
}

/// What the beginning of a response is.
#[derive(Debug, PartialEq, Eq)]
pub enum Beginning {
    /// The beginning of a head.
    Partial,
    /// An interim response of so many bytes.
    Interim(usize),
    /// A head.
    Whole {
        /// Its bytes.
        length: usize,
        /// What the host gets of it.
        text: String,
        /// Where the body ends, its codings, and whether the connection stays open.
        framing: String,
    },
    /// No HTTP.
    Malformed,
}

/// Reads a response's head.
pub fn head(bytes: &[u8]) -> Beginning {
    match parse(bytes, &Uri::from_static("http://localhost/v1")) {
        Ok(Parsed::Partial) => Beginning::Partial,
        Ok(Parsed::Interim(length)) => Beginning::Interim(length),
        Ok(Parsed::Whole(length, received)) => Beginning::Whole {
            length,
            framing: format!(
                "{:?} {:?} {} {:?}",
                received.framing, received.codings, received.persistent, received.keep_alive
            ),
            text: received.head.into_text(),
        },
        Err(_) => Beginning::Malformed,
    }
}

/// Takes content codings off, named as in `content-encoding`; none where a piece is not encoded so,
/// or no coding is known.
pub fn decode(codings: &[&[u8]], pieces: &[&[u8]]) -> Option<Vec<u8>> {
    let codings: Vec<Coding> = codings.iter().filter_map(|name| Coding::named(name)).collect();
    let mut decoder = Decoder::new(&codings)?;
    let mut data = Vec::new();
    for piece in pieces {
        data.extend(decoder.decode(piece).ok()?);
    }
    Some(data)
}
