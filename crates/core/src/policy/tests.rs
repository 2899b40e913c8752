use std::time::SystemTime;

use super::*;
use crate::outcome::{Interruption, Seen, Stage, judge, judge_event};

const SAFE: Replay = Replay {
    once_because: None,
    bound_by: None,
    has_choices: false,
    has_logprobs: false,
    is_structured: false,
    has_audio: false,
    has_signed_thinking: false,
};

fn first(replay: &Replay) -> Progress<'_> {
    Progress { attempts_here: 1, work_may_have_begun: false, replay, has_budget: true, draw: 0.5 }
}

fn response(status: u16, body: &str) -> Judgement {
    let seen = Seen::at(Stage::AwaitingFirstEvent).with_status(status).with_body(body);
    judge(&seen, SystemTime::UNIX_EPOCH)
}

fn broken(stage: Stage, code: &str) -> Judgement {
    let interruption = Interruption::Broken { code: Some(code) };
    judge(&Seen::at(stage).with_interruption(interruption), SystemTime::UNIX_EPOCH)
}

const ANY: Decision = Decision::FailOver(Elsewhere::Any);
const LARGER: Decision = Decision::FailOver(Elsewhere::LargerContext);
const SAME: Decision = Decision::RetrySame { after: Duration::from_millis(100) };
const GIVE_UP: Decision = Decision::GiveUp;

/// Name, judgement, decision of `compat`, decision of `resilient`, whether resilient charges it.
fn table() -> Vec<(&'static str, Judgement, Decision, Decision, bool)> {
    let long = r#"{"error":{"code":"context_length_exceeded"}}"#;
    let refused = r#"{"error":{"code":"content_filter"}}"#;
    let in_body = r#"{"error":{"code":429}}"#;
    let late = Seen::at(Stage::AwaitingHead).with_interruption(Interruption::TimedOut);
    let gone = Seen::at(Stage::AwaitingHead).with_interruption(Interruption::Aborted);
    let overloaded = r#"{"type":"error","error":{"type":"overloaded_error"}}"#;
    let now = SystemTime::UNIX_EPOCH;
    let in_band = judge_event("error", overloaded, Stage::AwaitingFirstEvent, now).unwrap();
    vec![
        ("success", response(200, "{}"), GIVE_UP, GIVE_UP, true),
        ("429 in a body", response(200, in_body), GIVE_UP, ANY, true),
        ("429", response(429, ""), ANY, ANY, false),
        ("529", response(529, ""), ANY, ANY, false),
        ("503", response(503, ""), GIVE_UP, ANY, false),
        ("401", response(401, ""), GIVE_UP, ANY, false),
        ("402", response(402, ""), GIVE_UP, ANY, false),
        ("404", response(404, ""), GIVE_UP, ANY, false),
        ("400", response(400, ""), GIVE_UP, GIVE_UP, false),
        ("context too long", response(400, long), GIVE_UP, LARGER, false),
        ("content refused", response(400, refused), GIVE_UP, ANY, false),
        ("500", response(500, ""), GIVE_UP, SAME, true),
        ("reset", broken(Stage::AwaitingHead, "ECONNRESET"), GIVE_UP, SAME, true),
        ("connection refused", broken(Stage::Connecting, "ECONNREFUSED"), GIVE_UP, ANY, false),
        ("no answer", judge(&late, now), GIVE_UP, ANY, true),
        ("aborted", judge(&gone, now), GIVE_UP, GIVE_UP, true),
        ("overloaded event", in_band, GIVE_UP, ANY, true),
    ]
}

#[test]
fn presets_decide_as_the_table_says() {
    let (compat, resilient) = (Policy::default(), Policy::new(Preset::Resilient));
    for (name, judgement, of_compat, of_resilient, is_charged) in table() {
        assert_eq!(compat.decide(&judgement, &first(&SAFE)), of_compat, "{name}");
        assert_eq!(resilient.decide(&judgement, &first(&SAFE)), of_resilient, "{name}");
        assert_eq!(resilient.is_charged(&judgement), is_charged, "{name}");
        assert!(!compat.is_charged(&judgement), "{name}");
    }
}

#[test]
fn without_a_budget_only_what_costs_nothing_goes_on() {
    let policy = Policy::new(Preset::Resilient);
    for (name, judgement, _, decision, is_charged) in table() {
        let broke = Progress { has_budget: false, ..first(&SAFE) };
        let expected = if is_charged { GIVE_UP } else { decision };
        assert_eq!(policy.decide(&judgement, &broke), expected, "{name}");
    }
}

#[test]
fn the_same_target_is_asked_again_once_and_soon() {
    let policy = Policy::new(Preset::Resilient);
    let again = Progress { attempts_here: 2, ..first(&SAFE) };
    assert_eq!(policy.decide(&response(500, ""), &again), ANY);
    let wait = Judgement { asked: Some(Duration::from_secs(5)), ..response(500, "") };
    assert_eq!(policy.decide(&wait, &first(&SAFE)), ANY);
    let useless = Judgement { should_retry: false, ..response(500, "") };
    assert_eq!(policy.decide(&useless, &first(&SAFE)), ANY);
    let pauses = [0.0, 1.0]
        .map(|draw| policy.decide(&response(502, ""), &Progress { draw, ..first(&SAFE) }));
    let after = |millis| Decision::RetrySame { after: Duration::from_millis(millis) };
    assert_eq!(pauses, [after(50), after(150)]);
}

#[test]
fn what_may_have_been_executed_is_not_sent_again_unless_it_was_refused() {
    let policy = Policy::new(Preset::Resilient);
    let once = Replay { once_because: Some("background"), ..SAFE };
    assert_eq!(policy.decide(&response(500, ""), &first(&once)), GIVE_UP);
    assert_eq!(policy.decide(&broken(Stage::AwaitingHead, "ECONNRESET"), &first(&once)), GIVE_UP);
    assert_eq!(policy.decide(&response(429, ""), &first(&once)), ANY);
    assert_eq!(policy.decide(&response(503, ""), &first(&once)), ANY);
    assert_eq!(policy.decide(&broken(Stage::Connecting, "ENOTFOUND"), &first(&once)), ANY);
    let earlier = Progress { work_may_have_begun: true, ..first(&once) };
    assert_eq!(policy.decide(&response(429, ""), &earlier), GIVE_UP);
}

#[test]
fn what_was_too_long_goes_to_larger_targets_whatever_the_rule() {
    let long = r#"{"error":{"code":"context_length_exceeded","message":"too long"}}"#;
    for rule in [Rule::FailOver, Rule::RetryThenFailOver] {
        let policy = Policy::new(Preset::Resilient).with(Outcome::ContextTooLong, rule);
        assert_eq!(policy.decide(&response(400, long), &first(&SAFE)), LARGER);
    }
}

#[test]
fn an_override_goes_before_the_preset() {
    let policy = Policy::default()
        .with(Outcome::Unavailable, Rule::FailOver)
        .with(Outcome::RateLimited, Rule::GiveUp);
    assert_eq!(policy.decide(&response(500, ""), &first(&SAFE)), ANY);
    assert_eq!(policy.decide(&response(429, ""), &first(&SAFE)), GIVE_UP);
    assert_eq!(policy.decide(&response(529, ""), &first(&SAFE)), ANY);
    let nonsense = Policy::default().with(Outcome::Success, Rule::FailOver);
    assert_eq!(nonsense.decide(&response(200, "{}"), &first(&SAFE)), GIVE_UP);
    assert_eq!(policy.preset(), Preset::Compat);
}
