import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLog } from "../log.ts";
import { ScaleCommand } from "./scale-command.ts";

let folder: string;
let told: ScaleCommand;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "eglantine-scale-"));
});
afterEach(async () => {
  await told.close();
  rmSync(folder, { recursive: true, force: true });
});

const { PATH = "/usr/bin:/bin" } = process.env;
const environment = { PATH, SEEN: "yes" };

/** A program that writes down how it was called; the first run waits until a file "go" is there. */
function open(restMs: number): void {
  const command = join(folder, "command");
  const body = `echo "begin $*" >> ${folder}/seen; until [ -e ${folder}/go ]; do sleep 0.02; done; echo "end $1" >> ${folder}/seen`;
  writeFileSync(command, `#!/bin/sh\n${body}\n`);
  chmodSync(command, 0o755);
  told = new ScaleCommand({ command, display: ":7", dpi: 96, environment, log: createLog("silent"), restMs });
}

function seen(): string[] {
  try {
    return readFileSync(join(folder, "seen"), "utf8").trim().split("\n");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

test("runs once for a scale that has come to rest, with dots an inch, scale and display", async () => {
  open(20);
  writeFileSync(join(folder, "go"), "");
  for (const dpi of [120, 144, 168, 192]) told.tell(dpi);
  await expect.poll(() => seen()).toEqual(["begin 192 2 :7", "end 192"]);
});

test("the program has the environment that it is given, and nothing more of the agent's", async () => {
  const command = join(folder, "command");
  writeFileSync(command, `#!/bin/sh\necho "$SEEN $NODE_ENV" > ${folder}/seen\n`);
  chmodSync(command, 0o755);
  told = new ScaleCommand({ command, display: ":7", dpi: 96, environment, log: createLog("silent"), restMs: 0 });
  told.tell(192);
  // The runner of the tests has set NODE_ENV.
  expect(process.env["NODE_ENV"]).toBe("test");
  await expect.poll(() => seen()).toEqual(["yes"]);
});

test("one run at a time, and of what is wanted meanwhile the last", async () => {
  open(0);
  told.tell(192);
  await expect.poll(() => seen()).toEqual(["begin 192 2 :7"]);
  told.tell(144);
  told.tell(120);
  writeFileSync(join(folder, "go"), "");
  await expect.poll(() => seen()).toEqual(["begin 192 2 :7", "end 192", "begin 120 1.25 :7", "end 120"]);
});

test("a program that is not there is no harm", async () => {
  open(0);
  const lost = new ScaleCommand({
    command: join(folder, "none"),
    display: ":7",
    dpi: 96,
    environment,
    log: createLog("silent"),
    restMs: 0,
  });
  lost.tell(192);
  told.tell(192);
  await expect.poll(() => seen()).toEqual(["begin 192 2 :7"]);
  writeFileSync(join(folder, "go"), "");
  await expect.poll(() => seen()).toEqual(["begin 192 2 :7", "end 192"]);
  await lost.close();
});
