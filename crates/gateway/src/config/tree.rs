//! The YAML text as a tree in which everything knows its line. Scalars stay text: what they mean
//! is decided by the field that they are the value of, so a key `0123` keeps its zero.
//!
//! Bounded: a small file cannot become a large tree by aliases of aliases.

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag};

/// The most bytes of a file.
const MOST_BYTES: usize = 4 << 20;
/// The most values, with those that aliases repeat.
const MOST_VALUES: usize = 200_000;
/// The deepest nesting.
const DEEPEST: usize = 32;

/// A value and where it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    /// From 1.
    pub(super) line: usize,
    pub(super) value: Value,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// Nothing, `~` or `null`.
    Null,
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scalar {
    pub(super) text: String,
    /// True without quotes: `true` is then a truth value.
    pub(super) plain: bool,
    /// What has become of the variables in it.
    pub(super) variables: Variables,
}

/// Whether a scalar has named variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Variables {
    /// None.
    None,
    /// The text has their values; this is how it is written in the file.
    Expanded(String),
    /// This one has no value.
    Unset(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) text: String,
    pub(super) line: usize,
    /// It came with a merged map.
    pub(super) merged: bool,
}

/// Not a usable tree, from this line on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotATree {
    pub(super) line: usize,
    pub(super) message: String,
}

impl From<ScanError> for NotATree {
    fn from(error: ScanError) -> Self {
        Self { line: error.marker().line(), message: format!("not YAML: {}", error.info()) }
    }
}

/// Reads the one document of a text. A text without any is [`Value::Null`].
pub(super) fn read(text: &str) -> Result<Node, NotATree> {
    if text.len() > MOST_BYTES {
        let message = format!("the file is larger than {MOST_BYTES} bytes");
        return Err(NotATree { line: 1, message });
    }
    let mut builder = Builder::default();
    for step in Parser::new_from_str(text) {
        let (event, span) = step?;
        builder.take(event, span)?;
    }
    Ok(builder.root.unwrap_or(Node { line: 1, value: Value::Null }))
}

/// A list or map that has begun.
struct Open {
    node: Node,
    anchor: usize,
    /// The key whose value is next, in a map.
    key: Option<Key>,
}

#[derive(Default)]
struct Builder {
    root: Option<Node>,
    open: Vec<Open>,
    anchors: Vec<(usize, Node)>,
    values: usize,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), NotATree> {
        let line = span.start.line();
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = scalar(text.into_owned(), style, tag.as_deref());
                self.add(Node { line, value }, anchor)
            }
            Event::SequenceStart(anchor, _) => self.begin(line, Value::List(Vec::new()), anchor),
            Event::MappingStart(anchor, _) => self.begin(line, Value::Map(Vec::new()), anchor),
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open { node, anchor, .. }) => self.add(node, anchor),
                None => Ok(()),
            },
            Event::Alias(anchor) => {
                let known = self.anchors.iter().find(|(id, _)| *id == anchor);
                let message = "an alias within the value that it names";
                let (_, node) = known.ok_or_else(|| fault(line, message))?;
                let node = node.clone();
                self.count(line, size(&node))?;
                self.add(node, 0)
            }
            Event::DocumentStart(_) if self.root.is_some() => {
                Err(fault(line, "a second document begins: only one is read"))
            }
            _ => Ok(()),
        }
    }

    fn begin(&mut self, line: usize, value: Value, anchor: usize) -> Result<(), NotATree> {
        if self.open.len() >= DEEPEST {
            return Err(fault(line, &format!("nested more than {DEEPEST} levels deep")));
        }
        self.open.push(Open { node: Node { line, value }, anchor, key: None });
        Ok(())
    }

    fn count(&mut self, line: usize, values: usize) -> Result<(), NotATree> {
        self.values += values;
        if self.values > MOST_VALUES {
            let message = format!("more than {MOST_VALUES} values, with those that aliases repeat");
            return Err(fault(line, &message));
        }
        Ok(())
    }

    fn add(&mut self, node: Node, anchor: usize) -> Result<(), NotATree> {
        self.count(node.line, 1)?;
        if anchor != 0 {
            self.count(node.line, size(&node))?;
            self.anchors.push((anchor, node.clone()));
        }
        let Some(parent) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match (&mut parent.node.value, parent.key.take()) {
            (Value::List(items), _) => items.push(node),
            (Value::Map(fields), Some(key)) => put(fields, key, node)?,
            (_, _) => parent.key = Some(key(node)?),
        }
        Ok(())
    }
}

