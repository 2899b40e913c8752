//! What a call asks of its target. It does not pick one.

use std::collections::BTreeMap;

use super::target::Target;
use super::{Account, Strategy, TargetKey, TargetSpec};
use crate::quota::Estimate;

/// Tags that a target must have, all of them.
pub type Tags = BTreeMap<String, String>;

/// What a call asks of its target. The default takes any.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish<'a> {
    /// Targets that are not asked, as they have refused this call.
    pub not: &'a [TargetKey],
    /// Tags that the target must have.
    pub require: Option<&'a Tags>,
    /// What the call belongs to: under [`super::Strategy::Sticky`], calls of one session stay
    /// with one target.
    pub session: Option<&'a str>,
    /// Only targets of this account, which alone knows what the call refers to.
    pub account: Option<&'a Account>,
    /// Only targets whose context is known to take more than so many tokens; if none of them is
    /// eligible, those of which it is not known.
    pub larger_than: Option<u32>,
    /// What the call is expected to use, for targets whose tokens are limited.
    pub estimate: Estimate,
    /// How the target is chosen; none for as the fleet does. [`Strategy::LeastBusy`] and
    /// [`Strategy::LeastUsed`] are for fleets that do so anyway: others do not keep the order that
    /// they go by.
    pub strategy: Option<Strategy>,
}

impl<'a> Wish<'a> {
    /// Any target but these.
    pub fn not(not: &'a [TargetKey]) -> Self {
        Self { not, ..Self::default() }
    }

    /// What the target must be, in the order in which it is looked for.
    pub(super) fn requirements(&self) -> impl Iterator<Item = Requirement> + use<> {
        let (tags, account) = (self.require.cloned().unwrap_or_default(), self.account.cloned());
        let windows = match self.larger_than {
            None => [Some(Window::Any), None],
            Some(size) => [Some(Window::LargerThan(size)), Some(Window::Unknown)],
        };
        windows.into_iter().flatten().map(move |window| Requirement {
            tags: tags.clone(),
            account: account.clone(),
            window,
        })
    }

    /// True if every target will do that is not excluded by name.
    pub(super) fn takes_any(&self) -> bool {
        self.larger_than.is_none()
            && self.account.is_none()
            && self.require.is_none_or(Tags::is_empty)
    }

    /// True if the target is of the kind that is asked for, excluded or not.
    pub(super) fn suits(&self, target: &Target) -> bool {
        let spec = &target.spec;
        let large = self.larger_than.is_none_or(|size| {
            Window::Unknown.admits(spec) || Window::LargerThan(size).admits(spec)
        });
        large
            && self.account.is_none_or(|account| *account == target.account)
            && self.require.is_none_or(|tags| has_tags(spec, tags))
    }

    /// True if the call may be given this target.
    pub(super) fn admits(&self, key: TargetKey, target: &Target) -> bool {
        !self.not.contains(&key) && self.suits(target)
    }
}

/// A wish that outlives its call's stack, without the session and the estimate: what calls that wait have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Kept {
    not: Vec<TargetKey>,
    require: Tags,
    account: Option<Account>,
    larger_than: Option<u32>,
    strategy: Option<Strategy>,
}

impl From<&Wish<'_>> for Kept {
    fn from(wish: &Wish<'_>) -> Self {
        let mut not = wish.not.to_vec();
        not.sort_unstable();
        Self {
            not,
            require: wish.require.cloned().unwrap_or_default(),
            account: wish.account.cloned(),
            larger_than: wish.larger_than,
            strategy: wish.strategy,
        }
    }
}

impl Kept {
    pub(super) fn wish<'a>(&'a self, session: Option<&'a str>, estimate: Estimate) -> Wish<'a> {
        Wish {
            estimate,
            not: &self.not,
            require: Some(&self.require),
            session,
            account: self.account.as_ref(),
            larger_than: self.larger_than,
            strategy: self.strategy,
        }
    }
}

/// Which targets an index holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Requirement {
    pub(super) tags: Tags,
    pub(super) account: Option<Account>,
    pub(super) window: Window,
}

/// Which contexts will do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Window {
    #[default]
    Any,
    LargerThan(u32),
    Unknown,
}

impl Window {
    fn admits(self, spec: &TargetSpec) -> bool {
        match self {
            Self::Any => true,
            Self::LargerThan(size) => spec.context_window.is_some_and(|window| window.get() > size),
            Self::Unknown => spec.context_window.is_none(),
        }
    }
}

impl Requirement {
    pub(super) fn admits(&self, target: &Target) -> bool {
        self.window.admits(&target.spec)
            && self.account.as_ref().is_none_or(|account| *account == target.account)
            && has_tags(&target.spec, &self.tags)
    }
}

fn has_tags(spec: &TargetSpec, tags: &Tags) -> bool {
    tags.iter().all(|(key, value)| spec.tags.get(key) == Some(value))
}
