//! Embeddings: deterministic, unit length, the same for the same input; not meaningful.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use crate::behaviour::value::Usage;

/// What a request asks of embeddings.
#[derive(Debug)]
pub(crate) struct Embed {
    pub(crate) model: String,
    pub(crate) inputs: Vec<String>,
    pub(crate) dimensions: usize,
    pub(crate) base64: bool,
    pub(crate) prompt_tokens: u64,
}

/// The inputs of a request: a string, several strings, a list of tokens, or several lists.
pub(crate) fn inputs(input: &Value) -> Option<Vec<String>> {
    match input {
        Value::String(text) => Some(vec![text.clone()]),
        Value::Array(items) if items.first().is_some_and(Value::is_number) => {
            Some(vec![input.to_string()])
        }
        Value::Array(items) if !items.is_empty() => Some(
            items
                .iter()
                .map(|item| item.as_str().map_or(item.to_string(), str::to_owned))
                .collect(),
        ),
        _ => None,
    }
}

/// Renders the answer.
pub(crate) fn render(embed: &Embed, usage: &Usage) -> Bytes {
    let data: Vec<Value> = embed
        .inputs
        .iter()
        .enumerate()
        .map(|(index, input)| {
            let vector = vector(input, embed.dimensions);
            let embedding = if embed.base64 { encode(&vector) } else { json!(vector) };
            json!({ "object": "embedding", "index": index, "embedding": embedding })
        })
        .collect();
    let mut answer = json!({ "object": "list", "data": data, "model": embed.model });
    let tokens = embed.prompt_tokens;
    match usage {
        Usage::Told(false) => {}
        Usage::Told(true) => {
            answer["usage"] = json!({ "prompt_tokens": tokens, "total_tokens": tokens });
        }
        Usage::Verbatim(object) => answer["usage"] = Value::Object(object.clone()),
    }
    Bytes::from(answer.to_string())
}

fn vector(input: &str, dimensions: usize) -> Vec<f32> {
    // FNV-1a: stable across versions of Rust, which the standard hasher is not.
    let seed = input.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut chance = SmallRng::seed_from_u64(seed);
    let raw: Vec<f32> = (0..dimensions).map(|_| chance.random::<f32>() - 0.5).collect();
    let length = raw.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::EPSILON);
    raw.into_iter().map(|x| x / length).collect()
}

/// What the OpenAI SDK asks for: little-endian 32-bit floats in base64.
fn encode(vector: &[f32]) -> Value {
    let bytes: Vec<u8> = vector.iter().flat_map(|x| x.to_le_bytes()).collect();
    Value::String(STANDARD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_input_has_the_same_vector_of_unit_length() {
        assert_eq!(vector("a", 8), vector("a", 8));
        assert_ne!(vector("a", 8), vector("b", 8));
        let length = vector("a", 1536).iter().map(|x| x * x).sum::<f32>();
        assert!((length - 1.0).abs() < 1e-3);
    }

    #[test]
    fn an_input_may_be_a_string_strings_tokens_or_lists_of_tokens() {
        let count = |input| inputs(&input).map(|inputs| inputs.len());
        assert_eq!(count(json!("a")), Some(1));
        assert_eq!(count(json!(["a", "b"])), Some(2));
        assert_eq!(count(json!([1, 2, 3])), Some(1));
        assert_eq!(count(json!([[1], [2]])), Some(2));
        assert_eq!(count(json!([])), None);
        assert_eq!(count(json!(5)), None);
    }
}
