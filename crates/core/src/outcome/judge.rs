//! The judgement itself: from a status, an error's members and a fault to an outcome and its
//! domain. What the members mean by name is in [`super::code`] and [`super::phrase`].

use std::borrow::Cow;
use std::time::SystemTime;

use super::code::{meaning, meaning_of_limit, status_of_cause};
use super::hint::asked;
use super::phrase::{Facts, facts};
use super::report::Report;
use super::{Domain, Interruption, Judgement, Outcome, Seen, Stage};

/// Judges an attempt by its response or by what came instead of one.
///
/// A response with a status that is no success counts as that, whatever became of the connection.
/// A success whose body reports an error counts as that error. `now` is for hints that are dates.
pub fn judge(seen: &Seen<'_>, now: SystemTime) -> Judgement {
    match seen.status {
        Some(status @ 200..=299) => {
            let report = Report::of(seen.body).filter(|report| report.is_error);
            let judgement = match report {
                Some(report) => judge_in_band(&report, seen, now),
                None => judge_interruption(seen),
            };
            Judgement { status: Some(status), ..judgement }
        }
        Some(status) => {
            let report = Report::of(seen.body);
            let is_page = report.is_none() && seen.body.trim_start().starts_with('<');
            let report = report.unwrap_or_default();
            let judgement = judge_status(status, is_page, &report, seen, now);
            Judgement { status: Some(status), ..judgement }
        }
        None => judge_interruption(seen),
    }
}

/// Judges an event of a stream by its name (empty if it has none) and data. None if it reports no
/// error. What it means for a call whose caller has already been given something is the policy's
/// to say.
pub fn judge_event(name: &str, data: &str, stage: Stage, now: SystemTime) -> Option<Judgement> {
    let report = Report::of(data);
    if name != "error" && !report.as_ref().is_some_and(|report| report.is_error) {
        return None;
    }
    Some(judge_in_band(&report.unwrap_or_default(), &Seen::at(stage), now))
}

/// An error after a response had begun: it has the status that it names, else that of its type,
/// else it is the server's failure.
fn judge_in_band(report: &Report<'_>, seen: &Seen<'_>, now: SystemTime) -> Judgement {
    let causes = [&report.code, &report.kind, &report.reason];
    let status = report
        .status
        .or_else(|| causes.iter().find_map(|cause| status_of_cause(cause.as_deref()?)))
        .unwrap_or(500);
    let judgement = judge_status(status, false, report, seen, now);
    Judgement { work_may_have_begun: true, ..judgement }
}

fn judge_status(
    status: u16,
    is_page: bool,
    report: &Report<'_>,
    seen: &Seen<'_>,
    now: SystemTime,
) -> Judgement {
    let said = facts(status, &report.message, |cause| report.has_cause(cause));
    let (outcome, domain) =
        by_members(status, report, said).unwrap_or_else(|| by_status(status, is_page, report));
    Judgement {
        outcome,
        domain,
        asked: may_ask(outcome).then(|| asked(seen, report, now)).flatten(),
        status: None,
        // A refusal with a reason is one before any work; a failure is not.
        work_may_have_begun: outcome == Outcome::Unavailable,
        should_retry: (seen.headers)("x-should-retry") != Some("false"),
        context_window: said.context_window,
    }
}

/// What the members say that are more exact than the status. A sentence that limits the matter to
/// the request comes before a code that does not.
fn by_members(status: u16, report: &Report<'_>, said: Facts) -> Option<(Outcome, Domain)> {
    let causes: [&Option<Cow<'_, str>>; 3] = [&report.reason, &report.code, &report.kind];
    let coded = || causes.iter().find_map(|cause| meaning(cause.as_deref()?));
    let limit = || meaning_of_limit(report.limit_source.as_deref()?);
    let flagged =
        (status == 403 && report.is_flagged).then_some((Outcome::ContentRefused, Domain::Request));
    let (outcome, domain) = said.meaning.or(flagged).or_else(limit).or_else(coded)?;
    // Google's quota of the whole project, of whatever model.
    let is_wider = outcome == Outcome::RateLimited && report.is_of_project;
    Some((outcome, if is_wider { Domain::Account } else { domain }))
}

fn by_status(status: u16, is_page: bool, report: &Report<'_>) -> (Outcome, Domain) {
    use Domain::{Account, Key, Model, Request, Target};
    match status {
        // A page is a proxy's or a firewall's, and says nothing of the key.
        401 | 403 if is_page => (Outcome::Unavailable, Target),
        401 | 403 => (Outcome::BadCredentials, Key),
        402 => (Outcome::QuotaUsedUp, Account),
        // Something else was not found than the model: an earlier response, a file.
        404 if report.param.as_deref().is_some_and(|param| param != "model") => {
            (Outcome::BadRequest, Request)
        }
        404 | 410 => (Outcome::ModelNotFound, Target),
        413 => (Outcome::ContextTooLong, Request),
        429 if report.is_of_project => (Outcome::RateLimited, Account),
        429 => (Outcome::RateLimited, Target),
        // 498 is Groq's for a tier without capacity.
        498 | 503 | 529 => (Outcome::Overloaded, Model),
        407 | 408 | 409 | 421 | 425 | 499 => (Outcome::Unavailable, Target),
        400..=499 => (Outcome::BadRequest, Request),
        // 5xx, and redirects that lead nowhere.
        _ => (Outcome::Unavailable, Target),
    }
}

/// A response that reports no error, or none at all, by what ended it.
fn judge_interruption(seen: &Seen<'_>) -> Judgement {
    let stage = seen.stage;
    let cut = if stage == Stage::Streaming { Outcome::Truncated } else { Outcome::Unavailable };
    let outcome = match seen.interruption {
        Some(Interruption::Aborted) => Outcome::Aborted,
        Some(Interruption::TimedOut) if stage == Stage::Streaming => Outcome::Truncated,
        Some(Interruption::TimedOut) => Outcome::TimedOut,
        None if seen.status.is_some() => Outcome::Success,
        Some(Interruption::Broken { .. } | Interruption::EndedEarly) | None => cut,
    };
    let is_unsent = stage <= Stage::Sending
        || (stage == Stage::AwaitingHead
            && seen.interruption.is_some_and(Interruption::is_before_sending));
    let is_nobodys = matches!(outcome, Outcome::Success | Outcome::Aborted);
    Judgement {
        outcome,
        domain: if is_nobodys { Domain::Request } else { Domain::Target },
        asked: None,
        status: seen.status,
        work_may_have_begun: seen.status.is_some() || !is_unsent,
        should_retry: true,
        context_window: None,
    }
}

/// Whether a server's wish to be left alone is about this outcome.
fn may_ask(outcome: Outcome) -> bool {
    matches!(
        outcome,
        Outcome::RateLimited | Outcome::Overloaded | Outcome::QuotaUsedUp | Outcome::Unavailable
    )
}
