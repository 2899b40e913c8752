//! What is read, and what is said of what cannot be.

use std::time::Duration;

use model_multiplexer_core::fleet::{Strategy, Tier};
use model_multiplexer_core::multiplexer::FirstToken;
use model_multiplexer_core::outcome::{Domain, Outcome};
use model_multiplexer_core::policy::{Preset, Rule};
use model_multiplexer_core::quota::Zone;
use model_multiplexer_core::recovery::Prefill;

use super::*;
use crate::config::{
    KeyHash, LogFormat, LogLevel, MidStream, Period, Proxy, ResponseModel, Secret, State, Windows,
};

const SMALL: &str = "
providers:
  - id: a
    type: openai
    api_key: sk-a
    models: [m]
";

/// The file that `MultiRouter` AI's README shows, in its fields and order.
const MULTIROUTER: &str = "
routing:
  default_strategy: exhaust # exhaust | round-robin
  retry_after_seconds: 300

providers:
  - id: groq-1
    type: groq
    api_key: gsk_one
    models:
      - llama-3.3-70b-versatile
      - llama-3.1-8b-instant
    priority: 1
  - id: groq-2
    type: groq
    api_key: ${GROQ_2}
    models:
      - llama-3.3-70b-versatile
  - id: gemini-1
    type: gemini
    api_key:
    models:
      - gemini-2.5-flash
  - id: ollama
    type: openai-compatible
    base_url: http://localhost:11434/v1/
    api_key: ollama
    models:
      - llama3.2
";

/// Every field there is.
const EVERYTHING: &str = "
providers:
  - &groq
    id: groq-1
    type: groq
    api_key: ['${GROQ_1}', '${NONE}', gsk_2]
    base_url: https://groq.example/openai/v1
    enabled: true
    priority: 3
    tier: primary
    weight: 5
    max_concurrent: 8
    prefill: continue_final_message
    limits: {rpm: 30, rph: 1000, rpd: 14400, tpm: 6000, tph: 60000, tpd: 500000, concurrent: 6, windows: sliding, time_zone: America/Los_Angeles}
    shared_limits: {account: {rpd: 20000}, model: {concurrent: 9}, provider: {tpm: 70000, windows: sliding}}
    tags: {region: eu}
    account: team
    provider: groq-eu
    headers: {X-Team: '${GROQ_1}'}
    proxy: http://user:pass@proxy:3128
    http2: true
    ca_file: ca.pem
    client_certificate: {cert_file: client.pem, key_file: /run/client.key}
    models:
      - name: llama
        model_name: llama-3.3-70b-versatile
        priority: 2
        tier: fallback
        weight: 7
        max_concurrent: 4
        limits: {rpm: 10}
        tags: {size: large}
        context_window: 131072
        finish_optional: true
        prefill: none
      - small
  - <<: *groq
    id: groq-2
    proxy: false
    enabled: ${ENABLED:-true}
  - id: house
    type: house
    priority: 3
    models: [{name: house-7b, model_name: h7}]
catalogue:
  providers:
    - {id: house, base_url: 'http://llm.internal:8000/v1', key_optional: true, zone: Europe/Berlin, prefill: assistant, prefill_base_url: 'http://llm.internal:8000/v1/'}
    - {id: groq, key_optional: false}
  models:
    - id: house-7b
      tier: 1
      context_window: 32000
      offers:
        - {provider: house, id: h7, price: {input_per_million: 0.1, output_per_million: 0.5}}
        - {provider: groq, id: h7, context_window: 16000, prefill: prefix}
  generic: {cheap: 1, any: null}
routing:
  defaultStrategy: round-robin
  policy: resilient
  outcomes: {unavailable: retry, content_refused: giveUp}
  cooldown: {default_ms: 60000, failure_ms: 2000, min_ms: 1000, max_ms: 600000}
  timeouts: {connect_ms: 0, firstTokenMs: 8000, stall_ms: 30000, total_ms: 600000}
  max_wait_ms: 2000
  mid_stream: recover
  hedge: {after_ms: 900, max_share: 0.1}
  retry_budget: {share: 0.5, min_per_second: 2}
  responseModel: requested
