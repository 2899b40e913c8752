//! Runs the gateway without Node.js, which would take more memory for itself than the gateway: the
//! addon that lies beside this program has all of it, and is loaded as any shared library.

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let error = match launcher::run() {
        // Threads may still hold what a library that is unloaded would take from them.
        Ok(code) => std::process::exit(code),
        Err(error) => error,
    };
    let _ = writeln!(std::io::stderr(), "model-multiplexer: {error}");
    ExitCode::FAILURE
}

#[cfg(unix)]
mod launcher {
    use std::error::Error;
    use std::ffi::{CString, OsString, c_char, c_int};
    use std::mem::ManuallyDrop;
    use std::os::unix::ffi::OsStringExt;

    use libloading::Library;

    /// What the addon exports: runs the command that the arguments name, and answers the exit code.
    type Command = unsafe extern "C" fn(c_int, *const *const c_char) -> c_int;

    /// Runs the command line of this process; the addon has this program's name and `.node`.
    pub(super) fn run() -> Result<i32, Box<dyn Error>> {
        let mut addon = std::env::current_exe()?.into_os_string();
        addon.push(".node");
        let args: Vec<_> = std::env::args_os().skip(1).map(OsString::into_vec).collect();
        let args = args.into_iter().map(CString::new).collect::<Result<Vec<_>, _>>()?;
        let pointers: Vec<_> = args.iter().map(|arg| arg.as_ptr()).collect();
        #[expect(unsafe_code, reason = "a library is loaded, and called as it is written")]
        // SAFETY: the addon's initialisers run without Node.js, and its function has this type. It
        // reads so many strings, which outlive the call.
        unsafe {
            let library = ManuallyDrop::new(Library::new(addon)?);
            let command = library.get::<Command>(b"model_multiplexer_command\0")?;
            Ok(command(pointers.len() as c_int, pointers.as_ptr()))
        }
    }
}

#[cfg(not(unix))]
mod launcher {
    /// Here Node.js runs the gateway.
    pub(super) fn run() -> Result<i32, &'static str> {
        Err("on this system the gateway is run by Node.js: npx model-multiplexer serve")
    }
}
