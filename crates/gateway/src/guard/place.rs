//! From which address a request comes, and how many may come from there in a minute.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::HeaderMap;
use ipnet::IpNet;
use tokio::time::Instant;

use super::window::Minute;

/// More places than this are not remembered: those whose minute is over are forgotten first, then
/// all.
const MOST_PLACES: usize = 100_000;

/// The client's address: the peer's, or, where that is a proxy that is trusted, the last one in
/// `X-Forwarded-For` that is none.
pub(crate) fn of(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |ip: IpAddr| trusted.iter().any(|net| net.contains(&ip));
    let peer = peer.to_canonical();
    if trusted.is_empty() || !is_trusted(peer) {
        return peer;
    }
    let lists = headers.get_all("x-forwarded-for").iter().filter_map(|list| list.to_str().ok());
    let mut addresses: Vec<&str> = lists.flat_map(|list| list.split(',')).collect();
    let mut last = peer;
    while let Some(address) = addresses.pop() {
        let Ok(ip) = address.trim().parse::<IpAddr>() else { return last };
        last = ip.to_canonical();
        if !is_trusted(last) {
            return last;
        }
    }
    last
}

/// Requests by place.
#[derive(Debug, Default)]
pub(crate) struct Places(Mutex<HashMap<IpAddr, Minute>>);

impl Places {
    /// Counts a request from an address; of IPv6, all of a /64 are one.
    ///
    /// # Errors
    /// The time until there may be another.
    pub(crate) fn count(&self, ip: IpAddr, most: u64, now: Instant) -> Result<(), Duration> {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if places.len() >= MOST_PLACES {
            places.retain(|_, minute| !minute.is_over(now));
            if places.len() >= MOST_PLACES {
                places.clear();
            }
        }
        let place = place(ip);
        let mut minute = Minute::at(places.get(&place).copied(), now);
        let taken = minute.take(1, most, now);
        places.insert(place, minute);
        taken
    }
}

fn place(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap()];
        let table = [
            ("203.0.113.9", "1.2.3.4", "203.0.113.9"),
            ("10.0.0.1", "", "10.0.0.1"),
            ("10.0.0.1", "1.2.3.4", "1.2.3.4"),
            ("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
            ("10.0.0.1", "6.6.6.6, nonsense", "10.0.0.1"),
            ("::ffff:10.0.0.1", "2001:db8::1", "2001:db8::1"),
        ];
        for (peer, forwarded, expected) in table {
            let headers = HeaderMap::from_iter([(
                http::HeaderName::from_static("x-forwarded-for"),
                HeaderValue::from_static(forwarded),
            )]);
            let place = of(peer.parse().unwrap(), &headers, &trusted);
            assert_eq!(place, expected.parse::<IpAddr>().unwrap(), "{peer} {forwarded}");
        }
    }

    #[test]
    fn addresses_of_one_network_share_their_minute() {
        let places = Places::default();
        let now = Instant::now();
        let count = |ip: &str| places.count(ip.parse().unwrap(), 2, now).is_ok();
        assert!(count("2001:db8::1") && count("2001:db8::2"));
        assert!(!count("2001:db8::3"));
        assert!(count("2001:db8:0:1::1") && count("10.0.0.1") && count("10.0.0.2"));
    }
}
