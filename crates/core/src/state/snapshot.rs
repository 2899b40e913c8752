//! What of a fleet outlives its process, as JSON that a person can read. Moments are told in UTC.

use std::time::Duration;

use jiff::Timestamp as Moment;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::quota::{Meter, Scope, Spending, Window};

/// The form that this version writes, and the only one that it reads.
const VERSION: u32 = 1;

/// How soon a target has given its first token of late.
#[derive(Clone, Debug, PartialEq)]
pub struct Latency {
    /// The target's id.
    pub target: String,
    /// The mean.
    pub mean: Duration,
    /// When it was last measured, by the host's clock.
    pub measured: Timestamp,
}

/// What outlives a process.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// Who rests until when, by the host's clock.
    pub rests: Vec<(Scope, Timestamp)>,
    /// What was spent of limits whose windows are not over.
    pub spending: Vec<Spending>,
    /// First tokens.
    pub latencies: Vec<Latency>,
}

/// A text that is no snapshot.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// It is not the JSON that is expected.
    #[error("it is not the state of a multiplexer: {0}")]
    Form(serde_json::Error),
    /// It was written by a version that this one does not know.
    #[error("its version is {0}, and this version of the package reads {VERSION}")]
    Version(u32),
}

#[derive(Serialize, Deserialize)]
struct Document {
    version: u32,
    rests: Vec<RestRecord>,
    spending: Vec<SpendingRecord>,
    latencies: Vec<LatencyRecord>,
}

#[derive(Serialize, Deserialize)]
struct RestRecord {
    scope: String,
    until: Moment,
}

#[derive(Serialize, Deserialize)]
struct SpendingRecord {
    scope: String,
    limit: String,
    from: Moment,
    until: Moment,
    used: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LatencyRecord {
    target: String,
    first_token_ms: f64,
    measured: Moment,
}

fn moment(of: Timestamp) -> Moment {
    let millis = i64::try_from(of.as_millis()).unwrap_or(i64::MAX);
    Moment::from_millisecond(millis).unwrap_or(Moment::MAX)
}

fn timestamp(of: Moment) -> Timestamp {
    Timestamp::from_millis(u64::try_from(of.as_millisecond()).unwrap_or_default())
}

impl Snapshot {
    /// As JSON, with a line end.
    pub fn to_json(&self) -> String {
        let document = Document {
            version: VERSION,
            rests: self
                .rests
                .iter()
                .map(|(scope, until)| RestRecord {
                    scope: scope.to_string(),
                    until: moment(*until),
                })
                .collect(),
            spending: self
                .spending
                .iter()
                .map(|Spending { scope, meter, window, used }| SpendingRecord {
                    scope: scope.to_string(),
                    limit: meter.name().to_owned(),
                    from: moment(window.start),
                    until: moment(window.end),
                    used: *used,
                })
                .collect(),
            latencies: self
                .latencies
                .iter()
                .map(|Latency { target, mean, measured }| LatencyRecord {
                    target: target.clone(),
                    first_token_ms: mean.as_secs_f64() * 1_000.0,
                    measured: moment(*measured),
                })
                .collect(),
        };
        // Maps with keys that are no strings are all that could fail.
        let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Reads what [`Self::to_json`] has written. Entries of kinds that this version does not know
    /// are passed over.
    ///
    /// # Errors
    /// It is something else.
    pub fn from_json(text: &str) -> Result<Self, SnapshotError> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let Versioned { version } = serde_json::from_str(text).map_err(SnapshotError::Form)?;
        if version != VERSION {
            return Err(SnapshotError::Version(version));
        }
        let document: Document = serde_json::from_str(text).map_err(SnapshotError::Form)?;
        let rests = document.rests.into_iter();
        let spending = document.spending.into_iter();
        let latencies = document.latencies.into_iter();
        Ok(Self {
            rests: rests
                .filter_map(|rest| Some((rest.scope.parse().ok()?, timestamp(rest.until))))
                .collect(),
            spending: spending.filter_map(SpendingRecord::read).collect(),
            latencies: latencies.filter_map(LatencyRecord::read).collect(),
        })
    }
}

impl SpendingRecord {
    fn read(self) -> Option<Spending> {
        Some(Spending {
            scope: self.scope.parse().ok()?,
            meter: Meter::of_name(&self.limit)?,
            window: Window { start: timestamp(self.from), end: timestamp(self.until) },
            used: self.used,
        })
    }
}

impl LatencyRecord {
    fn read(self) -> Option<Latency> {
        let mean = Duration::try_from_secs_f64(self.first_token_ms / 1_000.0).ok()?;
        Some(Latency { target: self.target, mean, measured: timestamp(self.measured) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Domain;

    fn snapshot() -> Snapshot {
        let at = |millis: u64| Timestamp::from_millis(1_763_753_000_000 + millis);
        let scope = |domain, name: &str| Scope { domain, name: name.to_owned() };
        Snapshot {
            rests: vec![(scope(Domain::Key, "acme: \"main\""), at(1_234))],
            spending: vec![Spending {
                scope: scope(Domain::Target, "gpt"),
                meter: Meter::of_name("tpd").unwrap(),
                window: Window { start: at(0), end: at(86_400_000) },
                used: 17,
            }],
            latencies: vec![Latency {
                target: "gpt".to_owned(),
                mean: Duration::from_micros(312_500),
                measured: at(9),
            }],
        }
    }

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let text = snapshot().to_json();
        assert_eq!(Snapshot::from_json(&text).unwrap(), snapshot());
        assert!(text.contains("\"until\": \"2025-11-21T19:23:21.234Z\""), "{text}");
        assert!(text.contains("\"limit\": \"tpd\"") && text.ends_with("}\n"), "{text}");
    }

    #[test]
    fn what_is_no_state_is_refused_and_so_is_a_later_version() {
        for text in ["", "{", "[]", "{\"version\":\"1\"}", "{\"version\":1}"] {
            assert!(matches!(Snapshot::from_json(text), Err(SnapshotError::Form(_))), "{text}");
        }
        let later = snapshot().to_json().replace("\"version\": 1", "\"version\": 2");
        assert!(matches!(Snapshot::from_json(&later), Err(SnapshotError::Version(2))));
    }

    #[test]
    fn an_entry_of_a_kind_that_is_not_known_is_passed_over() {
        let text = snapshot().to_json().replace("\"limit\": \"tpd\"", "\"limit\": \"tpw\"");
        let read = Snapshot::from_json(&text).unwrap();
        assert_eq!((read.rests.len(), read.spending.len(), read.latencies.len()), (1, 0, 1));
    }
}
