//! The decoder at every boundary.

use super::*;
use proptest::prelude::*;

type Seen = Vec<(String, String)>;

fn collect(seen: &mut Seen) -> impl FnMut(Event<'_>) -> bool {
    |event| {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        seen.push((text(event.name), text(event.data)));
        true
    }
}

fn decode(pieces: &[&[u8]]) -> Seen {
    let mut decoder = Decoder::default();
    let mut seen = Vec::new();
    for piece in pieces {
        decoder.push(piece, collect(&mut seen)).unwrap();
    }
    decoder.finish(collect(&mut seen));
    seen
}

/// The rules written down plainly: split into lines, then walk over them.
fn by_the_rules(bytes: &[u8]) -> Seen {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace('\r', "\n");
    let mut seen = Vec::new();
    let (mut name, mut data): (String, Vec<&str>) = (String::new(), Vec::new());
    for line in text.split('\n').chain([""]) {
        let line = line.strip_prefix('\u{FEFF}').unwrap_or(line);
        if line.is_empty() {
            if !name.is_empty() || !data.is_empty() {
                seen.push((std::mem::take(&mut name), std::mem::take(&mut data).join("\n")));
            }
            continue;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => name = value.into(),
            "data" => data.push(value),
            _ => {}
        }
    }
    seen
}

#[test]
fn events_come_out_as_the_table_says() {
    let table: [(&str, &[(&str, &str)]); 17] = [
        ("data: a\n\n", &[("", "a")]),
        ("data:a\n\ndata: b\n\n", &[("", "a"), ("", "b")]),
        ("data: a\r\n\r\ndata: b\r\n\r\n", &[("", "a"), ("", "b")]),
        ("data: a\r\rdata: b\r\r", &[("", "a"), ("", "b")]),
        ("data: a\ndata: b\n\n", &[("", "a\nb")]),
        ("data: a", &[("", "a")]),
        ("data: a\n", &[("", "a")]),
        (": comment\n\ndata: a\n\n", &[("", "a")]),
        ("event: x\ndata: a\n\ndata: b\n\n", &[("x", "a"), ("", "b")]),
        ("event: x\n\n", &[("x", "")]),
        ("data\n\n", &[("", "")]),
        ("id: 1\nretry: 5\nfoo: x\ndata:  a\n\n", &[("", " a")]),
        ("\n\n\n", &[]),
        ("\u{FEFF}data: a\n\n", &[("", "a")]),
        ("\u{FEFF}\u{FEFF}data: a\n\n", &[]),
        ("data: a\n\u{FEFF}\ndata: b\n\n", &[("", "a"), ("", "b")]),
        ("data: a\n\n\u{FEFF}data: \u{FEFF}b\n\n", &[("", "a"), ("", "\u{FEFF}b")]),
    ];
    for (text, expected) in table {
        let expected: Seen = expected.iter().map(|(n, d)| ((*n).into(), (*d).into())).collect();
        assert_eq!(decode(&[text.as_bytes()]), expected, "{text:?}");
    }
}

#[test]
fn nothing_is_read_once_the_sink_has_enough() {
    let mut decoder = Decoder::default();
    let mut seen = 0;
    let mut sink = |_: Event<'_>| {
        seen += 1;
        false
    };
    decoder.push(b"data: a\n\ndata: b\n\n", &mut sink).unwrap();
    assert_eq!(seen, 1);
}

#[test]
fn a_long_line_in_small_pieces_is_read_once() {
    let mut decoder = Decoder::default();
    decoder.push(b"data: ", |_| true).unwrap();
    // Looking at all of it again for every piece would take minutes.
    for _ in 0..MAX_EVENT_BYTES / 64 {
        decoder.push(&[b'x'; 32], |_| true).unwrap();
    }
    let mut length = 0;
    let sink = |event: Event<'_>| {
        length = event.data.len();
        true
    };
    decoder.push(b"\n\n", sink).unwrap();
    assert_eq!(length, MAX_EVENT_BYTES / 2);
}

#[test]
fn an_event_without_end_is_refused() {
    let mut decoder = Decoder::default();
    let piece = vec![b'x'; MAX_EVENT_BYTES / 2 + 1];
    assert_eq!(decoder.push(&piece, |_| true), Ok(()));
    assert_eq!(decoder.push(&piece, |_| true), Err(TooLarge));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn any_bytes_in_any_pieces_give_what_the_rules_say(
        parts in prop::collection::vec(prop_oneof![
            Just("data: ".as_bytes().to_vec()), Just(b"data:".to_vec()), Just(b"event: n".to_vec()),
            Just(b"\n".to_vec()), Just(b"\n\n".to_vec()), Just(b"\r".to_vec()), Just(b"\r\n".to_vec()),
            Just(b": c".to_vec()), Just(b"\xEF\xBB\xBF".to_vec()), Just("é€😀".as_bytes().to_vec()),
            Just(b"{\"a\":1}".to_vec()), prop::collection::vec(any::<u8>(), 0..4),
        ], 0..24),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let bytes: Vec<u8> = parts.concat();
        let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        ends.push(bytes.len());
        ends.sort_unstable();
        let mut start = 0;
        let mut pieces = Vec::new();
        for end in ends {
            pieces.push(&bytes[start..end]);
            start = end;
        }
        prop_assert_eq!(decode(&pieces), by_the_rules(&bytes));
    }
}
