//! The task that keeps a connection to Redis and does all that is done there.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Wake, Waker};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::future::join_all;
use redis::RedisResult;
use redis::aio::PubSub;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::books::{Ask, Books};
use super::connection::{Link, connect};
use super::message::{Message, read};
use super::script::{Scripts, Taken};
use super::{Event, OnLoss, Settings};
use crate::clock::Timestamp;
use crate::fleet::Fleet;
use crate::quota::Scope;

/// Members say this often that they are there.
const BEAT: Duration = Duration::from_secs(1);
/// Limits are looked at this often though nobody has asked for it.
const LOOK: Duration = Duration::from_millis(100);
/// From the first try to connect again to the next, doubling up to…
const FIRST_RETRY: Duration = Duration::from_millis(50);
/// …this: shorter than new data waits for those that may know more.
const LAST_RETRY: Duration = Duration::from_millis(800);
/// For so long a store that is closed may take to give back what it holds.
const FAREWELL: Duration = Duration::from_millis(1_500);

/// A fleet's store in Redis. Dropping it closes it without waiting for it.
pub struct RedisStore {
    shared: Arc<Shared>,
    task: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    settings: Settings,
    scripts: Scripts,
    /// This member among all.
    member: String,
    fleet: Weak<Fleet>,
    tell: Box<dyn Fn(Event) + Send + Sync>,
    /// Something may have to be asked.
    nudge: Arc<Nudge>,
    /// There are rests to be told.
    rested: Notify,
    /// Rests to be told, each with its end.
    rests: Mutex<HashMap<Scope, Instant>>,
    /// Limits that others want back.
    wanted: Mutex<BTreeSet<String>>,
    freed: AtomicBool,
    closing: AtomicBool,
    closed: Notify,
    is_connected: AtomicBool,
}

/// Says that something may have to be asked; also as the fleet's waker.
#[derive(Default)]
struct Nudge(Notify);

impl Wake for Nudge {
    fn wake(self: Arc<Self>) {
        self.0.notify_one();
    }
}

/// How a connection ended.
enum End {
    Closed,
    Lost(String),
    /// Redis holds another life of the data.
    Reseed,
}

impl RedisStore {
    /// A store for `fleet`, whose limits are from now on supplied by it. It connects on its own, on the runtime `on`, and tells
    /// what becomes of that by `tell`, on that runtime's threads.
    pub fn open(
        settings: Settings,
        fleet: &Arc<Fleet>,
        tell: impl Fn(Event) + Send + Sync + 'static,
        on: &Handle,
    ) -> Self {
        let shared = Arc::new(Shared {
            scripts: Scripts::new(&settings.prefix),
            settings,
            member: format!("{:016x}", rand::random::<u64>()),
            fleet: Arc::downgrade(fleet),
            tell: Box::new(tell),
            nudge: Arc::default(),
            rested: Notify::new(),
            rests: Mutex::default(),
            wanted: Mutex::default(),
            freed: AtomicBool::new(false),
            closing: AtomicBool::new(false),
            closed: Notify::new(),
            is_connected: AtomicBool::new(false),
        });
        fleet.supply_by_grants(Timestamp::now());
        let tells = Arc::downgrade(&shared);
        fleet.on_rest(move |scope, span| {
            if let Some(shared) = tells.upgrade() {
                shared.tell_rest(scope, span);
            }
        });
        let task = on.spawn(keep(Arc::clone(&shared)));
        Self { shared, task: Mutex::new(Some(task)) }
    }

    /// True while Redis can be reached.
    pub fn is_connected(&self) -> bool {
        self.shared.is_connected.load(Ordering::Relaxed)
    }

    /// Gives back what is unused, and leaves. Waits for at most a second and a half.
    pub async fn close(&self) {
        self.shared.close();
        let task = lock(&self.task).take();
        if let Some(mut task) = task
            && timeout(FAREWELL, &mut task).await.is_err()
        {
            task.abort();
        }
    }
}

impl Drop for RedisStore {
    fn drop(&mut self) {
        self.shared.close();
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("settings", &self.shared.settings)
            .finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// Tells a rest to the other members, and to those that come later.
    fn tell_rest(&self, scope: Scope, span: Duration) {
        let until = Instant::now() + span;
        let mut rests = lock(&self.rests);
        let end = rests.entry(scope).or_insert(until);
        *end = until.max(*end);
        drop(rests);
        self.rested.notify_one();
    }

    fn close(&self) {
        self.closing.store(true, Ordering::Release);
        self.closed.notify_one();
        self.nudge.0.notify_one();
    }

    fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire) || self.fleet.strong_count() == 0
    }

    fn waker(&self) -> Waker {
        Arc::clone(&self.nudge).into()
    }

    fn server(&self) -> String {
        self.settings.servers.to_string()
    }
}

/// Connects, works, and connects again, until it is closed.
async fn keep(shared: Arc<Shared>) {
    let mut books = Books::default();
    let mut was_lost = false;
    let mut was_connected = false;
    let mut pause = FIRST_RETRY;
    // Told once limits have been looked at, be it on a later connection.
    let mut news = None;
    loop {
        let Some(connected) = connect_meanwhile(&shared, &mut books, was_lost).await else {
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
        if meanwhile(&shared, &mut books, sleep(pause.mul_f64(jitter))).await.is_none() {
            return;
        }
        pause = (pause * 2).min(LAST_RETRY);
    }
}

/// Connects; none if the store was closed before.
async fn connect_meanwhile(
    shared: &Shared,
    books: &mut Books,
    was_lost: bool,
) -> Option<Result<(Link, PubSub), String>> {
    let connecting = async {
        let connected = connect(&shared.settings, shared.scripts.channel()).await;
        connected.map_err(|error| error.to_string())
    };
    if was_lost {
        return meanwhile(shared, books, connecting).await;
    }
    tokio::select! {
        connected = connecting => Some(connected),
        () = shared.closed.notified() => None,
    }
}

/// Waits for something while Redis is lost; none if the store was closed before.
async fn meanwhile<T>(
    shared: &Shared,
    books: &mut Books,
    what: impl Future<Output = T>,
) -> Option<T> {
    tokio::pin!(what);
    loop {
        if shared.is_closing() {
            return None;
        }
        if shared.settings.on_loss == OnLoss::Share
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
    tokio::select! {
        end = hear(shared, pubsub, &clock) => end,
        end = tell_rests(shared, link.clone()) => end,
        end = look(shared, link, books, &clock, news) => end,
    }
}

/// Hears what other members tell.
async fn hear(
    shared: &Shared,
    mut pubsub: PubSub,
    clock: &Mutex<Option<super::time::RemoteClock>>,
) -> End {
    let mut messages = pubsub.on_message();
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
    clock: &Mutex<Option<super::time::RemoteClock>>,
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
