//! What an error says of itself, wherever in its JSON a provider puts it. It borrows from the body
//! and gives no meaning to what it finds.
//!
//! Every member is cut out unparsed first, so that a message that is no valid text (a prompt with
//! a lone surrogate, echoed) does not hide the code beside it.

use std::borrow::Cow;
use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::code::status_of_rpc;
use super::span::leading_span;

/// Longer bodies are judged by their status alone: an error is short, an echoed prompt may not be.
const LONGEST_BODY: usize = 256 * 1024;

/// An error's members under one name each.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Report<'a> {
    /// True where the JSON itself says that it is an error, whatever the status.
    pub(super) is_error: bool,
    pub(super) message: Cow<'a, str>,
    /// `type`: `insufficient_quota`, `overloaded_error`.
    pub(super) kind: Option<Cow<'a, str>>,
    /// `code` where it is a word: `context_length_exceeded`.
    pub(super) code: Option<Cow<'a, str>>,
    /// The most special cause: `innererror.code` (Azure), `ErrorInfo.reason` (Google),
    /// `details.error_code` (Anthropic), `metadata.error_type` (`OpenRouter`).
    pub(super) reason: Option<Cow<'a, str>>,
    /// The HTTP status that it names as a number or as Google's word.
    pub(super) status: Option<u16>,
    pub(super) param: Option<Cow<'a, str>>,
    /// `OpenRouter`'s name of the limit that was met.
    pub(super) limit_source: Option<Cow<'a, str>>,
    /// `OpenRouter`'s moderation flagged the input.
    pub(super) is_flagged: bool,
    /// Google's `RetryInfo`.
    pub(super) retry_delay: Option<Duration>,
    /// Google's `QuotaFailure` names a quota of the project that is not one per model.
    pub(super) is_of_project: bool,
}

type Raw<'a> = Option<&'a RawValue>;

/// The members that any provider puts at the top, or within `error`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Members<'a> {
    #[serde(borrow)]
    error: Raw<'a>,
    #[serde(borrow)]
    response: Raw<'a>,
    #[serde(borrow)]
    choices: Raw<'a>,
    #[serde(borrow)]
    object: Raw<'a>,
    #[serde(borrow)]
    finish_reason: Raw<'a>,
    #[serde(borrow)]
    message: Raw<'a>,
    #[serde(borrow)]
    detail: Raw<'a>,
    #[serde(borrow, rename = "type")]
    kind: Raw<'a>,
    #[serde(borrow)]
    code: Raw<'a>,
    #[serde(borrow)]
    param: Raw<'a>,
    #[serde(borrow)]
    status: Raw<'a>,
    #[serde(borrow, rename = "statusCode")]
    status_code: Raw<'a>,
    #[serde(borrow)]
    innererror: Raw<'a>,
    #[serde(borrow)]
    details: Raw<'a>,
    #[serde(borrow)]
    metadata: Raw<'a>,
}

/// What stands within `innererror`, `metadata`, `details` and the parts of those.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Detail<'a> {
    #[serde(borrow)]
    code: Raw<'a>,
    #[serde(borrow)]
    error_code: Raw<'a>,
    #[serde(borrow)]
    error_type: Raw<'a>,
    #[serde(borrow)]
    reason: Raw<'a>,
    #[serde(borrow)]
    reasons: Raw<'a>,
    #[serde(borrow)]
    flagged_input: Raw<'a>,
    #[serde(borrow)]
    limit_source: Raw<'a>,
    #[serde(borrow)]
    raw: Raw<'a>,
    #[serde(borrow, rename = "retryDelay")]
    retry_delay: Raw<'a>,
    #[serde(borrow)]
    violations: Raw<'a>,
    #[serde(borrow, rename = "quotaId")]
    quota_id: Raw<'a>,
}

impl<'a> Report<'a> {
    /// Reads a body; none if it is too long or not a JSON object (or Google's array of one).
    pub(super) fn of(body: &'a str) -> Option<Self> {
        Self::read(body, true)
    }

