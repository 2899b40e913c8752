//! Compression of a body, event by event; not whether one is compressed.

use std::io::Write;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Compresses a body piece by piece, each of which can be read as soon as it arrives.
#[derive(Debug)]
pub(crate) struct Gzip(GzEncoder<Vec<u8>>);

impl Gzip {
    pub(crate) fn new() -> Self {
        Self(GzEncoder::new(Vec::new(), Compression::fast()))
    }

    /// Compresses a piece, and flushes it. Writing to a `Vec` cannot fail.
    pub(crate) fn piece(&mut self, data: &[u8]) -> Bytes {
        let _ = self.0.write_all(data).and_then(|()| self.0.flush());
        Bytes::from(std::mem::take(self.0.get_mut()))
    }

    /// What comes after the last piece.
    pub(crate) fn end(&mut self) -> Bytes {
        let _ = self.0.try_finish();
        Bytes::from(std::mem::take(self.0.get_mut()))
    }
}

/// Compresses a whole body.
pub(crate) fn whole(data: &[u8]) -> Bytes {
    let mut gzip = Gzip::new();
    let mut out = Vec::from(gzip.piece(data));
    out.extend_from_slice(&gzip.end());
    Bytes::from(out)
}
