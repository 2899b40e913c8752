//! Sees that successive events of a stream differ only in a few strings, and takes just those
//! out, so that the host need not parse the rest again. Private to one stream.
//!
//! It promises: an event that fills a template is a valid JSON value with the sample's keys, in
//! the sample's order, and the sample's values but for the strings in the holes.

mod shape;

use std::borrow::Cow;

use shape::Shape;

/// How many kinds of event a stream may have before it is left to plain parsing.
const MAX_SHAPES: usize = 8;
/// Misses in a row, without a hit ever, after which a stream is left to plain parsing.
const PATIENCE: u32 = 32;

/// The templates of one stream.
#[derive(Debug, Default)]
pub struct Templates {
    shapes: Vec<Shape>,
    latest: usize,
    misses: u32,
    given_up: bool,
}

impl Templates {
    /// If a JSON text fills a template: its number. The strings are appended to `out`: as JSON
    /// strings, separated by commas.
    pub fn fill(&mut self, event: &str, out: &mut Vec<u8>) -> Option<u8> {
        if self.given_up {
            return None;
        }
        let others = (0..self.shapes.len()).filter(|index| *index != self.latest);
        let mut all = std::iter::once(self.latest).chain(others);
        let index = all.find(|index| {
            self.shapes.get(*index).is_some_and(|shape| shape.fill(event.as_bytes(), out))
        })?;
        self.latest = index;
        self.misses = 0;
        Some(index as u8)
    }

    /// Takes note of an event that fills none. The number of the template that events like it fill
    /// from now on, if it is new or has more holes than before.
    pub fn learn(&mut self, event: &str) -> Option<u8> {
        if self.given_up {
            return None;
        }
        if let Some(index) = self.shapes.iter_mut().position(|shape| shape.widen(event.as_bytes()))
        {
            self.latest = index;
            return Some(index as u8);
        }
        self.misses += 1;
        self.given_up = self.misses >= PATIENCE;
        if self.shapes.len() < MAX_SHAPES
            && let Some(shape) = Shape::of(event)
        {
            self.shapes.push(shape);
        }
        None
    }

    /// A template as the host needs it: `{"sample":<JSON>,"paths":[["choices",0,…],…]}`, the
    /// paths in the order in which the strings are written. The host is told what `edit` makes of
    /// the sample, which takes nothing out that a path leads to.
    pub fn describe(&self, index: u8, edit: impl FnOnce(&str) -> Cow<'_, str>) -> String {
        let shape = self.shapes.get(usize::from(index));
        shape.map(|shape| shape.describe(edit)).unwrap_or_default()
    }

    /// How many strings fill a template.
    pub fn holes(&self, index: u8) -> u32 {
        self.shapes.get(usize::from(index)).map_or(0, Shape::holes)
    }
}

#[cfg(test)]
mod tests;
