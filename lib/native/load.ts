// Loads the native addon, and where that fails says which package, which platform and what to do.
// It does not decide which file is loaded: the generated native.js does.

import type * as Native from "../../native.js";

/** What identifies a prebuilt addon, and how far this process may load one. */
interface Host {
  platform: string;
  arch: string;
  /** Whether the C library is musl; `false` outside Linux. */
  musl: boolean;
}

const supported = [
  "darwin-arm64",
  "darwin-x64",
  "linux-arm64-gnu",
  "linux-arm64-musl",
  "linux-x64-gnu",
  "linux-x64-musl",
  "win32-arm64-msvc",
  "win32-x64-msvc",
];

/** The suffix that the platform's package and its file carry. */
function platformName({ platform, arch, musl }: Host): string {
  if (platform === "linux") return `${platform}-${arch}-${musl ? "musl" : "gnu"}`;
  if (platform === "win32") return `${platform}-${arch}-msvc`;
  return `${platform}-${arch}`;
}

function currentHost(): Host {
  return { platform: process.platform, arch: process.arch, musl: usesMusl() };
}

function usesMusl(): boolean {
  if (process.platform !== "linux") return false;
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime === undefined;
}

/** The failures behind the one that native.js throws, in the order of its attempts. */
function attempts(failure: unknown): Error[] {
  const chain: Error[] = [];
  for (let error = failure; error instanceof Error && chain.length < 16; error = error.cause) {
    chain.push(error);
  }
  return chain;
}

function codeOf(error: Error): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

/** The sentences that follow "the native addon could not be loaded". */
function remedy(platform: string, failure: unknown): string {
  const packageName = `model-multiplexer-${platform}`;
  const chain = attempts(failure);
  if (chain.some((error) => codeOf(error) === "ERR_DLOPEN_DISABLED")) {
    return "Node.js runs with its permission model: start it with --allow-addons.";
  }
  const broken = chain.find((error) => codeOf(error) === "ERR_DLOPEN_FAILED");
  if (broken?.message.includes("GLIBC_") === true) {
    return (
      `The system's C library is older than ${packageName} needs (${broken.message}). ` +
      "Use a system with glibc 2.17 or later, or build the addon from source there."
    );
  }
  if (broken !== undefined) {
    return (
      `${packageName} is installed but its file cannot be loaded (${broken.message}). ` +
      "Remove node_modules and install again."
    );
  }
  if (!supported.includes(platform)) {
    return `There is no prebuilt addon for it; there are ${supported.join(", ")}. Build it from source with \`npm run build\`.`;
  }
  return (
    `The package ${packageName} is not installed. It is an optional dependency of model-multiplexer: ` +
    "install without --omit=optional, and on this platform rather than copying node_modules from another. " +
    `If a lock file left it out, remove the lock file and node_modules and install again, or run \`npm install ${packageName}\`.`
  );
}

/**
 * The error that a failed load is reported as. `code` is `ERR_NATIVE_ADDON`, and `cause` what
 * native.js threw.
 */
function loadError(host: Host, failure: unknown): Error {
  const platform = platformName(host);
  const message = `model-multiplexer: the native addon for ${platform} could not be loaded. ${remedy(platform, failure)}`;
  return Object.assign(new Error(message, { cause: failure }), { code: "ERR_NATIVE_ADDON" });
}

/**
 * The native addon.
 *
 * @throws {Error} with `code` `ERR_NATIVE_ADDON` when this platform's addon is missing, damaged,
 * not permitted, or does not exist
 */
export function loadNative(): typeof Native {
  try {
    // A static import could not be caught, and would report a bug of npm that is rarely the reason.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    return require("../../native.js") as typeof Native;
  } catch (failure) {
    throw loadError(currentHost(), failure);
  }
}
