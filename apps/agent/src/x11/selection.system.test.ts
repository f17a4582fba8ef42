// Selections of a real Xvnc: what real programs copy is read whole, what is ours is given whole, and no program can hold us up.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { SelectionContent } from "../clipboard/types.ts";
import { XCopier } from "../testing/x-copier.ts";
import { testDesktop } from "../testing/x-desktop.ts";
import { startXvnc, type XServer } from "../testing/xvnc.ts";
import type { XDesktop } from "./desktop.ts";

const MB = 1e6;
let server: XServer;
let desktop: XDesktop;
let copier: XCopier;
let holder: ChildProcess | undefined;

beforeAll(async () => {
  server = await startXvnc("", "640x480");
  desktop = testDesktop(server.display);
  await desktop.start();
  copier = await XCopier.open(server.display);
});
afterAll(async () => {
  copier?.close();
  await desktop?.close();
  await server?.close();
});
afterEach(() => {
  holder?.kill();
  holder = undefined;
});

const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Copies with xclip, which stays to give it. Resolves when it owns the selection. */
async function xclip(bytes: Uint8Array, target = "UTF8_STRING", selection = "clipboard"): Promise<void> {
  // Ours until then: the one before may still own it for the server while it ends.
  await desktop.selection.own(["CLIPBOARD", "PRIMARY"], content({}));
  const taken = new Promise<void>((resolve) => {
    const unwatch = desktop.selection.watch(["CLIPBOARD", "PRIMARY"], (name, owned) => {
      if (!owned || name !== selection.toUpperCase()) return;
      unwatch();
      resolve();
    });
  });
  holder = spawn("xclip", ["-quiet", "-display", server.display, "-selection", selection, "-t", target, "-i"], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  holder.stdin?.end(bytes);
  await taken;
}

/** What xclip pastes. */
async function pasted(target: string, selection = "clipboard", display = server.display): Promise<Buffer> {
  const child = spawn("xclip", ["-display", display, "-selection", selection, "-t", target, "-o"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(child, "close");
  return Buffer.concat(chunks);
}

function content(all: Readonly<Record<string, () => AsyncIterable<Uint8Array>>>): SelectionContent {
  return {
    targets: Object.keys(all),
    sizeBytes: () => 0,
    open: (target) => all[target]?.() ?? chunks(),
  };
}

async function* chunks(...parts: Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* parts;
}

test.each([1, 64 * 1024, 20 * MB])("%d bytes that a program copied are read as they are", async (size) => {
  const bytes = randomBytes(size);
  await xclip(bytes, "image/png");
  expect(await desktop.selection.targets("CLIPBOARD")).toContain("image/png");
  expect(hash(await desktop.selection.read("CLIPBOARD", "image/png", 32 * MB))).toBe(hash(bytes));
});

test.each([1, 64 * 1024, 20 * MB])("%d bytes of ours are pasted as they are", async (size) => {
  const bytes = randomBytes(size);
  await desktop.selection.own(["CLIPBOARD"], content({ "image/png": () => chunks(bytes) }));
  expect(desktop.selection.owns("CLIPBOARD")).toBe(true);
  expect(hash(await pasted("image/png"))).toBe(hash(bytes));
});

test("PRIMARY is read and owned by its own name", async () => {
  await xclip(Buffer.from("selected"), "UTF8_STRING", "primary");
  expect(String(await desktop.selection.read("PRIMARY", "UTF8_STRING", 100))).toBe("selected");
  await desktop.selection.own(["PRIMARY"], content({ UTF8_STRING: () => chunks(Buffer.from("ours")) }));
  expect(String(await pasted("UTF8_STRING", "primary"))).toBe("ours");
});

test("content that is slow to come is given in pieces, so that a program does not give up", async () => {
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  async function* slow(): AsyncIterable<Uint8Array> {
    yield Buffer.from("the beginning, ");
    await gate;
    yield Buffer.from("and the end");
  }
  await desktop.selection.own(["CLIPBOARD"], content({ UTF8_STRING: slow }));
  const begun = await copier.convert("UTF8_STRING");
  expect(begun?.type).toBe(await copier.atom("INCR"));
  const whole = pasted("UTF8_STRING");
  release();
  expect(String(await whole)).toBe("the beginning, and the end");
});

test("TARGETS, TIMESTAMP and MULTIPLE are answered as the ICCCM says", async () => {
  await desktop.selection.own(["CLIPBOARD"], content({ UTF8_STRING: () => chunks(Buffer.from("text")) }));
  const names = ["TARGETS", "TIMESTAMP", "MULTIPLE", "UTF8_STRING", "image/png", "FIRST", "SECOND"];
  const [targets, timestamp, multiple, text, png, first, second] = await Promise.all(
    names.map((name) => copier.atom(name)),
  );
  const listed = await copier.convert("TARGETS");
  expect(words(listed?.data)).toEqual([targets, timestamp, multiple, text]);
  expect(words((await copier.convert("TIMESTAMP"))?.data)[0]).toBeGreaterThan(0);
  const pairs = await copier.convert("MULTIPLE", [text, first, png, second].map(Number));
  expect(words(pairs?.data)).toEqual([text, first, png, 0]);
  expect(String((await copier.property("FIRST")).data)).toBe("text");
  expect(await copier.convert("image/png")).toBeUndefined();
});

test("content that is too large is given up, and may be read whole all the same", async () => {
  const bytes = randomBytes(2 * MB);
  await xclip(bytes);
  for (let again = 0; again < 3; again += 1) {
    await expect(desktop.selection.read("CLIPBOARD", "UTF8_STRING", 1000)).rejects.toMatchObject({
      failure: "too-large",
    });
  }
  expect(hash(await desktop.selection.read("CLIPBOARD", "UTF8_STRING", 3 * MB))).toBe(hash(bytes));
});

test("an owner that never answers is given up with a reason", async () => {
  await copier.own({ silent: true });
  await expect(desktop.selection.targets("CLIPBOARD")).rejects.toMatchObject({ failure: "silent" });
});

test("an owner that stops in the middle is given up with a reason", async () => {
  await copier.own({ stalls: true });
  await expect(desktop.selection.read("CLIPBOARD", "UTF8_STRING", MB)).rejects.toMatchObject({ failure: "silent" });
});

test("content without an end is refused when it exceeds the limit, and left alone after a while", async () => {
  await copier.own({ endlessBytes: 250_000 });
  await expect(desktop.selection.read("CLIPBOARD", "UTF8_STRING", 5 * MB)).rejects.toMatchObject({
    failure: "too-large",
  });
  expect(copier.givenBytes).toBeLessThan(262 * MB);
});

test("ten thousand targets are refused", async () => {
  await copier.own({ targets: 10_000 });
  await expect(desktop.selection.targets("CLIPBOARD")).rejects.toMatchObject({ failure: "too-many-kinds" });
});

test("an atom of a former X server is not taken for one of the next", async () => {
  const other = await startXvnc("", "320x200");
  const shifted = await XCopier.open(other.display);
  // Names that the first server never heard of push all later numbers up.
  for (let index = 0; index < 50; index += 1) await shifted.atom(`SHIFT_${index}`);
  const next = testDesktop(other.display);
  await next.start();
  await next.selection.own(["CLIPBOARD"], content({ "image/gif": () => chunks(Buffer.from("there")) }));
  expect(String(await pasted("image/gif", "clipboard", other.display))).toBe("there");
  shifted.close();
  await next.close();
  await other.close();
});

test("what another program copies afterwards is that program's, and is told", async () => {
  await desktop.selection.own(["CLIPBOARD"], content({ UTF8_STRING: () => chunks(Buffer.from("ours")) }));
  await xclip(Buffer.from("theirs"));
  await expect.poll(() => desktop.selection.owns("CLIPBOARD")).toBe(false);
  expect(String(await desktop.selection.read("CLIPBOARD", "UTF8_STRING", 100))).toBe("theirs");
});

test("what is copied when watching begins is the last that is told, however late the X server is read", async () => {
  await desktop.selection.own(["CLIPBOARD"], content({}));
  await desktop.selection.own(["CLIPBOARD"], undefined);
  const told: boolean[] = [];
  const unwatch = desktop.selection.watch(["CLIPBOARD"], (_, owned) => told.push(owned));
  // Nothing of ours runs until a program has copied: who owned nothing before, and who owns it now, are read at once.
  const place = ["-display", server.display, "-selection", "clipboard"];
  execFileSync("xclip", place, { input: "text", stdio: ["pipe", "ignore", "ignore"] });
  await desktop.selection.targets("CLIPBOARD");
  unwatch();
  expect(told.at(-1)).toBe(true);
});

function words(data: Buffer | undefined): number[] {
  const bytes = data ?? Buffer.alloc(0);
  return Array.from({ length: bytes.length >> 2 }, (_, index) => bytes.readUInt32LE(4 * index));
}
