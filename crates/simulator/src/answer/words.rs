//! The tokens an answer is made of, ready to be put between the quotes of a JSON string; not how
//! they are paced or framed.

use std::borrow::Cow;
use std::sync::OnceLock;

/// Generated answers walk through these; none needs escaping.
const GENERATED: [&str; 24] = [
    "The", " model", " answers", " with", " words", " that", " mean", " nothing", " much", ",",
    " yet", " they", " come", " at", " the", " pace", " you", " asked", " for", ",", " one", " by",
    " one", ".",
];

/// The tokens of one behaviour.
#[derive(Debug)]
pub(crate) struct Words {
    source: Source,
    joined: OnceLock<String>,
}

#[derive(Debug)]
enum Source {
    Generated(u32),
    Seeded { count: u32, seed: u64 },
    Text(Vec<Box<str>>),
}

impl Words {
    pub(crate) fn generated(count: u32) -> Self {
        Self { source: Source::Generated(count), joined: OnceLock::new() }
    }

    /// Generated words in an order of their own.
    pub(crate) fn seeded(count: u32, seed: u64) -> Self {
        Self { source: Source::Seeded { count, seed }, joined: OnceLock::new() }
    }

    pub(crate) fn of_text(text: &str) -> Self {
        let pieces = split(text).map(|word| escape(word).into()).collect();
        Self { source: Source::Text(pieces), joined: OnceLock::new() }
    }

    pub(crate) fn count(&self) -> u64 {
        match &self.source {
            Source::Generated(count) | Source::Seeded { count, .. } => u64::from(*count),
            Source::Text(pieces) => pieces.len() as u64,
        }
    }

    /// One token, escaped. Past the end is empty.
    pub(crate) fn get(&self, index: u64) -> &str {
        match &self.source {
            Source::Generated(_) => generated(index),
            Source::Seeded { seed, .. } => generated(mix(seed.wrapping_add(index))),
            Source::Text(pieces) => {
                usize::try_from(index).ok().and_then(|index| pieces.get(index)).map_or("", |s| s)
            }
        }
    }

    /// All tokens in a row, escaped; the same text that a stream of them adds up to.
    pub(crate) fn joined(&self) -> &str {
        self.joined.get_or_init(|| (0..self.count()).map(|index| self.get(index)).collect())
    }

    /// The first so many tokens in a row, escaped.
    pub(crate) fn start(&self, count: u64) -> Cow<'_, str> {
        if count >= self.count() {
            return Cow::Borrowed(self.joined());
        }
        Cow::Owned((0..count).map(|index| self.get(index)).collect())
    }

    /// The whole text, not escaped.
    pub(crate) fn text(&self) -> String {
        // What was escaped by serde_json is read by it.
        serde_json::from_str(&format!("\"{}\"", self.joined())).unwrap_or_default()
    }

    /// All tokens, followed by as many generated ones as it takes to fill so many bytes.
    pub(crate) fn padded(&self, bytes: usize) -> Cow<'_, str> {
        let joined = self.joined();
        if joined.len() >= bytes {
            return Cow::Borrowed(joined);
        }
        let mut padded = String::with_capacity(bytes + 16);
        padded.push_str(joined);
        for index in self.count().. {
            if padded.len() >= bytes {
                break;
            }
            padded.push_str(generated(index));
        }
        Cow::Owned(padded)
    }
}

/// The finalizer of SplitMix64: neighbours become unlike each other.
pub(crate) fn mix(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

/// One generated token, escaped.
pub(crate) fn generated(index: u64) -> &'static str {
    // The remainder is below 24 and fits.
    GENERATED[(index % GENERATED.len() as u64) as usize]
}

/// A string as it stands between the quotes of a JSON string.
pub(crate) fn escape(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
}

/// Splits into words, each with the white space before it, so that they add up to the text.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let word = rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len());
        let end = rest[word..].find(char::is_whitespace).map_or(rest.len(), |end| word + end);
        let (token, after) = rest.split_at(end);
        rest = after;
        Some(token)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tokens_of_a_text_add_up_to_it() {
        for text in ["", "one", " a  b\n", "x \"quoted\" \u{1F600} é", "\n\n"] {
            assert_eq!(split(text).collect::<String>(), text);
            let json = format!("\"{}\"", Words::of_text(text).joined());
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }

    #[test]
    fn a_text_is_split_before_its_white_space() {
        assert_eq!(split("Hello big  world").collect::<Vec<_>>(), ["Hello", " big", "  world"]);
    }

    #[test]
    fn padding_reaches_the_size_and_not_far_beyond() {
        let padded = Words::generated(2).padded(1000).len();
        assert!((1000..1016).contains(&padded), "{padded}");
    }

    #[test]
    fn a_text_can_be_had_back_unescaped() {
        assert_eq!(Words::of_text("a \"b\"\n").text(), "a \"b\"\n");
        assert_eq!(Words::generated(2).text(), "The model");
    }

    #[test]
    fn seeded_words_are_the_same_for_a_seed_and_others_for_another() {
        let text = |seed| Words::seeded(16, seed).text();
        assert_eq!(text(1), text(1));
        assert_ne!(text(1), text(2));
    }

    #[test]
    fn no_generated_token_needs_escaping() {
        assert!(GENERATED.iter().all(|word| escape(word) == *word));
    }
}
