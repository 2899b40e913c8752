//! `serve`: runs the gateway until it is told to stop.

use std::io::{ErrorKind, Write};

use serde::Serialize;
use tokio::runtime::Builder;
use tokio::sync::mpsc::UnboundedReceiver;

use super::arguments::Arguments;
use super::source::Place;
use super::stop::{Told, listen};
use super::watch::Watch;
use super::{Exit, refuse, say_wrong};
use crate::config::{Config, LogLevel, Problem, Problems, Skipped};
use crate::log::{Field, Log};
use crate::server::{Gateway, StartError, start_with};

pub(super) const HELP: &str = concat!(
    "\
Usage: model-multiplexer serve [options]

Runs the gateway: any program that speaks the OpenAI protocol has all providers of a providers.yaml
behind http://localhost:3000/v1.

Options:
  -c, --config <file>   the configuration (default: providers.yaml)
  -p, --port <n>        the port to listen on (default: PORT, else server.port, else 3000; 0 takes a free one)
      --host <address>  the address to listen on (default: server.host, else 127.0.0.1: this machine alone)
      --no-watch        do not read the configuration again when its file changes
      --json            print one line of JSON before the log, once it listens: url, port
      --exit-with-stdin stop when standard input ends
  -h, --help            this text

Environment (a .env beside the configuration counts as well):
  PORT             the port to listen on
  API_KEY          the key that clients must send; empty: none is needed
  RATE_LIMIT_MAX   requests a minute from one address without a key (default: 100; 0: no limit)
  LOG_LEVEL        debug, info, warn or error (default: info)
  NODE_ENV         production: the log is JSON, even on a terminal
  and every variable that the configuration names: ${GROQ_API_KEY}

Signals:
  SIGHUP           read the configuration again; one that is wrong changes nothing
  SIGTERM, SIGINT  take no new requests, let streams finish (server.grace_ms), stop; a second time: at once

Exit codes: 0 stopped, 1 could not run, 2 wrong arguments, 78 wrong configuration.

",
    env!("CARGO_PKG_REPOSITORY"),
    "/blob/main/docs/gateway.md has the rest.
`model-multiplexer init` writes a configuration to begin with."
);

pub(super) fn serve(asked: &Arguments) -> Exit {
    let place = Place::new(asked);
    let found = match place.find() {
        Ok(found) => found,
        Err(message) => return refuse("serve", &message),
    };
    let config = match place.read(&found) {
        Ok(config) => config,
        Err(problems) => {
            say_wrong(&problems.to_string());
            return Exit::Configuration;
        }
    };
    let runtime = Builder::new_multi_thread().thread_name("model-multiplexer").enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            say_wrong(&format!("model-multiplexer serve: no thread can be started: {error}"));
            return Exit::Failed;
        }
    };
    let exit = runtime.block_on(run(asked, &place, config));
    // A name look-up that hangs is not waited for.
    runtime.shutdown_background();
    exit
}

async fn run(asked: &Arguments, place: &Place, config: Config) -> Exit {
    let log = match Log::new(config.log) {
        Ok(log) => log,
        Err(error) => {
            say_wrong(&format!("model-multiplexer serve: {}", StartError::Log(error)));
            return Exit::Failed;
        }
    };
    let about = About::new(&config);
    let exit = match start_with(config, log.clone()).await {
        Ok(gateway) => keep_running(asked, place, gateway, about, &log).await,
        Err(error) if error.is_of_configuration() => {
            say_wrong(&format!("{}: {error}", place.name));
            Exit::Configuration
        }
        Err(error) => {
            log.line(LogLevel::Error, &explained(&error), &[]);
            Exit::Failed
        }
    };
    log.flush();
    exit
}

async fn keep_running(
    asked: &Arguments,
    place: &Place,
    gateway: Gateway,
    about: About,
    log: &Log,
) -> Exit {
    // Whoever reads that it listens may send a signal at once.
    let mut told = match listen(asked.exit_with_stdin) {
        Ok(told) => told,
        Err(error) => {
            log.line(LogLevel::Error, &format!("signals cannot be heard: {error}"), &[]);
            gateway.close().await;
            return Exit::Failed;
        }
    };
    let mut watch = (!asked.no_watch).then(|| Watch::new(&place.file));
    announce(&gateway, &about, log, asked.json);
    let stopped_by = loop {
        let changed = async {
            match &mut watch {
                Some(watch) => watch.changed().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = changed => reload(place, &gateway, &about, log),
            heard = told.recv() => match heard {
                Some(Told::Reload) => reload(place, &gateway, &about, log),
                Some(Told::Stop(by)) => break by,
                None => break "no signal can come any more",
            },
        }
    };
    drain(gateway, stopped_by, &mut told, about.grace_ms, log).await;
    Exit::Done
}

/// What is told of a configuration.
struct About {
    host: std::net::IpAddr,
    port: u16,
    skipped: Vec<Skipped>,
    /// For each instance: its id, its kind, its keys, its models.
    instances: Vec<(String, String, usize, String)>,
    models: usize,
    clients: usize,
    grace_ms: u64,
}

impl About {
    fn new(config: &Config) -> Self {
        let instances = config.instances.iter().map(|instance| {
            let models = instance.models.iter().map(|model| &*model.name).collect::<Vec<_>>();
            let (id, kind) = (instance.id.clone(), instance.kind.clone());
            (id, kind, instance.keys.len(), models.join(","))
        });
        Self {
            host: config.server.host,
            port: config.server.port,
            skipped: config.skipped.clone(),
            instances: instances.collect(),
            models: config.models(),
            clients: config.clients.len(),
            grace_ms: config.server.grace.as_millis() as u64,
        }
    }

    /// What somebody may have meant otherwise.
    fn warn(&self, log: &Log) {
        for Skipped { id, reason } in &self.skipped {
            let message = format!("instance \"{id}\" is skipped: {reason}");
            log.line(LogLevel::Warn, &message, &[("id", Field::Text(id))]);
        }
    }
}

/// For programs that start a gateway.
#[derive(Serialize)]
struct Listening<'a> {
    url: &'a str,
    port: u16,
}

