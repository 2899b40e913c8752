//! What answers are made of; not when or whether they are sent (see `exchange` and `stream`).

pub(crate) mod body;
pub(crate) mod chance;
pub(crate) mod completion;
pub(crate) mod drip;
pub(crate) mod embedding;
pub(crate) mod envelope;
pub(crate) mod extent;
pub(crate) mod headers;
pub(crate) mod model;
pub(crate) mod plan;
pub(crate) mod prefill;
pub(crate) mod provider_error;
pub(crate) mod refusal;
pub(crate) mod response;
pub(crate) mod tool;
pub(crate) mod usage;
pub(crate) mod words;
