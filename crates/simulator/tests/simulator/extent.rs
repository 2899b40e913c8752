//! What a request says about the extent of its answer: the most tokens, stops, a prefilled start.

use serde_json::{Value, json};

use crate::wire::{Answer, behaving, post};

const CHAT: &str = "/v1/chat/completions";

async fn ask(behaviour: &str, path: &str, body: &Value) -> Answer {
    post(&behaving(behaviour).await, path, &body.to_string(), &[]).await
}

fn said(answer: &Answer) -> (String, String) {
    let choice = &answer.json()["choices"][0];
    let content = choice["message"]["content"].as_str().or(choice["text"].as_str());
    let finish = choice["finish_reason"].as_str().unwrap_or_default();
    (content.unwrap_or_default().to_owned(), finish.to_owned())
}

fn pair(content: &str, finish: &str) -> (String, String) {
    (content.to_owned(), finish.to_owned())
}

#[tokio::test]
async fn the_most_tokens_cut_an_answer_in_json_and_in_a_stream() {
    for name in ["max_tokens", "max_completion_tokens"] {
        let body = json!({ "model": "m", "messages": [], name: 2 });
        let answer = ask("{}", CHAT, &body).await;
        assert_eq!(said(&answer), pair("The model", "length"));
        assert_eq!(answer.json()["usage"]["completion_tokens"], 2);
        let body = json!({ "model": "m", "messages": [], name: 2, "stream": true });
        let streamed = ask("{}", CHAT, &body).await;
        assert_eq!(streamed.content(), "The model");
        assert_eq!(streamed.events().last().unwrap()["choices"][0]["finish_reason"], "length");
    }
    let body = json!({ "model": "m", "prompt": "p", "max_tokens": 2, "n": 2 });
    let answer = ask("{}", "/v1/completions", &body).await;
    assert_eq!(said(&answer), pair("The model", "length"));
    assert_eq!(answer.json()["choices"][1]["text"], "The model");
    assert_eq!(answer.json()["usage"]["completion_tokens"], 4);
}

