//! Fields that are understood and checked, but that nothing is done about yet. Each is told, so that
//! nobody relies on one. A line goes from here when its field has an effect.

use super::super::Problem;
use super::super::document::{Document, MidStreamName};
use super::super::place::Place;

/// What is said of them.
const MESSAGE: &str = "has no effect yet";

/// Those that the document has.
pub(super) fn pending(document: &Document, root: &Place<'_>) -> Vec<Problem> {
    let recovers = matches!(document.routing.mid_stream, Some(MidStreamName::Recover));
    let note = || root.field("routing").field("mid_stream").told(MESSAGE);
    recovers.then(note).into_iter().collect()
}
