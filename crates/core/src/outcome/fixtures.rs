//! What providers send, as users have reported it or as they document it, shortened where nothing
//! is lost by it, and what each means. The expectations are written by hand.

use super::{Domain, Outcome};

/// One answer of a provider.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fixture {
    pub(super) provider: &'static str,
    pub(super) fault: &'static str,
    pub(super) status: u16,
    pub(super) headers: &'static [(&'static str, &'static str)],
    pub(super) body: &'static str,
    pub(super) outcome: Outcome,
    pub(super) domain: Domain,
    /// Milliseconds.
    pub(super) asked: Option<u64>,
}

/// An event of a stream.
pub(super) struct Event {
    pub(super) provider: &'static str,
    pub(super) name: &'static str,
    pub(super) data: &'static str,
    pub(super) meaning: Option<(Outcome, Domain)>,
}

macro_rules! fixtures {
    (@option) => { None };
    (@option $value:literal) => { Some($value) };
    ($(
        $provider:literal, $fault:literal, $status:literal $([$($name:literal: $value:literal),*])?,
        $body:expr => $outcome:ident $domain:ident $(, asks $asked:literal)?;
    )*) => {
        &[$(Fixture {
            provider: $provider,
            fault: $fault,
            status: $status,
            headers: &[$($(($name, $value)),*)?],
            body: $body,
            outcome: Outcome::$outcome,
            domain: Domain::$domain,
            asked: fixtures!(@option $($asked)?),
        }),*]
    };
}

