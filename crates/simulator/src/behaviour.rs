//! How a request is treated: the fields, and how a later layer covers an earlier one; not which
//! layers a request has (see `script`).

pub(crate) mod fault;
pub(crate) mod limit;
pub(crate) mod setting;
pub(crate) mod settled;
pub(crate) mod value;

use serde::Deserialize;

use fault::Fault;
use limit::{LimitHeaders, Limits};
use setting::Setting;
use value::{
    Count, HeaderPairs, HeaderText, LineEnding, Millis, Positive, Prefill, RetryAfter, Shape, Usage,
};

/// How a request is treated. Every field may be left out; `null` brings back the default, except
/// where sending nothing is a meaning of its own.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Behaviour {
    /// How many requests and tokens are taken. Default: no limits.
    pub limits: Setting<Limits>,
    /// Whose headers tell about the limits. Default `openai`.
    pub limit_headers: Setting<LimitHeaders>,
    /// The `retry-after` header of 429, 503 and 529, in seconds. Default: what the limit says;
    /// null: none.
    pub retry_after: Setting<RetryAfter>,
    /// The `retry-after-ms` header of 429, 503 and 529, in milliseconds. Default: what the limit
    /// says; null: none.
    pub retry_after_ms: Setting<RetryAfter>,
    /// The wait before the response headers. Default 0.
    pub latency_ms: Setting<Millis>,
    /// The wait between the response headers and the first event. Default 0.
    pub first_token_ms: Setting<Millis>,
    /// The time between two tokens. Default 0: as fast as the socket takes them.
    pub token_interval_ms: Setting<Millis>,
    /// How many tokens of content are answered. Default 16.
    pub tokens: Setting<Count<1_000_000>>,
    /// The content, instead of generated words; `tokens` is then not used. Default: generated.
    pub text: Setting<String>,
    /// What the generated words are drawn from, together with the prompt. Default: the same words
    /// for every prompt.
    pub text_seed: Setting<u64>,
    /// In whose form a prefilled answer is continued, or that it is refused. Default: the last
    /// message is only read, whatever its role.
    pub prefill: Setting<Prefill>,
    /// Fields of a body or of its messages that are a 400. Default: none.
    pub rejects: Setting<Vec<String>>,
    /// Whose answers are imitated. Default `openai`, and `azure` under `/openai/deployments`.
    pub shape: Setting<Shape>,
    /// How many tool calls are answered instead of content. Default 0.
    pub tool_calls: Setting<Count<128>>,
    /// How many tokens of reasoning come before the content. Default 0.
    pub reasoning: Setting<Count<1_000_000>>,
    /// The bytes of an event stream are written in pieces of this size. Default: one per event.
    pub write_bytes: Setting<Positive>,
    /// So many events are joined into one write. Default 1.
    pub events_per_write: Setting<Positive>,
    /// How lines of an event stream end. Default `lf`.
    pub line_ending: Setting<LineEnding>,
    /// How many comment lines come before every event. Default 0.
    pub comments: Setting<Count<1000>>,
    /// Whether bodies are compressed, whatever the request accepts. Default false.
    pub gzip: Setting<bool>,
    /// The `content-type` of a healthy answer. Default: the right one.
    pub content_type: Setting<HeaderText>,
    /// What the answer says about usage. Default `true`.
    pub usage: Setting<Usage>,
    /// The finish reason. Default `stop`, with tool calls `tool_calls`; null: never sent.
    pub finish_reason: Setting<String>,
    /// Whether a stream ends with `[DONE]`. Default true.
    pub done: Setting<bool>,
    /// More response headers. Default: none.
    pub headers: Setting<HeaderPairs>,
    /// The `x-request-id` header. Default `req_` and a count; null: none.
    pub request_id: Setting<HeaderText>,
    /// About how large a JSON answer is, in bytes: its content is padded. Default: not padded.
    pub body_bytes: Setting<Count<67_108_864>>,
    /// What goes wrong. Default: nothing.
    pub fault: Setting<Fault>,
    /// What goes wrong, attempt by attempt with one key for one model; null is a healthy attempt,
    /// and so is every attempt after the last. Default: `fault` decides.
    pub faults: Setting<Vec<Option<Fault>>>,
}

macro_rules! overlay_fields {
    ($earlier:ident, $later:ident: $($field:ident)*) => {
        $($earlier.$field.overlay(&$later.$field);)*
    };
}

impl Behaviour {
    /// Covers this layer with a later one, field by field. `limits` and `headers` merge; every
    /// other field is replaced whole.
    pub(crate) fn overlay(&mut self, later: &Self) {
        let (limits, headers) = (self.limits.clone(), self.headers.clone());
        overlay_fields!(self, later:
            limits limit_headers retry_after retry_after_ms latency_ms first_token_ms
            token_interval_ms tokens text text_seed prefill rejects shape tool_calls reasoning write_bytes events_per_write
            line_ending comments gzip content_type usage finish_reason done headers request_id
            body_bytes fault faults
        );
        if let (Setting::Value(mut merged), Setting::Value(later)) = (limits, &later.limits) {
            merged.overlay(later);
            self.limits = Setting::Value(merged);
        }
        if let (Setting::Value(mut merged), Setting::Value(later)) = (headers, &later.headers) {
            merged.overlay(later);
            self.headers = Setting::Value(merged);
        }
        // The later of `fault` and `faults` decides, or a script could not be healed by a layer.
        if !matches!(later.fault, Setting::Unset) && matches!(later.faults, Setting::Unset) {
            self.faults = Setting::Unset;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn behaviour(json: &str) -> Behaviour {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_later_layer_covers_field_by_field() {
        let mut layers = behaviour(r#"{"tokens":3,"latencyMs":5,"limits":{"rpm":3,"tpm":100}}"#);
        layers.overlay(&behaviour(r#"{"tokens":4,"limits":{"rpm":9}}"#));
        assert_eq!(layers, behaviour(r#"{"tokens":4,"latencyMs":5,"limits":{"rpm":9,"tpm":100}}"#));
    }

    #[test]
    fn headers_merge_by_name() {
        let mut layers = behaviour(r#"{"headers":{"x-a":"1","x-b":"2"}}"#);
        layers.overlay(&behaviour(r#"{"headers":{"x-b":"3"}}"#));
        assert_eq!(layers, behaviour(r#"{"headers":{"x-a":"1","x-b":"3"}}"#));
    }

    #[test]
    fn a_null_covers_a_value() {
        let mut layers = behaviour(r#"{"fault":{"kind":"reset"},"limits":{"rpm":1}}"#);
        layers.overlay(&behaviour(r#"{"fault":null,"limits":null}"#));
        assert_eq!((layers.fault, layers.limits), (Setting::Null, Setting::Null));
    }

    #[test]
    fn a_later_fault_ends_an_earlier_script_of_faults() {
        let mut layers = behaviour(r#"{"faults":[{"kind":"reset"}]}"#);
        layers.overlay(&behaviour(r#"{"fault":null}"#));
        assert_eq!(layers.faults, Setting::Unset);
    }

    #[test]
    fn a_fault_is_replaced_whole() {
        let mut layers = behaviour(r#"{"fault":{"kind":"status","status":503}}"#);
        layers.overlay(&behaviour(r#"{"fault":{"kind":"cut","afterTokens":2}}"#));
        assert_eq!(layers, behaviour(r#"{"fault":{"kind":"cut","afterTokens":2}}"#));
    }
}
