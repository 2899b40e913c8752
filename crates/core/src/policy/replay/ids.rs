//! Finds the ids within a request's messages that only one account knows. Arguments and results of
//! tools are the caller's own data, whatever its members are called, and are passed over.

use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

/// What was found.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Found {
    pub(super) bound_by: Option<&'static str>,
    pub(super) has_signed_thinking: bool,
}

/// Looks through messages. What follows text that is no valid Unicode is not seen.
pub(super) fn find_ids(json: &str, found: &mut Found) {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    // An error ends the search; what was found counts.
    let _ = Search { found, key: Key::Other }.deserialize(&mut deserializer);
}

/// The name of the member whose value is searched.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    FileId,
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

struct Search<'f> {
    found: &'f mut Found,
    key: Key,
}

impl<'de> DeserializeSeed<'de> for Search<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.key == Key::Own {
            return IgnoredAny::deserialize(deserializer).map(drop);
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Search<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key_seed(Name)? {
            let is_of_audio = self.key == Key::Audio && key == Key::Id;
            let key = if is_of_audio { Key::IdOfAudio } else { key };
            map.next_value_seed(Search { found: &mut *self.found, key })?;
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
        let binding = match self.key {
            Key::FileId => Some("file_id"),
            // The Files API's own; any other address can be read by anybody who may.
            Key::FileUri if text.contains("generativelanguage.googleapis.com") => Some("file_uri"),
            Key::EncryptedContent => Some("encrypted_content"),
            Key::ThoughtSignature => Some("thought_signature"),
            Key::IdOfAudio => Some("audio"),
            Key::Type if text == "item_reference" => Some("item_reference"),
            _ => None,
        };
        let is_signed = self.key == Key::Signature
            || self.key == Key::ThoughtSignature
            || (self.key == Key::Type && text == "redacted_thinking");
        if !text.is_empty() {
            self.found.bound_by = self.found.bound_by.or(binding);
            self.found.has_signed_thinking |= is_signed;
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
