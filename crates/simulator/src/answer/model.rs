//! The list of models and one of them; not which models are answered for (all are).

use bytes::Bytes;
use serde_json::{Value, json};

/// What is listed when a script names no models.
const UNSCRIPTED: [&str; 3] = ["gpt-4.1", "gpt-4.1-mini", "text-embedding-3-small"];
/// When the models of a simulator were made, which is never.
const CREATED: u64 = 1_744_000_000;

/// One model.
pub(crate) fn render(id: &str) -> Bytes {
    Bytes::from(describe(id).to_string())
}

/// The models of a script, in order.
pub(crate) fn render_list<'a>(scripted: impl Iterator<Item = &'a str>) -> Bytes {
    let mut ids: Vec<_> = scripted.collect();
    if ids.is_empty() {
        ids.extend(UNSCRIPTED);
    }
    ids.sort_unstable();
    let data: Vec<_> = ids.into_iter().map(describe).collect();
    Bytes::from(json!({ "object": "list", "data": data }).to_string())
}

fn describe(id: &str) -> Value {
    json!({ "id": id, "object": "model", "created": CREATED, "owned_by": "simulator" })
}
