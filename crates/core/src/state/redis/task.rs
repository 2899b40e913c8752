//! The task that keeps a connection to Redis and does all that is done there. What is decided is in
//! the books and in the scripts.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::future::join_all;
use redis::RedisResult;
use redis::aio::{PubSub, PubSubStream};
use tokio::time::sleep;

use super::books::{Ask, Books};
use super::connection::{Link, connect, no_answer};
use super::message::{Message, read};
use super::script::Taken;
use super::shared::{Shared, lock};
use super::time::RemoteClock;
use super::{Event, OnLoss};
use crate::clock::Timestamp;
use crate::fleet::Fleet;

/// Members say this often that they are there.
const BEAT: Duration = Duration::from_secs(1);
/// Limits are looked at this often though nobody has asked for it.
const LOOK: Duration = Duration::from_millis(100);
/// From the first try to connect again to the next, doubling up to…
const FIRST_RETRY: Duration = Duration::from_millis(50);
/// …this: shorter than new data waits for those that may know more.
const LAST_RETRY: Duration = Duration::from_millis(800);

/// How a connection ended.
enum End {
    Closed,
    Lost(String),
    /// Redis holds another life of the data.
    Reseed,
}

/// Connects, works, and connects again, until it is closed.
pub(super) async fn keep(shared: Arc<Shared>) {
    let mut books = Books::default();
    let mut was_lost = false;
    let mut was_connected = false;
    let mut pause = FIRST_RETRY;
    // Told once limits have been looked at, be it on a later connection.
    let mut news = None;
    loop {
        let Some(connected) = meanwhile(&shared, &mut books, was_lost, connecting(&shared)).await
        else {
            return;
        };
        let end = match connected {
            Ok((mut link, pubsub)) => match join(&shared, &mut link, &mut books).await {
                Ok(()) => {
                    if was_lost || !was_connected {
                        let server = shared.server();
                        news = Some(Event::Connected { server, again: was_connected });
                    }
                    (was_lost, was_connected, pause) = (false, true, FIRST_RETRY);
                    shared.is_connected.store(true, Ordering::Relaxed);
                    let end = serve(&shared, link, pubsub, &mut books, &mut news).await;
                    shared.is_connected.store(false, Ordering::Relaxed);
                    end
                }
                Err(error) => End::Lost(error.to_string()),
            },
            Err(reason) => End::Lost(reason),
        };
        match end {
            End::Closed => return,
            End::Reseed => {}
            End::Lost(reason) => {
                if !was_lost {
                    (shared.tell)(Event::Lost { server: shared.server(), reason });
                }
                was_lost = true;
            }
        }
        let jitter = 0.75 + rand::random::<f64>() / 4.0;
        let pausing = sleep(pause.mul_f64(jitter));
        if meanwhile(&shared, &mut books, was_lost, pausing).await.is_none() {
            return;
        }
        pause = (pause * 2).min(LAST_RETRY);
    }
}

async fn connecting(shared: &Shared) -> Result<(Link, PubSub), String> {
    let connected = connect(&shared.settings, shared.scripts.channel()).await;
    connected.map_err(|error| error.to_string())
}

/// Waits for something without a connection, and spends alone what may be while Redis is lost; none
/// if the store was closed before.
async fn meanwhile<T>(
    shared: &Shared,
    books: &mut Books,
    is_lost: bool,
    what: impl Future<Output = T>,
) -> Option<T> {
    tokio::pin!(what);
    loop {
        if shared.is_closing() {
            return None;
        }
        if is_lost
            && shared.settings.on_loss == OnLoss::Share
            && let Some(fleet) = shared.fleet.upgrade()
        {
            books.spend_alone(&fleet, &shared.waker(), Instant::now());
        }
        tokio::select! {
            result = &mut what => return Some(result),
            () = sleep(LOOK) => {}
            () = shared.nudge.0.notified() => {}
        }
    }
}

/// Joins the members, tells what is known, and hears of rests.
async fn join(shared: &Shared, link: &mut Link, books: &mut Books) -> RedisResult<()> {
    let accounts = books.accounts();
    let (member, known) = (&shared.member, &books.epoch);
    let seeded = shared.scripts.seed(link, member, known, &books.members, &accounts).await?;
    let (clock, presence) = seeded;
    books.heard(clock, Instant::now());
    if !books.epoch.is_empty() && books.epoch != presence.epoch {
        (shared.tell)(Event::Reseeded { server: shared.server() });
    }
    books.epoch = presence.epoch;
    books.members = presence.members;
    books.doubt();
    let rests = shared.scripts.rests(link).await?;
    let Some(fleet) = shared.fleet.upgrade() else { return Ok(()) };
    for (scope, millis) in rests {
        if let Ok(scope) = scope.parse() {
            fleet.told_rest(&scope, Duration::from_millis(millis), Timestamp::now());
        }
    }
    Ok(())
}

/// Works on one connection until it ends.
async fn serve(
    shared: &Shared,
    link: Link,
    pubsub: PubSub,
    books: &mut Books,
    news: &mut Option<Event>,
) -> End {
    let clock = Mutex::new(books.clock());
    let (subscription, messages) = pubsub.split();
    tokio::select! {
        end = hear(shared, messages, &clock) => end,
        error = no_answer(subscription) => End::Lost(error.to_string()),
        end = tell_rests(shared, link.clone()) => end,
        end = look(shared, link, books, &clock, news) => end,
    }
}

