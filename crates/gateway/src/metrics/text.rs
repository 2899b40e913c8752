//! The text that Prometheus reads (exposition format 0.0.4). Names are those of OpenTelemetry's
//! conventions for generative AI where there is one.

use std::fmt::Write;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use model_multiplexer_core::clock::Timestamp;
use model_multiplexer_core::fleet::{Condition, ScopeReport, TargetReport};
use model_multiplexer_core::outcome::Outcome;
use model_multiplexer_core::quota::Remaining;

use super::histogram::Histogram;
use super::{Metrics, STATUSES, TargetMetrics};
use crate::endpoint::Endpoint;
use crate::plan::Plan;
use crate::shared::Shared;
use crate::upstream::Upstream;

/// Everything that is counted.
pub(crate) fn render(shared: &Shared, plan: &Plan) -> String {
    let mut out = Text(String::with_capacity(16 * 1024));
    let metrics = &shared.metrics;
    requests(&mut out, metrics);
    out.one("model_multiplexer_in_flight", "gauge", "Requests under way.", shared.in_flight());
    let retained = shared.budget.taken();
    let about = "Bytes of request bodies that are kept for failover.";
    out.one("model_multiplexer_retained_bytes", "gauge", about, retained);
    let about = "Requests that wait for a target.";
    out.one("model_multiplexer_waiting", "gauge", about, shared.fleet.waiting());
    let now = Timestamp::now();
    let mut reports = shared.fleet.report(now);
    reports.sort_by(|one, other| one.id.cmp(&other.id));
    let targets: Vec<_> = reports
        .iter()
        .filter_map(|report| Some((report, plan.upstream(report.key)?.as_ref())))
        .collect();
    attempts(&mut out, &targets);
    states(&mut out, &targets, now);
    quotas(&mut out, &targets);
    tokens(&mut out, &targets);
    durations(&mut out, metrics, &targets);
    out.0
}

type Target<'a> = (&'a TargetReport, &'a Upstream);

fn requests(out: &mut Text, metrics: &Metrics) {
    let name = "model_multiplexer_requests_total";
    out.head(name, "counter", "Requests by the status that was answered.");
    for (status, count) in STATUSES.iter().zip(&metrics.by_status) {
        let count = count.load(Ordering::Relaxed);
        if count > 0 {
            out.line(name, &[("status", &status.to_string())], count);
        }
    }
    let others = metrics.other_statuses.load(Ordering::Relaxed);
    out.line(name, &[("status", "other")], others);
    let about = "Requests that were turned away for want of room.";
    let shed = metrics.shed.load(Ordering::Relaxed);
    out.one("model_multiplexer_shed_total", "counter", about, shed);
    let name = "model_multiplexer_recoveries_total";
    out.head(name, "counter", "Streams that had broken off, by whether another target went on.");
    for (outcome, count) in ["recovered", "failed"].iter().zip(&metrics.recovered) {
        out.line(name, &[("outcome", outcome)], count.load(Ordering::Relaxed));
    }
}

