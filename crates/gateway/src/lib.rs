//! The gateway: an HTTP server over the engine (`model_multiplexer_core`), so that any program
//! that speaks the `OpenAI` protocol has the whole fleet behind one URL.
//!
//! Reading order: [`command`] (the command line), [`config`] (what it is told), `plan` (the targets and routes that makes),
//! `server` (connections), `service` (what is answered to a request), `errand` (its way through
//! the fleet), `stream` (a stream on its way to the client).
#![forbid(unsafe_code)]

mod ask;
pub mod command;
pub mod config;
mod endpoint;
mod errand;
mod failure;
mod guard;
mod health;
mod intake;
mod log;
mod metrics;
mod outlet;
mod payload;
mod plan;
mod record;
mod refusal;
mod relayed;
mod rename;
mod request_id;
mod respond;
mod server;
mod service;
mod shared;
mod state;
mod stored;
mod stream;
mod tls;
mod trail;
mod upstream;
mod wishes;

pub use plan::PlanError;
pub use server::{Cut, Gateway, StartError, start};
pub use state::StateError;
pub use tls::TlsError;
