//! What members tell each other through Redis, as one line of text.

/// Something that another member has told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Message<'a> {
    /// A scope rests until then, by Redis' clock.
    Rest { ends: u64, scope: &'a str },
    /// Somebody goes without: what is unused of this limit is wanted back.
    Want { counter: &'a str },
    /// Somebody has given back what was wanted.
    Free,
    /// Redis has begun another life of the data.
    Epoch,
}

/// Reads a message; none if it is the reader's own, or of a later version.
pub(super) fn read<'a>(line: &'a str, reader: &str) -> Option<Message<'a>> {
    let (kind, rest) = line.split_once(' ')?;
    let (from, rest) = rest.split_once(' ')?;
    if from == reader {
        return None;
    }
    match kind {
        "rest" => {
            let (ends, scope) = rest.split_once(' ')?;
            Some(Message::Rest { ends: ends.parse().ok()?, scope })
        }
        "want" => Some(Message::Want { counter: rest }),
        "free" => Some(Message::Free),
        "epoch" => Some(Message::Epoch),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_have_spaces() {
        let rest = Message::Rest { ends: 17, scope: "key:my account: a" };
        assert_eq!(read("rest abc 17 key:my account: a", "def"), Some(rest));
        let want = Message::Want { counter: "target:a b:rpm" };
        assert_eq!(read("want abc target:a b:rpm", "def"), Some(want));
    }

    #[test]
    fn what_is_ones_own_or_not_understood_is_passed_over() {
        for line in ["rest abc 17 key:a", "", "rest", "rest def x key:a", "later def 1"] {
            assert_eq!(read(line, "abc"), None, "{line}");
        }
    }
}
