//! Where and how the gateway listens, and what it writes about itself.

use std::net::IpAddr;
use std::num::NonZeroU64;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

/// The section `server`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The address to listen on. Default 127.0.0.1.
    pub host: IpAddr,
    /// The port to listen on; 0 takes a free one. Default 3000.
    pub port: u16,
    /// TLS, if it is to be spoken.
    pub tls: Option<Tls>,
    /// True: a public address without any key is what is wanted. Default false: it is refused.
    pub allow_public_without_key: bool,
    /// Names that a `Host` header may have, besides loopback names and the address itself.
    pub hosts: Vec<String>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins that browsers may call from, as `https://chat.example`; empty: CORS is off.
    pub cors_origins: Vec<String>,
    /// Requests a minute from one address (an IPv6 /64) that has not shown a key. None: no limit.
    /// Default 100.
    pub ip_rpm: Option<NonZeroU64>,
    /// How large things may be.
    pub bounds: Bounds,
    /// How long streams may go on once the gateway is told to stop. Default 30 s.
    pub grace: Duration,
}

/// PEM files of TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The certificate, and those between it and the authority.
    pub cert_file: PathBuf,
    /// Its private key.
    pub key_file: PathBuf,
}

/// How large things may be. Sizes in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// A request's body. Default 32 MB.
    pub body: usize,
    /// A request's head. Default 64 KB.
    pub head: usize,
    /// A reply that is not a stream, decoded. Default 64 MB.
    pub reply: usize,
    /// One event of a stream. Default 8 MB.
    pub event: usize,
    /// All request bodies that are kept for failover. Default 256 MB.
    pub retained: usize,
    /// Connections at a time. Default 10,000.
    pub connections: usize,
    /// Requests at a time. Default 5,000.
    pub requests: usize,
    /// How long a head and a body may take to arrive. Default 30 s.
    pub arrival: Duration,
    /// For how long a client may take nothing of its answer. Default 60 s.
    pub unread: Duration,
}

/// What is written to the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Log {
    /// The least that is written. Default [`LogLevel::Info`].
    pub level: LogLevel,
    /// How lines look. None: pretty on a terminal, JSON otherwise.
    pub format: Option<LogFormat>,
    /// A line for each request. Default true.
    pub access: bool,
}

/// How much is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Also what is of use to find a fault.
    Debug,
    /// What happens.
    #[default]
    Info,
    /// What somebody should look at.
    Warn,
    /// What went wrong.
    Error,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// One JSON object a line.
    Json,
}
