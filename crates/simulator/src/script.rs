//! Which behaviour and which fault a request gets, from the layers of the script and the number
//! of the attempt; not what becomes of it (see `exchange`).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::behaviour::Behaviour;
use crate::behaviour::fault::Fault;
use crate::behaviour::limit::SettledLimits;
use crate::behaviour::settled::Settled;
use crate::config::Script;
use crate::limits::{Limiter, Standing, scope};

/// A script in force, with what it has counted so far. Replacing it forgets all counts.
#[derive(Debug)]
pub(crate) struct ActiveScript {
    script: Script,
    defaults: Arc<Settled>,
    models: HashMap<String, Arc<Settled>>,
    keys: HashMap<String, Arc<Settled>>,
    /// By key, then by model; filled on use, and no larger than the script makes it.
    pairs: Mutex<HashMap<String, HashMap<String, Arc<Settled>>>>,
    attempts: Mutex<HashMap<String, u64>>,
    /// Whether the defaults or a key have a fault that does not wait for the body.
    early: bool,
    limiter: Mutex<Limiter>,
}

impl ActiveScript {
    pub(crate) fn new(script: Script) -> Self {
        let settle_all = |layers: &HashMap<String, Behaviour>| {
            let settle = |layer: &Behaviour| {
                let mut layers = script.defaults.clone();
                layers.overlay(layer);
                Arc::new(layers.settle())
            };
            layers.iter().map(|(name, layer)| (name.clone(), settle(layer))).collect()
        };
        let defaults = Arc::new(script.defaults.settle());
        let keys: HashMap<String, Arc<Settled>> = settle_all(&script.keys);
        Self {
            early: defaults.has_early_fault() || keys.values().any(|key| key.has_early_fault()),
            defaults,
            models: settle_all(&script.models),
            keys,
            pairs: Mutex::default(),
            attempts: Mutex::default(),
            limiter: Mutex::default(),
            script,
        }
    }

    /// The behaviour of the defaults, the model, the key and the request, the later over the
    /// earlier.
    pub(crate) fn behaviour(
        &self,
        model: &str,
        key: &str,
        request: Option<&Behaviour>,
    ) -> Arc<Settled> {
        if let Some(request) = request {
            let mut layers = self.layers(model, key);
            layers.overlay(request);
            return Arc::new(layers.settle());
        }
        match (self.models.get(model), self.keys.get(key)) {
            (None, None) => Arc::clone(&self.defaults),
            (Some(settled), None) | (None, Some(settled)) => Arc::clone(settled),
            (Some(_), Some(_)) => self.pair(model, key),
        }
    }

    fn pair(&self, model: &str, key: &str) -> Arc<Settled> {
        let mut pairs = self.pairs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(settled) = pairs.get(key).and_then(|models| models.get(model)) {
            return Arc::clone(settled);
        }
        let settled = Arc::new(self.layers(model, key).settle());
        pairs.entry(key.to_owned()).or_default().insert(model.to_owned(), Arc::clone(&settled));
        settled
    }

    fn layers(&self, model: &str, key: &str) -> Behaviour {
        let mut layers = self.script.defaults.clone();
        for later in
            [self.script.models.get(model), self.script.keys.get(key)].into_iter().flatten()
        {
            layers.overlay(later);
        }
        layers
    }

    /// The models the script names.
    pub(crate) fn models(&self) -> impl Iterator<Item = &str> {
        self.models.keys().map(String::as_str)
    }

    /// Whether a fault may be due before the body of a request is read.
    pub(crate) fn may_be_early(&self) -> bool {
        self.early
    }

    /// Takes a request into the window of its limits, or refuses it.
    pub(crate) fn admit(
        &self,
        limits: &SettledLimits,
        key: &str,
        model: &str,
        tokens: u64,
        now: Instant,
    ) -> Standing {
        let scope = scope(limits.scope, key, model);
        self.limiter
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .admit(scope, limits, tokens, now)
    }

