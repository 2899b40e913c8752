//! Where a day begins: windows of minutes, hours and days aligned to the wall clock of a time zone.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::limits::Span;
use crate::clock::Timestamp;

/// A stretch of time, from its first millisecond to before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window {
    /// Its first moment.
    pub start: Timestamp,
    /// The first moment after it.
    pub end: Timestamp,
}

impl Window {
    /// True from the first moment to before the end.
    pub fn contains(self, moment: Timestamp) -> bool {
        self.start <= moment && moment < self.end
    }
}

/// There is no time zone of this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no time zone \"{0}\"")]
pub struct UnknownZone(String);

/// A time zone; none is UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Zone(Option<Arc<TimeZone>>);

impl Zone {
    /// Coordinated universal time.
    pub const fn utc() -> Self {
        Self(None)
    }

    /// A zone of the IANA database, which is built in: `America/Los_Angeles`.
    ///
    /// # Errors
    /// There is none of this name.
    pub fn named(name: &str) -> Result<Self, UnknownZone> {
        if name == "UTC" {
            return Ok(Self::utc());
        }
        let zone = TimeZone::get(name).map_err(|_| UnknownZone(name.to_owned()))?;
        Ok(Self(Some(Arc::new(zone))))
    }

    /// The window of this length that contains a moment of the wall clock.
    pub fn window(&self, span: Span, moment: Timestamp) -> Window {
        match &self.0 {
            Some(zone) if span == Span::Day => day(zone, moment),
            // Minutes are the same everywhere: offsets are of whole minutes.
            Some(zone) if span == Span::Hour => aligned(span, moment, offset_ms(zone, moment)),
            _ => aligned(span, moment, 0),
        }
    }
}

fn jiff(moment: Timestamp) -> jiff::Timestamp {
    let millis = i64::try_from(moment.as_millis()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX)
}

fn offset_ms(zone: &TimeZone, moment: Timestamp) -> i64 {
    i64::from(zone.to_offset(jiff(moment)).seconds()) * 1_000
}

fn aligned(span: Span, moment: Timestamp, offset_ms: i64) -> Window {
    let length = span.millis();
    let local = moment.as_millis().saturating_add_signed(offset_ms);
    let start = Timestamp::from_millis(moment.as_millis().saturating_sub(local % length));
    Window { start, end: start.after(Duration::from_millis(length)) }
}

/// From midnight to midnight: 23 or 25 hours where clocks are changed.
fn day(zone: &TimeZone, moment: Timestamp) -> Window {
    let here = jiff(moment).to_zoned(zone.clone());
    let bound = |day: Result<jiff::Zoned, jiff::Error>| {
        let millis = day.and_then(|day| day.start_of_day()).ok()?.timestamp().as_millisecond();
        Some(Timestamp::from_millis(u64::try_from(millis).unwrap_or_default()))
    };
    match (bound(Ok(here.clone())), bound(here.tomorrow())) {
        (Some(start), Some(end)) => Window { start, end },
        // Only at the end of what the calendar can tell.
        _ => aligned(Span::Day, moment, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        let moment: jiff::Timestamp = text.parse().unwrap();
        Timestamp::from_millis(moment.as_millisecond() as u64)
    }

    #[test]
    fn windows_are_aligned_to_the_wall_clock_of_their_zone() {
        let table = [
            ("UTC", Span::Minute, "2026-03-01T10:20:30Z", "2026-03-01T10:20:00Z", 60),
            ("UTC", Span::Hour, "2026-03-01T10:20:30Z", "2026-03-01T10:00:00Z", 3_600),
            ("UTC", Span::Day, "2026-03-01T10:20:30Z", "2026-03-01T00:00:00Z", 86_400),
            ("Asia/Kolkata", Span::Hour, "2026-03-01T10:20:30Z", "2026-03-01T09:30:00Z", 3_600),
            ("Asia/Kolkata", Span::Minute, "2026-03-01T10:20:30Z", "2026-03-01T10:20:00Z", 60),
            (
                "America/Los_Angeles",
                Span::Day,
                "2026-03-01T10:20:30Z",
                "2026-03-01T08:00:00Z",
                86_400,
            ),
            // Clocks are put forward: the day has 23 hours.
            (
                "America/Los_Angeles",
                Span::Day,
                "2026-03-08T12:00:00Z",
                "2026-03-08T08:00:00Z",
                82_800,
            ),
            // And back: 25.
            (
                "America/Los_Angeles",
                Span::Day,
                "2026-11-01T12:00:00Z",
                "2026-11-01T07:00:00Z",
                90_000,
            ),
        ];
        for (zone, span, moment, start, seconds) in table {
            let window = Zone::named(zone).unwrap().window(span, at(moment));
            assert_eq!(window.start, at(start), "{zone} {span:?} {moment}");
            let length = window.end.since(window.start);
            assert_eq!(length, Duration::from_secs(seconds), "{zone} {span:?} {moment}");
        }
    }

    #[test]
    fn a_zone_that_does_not_exist_is_named_in_the_error() {
        let error = Zone::named("America/Sacramento").unwrap_err();
        assert_eq!(error.to_string(), "there is no time zone \"America/Sacramento\"");
    }
}
