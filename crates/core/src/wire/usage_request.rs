//! Asking a stream for its usage where the caller has not, and taking out of the answer again what
//! only that has brought. It does not decide when that is done.

use memchr::memmem;

use super::member::find_member;

/// The text of a request that asks for the usage of its stream as well. None where that is not to
/// be asked: it asks already, it is no stream, or its protocol tells the usage anyway.
pub fn asking(request: &str) -> Option<String> {
    let value = |name| find_member(request, name).map(|member| &request[member.value]);
    if value("stream") != Some("true") || (value("messages").or(value("prompt"))).is_none() {
        return None;
    }
    let Some(options) = find_member(request, "stream_options") else {
        let end = request.rfind('}')?;
        return Some(format!(
            "{},\"stream_options\":{{\"include_usage\":true}}{}",
            &request[..end],
            &request[end..]
        ));
    };
    let given = &request[options.value.clone()];
    let changed = match find_member(given, "include_usage") {
        Some(member) if &given[member.value.clone()] == "true" => return None,
        Some(member) => {
            format!("{}true{}", &given[..member.value.start], &given[member.value.end..])
        }
        None if given.trim_matches(['{', '}', ' ', '\n', '\t', '\r']).is_empty()
            || !given.starts_with('{') =>
        {
            r#"{"include_usage":true}"#.to_owned()
        }
        None => format!("{{\"include_usage\":true,{}", &given[1..]),
    };
    let (before, after) = (&request[..options.value.start], &request[options.value.end..]);
    Some(format!("{before}{changed}{after}"))
}

/// What is done with an event of a stream whose usage the caller has not asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// It stays as it is.
    Whole,
    /// It stays without the member that says that there is no usage yet.
    Without(String),
    /// It has nothing but the usage.
    Nothing,
}

/// What is left of an event for a caller that has not asked for the usage. Events without choices
/// that tell something else, as Azure's first one, stay.
pub(super) fn withhold(data: &str) -> Kept {
    if memmem::find(data.as_bytes(), b"\"usage\"").is_none() {
        return Kept::Whole;
    }
    let Some(usage) = find_member(data, "usage") else { return Kept::Whole };
    if &data[usage.value.clone()] == "null" {
        return Kept::Without(format!(
            "{}{}",
            &data[..usage.whole.start],
            &data[usage.whole.end..]
        ));
    }
    let choices = find_member(data, "choices").map(|member| &data[member.value]);
    let inside = choices.and_then(|list| list.strip_prefix('[')?.strip_suffix(']'));
    if inside.is_some_and(|inside| inside.trim().is_empty()) { Kept::Nothing } else { Kept::Whole }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_asked_for_its_usage_where_it_would_not_tell() {
        let table = [
            (
                r#"{"model":"m","messages":[],"stream":true}"#,
                Some(
                    r#"{"model":"m","messages":[],"stream":true,"stream_options":{"include_usage":true}}"#,
                ),
            ),
            (
                r#"{"messages":[],"stream":true,"stream_options":{},"n":1}"#,
                Some(
                    r#"{"messages":[],"stream":true,"stream_options":{"include_usage":true},"n":1}"#,
                ),
            ),
            (
                r#"{"messages":[],"stream":true,"stream_options":null}"#,
                Some(r#"{"messages":[],"stream":true,"stream_options":{"include_usage":true}}"#),
            ),
            (
                r#"{"prompt":"","stream":true,"stream_options":{"include_obfuscation":false}}"#,
                Some(
                    r#"{"prompt":"","stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false}}"#,
                ),
            ),
            (
                r#"{"messages":[],"stream":true,"stream_options":{"include_usage":false}}"#,
                Some(r#"{"messages":[],"stream":true,"stream_options":{"include_usage":true}}"#),
            ),
            (r#"{"messages":[],"stream":true,"stream_options":{"include_usage":true}}"#, None),
            (r#"{"messages":[],"stream":false}"#, None),
            (r#"{"messages":[]}"#, None),
            (r#"{"input":"","stream":true}"#, None),
            ("", None),
        ];
        for (request, asked) in table {
            assert_eq!(asking(request).as_deref(), asked, "{request}");
        }
    }

    #[test]
    fn what_was_not_asked_for_is_taken_out_and_nothing_else() {
        let table = [
            (r#"{"choices":[{"delta":{}}]}"#, Kept::Whole),
            (
                r#"{"choices":[{"delta":{}}],"usage":null}"#,
                Kept::Without(r#"{"choices":[{"delta":{}}]}"#.to_owned()),
            ),
            (r#"{"choices":[],"usage":{"prompt_tokens":1}}"#, Kept::Nothing),
            (r#"{"choices":[ ],"usage":{"prompt_tokens":1}}"#, Kept::Nothing),
            // Azure's first event.
            (r#"{"choices":[],"prompt_filter_results":[]}"#, Kept::Whole),
            (
                r#"{"choices":[],"prompt_filter_results":[],"usage":null}"#,
                Kept::Without(r#"{"choices":[],"prompt_filter_results":[]}"#.to_owned()),
            ),
            (r#"{"choices":[{"delta":{}}],"usage":{"prompt_tokens":1}}"#, Kept::Whole),
            (r#"{"choices":[{"delta":{"content":"\"usage\":null"}}]}"#, Kept::Whole),
            (r#"{"choices":1,"usage":{"prompt_tokens":1}}"#, Kept::Whole),
            ("usage", Kept::Whole),
        ];
        for (event, kept) in table {
            assert_eq!(withhold(event), kept, "{event}");
        }
    }
}
