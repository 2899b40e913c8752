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
    /// Starts a simulator from its configuration as JSON.
    #[napi(constructor)]
    pub fn new(config: String) -> Result<Self> {
        let invalid = |error: model_multiplexer_simulator::SimulatorError| {
            Error::new(Status::InvalidArg, error.to_string())
        };
        let config = SimulatorConfig::from_json(&config).map_err(invalid)?;
        let simulator = runtime()?.block_on(start(config)).map_err(invalid)?;
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
