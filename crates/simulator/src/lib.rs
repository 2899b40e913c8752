//! An OpenAI-compatible provider on a real socket, with scripted limits and faults.
//!
//! The crate decides what a pretend provider answers; it does not decide how a client should
//! react. It exists for tests, benchmarks and quick starts, so that code which talks to language
//! models can be tried against refusals, cut streams and silence without spending a cent.
//!
//! # Example
//!
//! ```
//! # async fn example() -> Result<(), model_multiplexer_simulator::SimulatorError> {
//! use model_multiplexer_simulator::{SimulatorConfig, start};
//!
//! let config = SimulatorConfig::from_json(
//!     r#"{ "keys": { "sk-limited": { "limits": { "rpm": 3 } } } }"#,
//! )?;
//! let simulator = start(config).await?;
//! assert!(simulator.url().starts_with("http://127.0.0.1:"));
//! simulator.stop().await;
//! # Ok(())
//! # }
//! # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
//! ```
#![forbid(unsafe_code)]
#![expect(clippy::doc_markdown, reason = "OpenAI and OpenRouter are names, not items")]
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a test that cannot go on should stop at once")
)]

mod answer;
mod behaviour;
mod config;
mod connection;
mod control;
mod error;
mod exchange;
mod goaway;
mod journal;
mod limits;
mod ordinary;
mod provider;
mod request;
mod route;
mod script;
mod server;
mod store;
mod stream;
mod tls;

pub use answer::provider_error::{ProviderError, ProviderEvent};
pub use behaviour::Behaviour;
pub use behaviour::fault::{Fault, FaultKind};
pub use behaviour::limit::{LimitHeaders, LimitScope, Limits};
pub use behaviour::setting::Setting;
pub use behaviour::value::{
    Count, ErrorBody, HeaderPairs, HeaderText, LineEnding, Millis, Positive, Prefill, Probability,
    RetryAfter, Shape, Usage,
};
pub use config::{Script, SimulatorConfig};
pub use error::SimulatorError;
pub use server::{Simulator, start};
