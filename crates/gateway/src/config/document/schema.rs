//! The JSON Schema of the configuration, made from the types that read it. `schema/` holds it for
//! editors; a test here keeps it current.

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use serde_json::{Map, Value, json};

use super::Document;
use crate::config::tree::{self, Node};

/// Where it is kept, and published with the package.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/providers.schema.json");
/// A value that a variable brings.
const REFERENCE: &str = "\\$\\{[^}]+\\}";

fn schema() -> Value {
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<Document>();
    AsWritten.transform(&mut schema);
    let mut schema = schema.to_value();
    schema["title"] = json!("model-multiplexer: providers.yaml");
    schema
}

/// What a file may have that the types do not show: variables in the place of numbers and truth
/// values, nothing in the place of a section, and names in TypeScript's spelling.
struct AsWritten;

impl Transform for AsWritten {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        let Some(object) = schema.as_object_mut() else { return };
        spell_as_typescript(object);
        allow_references(object);
    }
}

fn spell_as_typescript(object: &mut Map<String, Value>) {
    if object.get("additionalProperties") != Some(&json!(false)) {
        return;
    }
    let Some(Value::Object(fields)) = object.get_mut("properties") else { return };
    for (name, field) in fields.clone() {
        let spelling = camel_case(&name);
        if spelling != name {
            fields.insert(spelling, field);
        }
    }
    // Of a required field either spelling is enough: that it is there is checked by the gateway.
    if let Some(Value::Array(required)) = object.get_mut("required") {
        required.retain(|name| name.as_str().is_some_and(|name| camel_case(name) == name));
    }
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let (first, rest) = word.split_at(1);
        camel.push_str(&first.to_ascii_uppercase());
        camel.push_str(rest);
    }
    if camel == "baseUrl" { "baseURL".to_owned() } else { camel }
}

fn allow_references(object: &mut Map<String, Value>) {
    let is_bare = |kind: &Value| matches!(kind.as_str(), Some("integer" | "number" | "boolean"));
    let bare = match object.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(is_bare),
        Some(kind) => is_bare(kind),
        None => false,
    };
    if !bare {
        return;
    }
    let about = ["description", "default"].map(|key| (key, object.remove(key)));
    let itself = Value::Object(std::mem::take(object));
    let reference = json!({ "type": "string", "pattern": REFERENCE });
    object.insert("anyOf".to_owned(), json!([itself, reference]));
    for (key, value) in about {
        if let Some(value) = value {
            object.insert(key.to_owned(), value);
        }
    }
}

/// YAML as an editor sees it.
fn as_json(node: &Node) -> Value {
    match &node.value {
        tree::Value::Null => Value::Null,
        tree::Value::List(items) => items.iter().map(as_json).collect(),
        tree::Value::Map(fields) => {
            let fields = fields.iter().map(|(key, node)| (key.text.clone(), as_json(node)));
            Value::Object(fields.collect())
        }
        tree::Value::Scalar(scalar) if scalar.plain => {
            serde_json::from_str(&scalar.text).unwrap_or_else(|_| json!(scalar.text))
        }
        tree::Value::Scalar(scalar) => json!(scalar.text),
    }
}

fn complaints(text: &str) -> Vec<String> {
    let kept = std::fs::read_to_string(FILE).expect("the schema is kept");
    let kept: Value = serde_json::from_str(&kept).expect("JSON");
    let validator = jsonschema::validator_for(&kept).expect("a schema");
    let instance = as_json(&tree::read(text).expect("YAML"));
    validator.iter_errors(&instance).map(|error| error.to_string()).collect()
}

/// Run with `UPDATE_SCHEMA=1` to write it anew.
#[test]
fn the_schema_that_is_kept_is_that_of_the_types() {
    let text = format!("{:#}\n", schema());
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(FILE, &text).expect("written");
    }
    let kept = std::fs::read_to_string(FILE).expect("the schema is kept");
    assert_eq!(kept, text, "run this test with UPDATE_SCHEMA=1");
}

#[test]
fn the_schema_accepts_what_the_gateway_accepts() {
    for (name, text) in crate::config::read::tests::ACCEPTED {
        assert_eq!(complaints(text), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn the_schema_rejects_fields_and_values_that_do_not_exist() {
    let instance = "providers:\n  - {id: a, type: openai, api_key: k, models: [m]";
    let table = [
        "routing: {}".to_owned(),
        format!("{instance}, api_kye: k}}"),
        format!("{instance}, weight: 0}}"),
        format!("{instance}, priority: 2000}}"),
        format!("{instance}, tier: third}}"),
        format!("{instance}}}\nroutng: {{}}"),
        format!("{instance}}}\nrouting: {{default_strategy: best}}"),
        format!("{instance}}}\nserver: {{port: 70000}}"),
        format!("{instance}}}\nclients: [{{name: a, keys: []}}]"),
        "providers:\n  - {id: a, type: openai, models: []}".to_owned(),
    ];
    for text in table {
        assert!(!complaints(&text).is_empty(), "{text}");
    }
}