pub(super) const RESPONSES: &[Fixture] = fixtures! {
    "openai", "requests per day", 429,
    r#"{"error":{"message":"Rate limit reached for gpt-4o-mini in organization org-x on requests per day (RPD): Limit 200, Used 200, Requested 1. Please try again in 7m12s. Visit https://platform.openai.com/account/rate-limits to learn more.","type":"requests","param":null,"code":"rate_limit_exceeded"}}"#
    => RateLimited Target, asks 432_000;
    "openai", "tokens per minute, with headers", 429 ["retry-after-ms": "644", "retry-after": "1"],
    r#"{"error":{"message":"Rate limit reached for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Used 29937, Requested 385. Please try again in 644ms.","type":"tokens","param":null,"code":"rate_limit_exceeded"}}"#
    => RateLimited Target, asks 644;
    "openai", "used-up limit in headers alone", 429 ["x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "20ms", "x-ratelimit-remaining-tokens": "100", "x-ratelimit-reset-tokens": "6m0s"],
    r#"{"error":{"message":"Too many","type":"requests","param":null,"code":"rate_limit_exceeded"}}"#
    => RateLimited Target, asks 20;
    "openai", "one request over a minute's tokens", 429,
    r#"{"error":{"message":"Request too large for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Requested 30601. The input or output tokens must be reduced in order to run successfully.","type":"tokens","param":null,"code":"rate_limit_exceeded"}}"#
    => RateLimited Request;
    "openai", "quota used up", 429,
    r#"{"error":{"message":"You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"#
    => QuotaUsedUp Account;
    "openai", "quota used up, without a code", 429,
    r#"{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","param":null,"code":null}}"#
    => QuotaUsedUp Account;
    "openai", "a project's limit", 429,
    r#"{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","code":"project_spend_limit_exceeded"}}"#
    => QuotaUsedUp Key;
    "openai", "billing not active", 429,
    r#"{"error":{"message":"Your account is not active, please check your billing details on our website.","type":"billing_not_active","param":null,"code":"billing_not_active"}}"#
    => QuotaUsedUp Account;
    "openai", "overloaded", 503 ["retry-after": "30"],
    r#"{"error":{"message":"The engine is currently overloaded, please try again later","type":"server_error","param":null,"code":null}}"#
    => Overloaded Model, asks 30_000;
    "openai", "server error", 500,
    r#"{"error":{"message":"The server had an error while processing your request. Sorry about that!","type":"server_error","param":null,"code":null}}"#
    => Unavailable Target;
    "openai", "bad key", 401,
    r#"{"error":{"message":"Incorrect API key provided: sk-x. You can find your API key at https://platform.openai.com/account/api-keys.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#
    => BadCredentials Key;
    "openai", "missing scope", 401,
    r#"{"error":{"message":"You have insufficient permissions for this operation. Missing scopes: model.request.","type":"invalid_request_error","param":null,"code":"missing_scope"}}"#
    => BadCredentials Key;
    "openai", "region", 403,
    r#"{"error":{"code":"unsupported_country_region_territory","message":"Country, region, or territory not supported","param":null,"type":"request_forbidden"}}"#
    => BadCredentials Provider;
    "openai", "a project without the model", 403,
    r#"{"error":{"message":"Project `proj_x` does not have access to model `gpt-4o`","type":"invalid_request_error","param":null,"code":"model_not_found"}}"#
    => ModelNotFound Target;
    "openai", "model not found", 404,
    r#"{"error":{"message":"The model `gpt-4o` does not exist or you do not have access to it.","type":"invalid_request_error","param":null,"code":"model_not_found"}}"#
    => ModelNotFound Target;
    "openai", "an earlier response not found", 404,
    r#"{"error":{"message":"Previous response with id 'resp_x' not found.","type":"invalid_request_error","param":"previous_response_id","code":"previous_response_not_found"}}"#
    => BadRequest Request;
    "openai", "context too long", 400,
    r#"{"error":{"message":"This model's maximum context length is 4097 tokens. However, your messages resulted in 4294 tokens. Please reduce the length of the messages.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#
    => ContextTooLong Request;
    "openai", "flagged prompt", 400,
    r#"{"error":{"message":"Invalid prompt: your prompt was flagged as potentially violating our usage policy. Please try again with a different prompt: https://platform.openai.com/docs/guides/reasoning#advice-on-prompting","type":"invalid_request_error","param":null,"code":"invalid_prompt"}}"#
    => ContentRefused Request;
    "openai", "bad parameter", 400,
    r#"{"error":{"message":"Unsupported value: 'temperature' does not support 3 with this model.","type":"invalid_request_error","param":"temperature","code":"unsupported_value"}}"#
    => BadRequest Request;

    "azure", "rate limit", 429 ["x-ratelimit-remaining-requests": "7", "x-ratelimit-remaining-tokens": "1014"],
    r#"{"error":{"code":"429","message":"Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-08-01-preview have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after 86400 seconds. Please go here: https://aka.ms/oai/quotaincrease if you would like to further increase the default rate limit."}}"#
    => RateLimited Target, asks 86_400_000;
    "azure", "rate limit of a deployment", 429,
    r#"{"error":{"code":"429","message": "Rate limit is exceeded. Try again in 2 seconds."}}"#
    => RateLimited Target, asks 2_000;
    "azure", "rate limit, new words", 429 ["retry-after": "60"],
    r#"{"error":{"code":"RateLimitReached","message":"Your requests to gpt-5.1 for gpt-5.1 in East US 2 have exceeded the token rate limit for your current AIServices S0 pricing tier. Please retry after 60 seconds."}}"#
    => RateLimited Target, asks 60_000;
    "azure", "no capacity", 429,
    r#"{"error":{"code":"NoCapacity","message":"The system is currently experiencing high demand and cannot process your request. Your request exceeds the maximum usage size allowed during peak load. Please retry after 20 seconds."}}"#
    => Overloaded Model, asks 20_000;
    "azure", "content filter", 400,
    r#"{"error":{"message":"The response was filtered due to the prompt triggering Azure OpenAI's content management policy.","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation","content_filter_result":{"violence":{"filtered":true,"severity":"medium"}}}}}"#
    => ContentRefused Request;
    "azure", "deployment not found", 404,
    r#"{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again."}}"#
    => ModelNotFound Target;
    "azure", "bad key", 401,
    r#"{"error":{"code":"401","message":"Access denied due to invalid subscription key or wrong API endpoint."}}"#
    => BadCredentials Key;
    "azure", "gateway's own limit", 429 ["retry-after": "12"],
    r#"{ "statusCode": 429, "message": "Rate limit is exceeded. Try again in 12 seconds." }"#
    => RateLimited Target, asks 12_000;

    "anthropic", "rate limit", 429 ["retry-after": "17", "anthropic-ratelimit-input-tokens-remaining": "0"],
    r#"{"type":"error","error":{"type":"rate_limit_error","message":"This request would exceed your account's rate limit. Please try again later."},"request_id":"req_x"}"#
    => RateLimited Target, asks 17_000;
    "anthropic", "rate limit in headers alone", 429 ["anthropic-ratelimit-output-tokens-remaining": "0", "anthropic-ratelimit-output-tokens-reset": "2025-01-01T00:00:09Z", "anthropic-ratelimit-requests-remaining": "3", "anthropic-ratelimit-requests-reset": "2025-01-01T00:59:00Z"],
    r#"{"type":"error","error":{"type":"rate_limit_error","message":"Rate limited"}}"#
    => RateLimited Target, asks 9_000;
    "anthropic", "monthly spend limit in words", 429,
    r#"{"type":"error","error":{"type":"rate_limit_error","message":"This request would exceed your account's monthly spend limit. Please try again later."}}"#
    => QuotaUsedUp Account;
    "anthropic", "monthly spend limit as a code", 429,
    r#"{"type":"error","error":{"type":"rate_limit_error","message":"Limit reached","details":{"error_code":"enforced_spend_limit_reached"}}}"#
    => QuotaUsedUp Account;
    "anthropic", "no credit", 400,
    r#"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."},"request_id":"req_x"}"#
    => QuotaUsedUp Account;
    "anthropic", "own spend limit", 400,
    r#"{"type":"error","error":{"type":"invalid_request_error","message":"You have reached your specified API usage limits. You will regain access on 2025-07-01 at 00:00 UTC."}}"#
    => QuotaUsedUp Account;
    "anthropic", "billing", 402,
    r#"{"type":"error","error":{"type":"billing_error","message":"Please check your payment details."}}"#
    => QuotaUsedUp Account;
    "anthropic", "overloaded", 529 ["x-should-retry": "true"],
    r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#
    => Overloaded Model;
    "anthropic", "internal", 500,
    r#"{"type":"error","error":{"type":"api_error","message":"Overloaded"},"request_id":null}"#
    => Unavailable Target;
    "anthropic", "timed out within", 504,
    r#"{"type":"error","error":{"type":"timeout_error","message":"Request timed out"}}"#
    => Unavailable Target;
    "anthropic", "bad key", 401,
    r#"{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}"#
    => BadCredentials Key;
    "anthropic", "no permission", 403,
    r#"{"type":"error","error":{"type":"permission_error","message":"Your API key does not have permission to use the specified resource."}}"#
    => BadCredentials Key;
    "anthropic", "model not found", 404,
    r#"{"type":"error","error":{"type":"not_found_error","message":"model: claude-x"}}"#
    => ModelNotFound Target;
    "anthropic", "prompt too long", 400,
    r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 213462 tokens > 200000 maximum"}}"#
    => ContextTooLong Request;
    "anthropic", "prompt and answer too long", 400,
    r#"{"type":"error","error":{"type":"invalid_request_error","message":"input length and `max_tokens` exceed context limit: 198214 + 8192 > 200000, decrease input length or `max_tokens` and try again"}}"#
    => ContextTooLong Request;
    "anthropic", "body too large", 413,
    r#"{"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size"}}"#
    => ContextTooLong Request;
    "anthropic", "bad parameter", 400,
    r#"{"type":"error","error":{"type":"invalid_request_error","message":"messages.0.role: Input should be 'user' or 'assistant'"}}"#
    => BadRequest Request;

    "gemini", "requests per minute and model", 429,
    r#"{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaMetric":"generativelanguage.googleapis.com/generate_content_free_tier_input_token_count","quotaId":"GenerateContentInputTokensPerModelPerMinute-FreeTier","quotaDimensions":{"location":"global","model":"gemini-2.5-flash"},"quotaValue":"250000"}]},{"@type":"type.googleapis.com/google.rpc.Help","links":[]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"26s"}]}}"#
    => RateLimited Target, asks 26_000;
    "gemini", "requests per day and model, to be asked again soon", 429,
    r#"{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details. \n* Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 20\nPlease retry in 36.429760048s.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier","quotaDimensions":"[MaxDepth]","quotaValue":"20"}]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"36s"}]}}"#
    => RateLimited Target, asks 36_000;
    "gemini", "requests of the project", 429,
    r#"{"error":{"code":429,"message":"Quota exceeded","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerMinutePerProject"}]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"37s"}]}}"#
    => RateLimited Account, asks 37_000;
    "gemini", "delay in words alone", 429,
    r#"[{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details.\nPlease retry in 5.237s.","status":"RESOURCE_EXHAUSTED"}}]"#
    => RateLimited Target, asks 5_237;
    "gemini", "no delay", 429,
    r#"[{"error":{"code":429,"message":"Resource has been exhausted (e.g. check quota).","status":"RESOURCE_EXHAUSTED"}}]"#
    => RateLimited Target;
    "gemini", "no credit", 402,
    r#"{"error":{"code":402,"message":"Your prepayment credits are depleted.","status":"RESOURCE_EXHAUSTED"}}"#
    => QuotaUsedUp Account;
    "gemini", "overloaded", 503,
    r#"{"error":{"code":503,"message":"The model is overloaded. Please try again later.","status":"UNAVAILABLE"}}"#
    => Overloaded Model;
    "gemini", "internal", 500,
    r#"{"error":{"code":500,"message":"An internal error has occurred.","status":"INTERNAL"}}"#
    => Unavailable Target;
    "gemini", "bad key", 400,
    r#"{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"googleapis.com"}]}}"#
    => BadCredentials Key;
    "gemini", "expired key, without details", 400,
    r#"[{"error":{"code":400,"message":"API key expired. Please renew the API key.","status":"INVALID_ARGUMENT"}}]"#
    => BadCredentials Key;
    "gemini", "region", 400,
    r#"{"error":{"code":400,"message":"User location is not supported for the API use.","status":"FAILED_PRECONDITION"}}"#
    => BadCredentials Key;
    "gemini", "no permission", 403,
    r#"{"error":{"code":403,"message":"Generative Language API has not been used in project 1 before or it is disabled.","status":"PERMISSION_DENIED"}}"#
    => BadCredentials Key;
    "gemini", "model not found", 404,
    r#"[{"error":{"code":404,"message":"models/gemini-9 is not found for API version v1main","status":"NOT_FOUND"}}]"#
    => ModelNotFound Target;
    "gemini", "context too long", 400,
    r#"{"error":{"code":400,"message":"The input token count (3475108) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}"#
    => ContextTooLong Request;
    "gemini", "context too long, older words", 400,
    r#"{"error":{"code":400,"message":"The input token count exceeds the maximum number of tokens allowed 1048576.","status":"INVALID_ARGUMENT"}}"#
    => ContextTooLong Request;
    "gemini", "bad parameter", 400,
    r#"{"error":{"code":400,"message":"Request contains an invalid argument.","status":"INVALID_ARGUMENT"}}"#
    => BadRequest Request;

    "groq", "tokens per day", 429,
    r#"{"error":{"message":"Rate limit reached for model `llama-3.3-70b-versatile` in organization `org_x` service tier `on_demand` on tokens per day (TPD): Limit 100000, Used 97050, Requested 3619. Please try again in 9m38.016s. Need more tokens? Upgrade to Dev Tier today at https://console.groq.com/settings/billing","type":"tokens","code":"rate_limit_exceeded"}}"#
    => RateLimited Target, asks 578_016;
    "groq", "requests", 429 ["retry-after": "8", "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "2m59.56s"],
    r#"{"error":{"message":"Rate limit reached for model `x` in organization `org_x` on requests per minute (RPM): Limit 30. Please try again in 7.66s.","type":"requests","code":"rate_limit_exceeded"}}"#
    => RateLimited Target, asks 8_000;
    "groq", "one request over a minute's tokens", 413,
    r#"{"error":{"message":"Request too large for model `llama-3.3-70b-versatile` in organization `org_x` service tier `on_demand` on tokens per minute (TPM): Limit 6000, Requested 14810, please reduce your message size and try again.","type":"tokens","code":"rate_limit_exceeded"}}"#
    => RateLimited Request;
    "groq", "tier without capacity", 498,
    r#"{"error":{"message":"Flex tier capacity exceeded","type":"server_error","code":"capacity_exceeded"}}"#
    => Overloaded Model;
    "groq", "spend limit", 400,
    r#"{"error":{"message":"API access is blocked: the organization has reached its spend limit.","type":"invalid_request_error","code":"blocked_api_access"}}"#
    => QuotaUsedUp Account;
    "groq", "organization restricted", 400,
    r#"{"error":{"message":"Organization has been restricted. Please reach out to support if you believe this was in error.","type":"invalid_request_error","code":"organization_restricted"}}"#
    => BadCredentials Account;
    "groq", "bad key", 401,
    r#"{"error":{"message":"Invalid API Key","type":"invalid_request_error","code":"invalid_api_key"}}"#
    => BadCredentials Key;
    "groq", "model not found", 404,
    r#"{"error":{"message":"The model `llama3.1-405b` does not exist or you do not have access to it.","type":"invalid_request_error","code":"model_not_found"}}"#
    => ModelNotFound Target;
    "groq", "model switched off", 400,
    r#"{"error":{"message":"The model `x` has been decommissioned and is no longer supported.","type":"invalid_request_error","code":"model_decommissioned"}}"#
    => ModelNotFound Target;
    "groq", "context too long", 400,
    r#"{"error":{"message":"Please reduce the length of the messages or completion.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#
    => ContextTooLong Request;
    "groq", "overloaded", 503,
    r#"{"error":{"message":"Service Unavailable","type":"internal_server_error"}}"#
    => Overloaded Model;
    "groq", "tool call that is none", 400,
    r#"{"error":{"message":"Failed to call a function. Please adjust your prompt.","type":"invalid_request_error","code":"tool_use_failed","failed_generation":"<function=x>"}}"#
    => BadRequest Request;

    "cerebras", "requests per minute", 429 ["x-ratelimit-remaining-requests-minute": "0", "x-ratelimit-reset-requests-minute": "12.5", "x-ratelimit-remaining-requests-day": "14000", "x-ratelimit-reset-requests-day": "33011.382867"],
    r#"{"message":"Requests per minute limit exceeded - too many requests sent.","type":"too_many_requests_error","param":"quota","code":"request_quota_exceeded"}"#
    => RateLimited Target, asks 12_500;
    "cerebras", "tokens per minute", 429,
    r#"{"message":"Tokens per minute limit exceeded - too many tokens processed.","type":"too_many_tokens_error","param":"quota","code":"token_quota_exceeded"}"#
    => RateLimited Target;
    "cerebras", "queue full", 429,
    r#"{"message":"We're experiencing high traffic right now! Please try again soon.","type":"too_many_requests_error","param":"queue","code":"queue_exceeded"}"#
    => Overloaded Model;
    "cerebras", "context too long", 400,
    r#"{"message":"Please reduce the length of the messages or completion. Current length is 10232 while limit is 8192","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}"#
    => ContextTooLong Request;
    "cerebras", "bad key", 401,
    r#"{"message":"Wrong API Key","type":"invalid_request_error","param":"api_key","code":"wrong_api_key"}"#
    => BadCredentials Key;
    "cerebras", "model not found", 404,
    r#"{"message":"Model llama3.3-70b does not exist or you do not have access to it.","type":"not_found_error","param":"model","code":"model_not_found"}"#
    => ModelNotFound Target;

    "openrouter", "upstream's limit", 429,
    r#"{"error":{"message":"Provider returned error","code":429,"metadata":{"raw":"z-ai/glm-5.3-flash is temporarily rate-limited upstream. Please retry shortly, or add your own key to accumulate your rate limits: ...","provider_name":"BaseTen","limit_source":"upstream_provider_shared_pool"}},"user_id":"user_x"}"#
    => RateLimited Model;
    "openrouter", "free models per day", 429 ["x-ratelimit-limit": "50", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1735693200000"],
    r#"{"error":{"message":"Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day","code":429,"metadata":{"headers":{"X-RateLimit-Remaining":"0"}}}}"#
    => RateLimited Target, asks 3_600_000;
    "openrouter", "fewer max_tokens", 402,
    r#"{"error":{"message":"This request requires more credits, or fewer max_tokens. You requested up to 32000 tokens, but can only afford 27342. To increase, visit https://openrouter.ai/settings/credits and upgrade to a paid account","code":402,"metadata":{"provider_name":null}},"user_id":"user_x"}"#
    => QuotaUsedUp Request;
    "openrouter", "no tokens left", 402,
    r#"{"error":{"message":"This request requires more credits, or fewer max_tokens. You requested up to 32000 tokens, but can only afford 0. To increase, visit https://openrouter.ai/settings/keys","code":402}}"#
    => QuotaUsedUp Account;
    "openrouter", "no credit", 402,
    r#"{"error":{"message":"Insufficient credits. Add more using https://openrouter.ai/settings/credits","code":402,"metadata":{"limit_source":"openrouter_credits"}}}"#
    => QuotaUsedUp Account;
    "openrouter", "no credit ever", 402,
    r#"{"error":{"message":"Insufficient credits. This account never purchased credits.","code":402}}"#
    => QuotaUsedUp Account;
    "openrouter", "the key's limit", 402,
    r#"{"error":{"message":"Key limit exceeded","code":402,"metadata":{"limit_source":"openrouter_key_limit"}}}"#
    => QuotaUsedUp Key;
    "openrouter", "too much under way", 402 ["retry-after": "3"],
    r#"{"error":{"message":"In-flight budget exhausted","code":402,"metadata":{"limit_source":"openrouter_in_flight_budget"}}}"#
    => RateLimited Account, asks 3_000;
    "openrouter", "a workspace's budget", 403,
    r#"{"error":{"message":"Workspace monthly budget of $500.00 exceeded. Contact your workspace admin.","code":403,"metadata":{"limit_source":"openrouter_workspace_budget"}}}"#
    => QuotaUsedUp Account;
    "openrouter", "moderation", 403,
    r#"{"error":{"message":"Your input was flagged","code":403,"metadata":{"reasons":["violence"],"flagged_input":"...","provider_name":"OpenAI","model_slug":"openai/gpt-4o"}}}"#
    => ContentRefused Request;
    "openrouter", "bad key", 401,
    r#"{"error":{"message":"No auth credentials found","code":401}}"#
    => BadCredentials Key;
    "openrouter", "no such model", 400,
    r#"{"error":{"message":"foo/bar is not a valid model ID","code":400},"user_id":"user_x"}"#
    => ModelNotFound Target;
    "openrouter", "no endpoint", 404,
    r#"{"error":{"message":"No endpoints found for foo/bar.","code":404}}"#
    => ModelNotFound Target;
    "openrouter", "upstream's context", 400,
    r#"{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"error\":{\"message\":\"This model's maximum context length is 262144 tokens. However, your messages resulted in 262897 tokens. Please reduce the length of the messages.\",\"type\":\"Bad Request\",\"code\":400}}","provider_name":"Nvidia"}}}"#
    => ContextTooLong Request;
    "openrouter", "context by its type", 400,
    r#"{"error":{"message":"This endpoint's maximum context length is 131072 tokens. However, you requested about 140000 tokens","code":400,"metadata":{"error_type":"context_length_exceeded"}}}"#
    => ContextTooLong Request;
    "openrouter", "upstream timed out", 408,
    r#"{"error":{"message":"Request timed out","code":408}}"#
    => Unavailable Target;
    "openrouter", "upstream is down", 502,
    r#"{"error":{"message":"Provider returned error","code":502}}"#
    => Unavailable Target;
    "openrouter", "no provider", 503 ["retry-after": "5"],
    r#"{"error":{"message":"No allowed providers are available for the selected model.","code":503}}"#
    => Overloaded Model, asks 5_000;
    "openrouter", "an error with status 200", 200,
    r#"{"error":{"message":"Provider returned error","code":502},"user_id":"user_x"}"#
    => Unavailable Target;

    "mistral", "rate limit", 429,
    r#"{"object":"error","message":"Rate limit exceeded","type":"rate_limited","param":null,"code":"1300","raw_status_code":429}"#
    => RateLimited Target;
    "mistral", "rate limit, older words", 429,
    r#"{"message":"Requests rate limit exceeded"}"#
    => RateLimited Target;
    "mistral", "no capacity", 429,
    r#"{"object":"error","message":"Service tier capacity exceeded for this model.","type":"service_tier_capacity_exceeded","param":null,"code":"3505"}"#
    => Overloaded Model;
    "mistral", "no capacity, older words", 429,
    r#"{"object":"error","message":"Service tier capacity exceeded for this model.","type":"invalid_request_error","param":null,"code":null}"#
    => Overloaded Model;
    "mistral", "bad key", 401, r#"{"detail":"Unauthorized"}"# => BadCredentials Key;
    "mistral", "bad key at its gateway", 401,
    r#"{"message":"Unauthorized","request_id":"933f233947ff6d346065bb297e4a4d56"}"#
    => BadCredentials Key;
    "mistral", "model not found", 400,
    r#"{"object":"error","message":"Invalid model: mistral-x","type":"invalid_model","param":null,"code":"1500"}"#
    => ModelNotFound Target;
    "mistral", "context too long", 400,
    r#"{"object":"error","message":"Prompt contains 40960 tokens, too large for model with 32768 maximum context length","type":"invalid_request_error","param":null,"code":null}"#
    => ContextTooLong Request;
    "mistral", "bad parameter", 422,
    r#"{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]},"type":"invalid_request_error","param":null,"code":null}"#
    => BadRequest Request;

    "nvidia", "rate limit", 429, r#"{"status":429,"title":"Too Many Requests"}"# => RateLimited Target;
    "nvidia", "model not found", 404,
    r#"{"status":404,"title":"Not Found","detail":"Function '23d4f03a-b8a6-4adb-a183-7daa083a09cc': Not found for account 'x'"}"#
    => ModelNotFound Target;
    "nvidia", "model withdrawn", 410, r#"{"status":410,"title":"Gone"}"# => ModelNotFound Target;
    "nvidia", "model degraded", 400,
    r#"{"status":400,"title":"Bad Request","detail":"Function id '87ea0ddc-cff1-4bca-bf8b-3bd98a35ddd0': DEGRADED function cannot be invoked"}"#
    => Unavailable Target;
    "nvidia", "bad key", 403,
    r#"{"status":403,"title":"Forbidden","detail":"Authorization failed"}"#
    => BadCredentials Key;
    "nvidia", "no credit", 402,
    r#"{"status":402,"title":"Payment Required","detail":"Cloud credits expired"}"#
    => QuotaUsedUp Account;

    "ollama", "queue full", 503,
    r#"{"error":{"message":"server busy, please try again.  maximum pending requests exceeded","type":"api_error","param":null,"code":null}}"#
    => Overloaded Model;
    "ollama", "cloud overloaded", 503,
    r#"{"error":"Server overloaded, please retry shortly (ref: aaa65c70)"}"#
    => Overloaded Model;
    "ollama", "model not found", 404,
    r#"{"error":{"message":"model \"ollama\" not found, try pulling it first","type":"api_error","param":null,"code":null}}"#
    => ModelNotFound Target;
    "ollama", "model not found, its own API", 404,
    r#"{"error":"model 'llama2' not found, try pulling it first"}"#
    => ModelNotFound Target;
    "ollama", "context too long", 400,
    r#"{"error":"the input length exceeds the context length"}"#
    => ContextTooLong Request;
    "ollama", "the runner died", 500,
    r#"{"error":{"message":"llama runner process has terminated: exit status 2","type":"api_error","param":null,"code":null}}"#
    => Unavailable Target;

    "vllm", "context too long", 400,
    r#"{"object":"error","message":"This model's maximum context length is 32768 tokens. However, you requested 41648 tokens (37552 in the messages, 4096 in the completion). Please reduce the length of the messages or completion. None","type":"BadRequestError","param":null,"code":400}"#
    => ContextTooLong Request;
    "vllm", "context too long, newer words", 400,
    r#"{"error":{"message":"You passed 1015 input tokens and requested 10 output tokens. However, the model's context length is only 1024 tokens, resulting in a maximum input length of 1014 tokens. Please reduce the length of the input prompt. (parameter=input_tokens, value=1015)","type":"BadRequestError","param":"input_tokens","code":400}}"#
    => ContextTooLong Request;
    "vllm", "model not found", 404,
    r#"{"object":"error","message":"The model `x` does not exist.","type":"NotFoundError","param":"model","code":404}"#
    => ModelNotFound Target;
    "vllm", "bad key", 401, r#"{"error":"Unauthorized"}"# => BadCredentials Key;
    "vllm", "engine dead", 500,
    r#"{"object":"error","message":"EngineCore encountered an issue.","type":"InternalServerError","param":null,"code":500}"#
    => Unavailable Target;
    "vllm", "bad parameter", 400,
    r#"{"object":"error","message":"[{'type': 'extra_forbidden'}]","type":"BadRequestError","param":null,"code":400}"#
    => BadRequest Request;

    "a proxy", "bad gateway", 502, "<html><h1>502 Bad Gateway</h1></html>" => Unavailable Target;
    "a proxy", "busy", 503, "<html><h1>503 Service Unavailable</h1></html>" => Overloaded Model;
    "a proxy", "firewall", 403, "<!DOCTYPE html><title>Attention Required!</title>" => Unavailable Target;
    "a proxy", "body too large", 413, "<html><h1>413 Request Entity Too Large</h1></html>" => ContextTooLong Request;
    "a proxy", "client closed request", 499, "" => Unavailable Target;
    "a proxy", "conflict", 409, "" => Unavailable Target;
    "a proxy", "redirect to nowhere", 302, "" => Unavailable Target;
    "anybody", "retry at once", 429 ["retry-after": "0"], "" => RateLimited Target, asks 0;
    "anybody", "retry in the past", 429 ["retry-after": "Tue, 31 Dec 2024 23:59:00 GMT"], "" => RateLimited Target, asks 0;
    "anybody", "retry at a date", 429 ["retry-after": "Wed, 01 Jan 2025 00:00:37 GMT"], "" => RateLimited Target, asks 37_000;
    "anybody", "method not allowed", 405, "" => BadRequest Request;
    "anybody", "a success", 200, r#"{"object":"chat.completion","choices":[]}"# => Success Request;
};

pub(super) const EVENTS: &[Event] = &[
    Event {
        provider: "openai",
        name: "",
        data: r#"{"error":{"message":"The server had an error while processing your request.","type":"server_error","param":null,"code":null}}"#,
        meaning: Some((Outcome::Unavailable, Domain::Target)),
    },
    Event {
        provider: "openai, responses",
        name: "response.failed",
        data: r#"{"type":"response.failed","response":{"status":"failed","output":[],"error":{"code":"server_is_overloaded","message":"Our servers are currently overloaded. Please try again later."}}}"#,
        meaning: Some((Outcome::Overloaded, Domain::Model)),
    },
    Event {
        provider: "openai, responses",
        name: "error",
        data: r#"{"type":"error","code":"rate_limit_exceeded","message":"Rate limit reached for gpt-4o. Please try again in 2s.","param":null,"sequence_number":1}"#,
        meaning: Some((Outcome::RateLimited, Domain::Target)),
    },
    Event {
        provider: "azure",
        name: "",
        data: r#"{"error":{"message":"filtered","code":"content_filter","innererror":{"code":"ResponsibleAIPolicyViolation"}}}"#,
        meaning: Some((Outcome::ContentRefused, Domain::Request)),
    },
    Event {
        provider: "anthropic",
        name: "error",
        data: r#"{"type":"error","error":{"details":null,"type":"overloaded_error","message":"Overloaded"}}"#,
        meaning: Some((Outcome::Overloaded, Domain::Model)),
    },
    Event {
        provider: "anthropic",
        name: "error",
        data: r#"{"type":"error","error":{"details":null,"type":"rate_limit_error","message":"Rate limited"},"request_id":"req_x"}"#,
        meaning: Some((Outcome::RateLimited, Domain::Target)),
    },
    Event {
        provider: "gemini",
        name: "",
        data: r#"{"error":{"code":503,"message":"The model is overloaded. Please try again later.","status":"UNAVAILABLE"}}"#,
        meaning: Some((Outcome::Overloaded, Domain::Model)),
    },
    Event {
        provider: "gemini",
        name: "",
        data: r#"{"error":{"message":"Resource has been exhausted (e.g. check quota).","status":"RESOURCE_EXHAUSTED"}}"#,
        meaning: Some((Outcome::RateLimited, Domain::Target)),
    },
    Event {
        provider: "openrouter",
        name: "",
        data: r#"{"id":"gen-x","object":"chat.completion.chunk","provider":"openai","error":{"code":502,"message":"Provider disconnected unexpectedly"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}"#,
        meaning: Some((Outcome::Unavailable, Domain::Target)),
    },
    Event {
        provider: "openrouter",
        name: "",
        data: r#"{"id":"gen-x","choices":[{"index":0,"delta":{"content":""},"finish_reason":"error","error":{"code":429,"message":"Rate limited"}}]}"#,
        meaning: Some((Outcome::RateLimited, Domain::Target)),
    },
    Event {
        provider: "openrouter",
        name: "",
        data: r#"{"id":"gen-x","choices":[{"index":0,"delta":{},"finish_reason":"error"}]}"#,
        meaning: Some((Outcome::Unavailable, Domain::Target)),
    },
    Event {
        provider: "vllm",
        name: "",
        data: r#"{"error":{"object":"error","message":"EngineCore encountered an issue.","type":"InternalServerError","param":null,"code":500}}"#,
        meaning: Some((Outcome::Unavailable, Domain::Target)),
    },
    Event {
        provider: "anybody",
        name: "error",
        data: "something went wrong",
        meaning: Some((Outcome::Unavailable, Domain::Target)),
    },
    Event {
        provider: "anybody, a chunk",
        name: "",
        data: r#"{"choices":[{"delta":{"content":"{\"error\":{}}"},"finish_reason":null}],"error":null}"#,
        meaning: None,
    },
    Event {
        provider: "anybody, an end that is no error",
        name: "response.incomplete",
        data: r#"{"type":"response.incomplete","response":{"status":"incomplete","error":null}}"#,
        meaning: None,
    },
    Event { provider: "anybody, the end", name: "", data: "[DONE]", meaning: None },
];