    fn read(body: &'a str, may_nest: bool) -> Option<Self> {
        if body.len() > LONGEST_BODY {
            return None;
        }
        let body = body.trim_start_matches([' ', '\n', '\r', '\t']);
        let body = if body.starts_with('[') {
            serde_json::from_str::<Vec<&RawValue>>(body).ok()?.first()?.get()
        } else {
            body
        };
        if !body.starts_with('{') {
            return None;
        }
        let outer: Members<'a> = serde_json::from_str(body).ok()?;
        let kind = outer.kind.and_then(text);
        let is_named = matches!(kind.as_deref(), Some("error" | "response.failed"))
            || outer.object.and_then(text).as_deref() == Some("error");
        let found = outer.error.filter(is_truthy).or_else(|| outer.error_within());
        let mut report = match found.map(parse::<Members<'a>>) {
            Some(Some(inner)) => inner.report(may_nest),
            // The error is a text, with its code beside it (Ollama, vLLM, xAI).
            Some(None) => {
                Self { message: found.and_then(text).unwrap_or_default(), ..outer.report(may_nest) }
            }
            None => outer.report(may_nest),
        };
        report.is_error = is_named || found.is_some();
        // A wrapper's name is no cause.
        report.kind = report.kind.filter(|kind| kind != "error" && kind != "response.failed");
        Some(report)
    }
}

impl<'a> Members<'a> {
    /// The error of a failed response (`OpenAI`'s Responses API), or of a choice (`OpenRouter`).
    fn error_within(&self) -> Raw<'a> {
        if let Some(response) = self.response.and_then(parse::<Members<'a>>) {
            return response.error.filter(is_truthy);
        }
        let choices: Vec<&'a RawValue> = serde_json::from_str(self.choices?.get()).ok()?;
        let mut choices = choices.into_iter().filter_map(|raw| Some((raw, parse::<Self>(raw)?)));
        let failed =
            |choice: &Self| choice.finish_reason.and_then(text).as_deref() == Some("error");
        choices.find_map(|(raw, choice)| {
            choice.error.filter(is_truthy).or_else(|| failed(&choice).then_some(raw))
        })
    }

    fn report(&self, may_nest: bool) -> Report<'a> {
        let word = self.code.and_then(text).filter(|code| !code.is_empty());
        let digits = word.as_deref().and_then(status_in_digits);
        let rpc = self.status.and_then(text);
        let status = self
            .code
            .and_then(number)
            .or(digits)
            .or_else(|| self.status.and_then(number))
            .or_else(|| self.status_code.and_then(number))
            .or_else(|| rpc.as_deref().and_then(status_of_rpc));
        let mut report = Report {
            message: self.message.or(self.detail).and_then(text).unwrap_or_default(),
            kind: self.kind.and_then(text),
            code: word.filter(|_| digits.is_none()),
            // Google's word is a code like any other, where there is none.
            reason: rpc.filter(|rpc| status_of_rpc(rpc).is_some()),
            status,
            param: self.param.and_then(text),
            ..Report::default()
        };
        if let Some(inner) = self.innererror.and_then(parse::<Detail<'a>>) {
            report.reason = inner.code.and_then(text).or(report.reason);
        }
        if let Some(details) = self.details {
            report.take_details(details);
        }
        if let Some(metadata) = self.metadata.and_then(parse::<Detail<'a>>) {
            report.take_metadata(&metadata, may_nest);
        }
        report
    }
}

impl Report<'_> {
    /// True where one of its causes is this one.
    pub(super) fn has_cause(&self, cause: &str) -> bool {
        [&self.reason, &self.code, &self.kind].iter().any(|own| own.as_deref() == Some(cause))
    }
}

