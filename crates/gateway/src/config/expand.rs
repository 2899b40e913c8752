//! Variables in values: `${NAME}`, `${NAME:-default}`, `${file:/run/secrets/name}`; `$${` stands
//! for `${`. They are expanded after the YAML has been parsed, so a value can hold no YAML.

use std::path::Path;

use super::Surroundings;
use super::tree::{Node, Value, Variables};

/// A reference cannot be expanded; the line, and why.
pub(super) struct NotExpanded {
    pub(super) line: usize,
    pub(super) message: String,
}

/// Expands every scalar of the tree.
pub(super) fn expand(node: &mut Node, around: &Surroundings<'_>) -> Vec<NotExpanded> {
    let mut faults = Vec::new();
    walk(node, around, &mut faults);
    faults
}

fn walk(node: &mut Node, around: &Surroundings<'_>, faults: &mut Vec<NotExpanded>) {
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| walk(item, around, faults)),
        Value::Map(fields) => {
            for (_, field) in fields {
                walk(field, around, faults);
            }
        }
        Value::Scalar(scalar) if scalar.text.contains("${") => {
            match expanded(&scalar.text, around) {
                Ok(Expanded::Text(text)) => {
                    let written = std::mem::replace(&mut scalar.text, text);
                    scalar.variables = Variables::Expanded(written);
                }
                Ok(Expanded::Unset(name)) => scalar.variables = Variables::Unset(name),
                Err(message) => faults.push(NotExpanded { line: node.line, message }),
            }
        }
        Value::Null | Value::Scalar(_) => {}
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Expanded {
    Text(String),
    Unset(String),
}

fn expanded(written: &str, around: &Surroundings<'_>) -> Result<Expanded, String> {
    let mut text = String::with_capacity(written.len());
    let mut rest = written;
    while let Some(start) = rest.find("${") {
        if rest[..start].ends_with('$') {
            text.push_str(&rest[..start - 1]);
            text.push_str("${");
            rest = &rest[start + 2..];
            continue;
        }
        text.push_str(&rest[..start]);
        let reference = &rest[start + 2..];
        let end =
            reference.find('}').ok_or("`${` without its `}`; `$${` stands for `${` itself")?;
        match value(&reference[..end], around)? {
            Expanded::Text(value) => text.push_str(&value),
            unset @ Expanded::Unset(_) => return Ok(unset),
        }
        rest = &reference[end + 1..];
    }
    text.push_str(rest);
    Ok(Expanded::Text(text))
}

fn value(reference: &str, around: &Surroundings<'_>) -> Result<Expanded, String> {
    if let Some(path) = reference.strip_prefix("file:") {
        let whole = around.folder.join(Path::new(path));
        let text = (around.file)(&whole).map_err(|why| format!("cannot read {path}: {why}"))?;
        return Ok(Expanded::Text(text.trim_end_matches(['\r', '\n']).to_owned()));
    }
    let (name, default) = match reference.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (reference, None),
    };
    if !is_name(name) {
        // It is not repeated: a key may have been put there.
        return Err("`${…}` without a name: write `${NAME}`, `${NAME:-default}` or \
                    `${file:/path}`; `$${` stands for `${` itself"
            .to_owned());
    }
    let found = (around.variable)(name).filter(|text| default.is_none() || !text.is_empty());
    Ok(match found.or_else(|| default.map(str::to_owned)) {
        Some(text) => Expanded::Text(text),
        None => Expanded::Unset(name.to_owned()),
    })
}

fn is_name(name: &str) -> bool {
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(written: &str) -> Result<Expanded, String> {
        let around = Surroundings {
            variable: &|name| match name {
                "KEY" => Some("sk: {1}\n- ${KEY}".to_owned()),
                "EMPTY" => Some(String::new()),
                _ => None,
            },
            file: &|path| match path.to_str() {
                Some("/run/secrets/x") => Ok("s3\n".to_owned()),
                _ => Err("no such file".to_owned()),
            },
            folder: Path::new("."),
        };
        expanded(written, &around)
    }

    #[test]
    fn references_are_replaced_once_and_what_they_bring_is_not_looked_at_again() {
        let text = |text: &str| Ok(Expanded::Text(text.to_owned()));
        let table = [
            ("${KEY}", text("sk: {1}\n- ${KEY}")),
            ("a ${EMPTY}b", text("a b")),
            ("${EMPTY:-c}", text("c")),
            ("${NONE:-}", text("")),
            ("${NONE:-a:-b}", text("a:-b")),
            ("<${file:/run/secrets/x}>", text("<s3>")),
            ("$${KEY} $5 {}", text("${KEY} $5 {}")),
            ("x${NONE}", Ok(Expanded::Unset("NONE".to_owned()))),
            ("${file:/no}", Err("cannot read /no: no such file".to_owned())),
        ];
        for (written, expected) in table {
            assert_eq!(result(written), expected, "{written}");
        }
    }

    #[test]
    fn what_is_no_reference_is_told() {
        for written in ["${", "${}", "${1A}", "${A B}", "${sk-b}"] {
            let told = result(written).expect_err(written);
            assert!(!told.contains("sk-b"), "{told}");
        }
    }
}
