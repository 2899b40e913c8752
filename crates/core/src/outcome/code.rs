//! The machine-readable causes that providers give, and what each means. Only these, and the
//! sentences in [`super::phrase`], may widen a failure domain.

use super::Domain::{Account, Key, Model, Provider, Request, Target};
use super::Outcome::{
    BadCredentials, ContentRefused, ContextTooLong, ModelNotFound, Overloaded, QuotaUsedUp,
    RateLimited,
};
use super::{Domain, Outcome};

/// What a cause means, whatever the status it comes with. None if it says no more than the status.
pub(super) fn meaning(cause: &str) -> Option<(Outcome, Domain)> {
    Some(match cause {
        // OpenAI; Anthropic (billing_error, enforced_spend_limit_reached); Groq
        // (blocked_api_access).
        "insufficient_quota"
        | "credit_balance_exhausted"
        | "organization_spend_limit_exceeded"
        | "organization_usage_limit_exceeded"
        | "billing_hard_limit_reached"
        | "billing_not_active"
        | "billing_error"
        | "enforced_spend_limit_reached"
        | "blocked_api_access" => (QuotaUsedUp, Account),
        // A project's limit is its keys', not the organization's.
        "project_spend_limit_exceeded" => (QuotaUsedUp, Key),
        // OpenRouter: this request would cost more than there is.
        "weight_exceeds_budget" | "token_limit_exceeded" => (QuotaUsedUp, Request),
        // Anthropic, OpenAI, Azure, Cerebras, Groq, Mistral (two forms), OpenRouter.
        "overloaded_error"
        | "server_is_overloaded"
        | "engine_overloaded"
        | "NoCapacity"
        | "queue_exceeded"
        | "capacity_exceeded"
        | "service_tier_capacity_exceeded"
        | "3505"
        | "provider_overloaded" => (Overloaded, Model),
        // OpenAI and Groq, Anthropic, Mistral (two forms), Cerebras, Azure.
        "rate_limit_exceeded"
        | "rate_limit_error"
        | "rate_limited"
        | "1300"
        | "request_quota_exceeded"
        | "token_quota_exceeded"
        | "too_many_requests_error"
        | "RateLimitReached"
        | "slow_down" => (RateLimited, Target),
        // OpenAI, Anthropic, Google, Cerebras.
        "invalid_api_key" | "authentication_error" | "API_KEY_INVALID" | "wrong_api_key" => {
            (BadCredentials, Key)
        }
        "account_deactivated" | "organization_restricted" => (BadCredentials, Account),
        // No key of the provider's works from here.
        "unsupported_country_region_territory" => (BadCredentials, Provider),
        // OpenAI and Cerebras, Azure, Mistral (two forms), Groq.
        "model_not_found"
        | "DeploymentNotFound"
        | "invalid_model"
        | "1500"
        | "model_decommissioned"
        | "model_permission_blocked_org"
        | "model_terms_required" => (ModelNotFound, Target),
        // OpenAI, Cerebras and Groq; Anthropic; llama.cpp.
        "context_length_exceeded" | "request_too_large" | "exceed_context_size_error" => {
            (ContextTooLong, Request)
        }
        // Azure (two forms), OpenAI, OpenRouter.
        "content_filter"
        | "ResponsibleAIPolicyViolation"
        | "content_policy_violation"
        | "moderation_blocked" => (ContentRefused, Request),
        _ => return None,
    })
}

/// What `OpenRouter`'s name of a limit means. None if it says no more than the status.
pub(super) fn meaning_of_limit(source: &str) -> Option<(Outcome, Domain)> {
    Some(match source {
        // Shared by all of OpenRouter's customers: another key does not help.
        "upstream_provider_shared_pool" => (RateLimited, Model),
        // Frees itself when running requests end.
        "openrouter_in_flight_budget" => (RateLimited, Account),
        "openrouter_credits" | "openrouter_workspace_budget" => (QuotaUsedUp, Account),
        "openrouter_key_limit" | "openrouter_guardrail_budget" => (QuotaUsedUp, Key),
        _ => return None,
    })
}

/// The status that an error within a stream would have had as a response, by its type or code.
pub(super) fn status_of_cause(cause: &str) -> Option<u16> {
    Some(match cause {
        "invalid_request_error" | "BadRequestError" => 400,
        "authentication_error" => 401,
        "billing_error" => 402,
        "permission_error" => 403,
        "not_found_error" | "NotFoundError" => 404,
        "conflict_error" => 409,
        "request_too_large" => 413,
        "rate_limit_error" => 429,
        "api_error" | "server_error" | "internal_error" | "InternalServerError" => 500,
        "timeout_error" => 504,
        "overloaded_error" => 529,
        _ => return None,
    })
}

/// The status that goes with a word of google.rpc.Code.
pub(super) fn status_of_rpc(word: &str) -> Option<u16> {
    Some(match word {
        "INVALID_ARGUMENT" | "FAILED_PRECONDITION" | "OUT_OF_RANGE" => 400,
        "UNAUTHENTICATED" => 401,
        "PERMISSION_DENIED" => 403,
        "NOT_FOUND" => 404,
        "ABORTED" | "ALREADY_EXISTS" => 409,
        "RESOURCE_EXHAUSTED" => 429,
        "CANCELLED" => 499,
        "INTERNAL" | "UNKNOWN" | "DATA_LOSS" => 500,
        "UNIMPLEMENTED" => 501,
        "UNAVAILABLE" => 503,
        "DEADLINE_EXCEEDED" => 504,
        _ => return None,
    })
}
