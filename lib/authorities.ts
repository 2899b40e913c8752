// Certificate authorities that the environment names. As Node.js does with NODE_EXTRA_CA_CERTS, a file
// that cannot be used is told of and left out: it must not end every request of a process.

import { readFileSync } from "node:fs";

const variables = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"] as const;

/** The authorities as PEM text; `check` throws where a text cannot be used. */
export function readAuthorities(env: NodeJS.ProcessEnv, check: (pem: string) => void): string {
  const texts = variables.map((variable) => {
    const file = env[variable];
    if (file === undefined || file === "") return "";
    try {
      const text = readFileSync(file, "utf8");
      check(text);
      return text;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      process.emitWarning(`${variable}: the authorities in "${file}" are left out: ${reason}`);
      return "";
    }
  });
  return texts.join("\n");
}
