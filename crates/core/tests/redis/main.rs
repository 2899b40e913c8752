//! Fleets that share limits and rests through a real redis-server.

mod member;
mod quota;
mod rests;
mod server;
