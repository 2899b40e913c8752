//! Whether a field of a behaviour was left out, was null, or has a value; not what it means.

use serde::{Deserialize, Deserializer};

/// One field of a behaviour. A field that is left out keeps what an earlier layer said.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Setting<T> {
    /// Left out: an earlier layer, or the default, decides.
    #[default]
    Unset,
    /// `null`: back to the default, or, for a header or a finish reason, nothing is sent.
    Null,
    /// A value.
    Value(T),
}

impl<T: Clone> Setting<T> {
    /// Takes the value of a later layer, if that has one.
    pub(crate) fn overlay(&mut self, later: &Self) {
        if !matches!(later, Self::Unset) {
            self.clone_from(later);
        }
    }

    /// The value, if there is one.
    pub(crate) fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Unset | Self::Null => None,
        }
    }

    /// The value, or a default for both a field left out and a null.
    pub(crate) fn or(&self, default: T) -> T {
        self.value().cloned().unwrap_or(default)
    }
}

impl<T> From<T> for Setting<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Setting<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Null, Self::Value))
    }
}
