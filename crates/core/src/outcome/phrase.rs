//! The sentences that providers send where a code would have been in place. Each is known from its
//! first letter, so that no prompt that is quoted further on can pass for one, and each counts
//! only with the statuses that it comes with.

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
    pub(super) affordable_tokens: Option<u64>,
    pub(super) context_window: Option<u64>,
}

/// A template: `#` is a number, `*` a word, a last `$` the end; all else is as it stands.
type Template = &'static str;

/// Statuses, template, meaning.
const SENTENCES: [(&[u16], Template, (Outcome, Domain)); 12] = [
    // Anthropic.
    (&[400], "Your credit balance is too low to access the Anthropic API", (QuotaUsedUp, Account)),
    (&[400], "You have reached your specified API usage limits", (QuotaUsedUp, Account)),
    (&[400], "You have reached your specified workspace API usage limits", (QuotaUsedUp, Key)),
    (
        &[429],
        "This request would exceed your account's monthly spend limit",
        (QuotaUsedUp, Account),
    ),
    // Mistral.
    (&[429], "Service tier capacity exceeded for this model.", (Overloaded, Model)),
    // Google, where the details are missing.
    (&[400], "API key not valid. Please pass a valid API key.$", (BadCredentials, Key)),
    (&[400], "API key expired. Please renew the API key.$", (BadCredentials, Key)),
    (&[400], "User location is not supported for the API use.$", (BadCredentials, Key)),
    // NVIDIA.
    (&[400], "Function id '*': DEGRADED function cannot be invoked$", (Unavailable, Target)),
    // OpenAI.
    (
        &[400],
        "Invalid prompt: your prompt was flagged as potentially violating our usage policy",
        (ContentRefused, Request),
    ),
    // OpenRouter.
    (&[400], "* is not a valid model ID$", (ModelNotFound, Target)),
    // OpenAI, Groq: more tokens than the limit of a whole minute. Waiting does not help, another
    // target may.
    (&[413, 429], "Request too large for ", (RateLimited, Request)),
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

/// What a message means that came with a status.
pub(super) fn facts(status: u16, message: &str) -> Facts {
    let facts = Facts::default();
    if let (402, Some(numbers)) = (status, fit(AFFORDABLE, message)) {
        let affordable = numbers[1].filter(|&tokens| tokens > 0);
        let domain = if affordable.is_some() { Request } else { Account };
        let meaning = Some((QuotaUsedUp, domain));
        return Facts { meaning, affordable_tokens: affordable, ..facts };
    }
    if matches!(status, 400 | 413 | 422) {
        let long = TOO_LONG.iter().find_map(|(template, at)| Some((fit(template, message)?, at)));
        if let Some((numbers, at)) = long {
            let context_window = at.and_then(|at| numbers[at]);
            return Facts { meaning: Some((ContextTooLong, Request)), context_window, ..facts };
        }
    }
    let sentence = SENTENCES
        .iter()
        .find(|(statuses, template, _)| statuses.contains(&status) && fits(template, message));
    Facts { meaning: sentence.map(|&(_, _, meaning)| meaning), ..facts }
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
        assert_eq!(facts(400, message).context_window, Some(200_000));
        assert_eq!(facts(500, message), Facts::default());
    }

    #[test]
    fn nothing_affordable_concerns_the_account() {
        let message = |tokens: u64| {
            format!(
                "This request requires more credits, or fewer max_tokens. You requested up to \
                 32000 tokens, but can only afford {tokens}. To increase, visit"
            )
        };
        assert_eq!(facts(402, &message(0)).meaning, Some((QuotaUsedUp, Account)));
        let some = facts(402, &message(27_342));
        assert_eq!(some.meaning, Some((QuotaUsedUp, Request)));
        assert_eq!(some.affordable_tokens, Some(27_342));
    }
}
