//! The engine of model-multiplexer: which target answers a call, what its answer means, and how
//! the bytes travel. It knows nothing of JavaScript and nothing of the gateway's HTTP server.
//!
//! Reading order: [`fleet`] (the targets and how one is picked), [`multiplexer`] (the loop's
//! state: pick, lease, settle, pick again), [`outcome`] (what an attempt means), [`policy`] (what
//! is done then), [`wire`] (HTTP, server-sent events, templates), [`mailbox`] (how replies and
//! events reach the host).
#![forbid(unsafe_code)]

pub mod catalogue;
pub mod clock;
pub mod fleet;
pub mod mailbox;
pub mod multiplexer;
pub mod outcome;
pub mod policy;
pub mod wire;
