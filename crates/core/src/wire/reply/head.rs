//! A response's status and headers as one text. It drops nothing.

use std::fmt::Write;

use http::Response;
use tower_http::follow_redirect::RequestUri;

/// The status, the URL that answered, then a line `name: value` for each header. Values are
/// read as Latin-1, as fetch does.
pub(super) fn encode_head<B>(response: &Response<B>) -> String {
    let mut head = String::with_capacity(512);
    head.push_str(response.status().as_str());
    head.push(' ');
    if let Some(RequestUri(uri)) = response.extensions().get() {
        // Writing to a String cannot fail.
        let _ = write!(head, "{uri}");
    }
    for (name, value) in response.headers() {
        head.push('\n');
        head.push_str(name.as_str());
        head.push_str(": ");
        match value.to_str() {
            Ok(text) => head.push_str(text),
            Err(_) => head.extend(value.as_bytes().iter().copied().map(char::from)),
        }
    }
    head
}
