//! How a gateway is run: watched, explained, filled to the brim, told to stop.

use std::time::Duration;

use tokio::io::AsyncWriteExt;

use super::support::{ask, chat, gateway, gateway_with, instance, limited, provider, request};

#[tokio::test]
async fn what_is_alive_and_ready_is_told_to_anyone() {
    let simulator = provider("{}").await;
    let gateway = gateway(&[instance("one", &simulator, &["gpt-4o"])]).await;
    for (path, status) in [("/health", "ok"), ("/health/live", "ok"), ("/health/ready", "ready")] {
        let answer = request(gateway.address(), "GET", path, &[], "").await;
        assert_eq!((answer.status, answer.at("/status")), (200, status.into()), "{path}");
    }
}

#[tokio::test]
async fn what_is_not_here_says_so() {
    let simulator = provider("{}").await;
    let gateway = gateway(&[instance("one", &simulator, &["gpt-4o"])]).await;
    let table = [
        ("GET", "/v1/files", 501),
        ("POST", "/v1/batches", 501),
        ("GET", "/v1/batches/b_1/cancel", 501),
        ("GET", "/v1/filesystem", 404),
        ("GET", "/v1/chat/completions", 405),
        ("DELETE", "/v1/models", 405),
        ("GET", "/v1/responses/resp_none", 404),
        ("GET", "/v1/responses/../models", 404),
        ("GET", "/", 404),
    ];
    for (method, path, status) in table {
        let answer = request(gateway.address(), method, path, &[], "").await;
        assert_eq!(answer.status, status, "{method} {path}: {answer:?}");
        assert!(answer.at("/error/message").is_string());
    }
}

