//! Fields that are understood and checked, but that nothing is done about yet. Each is told, so that
//! nobody relies on one. A line goes from here when its field has an effect.

use super::super::Problem;
use super::super::document::{Document, MidStreamName};
use super::super::place::Place;

/// What is said of them.
const MESSAGE: &str = "has no effect yet";

/// Those that the document has, in the order of the file.
pub(super) fn pending(document: &Document, root: &Place<'_>) -> Vec<Problem> {
    let routing = root.field("routing");
    let mut places = Vec::new();
    if matches!(document.routing.mid_stream, Some(MidStreamName::Recover)) {
        places.push(routing.field("mid_stream"));
    }
    for index in 0..document.providers.len() {
        let here = root.field("providers").item(index);
        places.push(here.field("client_certificate"));
    }
    let mut notes: Vec<_> =
        places.iter().filter(|place| place.is_written()).map(|place| place.told(MESSAGE)).collect();
    notes.sort_by_key(|note| note.line);
    notes
}
