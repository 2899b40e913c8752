// The differences between a call through the SDK and one through the multiplexer that are meant:
// where they show, and their row in docs/compatibility.md. A test that needs one names it; one
// that does not show there, or has no row, fails.

const all = [4, 5, 6, 7];
const sinceFetch = [5, 6, 7];

/** By name: `row` is the first cell of its row, `at` the paths at which it shows, `versions` with which. */
export const differences = {
  abort: { row: "an abort's message", at: /^outcome\.error\.message$/, versions: all },
  abortWithinReply: {
    row: "an abort while a reply arrives",
    at: /^outcome\.error(\.|$)/,
    versions: all,
  },
  limited: { row: "429 and 529", at: /^requests\./, versions: all },
  keyOfRetries: {
    row: "a key that is asked for",
    at: /^requests\.1\.headers\.\d+\.1$/,
    versions: sinceFetch,
  },
  timeOfReply: {
    row: "a reply that stalls",
    at: /^(outcome\.error(\.|$)|requests\.)/,
    versions: [7],
  },
  closedConnection: {
    row: "a connection that the server closes",
    at: /\.cause\.(socket|Symbol|\[\[Prototype\]\]$|\[\[OwnPropertyKeys\]\]$)/,
    versions: sinceFetch,
  },
  notHttp: { row: "an answer that is no HTTP", at: /^outcome\.error\.cause\./, versions: all },
  otherOrigin: { row: "a redirect to another origin", at: /^(outcome|requests)\./, versions: all },
  azureRedirect: { row: "a redirect of Azure's", at: /^(outcome|requests)\./, versions: [7] },
  redirectToGet: {
    row: "a redirect that becomes a GET",
    at: /^requests\.\d+\.headers\./,
    versions: [4],
  },
  misdirected: { row: "421", at: /^requests\./, versions: sinceFetch },
  byteOrderMark: { row: "a byte order mark", at: /^outcome\./, versions: [4] },
  response: { row: "the response behind a reply", at: /^outcome\.class$/, versions: [4] },
  console: { row: "an event that is no JSON", at: /^outcome\.told\./, versions: all },
};

/** Those of a list that this version has. */
export const of = (version, list = []) => list.filter(({ versions }) => versions.includes(version));
