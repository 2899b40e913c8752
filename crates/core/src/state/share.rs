//! What fleets of one process have in common that give the same name: limits and rests. It is for
//! worker threads; processes have [`super::redis`].
//!
//! All of it is in memory and nothing is waited for: who lacks something is granted it before its
//! call is refused, also what another fleet holds and has not used.

use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Wake, Waker};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::sleep;

use crate::clock::Timestamp;
use crate::fleet::Fleet;
use crate::quota::{Counter, Demand, Grant, Meter, Pace, Scope, Time, Window};

/// While calls wait they are looked after this often: windows turn by themselves.
const LOOK: Duration = Duration::from_millis(50);
/// A slice of a limit that slides is kept for so long.
const KEPT: Duration = Duration::from_hours(24);

/// A fleet's place among those of its name. It ends when this is dropped.
pub struct Membership {
    group: Arc<Group>,
    number: u64,
}

/// All fleets that have one name in common. It stays when they are gone, for those that come.
struct Group {
    members: Mutex<Vec<Member>>,
    accounts: Mutex<Accounts>,
    rests: Mutex<HashMap<Scope, Timestamp>>,
    /// Somebody has come to lack something since it was last looked at.
    is_lacking: AtomicBool,
    /// Calls that wait are looked after.
    is_looking: AtomicBool,
    last_number: AtomicU64,
}

#[derive(Clone)]
struct Member {
    number: u64,
    fleet: Weak<Fleet>,
    waker: Waker,
    /// Runs what has to be done in its time.
    on: Handle,
}

type Accounts = HashMap<(Scope, Meter), Counter>;

/// A fleet's waker: it lacks something.
struct Lacks(Weak<Group>);

impl Wake for Lacks {
    fn wake(self: Arc<Self>) {
        if let Some(group) = self.0.upgrade() {
            group.serve();
        }
    }
}

static GROUPS: LazyLock<Mutex<HashMap<String, Arc<Group>>>> = LazyLock::new(Mutex::default);

thread_local! {
    /// This thread is serving: what it sets off itself is looked at when it goes on.
    static IS_SERVING: Cell<bool> = const { Cell::new(false) };
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Membership {
    /// Joins the fleets of this name, and gives the fleet what they know.
    pub fn join(name: &str, fleet: &Arc<Fleet>, on: &Handle) -> Self {
        let mut groups = lock(&GROUPS);
        let group = Arc::clone(groups.entry(name.to_owned()).or_insert_with(Group::new));
        drop(groups);
        let number = group.enter(fleet, on);
        Self { group, number }
    }

    /// Gives back what is unused, and leaves.
    pub fn leave(&self) {
        self.group.leave(self.number);
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.leave();
    }
}

impl fmt::Debug for Membership {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Membership").field("number", &self.number).finish_non_exhaustive()
    }
}

/// Calls of the group that wait are looked after as long as this is there.
struct Looking(Arc<Group>);

impl Drop for Looking {
    fn drop(&mut self) {
        self.0.is_looking.store(false, Ordering::Release);
    }
}

/// Lets windows turn for calls that wait, until none does.
async fn look_after(looking: Looking) {
    let group = Arc::clone(&looking.0);
    while group.someone_waits() {
        sleep(LOOK).await;
        group.serve();
    }
    drop(looking);
    // Somebody may have come meanwhile.
    group.look();
}