impl<'a> Report<'a> {
    /// Google's list of details, or Anthropic's one object.
    fn take_details(&mut self, details: &'a RawValue) {
        if let Some(detail) = parse::<Detail<'a>>(details) {
            self.reason = detail.error_code.and_then(text).or_else(|| self.reason.take());
            return;
        }
        let Ok(details) = serde_json::from_str::<Vec<&'a RawValue>>(details.get()) else { return };
        for detail in details.into_iter().filter_map(parse::<Detail<'a>>) {
            self.reason = detail.reason.and_then(text).or_else(|| self.reason.take());
            if let Some(delay) = detail.retry_delay.and_then(text) {
                self.retry_delay = leading_span(&delay).or(self.retry_delay);
            }
            let violations = detail.violations.map_or("[]", RawValue::get);
            let violations: Vec<Detail<'a>> = serde_json::from_str(violations).unwrap_or_default();
            self.is_of_project |= violations.iter().any(|violation| {
                let id = violation.quota_id.and_then(text).unwrap_or_default();
                id.contains("PerProject") && !id.contains("PerModel")
            });
        }
    }

    fn take_metadata(&mut self, metadata: &Detail<'a>, may_nest: bool) {
        self.reason = metadata.error_type.and_then(text).or_else(|| self.reason.take());
        self.limit_source = metadata.limit_source.and_then(text);
        self.is_flagged = metadata.flagged_input.is_some() || metadata.reasons.is_some();
        // The upstream's own error, whole, in a string.
        let Some(raw) = metadata.raw.filter(|_| may_nest).and_then(text) else { return };
        if let Some(upstream) = Report::read(&raw, false) {
            self.message = Cow::Owned(upstream.message.into_owned());
            self.code = self.code.take().or(upstream.code.map(owned));
            self.kind = self.kind.take().or(upstream.kind.map(owned));
        }
    }
}

fn owned<'a>(text: Cow<'_, str>) -> Cow<'a, str> {
    Cow::Owned(text.into_owned())
}

/// Reads an object; none for any other value.
fn parse<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Option<T> {
    // A struct can also be read from an array, member by member.
    raw.get().starts_with('{').then(|| serde_json::from_str(raw.get()).ok())?
}

/// A string's text, borrowed where nothing in it is escaped.
fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    let inner = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        return serde_json::from_str(raw.get()).ok().map(Cow::Owned);
    }
    Some(Cow::Borrowed(inner))
}

/// A number that can be an HTTP status of an error.
fn number(raw: &RawValue) -> Option<u16> {
    status_in_digits(raw.get())
}

fn status_in_digits(text: &str) -> Option<u16> {
    text.parse().ok().filter(|status| (400..=599).contains(status))
}

/// As JavaScript has it: an `error` of null, false, zero or nothing is none.
fn is_truthy(raw: &&RawValue) -> bool {
    !matches!(raw.get(), "null" | "false" | "0" | "\"\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_is_no_text_does_not_hide_the_code() {
        let body = r#"{"error":{"message":"\ud800 said","code":"context_length_exceeded"}}"#;
        let report = Report::of(body).unwrap();
        assert_eq!(report.code.as_deref(), Some("context_length_exceeded"));
        assert_eq!(report.message, "");
    }

    #[test]
    fn what_is_not_escaped_is_borrowed() {
        let report = Report::of(r#"{"error":{"message":"a","type":"b"}}"#).unwrap();
        assert!(matches!(report.message, Cow::Borrowed("a")));
        assert!(matches!(report.kind, Some(Cow::Borrowed("b"))));
    }

    #[test]
    fn a_success_is_no_error() {
        for body in [
            r#"{"object":"chat.completion","error":null,"choices":[{"finish_reason":"stop"}]}"#,
            r#"{"type":"message","content":[]}"#,
            r#"{"type":"response.completed","response":{"error":null,"status":"completed"}}"#,
            r#"{"error":false}"#,
        ] {
            assert!(!Report::of(body).unwrap().is_error, "{body}");
        }
    }

    #[test]
    fn what_is_no_object_is_none() {
        for body in ["", "null", "[]", "[1]", "\"error\"", "<html>", "{", "{\"a\":1}}"] {
            assert_eq!(Report::of(body), None, "{body}");
        }
        let long = format!(r#"{{"error":"{}"}}"#, "x".repeat(LONGEST_BODY));
        assert_eq!(Report::of(&long), None);
    }
}
