//! The option `--host`.

use std::net::{IpAddr, Ipv4Addr};

use crate::config::{Problem, Problems};

/// The address that it names.
///
/// # Errors
/// What is wrong with it, as with a field of the configuration.
pub(super) fn parse(host: &str) -> Result<IpAddr, Problems> {
    if host == "localhost" {
        return Ok(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    host.parse().map_err(|_| {
        let example = "as 127.0.0.1 or 0.0.0.0";
        let message = format!("must be an address of this machine, {example}, not \"{host}\"");
        let (file, field) = ("command line".to_owned(), "--host".to_owned());
        Problems(vec![Problem { file, line: None, field, message }])
    })
}
