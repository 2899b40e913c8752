use proptest::prelude::*;

use super::*;

#[test]
fn what_was_begun_is_not_begun_again() {
    let table = [
        (r#"{"messages":[]}"#, None),
        (r#"{"background":true}"#, Some("background")),
        (r#"{"background":false,"store":null}"#, None),
        (r#"{"store":true}"#, Some("store")),
        (r#"{"tools":[{"type":"function","function":{"name":"f"}}]}"#, None),
        (r#"{"tools":[{"type":"custom","name":"f"}]}"#, None),
        (r#"{"tools":[{"name":"f","input_schema":{"type":"object"}}]}"#, None),
        (r#"{"tools":[{"type":"bash_20250124","name":"bash"}]}"#, None),
        (r#"{"tools":[{"type":"function"},{"type":"web_search"}]}"#, Some("tools")),
        (r#"{"tools":[{"type":"web_search_20250305","name":"web_search"}]}"#, Some("tools")),
        (r#"{"tools":[{"type":"mcp","server_label":"x"}]}"#, Some("tools")),
        (r#"{"tools":[{"googleSearch":{}}]}"#, Some("tools")),
        (r#"{"tools":[{"functionDeclarations":[{"name":"f"}]}]}"#, None),
        (r#"{"mcp_servers":[{"url":"https://x"}]}"#, Some("mcp_servers")),
        (r#"{"mcp_servers":[]}"#, None),
        (r#"{"web_search_options":{}}"#, Some("web_search_options")),
        (r#"{"messages":[{"content":"\ud800"}],"store":true}"#, Some("store")),
        ("[]", None),
        ("background", None),
    ];
    for (body, member) in table {
        assert_eq!(Replay::of(body).once_because, member, "{body}");
    }
}

#[test]
fn what_only_one_account_knows_binds_to_it() {
    let table = [
        (r#"{"previous_response_id":"resp_1"}"#, Some("previous_response_id")),
        (r#"{"previous_response_id":null}"#, None),
        (r#"{"conversation":{"id":"conv_1"}}"#, Some("conversation")),
        (r#"{"container":"container_1"}"#, Some("container")),
        (r#"{"batch_id":"batch_1"}"#, Some("batch_id")),
        (
            r#"{"tools":[{"type":"file_search","vector_store_ids":["vs_1"]}]}"#,
            Some("vector_store_ids"),
        ),
        (r#"{"tools":[{"type":"code_interpreter","container":{"type":"auto"}}]}"#, None),
        (r#"{"tools":[{"type":"code_interpreter","container":"cntr_1"}]}"#, Some("container")),
        (
            r#"{"messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"file-1"}}]}]}"#,
            Some("file_id"),
        ),
        (r#"{"input":[{"content":[{"type":"input_image","file_id":"file-1"}]}]}"#, Some("file_id")),
        (
            r#"{"messages":[{"content":[{"source":{"type":"file","file_id":"f"}}]}]}"#,
            Some("file_id"),
        ),
        (r#"{"messages":[{"role":"assistant","audio":{"id":"audio_1"}}]}"#, Some("audio")),
        (r#"{"messages":[{"content":[{"type":"input_audio","audio":{"data":"x"}}]}]}"#, None),
        (
            r#"{"input":[{"type":"reasoning","encrypted_content":"gAAA"}]}"#,
            Some("encrypted_content"),
        ),
        (r#"{"input":[{"type":"item_reference","id":"msg_1"}]}"#, Some("item_reference")),
        (r#"{"contents":[{"parts":[{"thoughtSignature":"x"}]}]}"#, Some("thought_signature")),
        (
            r#"{"messages":[{"tool_calls":[{"extra_content":{"google":{"thought_signature":"x"}}}]}]}"#,
            Some("thought_signature"),
        ),
        (
            r#"{"contents":[{"parts":[{"fileData":{"fileUri":"https://generativelanguage.googleapis.com/v1beta/files/x"}}]}]}"#,
            Some("file_uri"),
        ),
        (r#"{"contents":[{"parts":[{"fileData":{"fileUri":"https://x/y"}}]}]}"#, None),
        // The caller's own words and data.
        (r#"{"messages":[{"content":"{\"file_id\":\"file-1\"}"}]}"#, None),
        (r#"{"messages":[{"content":[{"type":"tool_use","input":{"file_id":"mine"}}]}]}"#, None),
        (r#"{"contents":[{"parts":[{"functionCall":{"args":{"file_id":"mine"}}}]}]}"#, None),
        (r#"{"tools":[{"type":"function","function":{"parameters":{"file_id":"x"}}}]}"#, None),
        (r#"{"metadata":{"file_id":"mine"}}"#, None),
    ];
    for (body, member) in table {
        assert_eq!(Replay::of(body).bound_by, member, "{body}");
    }
}

#[test]
fn what_a_recovery_has_to_know_is_read() {
    let nothing = Replay::default();
    let table = [
        (r#"{"n":1,"logprobs":false,"response_format":{"type":"text"}}"#, nothing),
        (r#"{"n":2}"#, Replay { has_choices: true, ..nothing }),
        (r#"{"logprobs":true}"#, Replay { has_logprobs: true, ..nothing }),
        (r#"{"top_logprobs":3}"#, Replay { has_logprobs: true, ..nothing }),
        (
            r#"{"response_format":{"type":"json_object"}}"#,
            Replay { is_structured: true, ..nothing },
        ),
        (
            r#"{"text":{"format":{"type":"json_schema"}}}"#,
            Replay { is_structured: true, ..nothing },
        ),
        (r#"{"text":{"format":{"type":"text"}}}"#, nothing),
        (r#"{"modalities":["text","audio"]}"#, Replay { has_audio: true, ..nothing }),
        (r#"{"modalities":["text"]}"#, nothing),
        (r#"{"tools":[{"type":"function"}]}"#, nothing),
        (r#"{"tools":[]}"#, nothing),
        (
            r#"{"messages":[{"content":[{"type":"thinking","signature":"x"}]}]}"#,
            Replay { has_signed_thinking: true, ..nothing },
        ),
    ];
    for (body, replay) in table {
        assert_eq!(Replay::of(body), replay, "{body}");
    }
}

proptest! {
    #[test]
    fn no_body_panics(body in "\\PC{0,200}", inner in "[\\[\\]{}\":,a-z0-9_\\\\]{0,80}") {
        Replay::of(&body);
        Replay::of(&format!(r#"{{"messages":{inner},"tools":{inner}}}"#));
        Replay::of(&format!(r#"{{"store":true,"input":[{inner}]}}"#));
    }
}

#[test]
fn each_id_of_a_request_is_told_with_its_member() {
    let table: [(&str, &[(&str, &str)]); 6] = [
        (r#"{"messages":[{"content":"hi"}]}"#, &[]),
        (
            r#"{"previous_response_id":"resp_1","conversation":{"id":"conv_1"}}"#,
            &[("previous_response_id", "resp_1"), ("conversation", "conv_1")],
        ),
        (
            r#"{"tools":[{"type":"file_search","vector_store_ids":["vs_1","vs_2"]},{"type":"code_interpreter","container":"cntr_1"}]}"#,
            &[("container", "cntr_1"), ("vector_store_ids", "vs_1"), ("vector_store_ids", "vs_2")],
        ),
        (
            r#"{"messages":[{"audio":{"id":"audio_1"}},{"content":[{"file":{"file_id":"file-\u0031"}}]}]}"#,
            &[("audio", "audio_1"), ("file_id", "file-1")],
        ),
        (
            r#"{"input":[{"id":"msg_1","type":"item_reference"},{"id":"rs_1","type":"reasoning","encrypted_content":"gA"}]}"#,
            &[("item_reference", "msg_1"), ("encrypted_content", "gA")],
        ),
        (r#"{"container":{"id":"container_1","skills":[]}}"#, &[("container", "container_1")]),
    ];
    for (body, expected) in table {
        let mut found = Vec::new();
        Replay::read(body, &mut |field, id| found.push((field, id.to_owned())));
        let found: Vec<_> = found.iter().map(|(field, id)| (*field, id.as_str())).collect();
        assert_eq!(found, expected, "{body}");
    }
}
