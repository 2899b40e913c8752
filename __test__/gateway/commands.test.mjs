// The commands that run no gateway: what they print, write and exit with.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { command, configuration } from "./serve.mjs";

const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
const repository = manifest.repository.url.replace(/^git\+|\.git$/g, "");

let folder;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "commands-"));
});

after(() => {
  rmSync(folder, { recursive: true, force: true });
});

const right = configuration(["http://localhost:1/v1"]);
const write = (name, text) => {
  writeFileSync(join(folder, name), text);
  return name;
};

describe("help", () => {
  test("each command tells its options and exit codes", async () => {
    for (const name of ["init", "serve", "check", "status", "explain", "key", "simulate"]) {
      const { code, stdout } = await command([name, "--help"]);
      assert.equal(code, 0, name);
      assert.match(stdout, new RegExp(`^Usage: model-multiplexer ${name}`), name);
      for (const [page, path] of stdout.matchAll(/\S*docs\/(\S+\.md)/g)) {
        assert.equal(page, `${repository}/blob/main/docs/${path}`, "the package has no docs");
        assert.ok(existsSync(new URL(`../../docs/${path}`, import.meta.url)), path);
      }
    }
    const { stdout } = await command(["--help"]);
    for (const name of ["init", "serve", "check", "status", "explain", "key", "simulate"]) {
      assert.match(stdout, new RegExp(`^  ${name} `, "m"));
    }
  });

  test("what is no command or option exits with 2 and says so", async () => {
    for (const [args, said] of [
      [["srve"], /there is no command "srve"/],
      [["serve", "--prot", "1"], /Unknown option '--prot'/],
      [["serve", "--port", "70000"], /--port must be a whole number from 0 to 65535, not "70000"/],
      [["check", "a.yaml", "b.yaml"], /one argument too many: "b.yaml"/],
      [["explain"], /which request/],
      [["explain", "x", "--url", "nonsense"], /--url must be an http\(s\) URL/],
      [["status", "--url", "nonsense"], /--url must be an http\(s\) URL/],
      [
        ["status", "--url", "http://u:SECRET@127.0.0.1:1"],
        /--url must have no user and no password/,
      ],
      [["status", "--key", "SECRET\nx"], /--key has a character that no key may have/],
      [["key", ""], /the client's name must be text, and not empty/],
      [["simulate", "--script", "none.json"], /--script none\.json: ENOENT/],
      [["simulate", "--prot", "1"], /Unknown option '--prot'/],
      [["serve", "--config", "none.yaml"], /there is no none.yaml.*init/],
    ]) {
      const { code, stderr } = await command(args, { cwd: folder });
      assert.equal(code, 2, args.join(" "));
      assert.match(stderr, said);
      assert.doesNotMatch(stderr, /SECRET/);
    }
  });

  test("a wrong script of the simulator exits with 2, and says in words what is wrong", async () => {
    for (const [script, said] of [
      ["[]", /script\.json: must be an object/],
      ["null", /script\.json: must be an object/],
      ["5", /script\.json: must be an object/],
      ['{"journal":"x"}', /`journal`: invalid type: string "x", expected a whole number from 0\n/],
      ['{"defaults":7}', /`defaults`: invalid type: integer `7`, expected an object\n/],
    ]) {
      write("script.json", script);
      const args = ["simulate", "--script", "script.json", "--port", "0", "--exit-with-stdin"];
      const { code, stderr } = await command(args, { cwd: folder });
      assert.equal(code, 2, script);
      assert.match(stderr, said);
    }
  });
});

describe("check", () => {
  test("a right file exits with 0 and tells what is skipped", async () => {
    const text = `${right}  - { id: z, type: groq, api_key: "\${NO_SUCH_KEY}", models: [m] }\n`;
    write("right.yaml", text);
    const { code, stdout } = await command(["check", "right.yaml"], { cwd: folder });
    assert.equal(code, 0);
    assert.equal(
      stdout,
      'right.yaml: "z" is skipped: it has no API key\nright.yaml: right; 1 instance, 1 model\n',
    );
  });

  test("a wrong file exits with 78 and each problem has file, line and field", async () => {
    const file = write(
      "wrong.yaml",
      `${right}server: { host: 0.0.0.0 }\naliases: { x: nothing }\n`,
    );
    const { code, stderr } = await command(["check", file], { cwd: folder, env: { PORT: "x" } });
    assert.equal(code, 78);
    const lines = stderr.trimEnd().split("\n");
    assert.equal(lines.length, 3);
    assert.match(lines[0], /^environment: PORT: must be a whole number/);
    assert.match(lines[1], /^wrong\.yaml:4: server\.host: 0\.0\.0\.0 can be reached/);
    assert.match(lines[2], /^wrong\.yaml:5: aliases\.x: no instance has the model "nothing"$/);
  });

  test("as JSON, problems have their parts", async () => {
    const file = write("wrong.yaml", `${right}routng: {}\n`);
    const { code, stdout } = await command(["check", file, "--json"], { cwd: folder });
    assert.equal(code, 78);
    const [problem] = JSON.parse(stdout).problems;
    assert.deepEqual(problem, {
      file: "wrong.yaml",
      line: 4,
      field: "routng",
      message: 'there is no such field; did you mean "routing"?',
      text: 'wrong.yaml:4: routng: there is no such field; did you mean "routing"?',
    });
  });

  test("variables come from .env too, after the environment's own", async () => {
    write(".env", "FROM_FILE=1\nPORT=70000\n");
    try {
      const file = write("env.yaml", `${right}log: { access: "\${FROM_FILE}" }\n`);
      const wrong = await command(["check", file], { cwd: folder });
      assert.match(
        wrong.stderr,
        /log\.access: must be true or false, not the value of \$\{FROM_FILE\}/,
      );
      const port = await command(["check", write("port.yaml", right)], { cwd: folder });
      assert.match(port.stderr, /PORT/);
      const own = await command(["check", "port.yaml"], { cwd: folder, env: { PORT: "1" } });
      assert.equal(own.code, 0);
    } finally {
      rmSync(join(folder, ".env"));
    }
  });
});

describe("check and serve", () => {
  test("what only the start can find wrong with a configuration exits with 78 too", async () => {
    write("state.json", "not a state");
    const file = write("state.yaml", `${right}state: { file: { path: state.json } }\n`);
    assert.equal((await command(["check", file], { cwd: folder })).code, 0);
    const { code, stderr } = await command(["serve", "-c", file, "--port", "0"], { cwd: folder });
    assert.equal(code, 78, stderr);
    assert.match(stderr, /^state\.yaml: the state file \S+state\.json cannot be read: /);
  });
});

describe("init", () => {
  test("the keys of the environment are found, not written, and the file is right", async () => {
    const env = { GROQ_API_KEY: "gsk_secret", OPENAI_API_KEY: "sk-secret" };
    const made = await command(["init", "made.yaml"], { cwd: folder, env });
    assert.equal(made.code, 0, made.stderr);
    assert.match(made.stdout, /keys found: GROQ_API_KEY, OPENAI_API_KEY/);
    const text = readFileSync(join(folder, "made.yaml"), "utf8");
    assert.match(text, /^# yaml-language-server: \$schema=\S+schema\/providers\.schema\.json\n/);
    assert.match(text, /^ {4}api_key: \$\{GROQ_API_KEY\}$/m);
    assert.doesNotMatch(text + made.stdout, /secret/);
    assert.equal(statSync(join(folder, "made.yaml")).mode & 0o77, 0, "others cannot read it");
    const checked = await command(["check", "made.yaml"], { cwd: folder, env });
    assert.match(checked.stdout, /right; 2 instances/);
  });

  test("without any key the file is right as well, and every comment in it can be used", async () => {
    const { stdout } = await command(["init", "--stdout"], { cwd: folder });
    assert.ok(!existsSync(join(folder, "providers.yaml")), "nothing is written");
    const file = write("none.yaml", stdout);
    assert.equal((await command(["check", file], { cwd: folder })).code, 0);
    const whole = stdout.replace(/^ {2}# {0,1}(?=(- id:| {2}\w+:| {4}|\s+- ))/gm, "  ");
    write("whole.yaml", whole);
    const checked = await command(["check", "whole.yaml"], { cwd: folder });
    assert.equal(checked.code, 0, checked.stderr);
    assert.match(checked.stdout, /"openai-1" is skipped/);
  });

  test("a file that is there stays, but for --force", async () => {
    write("there.yaml", "mine");
    const refused = await command(["init", "there.yaml"], { cwd: folder });
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /there\.yaml is there already; --force writes over it/);
    assert.equal(readFileSync(join(folder, "there.yaml"), "utf8"), "mine");
    assert.equal((await command(["init", "there.yaml", "--force"], { cwd: folder })).code, 0);
    assert.notEqual(readFileSync(join(folder, "there.yaml"), "utf8"), "mine");
  });
});

test("a key has 256 random bits, and its SHA-256 is what the configuration takes", async () => {
  const { stdout } = await command(["key", "alice", "--json"]);
  const { name, key, sha256 } = JSON.parse(stdout);
  assert.equal(name, "alice");
  assert.equal(Buffer.from(key.slice(3), "base64url").length, 32);
  assert.equal(createHash("sha256").update(key).digest("hex"), sha256);
  const words = await command(["key", "bob"]);
  const clients = words.stdout.slice(words.stdout.indexOf("clients:"));
  const file = write("clients.yaml", `${right}${clients}`);
  assert.equal((await command(["check", file], { cwd: folder })).code, 0);
});

describe("serve, where it cannot", () => {
  test("a wrong configuration exits with 78 before anything listens", async () => {
    const file = write("wrong.yaml", "providers: []\n");
    const { code, stderr } = await command(["serve", "-c", file], { cwd: folder });
    assert.equal(code, 78);
    assert.equal(stderr, "wrong.yaml:1: providers: must have at least one instance\n");
  });

  test("a port in use is explained and exits with 1", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address();
    write("right.yaml", right);
    const args = ["serve", "-c", "right.yaml", "--port", String(port)];
    const { code, stdout } = await command(args, { cwd: folder });
    other.close();
    assert.equal(code, 1);
    const [line] = stdout
      .trimEnd()
      .split("\n")
      .map((text) => JSON.parse(text));
    assert.equal(line.level, "error");
    assert.ok(line.msg.startsWith(`port ${port} is in use already`), line.msg);
    assert.ok(line.msg.includes(`--port ${port + 1}`), line.msg);
  });

  test("an address of another machine is explained", async () => {
    write("right.yaml", right);
    const args = ["serve", "-c", "right.yaml", "--host", "192.0.2.1", "--port", "0"];
    const env = { API_KEY: "a-key-that-nobody-guesses-0123456789" };
    const { code, stdout } = await command(args, { cwd: folder, env });
    assert.equal(code, 1);
    assert.match(stdout, /192\.0\.2\.1 is no address of this machine/);
  });
});

test("status and explain say where no gateway answers", async () => {
  for (const args of [
    ["status", "--once"],
    ["explain", "x"],
  ]) {
    const { code, stderr } = await command([...args, "--url", "http://127.0.0.1:59999"]);
    assert.equal(code, 1);
    assert.match(stderr, /no gateway answers at http:\/\/127\.0\.0\.1:59999 \(ECONNREFUSED\)/);
  }
});
