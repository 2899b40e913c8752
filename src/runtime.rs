//! The thread on which all network work runs. It does not decide what runs there.

use std::sync::LazyLock;

use tokio::runtime::{Builder, Runtime};

/// One thread, started at first use: a second one costs a tenth more CPU for each JSON completion
/// and paced chunk, in wake-ups of one by the other, and this one is idle most of the time where
/// JavaScript's is busy. Never shut down, so that leaving the process never waits for a name
/// look-up that hangs.
static RUNTIME: LazyLock<std::io::Result<Runtime>> = LazyLock::new(|| {
    Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("model-multiplexer")
        .enable_all()
        .build()
});

/// The runtime.
///
/// # Errors
/// Why its thread could not be started.
pub(crate) fn runtime() -> napi::Result<&'static Runtime> {
    RUNTIME
        .as_ref()
        .map_err(|error| napi::Error::from_reason(format!("no thread could be started: {error}")))
}
