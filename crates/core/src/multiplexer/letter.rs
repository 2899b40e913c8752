//! What a letter says of the attempt that it is about.

use std::time::SystemTime;

use memchr::memmem;

use crate::mailbox::Letter;
use crate::outcome::{Interruption, Judgement, Seen, Stage, judge, judge_event};
use crate::quota::{Told, told};
use crate::wire::http_client::Fault;

/// The judgement of a letter that tells of a failure; none for any other.
pub(super) fn judgement_of(letter: &Letter, stage: Stage) -> Option<Judgement> {
    let now = SystemTime::now();
    let broken = |fault: &Fault, stage| {
        let interruption = if fault.timed_out {
            Interruption::TimedOut
        } else if stage == Stage::Streaming && fault.code.is_none() {
            Interruption::EndedEarly
        } else {
            Interruption::Broken { code: fault.code }
        };
        judge(&Seen::at(stage).with_interruption(interruption), now)
    };
    Some(match letter {
        Letter::RateLimited { head, body } | Letter::Refused { head, body } => {
            let status = head.get(..3).and_then(|status| status.parse().ok()).unwrap_or_default();
            let get = |name: &str| header(head, name);
            judge(&Seen::at(stage).with_status(status).with_headers(&get).with_body(body), now)
        }
        Letter::Unreachable(fault) => broken(fault, stage),
        Letter::Broken(fault) => {
            let came = if stage == Stage::Streaming { stage } else { Stage::AwaitingFirstEvent };
            broken(fault, came)
        }
        Letter::TimedOut => judge(&Seen::at(stage).with_interruption(Interruption::TimedOut), now),
        Letter::ErrorEvent { name, data } => {
            let ended = Seen::at(stage).with_interruption(Interruption::EndedEarly);
            judge_event(name, data, stage, now).unwrap_or_else(|| judge(&ended, now))
        }
        Letter::Unparsed { .. } => {
            judge(&Seen::at(stage).with_interruption(Interruption::EndedEarly), now)
        }
        _ => return None,
    })
}

/// What an answer's headers tell of limits. One for a limit (429, 529) says itself when to come
/// again: that is a rest.
pub(super) fn limits_told(letter: &Letter) -> Vec<Told> {
    let (Letter::Reply { head, .. } | Letter::Opened { head } | Letter::Refused { head, .. }) =
        letter
    else {
        return Vec::new();
    };
    if memmem::find(head.as_bytes(), b"ratelimit").is_none() {
        return Vec::new();
    }
    told(&|name| header(head, name), SystemTime::now())
}

/// True for a refusal of the option by which a stream is asked for its usage.
pub(super) fn is_about_usage(letter: &Letter) -> bool {
    let Letter::Refused { head, body } = letter else { return false };
    (head.starts_with("400") || head.starts_with("422")) && body.contains("stream_options")
}

/// The first value of a header in a head as it crosses to the host.
fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.split('\n').skip(1);
    lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}
