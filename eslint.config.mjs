import js from "@eslint/js";
import tseslint from "typescript-eslint";

const nodeGlobals = Object.fromEntries(
  [
    "AbortController",
    "AbortSignal",
    "Blob",
    "Buffer",
    "DOMException",
    "Headers",
    "Request",
    "Response",
    "TextDecoder",
    "TextEncoder",
    "FormData",
    "URL",
    "URLSearchParams",
    "ReadableStream",
    "clearImmediate",
    "clearInterval",
    "clearTimeout",
    "console",
    "fetch",
    "globalThis",
    "performance",
    "process",
    "queueMicrotask",
    "setImmediate",
    "setInterval",
    "setTimeout",
    "structuredClone",
  ].map((name) => [name, "readonly"]),
);

const commonJsGlobals = Object.fromEntries(
  ["__dirname", "__filename", "exports", "module", "require"].map((name) => [name, "readonly"]),
);

export default tseslint.config(
  {
    ignores: [
      "index.js",
      "index.mjs",
      "index.d.ts",
      "index.d.mts",
      "native.js",
      "native.d.ts",
      "target/",
      ".cache/",
    ],
  },
  js.configs.recommended,
  {
    files: ["lib/**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "@typescript-eslint/consistent-type-exports": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_" },
      ],
      // What the addon sends are numbers; the enums name them.
      "@typescript-eslint/no-unsafe-enum-comparison": "off",
      // It asks for what no-non-null-assertion forbids.
      "@typescript-eslint/non-nullable-type-assertion-style": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // The SDK's types are written with both, and ours stand beside them.
      "@typescript-eslint/consistent-indexed-object-style": "off",
    },
  },
  {
    files: ["lib/types/**/*.ts"],
    rules: {
      // `@ts-expect-error` would itself be an error where openai is installed.
      "@typescript-eslint/ban-ts-comment": ["error", { "ts-ignore": "allow-with-description" }],
      "@typescript-eslint/prefer-ts-expect-error": "off",
      "@typescript-eslint/method-signature-style": "off",
    },
  },
  {
    files: ["**/*.{js,mjs,cjs}"],
    languageOptions: { globals: nodeGlobals },
    rules: { "no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }] },
  },
  {
    files: ["**/*.{js,cjs}"],
    languageOptions: { sourceType: "commonjs", globals: { ...nodeGlobals, ...commonJsGlobals } },
  },
);
