//! What a request asks for, once its path and body are read; not what it is answered.

use std::borrow::Cow;
use std::sync::Arc;

use http::request::Parts;

use crate::answer::chance::Chance;
use crate::answer::embedding::{self, Embed};
use crate::answer::extent::{Extent, Start, Wish};
use crate::answer::plan::{Asked, Dialect, Plan};
use crate::answer::prefill::Conversation;
use crate::answer::refusal::Refusal;
use crate::answer::response::Terms;
use crate::answer::usage::{Spent, prompt_tokens};
use crate::behaviour::fault::Fault;
use crate::behaviour::settled::Settled;
use crate::request::{self, Body};
use crate::route::{Endpoint, Route, Verb};

const DEFAULT_DIMENSIONS: u32 = 1536;

/// What a request asks for, and of which model.
pub(crate) struct Inquiry<'a> {
    pub(crate) subject: Subject<'a>,
    model: Option<Cow<'a, str>>,
    body: &'a [u8],
}

/// What is asked for.
pub(crate) enum Subject<'a> {
    Completion(Box<Completion<'a>>),
    Embeddings(Embed),
    Models,
    Model(Cow<'a, str>),
    Stored { verb: Verb, id: &'a str },
    Unknown,
}

/// What is asked of a completion.
pub(crate) struct Completion<'a> {
    asked: Asked,
    wish: Wish,
    conversation: Conversation<'a>,
    /// Known once the behaviour is (see [`Inquiry::fit`]).
    extent: Extent,
    pub(crate) streams: bool,
    /// Whether it was asked of a deployment of Azure.
    pub(crate) deployed: bool,
}

impl Completion<'_> {
    pub(crate) fn plan(
        self,
        settled: Arc<Settled>,
        fault: Option<&Fault>,
        created: u64,
        chance: &mut Chance,
    ) -> Plan {
        Plan::new(settled, fault, self.asked, self.extent, self.deployed, created, chance)
    }
}

impl Inquiry<'_> {
    /// The name that the script knows the model by: of a deployment, if there is one.
    pub(crate) fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    pub(crate) fn streams(&self) -> bool {
        matches!(&self.subject, Subject::Completion(completion) if completion.streams)
    }

    /// The response that this one goes on from.
    pub(crate) fn previous(&self) -> Option<&str> {
        match &self.subject {
            Subject::Completion(completion) => completion.asked.terms.as_ref()?.previous.as_deref(),
            _ => None,
        }
    }

    /// Finds out how much will be answered, or what of the request this behaviour refuses.
    pub(crate) fn fit(&mut self, settled: &Settled) -> Result<(), Refusal> {
        if let Some(name) = request::rejected(self.body, &settled.rejects) {
            return Err(Refusal::unknown_parameter(name));
        }
        let Subject::Completion(completion) = &mut self.subject else { return Ok(()) };
        let Completion { asked, wish, conversation, extent, .. } = completion.as_mut();
        let mut start = Start::default();
        if let Some(form) = settled.prefill.filter(|_| asked.dialect == Dialect::Chat) {
            start.given = conversation.given(form)?;
        }
        if settled.text_seed.is_some() {
            start.prompt = conversation.hash();
        }
        *extent = Extent::of(settled, asked.dialect, wish, &start);
        Ok(())
    }

    /// What a limit charges; nothing if limits do not count it at all.
    pub(crate) fn charged(&self, settled: &Settled) -> Option<u64> {
        match &self.subject {
            Subject::Completion(completion) => {
                let Asked { choices, prompt_tokens, .. } = completion.asked;
                let spent = Spent::by(&completion.extent, choices, prompt_tokens);
                Some(spent.charged(&settled.usage))
            }
            Subject::Embeddings(embed) => Some(embed.prompt_tokens),
            Subject::Models | Subject::Model(_) | Subject::Stored { .. } | Subject::Unknown => None,
        }
    }
}

/// Finds out what a request asks for.
pub(crate) fn read<'a>(route: &'a Route<'a>, bytes: &'a [u8]) -> Result<Inquiry<'a>, Refusal> {
    let (subject, model) = match route {
        Route::Models => (Subject::Models, None),
        Route::Model(id) => (Subject::Model(Cow::Borrowed(id)), Some(Cow::Borrowed(id.as_ref()))),
        Route::Stored { verb, id } => (Subject::Stored { verb: *verb, id }, None),
        Route::Unknown | Route::Control(_) => (Subject::Unknown, None),
        Route::Provider { endpoint, deployment } => {
            let mut body = request::read(bytes, *endpoint, deployment.is_some())?;
            let named = body.model.take();
            let known = match deployment {
                Some(deployment) => Cow::Borrowed(deployment.as_ref()),
                None => Cow::Owned(named.clone().unwrap_or_default()),
            };
            let model = named.unwrap_or_else(|| known.clone().into_owned());
            (subject(&body, bytes, *endpoint, model, deployment.is_some())?, Some(known))
        }
    };
    Ok(Inquiry { subject, model, body: bytes })
}

fn subject<'a>(
    body: &Body<'a>,
    bytes: &[u8],
    endpoint: Endpoint,
    model: String,
    deployed: bool,
) -> Result<Subject<'a>, Refusal> {
    let prompt_tokens = prompt_tokens(body.prompt_bytes());
    let dialect = match endpoint {
        Endpoint::Chat => Dialect::Chat,
        Endpoint::Text => Dialect::Text,
        Endpoint::Responses => Dialect::Responses,
        Endpoint::Embeddings => {
            let input = body.input.and_then(|input| serde_json::from_str(input.get()).ok());
            return Ok(Subject::Embeddings(Embed {
                model,
                inputs: input
                    .as_ref()
                    .and_then(embedding::inputs)
                    .ok_or_else(|| Refusal::missing("input"))?,
                dimensions: body.dimensions.unwrap_or(DEFAULT_DIMENSIONS) as usize,
                base64: body.encoding_format.as_deref() == Some("base64"),
                prompt_tokens,
            }));
        }
    };
    let usage = body.stream_options.as_ref().and_then(|options| options.include_usage);
    let conversation = Conversation {
        messages: body.messages.or(body.prompt).or(body.input),
        continue_final_message: body.continue_final_message.unwrap_or(false),
        no_generation_prompt: body.add_generation_prompt == Some(false),
    };
    Ok(Subject::Completion(Box::new(Completion {
        wish: Wish { most: body.most_tokens(), stops: body.stops()? },
        conversation,
        extent: Extent::default(),
        asked: Asked {
            dialect,
            model,
            choices: if dialect == Dialect::Responses { 1 } else { body.n.unwrap_or(1) },
            include_usage: usage.unwrap_or(false),
            tools: body.tool_names(),
            prompt_tokens,
            terms: (dialect == Dialect::Responses).then(|| Arc::new(Terms::read(bytes))),
        },
        streams: body.stream.unwrap_or(false),
        deployed,
    })))
}

/// The method and path of a request nobody answers.
pub(crate) fn unknown(head: &Parts) -> Refusal {
    Refusal::unknown_url(head.method.as_str(), head.uri.path())
}
