//! From text to a configuration: YAML, then variables, then fields, then what must go together.

use std::path::Path;

use serde::Deserialize;

use super::document::Document;
use super::place::{Findings, Place};
use super::resolve::{Around, resolve};
use super::{Config, Overrides, Problems, expand, tree};

/// The configuration file.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// As problems shall name it: `providers.yaml`.
    pub name: &'a str,
    /// What is in it.
    pub text: &'a str,
}

/// Where values come from besides the configuration file. Handed in, so that reading a
/// configuration touches nothing by itself.
pub struct Surroundings<'a> {
    /// A variable of the environment; none if it is not set.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// The text of a file, or why there is none.
    pub file: &'a dyn Fn(&Path) -> Result<String, String>,
    /// Where paths in the configuration begin that are not absolute: the folder that it is in.
    pub folder: &'a Path,
}

impl Config {
    /// Reads a configuration. Of what can be given in several ways, `overrides` counts first, then
    /// the environment (`PORT`, `API_KEY`, `RATE_LIMIT_MAX`, `LOG_LEVEL`, `NODE_ENV`), then the
    /// file.
    ///
    /// # Errors
    /// [`Problems`]: all that is wrong, each with its line and field. Where the file is not YAML or
    /// a value has the wrong form, only the first.
    ///
    /// # Example
    ///
    /// ```
    /// use model_multiplexer_gateway::config::{Config, Overrides, Source, Surroundings};
    ///
    /// let text = "
    /// providers:
    ///   - id: groq-1
    ///     type: groq
    ///     api_key: ${GROQ_API_KEY}
    ///     models: [llama-3.3-70b-versatile]
    /// ";
    /// let surroundings = Surroundings {
    ///     variable: &|name| (name == "GROQ_API_KEY").then(|| "gsk_1".to_owned()),
    ///     file: &|_| Err("no files here".to_owned()),
    ///     folder: ".".as_ref(),
    /// };
    /// let source = Source { name: "providers.yaml", text };
    /// let config = Config::read(source, &surroundings, &Overrides::default())?;
    /// assert_eq!(config.instances[0].models[0].name, "llama-3.3-70b-versatile");
    /// assert_eq!(config.server.port, 3000);
    /// # Ok::<(), model_multiplexer_gateway::config::Problems>(())
    /// ```
    pub fn read(
        source: Source<'_>,
        surroundings: &Surroundings<'_>,
        overrides: &Overrides,
    ) -> Result<Self, Problems> {
        let findings = Findings::new(source.name);
        let config = read(source, surroundings, overrides, &findings);
        let problems = findings.into_problems();
        config.filter(|_| problems.is_empty()).ok_or(Problems(problems))
    }
}

fn read(
    source: Source<'_>,
    surroundings: &Surroundings<'_>,
    overrides: &Overrides,
    findings: &Findings,
) -> Option<Config> {
    let mut root = match tree::read(source.text) {
        Ok(root) => root,
        Err(fault) => {
            findings.at(fault.line, "", fault.message);
            return None;
        }
    };
    for fault in expand::expand(&mut root, surroundings) {
        findings.at(fault.line, "", fault.message);
    }
    match Document::deserialize(&root) {
        Ok(document) => {
            let around = Around { surroundings, overrides, findings };
            Some(resolve(document, &Place::root(&root, findings), &around))
        }
        Err(fault) => {
            findings.at(fault.line, &fault.field, fault.message);
            None
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
