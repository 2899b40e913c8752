// What the package knows of a stock OpenAI client's inside, in one place.

/** The members of an OpenAI client (4 to 7) that are read. All of them can change at any time. */
export interface SdkClient {
  apiKey: unknown;
  organization: unknown;
  project: unknown;
  baseURL: unknown;
  timeout: number;
  maxRetries: number;
  fetch: unknown;
  httpAgent?: unknown;
  fetchOptions?: unknown;
  deploymentName?: unknown;
  apiVersion?: unknown;
  adminAPIKey?: unknown;
  logLevel?: unknown;
  idempotencyHeader?: unknown;
  _options: Record<string, unknown>;
  _azureADTokenProvider?: unknown;
  _provider?: unknown;
  _workloadIdentityAuth?: unknown;
  chat: { completions: object };
  constructor: SdkClass;
  buildRequest(
    options: Record<string, unknown>,
    context: { retryCount: number },
  ): BuiltRequest | Promise<BuiltRequest>;
  prepareOptions(options: Record<string, unknown>): Promise<void>;
  makeStatusError(
    status: number,
    error: unknown,
    message: string | undefined,
    headers: unknown,
  ): Error;
}

/** What `buildRequest` makes. */
export interface BuiltRequest {
  url: string;
  req: { headers: Headers | Record<string, string>; body?: unknown };
  timeout?: number;
}

/** The client's class, where the SDK keeps its error classes. */
export interface SdkClass {
  new (options: Record<string, unknown>): SdkClient;
  APIError: new (
    status: number | undefined,
    error: unknown,
    message: string | undefined,
    headers: unknown,
  ) => Error;
  APIConnectionError: new (details: { message?: string; cause?: unknown }) => Error;
  APIConnectionTimeoutError: new (details?: { message?: string }) => Error;
  APIUserAbortError: new (details?: { message?: string }) => Error;
  OpenAIError: new (message: string) => Error;
}

/** The class that the SDK itself defines, below any subclasses of the program's. */
export function baseClass(client: SdkClient): SdkClass | undefined {
  let candidate: unknown = client.constructor;
  while (typeof candidate === "function") {
    if (Object.hasOwn(candidate, "APIUserAbortError") && Object.hasOwn(candidate, "OpenAI")) {
      return candidate as unknown as SdkClass;
    }
    // v5 and later list the class itself under no such name.
    if (Object.hasOwn(candidate, "APIUserAbortError")) return candidate as unknown as SdkClass;
    candidate = Object.getPrototypeOf(candidate);
  }
  return undefined;
}
