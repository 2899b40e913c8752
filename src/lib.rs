//! The binding: the only Rust that knows JavaScript. It converts and delegates; what it decides
//! is nothing but who owns what (a hub owns its mailbox, its calls and its connections).
//!
//! Internal: the TypeScript half in `lib/` is the only user of what is exported here.

#![expect(clippy::needless_pass_by_value, reason = "what JavaScript passes arrives by value")]

mod calls;
mod catalogue;
mod fleet;
#[cfg_attr(test, allow(dead_code, reason = "napi registers no function in tests"))]
mod gateway;
mod hub;
mod passed_over;
mod profiles;
mod quota;
mod resilience;
mod runtime;
mod simulator;
mod state;
mod target;