aliases:
  fast: small
  both: [llama, groq-1/small]
  turn: {models: [small, llama], strategy: least-used}
fallbacks:
  llama: small
  small: [llama]
clients:
  - name: alice
    keys:
      - {sha256: 0000000000000000000000000000000000000000000000000000000000000001, expires: 2027-01-31}
      - {key: '${ALICE}', expires: '2027-01-31T12:00:00+02:00'}
    models: ['llama*']
    rpm: 60
    tpm: 100000
    budget: {usd: 12.5, per: day}
server:
  host: 0.0.0.0
  port: 8080
  tls: {cert_file: server.pem, key_file: server.key}
  allow_public_without_key: false
  hosts: [LLM.example.com]
  trusted_proxies: [10.0.0.0/8, '::1']
  cors: ['https://chat.example.com']
  rate_limit_max: 0
  limits: {body_bytes: 1, head_bytes: 2, reply_bytes: 3, event_bytes: 4, retained_bytes: 5, connections: 6, requests: 7, arrival_ms: 8}
  grace_ms: 5000
log: {level: warn, format: json, access: false}
state:
  redis: {url: 'redis://:pw@localhost', prefix: 'mm:', on_state_loss: share}
";

/// Files that are right, by name.
pub(in crate::config) const ACCEPTED: [(&str, &str); 3] =
    [("small", SMALL), ("MultiRouter AI's", MULTIROUTER), ("everything", EVERYTHING)];

fn read_with(text: &str, environment: &[(&str, &str)]) -> Result<Config, Problems> {
    let surroundings = Surroundings {
        variable: &|name| {
            let found = environment.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        },
        file: &|path| match path.to_str() {
            Some(path) if path.contains("missing") => Err("no such file".to_owned()),
            _ => Ok("text\n".to_owned()),
        },
        folder: Path::new("/etc/mm"),
    };
    Config::read(Source { name: "providers.yaml", text }, &surroundings, &Overrides::default())
}

const VARIABLES: [(&str, &str); 2] =
    [("GROQ_1", "gsk_1"), ("ALICE", "a-key-that-nobody-guesses-0123456789")];

fn everything() -> Config {
    read_with(EVERYTHING, &VARIABLES).expect("right")
}

#[test]
fn the_file_of_multirouter_ai_works_unchanged() {
    let config = read_with(MULTIROUTER, &[]).expect("right");
    let ids: Vec<_> = config.instances.iter().map(|instance| &*instance.id).collect();
    assert_eq!(ids, ["groq-1", "ollama"]);
    let skipped: Vec<_> = config.skipped.iter().map(|skipped| &*skipped.id).collect();
    assert_eq!(skipped, ["groq-2", "gemini-1"], "a variable that is not set, and nothing");
    assert_eq!(config.instances[1].base_url, "http://localhost:11434/v1");
    assert_eq!(config.routing.strategy, Strategy::Priority);
    assert_eq!(config.routing.policy, Preset::Resilient);
    assert_eq!(config.routing.cooldown.default, Duration::from_mins(5));
    let mut tiers = config.instances.iter().flat_map(|instance| &instance.models);
    assert!(tiers.all(|model| model.tier == Tier::PRIMARY), "the order of the file holds");
}

