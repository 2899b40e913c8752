//! What serde finds wrong in a document, in the words of JSON; not where (see `config`).

/// Types of Rust, and what a script has to have there.
const TYPES: [(&str, &str); 10] = [
    ("a nonzero u32", "a whole number from 1 to 4294967295"),
    ("a nonzero usize", "a whole number from 1"),
    ("u16", "a whole number from 0 to 65535"),
    ("u32", "a whole number from 0 to 4294967295"),
    ("u64", "a whole number from 0"),
    ("usize", "a whole number from 0"),
    ("i64", "a whole number"),
    ("f64", "a number"),
    ("a sequence", "a list"),
    ("a map", "an object"),
];

/// The same without names of Rust's types, and without line and column: the field is told, and the
/// text that was read need not be the one that somebody wrote.
pub(super) fn in_words(reason: &str) -> String {
    let what = reason.rsplit_once(" at line ").map_or(reason, |(what, _)| what);
    let what = what.replacen("type: sequence", "type: list", 1);
    let what = what.replacen("type: map", "type: object", 1);
    let Some((before, expected)) = what.split_once("expected ") else { return what };
    let known = TYPES.iter().find(|(name, _)| *name == expected).map(|(_, words)| *words);
    let words = known.or(expected.starts_with("struct ").then_some("an object"));
    format!("{before}expected {}", words.unwrap_or(expected))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_rusts_types_become_words() {
        let table = [
            (
                "invalid type: string \"3\", expected u64 at line 1 column 9",
                "invalid type: string \"3\", expected a whole number from 0",
            ),
            (
                "invalid type: sequence, expected struct Behaviour at line 1 column 2",
                "invalid type: list, expected an object",
            ),
            (
                "invalid value: integer `0`, expected a nonzero u32",
                "invalid value: integer `0`, expected a whole number from 1 to 4294967295",
            ),
            ("invalid type: map, expected f64", "invalid type: object, expected a number"),
            ("invalid type: null, expected a boolean", "invalid type: null, expected a boolean"),
            ("unknown field `u64`", "unknown field `u64`"),
        ];
        for (reason, words) in table {
            assert_eq!(in_words(reason), words);
        }
    }
}
