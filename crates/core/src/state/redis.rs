//! A store in Redis, which processes share: slices of limits, and rests as they are told.
//!
//! Nothing on a call's way waits for it. One task fetches slices ahead of need, gives back what
//! others want, tells and hears of rests, and connects again when the connection is lost.
//!
//! No more is granted of a window than its limit, whatever happens to Redis: all accounts are
//! settled by scripts with Redis' own time; what a reply did not bring, the next one does; and
//! where Redis has lost data, windows that began before are closed until the members have told
//! what they know (`books`).

mod account;
mod books;
mod connection;
mod event;
mod line;
mod message;
mod script;
mod settings;
mod shared;
mod store;
mod task;
mod time;

pub use event::{Event, StoreError};
pub use settings::{OnLoss, Settings};
pub use store::RedisStore;