#[test]
fn every_field_has_its_effect() {
    let config = everything();
    let [one, two, house] = &config.instances[..] else { panic!("three instances") };
    assert_eq!(one.keys, [Secret::new("gsk_1"), Secret::new("gsk_2")]);
    assert_eq!((&*one.account, &*one.provider, one.http2), ("team", "groq-eu", true));
    assert_eq!(one.headers["x-team"], Secret::new("gsk_1"));
    assert_eq!(one.proxy, Proxy::Url(Secret::new("http://user:pass@proxy:3128")));
    assert_eq!(two.proxy, Proxy::None);
    assert_eq!(one.ca_file.as_deref(), Some(Path::new("/etc/mm/ca.pem")));
    let certificate = one.client_certificate.as_ref().expect("there");
    assert_eq!(certificate.key_file, Path::new("/run/client.key"));
    assert_eq!(one.limits.rph.map(u64::from), Some(1000));
    assert_eq!(one.limits.windows, Windows::Sliding);
    assert_eq!(one.limits.concurrent.map(u32::from), Some(6));
    let shared = &one.shared_limits;
    assert_eq!(shared[&Domain::Account].rpd.map(u64::from), Some(20_000));
    assert_eq!(shared[&Domain::Model].concurrent.map(u32::from), Some(9));
    assert_eq!(shared[&Domain::Provider].windows, Windows::Sliding);
    let own = &house.models[0];
    assert_eq!((&*house.base_url, house.keys.len()), ("http://llm.internal:8000/v1", 0));
    assert_eq!((own.size, own.prefill), (Some(1), Some(Prefill::Assistant)));
    assert_eq!(own.context_window.map(u32::from), Some(32_000));
    assert_eq!(own.price.and_then(|price| price.output_per_million), Some(0.5));
    assert_eq!((config.generic["cheap"], config.generic["any"]), (Some(1), None));
    let [llama, small] = &one.models[..] else { panic!("two models") };
    assert_eq!((&*llama.name, &*llama.model_name), ("llama", "llama-3.3-70b-versatile"));
    assert_eq!((&*small.name, &*small.model_name), ("small", "small"));
    assert_eq!((llama.tier, small.tier), (Tier(1), Tier(0)));
    assert_eq!((llama.weight.get(), small.weight.get()), (7, 5));
    assert_eq!(llama.max_concurrent.map(u32::from), Some(4));
    assert_eq!(small.max_concurrent.map(u32::from), Some(8));
    assert_eq!(llama.limits.rpm.map(u64::from), Some(10));
    assert_eq!((llama.tags.len(), small.tags.len()), (2, 1));
    assert_eq!(llama.context_window.map(u32::from), Some(131_072));
    assert!(llama.finish_optional);
    assert_eq!((llama.prefill, small.prefill), (None, Some(Prefill::ContinueFinalMessage)));
}

#[test]
fn routing_and_names_are_as_written() {
    let config = everything();
    let routing = &config.routing;
    assert_eq!((routing.strategy, routing.policy), (Strategy::RoundRobin, Preset::Resilient));
    let rules =
        [(Outcome::ContentRefused, Rule::GiveUp), (Outcome::Unavailable, Rule::RetryThenFailOver)];
    assert_eq!(routing.rules, rules);
    assert_eq!(routing.cooldown.max, Duration::from_mins(10));
    assert_eq!(routing.cooldown.failure, Duration::from_secs(2));
    assert_eq!(routing.timeouts.connect, None);
    assert_eq!(routing.timeouts.first_token, FirstToken::Fixed(Some(Duration::from_secs(8))));
    assert_eq!(routing.max_wait, Duration::from_secs(2));
    assert_eq!(routing.mid_stream, MidStream::Recover);
    assert_eq!(routing.hedge.and_then(|hedge| hedge.after), Some(Duration::from_millis(900)));
    assert_eq!(routing.retry_budget.floor_per_second, 2);
    assert_eq!(routing.response_model, ResponseModel::Requested);
    assert_eq!(config.aliases["both"].models, ["llama", "groq-1/small"]);
    assert_eq!(config.aliases["turn"].strategy, Some(Strategy::LeastUsed));
    assert_eq!(config.fallbacks["llama"], ["small"]);
}

