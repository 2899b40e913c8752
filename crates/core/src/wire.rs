//! How bytes travel: HTTP exchanges with retries, server-sent events, and the templates that
//! spare the host most of its parsing. It does not decide which target is asked.

pub mod body;
pub mod event;
pub mod exchange;
pub mod http_client;
mod member;
pub mod moderation;
pub mod profile;
pub mod reply;
pub mod sse;
pub mod template;
mod usage;
pub mod usage_request;

pub use body::Body;
pub use exchange::{Booking, Exchange, Failure};
pub use http::HeaderMap;
pub use http_client::{HttpClient, HttpError};
pub use profile::{Profile, ProfileError};
pub use usage::{Usage, estimate};
