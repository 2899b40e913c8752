//! Stop strings across the seam of a continued answer: the provider looks for them only in what
//! it writes itself, so that one which began in what was given before is found here.

/// The seam, until no stop string can lie across it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seam {
    stops: Vec<String>,
    /// The end of what was given.
    before: String,
    /// What came after it and may belong to a stop string.
    held: String,
}

/// What is told of a piece.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// This much may be told.
    Text(String),
    /// The answer has ended: a stop string is complete.
    Stop,
}

impl Seam {
    /// A seam after `given`.
    pub(super) fn new(stops: Vec<String>, given: &str) -> Self {
        let longest = stops.iter().map(|stop| stop.chars().count()).max().unwrap_or_default();
        let before = given.chars().rev().take(longest.saturating_sub(1)).collect::<Vec<char>>();
        Self { stops, before: before.into_iter().rev().collect(), held: String::new() }
    }

    /// Takes what comes next.
    pub(super) fn take(&mut self, piece: &str) -> Piece {
        if self.before.is_empty() {
            return Piece::Text(piece.to_owned());
        }
        self.held.push_str(piece);
        let whole = format!("{}{}", self.before, self.held);
        let mut may_come = false;
        for (start, _) in self.before.char_indices() {
            let from = &whole[start..];
            // One that lies before the seam would have ended the answer there.
            let crosses =
                |stop: &&String| stop.len() > self.before.len() - start && from.starts_with(*stop);
            if self.stops.iter().any(|stop| crosses(&stop)) {
                return Piece::Stop;
            }
            may_come |= self.stops.iter().any(|stop| stop.starts_with(from));
        }
        if may_come {
            return Piece::Text(String::new());
        }
        if !self.held.is_empty() {
            self.before.clear();
        }
        Piece::Text(std::mem::take(&mut self.held))
    }

    /// The answer ends: what was held belongs to no stop string.
    pub(super) fn end(&mut self) -> String {
        self.before.clear();
        std::mem::take(&mut self.held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(stops: &[&str], given: &str, pieces: &[&str]) -> String {
        let mut seam = Seam::new(stops.iter().map(|stop| (*stop).to_owned()).collect(), given);
        let mut told = String::new();
        for piece in pieces {
            match seam.take(piece) {
                Piece::Text(text) => told.extend([text.as_str(), "|"]),
                Piece::Stop => return told + "STOP",
            }
        }
        told + &seam.end()
    }

    #[test]
    fn a_stop_string_is_found_across_the_seam() {
        let table: [(&[&str], &str, &[&str], &str); 10] = [
            (&[], "one EN", &["D", " two"], "D| two|"),
            (&["END"], "one EN", &["D", " two"], "STOP"),
            (&["ENDING"], "one EN", &["D", "I", "NG"], "||STOP"),
            (&["ENDING"], "one EN", &["D", "S", " two"], "|DS| two|"),
            (&["END"], "one EN", &["", "D"], "|STOP"),
            (&["END"], "one", &[" END"], " END|"),
            (&["ENDING"], "one EN", &["DIN"], "|DIN"),
            (&["a\u{e9}b", "zz"], "xa\u{e9}", &["b"], "STOP"),
            (&["\n\n"], "one\n", &["two", "\n\n"], "two|\n\n|"),
            (&["\n\n", "one\n \n"], "one\n", &[" ", "\n"], "|STOP"),
        ];
        for (stops, given, pieces, expected) in table {
            assert_eq!(told(stops, given, pieces), expected, "{stops:?} {given:?} {pieces:?}");
        }
    }
}
