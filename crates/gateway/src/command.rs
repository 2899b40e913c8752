//! The command line of the gateway: `serve` runs it, `check` tells what is wrong with its
//! configuration. The other commands are JavaScript's.

mod arguments;
mod check;
mod environment_file;
mod host;
mod serve;
mod source;
mod stop;
mod watch;

use std::ffi::OsString;
use std::io::Write;

use arguments::{Arguments, Parsed, parse};

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    /// It did what it was asked.
    Done = 0,
    /// It could not: a port in use.
    Failed = 1,
    /// The arguments are wrong.
    Usage = 2,
    /// The configuration is wrong (`EX_CONFIG` of sysexits.h): trying again does not help.
    Configuration = 78,
}

/// Runs the command that the first argument names, with the others as its own, and answers the exit
/// code: 0 done, 1 it could not, 2 wrong arguments, 78 wrong configuration.
pub fn run(args: impl IntoIterator<Item = OsString>) -> i32 {
    let mut args = args.into_iter();
    let name = args.next().unwrap_or_default();
    let exit = match name.to_str() {
        Some("serve") => dispatch("serve", serve::HELP, 0, args, serve::serve),
        Some("check") => dispatch("check", check::HELP, 1, args, check::check),
        _ => {
            say_wrong(&format!(
                "model-multiplexer: there is no command \"{}\" here. `npx model-multiplexer --help` \
                 tells all of them.",
                name.to_string_lossy()
            ));
            Exit::Usage
        }
    };
    exit as i32
}

fn dispatch(
    name: &str,
    help: &str,
    positionals: usize,
    args: impl Iterator<Item = OsString>,
    command: impl FnOnce(&Arguments) -> Exit,
) -> Exit {
    match parse(args, name == "serve", positionals) {
        Ok(Parsed::Help) => {
            say(help);
            Exit::Done
        }
        Ok(Parsed::Asked(asked)) => command(&asked),
        Err(message) => refuse(name, &message),
    }
}

/// Says that the arguments are wrong.
fn refuse(command: &str, message: &str) -> Exit {
    say_wrong(&format!(
        "model-multiplexer {command}: {message}\nmodel-multiplexer {command} --help tells its options."
    ));
    Exit::Usage
}

/// Writes a line to standard output.
fn say(line: &str) {
    // Nobody is told that nobody listens.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Writes a line to standard error.
fn say_wrong(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
