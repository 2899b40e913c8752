//! The ways in which a network may cut bytes.

/// Calls `check` with the bytes in one piece, one at a time, in pieces of several sizes, and in two
/// at every place.
pub fn in_pieces(bytes: &[u8], mut check: impl FnMut(&[&[u8]])) {
    check(&[bytes]);
    for size in [1, 2, 3, 7, 64] {
        check(&bytes.chunks(size).collect::<Vec<_>>());
    }
    // Every place of a long input would take long, and finds no more.
    for place in 0..bytes.len().min(300) {
        let (one, other) = bytes.split_at(place);
        check(&[one, other]);
    }
}
