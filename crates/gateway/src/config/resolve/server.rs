//! The sections `server`, `log` and `state`.

use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU64;
use std::time::Duration;

use http::Uri;
use ipnet::IpNet;
use model_multiplexer_core::state::redis::{Settings, StoreError};

use super::super::document::{
    BoundsDocument, Count, FormatName, LevelName, LogDocument, OnLossName, RedisStateDocument,
    ServerDocument, StateDocument,
};
use super::super::place::Place;
use super::super::{Bounds, Log, LogFormat, LogLevel, OnStateLoss, Server, State, Tls};
use super::Around;
use super::access::Checked;
use super::instances::certificate;

/// What keys in Redis begin with: the library's default as well, so that both share their state.
const PREFIX: &str = "model-multiplexer";

pub(super) fn server(
    document: ServerDocument,
    place: &Place<'_>,
    clients: &[Checked],
    around: &Around<'_>,
) -> Server {
    let host = host(document.host.as_deref(), &place.field("host"));
    let port = around.number("PORT", u64::from(u16::MAX)).and_then(|port| port.try_into().ok());
    let rate = around
        .number("RATE_LIMIT_MAX", 1_000_000_000)
        .or(document.rate_limit_max.map(|most| most.0));
    let server = Server {
        host: around.overrides.host.unwrap_or(host),
        port: around.overrides.port.or(port).or(document.port).unwrap_or(3000),
        tls: document.tls.map(|files| {
            let (cert_file, key_file) = certificate(&files, &place.field("tls"), around);
            Tls { cert_file, key_file }
        }),
        allow_public_without_key: document.allow_public_without_key.unwrap_or_default(),
        hosts: hosts(document.hosts, &place.field("hosts")),
        trusted_proxies: networks(&document.trusted_proxies, &place.field("trusted_proxies")),
        cors_origins: origins(document.cors, &place.field("cors")),
        ip_rpm: NonZeroU64::new(rate.unwrap_or(100)),
        bounds: bounds(&document.limits),
        grace: Duration::from_millis(document.grace_ms.map_or(30_000, |ms| ms.0)),
    };
    check_exposure(&server, clients, &place.field("host"));
    server
}

fn host(written: Option<&str>, place: &Place<'_>) -> IpAddr {
    let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    match written {
        None | Some("localhost") => loopback,
        Some(text) => text.parse().unwrap_or_else(|_| {
            place.problem(format!(
                "must be an address of this machine, as \"127.0.0.1\" or \"0.0.0.0\", not \"{text}\""
            ));
            loopback
        }),
    }
}

/// Whoever can reach a public address can spend the providers' quota.
fn check_exposure(server: &Server, clients: &[Checked], place: &Place<'_>) {
    if server.host.is_loopback() || server.allow_public_without_key {
        return;
    }
    let otherwise = "or say that it is meant with `server.allow_public_without_key: true`";
    if clients.is_empty() {
        place.problem(format!(
            "{} can be reached from other machines and nobody needs a key: set API_KEY, {otherwise}",
            server.host
        ));
    }
    for checked in clients.iter().filter(|checked| !checked.strong) {
        place.problem(format!(
            "{} can be reached from other machines, and a key of the client \"{}\" can be guessed: \
             `model-multiplexer key` makes a good one, {otherwise}",
            server.host, checked.client.name
        ));
    }
}

fn hosts(written: Vec<String>, place: &Place<'_>) -> Vec<String> {
    for (index, host) in written.iter().enumerate() {
        let usable = format!("http://{host}/")
            .parse::<Uri>()
            .is_ok_and(|uri| uri.authority().is_some_and(|authority| authority.as_str() == host));
        if !usable || host.contains('@') {
            let message = format!("must be a host's name, as \"llm.example.com\", not \"{host}\"");
            place.item(index).problem(message);
        }
    }
    written.into_iter().map(|host| host.to_ascii_lowercase()).collect()
}

fn networks(written: &[String], place: &Place<'_>) -> Vec<IpNet> {
    let parsed = written.iter().enumerate().filter_map(|(index, text)| {
        let network = text.parse::<IpNet>().ok();
        let network = network.or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
        if network.is_none() {
            place.item(index).problem(format!(
                "must be an address or a network, as \"10.0.0.0/8\", not \"{text}\""
            ));
        }
        network
    });
    parsed.collect()
}

