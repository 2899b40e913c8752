//! What is limited: requests or tokens, by minute, hour or day, and how that time passes.

use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::time::Duration;

use super::zone::Zone;

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Requests whose first byte was written.
    Requests,
    /// Tokens, of prompts and answers together.
    Tokens,
}

/// How long a limit's time is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Span {
    /// 60 seconds.
    Minute,
    /// 60 minutes.
    Hour,
    /// From midnight to midnight of the limit's zone; 24 hours where it slides.
    Day,
}

impl Span {
    /// Its usual length.
    pub const fn length(self) -> Duration {
        match self {
            Self::Minute => Duration::from_mins(1),
            Self::Hour => Duration::from_hours(1),
            Self::Day => Duration::from_hours(24),
        }
    }

    pub(super) const fn millis(self) -> u64 {
        self.length().as_millis() as u64
    }
}

/// One of the six things that can be limited: `rpm`, `rph`, `rpd`, `tpm`, `tph`, `tpd`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Meter {
    /// What is counted.
    pub measure: Measure,
    /// In how long a time.
    pub span: Span,
}

impl Meter {
    /// All of them, requests first, the shortest time first.
    pub const ALL: [Self; 6] = [
        Self { measure: Measure::Requests, span: Span::Minute },
        Self { measure: Measure::Requests, span: Span::Hour },
        Self { measure: Measure::Requests, span: Span::Day },
        Self { measure: Measure::Tokens, span: Span::Minute },
        Self { measure: Measure::Tokens, span: Span::Hour },
        Self { measure: Measure::Tokens, span: Span::Day },
    ];

    /// Its name in options, reports and stores: `rpm`.
    pub const fn name(self) -> &'static str {
        match (self.measure, self.span) {
            (Measure::Requests, Span::Minute) => "rpm",
            (Measure::Requests, Span::Hour) => "rph",
            (Measure::Requests, Span::Day) => "rpd",
            (Measure::Tokens, Span::Minute) => "tpm",
            (Measure::Tokens, Span::Hour) => "tph",
            (Measure::Tokens, Span::Day) => "tpd",
        }
    }

    /// The meter of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|meter| meter.name() == name)
    }
}

/// How a limit's time passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pace {
    /// In windows that begin with the minute, hour or day of a zone; each begins with the whole
    /// limit, less what was overspent before.
    Fixed(Zone),
    /// Evenly: a bucket of the size of the limit that refills in the limit's time (GCRA).
    Sliding,
}

impl Default for Pace {
    fn default() -> Self {
        Self::Fixed(Zone::utc())
    }
}

/// How much there is in its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// So many requests or tokens.
    pub most: NonZeroU64,
    /// How its time passes. Default: fixed windows in UTC.
    pub pace: Pace,
}

impl Limit {
    /// So many in each fixed window in UTC.
    pub fn new(most: NonZeroU64) -> Self {
        Self { most, pace: Pace::default() }
    }
}

/// The limits of one scope.
pub type Limits = BTreeMap<Meter, Limit>;
