//! The simulator over real sockets: one test at least for every field, fault, endpoint and shape.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on should stop at once"
)]

mod behaviour;
mod control;
mod endpoint;
mod extent;
mod fault;
mod hostile;
mod limit;
mod ordinary;
mod response;
mod shape;
mod stream;
mod transport;
mod wire;
