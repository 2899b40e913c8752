//! A response's status and headers as one text. It drops nothing.

use reqwest::Response;

/// The status, the URL that answered, then a line `name: value` for each header. Values are
/// read as Latin-1, as fetch does.
pub(super) fn encode_head(response: &Response) -> String {
    let mut head = String::with_capacity(512);
    head.push_str(response.status().as_str());
    head.push(' ');
    head.push_str(response.url().as_str());
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
