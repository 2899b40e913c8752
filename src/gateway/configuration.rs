//! What JavaScript is told of a configuration that is not used.

use model_multiplexer_gateway::config::{
    Config, Instance, LogFormat, LogLevel, Problem, Problems, Skipped,
};
use napi_derive::napi;

use super::GatewaySourceDto;

/// What is wrong with a configuration.
#[napi(object)]
pub(crate) struct ProblemDto {
    pub file: String,
    pub line: Option<u32>,
    pub field: String,
    pub message: String,
    /// All of it in one line.
    pub text: String,
}

/// An instance that is used.
#[napi(object)]
pub(crate) struct InstanceDto {
    pub id: String,
    pub r#type: String,
    pub models: Vec<String>,
    /// How many keys it has.
    pub keys: u32,
}

/// An instance that is not used.
#[napi(object)]
pub(crate) struct SkippedDto {
    pub id: String,
    pub reason: String,
}

/// What a configuration says, as far as the command line has to know it.
#[napi(object)]
pub(crate) struct ConfigurationDto {
    /// What is wrong; nothing else is told then.
    pub problems: Vec<ProblemDto>,
    pub instances: Vec<InstanceDto>,
    pub skipped: Vec<SkippedDto>,
    /// How many clients have keys; 0 is that nobody needs one.
    pub clients: u32,
    /// The address and port to listen on.
    pub host: String,
    pub port: u16,
    pub tls: bool,
    /// `debug`, `info`, `warn` or `error`.
    pub log_level: String,
    /// `pretty` or `json`; none where that is to be decided by what the log is written to.
    pub log_format: Option<String>,
    /// For how many milliseconds streams may go on at the end.
    pub grace_ms: f64,
}

/// Reads a configuration without using it.
#[napi]
pub(crate) fn read_configuration(source: GatewaySourceDto) -> ConfigurationDto {
    match source.config() {
        Ok(config) => told(&config),
        Err(Problems(problems)) => ConfigurationDto {
            problems: problems.iter().map(problem).collect(),
            instances: Vec::new(),
            skipped: Vec::new(),
            clients: 0,
            host: String::new(),
            port: 0,
            tls: false,
            log_level: "info".to_owned(),
            log_format: None,
            grace_ms: 0.0,
        },
    }
}

fn told(config: &Config) -> ConfigurationDto {
    ConfigurationDto {
        problems: Vec::new(),
        instances: config.instances.iter().map(instance).collect(),
        skipped: config.skipped.iter().map(skipped).collect(),
        clients: config.clients.len() as u32,
        host: config.server.host.to_string(),
        port: config.server.port,
        tls: config.server.tls.is_some(),
        log_level: level(config.log.level).to_owned(),
        log_format: config.log.format.map(|format| {
            match format {
                LogFormat::Pretty => "pretty",
                LogFormat::Json => "json",
            }
            .to_owned()
        }),
        grace_ms: config.server.grace.as_secs_f64() * 1000.0,
    }
}

fn level(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Debug => "debug",
        LogLevel::Info => "info",
        LogLevel::Warn => "warn",
        LogLevel::Error => "error",
    }
}

fn instance(instance: &Instance) -> InstanceDto {
    InstanceDto {
        id: instance.id.clone(),
        r#type: instance.kind.clone(),
        models: instance.models.iter().map(|model| model.name.clone()).collect(),
        keys: instance.keys.len() as u32,
    }
}

fn skipped(skipped: &Skipped) -> SkippedDto {
    SkippedDto { id: skipped.id.clone(), reason: skipped.reason.clone() }
}

fn problem(problem: &Problem) -> ProblemDto {
    ProblemDto {
        file: problem.file.clone(),
        line: problem.line.map(|line| line as u32),
        field: problem.field.clone(),
        message: problem.message.clone(),
        text: problem.to_string(),
    }
}
