use super::*;

fn overridden(json: &str) -> Catalogue {
    Catalogue::with_overrides(json).unwrap()
}

fn complaint(json: &str) -> String {
    Catalogue::with_overrides(json).unwrap_err().to_string()
}

#[test]
fn the_built_in_data_is_read_and_every_offer_says_where_it_is_from_and_of_when() {
    let catalogue = Catalogue::built_in();
    assert_eq!(catalogue.providers().len(), 17);
    assert!(catalogue.models().len() >= 50);
    for model in catalogue.models() {
        assert!((1..=4).contains(&model.tier), "{}", model.id);
        assert!(!model.offers.is_empty(), "{}", model.id);
        for offer in &model.offers {
            assert!(offer.source.is_some() && offer.as_of.is_some(), "{} {}", model.id, offer.id);
            let price = offer.price.unwrap_or_default();
            let parts =
                [price.input_per_million, price.output_per_million, price.cached_input_per_million];
            // What is not known is absent, never nothing.
            assert!(parts.into_iter().flatten().all(|part| part > 0.0), "{}", offer.id);
        }
    }
}

#[test]
fn every_provider_says_where_it_is_unless_each_customer_has_one() {
    for provider in Catalogue::built_in().providers() {
        let has_none = matches!(provider.id.as_str(), "azure" | "openai-compatible");
        assert_eq!(provider.base_url.is_none(), has_none, "{}", provider.id);
        let names_a_key = !provider.api_key_env.is_empty();
        assert!(names_a_key || provider.key_optional, "{}", provider.id);
        assert!(provider.source.is_some() && provider.as_of.is_some(), "{}", provider.id);
    }
}

#[test]
fn a_model_is_known_by_its_id_its_aliases_and_the_names_that_providers_give_it() {
    let catalogue = Catalogue::built_in();
    for name in ["llama-3.3-70b", "LLAMA-3.3-70B-Versatile", "meta/llama-3.3-70b-instruct"] {
        assert_eq!(catalogue.resolve(name), Some(Resolved::Model("llama-3.3-70b")), "{name}");
    }
    assert_eq!(catalogue.resolve("no-such-model"), None);
}

#[test]
fn a_generic_name_stands_for_a_tier() {
    let catalogue = Catalogue::built_in();
    let table = [
        ("best", None),
        ("Best-XL", Some(4)),
        ("best-large", Some(3)),
        ("best-medium", Some(2)),
        ("best-small", Some(1)),
        ("fast", Some(1)),
    ];
    for (name, tier) in table {
        assert_eq!(catalogue.resolve(name), Some(Resolved::Tier(tier)), "{name}");
    }
}

#[test]
fn the_free_plan_is_the_offers_else_the_providers_else_there_is_none() {
    let catalogue = Catalogue::built_in();
    let rpm = |provider, model| catalogue.free_plan(provider, model).and_then(|plan| plan.rpm);
    assert_eq!(rpm("groq", "openai/gpt-oss-120b"), Some(30));
    let plan = catalogue.free_plan("groq", "openai/gpt-oss-120b").unwrap();
    assert_eq!((plan.rpd, plan.tpm), (Some(1_000), Some(8_000)));
    assert_eq!(rpm("openrouter", "openai/gpt-oss-120b:free"), Some(20));
    assert_eq!(rpm("openrouter", "openai/gpt-4o"), None);
    assert_eq!(rpm("nvidia-nim", "what-nobody-knows"), Some(40));
    assert_eq!(rpm("openai", "gpt-4o"), None);
}

#[test]
fn geminis_day_begins_in_california() {
    let gemini = Catalogue::built_in().provider("gemini").unwrap();
    assert_eq!(gemini.zone, "America/Los_Angeles");
}

