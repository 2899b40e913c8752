//! Names that stand for models of a size, and a catalogue of one's own.

use super::support::{ask, chat, gateway_with, instance, limited, metric, provider};

const CATALOGUE: &str = "catalogue:
  providers: [{id: house, key_optional: true}]
  models:
    - {id: large, tier: 4, offers: [{provider: house, id: large}]}
    - {id: small, tier: 1, offers: [{provider: house, id: s1, price: {input_per_million: 1000, output_per_million: 1000}}]}
  generic: {cheap: 1}
";

#[tokio::test]
async fn a_name_for_a_size_goes_to_the_models_of_that_size() {
    let simulator = provider("{}").await;
    let gateway = gateway_with(
        &[instance("one", &simulator, &["unknown", "large", "{name: small, model_name: s1}"])
            .replace("openai-compatible", "house")],
        CATALOGUE,
    )
    .await;
    for (name, target) in [
        ("cheap", Some("one/small")),
        ("fast", Some("one/small")),
        ("best-small", Some("one/small")),
        ("best-xl", Some("one/large")),
        ("best", Some("one/large")),
        ("best-medium", None),
    ] {
        let answer = ask(&gateway, &chat(name, "")).await;
        assert_eq!(answer.header("x-mm-target"), target, "{name}: {answer:?}");
        assert_eq!(answer.status, if target.is_some() { 200 } else { 404 }, "{name}");
    }
    let cost = "model_multiplexer_cost_dollars_total{target=\"one/small\"";
    assert!(metric(&gateway, cost).await.unwrap() > 0.0);
}

#[tokio::test]
async fn where_any_size_will_do_the_next_smaller_one_is_asked_when_the_largest_cannot_be() {
    let (busy, free) = (limited().await, provider("{}").await);
    let instances = [
        instance("one", &free, &["unknown", "{name: small, model_name: s1}"]),
        instance("two", &busy, &["large"]),
    ];
    let instances = instances.map(|text| text.replace("openai-compatible", "house"));
    let gateway = gateway_with(&instances, CATALOGUE).await;
    for attempts in ["2", "1"] {
        let answer = ask(&gateway, &chat("best", "")).await;
        assert_eq!(answer.header("x-mm-target"), Some("one/small"), "{answer:?}");
        assert_eq!(answer.header("x-mm-attempts"), Some(attempts));
    }
}

#[tokio::test]
async fn a_name_of_ones_own_comes_before_that_of_a_size() {
    let simulator = provider("{}").await;
    let text = instance("one", &simulator, &["best", "large", "{name: small, model_name: s1}"])
        .replace("openai-compatible", "house");
    let gateway = gateway_with(&[text], &format!("{CATALOGUE}aliases: {{fast: large}}")).await;
    for (name, target) in [("best", "one/best"), ("fast", "one/large"), ("cheap", "one/small")] {
        let answer = ask(&gateway, &chat(name, "")).await;
        assert_eq!(answer.header("x-mm-target"), Some(target), "{name}");
    }
}