/// Hears what other members tell.
async fn hear(
    shared: &Shared,
    mut messages: PubSubStream,
    clock: &Mutex<Option<RemoteClock>>,
) -> End {
    while let Some(message) = messages.next().await {
        let Ok(line) = message.get_payload::<String>() else { continue };
        match read(&line, &shared.member) {
            Some(Message::Rest { ends, scope }) => {
                let now = lock(clock).map(|clock| clock.earliest(Instant::now()));
                let span = Duration::from_millis(ends.saturating_sub(now.unwrap_or(ends)));
                if let (Ok(scope), Some(fleet)) = (scope.parse(), shared.fleet.upgrade()) {
                    fleet.told_rest(&scope, span, Timestamp::now());
                }
            }
            Some(Message::Want { counter }) => {
                lock(&shared.wanted).insert(counter.to_owned());
                shared.nudge.0.notify_one();
            }
            Some(Message::Free) => {
                shared.freed.store(true, Ordering::Relaxed);
                shared.nudge.0.notify_one();
            }
            Some(Message::Epoch) => return End::Reseed,
            None => {}
        }
    }
    End::Lost("the connection was closed".to_owned())
}

/// Tells rests as they come.
async fn tell_rests(shared: &Shared, mut link: Link) -> End {
    loop {
        let next = lock(&shared.rests).iter().next().map(|(scope, end)| (scope.clone(), *end));
        let Some((scope, end)) = next else {
            shared.rested.notified().await;
            continue;
        };
        let left = end.saturating_duration_since(Instant::now()).as_millis() as u64;
        if left > 0 {
            let name = scope.to_string();
            let told = shared.scripts.rest(&mut link, &shared.member, &name, left);
            if let Err(error) = told.await {
                return End::Lost(error.to_string());
            }
        }
        let mut rests = lock(&shared.rests);
        if rests.get(&scope) == Some(&end) {
            rests.remove(&scope);
        }
    }
}

/// Looks after the limits, and says that this member is there.
async fn look(
    shared: &Shared,
    mut link: Link,
    books: &mut Books,
    clock: &Mutex<Option<RemoteClock>>,
    news: &mut Option<Event>,
) -> End {
    let mut beaten = Instant::now();
    loop {
        let Some(fleet) = shared.fleet.upgrade().filter(|_| !shared.is_closing()) else {
            farewell(shared, &mut link, books).await;
            return End::Closed;
        };
        if shared.freed.swap(false, Ordering::Relaxed) {
            books.is_free();
        }
        let wanted: Vec<_> = std::mem::take(&mut *lock(&shared.wanted)).into_iter().collect();
        let asks = books.plan(&fleet, &shared.waker(), &wanted, Instant::now());
        if let Err(end) = ask(shared, &link, books, &fleet, asks).await {
            return end;
        }
        if let Some(event) = news.take() {
            (shared.tell)(event);
        }
        drop(fleet);
        if beaten.elapsed() >= BEAT {
            match shared.scripts.beat(&mut link, &shared.member, &books.epoch).await {
                Ok((heard, Some(members))) => {
                    books.heard(heard, Instant::now());
                    books.members = members;
                }
                Ok((_, None)) => return End::Reseed,
                Err(error) => return End::Lost(error.to_string()),
            }
            beaten = Instant::now();
        }
        *lock(clock) = books.clock();
        tokio::select! {
            () = sleep(LOOK) => {}
            () = shared.nudge.0.notified() => {}
        }
    }
}

/// Asks all of these at once.
async fn ask(
    shared: &Shared,
    link: &Link,
    books: &mut Books,
    fleet: &Fleet,
    asks: Vec<Ask>,
) -> Result<(), End> {
    let epoch = books.epoch.clone();
    let replies = join_all(asks.iter().map(|ask| {
        let (mut link, epoch) = (link.clone(), &epoch);
        let (scripts, member) = (&shared.scripts, &shared.member);
        async move { scripts.take(&mut link, member, epoch, &ask.account, ask.wish).await }
    }));
    let mut end = None;
    for (ask, reply) in asks.iter().zip(replies.await) {
        match reply {
            Ok((clock, taken)) => {
                let now = Instant::now();
                books.heard(clock, now);
                match taken {
                    Taken::Settled(came) => books.settle(fleet, ask, came, now),
                    Taken::WrongWindow => {}
                    Taken::Lost => end = end.or(Some(End::Reseed)),
                }
            }
            Err(error) => end = Some(End::Lost(error.to_string())),
        }
    }
    end.map_or(Ok(()), Err)
}

/// Gives back what is unused, and leaves.
async fn farewell(shared: &Shared, link: &mut Link, books: &mut Books) {
    if let Some(fleet) = shared.fleet.upgrade() {
        let asks = books.give_all_back(&fleet);
        if ask(shared, link, books, &fleet, asks).await.is_err() {
            return;
        }
    }
    // Who cannot be told finds out by itself.
    drop(shared.scripts.leave(link, &shared.member).await);
}
