//! What fleets know in common, and what outlives them: rests, windows of limits, latencies. Where
//! it lies (a file, Redis, or another fleet of the process) is decided here; what it means is
//! the fleet's.

pub mod redis;
