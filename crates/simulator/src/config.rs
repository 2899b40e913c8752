//! What a simulator is configured with, and how an error in it is told; not what a behaviour
//! means (see `behaviour`).

mod reason;

use std::collections::HashMap;
use std::num::NonZeroU32;

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use crate::behaviour::Behaviour;
use crate::error::SimulatorError;

/// What most servers of HTTP/2 allow.
const MOST_STREAMS: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);

/// Everything a simulator is started with. Every field has a default.
///
/// # Example
///
/// ```
/// use model_multiplexer_simulator::SimulatorConfig;
///
/// let config = SimulatorConfig::from_json(r#"{ "defaults": { "latencyMs": 200 } }"#)?;
/// assert_eq!(config.host, "127.0.0.1");
/// # Ok::<(), model_multiplexer_simulator::SimulatorError>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SimulatorConfig {
    /// The address to listen on. Default `127.0.0.1`.
    pub host: String,
    /// The port to listen on. Default 0: any free one.
    pub port: u16,
    /// Whether to speak TLS, with a certificate authority made at the start. Default false.
    pub tls: bool,
    /// Whether to accept HTTP/2 besides HTTP/1.1: by ALPN under TLS, by prior knowledge without.
    /// Default true.
    pub http2: bool,
    /// How many streams one HTTP/2 connection may have open at a time. Default 100.
    pub max_concurrent_streams: NonZeroU32,
    /// After how many streams an HTTP/2 connection goes away: these are finished, later ones are
    /// never processed. Default: never.
    pub go_away_after: Option<NonZeroU32>,
    /// How many requests the journal remembers; the oldest are dropped. Default 0: no journal.
    pub journal: usize,
    /// What ids, obfuscation and the probability of faults are drawn from. Default 1.
    pub seed: u64,
    /// How every request is treated.
    pub defaults: Behaviour,
    /// How the requests for a model are treated, over `defaults`.
    pub models: HashMap<String, Behaviour>,
    /// How the requests with a key are treated, over `models` and `defaults`.
    pub keys: HashMap<String, Behaviour>,
}

impl Default for SimulatorConfig {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 0,
            tls: false,
            http2: true,
            max_concurrent_streams: MOST_STREAMS,
            go_away_after: None,
            journal: 0,
            seed: 1,
            defaults: Behaviour::default(),
            models: HashMap::new(),
            keys: HashMap::new(),
        }
    }
}

impl SimulatorConfig {
    /// Reads a configuration from JSON.
    ///
    /// # Errors
    ///
    /// [`SimulatorError::Config`] names the field, the value and what would be right.
    pub fn from_json(json: &str) -> Result<Self, SimulatorError> {
        read_json(json.as_bytes())
    }
}

/// The part of a configuration that can be replaced while a simulator runs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Script {
    /// How every request is treated.
    pub defaults: Behaviour,
    /// How the requests for a model are treated.
    pub models: HashMap<String, Behaviour>,
    /// How the requests with a key are treated.
    pub keys: HashMap<String, Behaviour>,
}

impl Script {
    /// Reads a script from JSON.
    ///
    /// # Errors
    ///
    /// [`SimulatorError::Config`] names the field, the value and what would be right.
    pub fn from_json(json: &str) -> Result<Self, SimulatorError> {
        read_json(json.as_bytes())
    }
}

/// Reads one JSON document; an error carries the path of the field at fault.
pub(crate) fn read_json<T: DeserializeOwned>(json: &[u8]) -> Result<T, SimulatorError> {
    // A structure would be read from a list as well, member by member.
    if matches!(json.trim_ascii_start().first(), Some(first) if *first != b'{') {
        let value: Value = serde_json::from_slice(json)
            .map_err(|error| SimulatorError::config(".", error.to_string()))?;
        let reason = format!("invalid type: {}, expected an object", kind(&value));
        return Err(SimulatorError::config(".", reason));
    }
    let mut reader = serde_json::Deserializer::from_slice(json);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        // The path of what is no JSON at all is unknown, which is written as a question mark.
        let field = if path == "?" { ".".to_owned() } else { path };
        let reason = error.inner().to_string();
        if serde_json::from_slice::<IgnoredAny>(json).is_err() {
            return SimulatorError::config(field, reason);
        }
        // What serde_json says of a name that is no text.
        if reason.starts_with("expected value") {
            return SimulatorError::config(field, "must be one of its names, as text");
        }
        SimulatorError::config(field, reason::in_words(&reason))
    })?;
    reader.end().map_err(|error| SimulatorError::config(".", error.to_string()))?;
    Ok(value)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_document_is_all_defaults() {
        let config = SimulatorConfig::from_json("{}").unwrap();
        assert_eq!((config.host.as_str(), config.port, config.seed), ("127.0.0.1", 0, 1));
        assert!(config.http2 && !config.tls && config.journal == 0);
    }

    #[test]
    fn an_error_names_the_field_the_value_and_what_is_expected() {
        let table = [
            (r#"{"port":70000}"#, "`port`", "70000"),
            (r#"{"prot":1}"#, "`prot`", "expected one of"),
            (r#"{"keys":{"sk-a":{"limits":{"rpm":"3"}}}}"#, "`keys.sk-a.limits.rpm`", "\"3\""),
            (r#"{"defaults":{"latencyMs":-1}}"#, "`defaults.latencyMs`", "-1"),
            (r#"{"defaults":{"fault":{"kind":"cut","ms":1}}}"#, "`defaults.fault`", "`ms`"),
            (r#"{"models":{"m":{"faults":[null,{"kind":"x"}]}}}"#, "`models.m.faults", "`x`"),
            (r#"{"defaults":{"tokens":2000000}}"#, "`defaults.tokens`", "1000000"),
            (r#"{"goAwayAfter":0}"#, "`goAwayAfter`", "a whole number from 1"),
            (r#"{"maxConcurrentStreams":0}"#, "`maxConcurrentStreams`", "a whole number from 1"),
            (r#"{"journal":"x"}"#, "`journal`", "expected a whole number from 0"),
            (r#"{"defaults":{"latencyMs":"x"}}"#, "`defaults.latencyMs`", "expected a number"),
            (r#"{"defaults":5}"#, "`defaults`", "expected an object"),
            (
                r#"{"defaults":{"fault":{"kind":"stall","after":5}}}"#,
                "`defaults.fault`",
                "`after` is no field of the fault \"stall\", which has \"afterTokens\"",
            ),
            (
                r#"{"defaults":{"fault":{"kind":"neverCloses","after":5}}}"#,
                "`defaults.fault`",
                "`after` is 5, expected \"finish\" or \"done\"",
            ),
            (r#"{"defaults":{"shape":5}}"#, "`defaults.shape`", "one of its names, as text"),
            (r#"{"defaults":}"#, "`", "expected value"),
            ("[]", "`.`", "invalid type: list, expected an object"),
            (" null", "`.`", "invalid type: null, expected an object"),
            ("5", "`.`", "invalid type: number, expected an object"),
            ("{", "`.`", "EOF"),
            ("{} x", "`.`", "trailing"),
        ];
        for (json, field, reason) in table {
            let message = SimulatorConfig::from_json(json).unwrap_err().to_string();
            assert!(message.contains(field) && message.contains(reason), "{json}: {message}");
        }
    }
}
