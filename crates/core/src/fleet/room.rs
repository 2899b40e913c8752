//! The waiting room: calls for which nobody is free, first in first out among those that can use
//! what comes free. A call is given its target under the lock in which that came free, so that
//! nobody overtakes it. It owns no timer: the host asks [`super::Fleet::sleep`] when to come.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::Duration;

use super::index::Standing;
use super::pick::Picked;
use super::state::State;
use super::wish::Kept;
use super::{Patience, TargetKey, Unavailable, Wish};
use crate::clock::{Moment, Timestamp};
use crate::quota::Estimate;

/// More targets than this that open at once are not compared with each line's wish.
const FEW: usize = 16;

/// Who waits. Calls that wish for the same stand in one line.
#[derive(Debug, Default)]
pub(super) struct Room {
    waiters: HashMap<Ticket, Waiter>,
    lines: BTreeMap<LineNumber, Line>,
    line_of: HashMap<Arc<Kept>, LineNumber>,
    /// Of those that still wait.
    deadlines: BTreeSet<(Timestamp, Ticket)>,
    last_ticket: Ticket,
    last_line: LineNumber,
    /// Whom to tell of a moment earlier than the one it was told.
    keeper: Option<(Waker, Option<Timestamp>)>,
}

pub(super) type Ticket = u64;
type LineNumber = u64;
/// Higher priority first, then in the order of coming.
type Place = (Reverse<i32>, Ticket);

#[derive(Debug)]
struct Line {
    wish: Arc<Kept>,
    queue: BTreeSet<Place>,
}

#[derive(Debug)]
struct Waiter {
    line: LineNumber,
    place: Place,
    session: Option<Box<str>>,
    draw: f64,
    estimate: Estimate,
    deadline: Timestamp,
    waker: Option<Waker>,
    /// What has become of it, until it is told.
    fate: Option<Result<Picked, Unavailable>>,
}

impl Room {
    /// True if nobody waits.
    pub(super) fn is_empty(&self) -> bool {
        self.deadlines.is_empty()
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.deadlines.len()
    }

    fn enter(&mut self, wish: &Wish<'_>, draw: f64, deadline: Timestamp, priority: i32) -> Ticket {
        self.last_ticket += 1;
        let ticket = self.last_ticket;
        let kept = Arc::new(Kept::from(wish));
        let line = *self.line_of.entry(Arc::clone(&kept)).or_insert_with(|| {
            self.last_line += 1;
            self.lines.insert(self.last_line, Line { wish: kept, queue: BTreeSet::new() });
            self.last_line
        });
        let place = (Reverse(priority), ticket);
        if let Some(line) = self.lines.get_mut(&line) {
            line.queue.insert(place);
        }
        self.deadlines.insert((deadline, ticket));
        let session = wish.session.map(Box::from);
        let waiter = Waiter {
            line,
            place,
            session,
            draw,
            estimate: wish.estimate,
            deadline,
            waker: None,
            fate: None,
        };
        self.waiters.insert(ticket, waiter);
        ticket
    }

    /// Takes a call out of its line, and gives it its fate if it is still there to be told.
    fn settle(&mut self, ticket: Ticket, fate: Result<Picked, Unavailable>) -> Option<Waker> {
        let waiter = self.waiters.get_mut(&ticket)?;
        waiter.fate = Some(fate);
        let waker = waiter.waker.take();
        let (line, place, deadline) = (waiter.line, waiter.place, waiter.deadline);
        self.step_out(line, place, deadline);
        waker
    }

    fn step_out(&mut self, number: LineNumber, place: Place, deadline: Timestamp) {
        self.deadlines.remove(&(deadline, place.1));
        let Some(line) = self.lines.get_mut(&number) else { return };
        line.queue.remove(&place);
        if line.queue.is_empty()
            && let Some(line) = self.lines.remove(&number)
        {
            self.line_of.remove(&line.wish);
        }
    }
}

impl State {
    /// Takes a target at once, or queues for one that comes free before the deadline.
    pub(super) fn queue(
        &mut self,
        moment: Moment,
        wish: &Wish<'_>,
        patience: Patience,
    ) -> Result<(Ticket, Option<Picked>), Unavailable> {
        let now = self.advance(moment.now);
        if let Some(picked) = self.take(wish, moment.draw, now) {
            return Ok((0, Some(picked)));
        }
        let deadline = self.clock.of_host(patience.until);
        let returns = self.first_return(wish).is_some_and(|returns| returns < deadline);
        if deadline <= now || !(returns || self.someone_works(wish)) {
            return Err(self.why_unavailable(now, wish));
        }
        Ok((self.room.enter(wish, moment.draw, deadline, patience.priority), None))
    }