#[test]
fn an_entry_of_the_users_replaces_what_it_names_and_leaves_the_rest() {
    let catalogue = overridden(
        r#"{
            "providers": [{"id": "groq", "baseUrl": "http://localhost:1/v1", "freePlan": {"rpm": 7}}],
            "models": [{"id": "llama-3.1-8b", "tier": 2, "offers": [
                {"provider": "groq", "id": "llama-3.1-8b-instant", "freePlan": null}
            ]}]
        }"#,
    );
    let groq = catalogue.provider("groq").unwrap();
    assert_eq!(groq.base_url.as_deref(), Some("http://localhost:1/v1"));
    assert_eq!(groq.api_key_env, ["GROQ_API_KEY"]);
    assert_eq!(catalogue.free_plan("groq", "anything").unwrap().rpm, Some(7));
    assert_eq!(catalogue.free_plan("groq", "llama-3.1-8b-instant"), None);
    let model = catalogue.model("llama-3.1-8b").unwrap();
    assert_eq!((model.tier, model.offers.len()), (2, 6));
}

#[test]
fn new_providers_models_and_generic_names_can_be_added() {
    let catalogue = overridden(
        r#"{
            "providers": [{"id": "house", "baseUrl": "http://house/v1", "keyOptional": true}],
            "models": [{"id": "house-1", "tier": 3, "aliases": ["h1"],
                        "offers": [{"provider": "house", "id": "h-one"}]}],
            "generic": {"Cheap": 1}
        }"#,
    );
    for name in ["house-1", "H1", "h-one"] {
        assert_eq!(catalogue.resolve(name), Some(Resolved::Model("house-1")));
    }
    assert_eq!(catalogue.resolve("cheap"), Some(Resolved::Tier(Some(1))));
}

#[test]
fn a_beginning_is_taken_in_the_form_of_the_offer_or_of_the_provider_where_it_is_reached() {
    let catalogue = Catalogue::built_in();
    let beta = "https://api.deepseek.com/beta/";
    let table = [
        ("mistral", "any-model", "https://proxy.example/v1", Some(Prefill::Prefix)),
        ("vllm", "mine", "http://gpu:8000/v1", Some(Prefill::ContinueFinalMessage)),
        ("deepseek", "deepseek-chat", "https://api.deepseek.com/v1", None),
        ("deepseek", "deepseek-chat", beta, Some(Prefill::Prefix)),
        ("openai", "gpt-4o", "https://api.openai.com/v1", None),
        ("nobody", "gpt-4o", "https://api.openai.com/v1", None),
    ];
    for (provider, model, url, form) in table {
        assert_eq!(catalogue.prefill(provider, model, url), form, "{provider} {url}");
    }
    let offers = catalogue.models().iter().flat_map(|model| &model.offers);
    let own = offers.clone().filter(|offer| offer.provider == "anthropic");
    for offer in own {
        assert_eq!(catalogue.prefill("anthropic", &offer.id, "https://a/v1"), offer.prefill);
    }
}

#[test]
fn what_is_wrong_with_an_override_is_said_with_its_place() {
    let table = [
        ("[]", "catalogue: must be an object"),
        (r#"{"model": []}"#, "model: is not known"),
        (r#"{"models": {}}"#, "models: must be an array"),
        (r#"{"models": [{"tier": 1}]}"#, "models[0].id: must be a string"),
        (r#"{"models": [{"id": "new", "tier": "x", "offers": []}]}"#, ".tier: invalid type"),
        (r#"{"models": [{"id": "new", "tier": 1}]}"#, "missing field `offers`"),
        (r#"{"providers": [{"id": "groq", "url": "x"}]}"#, "unknown field `url`"),
        (
            r#"{"models": [{"id": "new", "tier": 1, "offers": [{"provider": "x", "id": "y"}]}]}"#,
            "there is no provider \"x\"",
        ),
        (
            r#"{"models": [{"id": "new", "tier": 1, "aliases": ["gpt-4o"], "offers": []}]}"#,
            "\"gpt-4o\" is a name of \"gpt-4o\" already",
        ),
    ];
    for (json, expected) in table {
        let found = complaint(json);
        assert!(found.contains(expected), "{json}: {found}");
    }
}

#[test]
fn what_hosts_are_given_reads_back_as_the_same() {
    let json = Catalogue::built_in().to_json();
    let again = Catalogue::from_value(serde_json::from_str(&json).unwrap()).unwrap();
    assert_eq!(again.models(), Catalogue::built_in().models());
    assert_eq!(again.providers(), Catalogue::built_in().providers());
}
