//! Where the configuration comes from: the file, the environment, and `.env` beside the file.

use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::arguments::Arguments;
use super::{environment_file, host};
use crate::config::{Config, Overrides, Problems, Source, Surroundings};

/// The file that is read where none is named.
const USUAL_FILE: &str = "providers.yaml";

/// A file of more bytes is no key and no certificate.
const MOST_BYTES: u64 = 1 << 20;

/// Where a configuration is.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The file, as it was named.
    pub(super) name: String,
    pub(super) file: PathBuf,
    host: Option<String>,
    port: Option<u16>,
}

/// A configuration as it was found.
#[derive(Debug)]
pub(super) struct Found {
    text: String,
    folder: PathBuf,
    variables: HashMap<String, String>,
}

impl Place {
    pub(super) fn new(asked: &Arguments) -> Self {
        let name = asked.config.clone().unwrap_or_else(|| USUAL_FILE.to_owned());
        let file = std::path::absolute(&name).unwrap_or_else(|_| PathBuf::from(&name));
        Self { name, file, host: asked.host.clone(), port: asked.port }
    }

    /// Reads the file and what is beside it.
    ///
    /// # Errors
    /// Why it cannot be read, for whoever wants it.
    pub(super) fn find(&self) -> Result<Found, String> {
        let bytes = fs::read(&self.file).map_err(|error| self.unread(&error))?;
        let folder = self.file.parent().unwrap_or(Path::new("/")).to_owned();
        let mut variables = match fs::read_to_string(folder.join(".env")) {
            Ok(text) => environment_file::parse(&text),
            Err(error) if error.kind() == ErrorKind::NotFound => HashMap::new(),
            Err(error) => return Err(format!("cannot read .env beside {}: {error}", self.name)),
        };
        variables.extend(std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }));
        Ok(Found { text: String::from_utf8_lossy(&bytes).into_owned(), folder, variables })
    }

    fn unread(&self, error: &std::io::Error) -> String {
        let name = &self.name;
        if error.kind() == ErrorKind::NotFound {
            let advice = "`model-multiplexer init` writes one, and --config names another.";
            return format!("there is no {name}. {advice}");
        }
        format!("cannot read {name}: {error}")
    }

    /// The configuration that was found.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(super) fn read(&self, found: &Found) -> Result<Config, Problems> {
        let host = self.host.as_deref().map(host::parse).transpose()?;
        let overrides = Overrides { host, port: self.port };
        let surroundings = Surroundings {
            variable: &|name| found.variables.get(name).cloned(),
            file: &text_of,
            folder: &found.folder,
        };
        Config::read(Source { name: &self.name, text: &found.text }, &surroundings, &overrides)
    }
}

fn text_of(path: &Path) -> Result<String, String> {
    let about = fs::metadata(path).map_err(|error| error.to_string())?;
    if about.len() > MOST_BYTES {
        return Err(format!("it is larger than {MOST_BYTES} bytes"));
    }
    fs::read_to_string(path).map_err(|error| error.to_string())
}