#[tokio::test]
async fn the_most_tokens_may_end_an_answer_within_a_tool_call() {
    let body = json!({ "model": "m", "messages": [], "max_tokens": 2 });
    let message = ask(r#"{"toolCalls":1}"#, CHAT, &body).await.json();
    let call = &message["choices"][0]["message"]["tool_calls"][0]["function"];
    assert_eq!(call["arguments"], "{\"location\":\"");
    assert_eq!(message["choices"][0]["finish_reason"], "length");
}

#[tokio::test]
async fn an_answer_ends_before_a_stop() {
    let table = [
        (json!(" three"), "one two", "stop"),
        (json!(["x", "two"]), "one ", "stop"),
        (json!(null), "one two three", "stop"),
    ];
    for (stop, text, finish) in table {
        let behaviour = r#"{"text":"one two three"}"#;
        let body = json!({ "model": "m", "messages": [], "stop": stop });
        assert_eq!(said(&ask(behaviour, CHAT, &body).await), pair(text, finish));
        let body = json!({ "model": "m", "messages": [], "stop": stop, "stream": true });
        assert_eq!(ask(behaviour, CHAT, &body).await.content(), text);
        let body = json!({ "model": "m", "prompt": "p", "stop": stop });
        assert_eq!(said(&ask(behaviour, "/v1/completions", &body).await), pair(text, finish));
    }
    let refused = ask("{}", CHAT, &json!({ "model": "m", "messages": [], "stop": 5 })).await;
    assert_eq!((refused.status, &refused.json()["error"]["param"]), (400, &json!("stop")));
}

fn prefilled(extra: &Value) -> Value {
    let mut last = json!({ "role": "assistant", "content": "one tw" });
    let mut body = json!({ "model": "m" });
    for (name, value) in extra.as_object().unwrap() {
        let place = if name == "prefix" { &mut last } else { &mut body };
        place[name] = value.clone();
    }
    body["messages"] = json!([{ "role": "user", "content": "count" }, last]);
    body
}

#[tokio::test]
async fn a_prefilled_answer_goes_on_in_the_form_of_its_provider() {
    let on = json!({ "continue_final_message": true, "add_generation_prompt": false });
    let table = [
        ("deepseek", json!({ "prefix": true }), "o three"),
        ("deepseek", json!({}), "one two three"),
        ("mistral", json!({ "prefix": true }), "one two three"),
        ("vllm", on, "o three"),
        ("anthropic", json!({}), "o three"),
        ("anthropic", json!({ "max_tokens": 1 }), "o"),
        ("anthropic", json!({ "stop": "hr" }), "o t"),
    ];
    for (form, extra, expected) in table {
        let behaviour = json!({ "text": "one two three", "prefill": form }).to_string();
        let mut body = prefilled(&extra);
        assert_eq!(said(&ask(&behaviour, CHAT, &body).await).0, expected, "{form} {extra}");
        body["stream"] = json!(true);
        assert_eq!(ask(&behaviour, CHAT, &body).await.content(), expected, "{form} {extra}");
    }
    let plain = ask(r#"{"text":"one two three"}"#, CHAT, &prefilled(&json!({}))).await;
    assert_eq!(said(&plain).0, "one two three");
}

#[tokio::test]
async fn a_prefilled_answer_is_refused_where_it_cannot_go_on() {
    let table = [
        ("refused", json!({}), "does not support assistant message prefill"),
        ("mistral", json!({}), "Expected last role User or Tool"),
        ("vllm", json!({ "continue_final_message": true }), "Cannot set both"),
    ];
    for (form, extra, message) in table {
        let behaviour = json!({ "prefill": form }).to_string();
        let answer = ask(&behaviour, CHAT, &prefilled(&extra)).await;
        assert_eq!(answer.status, 400, "{form}");
        assert!(answer.text().contains(message), "{form}: {}", answer.text());
    }
}

#[tokio::test]
async fn the_fields_a_script_rejects_are_refused_by_name() {
    let behaviour = r#"{"rejects":["stream_options","prefix"]}"#;
    let top = json!({ "model": "m", "messages": [], "stream_options": {} });
    let answer = ask(behaviour, CHAT, &top).await;
    assert_eq!((answer.status, &answer.json()["error"]["param"]), (400, &json!("stream_options")));
    assert_eq!(answer.json()["error"]["code"], "unknown_parameter");
    let inside = ask(behaviour, CHAT, &prefilled(&json!({ "prefix": true }))).await;
    assert_eq!((inside.status, &inside.json()["error"]["param"]), (400, &json!("prefix")));
    assert_eq!(ask(behaviour, CHAT, &prefilled(&json!({}))).await.status, 200);
}

#[tokio::test]
async fn seeded_text_depends_on_the_prompt_and_the_seed_and_goes_on_where_it_was_cut() {
    let text = async |seed: u32, prompt: &str| {
        let body = json!({ "model": "m", "messages": [{ "role": "user", "content": prompt }] });
        said(&ask(&json!({ "textSeed": seed }).to_string(), CHAT, &body).await).0
    };
    let whole = text(1, "a").await;
    assert_eq!(text(1, "a").await, whole);
    assert_ne!(text(1, "b").await, whole);
    assert_ne!(text(2, "a").await, whole);
    let (start, rest) = whole.split_at(20);
    let messages = json!([
        { "role": "user", "content": "a" },
        { "role": "assistant", "content": start.trim_end() }
    ]);
    let body = json!({ "model": "m", "messages": messages });
    let answer = ask(r#"{"textSeed":1,"prefill":"anthropic"}"#, CHAT, &body).await;
    let spaces = start.len() - start.trim_end().len();
    assert_eq!(said(&answer).0, format!("{}{rest}", " ".repeat(spaces)));
}
