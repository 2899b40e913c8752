//! The sentences that providers send where a code would have been in place. Each is known from its
//! first letter, so that no prompt that is quoted further on can pass for one, and counts only with
//! the statuses it comes with. One that widens a failure domain counts only with its cause as well.

use super::Domain::{Account, Key, Model, Request, Target};
use super::Outcome::{
    BadCredentials, ContentRefused, ContextTooLong, ModelNotFound, Overloaded, QuotaUsedUp,
    RateLimited, Unavailable,
};
use super::{Domain, Outcome};

/// What a sentence means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) meaning: Option<(Outcome, Domain)>,
    pub(super) context_window: Option<u64>,
}

/// A template: `#` is a number, `*` a word, a last `$` the end; all else is as it stands.
type Template = &'static str;

/// A sentence, the statuses and the cause that it comes with, and what it means.
struct Sentence {
    statuses: &'static [u16],
    /// Empty where there is none: then the sentence widens no domain.
    cause: &'static str,
    template: Template,
    meaning: (Outcome, Domain),
}

const fn sentence(
    statuses: &'static [u16],
    cause: &'static str,
    template: Template,
    meaning: (Outcome, Domain),
) -> Sentence {
    Sentence { statuses, cause, template, meaning }
}

const SENTENCES: [Sentence; 12] = [
    // Anthropic.
    sentence(
        &[400],
        "invalid_request_error",
        "Your credit balance is too low to access the Anthropic API",
        (QuotaUsedUp, Account),
    ),
    sentence(
        &[400],
        "invalid_request_error",
        "You have reached your specified API usage limits",
        (QuotaUsedUp, Account),
    ),
    sentence(
        &[400],
        "invalid_request_error",
        "You have reached your specified workspace API usage limits",
        (QuotaUsedUp, Key),
    ),
    sentence(
        &[429],
        "rate_limit_error",
        "This request would exceed your account's monthly spend limit",
        (QuotaUsedUp, Account),
    ),
    // Mistral.
    sentence(
        &[429],
        "invalid_request_error",
        "Service tier capacity exceeded for this model.",
        (Overloaded, Model),
    ),
    // Google, where the details are missing.
    sentence(
        &[400],
        "INVALID_ARGUMENT",
        "API key not valid. Please pass a valid API key.$",
        (BadCredentials, Key),
    ),
    sentence(
        &[400],
        "INVALID_ARGUMENT",
        "API key expired. Please renew the API key.$",
        (BadCredentials, Key),
    ),
    sentence(
        &[400],
        "FAILED_PRECONDITION",
        "User location is not supported for the API use.$",
        (BadCredentials, Key),
    ),
    // NVIDIA.
    sentence(
        &[400],
        "",
        "Function id '*': DEGRADED function cannot be invoked$",
        (Unavailable, Target),
    ),
    // OpenAI.
    sentence(
        &[400],
        "invalid_prompt",
        "Invalid prompt: your prompt was flagged as potentially violating our usage policy",
        (ContentRefused, Request),
    ),
    // OpenRouter.
    sentence(&[400], "", "* is not a valid model ID$", (ModelNotFound, Target)),
    // OpenAI, Groq: more tokens than the limit of a whole minute. Waiting does not help, another
    // target may.
    sentence(&[413, 429], "rate_limit_exceeded", "Request too large for ", (RateLimited, Request)),
];

/// Template, and which of its numbers is the size of the context.
const TOO_LONG: [(Template, Option<usize>); 15] = [
    // OpenAI, vLLM, NVIDIA; OpenRouter.
    ("This model's maximum context length is # tokens", Some(0)),
    ("This endpoint's maximum context length is # tokens", Some(0)),
    // vLLM.
    (
        "You passed # input tokens and requested # output tokens. However, the model's context \
         length is only # tokens",
        Some(2),
    ),
    ("The decoder prompt (length #) is longer than the maximum model length of #", Some(1)),
    ("max_tokens must be at least 1, got -#", None),
    // Anthropic.
    ("prompt is too long: # tokens > # maximum", Some(1)),
    ("input length and `max_tokens` exceed context limit: # + # > #", Some(2)),
    // Google.
    ("The input token count (#) exceeds the maximum number of tokens allowed (#)", Some(1)),
    ("The input token count exceeds the maximum number of tokens allowed (#)", Some(0)),
    ("The input token count exceeds the maximum number of tokens allowed #", Some(0)),
    // Mistral.
    ("Prompt contains # tokens, too large for model with # maximum context length", Some(1)),
    (
        "Prompt contains # tokens and # draft tokens, too large for model with # maximum context \
         length",
        Some(2),
    ),
    // Cerebras.
    (
        "Please reduce the length of the messages or completion. Current length is # while limit \
         is #",
        Some(1),
    ),
    // Ollama.
    ("the input length exceeds the context length", None),
    ("prompt too long; exceeded max context length by # tokens", None),
];

