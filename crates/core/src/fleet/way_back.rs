//! Rests, and what follows them: who rests until when, whose probe decides, who ramps. The way
//! itself is [`super::phase`]; how long a rest is comes from outside.

use std::time::Duration;

use super::TargetKey;
use super::domain::{DomainId, Failures, Shared};
use super::phase::Phase;
use super::state::State;
use crate::clock::Timestamp;
use crate::outcome::Domain;

impl State {
    /// Moves on to the host's `now`: rests, probes and ramps that time has ended are over, and
    /// calls that wait for what has come free are given it.
    pub(super) fn advance(&mut self, now: Timestamp) -> Timestamp {
        let now = self.clock.tick(now);
        // A rest covers the millisecond in which it ends.
        while let Some(&(until, key)) = self.resting.first()
            && until < now
        {
            self.pass(key);
        }
        while let Some(&(until, key)) = self.passing.first()
            && until < now
        {
            self.pass(key);
        }
        self.admit();
        now
    }

    fn pass(&mut self, key: TargetKey) {
        if let Some(target) = self.targets.get(&key) {
            self.set_phase(key, target.phase.after_time(self.options.recovery));
        }
    }

    /// Lets a domain rest. Returns the end of this rest, which is not the end of a longer one.
    pub(super) fn rest(
        &mut self,
        key: TargetKey,
        domain: Domain,
        span: Duration,
        now: Timestamp,
    ) -> Timestamp {
        let until = now.after(span);
        if domain == Domain::Request {
            return until;
        }
        let Some(target) = self.targets.get_mut(&key) else { return until };
        let shared = target.shared(domain).and_then(|id| Some((id, self.domains.get_mut(id)?)));
        let (members, cause) = if let Some((id, shared)) = shared {
            shared.failures.add(now, until);
            (shared.members(), Some(id))
        } else {
            target.failures.add(now, until);
            (vec![key], None)
        };
        // O(k log n) for k members, who each have a way back of their own.
        for member in members {
            self.rest_one(member, until, cause);
            if domain == Domain::Key
                && let Some(target) = self.targets.get_mut(&member)
            {
                target.key_rests_until = target.key_rests_until.max(Some(until));
            }
        }
        until
    }

    /// A target, with all that share its key, has been given another key: what concerned the old
    /// one is over. A rest for another reason goes on.
    pub(super) fn change_key(&mut self, key: TargetKey) {
        let Some(target) = self.targets.get_mut(&key) else { return };
        let id = target.shared(Domain::Key);
        let shared = id.and_then(|id| self.domains.get_mut(id));
        let members = match shared {
            Some(shared) => {
                shared.failures = Failures::default();
                shared.members()
            }
            None => vec![key],
        };
        for member in members {
            let Some(target) = self.targets.get_mut(&member) else { continue };
            let Some(keys) = target.key_rests_until.take() else { continue };
            let is_over = match target.phase {
                Phase::Resting { until, .. } => until <= keys,
                Phase::Awaiting { cause } | Phase::Probing { cause, .. } => cause == id,
                Phase::Ready | Phase::Ramping { .. } => false,
            };
            if is_over {
                target.failures = Failures::default();
                self.set_phase(member, Phase::Ready);
            }
        }
    }

    /// Ends every rest and what follows one, and forgets the failures that led to it.
    pub(super) fn end_all_rests(&mut self) {
        self.domains.forget_failures();
        for key in self.targets.keys().copied().collect::<Vec<_>>() {
            self.set_phase(key, Phase::Ready);
            if let Some(target) = self.targets.get_mut(&key) {
                target.failures = Failures::default();
                target.key_rests_until = None;
            }
        }
    }

    pub(super) fn rest_one(&mut self, key: TargetKey, until: Timestamp, cause: Option<DomainId>) {
        let told = self.clock.to_host(until);
        let Some(target) = self.targets.get_mut(&key) else { return };
        if let Phase::Resting { until: before, .. } = target.phase
            && before >= until
        {
            return;
        }
        target.told_until = Some(told);
        self.set_phase(key, Phase::Resting { until, cause });
    }

