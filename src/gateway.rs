//! The gateway, for JavaScript: started from a configuration's text, told to read another one, to
//! drain and to stop.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use model_multiplexer_gateway::config::{Config, Overrides, Source, Surroundings};
use model_multiplexer_gateway::{Gateway, start};
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

impl GatewaySourceDto {
    fn read(&self) -> Result<Config> {
        let invalid = |message: String| Error::new(Status::InvalidArg, message);
        let host = self.host.as_deref().map(|host| {
            host.parse().map_err(|_| invalid(format!("host: \"{host}\" is not an IP address")))
        });
        let port = self.port.map(|port| {
            u16::try_from(port).map_err(|_| invalid(format!("port: {port} is more than 65535")))
        });
        let overrides = Overrides { host: host.transpose()?, port: port.transpose()? };
        let surroundings = Surroundings {
            variable: &|name| self.env.get(name).cloned(),
            file: &|path| std::fs::read_to_string(path).map_err(|error| error.to_string()),
            folder: &PathBuf::from(&self.folder),
        };
        let source = Source { name: &self.name, text: &self.text };
        Config::read(source, &surroundings, &overrides)
            .map_err(|problems| invalid(problems.to_string()))
    }
}

/// A gateway that runs, on threads of its own.
#[napi]
pub struct NativeGateway {
    running: Arc<Mutex<Option<Running>>>,
    url: String,
}

struct Running {
    gateway: Gateway,
    runtime: Runtime,
}

fn threads() -> std::io::Result<Runtime> {
    Builder::new_multi_thread().thread_name("model-multiplexer").enable_all().build()
}

/// Starts a gateway. What is wrong with its configuration is told with line and field.
#[napi]
pub fn start_gateway(source: GatewaySourceDto) -> Result<NativeGateway> {
    let failed = |error: &dyn std::fmt::Display| Error::from_reason(error.to_string());
    let config = source.read()?;
    let runtime = threads().map_err(|error| failed(&error))?;
    let gateway = runtime.block_on(start(config)).map_err(|error| failed(&error))?;
    let url = gateway.url();
    let running = Arc::new(Mutex::new(Some(Running { gateway, runtime })));
    Ok(NativeGateway { running, url })
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

    /// Stops at once.
    #[napi(ts_return_type = "Promise<boolean>")]
    pub fn close(&self) -> AsyncTask<Stopping> {
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