#[test]
fn clients_server_log_and_state_are_as_written() {
    let config = everything();
    let [alice] = &config.clients[..] else { panic!("one client") };
    assert_eq!(alice.keys[0].hash.0[31], 1);
    assert_eq!(alice.keys[1].hash, KeyHash::of(VARIABLES[1].1));
    let expiries: Vec<_> = alice
        .keys
        .iter()
        .map(|key| key.expires.map(time::OffsetDateTime::unix_timestamp))
        .collect();
    assert_eq!(expiries, [Some(1_801_353_600), Some(1_801_389_600)]);
    let budget = alice.budget.expect("there");
    assert_eq!((budget.usd, budget.per), (12.5, Period::Day));
    assert_eq!((config.server.port, config.server.ip_rpm), (8080, None));
    assert_eq!(config.server.hosts, ["llm.example.com"]);
    assert_eq!(config.server.trusted_proxies.len(), 2);
    assert_eq!(config.server.bounds.arrival, Duration::from_millis(8));
    assert_eq!(config.server.grace, Duration::from_secs(5));
    assert_eq!((config.log.level, config.log.access), (LogLevel::Warn, false));
    assert!(matches!(config.state, State::Redis { ref prefix, .. } if prefix == "mm:"));
}

#[test]
fn the_environment_counts_before_the_file_and_options_before_both() {
    let environment = [
        ("PORT", "4000"),
        ("LOG_LEVEL", "debug"),
        ("API_KEY", "secret"),
        ("RATE_LIMIT_MAX", "7"),
        ("NODE_ENV", "production"),
    ];
    let text = format!("{SMALL}server: {{port: 5000, rate_limit_max: 9}}\nlog: {{level: error}}");
    let config = read_with(&text, &environment).expect("right");
    assert_eq!(config.server.port, 4000);
    assert_eq!(config.server.ip_rpm.map(u64::from), Some(7));
    assert_eq!((config.log.level, config.log.format), (LogLevel::Debug, Some(LogFormat::Json)));
    assert_eq!(config.clients[0].keys[0].hash, KeyHash::of("secret"));

    let surroundings = Surroundings {
        variable: &|name| (name == "PORT").then(|| "4000".to_owned()),
        file: &|_| Err(String::new()),
        folder: Path::new("."),
    };
    let overrides = Overrides { port: Some(0), host: "::1".parse().ok() };
    let source = Source { name: "x", text: SMALL };
    let config = Config::read(source, &surroundings, &overrides).expect("right");
    assert_eq!((config.server.port, config.server.host.to_string()), (0, "::1".to_owned()));
}

#[test]
fn an_empty_variable_of_the_environment_counts_as_none() {
    let environment = [("PORT", ""), ("API_KEY", ""), ("RATE_LIMIT_MAX", ""), ("LOG_LEVEL", "")];
    let config = read_with(SMALL, &environment).expect("right");
    assert_eq!((config.server.port, config.clients.len()), (3000, 0));
    assert_eq!(config.server.ip_rpm.map(u64::from), Some(100));
}

#[test]
fn a_local_server_needs_no_key_and_a_type_knows_its_url_and_zone() {
    let text = "
providers:
  - {id: a, type: ollama, models: [m]}
  - {id: b, type: ollama, api_key: '${NONE}', models: [m]}
  - {id: c, type: gemini, api_key: k, models: [m]}
";
    let config = read_with(text, &[]).expect("right");
    assert_eq!(config.skipped[0].reason, "it has no API key");
    let [ollama, gemini] = &config.instances[..] else { panic!("two instances") };
    assert_eq!((&*ollama.base_url, ollama.keys.len()), ("http://localhost:11434/v1", 0));
    assert_eq!(Ok(gemini.limits.time_zone.clone()), Zone::named("America/Los_Angeles"));
}

#[test]
fn tiers_follow_priority_and_fallbacks_come_last() {
    let instance = |id: &str, more: &str| {
        format!("  - {{id: {id}, type: openai, api_key: k, models: [m]{more}}}\n")
    };
    let text = format!(
        "providers:\n{}{}{}{}{}",
        instance("a", ""),
        instance("b", ", priority: 0"),
        instance("c", ", tier: fallback, priority: 0"),
        instance("d", ", priority: 9"),
        instance("e", ", priority: 1"),
    );
    let config = read_with(&text, &[]).expect("right");
    let tiers: Vec<_> = config.instances.iter().map(|one| one.models[0].tier.0).collect();
    assert_eq!(tiers, [1, 0, 3, 2, 1]);
}

