//! The arguments of a command: parsed, or what is wrong with them.

use std::ffi::OsString;

use lexopt::{Arg, Parser, ValueExt};

/// What a command is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Arguments {
    /// The configuration, where one is named.
    pub(super) config: Option<String>,
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) json: bool,
    pub(super) no_watch: bool,
    pub(super) exit_with_stdin: bool,
}

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Parsed {
    /// The help is asked for.
    Help,
    Asked(Arguments),
}

/// Parses the arguments of a command that takes so many without a name: the configuration. Only
/// one that `serves` has the options that say how.
///
/// # Errors
/// What is wrong with them, for whoever wrote them.
pub(super) fn parse(
    args: impl Iterator<Item = OsString>,
    serves: bool,
    positionals: usize,
) -> Result<Parsed, String> {
    let mut parser = Parser::from_args(args);
    let mut asked = Arguments::default();
    let mut given = 0;
    while let Some(arg) = parser.next().map_err(|error| error.to_string())? {
        match arg {
            Arg::Short('h') | Arg::Long("help") => return Ok(Parsed::Help),
            Arg::Short('c') | Arg::Long("config") => {
                asked.config = Some(text("--config", &mut parser)?);
            }
            Arg::Long("host") => asked.host = Some(text("--host", &mut parser)?),
            Arg::Short('p') | Arg::Long("port") => {
                asked.port = Some(port(&text("--port", &mut parser)?)?);
            }
            Arg::Long("json") => asked.json = true,
            Arg::Long("no-watch") if serves => asked.no_watch = true,
            Arg::Long("exit-with-stdin") if serves => asked.exit_with_stdin = true,
            Arg::Short(name) => return Err(format!("Unknown option '-{name}'")),
            Arg::Long(name) => return Err(format!("Unknown option '--{name}'")),
            Arg::Value(value) => {
                let value = value.to_string_lossy().into_owned();
                given += 1;
                if given > positionals {
                    return Err(format!("there is one argument too many: \"{value}\""));
                }
                asked.config = Some(value);
            }
        }
    }
    Ok(Parsed::Asked(asked))
}

fn text(option: &str, parser: &mut Parser) -> Result<String, String> {
    let value = parser.value().map_err(|_| format!("{option} needs a value"))?;
    value.string().map_err(|_| format!("{option} must be text"))
}

fn port(text: &str) -> Result<u16, String> {
    text.parse()
        .map_err(|_| format!("--port must be a whole number from 0 to 65535, not \"{text}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(args: &[&str]) -> Result<Parsed, String> {
        parse(args.iter().map(OsString::from), true, 0)
    }

    #[test]
    fn options_are_read_in_every_way_of_writing_them() {
        let asked = Arguments {
            config: Some("a.yaml".to_owned()),
            port: Some(80),
            json: true,
            ..Arguments::default()
        };
        for args in [
            ["-c", "a.yaml", "-p", "80", "--json"].as_slice(),
            &["-ca.yaml", "-p80", "--json"],
            &["--config=a.yaml", "--json", "--port=80"],
            &["--port", "1", "--json", "--port", "80", "--config", "a.yaml"],
        ] {
            assert_eq!(parsed(args), Ok(Parsed::Asked(asked.clone())), "{args:?}");
        }
        assert_eq!(parsed(&["--port", "80", "-h", "--what"]), Ok(Parsed::Help));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (args, message) in [
            (["--prot", "1"].as_slice(), "Unknown option '--prot'"),
            (&["-x"], "Unknown option '-x'"),
            (&["--port", "70000"], "--port must be a whole number from 0 to 65535, not \"70000\""),
            (&["--port=-1"], "--port must be a whole number from 0 to 65535, not \"-1\""),
            (&["--port"], "--port needs a value"),
            (&["a.yaml"], "there is one argument too many: \"a.yaml\""),
        ] {
            assert_eq!(parsed(args), Err(message.to_owned()));
        }
        let of_check = parse([OsString::from("--no-watch")].into_iter(), false, 1);
        assert_eq!(of_check, Err("Unknown option '--no-watch'".to_owned()));
    }
}
