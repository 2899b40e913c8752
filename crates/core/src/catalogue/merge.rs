//! The data files as one value, and a user's own laid over it. It does not judge what comes out.

use serde_json::{Map, Value};

use super::CatalogueError;

const PROVIDERS: &str = include_str!("providers.json");
const MODELS: &str = include_str!("models.json");

/// The built-in data: the models' dates and sources stand for each offer that names none.
pub(super) fn built_in() -> Value {
    let mut data = Map::new();
    for text in [PROVIDERS, MODELS] {
        if let Ok(Value::Object(file)) = serde_json::from_str(text) {
            data.extend(file);
        }
    }
    let stated = ["source", "asOf"].map(|name| (name, data.remove(name)));
    let models = data.get_mut("models").and_then(Value::as_array_mut);
    for offer in models.into_iter().flatten().filter_map(offers_of).flatten() {
        let Value::Object(offer) = offer else { continue };
        for (name, value) in &stated {
            if let Some(value) = value {
                offer.entry(*name).or_insert_with(|| value.clone());
            }
        }
    }
    Value::Object(data)
}

fn offers_of(model: &mut Value) -> Option<&mut Vec<Value>> {
    model.get_mut("offers")?.as_array_mut()
}

/// Lays a user's providers, models and generic names over `base`.
pub(super) fn merge(mut base: Value, given: Value) -> Result<Value, CatalogueError> {
    let Value::Object(given) = given else {
        return Err(shape("catalogue", "must be an object"));
    };
    for (name, value) in given {
        match (name.as_str(), value) {
            ("providers" | "models", Value::Array(entries)) => {
                for (index, entry) in entries.into_iter().enumerate() {
                    let path = format!("{name}[{index}]");
                    lay_over(&mut base[name.as_str()], entry, &["id"], &path)?;
                }
            }
            ("generic", Value::Object(names)) => {
                for (alias, tier) in names {
                    base["generic"][alias.to_lowercase()] = tier;
                }
            }
            ("providers" | "models", _) => return Err(shape(&name, "must be an array")),
            ("generic", _) => return Err(shape(&name, "must be an object")),
            _ => {
                let expected = "is not known; there are providers, models, generic";
                return Err(shape(&name, expected));
            }
        }
    }
    Ok(base)
}

/// Replaces the members of the entry with the same `keys`, or adds an entry.
fn lay_over(
    list: &mut Value,
    entry: Value,
    keys: &[&str],
    path: &str,
) -> Result<(), CatalogueError> {
    let Value::Object(mut entry) = entry else {
        return Err(shape(path, "must be an object"));
    };
    if let Some(key) = keys.iter().find(|key| !entry.get(**key).is_some_and(Value::is_string)) {
        return Err(shape(&format!("{path}.{key}"), "must be a string"));
    }
    let Value::Array(list) = list else { return Ok(()) };
    let is_same = |known: &&mut Value| keys.iter().all(|key| known.get(*key) == entry.get(*key));
    let Some(Value::Object(known)) = list.iter_mut().find(is_same) else {
        list.push(Value::Object(entry));
        return Ok(());
    };
    if let Some(offers) = entry.remove("offers") {
        let Value::Array(offers) = offers else {
            return Err(shape(&format!("{path}.offers"), "must be an array"));
        };
        let all = known.entry("offers").or_insert_with(|| Value::Array(Vec::new()));
        for (index, offer) in offers.into_iter().enumerate() {
            lay_over(all, offer, &["provider", "id"], &format!("{path}.offers[{index}]"))?;
        }
    }
    for (name, value) in entry {
        // An offer without a free plan says so.
        if value.is_null() && name != "freePlan" {
            known.remove(&name);
        } else {
            known.insert(name, value);
        }
    }
    Ok(())
}

fn shape(path: &str, message: &str) -> CatalogueError {
    CatalogueError::Shape { path: path.to_owned(), message: message.to_owned() }
}
