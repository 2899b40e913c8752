// Loads the native addon, and where that fails says which package, which platform and what to do.
// It does not decide which file is loaded: the generated native.js does.

import { createRequire } from "node:module";
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

/**
 * What loading the platform's package says itself. native.js reports its attempts without their
 * codes, and they are what tells a missing package from a damaged file.
 */
function failureOf(packageName: string): Error | undefined {
  try {
    // Not `require`, which a bundler would follow.
    createRequire(__filename)(packageName);
    return undefined;
  } catch (failure) {
    return failure instanceof Error ? failure : new Error(String(failure));
  }
}

/** The sentences that follow "the native addon could not be loaded". */
function remedy(platform: string, failure: unknown): string {
  if (!supported.includes(platform)) {
    return `There is no prebuilt addon for it; there are ${supported.join(", ")}. Build it from a checkout of the repository with \`npm run build\`.`;
  }
  const packageName = `model-multiplexer-${platform}`;
  const { code, message } = (failureOf(packageName) ?? failure) as NodeJS.ErrnoException;
  if (code === "ERR_DLOPEN_DISABLED") {
    return "Node.js runs with its permission model: start it with --allow-addons.";
  }
  if (message.includes("GLIBC_")) {
    return (
      `The system's C library is older than ${packageName} needs (${message}). ` +
      "Use a system with glibc 2.17 or later, or build the addon from a checkout of the repository there."
    );
  }
  if (code !== "MODULE_NOT_FOUND") {
    return (
      `${packageName} is installed but its file cannot be loaded (${message}). ` +
      "Remove node_modules and install again."
    );
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
