//! A tree as what a field asks for: the decoder behind `serde`. What is wrong is told with its
//! line and field; it does not know which fields there are.

use std::fmt;

use serde::de::value::StringDeserializer;
use serde::de::{self, DeserializeSeed, IntoDeserializer, Visitor};

use super::tree::{Key, Node, Scalar, Value, Variables};

/// The name by which a field says that it can do with a variable that is not set.
pub(super) const MAY_BE_UNSET: &str = "MayBeUnset";
/// The name by which a field says that it takes a list or a map as well as a scalar.
pub(super) const OF_SEVERAL_FORMS: &str = "OfSeveralForms";

/// What is wrong, and where.
#[derive(Debug)]
pub(super) struct Fault {
    /// 0 where it is not known yet.
    pub(super) line: usize,
    pub(super) field: String,
    pub(super) message: String,
}

impl Fault {
    fn new(line: usize, message: impl Into<String>) -> Self {
        Self { line, field: String::new(), message: message.into() }
    }

    fn at(mut self, line: usize) -> Self {
        if self.line == 0 {
            self.line = line;
        }
        self
    }

    /// The same, seen from the value around it.
    fn within(mut self, step: &str) -> Self {
        let between = if self.field.is_empty() || self.field.starts_with('[') { "" } else { "." };
        self.field = format!("{step}{between}{}", self.field);
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(0, message.to_string())
    }

    fn invalid_type(unexpected: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(0, format!("must be {expected}, not {}", described(unexpected)))
    }

    fn invalid_value(unexpected: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::invalid_type(unexpected, expected)
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::new(0, format!("must be {}, not \"{variant}\"", choice(expected)))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let message = match nearest(field, expected) {
            Some(name) => format!("there is no such field; did you mean \"{name}\"?"),
            None => format!("there is no such field; there are {}", expected.join(", ")),
        };
        Self::new(0, message)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(0, "is missing").within(field)
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new(0, "is given twice, in two spellings").within(field)
    }
}

fn described(unexpected: de::Unexpected<'_>) -> String {
    match unexpected {
        de::Unexpected::Str(text) => format!("\"{text}\""),
        de::Unexpected::Bool(truth) => truth.to_string(),
        de::Unexpected::Unsigned(number) => number.to_string(),
        de::Unexpected::Signed(number) => number.to_string(),
        de::Unexpected::Float(number) => number.to_string(),
        de::Unexpected::Seq => "a list".to_owned(),
        de::Unexpected::Map => "a map".to_owned(),
        de::Unexpected::Unit => "nothing".to_owned(),
        other => other.to_string(),
    }
}

/// `"a", "b" or "c"`.
fn choice(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// The name that was probably meant.
pub(super) fn nearest<'a>(name: &str, among: &[&'a str]) -> Option<&'a str> {
    let rated = among.iter().map(|known| (strsim::damerau_levenshtein(name, known), *known));
    let (distance, known) = rated.min_by_key(|(distance, _)| *distance)?;
    (distance <= 1 + name.len() / 4).then_some(known)
}

/// True if this may be the name of a field: keys that providers give out are longer.
fn is_name(text: &str) -> bool {
    text.len() < 32 && !text.chars().any(char::is_whitespace)
}

/// `maxConcurrent` as `max_concurrent`: names are taken in TypeScript's spelling too.
pub(super) fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    let mut after_lower = false;
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && after_lower {
            snake.push('_');
        }
        after_lower = !letter.is_ascii_uppercase() && letter != '_';
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

impl Node {
    fn text(&self) -> Result<&str, Fault> {
        match &self.value {
            Value::Scalar(Scalar { variables: Variables::Unset(name), .. }) => {
                let message = format!(
                    "the variable {name} is not set; `${{{name}:-default}}` gives it a default"
                );
                Err(Fault::new(self.line, message))
            }
            Value::Scalar(scalar) => Ok(&scalar.text),
            _ => Err(self.not("text")),
        }
    }

    /// The value is no list or no map. Text in its place is not told: it may be a key that should
    /// stand in there.
    fn not_a(&self, collection: &str) -> Fault {
        match &self.value {
            Value::Scalar(Scalar { variables: Variables::None, .. }) => {
                Fault::new(self.line, format!("must be {collection}, not text"))
            }
            _ => self.not(collection),
        }
    }

    /// The value is not what it must be. What came from a variable is not told: it may be a key.
    fn not(&self, expected: &str) -> Fault {
        let got = match &self.value {
            Value::Null => "nothing".to_owned(),
            Value::List(_) => "a list".to_owned(),
            Value::Map(_) => "a map".to_owned(),
            Value::Scalar(scalar) => match &scalar.variables {
                Variables::None => format!("\"{}\"", scalar.text),
                Variables::Expanded(written) => format!("the value of {written}"),
                Variables::Unset(name) => format!("the variable {name}, which is not set"),
            },
        };
        Fault::new(self.line, format!("must be {expected}, not {got}"))
    }

