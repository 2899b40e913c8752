//! The gateway's commands, for the command line in JavaScript and for the launcher.

use std::ffi::{CStr, OsString, c_char, c_int};

use model_multiplexer_gateway::command::run;
use napi::bindgen_prelude::AsyncTask;
use napi::{Env, Result, Task};
use napi_derive::napi;

/// A command that runs on a thread that may wait.
pub(crate) struct Command(Vec<OsString>);

impl Task for Command {
    type Output = i32;
    type JsValue = i32;

    fn compute(&mut self) -> Result<i32> {
        Ok(run(std::mem::take(&mut self.0)))
    }

    fn resolve(&mut self, _env: Env, code: i32) -> Result<i32> {
        Ok(code)
    }
}

/// Runs `serve` or `check` with its arguments, and answers the exit code.
#[napi(ts_return_type = "Promise<number>")]
pub(crate) fn run_command(args: Vec<String>) -> AsyncTask<Command> {
    AsyncTask::new(Command(args.into_iter().map(OsString::from).collect()))
}

/// Has the launcher take the place of this process, Node.js and all, with these arguments. Returns
/// only where that cannot be: there is no launcher, or the system lets nobody run it.
#[napi]
pub(crate) fn leave_node(launcher: String, args: Vec<String>) {
    #[cfg(target_os = "linux")]
    let _ = become_the(&launcher, args);
    #[cfg(not(target_os = "linux"))]
    drop((launcher, args));
}

#[cfg(target_os = "linux")]
fn become_the(launcher: &str, args: Vec<String>) -> std::io::Result<()> {
    use std::os::fd::AsFd;
    use std::os::unix::process::CommandExt;
    use std::process::{Command, Stdio};

    // Node.js has its standard streams closed where another program begins; copies of them are not.
    let kept = |stream: std::os::fd::BorrowedFd<'_>| stream.try_clone_to_owned().map(Stdio::from);
    let mut command = Command::new(launcher);
    command.args(args);
    command.stdin(kept(std::io::stdin().as_fd())?);
    command.stdout(kept(std::io::stdout().as_fd())?);
    command.stderr(kept(std::io::stderr().as_fd())?);
    Err(command.exec())
}

/// The same as [`run_command`] for the launcher, whose process this is.
///
/// # Safety
/// `args` are `count` strings that end with a NUL.
#[expect(unsafe_code, reason = "called from a program that has loaded this library")]
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn model_multiplexer_command(
    count: c_int,
    args: *const *const c_char,
) -> c_int {
    let count = usize::try_from(count).unwrap_or_default();
    // SAFETY: as the caller promises.
    let args = unsafe { std::slice::from_raw_parts(args, count) };
    run(args.iter().map(|arg| {
        // SAFETY: as the caller promises.
        let bytes = unsafe { CStr::from_ptr(*arg) }.to_bytes().to_vec();
        // SAFETY: they are those of an `OsStr` of this system.
        unsafe { OsString::from_encoded_bytes_unchecked(bytes) }
    }))
}
