//! Counting the tokens of texts as `OpenAI`'s models do (o200k), once its vocabulary is loaded. It
//! does not know what of a request is text.

use std::cell::Cell;
use std::sync::{Once, OnceLock};
use std::thread;

use tiktoken_rs::{CoreBPE, o200k_base};

use super::quarter;

/// So many bytes of a request are counted, at about 40 ns each; the rest is taken to be alike.
const MOST_BYTES: usize = 32 * 1024;

static VOCABULARY: OnceLock<CoreBPE> = OnceLock::new();

/// Loads the vocabulary in the background, once: it takes 0.2 s and 46 MB, which nobody pays
/// who limits no tokens of such a model.
pub fn load_words() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let load = || {
            if let Ok(vocabulary) = o200k_base() {
                let _ = VOCABULARY.set(vocabulary);
            }
        };
        // It ends by itself. Without it, texts are counted by their length.
        drop(thread::Builder::new().name("o200k".to_owned()).spawn(load));
    });
}

/// True for a model whose tokenizer is `OpenAI`'s, by its name with or without a provider's before
/// it: `gpt-4.1`, `openai/gpt-oss-120b`, `o4-mini`.
pub fn has_words(model: &str) -> bool {
    const BEGINNINGS: [&str; 6] = ["gpt-", "chatgpt-", "o1", "o3", "o4", "text-embedding-"];
    let name = model.rsplit('/').next().unwrap_or(model);
    BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
}

/// Counts the texts of one request.
#[derive(Debug, Default)]
pub struct Words {
    bytes: Cell<usize>,
    tokens: Cell<usize>,
}

impl Words {
    /// The tokens of a text; a token for every four bytes while the vocabulary is not loaded.
    pub fn count(&self, text: &str) -> u64 {
        let Some(vocabulary) = VOCABULARY.get() else { return quarter(text) };
        let left = MOST_BYTES.saturating_sub(self.bytes.get());
        let (counted, rest) = text.split_at(text.floor_char_boundary(left));
        let here = vocabulary.encode_ordinary(counted).len();
        self.bytes.set(self.bytes.get() + counted.len());
        self.tokens.set(self.tokens.get() + here);
        let alike = rest.len() * self.tokens.get() / self.bytes.get().max(1);
        (here + alike) as u64
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn wait_for_words() {
        load_words();
        while VOCABULARY.get().is_none() {
            thread::sleep(Duration::from_millis(10));
        }
    }

    #[test]
    fn texts_are_counted_as_openai_counts_them() {
        wait_for_words();
        let table = [("", 0), ("hello world", 2), ("tiktoken is great!", 6)];
        for (text, tokens) in table {
            assert_eq!(Words::default().count(text), tokens, "{text}");
        }
    }

    #[test]
    fn a_long_text_is_counted_in_part_and_taken_to_go_on_alike() {
        wait_for_words();
        let text = "hello world ".repeat(20_000);
        let tokens = Words::default().count(&text);
        assert!((38_000..=62_000).contains(&tokens), "{tokens}");
    }

    #[test]
    fn models_are_known_by_their_names() {
        for model in ["gpt-4.1", "openai/gpt-oss-120b", "o4-mini", "text-embedding-3-small"] {
            assert!(has_words(model), "{model}");
        }
        for model in ["llama-3.3-70b", "claude-sonnet-4-5", "meta/olmo", "gemini-2.5-pro"] {
            assert!(!has_words(model), "{model}");
        }
    }
}
