// The configuration that `init` writes: which providers are in it, with which models.

import { documentation } from "../documentation.mjs";

/** Where the schema is that editors check the file by. */
const SCHEMA = "https://unpkg.com/model-multiplexer/schema/providers.schema.json";
/** Free plans first: `exhaust` asks in the order of the file. */
const ORDER = ["groq", "cerebras", "gemini", "openrouter", "nvidia-nim", "mistral"];
/** So many models of a provider are written; a file to begin with has to be readable. */
const MOST_MODELS = 3;

/**
 * The text of the file, and the variables with keys that were found. `catalogue` is the addon's,
 * parsed.
 */
export function firstConfiguration(catalogue, environment) {
  const rank = ({ id }) => (ORDER.includes(id) ? ORDER.indexOf(id) : ORDER.length);
  const providers = catalogue.providers
    .map((provider) => ({ ...provider, models: modelsOf(provider.id, catalogue.models) }))
    .filter(
      ({ apiKeyEnv, models, baseUrl }) => apiKeyEnv.length > 0 && models.length > 0 && baseUrl,
    )
    .sort((one, other) => rank(one) - rank(other));
  const key = ({ apiKeyEnv }) => apiKeyEnv.find((name) => environment[name]);
  const used = providers.filter((provider) => key(provider) && !provider.keyOptional);
  const others = providers.filter((provider) => !used.includes(provider));
  const text = [
    `# yaml-language-server: $schema=${SCHEMA}`,
    "#",
    "# The configuration of `model-multiplexer serve`. Every field:",
    `# ${documentation("gateway.md")}`,
    "# `model-multiplexer check` tells what is wrong with it. A gateway that runs reads it again when it",
    "# changes.",
    "",
    "routing:",
    "  # exhaust: the instances in the order below, each until it is limited; or round-robin, weighted,",
    "  # latency, least-busy, least-used, sticky.",
    "  default_strategy: exhaust",
    "  # How long an instance rests that does not say so itself.",
    "  retry_after_seconds: 300",
    "",
    "# Clients ask for a model by its name, for `instance/model`, or for `multirouter-auto`: every instance",
    "# in its turn, with its first model.",
    ...(used.length > 0
      ? ["providers:", ...used.flatMap((one) => instance(one, key(one)))]
      : nothing()),
    "",
    "  # Other providers: take away the marks before them and set the variable.",
    ...others.flatMap((one) => instance(one, key(one) ?? one.apiKeyEnv[0]).map(comment)),
    "",
    "  # Any server that speaks the OpenAI protocol:",
    ...[
      "- id: local",
      "  type: openai-compatible",
      "  base_url: http://localhost:8080/v1",
      "  models: [my-model]",
    ].map((line) => comment(`  ${line}`)),
    "",
    ...rest(),
  ];
  return { text: `${text.join("\n")}\n`, found: used.map(key) };
}

/** An instance of a server on this machine, so that the file can be read as it is. */
function nothing() {
  const lines = [
    "providers:",
    "  # No provider's key was in the environment; this one needs none.",
  ];
  const local = ["- id: ollama", "  type: ollama", "  models: [llama3.1:8b]"];
  return [...lines, ...local.map((line) => `  ${line}`)];
}

function instance({ id, models, keyOptional }, variable) {
  return [
    `  - id: ${id}-1`,
    `    type: ${id}`,
    ...(keyOptional ? [] : [`    api_key: \${${variable}}`]),
    "    models:",
    ...models.map((model) => `      - ${scalar(model)}`),
  ];
}

const comment = (line) => line.replace(/^ {2}/, "  # ");

/** As YAML writes it without surprises. */
const scalar = (text) => (/^[\w./-]*\w$/.test(text) ? text : JSON.stringify(text));

/** What this provider calls its models, the larger ones first. */
function modelsOf(provider, models) {
  return models
    .flatMap(({ tier, offers }) =>
      offers.filter((offer) => offer.provider === provider).map(({ id }) => ({ id, tier })),
    )
    .sort((one, other) => (other.tier ?? 0) - (one.tier ?? 0))
    .slice(0, MOST_MODELS)
    .map(({ id }) => id);
}

function rest() {
  return [
    "# Names of your own:",
    "# aliases:",
    "#   fast: llama-3.1-8b-instant",
    "",
    "# Who may use it (`model-multiplexer key` makes one); without any, everyone on this machine:",
    "# clients:",
    "#   - name: me",
    "#     keys:",
    "#       - sha256: ...",
    "",
    "# server:",
    "#   port: 3000",
    "#   host: 127.0.0.1",
  ];
}
