//! Finds the ids within messages, a request's or an answer's, that only one account knows. Arguments and results of
//! tools are the caller's own data, whatever its members are called, and are passed over.

use std::borrow::Cow;
use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;

/// Is told the member and the id, in the order of the text.
pub(super) type Sink<'s> = &'s mut dyn FnMut(&'static str, &str);

/// What is found, and who is told of it.
pub(super) struct Found<'s> {
    pub(super) sink: Sink<'s>,
    pub(super) has_signed_thinking: bool,
}

/// Looks through messages. What follows text that is no valid Unicode is not seen.
pub(super) fn find_ids(json: &str, found: &mut Found<'_>) {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    // An error ends the search; what was found counts.
    let _ = Search { found, key: Key::Other }.deserialize(&mut deserializer);
}

/// The name of the member whose value is searched.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    FileId,
    ContainerId,
    FileUri,
    EncryptedContent,
    ThoughtSignature,
    Signature,
    Audio,
    Id,
    IdOfAudio,
    Type,
    /// The caller's own data.
    Own,
    Other,
}

impl Key {
    fn of(name: &str) -> Self {
        match name {
            "file_id" => Self::FileId,
            "container_id" => Self::ContainerId,
            "file_uri" | "fileUri" => Self::FileUri,
            "encrypted_content" => Self::EncryptedContent,
            "thought_signature" | "thoughtSignature" => Self::ThoughtSignature,
            "signature" => Self::Signature,
            "audio" => Self::Audio,
            "id" => Self::Id,
            "type" => Self::Type,
            "input" | "arguments" | "args" | "response" => Self::Own,
            _ => Self::Other,
        }
    }
}

struct Search<'f, 's> {
    found: &'f mut Found<'s>,
    key: Key,
}

impl<'de> DeserializeSeed<'de> for Search<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.key == Key::Own {
            return IgnoredAny::deserialize(deserializer).map(drop);
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Search<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut reference = Reference::default();
        while let Some(key) = map.next_key_seed(Name)? {
            match (self.key, key) {
                (Key::Audio, Key::Id) => {
                    map.next_value_seed(Search { found: &mut *self.found, key: Key::IdOfAudio })?;
                }
                (_, Key::Id) => reference.id = text(map.next_value()?),
                (_, Key::Type) => {
                    let kind = text(map.next_value()?);
                    reference.is_one = kind.as_deref() == Some("item_reference");
                    self.found.has_signed_thinking |= kind.as_deref() == Some("redacted_thinking");
                }
                (_, key) => map.next_value_seed(Search { found: &mut *self.found, key })?,
            }
        }
        if let (true, Some(id)) = (reference.is_one, reference.id) {
            (self.found.sink)("item_reference", &id);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Search { found: &mut *self.found, key: Key::Other })?.is_some()
        {
        }
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        if text.is_empty() {
            return Ok(());
        }
        let field = match self.key {
            Key::FileId => Some("file_id"),
            Key::ContainerId => Some("container_id"),
            // The Files API's own; any other address can be read by anybody who may.
            Key::FileUri if text.contains("generativelanguage.googleapis.com") => Some("file_uri"),
            Key::EncryptedContent => Some("encrypted_content"),
            Key::ThoughtSignature => Some("thought_signature"),
            Key::IdOfAudio => Some("audio"),
            _ => None,
        };
        self.found.has_signed_thinking |=
            matches!(self.key, Key::Signature | Key::ThoughtSignature);
        if let Some(field) = field {
            (self.found.sink)(field, text);
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// An item that is only named.
#[derive(Default)]
struct Reference<'a> {
    is_one: bool,
    id: Option<Cow<'a, str>>,
}

/// A string's text; none for any other value, and for one that is no valid Unicode.
pub(super) fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    let inner = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        return serde_json::from_str(raw.get()).ok().map(Cow::Owned);
    }
    Some(Cow::Borrowed(inner))
}

/// Reads a member's name without copying it.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Key;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a member's name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Key, E> {
        Ok(Key::of(name))
    }
}
