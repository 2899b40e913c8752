//! What a request must be before anything is done for it. Each part answers one question and
//! refuses in its own words; the order is the service's.

pub(crate) mod account;
pub(crate) mod browser;
pub(crate) mod content;
pub(crate) mod host;
pub(crate) mod key;
pub(crate) mod place;
pub(crate) mod window;