/// The first problem with a file that is `SMALL` and then this.
fn first(more: &str) -> String {
    let problems = read_with(&format!("{SMALL}{more}"), &[("TOKEN", "s3cret")]).expect_err("wrong");
    problems.0[0].to_string()
}

/// What is added to `SMALL` and what is said of it. Lines count from the empty one that `SMALL`
/// begins with: what is added stands in line 7.
const PROBLEMS: &[(&str, &str)] = &[
    ("routng: {}", "providers.yaml:7: routng: there is no such field; did you mean \"routing\"?"),
    (
        "server:\n  prot: 1",
        "providers.yaml:8: server.prot: there is no such field; did you mean \"port\"?",
    ),
    (
        "log: {colour: red}",
        "providers.yaml:7: log.colour: there is no such field; there are level, format, access",
    ),
    (
        "server: {port: 70000}",
        "providers.yaml:7: server.port: must be a whole number from 0 to 65535, not \"70000\"",
    ),
    (
        "server: {port: \"${TOKEN}\"}",
        "providers.yaml:7: server.port: must be a whole number from 0 to 65535, not the value of ${TOKEN}",
    ),
    (
        "server: {host: \"${NONE}\"}",
        "providers.yaml:7: server.host: the variable NONE is not set; `${NONE:-default}` gives it a default",
    ),
    (
        "routing: {policy: \"${TOKEN}\"}",
        "providers.yaml:7: routing.policy: must be \"compat\" or \"resilient\", not the value of ${TOKEN}",
    ),
    (
        "routing: {default_strategy: exhausted}",
        "providers.yaml:7: routing.default_strategy: must be \"exhaust\", \"priority\", \"round-robin\", \"weighted\", \"sticky\", \"latency\", \"least-busy\" or \"least-used\", not \"exhausted\"",
    ),
    (
        "routing: {outcomes: {rate_limitd: giveUp}}",
        "providers.yaml:7: routing.outcomes.rate_limitd: there is no such failure; did you mean \"rate_limited\"?",
    ),
    (
        "routing: {outcomes: {rate_limited: retry}}",
        "providers.yaml:7: routing.outcomes.rate_limited: must be \"giveUp\" or \"failOver\", not \"retry\"",
    ),
    ("routing: []", "providers.yaml:7: routing: must be a map, not a list"),
    ("log: {access: yes}", "providers.yaml:7: log.access: must be true or false, not \"yes\""),
    (
        "routing: {retry_after_seconds: 0}",
        "providers.yaml:7: routing.retry_after_seconds: must be longer than 0 and at most 24 hours",
    ),
    (
        "routing: {max_wait_ms: 1, maxWaitMs: 2}",
        "providers.yaml:7: routing.max_wait_ms: is given twice, in two spellings",
    ),
    (
        "aliases: {fast: n}",
        "providers.yaml:7: aliases.fast: no instance has the model \"n\"; did you mean \"m\"?",
    ),
    ("aliases: {m: m}", "providers.yaml:7: aliases.m: is the name of a model already"),
    ("fallbacks:\n  m: m", "providers.yaml:8: fallbacks.m: \"m\" cannot be its own fallback"),
    (
        "clients:\n- name: a\n  keys: [{sha256: abc}]",
        "providers.yaml:9: clients[0].keys[0].sha256: must be 64 hexadecimal digits",
    ),
    (
        "clients:\n- name: a\n  keys: [{}]",
        "providers.yaml:9: clients[0].keys[0]: must have either `sha256` or `key`",
    ),
    (
        "clients:\n- name: a\n  rpm: 0\n  keys: []",
        "providers.yaml:9: clients[0].rpm: must be a whole number of at least 1, not 0",
    ),
    ("clients:\n- keys: []", "providers.yaml:8: clients[0].name: is missing"),
    (
        "server: {hosts: [http://x]}",
        "providers.yaml:7: server.hosts[0]: must be a host's name, as \"llm.example.com\", not \"http://x\"",
    ),
    (
        "server: {trusted_proxies: [10.0.0.0/99]}",
        "providers.yaml:7: server.trusted_proxies[0]: must be an address or a network, as \"10.0.0.0/8\", not \"10.0.0.0/99\"",
    ),
    (
        "server: {cors: ['*']}",
        "providers.yaml:7: server.cors[0]: must be an origin, as \"https://chat.example.com\", not \"*\"",
    ),
    (
        "server:\n  tls:\n    cert_file: missing.pem\n    key_file: key.pem",
        "providers.yaml:9: server.tls.cert_file: cannot read /etc/mm/missing.pem: no such file",
    ),
    (
        "state: {file: {path: x}, redis: {url: 'redis://x'}}",
        "providers.yaml:7: state: is kept either in `file` or in `redis`",
    ),
    (
        "state: {redis: {url: 'http://x'}}",
        "providers.yaml:7: state.redis.url: must begin with redis:// or rediss://",
    ),
    ("providers: []", "providers.yaml:7: \"providers\" is given twice, first in line 2"),
    (
        "routing: {policy: compat, mid_stream: recover}",
        "providers.yaml:7: routing.mid_stream: \"recover\" needs policy: resilient",
    ),
    ("catalogue: {models: [{id: x}]}", "providers.yaml:7: catalogue: missing field `tier`"),
    (
        "catalogue: {providers: [{id: x, prefill: yes}]}",
        "providers.yaml:7: catalogue.providers[0].prefill: must be \"prefix\", \"continue_final_message\" or \"assistant\", not \"yes\"",
    ),
    (
        "log: {level: \"${TOKEN\"}",
        "providers.yaml:7: `${` without its `}`; `$${` stands for `${` itself",
    ),
];

