//! A completion as an event stream: the order of its events, their bytes and their pace; not what
//! surrounds a delta (see `answer::envelope`).

pub(crate) mod body;
pub(crate) mod gzip;
pub(crate) mod render;
pub(crate) mod response_event;
pub(crate) mod step;
