// The package's own surface, and mistakes that must not compile, with each openai and with none.

import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { compile, here, ours, resolutions } from "./compile.mjs";

const sdks = ["openai4", "openai5", "openai6", "openai7", undefined];

/** A CommonJS-only resolution knows no .mts. */
function programsFor(sdk, resolution) {
  const names = ["surface.ts", "members.ts", "doors.ts", "mistakes.ts"];
  if (sdk === undefined) names.push("members-alone.ts");
  else names.push("with-sdk.ts", "sdk-calls.ts", "members-sdk.ts");
  if (sdk !== undefined && sdk !== "openai4") names.push("fetch-sdk.ts");
  if (resolution !== "node10")
    names.push(sdk === undefined ? "without-sdk.mts" : "with-sdk-esm.mts");
  return names.map((name) => join(here, "programs", name));
}

for (const resolution of Object.keys(resolutions)) {
  describe(`moduleResolution ${resolution}`, () => {
    for (const sdk of sdks) {
      test(`the surface is typed, and mistakes are caught, with ${sdk ?? "no openai"}`, () => {
        const programs = programsFor(sdk, resolution);
        const errors = compile({ programs, sdk, subject: ours, resolution });
        assert.equal(errors.size, 0, JSON.stringify(Object.fromEntries(errors), null, 2));
      });
    }
  });
}

for (const [what, settings] of Object.entries({
  "skipLibCheck, as most projects have it": { skipLibCheck: true },
  "no exactOptionalPropertyTypes": { exactOptionalPropertyTypes: false },
})) {
  describe(`with ${what}`, () => {
    for (const sdk of sdks) {
      test(`the surface is typed, and mistakes are caught, with ${sdk ?? "no openai"}`, () => {
        const programs = programsFor(sdk, "nodenext");
        const errors = compile({ programs, sdk, subject: ours, settings });
        assert.equal(errors.size, 0, JSON.stringify(Object.fromEntries(errors), null, 2));
      });
    }
  });
}
