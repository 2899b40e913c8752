//! What is kept out, and what is kept in.

use std::time::Duration;

use model_multiplexer_gateway::Gateway;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::support::{
    Answer, ask, asked_of, chat, gateway, gateway_with, instance, limited, parse, provider,
    request, send,
};

const CHAT: &str = "/v1/chat/completions";

const CLIENTS: &str = "clients:
  - {name: ann, keys: [{key: sk-mm-ann-0123456789abcdef0123456789abcdef}], models: [gpt-4o]}
  - {name: bob, keys: [{key: sk-mm-bob-0123456789abcdef0123456789abcdef}], rpm: 2}
";
const CAROLS: &str = "sk-mm-carol-0123456789abcdef0123456789abcdef";
const ANN: &str = "authorization: Bearer sk-mm-ann-0123456789abcdef0123456789abcdef";
const BOB: &str = "authorization: Bearer sk-mm-bob-0123456789abcdef0123456789abcdef";

fn brief(answer: &Answer) -> (u16, serde_json::Value) {
    (answer.status, answer.at("/error/message"))
}

#[tokio::test]
async fn a_key_is_asked_for_and_opens_what_its_client_may_use() {
    let simulator = provider("{}").await;
    let one = instance("one", &simulator, &["gpt-4o", "other"]);
    let gateway = gateway_with(&[one], CLIENTS).await;
    let to = gateway.address();
    let missing = "Missing or invalid Authorization header";
    let table: [(&[&str], &str, u16, &str); 6] = [
        (&[], "gpt-4o", 401, missing),
        (&["authorization: Basic abc"], "gpt-4o", 401, missing),
        (&["authorization: Bearer sk-wrong"], "gpt-4o", 401, "Invalid API key"),
        (&[ANN], "gpt-4o", 200, ""),
        (&[ANN], "other", 404, "The model \"other\" does not exist"),
        (&[BOB], "other", 200, ""),
    ];
    for (headers, model, status, message) in table {
        let answer = request(to, "POST", CHAT, headers, &chat(model, "")).await;
        assert_eq!(answer.status, status, "{headers:?} {answer:?}");
        if status != 200 {
            assert_eq!(answer.at("/error/message"), message);
        }
    }
    let seen = request(to, "GET", "/v1/models", &[ANN], "").await;
    assert_eq!(
        (seen.at("/data/0/id"), seen.at("/data/1")),
        ("gpt-4o".into(), serde_json::Value::Null)
    );
    assert_eq!(request(to, "GET", "/health", &[], "").await.status, 200);
    for path in ["/v1/models", "/v1/models/gpt-4o", "/metrics", "/admin/requests/x"] {
        assert_eq!(request(to, "GET", path, &[], "").await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn a_clients_own_limit_is_kept_to() {
    let simulator = provider("{}").await;
    let gateway = gateway_with(&[instance("one", &simulator, &["gpt-4o"])], CLIENTS).await;
    for expected in [200, 200, 429] {
        let answer = request(gateway.address(), "POST", CHAT, &[BOB], &chat("gpt-4o", "")).await;
        assert_eq!(answer.status, expected);
        assert_eq!(answer.header("retry-after").is_some(), expected == 429);
    }
}

/// A client with one limit.
fn carol(limit: &str) -> String {
    format!("clients: [{{name: carol, keys: [{{key: {CAROLS}}}], {limit}}}]")
}

#[tokio::test]
async fn what_a_client_has_left_is_reserved_before_it_is_used() {
    let simulator = provider(r#"{"defaults":{"latencyMs":500}}"#).await;
    let instance = instance("one", &simulator, &["gpt-4o"]).replace("openai-compatible", "openai");
    for limit in ["tpm: 100", "budget: {usd: 0.001}"] {
        let gateway = gateway_with(std::slice::from_ref(&instance), &carol(limit)).await;
        let to = gateway.address();
        let mut asking = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let bearer = format!("authorization: Bearer {CAROLS}");
            asking.spawn(async move {
                request(to, "POST", CHAT, &[&bearer], &chat("gpt-4o", "")).await.status
            });
        }
        let mut statuses = asking.join_all().await;
        statuses.sort_unstable();
        assert_eq!((statuses[0], statuses[1], statuses[19]), (200, 429, 429), "{limit}");
    }
}

#[tokio::test]
async fn what_was_reserved_and_is_not_used_is_there_again() {
    let simulator = provider(r#"{"defaults":{"tokens":5}}"#).await;
    let one = instance("one", &simulator, &["gpt-4o"]);
    let gateway = gateway_with(&[one], &carol("tpm: 1000")).await;
    let bearer = format!("authorization: Bearer {CAROLS}");
    for _ in 0..5 {
        let answer =
            request(gateway.address(), "POST", CHAT, &[&bearer], &chat("gpt-4o", "")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

#[tokio::test]
async fn a_client_is_charged_for_what_it_does_not_wait_for() {
    let silent = provider(r#"{"journal":10,"defaults":{"latencyMs":3600000}}"#).await;
    let gateway = gateway_with(&[instance("one", &silent, &["m"])], &carol("tpm: 100")).await;
    let to = gateway.address();
    let body = chat("m", r#","max_tokens":5000"#);
    let mut socket = TcpStream::connect(to).await.unwrap();
    let head = format!(
        "POST {CHAT} HTTP/1.1\r\nhost: {to}\r\nauthorization: Bearer {CAROLS}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    timeout(Duration::from_secs(10), async {
        while asked_of(&silent).await.is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
    drop(socket);
    wait_for(&gateway, 0).await;
    let bearer = format!("authorization: Bearer {CAROLS}");
    let next = request(to, "POST", CHAT, &[&bearer, "x-mm-deadline: 5000"], &body).await;
    assert_eq!((next.status, next.at("/error/code")), (429, "rate_limit_exceeded".into()));
    // The request before it has gone through this.
    let (process, number) = next.header("x-request-id").unwrap().rsplit_once('-').unwrap();
    let number = u64::from_str_radix(number, 16).unwrap();
    let mut told = Vec::new();
    for number in number.saturating_sub(20)..number {
        let path = format!("/admin/requests/{process}-{number:x}");
        told.push(request(to, "GET", &path, &[&bearer], "").await);
    }
    let left = told.iter().find(|told| told.status == 200 && told.at("/status") == 499);
    assert_eq!(left.expect("it is remembered").at("/attempts/0/target"), "one/m");
}

#[tokio::test]
async fn a_response_is_gone_on_from_by_its_own_client_only() {
    let simulator = provider(r#"{"journal":10}"#).await;
    let gateway = gateway_with(&[instance("one", &simulator, &["gpt-4o"])], CLIENTS).await;
    let to = gateway.address();
    let path = "/v1/responses";
    let made = r#"{"model":"gpt-4o","input":"hi","store":true}"#;
    let made = request(to, "POST", path, &[BOB], made).await;
    let id = made.at("/id").as_str().unwrap().to_owned();
    let on = format!(r#"{{"model":"gpt-4o","input":"go on","previous_response_id":"{id}"}}"#);
    let theirs = request(to, "POST", path, &[ANN], &on).await;
    let code = theirs.at("/error/code");
    assert_eq!((theirs.status, code), (404, "previous_response_not_found".into()), "{theirs:?}");
    assert_eq!(theirs.at("/error/param"), "previous_response_id");
    assert_eq!(asked_of(&simulator).await.len(), 1);
    let (own, none) = (format!("{path}/{id}"), format!("{path}/resp_none"));
    assert_eq!(request(to, "GET", &own, &[ANN], "").await.status, 404);
    assert_eq!(request(to, "GET", &none, &[ANN], "").await.status, 404);
    // Whoever looks at one counts as any other request does.
    for expected in [200, 429] {
        assert_eq!(request(to, "GET", &own, &[BOB], "").await.status, expected);
    }
}

#[tokio::test]
async fn those_who_show_no_key_are_limited_by_address_and_those_who_do_are_not() {
    let simulator = provider("{}").await;
    let more = format!("{CLIENTS}server: {{rate_limit_max: 3}}");
    let gateway = gateway_with(&[instance("one", &simulator, &["gpt-4o"])], &more).await;
    let to = gateway.address();
    for expected in [401, 401, 401, 429, 429] {
        let answer = request(to, "POST", CHAT, &["authorization: Bearer no"], &chat("a", "")).await;
        assert_eq!(answer.status, expected);
    }
    for _ in 0..5 {
        assert_eq!(request(to, "POST", CHAT, &[ANN], &chat("gpt-4o", "")).await.status, 200);
    }
    assert_eq!(request(to, "GET", "/health", &[], "").await.status, 200);
}

#[tokio::test]
async fn pages_of_other_names_and_origins_are_refused() {
    let simulator = provider("{}").await;
    let more = "server: {cors: [\"https://chat.example\"], hosts: [gateway.example]}";
    let gateway = gateway_with(&[instance("one", &simulator, &["gpt-4o"])], more).await;
    let to = gateway.address();
    let table: [(&[&str], u16); 4] = [
        (&["origin: https://chat.example"], 200),
        (&["origin: https://attacker.example"], 403),
        (&["origin: null"], 403),
        (&["sec-fetch-site: cross-site"], 403),
    ];
    for (headers, status) in table {
        let answer = request(to, "POST", CHAT, headers, &chat("gpt-4o", "")).await;
        assert_eq!(answer.status, status, "{headers:?}");
        let allowed = (status == 200).then_some("https://chat.example");
        assert_eq!(answer.header("access-control-allow-origin"), allowed);
    }
    let asked = [
        "origin: https://chat.example",
        "access-control-request-method: POST",
        "access-control-request-headers: authorization,content-type",
    ];
    let preflight = request(to, "OPTIONS", CHAT, &asked, "").await;
    assert_eq!(preflight.status, 204);
    let names = preflight.header("access-control-allow-headers");
    assert_eq!(names, Some("authorization,content-type"));
    for (host, status) in
        [("attacker.example", "421"), ("gateway.example", "200"), ("a\r\nhost: b", "400")]
    {
        let bytes = format!("GET /v1/models HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        let answer = send(to, bytes.as_bytes()).await;
        assert_eq!(answer.split(' ').nth(1), Some(status), "{host}");
    }
}

#[tokio::test]
async fn bodies_are_json_in_the_clear_and_not_too_large() {
    let simulator = provider("{}").await;
    let more = "server: {limits: {body_bytes: 2000}}";
    let gateway = gateway_with(&[instance("one", &simulator, &["gpt-4o"])], more).await;
    let to = gateway.address();
    let body = chat("gpt-4o", "");
    for (header, status) in [
        ("content-type: text/plain", 415),
        ("content-type: application/json; charset=utf-8", 200),
        ("content-encoding: gzip", 415),
    ] {
        assert_eq!(request(to, "POST", CHAT, &[header], &body).await.status, status, "{header}");
    }
    let large = chat("gpt-4o", &format!(r#","x":"{}""#, "x".repeat(2000)));
    assert_eq!(request(to, "POST", CHAT, &[], &large).await.status, 413);
    let chunked = format!(
        "POST {CHAT} HTTP/1.1\r\nhost: {to}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\n\r\n{:x}\r\n{large}\r\n0\r\n\r\n",
        large.len()
    );
    assert_eq!(parse(&send(to, chunked.as_bytes()).await).status, 413);
}

#[tokio::test]
async fn a_head_is_neither_too_long_nor_of_too_many_lines() {
    let simulator = provider("{}").await;
    let more = "server: {limits: {head_bytes: 20000}}";
    let gateway = gateway_with(&[instance("one", &simulator, &["gpt-4o"])], more).await;
    let to = gateway.address();
    let long = format!("x-long: {}", "x".repeat(30_000));
    let many = vec!["x-many: 1"; 200];
    for headers in [&[long.as_str()][..], &many] {
        let answer = request(to, "GET", "/v1/models", headers, "").await;
        assert_eq!(answer.status, 431);
    }
    assert_eq!(request(to, "GET", "/v1/models", &[], "").await.status, 200);
}

#[tokio::test]
async fn a_request_whose_length_is_said_in_two_ways_is_not_taken() {
    let simulator = provider("{}").await;
    let gateway = gateway(&[instance("one", &simulator, &["gpt-4o"])]).await;
    let to = gateway.address();
    let body = chat("gpt-4o", "");
    let table = [
        format!("content-length: {}\r\ntransfer-encoding: chunked", body.len()),
        format!("content-length: {}\r\ncontent-length: 5", body.len()),
        "transfer-encoding: chunked, identity".to_owned(),
        "content-length: +5".to_owned(),
    ];
    for framing in table {
        let text = format!(
            "POST {CHAT} HTTP/1.1\r\nhost: {to}\r\ncontent-type: application/json\r\n{framing}\r\n\r\n\
             0\r\n\r\nGET /v1/models HTTP/1.1\r\nhost: {to}\r\nconnection: close\r\n\r\n"
        );
        let answer = timeout(Duration::from_secs(10), send(to, text.as_bytes())).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 400"), "{framing}: {answer}");
        assert!(!answer.contains("multirouter-auto"), "{framing}: {answer}");
    }
}

#[tokio::test]
async fn who_sends_too_slowly_is_let_go() {
    let simulator = provider("{}").await;
    let more = "server: {limits: {arrival_ms: 300}}";
    let gateway = gateway_with(&[instance("one", &simulator, &["gpt-4o"])], more).await;
    let to = gateway.address();
    for (text, status) in [
        ("POST /v1/chat/completions HTTP/1.1\r\nhost: a".to_owned(), ""),
        (
            format!(
                "POST {CHAT} HTTP/1.1\r\nhost: {to}\r\ncontent-type: application/json\r\n\
                 connection: close\r\ncontent-length: 100\r\n\r\n{{"
            ),
            "HTTP/1.1 408",
        ),
    ] {
        let answer = timeout(Duration::from_secs(10), send(to, text.as_bytes())).await.unwrap();
        assert!(answer.starts_with(status), "{answer}");
    }
}

#[tokio::test]
async fn who_says_nothing_is_let_go_before_and_after_a_request() {
    let simulator = provider("{}").await;
    let more = "server: {limits: {arrival_ms: 300}}";
    let gateway = gateway_with(&[instance("one", &simulator, &["gpt-4o"])], more).await;
    let to = gateway.address();
    for said in ["", "GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n"] {
        let answer = timeout(Duration::from_secs(10), send(to, said.as_bytes())).await.unwrap();
        assert_eq!(answer.contains("200 OK"), !said.is_empty(), "{answer}");
    }
}

#[tokio::test]
async fn what_a_provider_says_of_a_key_is_withheld() {
    for status in [401, 402, 403] {
        let body = r#"{"error":{"message":"Incorrect API key provided: sk-one-secret"}}"#;
        let fault = format!(r#"{{"kind":"status","status":{status},"body":{body}}}"#);
        let refusing = provider(&format!(r#"{{"defaults":{{"fault":{fault}}}}}"#)).await;
        let gateway = gateway(&[instance("one", &refusing, &["gpt-4o"])]).await;
        let answer = ask(&gateway, &chat("gpt-4o", "")).await;
        let message = "No provider could answer for model \"gpt-4o\"";
        assert_eq!(brief(&answer), (503, message.into()));
    }
}

#[tokio::test]
async fn what_a_provider_says_of_the_request_is_passed_on() {
    let body = r#"{"error":{"message":"temperature must be below 2","code":"bad"}}"#;
    let fault = format!(r#"{{"kind":"status","status":400,"body":{body}}}"#);
    let refusing = provider(&format!(r#"{{"defaults":{{"fault":{fault}}}}}"#)).await;
    let gateway = gateway(&[instance("one", &refusing, &["gpt-4o"])]).await;
    let answer = ask(&gateway, &chat("gpt-4o", "")).await;
    assert_eq!(brief(&answer), (400, "temperature must be below 2".into()));
}

#[tokio::test]
async fn a_provider_leads_nobody_elsewhere() {
    let fault = r#"{"kind":"redirect","location":"/_simulator/journal","status":303}"#;
    let leading = provider(&format!(r#"{{"defaults":{{"fault":{fault}}}}}"#)).await;
    let gateway = gateway(&[instance("one", &leading, &["gpt-4o"])]).await;
    let answer = ask(&gateway, &chat("gpt-4o", "")).await;
    assert_eq!(answer.status, 502, "{answer:?}");
}

#[tokio::test]
async fn a_clients_credentials_stay_here_and_a_providers_cookies_stay_there() {
    let headers =
        r#"{"set-cookie":"a=b","openai-organization":"org-1","openai-processing-ms":"7"}"#;
    let script = format!(r#"{{"journal":5,"defaults":{{"headers":{headers}}}}}"#);
    let simulator = provider(&script).await;
    let gateway = gateway_with(&[instance("one", &simulator, &["gpt-4o"])], CLIENTS).await;
    let sent = [ANN, "cookie: session=1", "x-forwarded-for: 10.0.0.1", "openai-beta: x=1"];
    let answer = request(gateway.address(), "POST", CHAT, &sent, &chat("gpt-4o", "")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("set-cookie"), None);
    assert_eq!(answer.header("openai-organization"), None);
    assert_eq!(answer.header("openai-processing-ms"), Some("7"));
    let url = simulator.url();
    let to = url.trim_start_matches("http://").trim_end_matches("/v1").parse().unwrap();
    let journal = request(to, "GET", "/_simulator/journal", &[], "").await.body;
    assert!(journal.contains("openai-beta"), "{journal}");
    for secret in ["sk-mm-ann", "session=1", "10.0.0.1"] {
        assert!(!journal.contains(secret), "{secret}: {journal}");
    }
}

#[tokio::test]
async fn no_key_is_in_anything_that_is_told() {
    let limited = limited().await;
    let gateway = gateway_with(&[instance("one", &limited, &["gpt-4o"])], CLIENTS).await;
    let to = gateway.address();
    let answer = request(to, "POST", CHAT, &[ANN], &chat("gpt-4o", "")).await;
    let id = answer.header("x-mm-request-id").unwrap().to_owned();
    let mut told = format!("{answer:?} {gateway:?}");
    for path in ["/v1/models", "/health", "/metrics", &format!("/admin/requests/{id}")] {
        let answer = request(to, "GET", path, &[ANN], "").await;
        assert_eq!(answer.status, 200, "{path}");
        told = format!("{told}{answer:?}");
    }
    for secret in ["sk-one-secret", "sk-mm-ann", "sk-mm-bob"] {
        assert!(!told.contains(secret), "{secret} in {told}");
    }
}

#[tokio::test]
async fn a_client_that_leaves_stops_what_it_has_asked_for() {
    let endless = provider(r#"{"defaults":{"tokens":100000,"tokenIntervalMs":20}}"#).await;
    let silent = provider(r#"{"defaults":{"latencyMs":3600000}}"#).await;
    let instances =
        [instance("one", &endless, &["endless"]), instance("two", &silent, &["silent"])];
    let gateway = gateway(&instances).await;
    let to = gateway.address();
    let stream = r#","stream":true"#;
    for body in [chat("endless", stream), chat("silent", stream), chat("silent", "")] {
        let mut socket = TcpStream::connect(to).await.unwrap();
        let head = format!(
            "POST {CHAT} HTTP/1.1\r\nhost: {to}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        if body.contains("endless") {
            assert!(socket.read(&mut [0; 1024]).await.unwrap() > 0);
        }
        wait_for(&gateway, 1).await;
        drop(socket);
        wait_for(&gateway, 0).await;
    }
    for simulator in [&endless, &silent] {
        let url = simulator.url();
        let at = url.trim_start_matches("http://").trim_end_matches("/v1").parse().unwrap();
        let open = async || request(at, "GET", "/_simulator/stats", &[], "").await;
        timeout(Duration::from_secs(10), async {
            // The connection that asks is open itself.
            while open().await.at("/connectionsOpen") != 1 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await
        .unwrap();
    }
}

/// Waits until so many requests are under way.
async fn wait_for(gateway: &Gateway, in_flight: usize) {
    timeout(Duration::from_secs(10), async {
        while gateway.in_flight() != in_flight {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
}
