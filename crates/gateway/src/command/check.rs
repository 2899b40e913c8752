//! `check`: tells what is wrong with a configuration, without running it.

use serde::Serialize;

use super::arguments::Arguments;
use super::source::Place;
use super::{Exit, refuse, say, say_wrong};
use crate::config::{Config, Instance, Problem, Problems, Skipped};

pub(super) const HELP: &str = "\
Usage: model-multiplexer check [file] [options]

Reads a configuration as `serve` does, with the environment as it is, and tells what is wrong: one
line each, as file:line: field: message. No provider is asked.

Options:
  -c, --config <file>   the configuration (default: providers.yaml)
  -p, --port, --host    as of `serve`
      --json            print what was found as one line of JSON
  -h, --help            this text

Exit codes: 0 right, 2 wrong arguments or no file, 78 wrong configuration.";

/// What was found, for programs.
#[derive(Debug, Default, Serialize)]
struct Report<'a> {
    problems: Vec<Wrong<'a>>,
    instances: Vec<Used<'a>>,
    skipped: Vec<PassedOver<'a>>,
}

#[derive(Debug, Serialize)]
struct Wrong<'a> {
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    field: &'a str,
    message: &'a str,
    text: String,
}

#[derive(Debug, Serialize)]
struct Used<'a> {
    id: &'a str,
    r#type: &'a str,
    models: Vec<&'a str>,
    keys: usize,
}

#[derive(Debug, Serialize)]
struct PassedOver<'a> {
    id: &'a str,
    reason: &'a str,
}

pub(super) fn check(asked: &Arguments) -> Exit {
    let place = Place::new(asked);
    let found = match place.find() {
        Ok(found) => found,
        Err(message) => return refuse("check", &message),
    };
    let read = place.read(&found);
    if asked.json {
        let report = match &read {
            Ok(config) => right(config),
            Err(Problems(problems)) => {
                Report { problems: problems.iter().map(wrong).collect(), ..Report::default() }
            }
        };
        // Text and numbers always serialise.
        say(&serde_json::to_string(&report).unwrap_or_default());
    } else {
        match &read {
            Ok(config) => tell(&place.name, config),
            Err(problems) => say_wrong(&problems.to_string()),
        }
    }
    if read.is_ok() { Exit::Done } else { Exit::Configuration }
}

fn tell(name: &str, config: &Config) {
    for Skipped { id, reason } in &config.skipped {
        say(&format!("{name}: \"{id}\" is skipped: {reason}"));
    }
    let instances = counted(config.instances.len(), "instance");
    say(&format!("{name}: right; {instances}, {}", counted(config.models(), "model")));
}

fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

fn right(config: &Config) -> Report<'_> {
    Report {
        problems: Vec::new(),
        instances: config.instances.iter().map(used).collect(),
        skipped: config.skipped.iter().map(passed_over).collect(),
    }
}

fn used(instance: &Instance) -> Used<'_> {
    Used {
        id: &instance.id,
        r#type: &instance.kind,
        models: instance.models.iter().map(|model| &*model.name).collect(),
        keys: instance.keys.len(),
    }
}

fn passed_over(skipped: &Skipped) -> PassedOver<'_> {
    PassedOver { id: &skipped.id, reason: &skipped.reason }
}

fn wrong(problem: &Problem) -> Wrong<'_> {
    Wrong {
        file: &problem.file,
        line: problem.line,
        field: &problem.field,
        message: &problem.message,
        text: problem.to_string(),
    }
}
