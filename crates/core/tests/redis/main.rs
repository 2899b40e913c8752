//! Fleets that share limits and rests through a real redis-server.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests fail as tests do; the lint only knows functions marked as tests"
)]

mod member;
mod proxy;
mod quota;
mod rests;
mod server;
