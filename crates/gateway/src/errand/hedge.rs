//! A second attempt beside one that is late: the first of the two that answers is the request's,
//! the other is cancelled. Whether it may be made, and at whom, is the engine's to say.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use model_multiplexer_core::clock::Moment;
use model_multiplexer_core::fleet::Lease;
use model_multiplexer_core::mailbox::Letter;
use model_multiplexer_core::multiplexer::{Call, Trial};
use model_multiplexer_core::outcome::Outcome;
use model_multiplexer_core::wire::reply::Began;

use super::{Running, Served};

/// An answer that is waited for.
type Answer = Pin<Box<dyn Future<Output = Began> + Send>>;

/// The attempt beside the first.
pub(super) struct Second {
    pub(super) call: Call,
    pub(super) trial: Trial,
    pub(super) lease: Lease,
    pub(super) served: Served,
    answer: Answer,
    /// Where it stands in the trail.
    step: usize,
}

/// What has come of two attempts.
pub(super) enum Raced {
    /// The first is the request's.
    First(Began),
    /// The second is.
    Second(Box<Second>, Began),
    /// Both have failed. If it goes on, after this time.
    Neither(Option<Duration>),
}

fn is_answer(began: &Began) -> bool {
    matches!(began, Began::Streams(_) | Began::Told(Letter::Reply { .. }))
}

impl Running {
    /// Asks another target beside the one under `lease`, whose answer is late, and waits for
    /// whichever answers first. A failure is judged, and waits for the other.
    pub(super) async fn race(
        &mut self,
        lease: &mut Option<Lease>,
        mut first: Pin<&mut (impl Future<Output = Began> + Send)>,
    ) -> Raced {
        let Some(mut second) = lease.as_ref().and_then(|lease| self.second(lease)) else {
            return Raced::First(first.await);
        };
        tokio::select! {
            biased;
            began = &mut first => match began {
                Began::Told(letter) if !matches!(letter, Letter::Reply { .. }) => {
                    self.trial.told(lease, &letter);
                    let after = self.decide(letter, lease.take());
                    let began = second.answer.as_mut().await;
                    if is_answer(&began) {
                        return self.second_won(second, began);
                    }
                    self.second_failed(second, began);
                    Raced::Neither(after)
                }
                answered => {
                    self.trail.note_at(second.step, Outcome::Aborted);
                    Raced::First(answered)
                }
            },
            began = second.answer.as_mut() => {
                if is_answer(&began) {
                    self.trail.note(Outcome::Aborted);
                    return self.second_won(second, began);
                }
                self.second_failed(second, began);
                Raced::First(first.await)
            }
        }
    }

    /// Begins a second attempt, if there may be one.
    fn second(&mut self, lease: &Lease) -> Option<Second> {
        let (mut call, mut lease, mut trial) =
            self.trial.hedge(&self.call, lease, Moment::sample())?;
        let key = lease.target();
        let Some((upstream, profile)) = self.upstream(key) else {
            call.pass_over(lease);
            return None;
        };
        self.attempts += 1;
        let asking = self.errand.asking(&mut trial, (&mut call, &mut lease), &upstream, profile);
        let step = self.trail.push_beside(Arc::clone(&upstream), Arc::clone(&asking.meter));
        let served = Served { upstream, key, meter: asking.meter, attempts: self.attempts };
        Some(Second { call, trial, lease, served, answer: Box::pin(asking.answer), step })
    }

    fn second_won(&mut self, second: Second, began: Began) -> Raced {
        self.trail.stand_at(second.step);
        Raced::Second(Box::new(second), began)
    }

    /// Judges a second attempt that has failed. What is done next is the first one's business.
    fn second_failed(&mut self, second: Second, began: Began) {
        let Second { mut call, mut trial, lease, served, step, .. } = second;
        let Began::Told(letter) = began else { return };
        let mut lease = Some(lease);
        trial.told(&mut lease, &letter);
        let decided = lease.and_then(|lease| trial.decide(&mut call, lease, Moment::sample()));
        if let Some(decided) = decided {
            self.trail.note_failed(Some(step), &decided);
            self.note_return(decided.rest);
        }
        self.call.leave(served.key);
    }
}