/// `OpenRouter`: the money is enough for a shorter answer.
const AFFORDABLE: Template = "This request requires more credits, or fewer max_tokens. You \
                              requested up to # tokens, but can only afford #";

/// What a message means that came with a status and with causes that `has_cause` knows.
pub(super) fn facts(status: u16, message: &str, has_cause: impl Fn(&str) -> bool) -> Facts {
    let facts = Facts::default();
    if let (402, Some(numbers)) = (status, fit(AFFORDABLE, message)) {
        let is_enough_for_some = numbers[1].is_some_and(|tokens| tokens > 0);
        let domain = if is_enough_for_some { Request } else { Account };
        return Facts { meaning: Some((QuotaUsedUp, domain)), ..facts };
    }
    if matches!(status, 400 | 413 | 422) {
        let long = TOO_LONG.iter().find_map(|(template, at)| Some((fit(template, message)?, at)));
        if let Some((numbers, at)) = long {
            let context_window = at.and_then(|at| numbers[at]);
            return Facts { meaning: Some((ContextTooLong, Request)), context_window };
        }
    }
    let sentence = SENTENCES.iter().find(|sentence| {
        sentence.statuses.contains(&status)
            && (sentence.cause.is_empty() || has_cause(sentence.cause))
            && fits(sentence.template, message)
    });
    Facts { meaning: sentence.map(|sentence| sentence.meaning), ..facts }
}

fn fits(template: Template, message: &str) -> bool {
    fit(template, message).is_some()
}

/// The numbers of a message that fits, up to four.
fn fit(template: Template, message: &str) -> Option<[Option<u64>; 4]> {
    let mut numbers = [None; 4];
    let mut found = numbers.iter_mut();
    let mut rest = message;
    for piece in template.split_inclusive(['#', '*', '$']) {
        let mark = piece.chars().last().filter(|mark| matches!(mark, '#' | '*' | '$'));
        rest = rest.strip_prefix(piece.trim_end_matches(['#', '*', '$']))?;
        match mark {
            Some('#') => {
                let end = rest.find(|char: char| !char.is_ascii_digit()).unwrap_or(rest.len());
                let (digits, after) = rest.split_at(end);
                *found.next()? = Some(digits.parse().ok()?);
                rest = after;
            }
            Some('*') => {
                let ends = |char: char| char.is_whitespace() || char == '\'';
                let end = rest.find(ends).unwrap_or(rest.len());
                rest = (end > 0).then(|| &rest[end..])?;
            }
            Some(_) => return rest.is_empty().then_some(numbers),
            None => {}
        }
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_fit_as_the_table_says() {
        let table = [
            ("a # b", "a 12 b and more", true),
            ("a # b", "a b", false),
            ("a # b", "so a 12 b", false),
            ("a #$", "a 12", true),
            ("a #$", "a 12 ", false),
            ("id '*': x$", "id 'abc-1': x", true),
            ("* ends$", "what/ever ends", true),
            ("* ends$", "two words ends", false),
        ];
        for (template, message, expected) in table {
            assert_eq!(fits(template, message), expected, "{template:?} {message:?}");
        }
    }

    #[test]
    fn the_size_of_the_context_is_read() {
        let message = "input length and `max_tokens` exceed context limit: 198214 + 8192 > 200000, \
                       decrease input length or `max_tokens` and try again";
        assert_eq!(facts(400, message, |_| false).context_window, Some(200_000));
        assert_eq!(facts(500, message, |_| false), Facts::default());
    }

    #[test]
    fn nothing_affordable_concerns_the_account() {
        let message = |tokens: u64| {
            format!(
                "This request requires more credits, or fewer max_tokens. You requested up to \
                 32000 tokens, but can only afford {tokens}. To increase, visit"
            )
        };
        assert_eq!(facts(402, &message(0), |_| false).meaning, Some((QuotaUsedUp, Account)));
        let some = facts(402, &message(27_342), |_| false);
        assert_eq!(some.meaning, Some((QuotaUsedUp, Request)));
    }

    #[test]
    fn a_sentence_that_widens_a_domain_needs_its_cause() {
        for sentence in SENTENCES {
            let is_narrow = matches!(sentence.meaning.1, Request | Target);
            assert!(is_narrow || !sentence.cause.is_empty(), "{}", sentence.template);
        }
        let message = "Your credit balance is too low to access the Anthropic API.";
        assert_eq!(facts(400, message, |_| false), Facts::default());
        let with_cause = facts(400, message, |cause| cause == "invalid_request_error");
        assert_eq!(with_cause.meaning, Some((QuotaUsedUp, Account)));
    }
}
