//! Whether a request is addressed to this server. A page whose name has been pointed at a
//! loopback address (DNS rebinding) says its own name in `Host`; an address cannot be pointed
//! elsewhere.

use http::header::HOST;
use http::uri::Authority;
use http::{Request, StatusCode};

use crate::refusal::{Kind, Refusal};

/// # Errors
/// 400 without exactly one host, 421 for a host that is not served here.
pub(crate) fn check<B>(request: &Request<B>, served: &[String]) -> Result<(), Refusal> {
    let mut hosts = request.headers().get_all(HOST).iter();
    let host = hosts.next().filter(|_| hosts.next().is_none());
    let host = host.and_then(|host| host.to_str().ok()?.parse::<Authority>().ok());
    let host = host.ok_or_else(|| {
        Refusal::bad_request("invalid_host", "the request must have one Host header")
    })?;
    // Of a request to a proxy, both names count.
    let named = request.uri().host().into_iter().chain([host.host()]);
    for name in named {
        if !is_served(name, served) {
            let message = "this host is not served here; server.hosts names those that are";
            let kind = Kind::InvalidRequest;
            return Err(Refusal::new(
                StatusCode::MISDIRECTED_REQUEST,
                kind,
                "unknown_host",
                message,
            ));
        }
    }
    Ok(())
}

fn is_served(name: &str, served: &[String]) -> bool {
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    let is_loopback = |name: &str| {
        let last = name.rsplit('.').next().unwrap_or_default();
        last.eq_ignore_ascii_case("localhost")
    };
    bare.parse::<std::net::IpAddr>().is_ok()
        || is_loopback(name)
        || served.iter().any(|known| known == "*" || known.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_hosts(uri: &str, hosts: &[&str]) -> u16 {
        let mut request = Request::builder().uri(uri);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        let served = ["gateway.example".to_owned()];
        let checked = check(&request.body(()).unwrap(), &served);
        checked.map_or_else(|refusal| refusal.status.as_u16(), |()| 200)
    }

    #[test]
    fn addresses_loopback_names_and_configured_names_are_served() {
        let table: [(&str, &[&str], u16); 13] = [
            ("/", &["127.0.0.1:3000"], 200),
            ("/", &["[::1]:3000"], 200),
            ("/", &["10.1.2.3"], 200),
            ("/", &["localhost:3000"], 200),
            ("/", &["app.localhost"], 200),
            ("/", &["Gateway.Example"], 200),
            ("http://gateway.example/", &["gateway.example"], 200),
            ("/", &["attacker.example"], 421),
            ("/", &["localhost.attacker.example"], 421),
            ("http://attacker.example/", &["gateway.example"], 421),
            ("/", &[], 400),
            ("/", &["127.0.0.1", "attacker.example"], 400),
            ("/", &["a b"], 400),
        ];
        for (uri, hosts, status) in table {
            assert_eq!(check_hosts(uri, hosts), status, "{uri} {hosts:?}");
        }
    }
}
