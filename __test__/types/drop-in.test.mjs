// Programs written against @upstash/model-multiplexer, with only the import's name changed.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { compile, drop, here, ours, root } from "./compile.mjs";

const list = (folder) => readdirSync(join(here, folder)).map((name) => join(here, folder, name));
const corpus = list("corpus");
const versions = ["4", "5", "6", "7"];

/** The rows of the table in docs/compatibility.md: program name to SDK versions. */
function documentedEdits() {
  const text = readFileSync(join(root, "docs/compatibility.md"), "utf8");
  const rows = text.matchAll(/^\| `([^`]+\.[mc]?ts)` \| ([\d, ]+) \| [^|]+ \| [^|]+ \|$/gm);
  return new Map(Array.from(rows, ([, name, sdks]) => [name, sdks.split(", ")]));
}

const shown = (errors) => JSON.stringify(Object.fromEntries(errors), null, 2);

describe("the corpus", () => {
  test("has programs enough to mean something", () => {
    assert.ok(corpus.length >= 25, `${corpus.length} programs`);
  });

  test("compiles against @upstash/model-multiplexer with openai 4", () => {
    const errors = compile({ programs: corpus, sdk: "openai4", subject: drop });
    errors.delete("declarations");
    assert.equal(errors.size, 0, shown(errors));
  });
});

describe("with the import renamed", () => {
  const edits = documentedEdits();

  for (const version of versions) {
    test(`only the documented programs need an edit with openai ${version}`, () => {
      const errors = compile({ programs: corpus, sdk: `openai${version}`, subject: ours });
      const documented = [...edits]
        .filter(([, sdks]) => sdks.includes(version))
        .map(([name]) => name);
      assert.deepEqual([...errors.keys()].sort(), documented.sort(), shown(errors));
    });

    test(`the edited programs compile with openai ${version}`, () => {
      const errors = compile({ programs: list("edited"), sdk: `openai${version}`, subject: ours });
      assert.equal(errors.size, 0, shown(errors));
    });
  }

  test("every documented program has its edited form, and no other has", () => {
    assert.deepEqual(readdirSync(join(here, "edited")).sort(), [...edits.keys()].sort());
  });

  test("programs that do not name openai compile without it", () => {
    const independent = corpus.filter(
      (program) => !/["']openai/.test(readFileSync(program, "utf8")),
    );
    const errors = compile({ programs: independent, sdk: undefined, subject: ours });
    for (const name of edits.keys()) errors.delete(name);
    assert.ok(independent.length >= 15, `${independent.length} programs`);
    assert.equal(errors.size, 0, shown(errors));
  });
});
