//! What the fuzz targets share: plain readings of formats, which the engine's are compared with.

pub mod json;
mod pieces;

pub use pieces::in_pieces;
