//! Where a member stands in the text of a JSON object. Nothing is parsed but what comes before it,
//! and that only as far as is needed to pass over it.

use std::ops::Range;

use memchr::memchr2;

/// A member at the top of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// Its value.
    pub(super) value: Range<usize>,
    /// The member with the comma that goes with it: what is to be cut out to take it away.
    pub(super) whole: Range<usize>,
}

/// The first top-level member of this name; none if there is none before what is no JSON.
pub(super) fn find_member(text: &str, name: &str) -> Option<Member> {
    let text = text.as_bytes();
    let mut at = skip_space(text, 0);
    if text.get(at) != Some(&b'{') {
        return None;
    }
    loop {
        let is_first = text[at] == b'{';
        let key = skip_space(text, at + 1);
        let key_end = skip_string(text, key)?;
        let colon = skip_space(text, key_end);
        if text.get(colon) != Some(&b':') {
            return None;
        }
        let value = skip_space(text, colon + 1);
        let value_end = skip_value(text, value)?;
        let next = skip_space(text, value_end);
        if &text[key + 1..key_end - 1] == name.as_bytes() {
            let whole = match text.get(next) {
                Some(b',') if is_first => key..next + 1,
                _ if is_first => key..value_end,
                _ => at..value_end,
            };
            return Some(Member { value: value..value_end, whole });
        }
        at = next;
        if text.get(at) != Some(&b',') {
            return None;
        }
    }
}

fn skip_space(text: &[u8], mut at: usize) -> usize {
    while text.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at
}

/// The end of the string that starts at `at`.
fn skip_string(text: &[u8], at: usize) -> Option<usize> {
    if text.get(at) != Some(&b'"') {
        return None;
    }
    let mut at = at + 1;
    loop {
        at += memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// The end of the value that starts at `at`.
fn skip_value(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at)? {
        b'"' => skip_string(text, at),
        b'{' | b'[' => skip_nested(text, at),
        _ => {
            let end = text[at..].iter().position(|byte| matches!(byte, b',' | b'}' | b']'));
            end.map(|length| at + length)
        }
    }
}

fn skip_nested(text: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    loop {
        match text.get(at)? {
            b'"' => at = skip_string(text, at)?,
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                depth -= 1;
                at += 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_cut_out_with_its_comma() {
        let table = [
            (r#"{"usage":null}"#, "{}"),
            (r#"{"usage":null,"id":1}"#, r#"{"id":1}"#),
            (r#"{"id":1,"usage":null}"#, r#"{"id":1}"#),
            (r#"{"id":1, "usage": null, "b":2}"#, r#"{"id":1, "b":2}"#),
            (r#"{"a":{"usage":1},"usage":{"b":[1,"}"]}}"#, r#"{"a":{"usage":1}}"#),
        ];
        for (text, cut) in table {
            let Member { whole, .. } = find_member(text, "usage").unwrap();
            assert_eq!(format!("{}{}", &text[..whole.start], &text[whole.end..]), cut);
        }
        assert_eq!(find_member(r#"{"a":{"usage":1}}"#, "usage"), None);
    }
}