#[test]
fn a_problem_names_file_line_field_value_and_what_would_be_right() {
    for (more, expected) in PROBLEMS {
        assert_eq!(first(more), *expected, "{more}");
    }
}

#[test]
fn what_a_catalogue_refers_to_must_be_there() {
    let told = first("catalogue: {models: [{id: x, tier: 1, offers: [{provider: no, id: x}]}]}");
    assert!(told.starts_with("providers.yaml:7: catalogue: "), "{told}");
    assert!(told.ends_with("(\"x\"): there is no provider \"no\""), "{told}");
}

#[test]
fn what_is_wrong_with_an_instance_is_told_at_its_place() {
    let table = [
        ("id: a b", "id: must be 1 to 100 letters, digits or any of - _ . : @, not \"a b\""),
        (
            "base_url: ftp://x",
            "base_url: must be an http(s) URL without a name and a password, as \"http://localhost:11434/v1\"",
        ),
        (
            "base_url: http://u:p@x",
            "base_url: must be an http(s) URL without a name and a password, as \"http://localhost:11434/v1\"",
        ),
        ("type: openai-compatible", "base_url: is missing: the type openai-compatible needs it"),
        ("type: opnai", "type: there is no type \"opnai\"; did you mean \"openai\"?"),
        ("type: azure", "base_url: is missing: the type azure needs it"),
        ("models: []", "models: must have at least one model"),
        ("models: [m, m]", "models[1]: \"m\" is there twice"),
        (
            "models: [multirouter-auto]",
            "models[0]: \"multirouter-auto\" stands for every instance in its turn",
        ),
        ("models: [{nam: m}]", "models[0].nam: there is no such field; did you mean \"name\"?"),
        ("models: [[m]]", "models[0]: must be text or a map, not a list"),
        ("weight: -1", "weight: must be a whole number from 0 to 18446744073709551615, not \"-1\""),
        ("api_key: \"a\\nb\"", "api_key: has a character that no HTTP header may have"),
        ("headers: {\"a b\": c}", "headers.a b: is not the name of an HTTP header"),
        (
            "proxy: socks5://x",
            "proxy: must be an http(s) URL, as \"http://proxy:3128\", or false for none",
        ),
        (
            "models: [{name: m, limits: {concurrent: 2}}]",
            "models[0].limits.concurrent: a model's own is max_concurrent, beside limits",
        ),
        ("limits: {rpn: 1}", "limits.rpn: there is no such field; did you mean \"rpm\"?"),
    ];
    for (field, expected) in table {
        let name = field.split(':').next().unwrap_or_default();
        let usual = ["id: z", "type: openai", "api_key: k", "models: [m]"];
        let rest = usual.iter().filter(|line| !line.starts_with(&format!("{name}:")));
        let rest: Vec<_> = rest.copied().collect();
        let text = format!("providers:\n  - {field}\n    {}", rest.join("\n    "));
        let problems = read_with(&text, &[]).expect_err("wrong");
        let told = problems.0[0].to_string();
        assert_eq!(told, format!("providers.yaml:2: providers[0].{expected}"), "{field}");
    }
}