    /// The fault that hits this attempt, if one does. An attempt is counted only if a fault of
    /// its behaviour depends on the count.
    pub(crate) fn strike<'a>(
        &self,
        settled: &'a Settled,
        key: &str,
        model: &str,
        roll: f64,
    ) -> Option<&'a Fault> {
        let counted = settled.faults.is_some()
            || settled.fault.as_ref().is_some_and(|fault| fault.first.is_some());
        let attempt = if counted { self.count_attempt(key, model) } else { 0 };
        choose(settled, attempt, roll)
    }

    fn count_attempt(&self, key: &str, model: &str) -> u64 {
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = attempts.entry(format!("{key}\0{model}")).or_default();
        let attempt = *count;
        *count += 1;
        attempt
    }
}

/// The fault of the n-th attempt, counted from zero.
fn choose(settled: &Settled, attempt: u64, roll: f64) -> Option<&Fault> {
    let fault = match &settled.faults {
        Some(faults) => faults.get(usize::try_from(attempt).ok()?)?.as_ref()?,
        None => settled.fault.as_ref()?,
    };
    let in_time = settled.faults.is_some() || fault.first.is_none_or(|first| attempt < first);
    (in_time && roll < fault.probability).then_some(fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(json: &str) -> ActiveScript {
        ActiveScript::new(Script::from_json(json).unwrap())
    }

    fn settled(json: &str) -> Settled {
        serde_json::from_str::<Behaviour>(json).unwrap().settle()
    }

    #[test]
    fn a_key_covers_a_model_and_a_model_covers_the_defaults() {
        let script = script(
            r#"{"defaults":{"tokens":1,"reasoning":1,"comments":1,"toolCalls":1},
                "models":{"m":{"tokens":2,"reasoning":2,"comments":2}},
                "keys":{"k":{"tokens":3,"reasoning":3}}}"#,
        );
        let request = serde_json::from_str::<Behaviour>(r#"{"tokens":4}"#).unwrap();
        let seen = |model, key, request| {
            let settled = script.behaviour(model, key, request);
            (settled.words.count(), settled.reasoning, settled.comments, settled.tool_calls)
        };
        assert_eq!(seen("other", "other", None), (1, 1, 1, 1));
        assert_eq!(seen("m", "other", None), (2, 2, 2, 1));
        assert_eq!(seen("other", "k", None), (3, 3, 1, 1));
        assert_eq!(seen("m", "k", None), (3, 3, 2, 1));
        assert_eq!(seen("m", "k", None), (3, 3, 2, 1));
        assert_eq!(seen("m", "k", Some(&request)), (4, 3, 2, 1));
    }

    #[test]
    fn a_fault_hits_the_first_attempts_and_no_more() {
        let settled = settled(r#"{"fault":{"kind":"reset","first":2}}"#);
        let hits: Vec<_> = (0..4).map(|n| choose(&settled, n, 0.0).is_some()).collect();
        assert_eq!(hits, [true, true, false, false]);
    }

    #[test]
    fn a_script_of_faults_goes_attempt_by_attempt_and_ends_healthy() {
        let settled = settled(r#"{"faults":[{"kind":"reset"},null,{"kind":"noContent"}]}"#);
        let hits: Vec<_> = (0..5).map(|n| choose(&settled, n, 0.0).is_some()).collect();
        assert_eq!(hits, [true, false, true, false, false]);
    }

    #[test]
    fn a_fault_strikes_with_its_probability() {
        let settled = settled(r#"{"fault":{"kind":"reset","probability":0.25}}"#);
        assert!(choose(&settled, 0, 0.24).is_some());
        assert!(choose(&settled, 0, 0.25).is_none());
    }

    #[test]
    fn attempts_are_counted_for_each_key_and_model() {
        let script = script(r#"{"defaults":{"fault":{"kind":"reset","first":1}}}"#);
        let strike = |key, model| {
            let settled = script.behaviour(model, key, None);
            script.strike(&settled, key, model, 0.0).is_some()
        };
        assert!(strike("a", "m") && strike("b", "m") && strike("a", "n"));
        assert!(!strike("a", "m") && !strike("b", "m") && !strike("a", "n"));
    }
}
