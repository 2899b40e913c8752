//! How a continued answer begins: what of it repeats what was given before.

/// What the beginning may repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Overlap {
    /// Nothing, or nothing any more.
    None,
    /// Nothing any more: it has repeated all that was prefilled.
    Repeated,
    /// All of the prefilled text or nothing: Mistral's answers repeat it, `DeepSeek`'s do not.
    Whole {
        /// The prefilled text.
        text: String,
        /// What has come so far, as long as it may be a repetition.
        held: String,
    },
    /// As much of it as there is: the white space at the end of what was given, which was not
    /// handed over.
    Part(String),
}

impl Overlap {
    /// A prefilled text that may be repeated.
    pub(super) fn whole(text: &str) -> Self {
        Self::Whole { text: text.to_owned(), held: String::new() }
    }

    /// Takes what comes and gives what is new of it.
    pub(super) fn take(&mut self, piece: &str) -> String {
        let mut after = Self::None;
        let rest = match self {
            Self::None | Self::Repeated => return piece.to_owned(),
            Self::Whole { text, held } => {
                held.push_str(piece);
                if text.len() > held.len() && text.starts_with(held.as_str()) {
                    return String::new();
                }
                let rest = held.strip_prefix(text.as_str());
                if rest.is_some() {
                    after = Self::Repeated;
                }
                rest.unwrap_or(held).to_owned()
            }
            Self::Part(space) => {
                let same = piece.chars().zip(space.chars()).take_while(|(new, old)| new == old);
                let length = same.map(|(new, _)| new.len_utf8()).sum();
                space.drain(..length);
                let rest = &piece[length..];
                if rest.is_empty() {
                    return String::new();
                }
                rest.to_owned()
            }
        };
        *self = after;
        rest
    }

    /// The answer ends: what was held was no repetition.
    pub(super) fn end(&mut self) -> String {
        let Self::Whole { held, .. } = self else { return String::new() };
        let held = std::mem::take(held);
        *self = Self::None;
        held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(mut overlap: Overlap, pieces: &[&str]) -> String {
        let told: Vec<String> = pieces.iter().map(|piece| overlap.take(piece)).collect();
        told.join("|") + "|" + &overlap.end()
    }

    #[test]
    fn a_repetition_is_left_out() {
        let whole = || Overlap::whole("one two ");
        let part = || Overlap::Part(" \n".to_owned());
        let table: [(Overlap, &[&str], &str); 9] = [
            (Overlap::None, &["a", "b"], "a|b|"),
            (whole(), &["one ", "two ", "three"], "||three|"),
            (whole(), &["one two three"], "three|"),
            (whole(), &["one ", "three"], "|one three|"),
            (whole(), &["three ", "one"], "three |one|"),
            (whole(), &["one "], "|one "),
            (part(), &[" ", "\nx", " y"], "|x| y|"),
            (part(), &["x", " y"], "x| y|"),
            (part(), &[" x"], "x|"),
        ];
        for (overlap, pieces, expected) in table {
            assert_eq!(told(overlap, pieces), expected, "{pieces:?}");
        }
    }

    #[test]
    fn it_is_known_whether_the_prefilled_text_was_repeated() {
        for (piece, expected) in [("one!", Overlap::Repeated), ("two", Overlap::None)] {
            let mut overlap = Overlap::whole("one");
            overlap.take(piece);
            assert_eq!(overlap, expected);
        }
    }
}
