//! Spans and moments of time as providers write them: `7.66s`, `2m59.56s`, `20ms`, seconds, Unix
//! times, RFC 3339. Where they stand is for others to know.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Reads a span as Go prints it (`1h2m3.5s`, `6m0s`, `20ms`) at the beginning of `text`. A number
/// without a unit is none.
pub(super) fn leading_span(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut seconds = 0.0;
    let mut found = false;
    loop {
        let end = rest.find(|char: char| !(char.is_ascii_digit() || char == '.'));
        let (number, after) = rest.split_at(end.unwrap_or(rest.len()));
        let Ok(number) = number.parse::<f64>() else { break };
        let Some((unit, after)) = leading_unit(after) else { break };
        seconds += number * unit;
        found = true;
        rest = after;
    }
    found.then(|| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
}

/// How many seconds the unit at the beginning of `text` has, and what follows it.
fn leading_unit(text: &str) -> Option<(f64, &str)> {
    const UNITS: [(&str, f64); 6] =
        [("ms", 1e-3), ("µs", 1e-6), ("us", 1e-6), ("h", 3600.0), ("m", 60.0), ("s", 1.0)];
    let (name, unit) = UNITS.iter().find(|(name, _)| text.starts_with(name))?;
    let after = &text[name.len()..];
    // `ms` is asked for before `m`, so that any other letter makes it a word: `20 minutes`.
    (!after.starts_with(|char: char| char.is_alphabetic())).then_some((*unit, after))
}

/// Reads a number and the word `seconds` or `second` at the beginning of `text`.
pub(super) fn leading_seconds(text: &str) -> Option<Duration> {
    let end = text.find(|char: char| !(char.is_ascii_digit() || char == '.'))?;
    let (number, after) = text.split_at(end);
    after.starts_with(" second").then_some(())?;
    Some(Duration::try_from_secs_f64(number.parse().ok()?).unwrap_or(Duration::MAX))
}

/// The time from `now` until what a reset header says: a span, seconds, a Unix time in seconds or
/// milliseconds, or RFC 3339. Zero for what has passed.
pub(crate) fn until_reset(text: &str, now: SystemTime) -> Option<Duration> {
    /// The 9th of September 2001: no reset is that many seconds away, none is as long ago.
    const UNIX_SECONDS: f64 = 1e9;
    const UNIX_MILLIS: f64 = 1e12;
    let text = text.trim();
    let Ok(number) = text.parse::<f64>() else {
        return leading_span(text)
            .or_else(|| Some(rfc3339(text)?.saturating_sub(since_epoch(now))));
    };
    if number.is_nan() || number < 0.0 {
        return None;
    }
    let seconds = if number >= UNIX_MILLIS { number / 1000.0 } else { number };
    let span = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
    Some(if number >= UNIX_SECONDS { span.saturating_sub(since_epoch(now)) } else { span })
}

fn since_epoch(now: SystemTime) -> Duration {
    now.duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// The time since the epoch of `2025-01-31T12:34:56(.789)Z` (RFC 3339 §5.6; in UTC only, as
/// providers send it).
fn rfc3339(text: &str) -> Option<Duration> {
    let text = text.strip_suffix(['Z', 'z']).or_else(|| text.strip_suffix("+00:00"))?;
    let bytes = text.as_bytes();
    let marks = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')];
    let has_marks = marks.iter().all(|&(at, mark)| bytes.get(at) == Some(&mark));
    if !has_marks || !matches!(bytes.get(10), Some(b'T' | b't' | b' ')) {
        return None;
    }
    let field = |from: usize, to: usize| -> Option<u64> {
        let digits = text.get(from..to)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let (year, month, day) = (field(0, 4)?, field(5, 7)?, field(8, 10)?);
    let (hour, minute, second) = (field(11, 13)?, field(14, 16)?, field(17, 19)?);
    let possible = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    let seconds = days_since_epoch(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    possible.then(|| Duration::from_secs(seconds))
}

/// Days from 1970-01-01 to a day of the Gregorian calendar, years beginning in March so that the
/// leap day is the last (Howard Hinnant, `days_from_civil`). Zero for what is before it.
fn days_since_epoch(year: u64, month: u64, day: u64) -> u64 {
    let year = if month <= 2 { year.saturating_sub(1) } else { year };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day.saturating_sub(1);
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    days.saturating_sub(719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_the_table_says() {
        let table = [
            ("7.66s", Some(7_660)),
            ("2m59.56s. Visit", Some(179_560)),
            ("20ms", Some(20)),
            ("6m0s", Some(360_000)),
            ("1h2m3s", Some(3_723_000)),
            ("9m38.016s.", Some(578_016)),
            ("37s", Some(37_000)),
            ("37", None),
            ("20 minutes", None),
            ("5months", None),
            ("1.2.3s", None),
            ("", None),
            ("s", None),
        ];
        for (text, millis) in table {
            assert_eq!(leading_span(text), millis.map(Duration::from_millis), "{text:?}");
        }
    }

    #[test]
    fn resets_are_read_as_the_table_says() {
        // 2025-01-01T00:00:00Z
        let now = UNIX_EPOCH + Duration::from_hours(482_136);
        let table = [
            ("1s", Some(1_000)),
            ("33011.5", Some(33_011_500)),
            ("0", Some(0)),
            ("1735689660", Some(60_000)),
            ("1735689660000", Some(60_000)),
            ("1735689000", Some(0)),
            ("2025-01-01T00:00:30Z", Some(30_000)),
            ("2025-03-01T00:00:00Z", Some(59 * 86_400_000)),
            ("2025-01-01T00:01:00.250Z", Some(60_000)),
            ("2024-12-31T23:59:59Z", Some(0)),
            ("2025-13-01T00:00:00Z", None),
            ("-5", None),
            ("soon", None),
            ("NaN", None),
            ("", None),
        ];
        for (text, millis) in table {
            assert_eq!(until_reset(text, now), millis.map(Duration::from_millis), "{text:?}");
        }
    }

    #[test]
    fn seconds_need_their_word() {
        assert_eq!(leading_seconds("6 seconds. Please"), Some(Duration::from_secs(6)));
        assert_eq!(leading_seconds("1 second"), Some(Duration::from_secs(1)));
        assert_eq!(leading_seconds("6 apples"), None);
        assert_eq!(leading_seconds("6"), None);
    }
}
