// Compiles the programs beside this file in a project that looks like a user's: its own
// node_modules with the package's shipped declarations and one version of openai, or none.

import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

export const root = fileURLToPath(new URL("../../", import.meta.url));
export const here = fileURLToPath(new URL(".", import.meta.url));

export const drop = "@upstash/model-multiplexer";
export const ours = "model-multiplexer";

const shippedTypes = ["package.json", "index.d.ts", "index.d.mts"];

/** How a program may find its modules. Programs are as strict under each as a compiler gets. */
export const resolutions = {
  nodenext: { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
  node16: { module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16 },
  bundler: { module: ts.ModuleKind.Preserve, moduleResolution: ts.ModuleResolutionKind.Bundler },
  node10: { module: ts.ModuleKind.CommonJS, moduleResolution: ts.ModuleResolutionKind.Node10 },
};

const strict = {
  noEmit: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  noImplicitOverride: true,
  // Errors in the package's declarations are errors of the program that uses them.
  skipLibCheck: false,
  esModuleInterop: true,
  target: ts.ScriptTarget.ES2022,
  lib: ["lib.es2022.d.ts"],
  types: ["node"],
};

/** Parsed files by path and module format: what all projects have in common is parsed once. */
const parsed = new Map();

function hostFor(folder, options, resolution) {
  const host = ts.createCompilerHost(options);
  host.getCurrentDirectory = () => folder; // where `types` are looked for
  const readAndParse = host.getSourceFile.bind(host);
  host.getSourceFile = (fileName, languageVersionOrOptions, ...rest) => {
    const format = languageVersionOrOptions.impliedNodeFormat ?? "";
    const key = `${resolution}|${format}|${fileName}`;
    if (!parsed.has(key))
      parsed.set(key, readAndParse(fileName, languageVersionOrOptions, ...rest));
    return parsed.get(key);
  };
  return host;
}

/**
 * A folder with programs and a node_modules.
 *
 * @param {object} project
 * @param {string[]} project.programs  paths of the programs
 * @param {string | undefined} project.sdk  the alias of an openai version under the root's node_modules
 * @param {string} project.subject  the package that is compiled against: `drop` or `ours`
 */
function layOut({ programs, sdk, subject }) {
  const folder = mkdtempSync(join(tmpdir(), "model-multiplexer-types-"));
  const modules = join(folder, "node_modules");
  const link = (name, target = name) => {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, "node_modules", target), join(modules, name), "junction");
  };
  for (const name of ["@types/node", "@jest/globals", "vitest"]) link(name);
  if (sdk !== undefined) link("openai", sdk);
  // Copied, because what a package finds beside itself is looked for from where it really lies.
  mkdirSync(join(modules, subject), { recursive: true });
  if (subject === ours) {
    for (const file of shippedTypes) cpSync(join(root, file), join(modules, ours, file));
  } else {
    cpSync(join(root, "node_modules", drop), join(modules, drop), { recursive: true });
  }
  writeFileSync(join(folder, "package.json"), '{ "type": "commonjs" }');
  for (const program of programs) {
    const text = readFileSync(program, "utf8").replaceAll(drop, subject);
    writeFileSync(join(folder, basename(program)), text);
  }
  return folder;
}

/**
 * The errors of each program, and of the package's declarations under the name `declarations`.
 * Errors inside openai's or node's own declarations are not the package's.
 *
 * @param {object} project
 * @param {string[]} project.programs
 * @param {string | undefined} project.sdk
 * @param {string} project.subject
 * @param {string} [project.resolution]  a key of `resolutions`
 * @param {object} [project.settings]  options of the compiler over those of `strict`
 * @returns {Map<string, string[]>}
 */
export function compile({ programs, sdk, subject, resolution = "nodenext", settings }) {
  const folder = layOut({ programs, sdk, subject });
  try {
    const options = { ...strict, ...resolutions[resolution], ...settings };
    const names = programs.map((program) => join(folder, basename(program)));
    const program = ts.createProgram(names, options, hostFor(folder, options, resolution));
    const errors = new Map();
    const note = (key, diagnostics) => {
      const texts = diagnostics.map(({ code, messageText, file, start }) => {
        const line =
          file === undefined ? 0 : file.getLineAndCharacterOfPosition(start ?? 0).line + 1;
        return `line ${line}: TS${code} ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
      });
      if (texts.length > 0) errors.set(key, [...(errors.get(key) ?? []), ...texts]);
    };
    note("options", [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()]);
    const mine = [folder, `${sep}node_modules${sep}${subject}${sep}`];
    for (const file of program.getSourceFiles()) {
      const path = file.fileName.replaceAll("/", sep);
      const isProgram = names.includes(path);
      if (!isProgram && !mine.every((part) => path.includes(part))) continue;
      note(isProgram ? basename(path) : "declarations", [
        ...program.getSyntacticDiagnostics(file),
        ...program.getSemanticDiagnostics(file),
      ]);
    }
    return errors;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
