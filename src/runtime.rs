//! The thread on which all network work runs. It does not decide what runs there.

use std::sync::LazyLock;

use tokio::runtime::{Builder, Runtime};

/// One thread, started at first use. With a second one each JSON completion and each paced chunk
/// took more CPU (`npm run bench`, rows json-32 and paced), in wake-ups of one by the other. Never
/// shut down, so that leaving the process never waits for a name look-up that hangs.
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
