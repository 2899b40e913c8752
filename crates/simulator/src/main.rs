//! The command line of the simulator: its arguments, what it prints and when it ends; the rest is
//! the library.
#![forbid(unsafe_code)]
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a test that cannot go on should stop at once")
)]

use std::io::Write;
use std::process::ExitCode;

use model_multiplexer_simulator::{Simulator, SimulatorConfig, start};
use tokio::io::AsyncReadExt;

const USAGE: &str = "usage: simulator [--port N] [--host H] [--script FILE] [--tls] [--journal N] \
                     [--exit-with-stdin]";

fn main() -> ExitCode {
    let outcome =
        tokio::runtime::Runtime::new().map_err(|error| error.to_string()).and_then(|runtime| {
            let outcome = runtime.block_on(run());
            // Waiting would be in vain: a read of standard input cannot be cancelled.
            runtime.shutdown_background();
            outcome
        });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            // Nothing is left to do if even this cannot be written.
            let _ = writeln!(std::io::stderr(), "simulator: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let Some(arguments) = Arguments::read(std::env::args().skip(1))? else {
        return write_line(USAGE);
    };
    let simulator = start(arguments.config()?).await.map_err(|error| explain(&error))?;
    write_line(&announcement(&simulator))?;
    until_told_to_stop(arguments.exit_with_stdin).await?;
    simulator.stop().await;
    Ok(())
}

/// What the arguments say; they cover what the script says.
#[derive(Debug, Default, PartialEq)]
struct Arguments {
    port: Option<u16>,
    host: Option<String>,
    script: Option<String>,
    tls: bool,
    journal: Option<usize>,
    exit_with_stdin: bool,
}

impl Arguments {
    /// Reads the arguments, or nothing if help is asked for.
    fn read(arguments: impl IntoIterator<Item = String>) -> Result<Option<Self>, String> {
        let mut read = Self::default();
        let mut arguments = arguments.into_iter();
        while let Some(name) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{name} needs a value; {USAGE}"));
            match name.as_str() {
                "--port" => read.port = Some(number(&name, &value()?)?),
                "--journal" => read.journal = Some(number(&name, &value()?)?),
                "--host" => read.host = Some(value()?),
                "--script" => read.script = Some(value()?),
                "--tls" => read.tls = true,
                "--exit-with-stdin" => read.exit_with_stdin = true,
                "--help" | "-h" => return Ok(None),
                _ => return Err(format!("{name} is no argument; {USAGE}")),
            }
        }
        Ok(Some(read))
    }

    fn config(&self) -> Result<SimulatorConfig, String> {
        let mut config = match &self.script {
            None => SimulatorConfig::default(),
            Some(file) => {
                let json = std::fs::read_to_string(file)
                    .map_err(|error| format!("cannot read {file}: {error}"))?;
                SimulatorConfig::from_json(&json).map_err(|error| format!("{file}: {error}"))?
            }
        };
        config.port = self.port.unwrap_or(config.port);
        config.journal = self.journal.unwrap_or(config.journal);
        config.tls |= self.tls;
        if let Some(host) = &self.host {
            config.host.clone_from(host);
        }
        Ok(config)
    }
}

fn number<T: std::str::FromStr>(name: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{name} is {value:?}, expected a number; {USAGE}"))
}

/// One line of JSON, for whoever started the simulator to read.
fn announcement(simulator: &Simulator) -> String {
    serde_json::json!({
        "url": simulator.url(),
        "port": simulator.port(),
        "ca": simulator.ca_pem(),
    })
    .to_string()
}

fn write_line(line: &str) -> Result<(), String> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}")
        .and_then(|()| stdout.flush())
        .map_err(|error| format!("cannot write to standard output: {error}"))
}

/// An error with its causes.
fn explain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

async fn until_told_to_stop(exit_with_stdin: bool) -> Result<(), String> {
    let stdin_closes = async {
        if !exit_with_stdin {
            return std::future::pending().await;
        }
        let (mut stdin, mut buffer) = (tokio::io::stdin(), [0; 1024]);
        while stdin.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
    };
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.map_err(|error| error.to_string()),
        terminated = terminated() => terminated,
        () = stdin_closes => Ok(()),
    }
}

#[cfg(unix)]
async fn terminated() -> Result<(), String> {
    use tokio::signal::unix::{SignalKind, signal};
    signal(SignalKind::terminate()).map_err(|error| error.to_string())?.recv().await;
    Ok(())
}

#[cfg(not(unix))]
async fn terminated() -> Result<(), String> {
    std::future::pending().await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Option<Arguments>, String> {
        Arguments::read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn arguments_are_read() {
        let read = read("--port 4010 --host ::1 --tls --journal 9 --exit-with-stdin").unwrap();
        let expected = Arguments {
            port: Some(4010),
            host: Some("::1".into()),
            script: None,
            tls: true,
            journal: Some(9),
            exit_with_stdin: true,
        };
        assert_eq!(read, Some(expected));
    }

    #[test]
    fn what_is_wrong_with_the_arguments_is_told() {
        assert!(read("--port x").unwrap_err().contains("--port is \"x\""));
        assert!(read("--port").unwrap_err().contains("needs a value"));
        assert!(read("--prot 1").unwrap_err().contains("--prot is no argument"));
        assert_eq!(read("--help"), Ok(None));
    }
}
