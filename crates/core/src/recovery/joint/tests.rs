#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;

use super::super::object::quoted;
use super::*;
use crate::recovery::Prefill;

fn chunk(id: &str, delta: &str) -> String {
    format!(
        r#"{{"id":"{id}","created":1,"model":"{id}","choices":[{{"index":0,"delta":{delta},"finish_reason":null}}]}}"#
    )
}

fn says(id: &str, text: &str) -> String {
    chunk(id, &format!(r#"{{"content":"{text}"}}"#))
}

fn finish(id: &str) -> String {
    chunk(id, "{}").replace("null", r#""stop""#)
}

fn role(id: &str) -> String {
    chunk(id, r#"{"role":"assistant","content":""}"#)
}

fn as_it_is(joint: &mut Joint, chunks: &[String]) {
    for chunk in chunks {
        assert_eq!(joint.take(chunk), Passage::AsItIs, "{chunk}");
    }
}

/// What broke off after this text.
fn broken_off(text: &str) -> Arc<Recovery> {
    let recovery = Arc::new(Recovery::default());
    as_it_is(&mut recovery.begin(), &[role("a"), says("a", text)]);
    assert!(recovery.can_go_on());
    recovery
}

/// What the caller gets of these chunks.
fn joined(joint: &mut Joint, chunks: &[String]) -> Vec<String> {
    let mut told = Vec::new();
    for chunk in chunks {
        match joint.take(chunk) {
            Passage::AsItIs => told.push(chunk.clone()),
            Passage::Instead(instead) => told.extend(instead),
            Passage::Last(instead) => {
                told.extend(instead);
                told.push("LAST".to_owned());
                break;
            }
            Passage::Diverged => {
                told.push("DIVERGED".to_owned());
                break;
            }
        }
    }
    told
}

/// As a later answer's chunk is told: under the first one's id, with its own model.
fn under(id: &str, chunk: &str) -> String {
    chunk.replacen(&format!(r#""id":"{id}""#), r#""id":"a""#, 1)
}

#[test]
fn a_restarted_answer_goes_on_where_the_first_broke_off() {
    let mut joint = broken_off("one two").go_on(Manner::Restart);
    let chunks =
        [role("b"), says("b", "one "), says("b", "two three"), says("b", " four"), finish("b")];
    let told = joined(&mut joint, &chunks);
    let expected = [says("b", " three"), says("b", " four"), finish("b")];
    assert_eq!(told, expected.map(|chunk| under("b", &chunk)));
}

#[test]
fn a_restarted_answer_that_says_something_else_is_not_told() {
    for chunks in [
        vec![says("b", "two")],
        vec![says("b", "one"), finish("b")],
        vec![says("b", "one"), chunk("b", r#"{"tool_calls":[{"index":0}]}"#)],
        vec![chunk("b", r#"{"reasoning":"hm"}"#)],
        vec![chunk("b", r#"{"audio":{"data":"AA"}}"#)],
    ] {
        let mut joint = broken_off("one two").go_on(Manner::Restart);
        assert_eq!(joined(&mut joint, &chunks), ["DIVERGED"], "{chunks:?}");
    }
}

#[test]
fn an_answer_may_go_on_more_than_once() {
    let recovery = broken_off("one");
    joined(&mut recovery.go_on(Manner::Restart), &[says("b", "one two")]);
    let told = joined(&mut recovery.go_on(Manner::Restart), &[says("c", "one two three")]);
    assert_eq!(told, [under("c", &says("c", " three"))]);
}

const BODY: &str = r#"{"messages":[{"role":"user","content":"hi"}],"stop":"END"}"#;

fn continued(recovery: &Arc<Recovery>, prefill: Prefill) -> Joint {
    let (_, continuation) = recovery.continuation(BODY, prefill).unwrap();
    recovery.go_on(Manner::Continue(continuation))
}

#[test]
fn a_continued_answer_is_told_from_its_beginning_and_thinks_unheard() {
    let mut joint = continued(&broken_off("one two"), Prefill::Assistant);
    let thinks = chunk("b", r#"{"reasoning_content":"hm"}"#);
    let told = joined(&mut joint, &[role("b"), thinks, says("b", " three"), finish("b")]);
    assert_eq!(told, [says("b", " three"), finish("b")].map(|chunk| under("b", &chunk)));
}

#[test]
fn a_repeated_prefix_is_told_once() {
    let recovery = broken_off("one two three four");
    let mut joint = continued(&recovery, Prefill::Prefix);
    let told = joined(&mut joint, &[says("b", "one two "), says("b", "three four five")]);
    assert_eq!(told, [under("b", &says("b", " five"))]);
}

#[test]
fn a_stop_string_across_the_seam_ends_the_answer() {
    let mut joint = continued(&broken_off("one EN"), Prefill::ContinueFinalMessage);
    let told = joined(&mut joint, &[says("b", "D two"), says("b", "three")]);
    assert_eq!(told, [under("b", &finish("b")), "LAST".to_owned()]);
}

#[test]
fn the_callers_usage_is_the_prompt_and_what_was_given() {
    let usage = |prompt: u64, completion: u64| {
        let total = prompt + completion;
        format!(
            r#"{{"id":"b","choices":[],"usage":{{"prompt_tokens":{prompt},"completion_tokens":{completion},"total_tokens":{total}}}}}"#
        )
    };
    let table =
        [(Prefill::Assistant, " five", 5), (Prefill::Prefix, "one two three four!! five", 0)];
    for (prefill, text, more) in table {
        let mut joint = continued(&broken_off("one two three four!!"), prefill);
        joined(&mut joint, &[says("b", text), finish("b")]);
        let told = joined(&mut joint, &[usage(25, 9)]);
        assert_eq!(told, [under("b", &usage(20, 9 + more))], "{prefill:?}");
        assert_eq!(joint.take_billed(), Some(Usage { prompt: 25, completion: 9 }));
    }
}

#[test]
fn a_tool_call_is_told_when_it_is_complete_and_is_not_gone_on_with() {
    let recovery = Arc::new(Recovery::default());
    let mut joint = recovery.begin();
    let call = chunk("a", r#"{"tool_calls":[{"index":0,"function":{"arguments":"{"}}]}"#);
    assert_eq!(joint.take(&call), Passage::Instead(Vec::new()));
    assert!(joint.chunks() == 1 && recovery.can_go_on());
    assert_eq!(joint.take(&finish("a")), Passage::Instead(vec![call, finish("a")]));
    assert!(!recovery.can_go_on());
}

#[test]
fn an_error_is_left_to_others() {
    let mut joint = broken_off("one").go_on(Manner::Restart);
    for error in [r#"{"error":{"message":"no"}}"#, "{", "5"] {
        assert_eq!(joint.take(error), Passage::AsItIs);
    }
}

/// The text in chunks of so many characters, in turn.
fn in_pieces(text: &str, sizes: &[usize]) -> Vec<String> {
    let mut rest = text.chars();
    let mut sizes = sizes.iter().cycle();
    let pieces = std::iter::from_fn(|| {
        let piece: String = rest.by_ref().take(*sizes.next()?).collect();
        (!piece.is_empty()).then(|| chunk("b", &format!(r#"{{"content":{}}}"#, quoted(&piece))))
    });
    pieces.chain([finish("b")]).collect()
}

fn text_of(told: &[String]) -> String {
    told.iter()
        .filter_map(|chunk| Chunk::read(chunk))
        .map(|chunk| chunk.texts[CONTENT].clone())
        .collect()
}

proptest! {
    /// Wherever the first answer breaks off and however the second is cut into chunks.
    #[test]
    fn two_answers_make_one(
        given in "[a-c \\n\u{e9}]{1,40}",
        rest in "[a-c \\n\u{e9}]{0,40}",
        sizes in prop::collection::vec(1_usize..6, 1..5),
        prefill in prop::sample::select(vec![
            None,
            Some(Prefill::Prefix),
            Some(Prefill::ContinueFinalMessage),
            Some(Prefill::Assistant),
        ]),
    ) {
        let recovery = Arc::new(Recovery::default());
        let first = chunk("a", &format!(r#"{{"content":{}}}"#, quoted(&given)));
        recovery.begin().take(&first);
        let continued = prefill.and_then(|prefill| recovery.continuation(BODY, prefill));
        let (manner, answer) = match continued {
            None => (Manner::Restart, format!("{given}{rest}")),
            // What was not handed over of it belongs to the answer.
            Some((_, continuation)) if prefill == Some(Prefill::Assistant) => {
                (Manner::Continue(continuation), format!("{}{rest}", &given[given.trim_end().len()..]))
            }
            // What happens to repeat all of it is taken for a repetition.
            Some(_) if rest.starts_with(&given) => return Ok(()),
            Some((_, continuation)) => (Manner::Continue(continuation), rest.clone()),
        };
        let mut joint = recovery.go_on(manner);
        let told = joined(&mut joint, &in_pieces(&answer, &sizes));
        prop_assert!(!told.contains(&"DIVERGED".to_owned()), "{:?}", told);
        prop_assert_eq!(text_of(&told), rest);
        prop_assert!(told.last().is_some_and(|chunk| chunk.contains(r#""stop""#)));
    }

    /// Nothing of another answer is told, wherever it begins to differ.
    #[test]
    fn another_answer_is_never_told(
        given in "[a-c]{1,30}",
        other in "[a-c]{0,30}",
        sizes in prop::collection::vec(1_usize..6, 1..5),
    ) {
        prop_assume!(!other.starts_with(&given));
        let told = joined(&mut broken_off(&given).go_on(Manner::Restart), &in_pieces(&other, &sizes));
        prop_assert_eq!(told, ["DIVERGED"]);
    }
}