    /// Gives what has come free to those that wait for it.
    pub(super) fn admit(&mut self) {
        if self.opened.is_empty() {
            return;
        }
        let mut opened = std::mem::take(&mut self.opened);
        let now = self.clock.last();
        let may_use = |line: &Line| {
            let wish = line.wish.wish(None, Estimate::default());
            opened.len() > FEW
                || opened.iter().any(|key| {
                    self.targets.get(key).is_some_and(|target| wish.admits(*key, target))
                })
        };
        let lines = self.room.lines.iter().filter(|(_, line)| may_use(line));
        let mut heads: BinaryHeap<_> = lines
            .filter_map(|(number, line)| Some(Reverse((*line.queue.first()?, *number))))
            .collect();
        while let Some(Reverse((place, number))) = heads.pop() {
            let is_closed = |key: &mut TargetKey| {
                let target = self.targets.get(key);
                target.is_none_or(|target| target.standing == Standing::Closed)
            };
            while opened.pop_if(is_closed).is_some() {}
            if opened.is_empty() {
                return;
            }
            let ticket = place.1;
            let Some(line) = self.room.lines.get(&number) else { continue };
            let Some(waiter) = self.room.waiters.get_mut(&ticket) else { continue };
            let (wish, draw, estimate, session) =
                (Arc::clone(&line.wish), waiter.draw, waiter.estimate, waiter.session.take());
            // Who finds nobody speaks for the whole line.
            let Some(picked) = self.take(&wish.wish(session.as_deref(), estimate), draw, now)
            else {
                if let Some(waiter) = self.room.waiters.get_mut(&ticket) {
                    waiter.session = session;
                }
                continue;
            };
            self.woken.extend(self.room.settle(ticket, Ok(picked)));
            let next = self.room.lines.get(&number).and_then(|line| line.queue.first());
            heads.extend(next.map(|&place| Reverse((place, number))));
        }
    }

    /// Refuses those whose time is over.
    pub(super) fn expire(&mut self, now: Timestamp) {
        while let Some(&(deadline, ticket)) = self.room.deadlines.first()
            && deadline <= now
        {
            let line = self.room.waiters.get(&ticket).map(|waiter| waiter.line);
            let line = line.and_then(|line| self.room.lines.get(&line));
            let wish = line.map(|line| Arc::clone(&line.wish));
            let why = wish.map_or(Unavailable::Empty, |wish| {
                self.why_unavailable(now, &wish.wish(None, Estimate::default()))
            });
            self.woken.extend(self.room.settle(ticket, Err(why)));
        }
    }

    /// Refuses all that wait: there is no target any more.
    pub(super) fn send_away(&mut self) {
        while let Some(&(_, ticket)) = self.room.deadlines.first() {
            self.woken.extend(self.room.settle(ticket, Err(Unavailable::Empty)));
        }
    }

    /// What has become of a call that waits. It is told once.
    pub(super) fn fate(
        &mut self,
        ticket: Ticket,
        waker: &Waker,
    ) -> Poll<Result<Picked, Unavailable>> {
        let Some(waiter) = self.room.waiters.get_mut(&ticket) else {
            return Poll::Ready(Err(Unavailable::Empty));
        };
        let Some(fate) = waiter.fate else {
            if !waiter.waker.as_ref().is_some_and(|before| before.will_wake(waker)) {
                self.spent.extend(waiter.waker.replace(waker.clone()));
            }
            return Poll::Pending;
        };
        self.room.waiters.remove(&ticket);
        Poll::Ready(fate)
    }

    /// A call waits no longer. What it was given and has not taken goes to the next.
    pub(super) fn leave(&mut self, ticket: Ticket) {
        let Some(waiter) = self.room.waiters.remove(&ticket) else { return };
        self.spent.extend(waiter.waker);
        match waiter.fate {
            Some(Ok(picked)) => self.cancel(&picked),
            Some(Err(_)) => {}
            None => self.room.step_out(waiter.line, waiter.place, waiter.deadline),
        }
    }

    /// Gives back all that was held for a call that did not happen.
    pub(super) fn cancel(&mut self, picked: &Picked) {
        self.refund(picked);
        self.release(picked);
    }

    /// Gives a slot back.
    pub(super) fn release(&mut self, picked: &Picked) {
        if let Some(number) = picked.probe {
            self.probe_dropped(picked.key, number);
        }
        self.update(picked.key, |target| target.in_flight = target.in_flight.saturating_sub(1));
        self.vacate(picked.reserved.scopes());
    }

    /// When time alone next changes something for those that wait, by the host's clock.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        let deadline = self.room.deadlines.first()?.0;
        let ends = [&self.resting, &self.passing].map(|ends| ends.first());
        // A rest covers the millisecond in which it ends.
        let ends = ends.into_iter().flatten().map(|(end, _)| end.after(Duration::from_millis(1)));
        let turn = self.barring.first().map(|(turn, _)| *turn);
        Some(self.clock.to_host(ends.chain(turn).fold(deadline, Timestamp::min)))
    }

    pub(super) fn keep_time(&mut self, waker: Waker) -> Option<Timestamp> {
        let due = self.next_due();
        let before = self.room.keeper.replace((waker, due));
        self.spent.extend(before.map(|(waker, _)| waker));
        due
    }

    /// Tells the host if it has to come earlier than it was told.
    pub(super) fn tell_keeper(&mut self) {
        let Some((_, told)) = &self.room.keeper else { return };
        if let Some(due) = self.next_due()
            && told.is_none_or(|told| due < told)
        {
            self.woken.extend(self.room.keeper.take().map(|(waker, _)| waker));
        }
    }
}
