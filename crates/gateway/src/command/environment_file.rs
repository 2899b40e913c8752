//! `.env`: variables in a file, as Node.js reads it (`util.parseEnv`). Nothing in a value stands for
//! another variable.

use std::collections::HashMap;

/// The variables in the text of a file; the last of a name counts.
pub(super) fn parse(text: &str) -> HashMap<String, String> {
    let text = text.replace("\r\n", "\n");
    let mut variables = HashMap::new();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let line = rest.split('\n').next().unwrap_or_default();
        let assigns = !line.trim_start().starts_with('#');
        let Some(equals) = line.find('=').filter(|_| assigns) else {
            rest = after(rest, line.len());
            continue;
        };
        let key = line[..equals].trim();
        let key = key.strip_prefix("export ").unwrap_or(key).trim();
        let spaces = line[equals + 1..].len() - line[equals + 1..].trim_start().len();
        let start = equals + 1 + spaces;
        let (value, length) = match quoted(&rest[start..]) {
            Some(quoted) => quoted,
            None => (plain(&line[start..]).to_owned(), line.len() - start),
        };
        if !key.is_empty() {
            variables.insert(key.to_owned(), value);
        }
        rest = after(rest, start + length);
    }
    variables
}

/// What follows the line that `at` is in.
fn after(text: &str, at: usize) -> &str {
    text[at..].split_once('\n').map_or("", |(_, rest)| rest)
}

/// A value that `text` begins with in quotes, over several lines if need be, and how long it is with
/// them. None where it is not in quotes, or they are not closed.
fn quoted(text: &str) -> Option<(String, usize)> {
    let quote = text.chars().next().filter(|first| matches!(first, '"' | '\'' | '`'))?;
    let value = text[1..].split_once(quote)?.0;
    let told = if quote == '"' { value.replace("\\n", "\n") } else { value.to_owned() };
    Some((told, value.len() + 2))
}

/// A value without quotes ends where a comment begins.
fn plain(text: &str) -> &str {
    text.split('#').next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_read_as_node_reads_them() {
        let table: [(&str, &[(&str, &str)]); 14] = [
            ("A=1\nB=2", &[("A", "1"), ("B", "2")]),
            ("A=1\r\nB=2\r\n", &[("A", "1"), ("B", "2")]),
            ("# A=0\n\n  A = 1  # one\n", &[("A", "1")]),
            ("A=\nB=2", &[("A", ""), ("B", "2")]),
            ("export A=1", &[("A", "1")]),
            ("A=1\nA=2", &[("A", "2")]),
            ("A=\"x # y\" # z\nB=2", &[("A", "x # y"), ("B", "2")]),
            ("A='x\\ny'\nB=\"x\\ny\"", &[("A", "x\\ny"), ("B", "x\ny")]),
            ("A=\"x\ny\"\nB=`2`", &[("A", "x\ny"), ("B", "2")]),
            ("A=\"x\nB=2", &[("A", "\"x"), ("B", "2")]),
            ("A=$B\nB=${A}", &[("A", "$B"), ("B", "${A}")]),
            ("A=b=c", &[("A", "b=c")]),
            ("what is this\nA=1", &[("A", "1")]),
            ("=1", &[]),
        ];
        for (text, expected) in table {
            let expected =
                expected.iter().map(|(name, value)| (name.to_string(), value.to_string()));
            assert_eq!(parse(text), expected.collect(), "{text:?}");
        }
    }
}
