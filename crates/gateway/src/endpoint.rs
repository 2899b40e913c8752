//! Which of a provider's endpoints a request is for. It does not decide who may use it.

use model_multiplexer_core::wire::reply::Form;

/// An endpoint that is passed on to a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Endpoint {
    /// Chat completions.
    Chat,
    /// Legacy completions.
    Completions,
    /// Embeddings.
    Embeddings,
    /// Responses.
    Responses,
}

impl Endpoint {
    /// Every endpoint, in the order of declaration.
    pub(crate) const ALL: [Self; 4] =
        [Self::Chat, Self::Completions, Self::Embeddings, Self::Responses];

    /// Its path below the API's root.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Chat => "/chat/completions",
            Self::Completions => "/completions",
            Self::Embeddings => "/embeddings",
            Self::Responses => "/responses",
        }
    }

    /// Its operation's name among OpenTelemetry's of generative AI.
    pub(crate) const fn operation(self) -> &'static str {
        match self {
            Self::Chat | Self::Responses => "chat",
            Self::Completions => "text_completion",
            Self::Embeddings => "embeddings",
        }
    }

    /// In which form its answer comes.
    pub(crate) const fn form(self, stream: bool) -> Form {
        match self {
            Self::Embeddings => Form::Whole,
            _ if stream => Form::Events,
            _ => Form::Whole,
        }
    }
}
