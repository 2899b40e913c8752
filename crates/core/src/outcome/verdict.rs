//! What the preset `compat` and the openai SDK make of a status, by the status and
//! `x-should-retry` alone. It does not read the body; [`super::judge`] does.

/// What becomes of a call after an answer that is not a success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// 429 or 529: the target rests and the call moves on to another at once.
    RateLimited,
    /// The same target may be asked again, as often as the client's `maxRetries` allows.
    Retryable,
    /// The answer is the caller's.
    Final,
}

impl Verdict {
    /// Judges a status that is not 2xx as the openai SDK does (`shouldRetry`), but for 429 and
    /// 529, which move on whatever the server says of retrying.
    pub fn of(status: u16, should_retry: Option<&str>) -> Self {
        match (status, should_retry) {
            (429 | 529, _) => Self::RateLimited,
            (_, Some("false")) => Self::Final,
            (_, Some("true")) | (408 | 409 | 500.., _) => Self::Retryable,
            _ => Self::Final,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_judged_as_the_table_says() {
        let table = [
            (429, None, Verdict::RateLimited),
            (429, Some("true"), Verdict::RateLimited),
            (529, Some("false"), Verdict::RateLimited),
            (400, None, Verdict::Final),
            (400, Some("true"), Verdict::Retryable),
            (401, None, Verdict::Final),
            (404, None, Verdict::Final),
            (408, None, Verdict::Retryable),
            (409, None, Verdict::Retryable),
            (500, None, Verdict::Retryable),
            (503, Some("false"), Verdict::Final),
            (503, Some("maybe"), Verdict::Retryable),
        ];
        for (status, should_retry, verdict) in table {
            assert_eq!(Verdict::of(status, should_retry), verdict, "{status} {should_retry:?}");
        }
    }
}