    /// Ends a rest that the host's timer says is over, if it is the one that ends at `until`.
    pub(super) fn end_rest(&mut self, key: TargetKey, until: Timestamp) -> bool {
        let Some(target) = self.targets.get(&key) else { return false };
        let ends =
            matches!(target.phase, Phase::Resting { .. }) && target.told_until == Some(until);
        if ends {
            self.pass(key);
        }
        ends
    }

    /// The number that a failure of this domain would have now, from 1.
    pub(super) fn failure_number(&self, key: TargetKey, domain: Domain, now: Timestamp) -> u32 {
        let Some(target) = self.targets.get(&key) else { return 1 };
        let shared = target.shared(domain).and_then(|id| self.domains.get(id));
        shared.map_or(target.failures, |shared| shared.failures).next(now)
    }

    /// A call that began at `taken` has succeeded.
    pub(super) fn reset_failures(&mut self, key: TargetKey, taken: Timestamp) {
        let Some(target) = self.targets.get_mut(&key) else { return };
        target.failures.reset(taken);
        for id in target.domains.into_iter().flatten() {
            if let Some(shared) = self.domains.get_mut(id) {
                shared.failures.reset(taken);
            }
        }
    }

    /// Begins a probe and returns its number.
    pub(super) fn probe(&mut self, key: TargetKey, now: Timestamp) -> Option<u32> {
        let lapse = self.options.recovery?.probe_lapse;
        let target = self.targets.get_mut(&key)?;
        let Phase::Awaiting { cause } = target.phase else { return None };
        target.probes += 1;
        let number = target.probes;
        self.set_phase(key, Phase::Probing { lapses: now.after(lapse), cause });
        Some(number)
    }

    /// A probe has shown that its target is well, and with it all that waited for its verdict. One
    /// that has lapsed still counts: it is evidence.
    pub(super) fn probe_succeeded(&mut self, key: TargetKey) {
        let Some(target) = self.targets.get(&key) else { return };
        let (Phase::Probing { cause, .. } | Phase::Awaiting { cause }) = target.phase else {
            return;
        };
        let well = Phase::recovered(self.options.recovery, self.clock.last());
        self.set_phase(key, well);
        let shared = cause.and_then(|id| self.domains.get(id));
        let siblings = shared.map(Shared::members);
        for sibling in siblings.unwrap_or_default() {
            let phase = self.targets.get(&sibling).map(|target| target.phase);
            if phase == Some(Phase::Awaiting { cause }) {
                self.set_phase(sibling, well);
            }
        }
    }

    /// A probe is over without a verdict: the next call is a probe again.
    pub(super) fn probe_dropped(&mut self, key: TargetKey, number: u32) {
        if let Some(target) = self.targets.get(&key)
            && target.probes == number
            && let Phase::Probing { cause, .. } = target.phase
        {
            self.set_phase(key, Phase::Awaiting { cause });
        }
    }

    pub(super) fn set_phase(&mut self, key: TargetKey, after: Phase) {
        let Some(target) = self.targets.get_mut(&key) else { return };
        let before = std::mem::replace(&mut target.phase, after);
        for (phase, begins) in [(before, false), (after, true)] {
            let Some(ends) = phase.ends() else { continue };
            let ends_of = match phase {
                Phase::Resting { .. } => &mut self.resting,
                _ => &mut self.passing,
            };
            if begins {
                ends_of.insert((ends, key));
            } else {
                ends_of.remove(&(ends, key));
            }
        }
        if let Phase::Probing { cause: Some(id), .. } = before {
            self.set_probe(id, key, None);
        }
        if let Phase::Probing { cause: Some(id), .. } = after {
            self.set_probe(id, key, Some(key));
        }
        self.refresh(key);
    }

    /// While one member of a domain is probed, the others that wait for the same return are closed.
    fn set_probe(&mut self, id: DomainId, of: TargetKey, probe: Option<TargetKey>) {
        let Some(shared) = self.domains.get_mut(id) else { return };
        if probe.is_none() && shared.probe != Some(of) {
            return;
        }
        shared.probe = probe;
        for member in shared.members() {
            self.refresh(member);
        }
    }
}
