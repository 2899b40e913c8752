//! The gateway on a real socket, in front of simulated providers on others.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop at once")]

mod answers;
mod certificates;
mod hedging;
mod limits;
mod names;
mod operation;
mod proxies;
mod recovering;
mod safety;
mod state;
mod support;
mod time;
mod usage;
