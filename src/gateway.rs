//! The gateway, for JavaScript: started from a configuration's text, told to read another one, to
//! drain and to stop.

mod configuration;

use std::collections::HashMap;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use model_multiplexer_gateway::config::{
    Config, Overrides, Problem, Problems, Source, Surroundings,
};
use model_multiplexer_gateway::{Cut, Gateway, StartError, start};
use napi::bindgen_prelude::AsyncTask;
use napi::{Env, Error, Result, Status, Task};
use napi_derive::napi;
use tokio::runtime::{Builder, Runtime};

/// A configuration as it is found.
#[napi(object)]
pub struct GatewaySourceDto {
    /// The file, as problems shall name it.
    pub name: String,
    /// What is in it.
    pub text: String,
    /// The folder that it is in, where paths begin that are not absolute.
    pub folder: String,
    /// The environment's variables.
    pub env: HashMap<String, String>,
    /// The address to listen on, before what the file says.
    pub host: Option<String>,
    /// The port to listen on, before what the file says.
    pub port: Option<u32>,
}

/// A file of more bytes is no key and no certificate.
const MOST_BYTES: u64 = 1 << 20;

impl GatewaySourceDto {
    fn config(&self) -> std::result::Result<Config, Problems> {
        let overrides = Overrides { host: self.host()?, port: self.port()? };
        let surroundings = Surroundings {
            variable: &|name| self.env.get(name).cloned(),
            file: &read_file,
            folder: &PathBuf::from(&self.folder),
        };
        let source = Source { name: &self.name, text: &self.text };
        Config::read(source, &surroundings, &overrides)
    }

    fn host(&self) -> std::result::Result<Option<IpAddr>, Problems> {
        let parsed = self.host.as_deref().map(|host| match host {
            "localhost" => Ok(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            other => other.parse().map_err(|_| {
                let example = "as 127.0.0.1 or 0.0.0.0";
                refused(
                    "--host",
                    format!("must be an address of this machine, {example}, not \"{other}\""),
                )
            }),
        });
        parsed.transpose()
    }

    fn port(&self) -> std::result::Result<Option<u16>, Problems> {
        let parsed = self.port.map(|port| {
            let message = || format!("must be a whole number from 0 to 65535, not {port}");
            u16::try_from(port).map_err(|_| refused("--port", message()))
        });
        parsed.transpose()
    }

    fn read(&self) -> Result<Config> {
        self.config().map_err(|problems| Error::new(Status::InvalidArg, problems.to_string()))
    }
}

/// An option of the command line is wrong.
fn refused(option: &str, message: String) -> Problems {
    let (file, field) = ("command line".to_owned(), option.to_owned());
    Problems(vec![Problem { file, line: None, field, message }])
}

fn read_file(path: &Path) -> std::result::Result<String, String> {
    let about = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if about.len() > MOST_BYTES {
        return Err(format!("it is larger than {MOST_BYTES} bytes"));
    }
    std::fs::read_to_string(path).map_err(|error| error.to_string())
}

/// A gateway that runs, on threads of its own.
#[napi]
pub struct NativeGateway {
    running: Mutex<Option<Running>>,
    /// Of use while it is drained.
    cut: Cut,
    url: String,
}

struct Running {
    gateway: Gateway,
    runtime: Runtime,
}

impl Drop for NativeGateway {
    fn drop(&mut self) {
        if let Some(Running { gateway, runtime }) = self.take() {
            drop(gateway);
            // A name look-up that hangs is not waited for.
            runtime.shutdown_background();
        }
    }
}

fn threads() -> std::io::Result<Runtime> {
    Builder::new_multi_thread().thread_name("model-multiplexer").enable_all().build()
}

/// Starts a gateway. Where its configuration is wrong, the error's `code` is `InvalidArg`; what can
/// be told of it before is told with line and field.
#[napi]
pub(crate) fn start_gateway(source: GatewaySourceDto) -> Result<NativeGateway> {
    let failed = |error: &dyn std::fmt::Display| Error::from_reason(error.to_string());
    let config = source.read()?;
    let runtime = threads().map_err(|error| failed(&error))?;
    let gateway = runtime.block_on(start(config)).map_err(|error| not_started(&error))?;
    let (url, cut) = (gateway.url(), gateway.cut());
    let running = Mutex::new(Some(Running { gateway, runtime }));
    Ok(NativeGateway { running, cut, url })
}

/// Why it was not started. Where the configuration has to be changed, its status says so. Where the system refused an address, its message begins with the name
/// of the reason: `EADDRINUSE: …`.
fn not_started(error: &StartError) -> Error {
    let name = match error {
        StartError::Listen { source, .. } => match source.kind() {
            ErrorKind::AddrInUse => "EADDRINUSE: ",
            ErrorKind::AddrNotAvailable => "EADDRNOTAVAIL: ",
            ErrorKind::PermissionDenied => "EACCES: ",
            _ => "",
        },
        StartError::Plan(_) | StartError::Log(_) | StartError::State(_) | StartError::Tls(_) => "",
    };
    let status =
        if error.is_of_configuration() { Status::InvalidArg } else { Status::GenericFailure };
    Error::new(status, format!("{name}{error}"))
}

#[napi]
impl NativeGateway {
    /// Where it listens: `http://127.0.0.1:3000`.
    #[napi(getter)]
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// How many requests are being answered.
    #[napi(getter)]
    pub fn in_flight(&self) -> u32 {
        self.with(|running| running.gateway.in_flight() as u32).unwrap_or_default()
    }

    /// Answers requests that come from now on by another configuration. Throws, and changes
    /// nothing, if something is wrong with it.
    #[napi]
    pub fn reload(&self, source: GatewaySourceDto) -> Result<()> {
        let config = source.read()?;
        let reloaded = self.with(|running| running.gateway.reload(config));
        reloaded.transpose().map(drop).map_err(|error| Error::from_reason(error.to_string()))
    }

    /// Takes no new work, lets what has begun finish within the configured grace, and stops.
    /// Resolves to true if everything had finished.
    #[napi(ts_return_type = "Promise<boolean>")]
    pub fn drain(&self) -> AsyncTask<Stopping> {
        AsyncTask::new(Stopping { running: self.take(), at_once: false })
    }

    /// Stops at once. A [`Self::drain`] that is under way ends now.
    #[napi(ts_return_type = "Promise<boolean>")]
    pub fn close(&self) -> AsyncTask<Stopping> {
        self.cut.now();
        AsyncTask::new(Stopping { running: self.take(), at_once: true })
    }
}

impl NativeGateway {
    fn with<R>(&self, work: impl FnOnce(&Running) -> R) -> Option<R> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(work)
    }

    fn take(&self) -> Option<Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A gateway that is being stopped, on a thread that may wait.
pub struct Stopping {
    running: Option<Running>,
    at_once: bool,
}

impl Task for Stopping {
    type Output = bool;
    type JsValue = bool;

    fn compute(&mut self) -> Result<bool> {
        let Some(Running { gateway, runtime }) = self.running.take() else { return Ok(true) };
        let finished = runtime.block_on(async {
            if self.at_once {
                gateway.close().await;
                return true;
            }
            gateway.drain().await
        });
        // A name look-up that hangs is not waited for.
        runtime.shutdown_background();
        Ok(finished)
    }

    fn resolve(&mut self, _env: Env, finished: bool) -> Result<bool> {
        Ok(finished)
    }
}
