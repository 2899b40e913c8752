//! Sees that successive events of a stream differ only in a few strings, and takes just those
//! out, so that the host need not parse the rest again. Private to one stream.
//!
//! It promises: an event that fills a template is a valid JSON value with the sample's keys, in
//! the sample's order, and the sample's values but for the strings in the holes.

mod shape;

use shape::Shape;

/// How many kinds of event a stream may have before it is left to plain parsing.
const MAX_SHAPES: usize = 8;
/// Misses in a row, without a hit ever, after which a stream is left to plain parsing.
const PATIENCE: u32 = 32;

/// What became of an event.
#[derive(Debug, PartialEq, Eq)]
pub enum Fit {
    /// It fills this template; the strings have been written out.
    Fills(u8),
    /// It does not, but from now on events like it will fill this template, which is new or has
    /// more holes than before.
    Taught(u8),
    /// It does not.
    Plain,
}

/// The templates of one stream.
#[derive(Debug, Default)]
pub struct Templates {
    shapes: Vec<Shape>,
    latest: usize,
    misses: u32,
    given_up: bool,
}

impl Templates {
    /// Fits a JSON text. If it fills a template, its strings are appended to `out`: as JSON
    /// strings, separated by commas.
    pub fn fit(&mut self, event: &str, out: &mut Vec<u8>) -> Fit {
        if self.given_up {
            return Fit::Plain;
        }
        if let Some(index) = self.fill(event.as_bytes(), out) {
            self.latest = index;
            self.misses = 0;
            return Fit::Fills(index as u8);
        }
        if let Some(index) = self.shapes.iter_mut().position(|shape| shape.widen(event.as_bytes()))
        {
            self.latest = index;
            return Fit::Taught(index as u8);
        }
        self.misses += 1;
        self.given_up = self.misses >= PATIENCE;
        if self.shapes.len() < MAX_SHAPES
            && let Some(shape) = Shape::of(event)
        {
            self.shapes.push(shape);
        }
        Fit::Plain
    }

    /// A template as the host needs it: `{"sample":<JSON>,"paths":[["choices",0,…],…]}`, the
    /// paths in the order in which the strings are written.
    pub fn describe(&self, index: u8) -> String {
        self.shapes.get(usize::from(index)).map(Shape::describe).unwrap_or_default()
    }

    /// How many strings fill a template.
    pub fn holes(&self, index: u8) -> u32 {
        self.shapes.get(usize::from(index)).map_or(0, Shape::holes)
    }

    fn fill(&self, event: &[u8], out: &mut Vec<u8>) -> Option<usize> {
        let others = (0..self.shapes.len()).filter(|index| *index != self.latest);
        std::iter::once(self.latest)
            .chain(others)
            .find(|index| self.shapes.get(*index).is_some_and(|shape| shape.fill(event, out)))
    }
}

#[cfg(test)]
mod tests;