fn origins(written: Vec<String>, place: &Place<'_>) -> Vec<String> {
    for (index, origin) in written.iter().enumerate() {
        let is_origin = origin.parse::<Uri>().is_ok_and(|uri| {
            let web = matches!(uri.scheme_str(), Some("http" | "https"));
            web && uri.path() == "/" && !origin.ends_with('/') && uri.query().is_none()
        });
        if !is_origin {
            place.item(index).problem(format!(
                "must be an origin, as \"https://chat.example.com\", not \"{origin}\""
            ));
        }
    }
    written
}

fn bounds(document: &BoundsDocument) -> Bounds {
    let size = |written: Option<Count>, default: usize| {
        written.map_or(default, |count| usize::try_from(count.0.get()).unwrap_or(usize::MAX))
    };
    Bounds {
        body: size(document.body_bytes, 32 << 20),
        head: size(document.head_bytes, 64 << 10),
        reply: size(document.reply_bytes, 64 << 20),
        event: size(document.event_bytes, 8 << 20),
        retained: size(document.retained_bytes, 256 << 20),
        connections: size(document.connections, 10_000),
        requests: size(document.requests, 5_000),
        arrival: Duration::from_millis(document.arrival_ms.map_or(30_000, |ms| ms.0.get())),
        unread: Duration::from_millis(document.unread_ms.map_or(60_000, |ms| ms.0.get())),
    }
}

pub(super) fn log(document: &LogDocument, around: &Around<'_>) -> Log {
    let written = document.level.map(|level| match level {
        LevelName::Debug => LogLevel::Debug,
        LevelName::Info => LogLevel::Info,
        LevelName::Warn => LogLevel::Warn,
        LevelName::Error => LogLevel::Error,
    });
    let production = around.variable("NODE_ENV").is_some_and(|name| name == "production");
    Log {
        level: level(around).or(written).unwrap_or_default(),
        format: match document.format {
            Some(FormatName::Pretty) => Some(LogFormat::Pretty),
            Some(FormatName::Json) => Some(LogFormat::Json),
            None => production.then_some(LogFormat::Json),
        },
        access: document.access.unwrap_or(true),
    }
}

fn level(around: &Around<'_>) -> Option<LogLevel> {
    let text = around.variable("LOG_LEVEL")?;
    match text.to_ascii_lowercase().as_str() {
        "debug" => Some(LogLevel::Debug),
        "info" => Some(LogLevel::Info),
        "warn" => Some(LogLevel::Warn),
        "error" => Some(LogLevel::Error),
        _ => {
            let message =
                format!("must be \"debug\", \"info\", \"warn\" or \"error\", not \"{text}\"");
            around.findings.outside("environment", "LOG_LEVEL", message);
            None
        }
    }
}

pub(super) fn state(document: StateDocument, place: &Place<'_>, around: &Around<'_>) -> State {
    match (document.file, document.redis) {
        (None, None) => State::Memory,
        (Some(file), None) => {
            if file.path.is_empty() {
                place.field("file").field("path").problem("is empty");
            }
            State::File {
                path: around.surroundings.folder.join(file.path),
                flush: Duration::from_millis(file.flush_interval_ms.map_or(1000, |ms| ms.0.get())),
            }
        }
        (None, Some(redis)) => self::redis(redis, &place.field("redis")),
        (Some(_), Some(_)) => {
            place.problem("is kept either in `file` or in `redis`");
            State::Memory
        }
    }
}

fn redis(document: RedisStateDocument, place: &Place<'_>) -> State {
    let prefix = document.prefix.unwrap_or_else(|| PREFIX.to_owned());
    let here = place.field("url");
    let urls = document.url.into_vec();
    for (index, url) in urls.iter().enumerate() {
        match Settings::single(url.0.expose(), &prefix) {
            Err(StoreError::Prefix(_)) => place.field("prefix").problem(format!(
                "must be plain characters without spaces and braces, not {prefix:?}"
            )),
            Err(StoreError::Url | StoreError::NoUrl) => here.item(index).problem(
                "must look like redis://[user:password@]host[:port][/database], or rediss:// for TLS",
            ),
            Ok(_) => {}
        }
    }
    if urls.is_empty() {
        here.problem("must have at least one URL");
    }
    State::Redis {
        urls: urls.into_iter().map(|url| url.0).collect(),
        prefix,
        on_loss: match document.on_state_loss {
            Some(OnLossName::Share) => OnStateLoss::Share,
            Some(OnLossName::Stop) | None => OnStateLoss::Stop,
        },
    }
}