impl Group {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            members: Mutex::default(),
            accounts: Mutex::default(),
            rests: Mutex::default(),
            is_lacking: AtomicBool::new(false),
            is_looking: AtomicBool::new(false),
            last_number: AtomicU64::new(0),
        })
    }

    fn members(&self) -> Vec<Member> {
        lock(&self.members).clone()
    }

    fn someone_waits(&self) -> bool {
        let mut fleets = self.members().into_iter().filter_map(|member| member.fleet.upgrade());
        fleets.any(|fleet| fleet.waiting() > 0)
    }

    /// Has calls that wait looked after. Who comes to wait lacks something, and is served first.
    fn look(self: &Arc<Self>) {
        if !self.someone_waits() || self.is_looking.swap(true, Ordering::AcqRel) {
            return;
        }
        let looking = Looking(Arc::clone(self));
        let on = lock(&self.members).first().map(|member| member.on.clone());
        if let Some(on) = on {
            on.spawn(look_after(looking));
        }
    }

    fn enter(self: &Arc<Self>, fleet: &Arc<Fleet>, on: &Handle) -> u64 {
        let number = self.last_number.fetch_add(1, Ordering::Relaxed) + 1;
        let waker = Waker::from(Arc::new(Lacks(Arc::downgrade(self))));
        let member = Member { number, fleet: Arc::downgrade(fleet), waker, on: on.clone() };
        lock(&self.members).push(member);
        let now = Timestamp::now();
        let group = Arc::downgrade(self);
        fleet.on_rest(move |scope, span| {
            if let Some(group) = group.upgrade() {
                group.tell_rest(number, &scope, span);
            }
        });
        let rests = lock(&self.rests).clone();
        for (scope, until) in rests {
            if until > now {
                fleet.told_rest(&scope, until.since(now), now);
            }
        }
        fleet.supply_by_grants(now);
        fleet.supply_at_once();
        self.serve();
        number
    }

    fn leave(&self, number: u64) {
        let mut members = lock(&self.members);
        let Some(at) = members.iter().position(|member| member.number == number) else { return };
        let left = members.swap_remove(at);
        drop(members);
        let Some(fleet) = left.fleet.upgrade() else { return };
        let was_serving = IS_SERVING.replace(true);
        let mut accounts = lock(&self.accounts);
        for ((scope, meter), counter) in accounts.iter_mut() {
            take_back(counter, &fleet, scope, *meter);
        }
        drop(accounts);
        IS_SERVING.set(was_serving);
    }

    fn tell_rest(&self, from: u64, scope: &Scope, span: Duration) {
        let now = Timestamp::now();
        let until = now.after(span);
        let mut rests = lock(&self.rests);
        rests.retain(|_, end| *end > now);
        let end = rests.entry(scope.clone()).or_insert(until);
        *end = until.max(*end);
        drop(rests);
        for member in self.members().into_iter().filter(|member| member.number != from) {
            if let Some(fleet) = member.fleet.upgrade() {
                fleet.told_rest(scope, span, now);
            }
        }
    }

    /// Grants what is lacked. Fleets are called with no lock of theirs held, and what they set
    /// off by that, on this thread, is left to this call.
    fn serve(self: &Arc<Self>) {
        self.is_lacking.store(true, Ordering::Release);
        if IS_SERVING.replace(true) {
            return;
        }
        let mut accounts = lock(&self.accounts);
        while self.is_lacking.swap(false, Ordering::AcqRel) {
            let members = self.members();
            for member in &members {
                let Some(fleet) = member.fleet.upgrade() else { continue };
                let now = Timestamp::now();
                for demand in fleet.demands(now, &member.waker) {
                    supply(&mut accounts, &members, member, &fleet, &demand, now);
                }
            }
        }
        drop(accounts);
        IS_SERVING.set(false);
        self.look();
    }
}

/// Grants a fleet what calls lack, first from what is left, then from what others hold, and some
/// ahead of need.
fn supply(
    accounts: &mut Accounts,
    members: &[Member],
    of: &Member,
    fleet: &Arc<Fleet>,
    demand: &Demand,
    now: Timestamp,
) {
    let Demand { scope, meter, limit, in_hand, missed, .. } = demand;
    let time = Time::at(now);
    let account = accounts.entry((scope.clone(), *meter));
    let counter = account.or_insert_with(|| Counter::new(*meter, limit.clone()));
    counter.set_limit(limit.clone(), time);
    counter.roll(time);
    let most = limit.most.get();
    let first = (*missed).min(most).saturating_sub(*in_hand);
    let waiting = fleet.waiting().max(1) as u64;
    let need = missed.saturating_mul(waiting).min(most).saturating_sub(*in_hand).max(first);
    if counter.room(time) < need {
        for other in members.iter().filter(|other| other.number != of.number) {
            if let Some(other) = other.fleet.upgrade() {
                take_back(counter, &other, scope, *meter);
            }
        }
    }
    let room = counter.room(time);
    let granted = if room < first { 0 } else { need.min(room) };
    let window = window(limit.pace.clone(), *meter, now);
    let ahead = match limit.pace {
        Pace::Fixed(_) if granted >= need => (room - granted) / (2 * members.len().max(1) as u64),
        // What is held of a limit that slides would be refilled meanwhile.
        _ => 0,
    };
    let amount = granted + ahead;
    if amount > 0 {
        counter.take(amount, time);
        fleet.grant(scope, *meter, Grant { window, amount, expires: window.end }, now);
    }
}

fn window(pace: Pace, meter: Meter, now: Timestamp) -> Window {
    match pace {
        Pace::Fixed(zone) => zone.window(meter.span, now),
        Pace::Sliding => Window { start: now, end: now.after(KEPT) },
    }
}

/// Takes what a fleet holds unused.
fn take_back(counter: &mut Counter, fleet: &Fleet, scope: &Scope, meter: Meter) {
    let now = Timestamp::now();
    counter.roll(Time::at(now));
    for grant in fleet.give_up(scope, meter, 0, now) {
        counter.put_back(grant.amount, grant.window.start);
    }
}

#[cfg(test)]
mod tests;
