// Files that viewers paste: where they are put, how long they stay, and who may still be reading them.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLog } from "../log.ts";
import { Stages } from "./stages.ts";

const ID = "0123456789abcdef0123456789abcdef";
let folder: string;
let stages: Stages;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "eglantine-stages-"));
  stages = new Stages({ folder, log: createLog("silent"), lingerMs: 50 });
});
afterEach(async () => {
  await stages.close();
  rmSync(folder, { recursive: true, force: true });
});

function put(name: string): string {
  const path = join(stages.root(ID), name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, name);
  return path;
}
const isThere = () => existsSync(stages.root(ID));

test("what was put there is told of, without parts, and goes when it is replaced", async () => {
  const [one, two] = [put("one.txt"), put("two.txt")];
  put(`.eglantine-${ID}.part`);
  const held = await stages.hold(ID);
  expect([...held.paths].sort()).toEqual([one, two]);
  held.release();
  held.release();
  await expect.poll(() => isThere()).toBe(false);
});

test("nothing is told of before it is there, and of no other place", async () => {
  await expect(stages.hold(ID)).rejects.toMatchObject({ name: "TransferError", status: 404 });
  put(`.eglantine-${ID}.part`);
  await expect(stages.hold(ID)).rejects.toMatchObject({ status: 404 });
  for (const id of ["", "..", "../Downloads", ID.toUpperCase(), `${ID}0`]) {
    expect(() => stages.root(id)).toThrow(expect.objectContaining({ name: "TransferError", status: 400 }));
  }
});

test("offered twice, it stays until both are replaced", async () => {
  put("one.txt");
  const [first, second] = [await stages.hold(ID), await stages.hold(ID)];
  first.release();
  expect((await stages.hold(ID)).paths).toHaveLength(1);
  second.release();
  expect(isThere()).toBe(true);
});

test("a program that still reads keeps it, and it goes when that is done", async () => {
  const path = put("one.txt");
  const held = await stages.hold(ID);
  held.given();
  // A shell that has the file open until its standard input ends.
  const reader = spawn("sh", ["-c", 'exec 3<"$1"; echo open; read _', "sh", path], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  await once(reader.stdout, "data");
  held.release();
  // Looked at several times meanwhile.
  await new Promise<void>((resolve) => setTimeout(resolve, 400));
  expect(isThere()).toBe(true);
  await stages.close();
  expect(isThere()).toBe(true);
  const again = await stages.hold(ID);
  again.release();
  reader.stdin.end();
  await once(reader, "close");
  await expect.poll(() => isThere()).toBe(false);
});

test("the end of the agent takes what nobody reads along", async () => {
  put("one.txt");
  await stages.hold(ID);
  await stages.close();
  expect(isThere()).toBe(false);
});