    /// What a visitor says, without values that came from a variable.
    fn told(&self, fault: Fault) -> Fault {
        match &self.value {
            Value::Scalar(Scalar { text, variables: Variables::Expanded(written), .. })
                if !text.is_empty() && fault.message.contains(text.as_str()) =>
            {
                let hidden = format!("\"{text}\"");
                let message = fault.message.replace(&hidden, &format!("the value of {written}"));
                let message = if message.contains(text.as_str()) {
                    format!("the value of {written} is not what it must be")
                } else {
                    message
                };
                Fault { message, ..fault }.at(self.line)
            }
            _ => fault.at(self.line),
        }
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident $type:ty;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            let range = format!("a whole number from {} to {}", <$type>::MIN, <$type>::MAX);
            let number = self.text()?.parse::<$type>().map_err(|_| self.not(&range))?;
            visitor.$visit(number).map_err(|fault| self.told(fault))
        }
    )*};
}

impl<'de> de::Deserializer<'de> for &'de Node {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let result = match &self.value {
            Value::Null => visitor.visit_unit(),
            Value::List(items) => visitor.visit_seq(Items { items, next: 0 }),
            Value::Map(fields) => {
                visitor.visit_map(Fields { entries: fields, next: 0, in_struct: false })
            }
            Value::Scalar(Scalar { text, plain: true, .. }) if text == "true" => {
                visitor.visit_bool(true)
            }
            Value::Scalar(Scalar { text, plain: true, .. }) if text == "false" => {
                visitor.visit_bool(false)
            }
            Value::Scalar(_) => visitor.visit_borrowed_str(self.text()?),
        };
        result.map_err(|fault| self.told(fault))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.text()? {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(self.not("true or false")),
        }
    }

    numbers! {
        deserialize_u8 visit_u8 u8;
        deserialize_u16 visit_u16 u16;
        deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64;
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let number = self.text()?.parse::<f64>().ok().filter(|number| number.is_finite());
        let number = number.ok_or_else(|| self.not("a number"))?;
        visitor.visit_f64(number).map_err(|fault| self.told(fault))
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_borrowed_str(self.text()?).map_err(|fault| self.told(fault))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match &self.value {
            Value::Scalar(Scalar { variables: Variables::Unset(_), .. })
                if name == MAY_BE_UNSET =>
            {
                visitor.visit_unit()
            }
            Value::List(items) if name == OF_SEVERAL_FORMS => {
                visitor.visit_seq(Items { items, next: 0 })
            }
            Value::Map(fields) if name == OF_SEVERAL_FORMS => {
                visitor.visit_map(Fields { entries: fields, next: 0, in_struct: true })
            }
            _ => visitor.visit_newtype_struct(self),
        }
        .map_err(|fault| fault.at(self.line))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.value {
            Value::List(items) => visitor.visit_seq(Items { items, next: 0 }),
            Value::Null => visitor.visit_seq(Items { items: &[], next: 0 }),
            _ => Err(self.not_a("a list")),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.value {
            Value::Map(fields) => {
                visitor.visit_map(Fields { entries: fields, next: 0, in_struct: false })
            }
            Value::Null => visitor.visit_map(Fields { entries: &[], next: 0, in_struct: false }),
            _ => Err(self.not_a("a map")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let result = match &self.value {
            Value::Map(fields) => {
                visitor.visit_map(Fields { entries: fields, next: 0, in_struct: true })
            }
            Value::Null => visitor.visit_map(Fields { entries: &[], next: 0, in_struct: true }),
            _ => Err(self.not_a("a map")),
        };
        result.map_err(|fault| fault.at(self.line))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let text = self.text()?;
        visitor.visit_enum(text.into_deserializer()).map_err(|fault| self.told(fault))
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u128 f32 char bytes byte_buf unit unit_struct tuple tuple_struct
        identifier ignored_any
    }
}

struct Items<'de> {
    items: &'de [Node],
    next: usize,
}

impl<'de> de::SeqAccess<'de> for Items<'de> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        let Some(item) = self.items.get(self.next) else { return Ok(None) };
        let step = format!("[{}]", self.next);
        self.next += 1;
        seed.deserialize(item).map(Some).map_err(|fault| fault.at(item.line).within(&step))
    }
}

struct Fields<'de> {
    entries: &'de [(Key, Node)],
    next: usize,
    /// Names are then taken in TypeScript's spelling too.
    in_struct: bool,
}

impl<'de> de::MapAccess<'de> for Fields<'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        let Some((key, _)) = self.entries.get(self.next) else { return Ok(None) };
        let name = if self.in_struct { snake_case(&key.text) } else { key.text.clone() };
        let deserializer: StringDeserializer<Fault> = name.into_deserializer();
        seed.deserialize(deserializer).map(Some).map_err(|fault| {
            let fault = fault.at(key.line);
            // What stands where a name should be is told only if it can be one.
            if is_name(&key.text) { fault.within(&key.text) } else { fault }
        })
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let (key, node) = &self.entries[self.next];
        self.next += 1;
        seed.deserialize(node).map_err(|fault| fault.at(node.line).within(&key.text))
    }
}
