//! The provider simulator, for JavaScript.

use model_multiplexer_simulator::{Simulator, SimulatorConfig, start};
use napi::{Error, Result, Status};
use napi_derive::napi;

use crate::runtime::runtime;

/// A simulator that runs.
#[napi]
pub struct NativeSimulator {
    simulator: Option<Simulator>,
}

#[napi]
impl NativeSimulator {
    /// Starts a simulator from its configuration as JSON. Where that is wrong, the error's `code` is
    /// `InvalidArg`.
    #[napi(constructor)]
    pub fn new(config: String) -> Result<Self> {
        let config = SimulatorConfig::from_json(&config)
            .map_err(|error| Error::new(Status::InvalidArg, error.to_string()))?;
        let simulator = runtime()?
            .block_on(start(config))
            .map_err(|error| Error::new(Status::GenericFailure, told(&error)))?;
        Ok(Self { simulator: Some(simulator) })
    }

    /// Where it listens, with `/v1`; empty once stopped.
    #[napi(getter)]
    pub fn url(&self) -> String {
        self.simulator.as_ref().map(Simulator::url).unwrap_or_default()
    }

    /// The certificate authority to trust, as PEM; null without TLS.
    #[napi(getter)]
    pub fn ca(&self) -> Option<String> {
        self.simulator.as_ref().and_then(|simulator| simulator.ca_pem().map(str::to_owned))
    }

    /// Closes the listener and all connections.
    #[napi]
    pub fn stop(&mut self) -> Result<()> {
        if let Some(simulator) = self.simulator.take() {
            runtime()?.block_on(simulator.stop());
        }
        Ok(())
    }
}

/// An error with its causes.
fn told(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