fn announce(gateway: &Gateway, about: &About, log: &Log, as_json: bool) {
    let url = format!("{}/v1", gateway.url());
    if as_json {
        let listening = Listening { url: &url, port: gateway.address().port() };
        let mut out = std::io::stdout();
        // Text and numbers always serialise, and nobody is told that nobody listens.
        let line = serde_json::to_string(&listening).unwrap_or_default();
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    }
    about.warn(log);
    for (id, kind, keys, models) in &about.instances {
        let fields = [
            ("type", Field::Text(kind)),
            ("keys", Field::Count(*keys as u64)),
            ("models", Field::Text(models)),
        ];
        log.line(LogLevel::Debug, &format!("instance \"{id}\""), &fields);
    }
    if about.instances.is_empty() {
        let message = "no instance has a key: every request is answered with 503";
        log.line(LogLevel::Warn, message, &[]);
    }
    if about.clients == 0 {
        log.line(LogLevel::Warn, "nobody needs a key: set API_KEY to change that", &[]);
    }
    let fields = [
        ("version", Field::Text(env!("CARGO_PKG_VERSION"))),
        ("instances", Field::Count(about.instances.len() as u64)),
        ("models", Field::Count(about.models as u64)),
    ];
    log.line(LogLevel::Info, &format!("listening on {url}"), &fields);
}

/// Why it cannot listen, and what may help.
fn explained(error: &StartError) -> String {
    let StartError::Listen { address, source } = error else { return error.to_string() };
    let (host, port) = (address.ip(), address.port());
    match source.kind() {
        ErrorKind::AddrInUse => format!(
            "port {port} is in use already: stop what listens there (`lsof -i :{port}` names it), \
             or take another one: --port {}",
            port.wrapping_add(1)
        ),
        ErrorKind::PermissionDenied => format!(
            "port {port} needs more rights than this user has: take one from 1024 on, as --port 3000"
        ),
        ErrorKind::AddrNotAvailable => format!(
            "{host} is no address of this machine: --host 127.0.0.1 is, and 0.0.0.0 stands for all"
        ),
        _ => error.to_string(),
    }
}

/// Another configuration, if it is right; else the log says what is wrong, and nothing changes.
fn reload(place: &Place, gateway: &Gateway, before: &About, log: &Log) {
    let keeps = "the configuration stays as it was";
    let failed = |why: &dyn std::fmt::Display| {
        log.line(LogLevel::Error, &format!("{why}; {keeps}"), &[]);
    };
    let found = match place.find() {
        Ok(found) => found,
        Err(message) => return failed(&message),
    };
    let config = match place.read(&found) {
        Ok(config) => config,
        Err(Problems(problems)) => {
            for problem in &problems {
                tell(problem, log);
            }
            return log.line(LogLevel::Error, keeps, &[]);
        }
    };
    let about = About::new(&config);
    if let Err(error) = gateway.reload(config) {
        return failed(&error);
    }
    about.warn(log);
    if (about.host, about.port) != (before.host, before.port) {
        let message = "server.host and server.port count from the next start on";
        log.line(LogLevel::Warn, message, &[]);
    }
    let instances = Field::Count(about.instances.len() as u64);
    let message = "the configuration has been read again";
    log.line(LogLevel::Info, message, &[("instances", instances)]);
}

fn tell(problem: &Problem, log: &Log) {
    let line = problem.line.map_or(Field::None, |line| Field::Count(line as u64));
    let fields = [
        ("file", Field::Text(&problem.file)),
        ("line", line),
        ("field", Field::Text(&problem.field)),
    ];
    log.line(LogLevel::Error, &problem.to_string(), &fields);
}

async fn drain(
    gateway: Gateway,
    stopped_by: &str,
    told: &mut UnboundedReceiver<Told>,
    grace_ms: u64,
    log: &Log,
) {
    let fields = [
        ("requests", Field::Count(gateway.in_flight() as u64)),
        ("graceMs", Field::Count(grace_ms)),
    ];
    log.line(LogLevel::Info, &format!("{stopped_by}: no new requests are taken"), &fields);
    let cut = gateway.cut();
    let draining = gateway.drain();
    tokio::pin!(draining);
    let finished = loop {
        tokio::select! {
            finished = &mut draining => break finished,
            heard = told.recv() => match heard {
                Some(Told::Stop(_)) => cut.now(),
                Some(Told::Reload) => {}
                None => break draining.await,
            },
        }
    };
    if finished {
        log.line(LogLevel::Info, "stopped", &[]);
    } else {
        log.line(LogLevel::Warn, "stopped, with requests that had not finished", &[]);
    }
}
