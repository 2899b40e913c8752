//! Connections to one server or a cluster: one for scripts, one for what is told by others. It
//! does not decide when to connect again.

use std::time::Duration;

use redis::aio::{ConnectionLike, MultiplexedConnection, PubSub, PubSubSink};
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::{
    AsyncConnectionConfig, Client, Cmd, Pipeline, RedisError, RedisFuture, RedisResult,
    TlsCertificates, Value,
};
use tokio::time::{sleep, timeout};

use super::settings::{ServerUrl, Servers, Settings};

const CONNECT: Duration = Duration::from_secs(2);
/// A server that takes longer counts as lost.
const REPLY: Duration = Duration::from_secs(3);
/// From one answer of a subscription to the next question.
const PING: Duration = Duration::from_secs(1);

/// Where scripts run. Clones share the connection.
#[derive(Clone)]
pub(super) enum Link {
    One(MultiplexedConnection),
    Cluster(ClusterConnection),
}

/// Connects for scripts, and for the messages of `channel`.
pub(super) async fn connect(settings: &Settings, channel: &str) -> RedisResult<(Link, PubSub)> {
    let link = match &settings.servers {
        Servers::One(url) => {
            let config = AsyncConnectionConfig::new()
                .set_connection_timeout(Some(CONNECT))
                .set_response_timeout(Some(REPLY));
            let client = client(settings, url)?;
            Link::One(client.get_multiplexed_async_connection_with_config(&config).await?)
        }
        Servers::Cluster(urls) => {
            let mut builder = ClusterClient::builder(urls.iter().map(ServerUrl::secret))
                .connection_timeout(CONNECT)
                .response_timeout(REPLY)
                .retries(3);
            if let Some(certificates) = certificates(settings) {
                builder = builder.certs(certificates);
            }
            Link::Cluster(builder.build()?.get_async_connection().await?)
        }
    };
    Ok((link, listen(settings, channel).await?))
}

/// In a cluster every node hears what is published at any.
async fn listen(settings: &Settings, channel: &str) -> RedisResult<PubSub> {
    let mut failure = None;
    for url in settings.servers.urls() {
        let client = client(settings, url)?;
        let subscribing = async {
            let mut pubsub = client.get_async_pubsub().await?;
            pubsub.subscribe(channel).await?;
            Ok(pubsub)
        };
        match timeout(CONNECT, subscribing).await.unwrap_or_else(|_| Err(timed_out())) {
            Ok(pubsub) => return Ok(pubsub),
            Err(error) => failure = Some(error),
        }
    }
    Err(failure.unwrap_or_else(timed_out))
}

/// Ends when a subscription no longer answers, with why: one on which nothing comes may be dead.
pub(super) async fn no_answer(mut subscription: PubSubSink) -> RedisError {
    loop {
        sleep(PING).await;
        match timeout(REPLY, subscription.ping::<Value>()).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => return error,
            Err(_) => return timed_out(),
        }
    }
}

fn timed_out() -> RedisError {
    std::io::Error::from(std::io::ErrorKind::TimedOut).into()
}

fn client(settings: &Settings, url: &ServerUrl) -> RedisResult<Client> {
    match certificates(settings) {
        Some(certificates) => Client::build_with_tls(url.secret(), certificates),
        None => Client::open(url.secret()),
    }
}

fn certificates(settings: &Settings) -> Option<TlsCertificates> {
    let root_cert = Some(settings.authority.clone()?);
    Some(TlsCertificates { client_tls: None, root_cert })
}

impl ConnectionLike for Link {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::One(link) => link.req_packed_command(cmd),
            Self::Cluster(link) => link.req_packed_command(cmd),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::One(link) => link.req_packed_commands(pipeline, offset, count),
            Self::Cluster(link) => link.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::One(link) => link.get_db(),
            Self::Cluster(link) => link.get_db(),
        }
    }
}
