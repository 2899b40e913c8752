//! The tool calls of an answer: names, ids and arguments; not how many there are (see `plan`).

use bytes::BytesMut;

use super::plan::{Plan, Push};

/// The arguments of every call, in the parts a stream sends; escaped for JSON. Together they are
/// `{"location":"Paris","unit":"celsius"}`.
pub(crate) const ARGUMENT_PARTS: [&str; 6] =
    [r#"{\""#, r#"location\":\""#, "Paris", r#"\",\"unit"#, r#"\":\"celsius"#, r#"\"}"#];

pub(crate) const DEFAULT_NAME: &str = "get_weather";

/// Puts the id of a call: unlike any other of the answer, and the same in a stream and in JSON.
fn push_call_id(out: &mut BytesMut, plan: &Plan, choice: u32, call: u32) {
    let tail = plan.id.len().saturating_sub(18);
    out.push("call_");
    out.push(plan.id.get(tail..).unwrap_or_default());
    out.push_number(u64::from(choice));
    out.push("x");
    out.push_number(u64::from(call));
}

/// Puts the members of a call up to the quote that opens its arguments. A stream also has the
/// index of the call.
pub(crate) fn push_call(out: &mut BytesMut, plan: &Plan, choice: u32, call: u32, streamed: bool) {
    out.push("{");
    if streamed {
        out.push("\"index\":");
        out.push_number(u64::from(call));
        out.push(",");
    }
    out.push("\"id\":\"");
    push_call_id(out, plan, choice, call);
    out.push(r#"","type":"function","function":{"name":""#);
    let turn = (call as usize).checked_rem(plan.tools.len());
    let name = turn.and_then(|turn| plan.tools.get(turn));
    out.push(name.map_or(DEFAULT_NAME, String::as_str));
    out.push(r#"","arguments":""#);
}
