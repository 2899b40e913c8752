//! A reply whose `model` is the name that was asked for, under `response_model: requested`. All
//! else in it stays as it came.

use bytes::Bytes;
use model_multiplexer_core::wire::Body;

/// A reply with this model's name.
pub(crate) fn reply(body: String, model: &str) -> Bytes {
    Body::new(body).with_model(model)
}

/// The same in each of these whole events of a stream. One whose data is spread over several lines
/// stays as it is.
pub(crate) fn events(events: &[u8], model: &str) -> Bytes {
    let mut out = Vec::with_capacity(events.len() + 64);
    for line in events.split_inclusive(|byte| *byte == b'\n') {
        let (data, end) = line.split_at(line.trim_ascii_end().len());
        let json = data.strip_prefix(b"data:").map(<[u8]>::trim_ascii_start);
        match json.and_then(|json| std::str::from_utf8(json).ok()) {
            Some(json) if json.starts_with('{') => {
                out.extend_from_slice(b"data: ");
                out.extend_from_slice(&Body::new(json.to_owned()).with_model(model));
                out.extend_from_slice(end);
            }
            _ => out.extend_from_slice(line),
        }
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_model_of_each_event_is_another() {
        let given = b": c\n\nevent: x\ndata:{\"id\":1,\"model\":\"a\",\"b\":{\"model\":\"a\"}}\r\n\r\ndata: [DONE]\n\n";
        let expected = ": c\n\nevent: x\ndata: {\"id\":1,\"model\":\"m\",\"b\":{\"model\":\"a\"}}\r\n\r\ndata: [DONE]\n\n";
        assert_eq!(events(given, "m"), expected);
    }
}
