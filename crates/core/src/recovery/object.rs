//! A JSON object of which a few members are changed and the others stay as they were written.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members of an object, in their order, keys and values as they are written.
#[derive(Debug, Default)]
pub(super) struct Object<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Object<'a> {
    /// Reads an object; none for anything else.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The value of the last member of this name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut members = self.0.iter().rev();
        members.find(|(key, _)| is_named(key, name)).map(|(_, value)| value.as_ref())
    }

    /// The names and values that are not null.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let members = self.0.iter().map(|(key, value)| (key.trim_matches('"'), value.as_ref()));
        members.filter(|(_, value)| *value != "null")
    }

    /// Changes the value of a member that is there.
    pub(super) fn replace(&mut self, name: &str, value: &str) {
        for (key, old) in &mut self.0 {
            if is_named(key, name) {
                *old = Cow::Owned(value.to_owned());
            }
        }
    }

    /// Changes the value of a member, or puts the member in.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        if self.get(name).is_some() {
            return self.replace(name, value);
        }
        self.0.push((Cow::Owned(format!("\"{name}\"")), Cow::Owned(value.to_owned())));
    }

    /// Takes a member out.
    pub(super) fn remove(&mut self, name: &str) {
        self.0.retain(|(key, _)| !is_named(key, name));
    }
}

/// Names that matter have no letters that need an escape, and nobody escapes them.
fn is_named(key: &str, name: &str) -> bool {
    key.trim_matches('"') == name
}

impl fmt::Display for Object<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (key, value)) in self.0.iter().enumerate() {
            let before = if index == 0 { "{" } else { "," };
            write!(formatter, "{before}{key}:{value}")?;
        }
        formatter.write_str(if self.0.is_empty() { "{}" } else { "}" })
    }
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor;
        impl<'de> Visitor<'de> for ObjectVisitor {
            type Value = Object<'de>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
                    members.push((Cow::Borrowed(key.get()), Cow::Borrowed(value.get())));
                }
                Ok(Object(members))
            }
        }
        deserializer.deserialize_map(ObjectVisitor)
    }
}

/// A text as a JSON string.
pub(super) fn quoted(text: &str) -> String {
    // A string always serialises.
    serde_json::to_string(text).unwrap_or_default()
}

/// The values of a JSON array, as they are written.
pub(super) fn items(text: &str) -> Option<Vec<&str>> {
    let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    Some(items.into_iter().map(RawValue::get).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_changed_stays_as_it_is_written() {
        let text = r#"{"a":1.50,"b":{"x": [1, 2]},"\u00e9":"\ud83d","c":null}"#;
        let mut object = Object::read(text).unwrap();
        assert_eq!(object.to_string(), text);
        object.replace("a", "2");
        object.replace("new", "3");
        object.remove("b");
        object.set("d", "true");
        object.set("c", "4");
        assert_eq!(object.to_string(), r#"{"a":2,"\u00e9":"\ud83d","c":4,"d":true}"#);
        assert_eq!(object.get("d"), Some("true"));
        assert_eq!(Object::read("{}").unwrap().to_string(), "{}");
        for none in ["[]", "1", "", "{", "null"] {
            assert!(Object::read(none).is_none(), "{none}");
        }
    }
}