fn attempts(out: &mut Text, targets: &[Target<'_>]) {
    let name = "model_multiplexer_attempts_total";
    out.head(name, "counter", "Attempts at targets by what they came to.");
    for (report, upstream) in targets {
        for (outcome, count) in Outcome::ALL.iter().zip(report.outcomes) {
            if count > 0 || *outcome == Outcome::Success {
                let labels = labels(upstream).into_iter().chain([("outcome", outcome.name())]);
                out.line(name, &labels.collect::<Vec<_>>(), count);
            }
        }
    }
}

fn states(out: &mut Text, targets: &[Target<'_>], now: Timestamp) {
    let name = "model_multiplexer_target_in_flight";
    out.head(name, "gauge", "Requests under way at a target.");
    for (report, upstream) in targets {
        out.line(name, &labels(upstream), report.in_flight);
    }
    let name = "model_multiplexer_target_rest_seconds";
    out.head(name, "gauge", "For how long a target rests; 0 if it does not.");
    for (report, upstream) in targets {
        let left = match report.condition {
            Condition::Resting { until } => until.since(now).as_secs_f64(),
            _ => 0.0,
        };
        out.line(name, &labels(upstream), left);
    }
}

/// What is left of limits: of one that targets share, the same at each.
fn quotas(out: &mut Text, targets: &[Target<'_>]) {
    let of = |limit: &Remaining, left: bool| if left { limit.left } else { limit.limit };
    for (name, about, is_left) in [
        ("model_multiplexer_quota_limit", "The whole of a limit.", false),
        ("model_multiplexer_quota_left", "What is left of a limit.", true),
    ] {
        out.head(name, "gauge", about);
        for (report, upstream) in targets {
            for ScopeReport { scope, limits } in &report.limits {
                for limit in limits {
                    let own = [("scope", scope.domain.name()), ("limit", limit.meter.name())];
                    let labels: Vec<_> = labels(upstream).into_iter().chain(own).collect();
                    out.line(name, &labels, of(limit, is_left));
                }
            }
        }
    }
}

fn tokens(out: &mut Text, targets: &[Target<'_>]) {
    let name = "gen_ai_client_token_usage_total";
    out.head(name, "counter", "Tokens read and written, as reported or estimated.");
    for (report, upstream) in targets {
        for (kind, count) in [("input", report.tokens.input), ("output", report.tokens.output)] {
            let labels = labels(upstream).into_iter().chain([("gen_ai_token_type", kind)]);
            out.line(name, &labels.collect::<Vec<_>>(), count);
        }
    }
}

fn durations(out: &mut Text, metrics: &Metrics, targets: &[Target<'_>]) {
    let counted = metrics.targets.lock().unwrap_or_else(PoisonError::into_inner);
    let counted: Vec<(&Upstream, &TargetMetrics)> = targets
        .iter()
        .filter_map(|(_, upstream)| Some((*upstream, counted.get(&upstream.id)?.as_ref())))
        .collect();
    let name = "gen_ai_server_request_duration_seconds";
    out.head(name, "histogram", "From a request to the end of its answer.");
    for (upstream, metrics) in &counted {
        for endpoint in Endpoint::ALL {
            let operation = ("gen_ai_operation_name", endpoint.operation());
            let path = ("endpoint", endpoint.path());
            let labels: Vec<_> = labels(upstream).into_iter().chain([operation, path]).collect();
            out.histogram(name, &labels, &metrics.durations[endpoint as usize]);
        }
    }
    let name = "gen_ai_server_time_to_first_token_seconds";
    out.head(name, "histogram", "From an attempt to its first token.");
    for (upstream, metrics) in &counted {
        out.histogram(name, &labels(upstream), &metrics.first_tokens);
    }
    let name = "model_multiplexer_cost_dollars_total";
    out.head(name, "counter", "US dollars, of targets whose price is known.");
    for (upstream, metrics) in counted {
        if metrics.has_price.load(Ordering::Relaxed) {
            let nanos = metrics.cost_nanos.load(Ordering::Relaxed);
            out.line(name, &labels(upstream), nanos as f64 / 1e9);
        }
    }
}

fn labels(upstream: &Upstream) -> [(&'static str, &str); 3] {
    [
        ("target", &upstream.id),
        ("gen_ai_provider_name", &upstream.kind),
        ("gen_ai_request_model", &upstream.model),
    ]
}

/// Text that grows by lines. Writing to a string cannot fail.
struct Text(String);

impl Text {
    fn head(&mut self, name: &str, kind: &str, about: &str) {
        let _ = writeln!(self.0, "# HELP {name} {about}\n# TYPE {name} {kind}");
    }

    fn one(&mut self, name: &str, kind: &str, about: &str, value: impl std::fmt::Display) {
        self.head(name, kind, about);
        self.line(name, &[], value);
    }

    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        self.0.push_str(name);
        for (number, (label, text)) in labels.iter().enumerate() {
            self.0.push(if number == 0 { '{' } else { ',' });
            let _ = write!(self.0, "{label}=\"");
            for letter in text.chars() {
                match letter {
                    '\\' | '"' => self.0.extend(['\\', letter]),
                    '\n' => self.0.push_str("\\n"),
                    letter => self.0.push(letter),
                }
            }
            self.0.push('"');
        }
        let end = if labels.is_empty() { "" } else { "}" };
        let _ = writeln!(self.0, "{end} {value}");
    }

    /// Nothing of a histogram that is empty.
    fn histogram(&mut self, name: &str, labels: &[(&str, &str)], histogram: &Histogram) {
        let (ends, count, sum) = histogram.read();
        if count == 0 {
            return;
        }
        let bucket = format!("{name}_bucket");
        let ends = ends.into_iter().map(|(end, count)| (end.to_string(), count));
        for (end, count) in ends.chain([("+Inf".to_owned(), count)]) {
            let labels: Vec<_> = labels.iter().copied().chain([("le", end.as_str())]).collect();
            self.line(&bucket, &labels, count);
        }
        self.line(&format!("{name}_sum"), labels, sum);
        self.line(&format!("{name}_count"), labels, count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_as_prometheus_reads_it() {
        let mut out = Text(String::new());
        out.one("a_total", "counter", "Of a.", 3);
        out.line("b", &[("x", "say \"hi\"\\"), ("y", "line\nline")], 0.5);
        assert_eq!(
            out.0,
            "# HELP a_total Of a.\n# TYPE a_total counter\na_total 3\n\
             b{x=\"say \\\"hi\\\"\\\\\",y=\"line\\nline\"} 0.5\n"
        );
    }
}