#[test]
fn all_that_does_not_go_together_is_told_at_once() {
    let text = "
providers:
  - {id: a, type: openai-compatible, api_key: k, models: [m]}
  - {id: a, type: openai, api_key: k, models: [m]}
server: {host: 0.0.0.0}
";
    let problems = read_with(text, &[("PORT", "x")]).expect_err("wrong");
    let lines: Vec<_> = problems.0.iter().map(|problem| (problem.line, &*problem.field)).collect();
    let expected = [
        (None, "PORT"),
        (Some(3), "providers[0].base_url"),
        (Some(4), "providers[1].id"),
        (Some(5), "server.host"),
    ];
    assert_eq!(lines, expected, "{problems}");
}

#[test]
fn a_public_address_needs_a_key_that_is_hard_to_guess() {
    let text = format!("{SMALL}server: {{host: 0.0.0.0}}");
    let told = |key: &str| match read_with(&text, &[("API_KEY", key)]) {
        Ok(_) => None,
        Err(problems) => Some(problems.to_string()),
    };
    assert!(told("").is_some_and(|told| told.contains("nobody needs a key")));
    assert!(told("your-api-key").is_some_and(|told| told.contains("can be guessed")));
    assert!(
        told("aaaaaaaaaaaaaaaaaaaaaaaaaaaa").is_some_and(|told| told.contains("can be guessed"))
    );
    assert_eq!(told("wJ8v3kq0ZpX2nT5cR7yB1mL4"), None);
    let meant = text.replace("0.0.0.0", "0.0.0.0, allow_public_without_key: true");
    assert!(read_with(&meant, &[]).is_ok());
}

#[test]
fn no_secret_is_in_a_configuration_that_is_printed() {
    let printed = format!("{:?}", everything());
    for secret in ["gsk_1", "gsk_2", "user:pass", ":pw@", VARIABLES[1].1] {
        assert!(!printed.contains(secret), "{secret}");
    }
}

#[test]
fn an_empty_file_and_one_that_is_not_a_map_are_told() {
    let told = |text: &str| read_with(text, &[]).expect_err("wrong").to_string();
    assert_eq!(told(""), "providers.yaml:1: providers: is missing");
    assert_eq!(told("- a"), "providers.yaml:1: must be a map, not a list");
    assert_eq!(told("providers:"), "providers.yaml:1: providers: must have at least one instance");
}

proptest::proptest! {
    /// A file with a piece missing, doubled or replaced is read or refused, whatever it was.
    #[test]
    fn no_damage_to_a_file_ends_the_program(
        from in 0..EVERYTHING.len(),
        length in 0..200_usize,
        piece in "[-a-z0-9:{}\\[\\],&*!|>%@`'\"#$~? \n\t\u{0}\u{feff}]{0,12}",
        twice in proptest::bool::ANY,
    ) {
        let to = (from + length).min(EVERYTHING.len());
        let (before, after) = (&EVERYTHING[..from], &EVERYTHING[to..]);
        let again = if twice { &EVERYTHING[from..to] } else { "" };
        let text = format!("{before}{piece}{again}{again}{after}");
        if let Err(problems) = read_with(&text, &VARIABLES) {
            proptest::prop_assert!(!problems.0.is_empty());
            let told = problems.to_string();
            proptest::prop_assert!(!told.contains("gsk_1"), "{told}");
        }
    }
}
