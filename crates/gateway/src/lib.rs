//! The gateway: an HTTP server over the engine (`model_multiplexer_core`), so that any program
//! that speaks the OpenAI protocol has the whole fleet behind one URL.
//!
//! Reading order: [`config`] (what it is told).
#![forbid(unsafe_code)]

pub mod config;
