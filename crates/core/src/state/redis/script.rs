//! What is asked of Redis: each question is one script, so that nobody comes between its steps. All
//! keys of a prefix share one hash tag: a cluster keeps them on one of its shards.

use std::time::Instant;

use redis::{FromRedisValue, RedisError, RedisResult, Script, ScriptInvocation};

use super::account::Account;
use super::connection::Link;
use super::time::RemoteClock;

/// The scripts, and the keys that they work on.
pub(super) struct Scripts {
    keys: Keys,
    take: Script,
    beat: Script,
    seed: Script,
    leave: Script,
    rest: Script,
    rests: Script,
}

struct Keys {
    epoch: String,
    members: String,
    awaited: String,
    rests: String,
    windows: String,
    channel: String,
}

impl Keys {
    fn new(prefix: &str) -> Self {
        let key = |name: &str| format!("{{{prefix}}}:{name}");
        Self {
            epoch: key("epoch"),
            members: key("members"),
            awaited: key("awaited"),
            rests: key("rests"),
            windows: key("window"),
            channel: key("told"),
        }
    }
}

/// What a member asks of one window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wish {
    /// Gives so much back.
    pub(super) give: u64,
    /// Less than this is of no use; 0 if nobody waits for it.
    pub(super) first: u64,
    /// So much is waited for.
    pub(super) need: u64,
    /// So much is likely to be needed soon.
    pub(super) ahead: u64,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// The account goes on with this.
    Settled(Settlement),
    /// Redis holds another life of the data, or has lost this window: what is known must be told
    /// first.
    Lost,
    /// The window is over, or lies too far ahead.
    WrongWindow,
}

/// A window after it was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Settlement {
    pub(super) granted: u64,
    /// Granted to all.
    pub(super) total: u64,
    /// The number of the window's last change.
    pub(super) version: u64,
}

/// Who is there.
pub(super) struct Presence {
    pub(super) epoch: String,
    pub(super) members: Vec<String>,
}

/// What the scripts return, as they say at their top.
type TakeReply = (String, u64, u64, u64, u64);
type BeatReply = (String, u64, Vec<String>);
type SeedReply = (String, u64, Vec<String>, bool);

impl Scripts {
    pub(super) fn new(prefix: &str) -> Self {
        let script =
            |code: &str| Script::new(&format!("{}{code}", include_str!("script/common.lua")));
        Self {
            keys: Keys::new(prefix),
            take: script(include_str!("script/take.lua")),
            beat: script(include_str!("script/beat.lua")),
            seed: script(include_str!("script/seed.lua")),
            leave: script(include_str!("script/leave.lua")),
            rest: script(include_str!("script/rest.lua")),
            rests: script(include_str!("script/rests.lua")),
        }
    }

    /// Where members tell each other.
    pub(super) fn channel(&self) -> &str {
        &self.keys.channel
    }

    fn window_key(&self, account: &Account) -> String {
        format!("{}:{}:{}", self.keys.windows, account.counter, account.window.start.as_millis())
    }

    fn common<'a>(&'a self, script: &'a Script) -> ScriptInvocation<'a> {
        let mut invocation = script.prepare_invoke();
        invocation.key(&self.keys.epoch).key(&self.keys.members).key(&self.keys.awaited);
        invocation
    }

    /// Settles an account.
    pub(super) async fn take(
        &self,
        link: &mut Link,
        member: &str,
        epoch: &str,
        account: &Account,
        wish: Wish,
    ) -> RedisResult<(RemoteClock, Taken)> {
        let mut call = self.common(&self.take);
        call.key(self.window_key(account)).arg(member).arg(epoch).arg(&self.keys.channel);
        call.arg(&*account.counter).arg(account.window.start.as_millis());
        call.arg(account.window.end.as_millis()).arg(account.limit).arg(account.mine);
        call.arg(account.version).arg(wish.give).arg(wish.first).arg(wish.need).arg(wish.ahead);
        let (clock, reply) = timed(call, link, |reply: &TakeReply| reply.1).await?;
        let (status, _, granted, total, version) = reply;
        let taken = match status.as_str() {
            "ok" => Taken::Settled(Settlement { granted, total, version }),
            "window" => Taken::WrongWindow,
            _ => Taken::Lost,
        };
        Ok((clock, taken))
    }

    /// Says that a member is there; none if Redis holds another life of the data.
    pub(super) async fn beat(
        &self,
        link: &mut Link,
        member: &str,
        epoch: &str,
    ) -> RedisResult<(RemoteClock, Option<Vec<String>>)> {
        let mut call = self.common(&self.beat);
        call.arg(member).arg(epoch);
        let (clock, (status, _, members)) = timed(call, link, |reply: &BeatReply| reply.1).await?;
        Ok((clock, (status == "ok").then_some(members)))
    }

    /// Joins, and tells what is known of the windows that are used. `known` and `peers` are of
    /// the life that the member last knew.
    pub(super) async fn seed(
        &self,
        link: &mut Link,
        member: &str,
        known: &str,
        peers: &[String],
        accounts: &[&Account],
    ) -> RedisResult<(RemoteClock, Presence)> {
        let new = format!("{:032x}", rand::random::<u128>());
        let mut call = self.common(&self.seed);
        for account in accounts {
            call.key(self.window_key(account));
        }
        call.arg(member).arg(known).arg(new).arg(&self.keys.channel).arg(peers.len()).arg(peers);
        for account in accounts {
            call.arg(account.window.end.as_millis()).arg(account.version);
            call.arg(account.total).arg(account.booked);
        }
        let (clock, (epoch, _, members, _)) =
            timed(call, link, |reply: &SeedReply| reply.1).await?;
        Ok((clock, Presence { epoch, members }))
    }

    /// Leaves.
    pub(super) async fn leave(&self, link: &mut Link, member: &str) -> RedisResult<()> {
        let mut call = self.common(&self.leave);
        call.arg(member).invoke_async::<(String, u64)>(link).await.map(drop)
    }

    /// Tells a rest to all others, and to those that come later.
    pub(super) async fn rest(
        &self,
        link: &mut Link,
        member: &str,
        scope: &str,
        millis: u64,
    ) -> RedisResult<()> {
        let mut call = self.common(&self.rest);
        call.key(&self.keys.rests).arg(member).arg(&self.keys.channel).arg(scope).arg(millis);
        call.invoke_async::<(String, u64)>(link).await.map(drop)
    }

    /// The rests that have not ended, each with the milliseconds that it has left.
    pub(super) async fn rests(&self, link: &mut Link) -> RedisResult<Vec<(String, u64)>> {
        let mut call = self.common(&self.rests);
        let (_, _, rests): (String, u64, Vec<(String, u64)>) =
            call.key(&self.keys.rests).invoke_async(link).await?;
        Ok(rests)
    }
}

async fn timed<R: FromRedisValue>(
    call: ScriptInvocation<'_>,
    link: &mut Link,
    told: impl FnOnce(&R) -> u64,
) -> Result<(RemoteClock, R), RedisError> {
    let sent = Instant::now();
    let reply = call.invoke_async::<R>(link).await?;
    Ok((RemoteClock::new(told(&reply), sent, Instant::now()), reply))
}
