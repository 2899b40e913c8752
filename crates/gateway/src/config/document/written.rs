//! Forms that values are written in, each with what it expects in words.

use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroU64;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor, value};

use super::super::Secret;
use super::super::decode::{MAY_BE_UNSET, OF_SEVERAL_FORMS};

/// A whole number of at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in super::super) struct Count(pub(in super::super) NonZeroU64);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Whole(number) = Whole::<1, { u64::MAX }>::deserialize(deserializer)?;
        // It is at least 1.
        Ok(Self(NonZeroU64::new(number).unwrap_or(NonZeroU64::MIN)))
    }
}

/// A whole number in these bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Whole<const LEAST: u64 = 0, const MOST: u64 = { u64::MAX }>(
    pub(in super::super) u64,
);

impl<'de, const LEAST: u64, const MOST: u64> Deserialize<'de> for Whole<LEAST, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WholeVisitor<const LEAST: u64, const MOST: u64>;
        impl<const LEAST: u64, const MOST: u64> Visitor<'_> for WholeVisitor<LEAST, MOST> {
            type Value = Whole<LEAST, MOST>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match MOST {
                    u64::MAX => write!(f, "a whole number of at least {LEAST}"),
                    _ => write!(f, "a whole number from {LEAST} to {MOST}"),
                }
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                let number = text.parse().ok().filter(|number| (LEAST..=MOST).contains(number));
                let wrong = || de::Error::invalid_value(de::Unexpected::Str(text), &self);
                number.map(Whole).ok_or_else(wrong)
            }
        }
        deserializer.deserialize_str(WholeVisitor::<LEAST, MOST>)
    }
}

#[cfg(test)]
impl<const LEAST: u64, const MOST: u64> schemars::JsonSchema for Whole<LEAST, MOST> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("WholeFrom{LEAST}To{MOST}").into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let mut schema = schemars::json_schema!({ "type": "integer", "minimum": LEAST });
        if MOST < u64::MAX {
            schema.insert("maximum".to_owned(), MOST.into());
        }
        schema
    }
}

/// A number from 0 to `MOST`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) struct Share<const MOST: u16 = 1>(pub(in super::super) f64);

impl<'de, const MOST: u16> Deserialize<'de> for Share<MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ShareVisitor<const MOST: u16>;
        impl<const MOST: u16> Visitor<'_> for ShareVisitor<MOST> {
            type Value = Share<MOST>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a number from 0 to {MOST}")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                let number = text.parse().ok();
                let number = number.filter(|number| (0.0..=f64::from(MOST)).contains(number));
                let wrong = || de::Error::invalid_value(de::Unexpected::Str(text), &self);
                number.map(Share).ok_or_else(wrong)
            }
        }
        deserializer.deserialize_str(ShareVisitor::<MOST>)
    }
}

#[cfg(test)]
impl<const MOST: u16> schemars::JsonSchema for Share<MOST> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("ShareTo{MOST}").into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "number", "minimum": 0, "maximum": MOST })
    }
}

/// A provider's key; perhaps a variable that is not set.
#[derive(Clone, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(transparent))]
pub(in super::super) struct KeyText(
    #[cfg_attr(test, schemars(with = "String"))] pub(in super::super) Option<Secret>,
);

impl<'de> Deserialize<'de> for KeyText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = KeyText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }

            fn visit_unit<E: de::Error>(self) -> Result<KeyText, E> {
                Ok(KeyText(None))
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(
                self,
                deserializer: D,
            ) -> Result<KeyText, D::Error> {
                let text = String::deserialize(deserializer)?;
                let text = text.trim();
                Ok(KeyText((!text.is_empty()).then(|| Secret::new(text))))
            }
        }
        deserializer.deserialize_newtype_struct(MAY_BE_UNSET, KeyVisitor)
    }
}

/// One value, or a list of them.
#[derive(Clone, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(untagged))]
pub(in super::super) enum OneOrMany<T> {
    /// One.
    One(T),
    /// A list of them.
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    pub(in super::super) fn into_vec(self) -> Vec<T> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EitherVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for EitherVisitor<T> {
            type Value = OneOrMany<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text or a list of texts")
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(
                self,
                deserializer: D,
            ) -> Result<OneOrMany<T>, D::Error> {
                T::deserialize(deserializer).map(OneOrMany::One)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<OneOrMany<T>, A::Error> {
                let mut many = Vec::new();
                while let Some(item) = items.next_element()? {
                    many.push(item);
                }
                Ok(OneOrMany::Many(many))
            }
        }
        deserializer.deserialize_newtype_struct(OF_SEVERAL_FORMS, EitherVisitor(PhantomData))
    }
}

/// A text in short, or all fields.
#[derive(Clone, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(untagged))]
pub(in super::super) enum TextOr<T> {
    /// In short.
    Text(String),
    /// With all fields.
    Fields(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for TextOr<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EitherVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for EitherVisitor<T> {
            type Value = TextOr<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text or a map")
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(
                self,
                deserializer: D,
            ) -> Result<TextOr<T>, D::Error> {
                String::deserialize(deserializer).map(TextOr::Text)
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<TextOr<T>, A::Error> {
                T::deserialize(value::MapAccessDeserializer::new(fields)).map(TextOr::Fields)
            }
        }
        deserializer.deserialize_newtype_struct(OF_SEVERAL_FORMS, EitherVisitor(PhantomData))
    }
}

/// The URL of a proxy, or `false` for none.
#[derive(Clone, Debug)]
pub(in super::super) enum ProxyText {
    /// Directly.
    Direct,
    /// By way of this one.
    Url(Secret),
}

impl<'de> Deserialize<'de> for ProxyText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(if text == "false" { Self::Direct } else { Self::Url(Secret::new(text)) })
    }
}

#[cfg(test)]
impl schemars::JsonSchema for ProxyText {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ProxyText".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "anyOf": [{ "const": false }, { "type": "string" }] })
    }
}

/// Text that no output shows.
#[derive(Clone, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(transparent))]
pub(in super::super) struct SecretText(
    #[cfg_attr(test, schemars(with = "String"))] pub(in super::super) Secret,
);

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::new(text)))
    }
}