#[tokio::test]
async fn embeddings_and_legacy_completions_are_passed_on_too() {
    let simulator = provider("{}").await;
    let gateway = gateway(&[instance("one", &simulator, &["m"])]).await;
    let to = gateway.address();
    let table = [
        ("/v1/embeddings", r#"{"model":"m","input":"hi"}"#, "list"),
        ("/v1/completions", r#"{"model":"m","prompt":"hi"}"#, "text_completion"),
        ("/v1/responses", r#"{"model":"m","input":"hi"}"#, "response"),
    ];
    for (path, body, object) in table {
        let answer = request(to, "POST", path, &[], body).await;
        assert_eq!(
            (answer.status, answer.at("/object")),
            (200, object.into()),
            "{path} {answer:?}"
        );
    }
}

#[tokio::test]
async fn a_stored_response_is_asked_for_where_it_lies() {
    let (first, second) = (provider("{}").await, provider("{}").await);
    let instances = [instance("one", &first, &["m"]), instance("two", &second, &["m"])];
    let more = "routing: {default_strategy: round-robin}";
    let gateway = gateway_with(&instances, more).await;
    let to = gateway.address();
    for stream in ["", r#","stream":true"#] {
        for _ in 0..2 {
            let body = format!(r#"{{"model":"m","input":"hi","store":true{stream}}}"#);
            let made = request(to, "POST", "/v1/responses", &[], &body).await;
            let id = made.body.split("\"id\":\"").nth(1).unwrap().split('"').next().unwrap();
            let path = format!("/v1/responses/{id}");
            let target = made.header("x-mm-target").map(str::to_owned);
            let kept = request(to, "GET", &path, &[], "").await;
            assert_eq!((kept.status, kept.at("/id")), (200, id.into()), "{kept:?}");
            assert_eq!(kept.header("x-mm-target"), target.as_deref());
            let on = format!(r#"{{"model":"m","input":"go on","previous_response_id":"{id}"}}"#);
            let next = request(to, "POST", "/v1/responses", &[], &on).await;
            assert_eq!(next.header("x-mm-target"), target.as_deref());
            assert_eq!(request(to, "DELETE", &path, &[], "").await.status, 200);
        }
    }
}

#[tokio::test]
async fn what_a_request_went_through_is_explained() {
    let (limited, well) = (limited().await, provider("{}").await);
    let instances = [instance("one", &limited, &["m"]), instance("two", &well, &["m"])];
    let gateway = gateway(&instances).await;
    let to = gateway.address();
    for passed_over in [false, true] {
        let answer = ask(&gateway, &chat("m", "")).await;
        let id = answer.header("x-mm-request-id").unwrap();
        assert_eq!(answer.header("x-request-id"), Some(id));
        let told = request(to, "GET", &format!("/admin/requests/{id}"), &[], "").await;
        assert_eq!(told.at("/status"), 200, "{told:?}");
        assert_eq!(told.at("/model"), "m");
        if passed_over {
            assert_eq!(told.at("/attempts/0/target"), "two/m");
            assert_eq!(told.at("/attempts/0/passedOver/0/target"), "one/m");
            assert_eq!(told.at("/attempts/0/passedOver/0/why"), "resting");
        } else {
            assert_eq!(told.at("/attempts/0/target"), "one/m");
            assert_eq!(told.at("/attempts/0/outcome"), "rate_limited");
            assert_eq!(told.at("/attempts/1/target"), "two/m");
            assert_eq!(told.at("/attempts/1/outcome"), "success");
        }
    }
    let none = request(to, "GET", "/admin/requests/mm-00000000-1", &[], "").await;
    assert_eq!(none.status, 404);
}

#[tokio::test]
async fn the_least_busy_target_is_asked_where_an_alias_or_a_new_configuration_says_so() {
    let slow = provider(r#"{"defaults":{"latencyMs":1500}}"#).await;
    let instances = [instance("one", &slow, &["m"]), instance("two", &slow, &["m"])];
    let alias = "aliases: {fair: {models: [m], strategy: least-busy}}";
    let gateway = gateway_with(&instances, alias).await;
    let target = async |model: &str| {
        let answer = ask(&gateway, &chat(model, "")).await;
        answer.header("x-mm-target").map(str::to_owned)
    };
    let (one, other) = tokio::join!(target("fair"), target("fair"));
    assert!(one.is_some() && one != other, "{one:?} {other:?}");
    let (one, other) = tokio::join!(target("m"), target("m"));
    assert_eq!((one.as_deref(), other.as_deref()), (Some("one/m"), Some("one/m")));
    let by_default = "routing: {default_strategy: least-busy}";
    gateway.reload(super::support::config(&instances, by_default)).unwrap();
    let (one, other) = tokio::join!(target("m"), target("m"));
    assert!(one.is_some() && one != other, "{one:?} {other:?}");
}

#[tokio::test]
async fn metrics_count_requests_attempts_tokens_and_time() {
    let (limited, well) = (limited().await, provider("{}").await);
    let instances = [instance("one", &limited, &["m"]), instance("two", &well, &["m"])];
    let gateway = gateway(&instances).await;
    for stream in ["", r#","stream":true"#] {
        assert_eq!(ask(&gateway, &chat("m", stream)).await.status, 200);
    }
    assert_eq!(ask(&gateway, &chat("no-such-model-\\u0022", "")).await.status, 404);
    let metrics = request(gateway.address(), "GET", "/metrics", &[], "").await;
    assert_eq!(metrics.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let of = |id: &str| {
        format!(
            "target=\"{id}/m\",gen_ai_provider_name=\"openai-compatible\",gen_ai_request_model=\"m\""
        )
    };
    for line in [
        "model_multiplexer_requests_total{status=\"200\"} 2".to_owned(),
        "model_multiplexer_requests_total{status=\"404\"} 1".to_owned(),
        format!("model_multiplexer_attempts_total{{{},outcome=\"rate_limited\"}} 1", of("one")),
        format!("model_multiplexer_attempts_total{{{},outcome=\"success\"}} 2", of("two")),
        format!("gen_ai_server_time_to_first_token_seconds_count{{{}}} 1", of("two")),
        "model_multiplexer_in_flight 0".to_owned(),
        "model_multiplexer_retained_bytes 0".to_owned(),
    ] {
        assert!(metrics.body.lines().any(|known| known == line), "{line} in {}", metrics.body);
    }
    assert!(!metrics.body.contains("no-such-model"));
}

#[tokio::test]
async fn a_full_gateway_sheds_and_says_when_to_come_back() {
    let simulator = provider(r#"{"defaults":{"latencyMs":400}}"#).await;
    let more = "server: {limits: {requests: 1}}";
    let gateway = gateway_with(&[instance("one", &simulator, &["m"])], more).await;
    let body = chat("m", "");
    let (one, other) = tokio::join!(ask(&gateway, &body), ask(&gateway, &body));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 503]);
    let shed = if one.status == 503 { one } else { other };
    assert_eq!(shed.header("retry-after"), Some("1"));
    assert_eq!(shed.at("/error/code"), "overloaded");
}

#[tokio::test]
async fn bodies_that_are_kept_have_a_budget() {
    let simulator = provider(r#"{"defaults":{"latencyMs":400}}"#).await;
    let more = "server: {limits: {retained_bytes: 5000, body_bytes: 4000}}";
    let gateway = gateway_with(&[instance("one", &simulator, &["m"])], more).await;
    let body = chat("m", &format!(r#","x":"{}""#, "x".repeat(3000)));
    let (one, other) = tokio::join!(ask(&gateway, &body), ask(&gateway, &body));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 503]);
    assert_eq!(ask(&gateway, &body).await.status, 200);
}

#[tokio::test]
async fn told_to_stop_it_finishes_what_has_begun() {
    let simulator = provider(r#"{"defaults":{"tokens":20,"tokenIntervalMs":20}}"#).await;
    let gateway = gateway(&[instance("one", &simulator, &["m"])]).await;
    let to = gateway.address();
    let body = chat("m", r#","stream":true"#);
    let stream =
        tokio::spawn(async move { request(to, "POST", "/v1/chat/completions", &[], &body).await });
    while gateway.in_flight() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(gateway.drain().await);
    assert!(stream.await.unwrap().body.ends_with("data: [DONE]\n\n"));
    assert!(tokio::net::TcpStream::connect(to).await.is_err());
}

#[tokio::test]
async fn after_the_grace_streams_end_with_an_error() {
    let simulator = provider(r#"{"defaults":{"tokens":100000,"tokenIntervalMs":20}}"#).await;
    let more = "server: {grace_ms: 200}";
    let gateway = gateway_with(&[instance("one", &simulator, &["m"])], more).await;
    let to = gateway.address();
    let body = chat("m", r#","stream":true"#);
    let stream =
        tokio::spawn(async move { request(to, "POST", "/v1/chat/completions", &[], &body).await });
    while gateway.in_flight() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!gateway.drain().await);
    let body = stream.await.unwrap().body;
    assert!(body.contains(r#""code":"draining""#), "{}", &body[body.len().saturating_sub(300)..]);
    assert!(!body.contains("[DONE]"));
}

#[tokio::test]
async fn after_the_grace_whoever_waits_for_an_answer_is_told() {
    let simulator = provider(r#"{"defaults":{"latencyMs":60000}}"#).await;
    let more = "server: {grace_ms: 200}";
    let gateway = gateway_with(&[instance("one", &simulator, &["m"])], more).await;
    let to = gateway.address();
    let asked = ["", r#","stream":true"#].map(|stream| {
        let body = chat("m", stream);
        tokio::spawn(async move { request(to, "POST", "/v1/chat/completions", &[], &body).await })
    });
    while gateway.in_flight() < asked.len() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(!gateway.drain().await);
    for answer in asked {
        let answer = answer.await.unwrap();
        assert_eq!((answer.status, answer.at("/error/code")), (503, "draining".into()));
    }
}

#[tokio::test]
async fn the_grace_can_be_cut_short() {
    let simulator = provider(r#"{"defaults":{"tokens":100000,"tokenIntervalMs":20}}"#).await;
    let more = "server: {grace_ms: 600000}";
    let gateway = gateway_with(&[instance("one", &simulator, &["m"])], more).await;
    let to = gateway.address();
    let body = chat("m", r#","stream":true"#);
    let stream =
        tokio::spawn(async move { request(to, "POST", "/v1/chat/completions", &[], &body).await });
    while gateway.in_flight() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let cut = gateway.cut();
    let drained = tokio::spawn(gateway.drain());
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!drained.is_finished());
    cut.now();
    let finished = tokio::time::timeout(Duration::from_mins(1), drained).await;
    assert!(!finished.expect("the grace is waited for").unwrap());
    assert!(stream.await.unwrap().body.contains(r#""code":"draining""#));
}

#[tokio::test]
async fn a_client_who_does_not_read_holds_nothing_for_good() {
    // More than the system takes in by itself.
    let simulator = provider(r#"{"defaults":{"tokens":1000000}}"#).await;
    let body = chat("m", r#","stream":true"#);
    for (more, header) in [
        ("server: {limits: {unread_ms: 500}}", ""),
        ("routing: {timeouts: {total_ms: 500}}", ""),
        ("", "x-mm-deadline: 500\r\n"),
    ] {
        let gateway = gateway_with(&[instance("one", &simulator, &["m"])], more).await;
        let to = gateway.address();
        let mut client = tokio::net::TcpStream::connect(to).await.unwrap();
        let head = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: {to}\r\n{header}\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        client.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        client.readable().await.unwrap();
        assert_eq!(gateway.in_flight(), 1);
        let left = async {
            while gateway.in_flight() > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let left = tokio::time::timeout(Duration::from_secs(20), left).await;
        assert!(left.is_ok(), "it is held: {more} {header}");
    }
}

#[tokio::test]
async fn another_configuration_takes_over_and_a_bad_one_does_not() {
    let simulator = provider("{}").await;
    let gateway = gateway(&[instance("one", &simulator, &["m"])]).await;
    let one = [instance("two", &simulator, &["n"])];
    gateway.reload(super::support::config(&one, "")).unwrap();
    assert_eq!(ask(&gateway, &chat("m", "")).await.status, 404);
    assert_eq!(ask(&gateway, &chat("n", "")).await.header("x-mm-target"), Some("two/n"));
    let mut bad = super::support::config(&[instance("three", &simulator, &["n"])], "");
    bad.instances[0].ca_file = Some("/no/such/file.pem".into());
    let error = gateway.reload(bad).unwrap_err().to_string();
    assert!(error.contains("three") && error.contains("/no/such/file.pem"), "{error}");
    assert_eq!(ask(&gateway, &chat("n", "")).await.header("x-mm-target"), Some("two/n"));
}

#[tokio::test]
async fn tls_is_spoken_with_the_configured_certificate() {
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    let folder = std::env::temp_dir().join(format!("mm-gateway-tls-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let simulator = provider("{}").await;
    let (cert, key) = (cert.display(), key.display());
    let more = format!("server: {{tls: {{cert_file: \"{cert}\", key_file: \"{key}\"}}}}");
    let secure = gateway_with(&[instance("one", &simulator, &["m"])], &more).await;
    assert!(secure.url().starts_with("https://127.0.0.1:"));
    // Who else speaks TLS here than another gateway?
    let second = format!(
        "  - {{id: secure, type: openai-compatible, base_url: \"{}/v1\", api_key: k, models: [m], \
         ca_file: \"{cert}\"}}\n",
        secure.url()
    );
    let stranger = format!(
        "  - {{id: secure, type: openai-compatible, base_url: \"{}/v1\", api_key: k, models: [m]}}\n",
        secure.url()
    );
    let answer = ask(&gateway(&[second]).await, &chat("m", "")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(ask(&gateway(&[stranger]).await, &chat("m", "")).await.status, 502);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn a_reply_has_the_name_that_was_asked_for_where_that_is_wished() {
    let simulator = provider("{}").await;
    let more = "aliases: {fast: m}\nrouting: {response_model: requested}";
    let gateway = gateway_with(&[instance("one", &simulator, &["m"])], more).await;
    let answer = ask(&gateway, &chat("fast", "")).await;
    assert_eq!(answer.at("/model"), "fast");
    let stream = ask(&gateway, &chat("fast", r#","stream":true"#)).await.body;
    let events = stream.matches("data: {").count();
    assert!(events > 2 && stream.matches("\"model\":\"fast\"").count() == events, "{stream}");
}

#[tokio::test]
async fn a_reply_may_be_only_so_large() {
    let simulator = provider(r#"{"defaults":{"bodyBytes":100000}}"#).await;
    let more = "server: {limits: {reply_bytes: 50000}}";
    let gateway = gateway_with(&[instance("one", &simulator, &["m"])], more).await;
    assert_eq!(ask(&gateway, &chat("m", "")).await.status, 502);
}
