// By what it can be seen that a client is as it was: the members, own and inherited, that a patch
// or a changed setting would change. They are read before each request, each by its own name: in
// a loop over their names that takes ten times as long.

/** A client of which nothing is certain. */
export interface Loose {
  fetch?: unknown;
  httpAgent?: unknown;
  fetchOptions?: unknown;
  logLevel?: unknown;
  _provider?: unknown;
  _workloadIdentityAuth?: unknown;
  idempotencyHeader?: unknown;
  post?: unknown;
  methodRequest?: unknown;
  request?: unknown;
  makeRequest?: unknown;
  buildRequest?: unknown;
  buildBody?: unknown;
  calculateContentLength?: unknown;
  prepareOptions?: unknown;
  prepareRequest?: unknown;
  fetchWithAuth?: unknown;
  fetchWithTimeout?: unknown;
  shouldRetry?: unknown;
  retryRequest?: unknown;
  calculateDefaultRetryTimeoutMillis?: unknown;
  responsePromise?: unknown;
  parseResponseWithTimeout?: unknown;
  authHeaders?: unknown;
  bearerAuth?: unknown;
  adminAPIKeyAuth?: unknown;
  defaultHeaders?: unknown;
  defaultQuery?: unknown;
  validateHeaders?: unknown;
  buildHeaders?: unknown;
  buildURL?: unknown;
  stringifyQuery?: unknown;
  getUserAgent?: unknown;
  _callApiKey?: unknown;
}

/** A client's members as they were when it was looked at. */
export class Members {
  readonly #prototype: unknown;
  readonly fetch: unknown;
  readonly httpAgent: unknown;
  readonly fetchOptions: unknown;
  readonly logLevel: unknown;
  readonly _provider: unknown;
  readonly _workloadIdentityAuth: unknown;
  readonly idempotencyHeader: unknown;
  readonly post: unknown;
  readonly methodRequest: unknown;
  readonly request: unknown;
  readonly makeRequest: unknown;
  readonly buildRequest: unknown;
  readonly buildBody: unknown;
  readonly calculateContentLength: unknown;
  readonly prepareOptions: unknown;
  readonly prepareRequest: unknown;
  readonly fetchWithAuth: unknown;
  readonly fetchWithTimeout: unknown;
  readonly shouldRetry: unknown;
  readonly retryRequest: unknown;
  readonly calculateDefaultRetryTimeoutMillis: unknown;
  readonly responsePromise: unknown;
  readonly parseResponseWithTimeout: unknown;
  readonly authHeaders: unknown;
  readonly bearerAuth: unknown;
  readonly adminAPIKeyAuth: unknown;
  readonly defaultHeaders: unknown;
  readonly defaultQuery: unknown;
  readonly validateHeaders: unknown;
  readonly buildHeaders: unknown;
  readonly buildURL: unknown;
  readonly stringifyQuery: unknown;
  readonly getUserAgent: unknown;
  readonly _callApiKey: unknown;

  constructor(client: Loose) {
    this.#prototype = Object.getPrototypeOf(client);
    this.fetch = client.fetch;
    this.httpAgent = client.httpAgent;
    this.fetchOptions = client.fetchOptions;
    this.logLevel = client.logLevel;
    this._provider = client._provider;
    this._workloadIdentityAuth = client._workloadIdentityAuth;
    this.idempotencyHeader = client.idempotencyHeader;
    this.post = client.post;
    this.methodRequest = client.methodRequest;
    this.request = client.request;
    this.makeRequest = client.makeRequest;
    this.buildRequest = client.buildRequest;
    this.buildBody = client.buildBody;
    this.calculateContentLength = client.calculateContentLength;
    this.prepareOptions = client.prepareOptions;
    this.prepareRequest = client.prepareRequest;
    this.fetchWithAuth = client.fetchWithAuth;
    this.fetchWithTimeout = client.fetchWithTimeout;
    this.shouldRetry = client.shouldRetry;
    this.retryRequest = client.retryRequest;
    this.calculateDefaultRetryTimeoutMillis = client.calculateDefaultRetryTimeoutMillis;
    this.responsePromise = client.responsePromise;
    this.parseResponseWithTimeout = client.parseResponseWithTimeout;
    this.authHeaders = client.authHeaders;
    this.bearerAuth = client.bearerAuth;
    this.adminAPIKeyAuth = client.adminAPIKeyAuth;
    this.defaultHeaders = client.defaultHeaders;
    this.defaultQuery = client.defaultQuery;
    this.validateHeaders = client.validateHeaders;
    this.buildHeaders = client.buildHeaders;
    this.buildURL = client.buildURL;
    this.stringifyQuery = client.stringifyQuery;
    this.getUserAgent = client.getUserAgent;
    this._callApiKey = client._callApiKey;
  }

  /** Whether they still are what they were. */
  areOf(client: Loose): boolean {
    return (
      Object.getPrototypeOf(client) === this.#prototype &&
      client.fetch === this.fetch &&
      client.httpAgent === this.httpAgent &&
      client.fetchOptions === this.fetchOptions &&
      client.logLevel === this.logLevel &&
      client._provider === this._provider &&
      client._workloadIdentityAuth === this._workloadIdentityAuth &&
      client.idempotencyHeader === this.idempotencyHeader &&
      client.post === this.post &&
      client.methodRequest === this.methodRequest &&
      client.request === this.request &&
      client.makeRequest === this.makeRequest &&
      client.buildRequest === this.buildRequest &&
      client.buildBody === this.buildBody &&
      client.calculateContentLength === this.calculateContentLength &&
      client.prepareOptions === this.prepareOptions &&
      client.prepareRequest === this.prepareRequest &&
      client.fetchWithAuth === this.fetchWithAuth &&
      client.fetchWithTimeout === this.fetchWithTimeout &&
      client.shouldRetry === this.shouldRetry &&
      client.retryRequest === this.retryRequest &&
      client.calculateDefaultRetryTimeoutMillis === this.calculateDefaultRetryTimeoutMillis &&
      client.responsePromise === this.responsePromise &&
      client.parseResponseWithTimeout === this.parseResponseWithTimeout &&
      client.authHeaders === this.authHeaders &&
      client.bearerAuth === this.bearerAuth &&
      client.adminAPIKeyAuth === this.adminAPIKeyAuth &&
      client.defaultHeaders === this.defaultHeaders &&
      client.defaultQuery === this.defaultQuery &&
      client.validateHeaders === this.validateHeaders &&
      client.buildHeaders === this.buildHeaders &&
      client.buildURL === this.buildURL &&
      client.stringifyQuery === this.stringifyQuery &&
      client.getUserAgent === this.getUserAgent &&
      client._callApiKey === this._callApiKey
    );
  }
}