/// Adds a field. Those of a merged map (`<<`) give way to the ones that are written.
fn put(fields: &mut Vec<(Key, Node)>, key: Key, node: Node) -> Result<(), NotATree> {
    if key.text == "<<" {
        let maps = match node.value {
            Value::List(maps) => maps,
            _ => vec![node],
        };
        for map in maps {
            let Value::Map(merged) = map.value else {
                return Err(fault(key.line, "`<<` takes a map, or a list of maps"));
            };
            for (name, value) in merged {
                if !fields.iter().any(|(known, _)| known.text == name.text) {
                    fields.push((Key { merged: true, ..name }, value));
                }
            }
        }
        return Ok(());
    }
    match fields.iter_mut().find(|(known, _)| known.text == key.text) {
        Some(field) if field.0.merged => *field = (key, node),
        Some((first, _)) => {
            let message = format!("\"{}\" is given twice, first in line {}", key.text, first.line);
            return Err(fault(key.line, &message));
        }
        None => fields.push((key, node)),
    }
    Ok(())
}

fn key(node: Node) -> Result<Key, NotATree> {
    match node.value {
        Value::Scalar(scalar) => Ok(Key { text: scalar.text, line: node.line, merged: false }),
        _ => Err(fault(node.line, "a field's name must be text")),
    }
}

fn scalar(text: String, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    let plain = style == ScalarStyle::Plain && tag.is_none_or(|tag| tag.suffix != "str");
    if plain && matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL") {
        return Value::Null;
    }
    Value::Scalar(Scalar { text, plain, variables: Variables::None })
}

fn size(node: &Node) -> usize {
    match &node.value {
        Value::Null | Value::Scalar(_) => 1,
        Value::List(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Map(fields) => 1 + fields.iter().map(|(_, node)| size(node)).sum::<usize>(),
    }
}

fn fault(line: usize, message: &str) -> NotATree {
    NotATree { line, message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> (usize, String) {
        let fault = read(text).expect_err("not a tree");
        (fault.line, fault.message)
    }

    #[test]
    fn a_scalar_stays_as_it_is_written() {
        let Value::Map(fields) = read("key: 0123\non: yes").expect("a tree").value else {
            panic!("not a map");
        };
        let texts: Vec<_> = fields.iter().map(|(key, node)| (&*key.text, &node.value)).collect();
        let scalar = |text: &str| {
            Value::Scalar(Scalar { text: text.into(), plain: true, variables: Variables::None })
        };
        assert_eq!(texts, [("key", &scalar("0123")), ("on", &scalar("yes"))]);
    }

    #[test]
    fn a_merged_map_gives_way_to_what_is_written_before_and_after_it() {
        let text = "base: &base {a: 1, b: 1, c: 1}\nuse: {a: 2, <<: *base, b: 2}";
        let plain = "base: {a: 1, b: 1, c: 1}\nuse: {a: 2, b: 2, c: 1}";
        let fields = |text| match read(text).expect("a tree").value {
            Value::Map(fields) => format!("{:?}", pairs(&fields[1].1)),
            _ => String::new(),
        };
        assert_eq!(fields(text), fields(plain));
    }

    fn pairs(node: &Node) -> Vec<(String, String)> {
        let Value::Map(fields) = &node.value else { return Vec::new() };
        let text = |node: &Node| match &node.value {
            Value::Scalar(scalar) => scalar.text.clone(),
            other => format!("{other:?}"),
        };
        let mut pairs: Vec<_> =
            fields.iter().map(|(key, node)| (key.text.clone(), text(node))).collect();
        pairs.sort();
        pairs
    }

    #[test]
    fn aliases_of_aliases_do_not_fill_the_memory() {
        use std::fmt::Write as _;
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..20 {
            let many = vec![format!("*a{}", level - 1); 10].join(", ");
            writeln!(bomb, "a{level}: &a{level} [{many}]").expect("a string");
        }
        let (line, message) = message(&bomb);
        assert!(line <= 7, "line {line}");
        assert!(message.starts_with("more than 200000 values"), "{message}");
    }

    #[test]
    fn what_is_not_one_document_of_plain_yaml_is_told_with_its_line() {
        let deep = "[".repeat(40) + &"]".repeat(40);
        let table: [(&str, usize, &str); 6] = [
            ("a: 1\nb: 2\na: 3", 3, "\"a\" is given twice, first in line 1"),
            ("a: 1\n---\nb: 2", 2, "a second document begins: only one is read"),
            ("a: &x [*x]", 1, "an alias within the value that it names"),
            ("[a]: 1", 1, "a field's name must be text"),
            ("a: 1\n<<: 3", 2, "`<<` takes a map, or a list of maps"),
            (&deep, 1, "nested more than 32 levels deep"),
        ];
        for (text, line, expected) in table {
            assert_eq!(message(text), (line, expected.to_owned()), "{text}");
        }
        let (line, told) = message("a: 1\nb: [1, 2\nc: 3");
        assert!(line >= 2 && told.starts_with("not YAML: "), "{line} {told}");
    }
}
