// What was copied on the desktop, as lists that programs write, honest ones and others, on the real file system.

import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { LIMITS } from "@eglantine/protocol/limits";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLog } from "../log.ts";
import type { Download } from "../session/types.ts";
import { type CopiedFiles, copiedFiles, copiedListing } from "./copied.ts";
import { Files } from "./files.ts";

let home: string;
let files: Files;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "eglantine-copied-"));
  files = new Files({ ways: "both", folder: join(home, "Downloads"), home, log: createLog("silent") });
});
afterEach(async () => {
  await files.close();
  rmSync(home, { recursive: true, force: true });
});

const listOf = (...paths: readonly string[]) => paths.map((path) => `${pathToFileURL(path).href}\r\n`).join("");
const refusedWith = (status: number) => expect.objectContaining({ name: "TransferError", status });

function write(name: string, text = name): string {
  const path = join(home, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
  return path;
}

async function open(copied: CopiedFiles, ...address: readonly string[]): Promise<Download> {
  const place = await files.open(files.policy(false), ["copied", copied.id, ...address], async () => copied);
  if (place.kind !== "download") throw new Error("no download");
  return place;
}

async function read(place: Download): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of place.read(0, place.sizeBytes)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test("files of any folder are listed and read by their names, two of one name too", async () => {
  const [one, two] = [write("a/Grüße #1.txt", "one"), write("b/Grüße #1.txt", "two")];
  const folder = join(home, "c");
  write("c/inside/deep.txt", "deep");
  const copied = copiedFiles(listOf(one, two, `${folder}/`));
  const listing = JSON.parse(await read(await open(copied, "list", "")));
  expect(listing.entries.map(({ name, kind }: { name: string; kind: string }) => [name, kind])).toEqual([
    ["c", "folder"],
    ["Grüße #1 (2).txt", "file"],
    ["Grüße #1.txt", "file"],
  ]);
  expect(listing.refused).toEqual([]);
  expect(await read(await open(copied, "down", "Grüße #1.txt"))).toBe("one");
  expect(await read(await open(copied, "down", "Grüße #1 (2).txt"))).toBe("two");
  expect(await read(await open(copied, "down", "c", "inside", "deep.txt"))).toBe("deep");
  const inside = JSON.parse(await read(await open(copied, "list", "c")));
  expect(inside.entries).toMatchObject([{ name: "inside" }]);
});

test("what was not copied can't be had, wherever it lies", async () => {
  const copied = copiedFiles(listOf(write("a/one.txt")));
  write("a/secret");
  for (const address of [["secret"], ["..", "secret"], ["one.txt", "..", "secret"], [""], ["one.txt\0"], []]) {
    await expect(open(copied, "down", ...address)).rejects.toMatchObject({ name: "TransferError" });
  }
  await expect(files.open(files.policy(false), ["copied", copied.id, "down", "one.txt"])).rejects.toEqual(
    refusedWith(410),
  );
});

test("the way that files may go counts for what was copied too", async () => {
  const copied = copiedFiles(listOf(write("one.txt")));
  const find = async () => copied;
  for (const [ways, viewOnly] of [
    ["up", false],
    ["off", false],
    ["both", true],
  ] as const) {
    const other = new Files({ ways, folder: home, home, log: createLog("silent") });
    const address = ["copied", copied.id, "down", "one.txt"];
    await expect(other.open(other.policy(viewOnly), address, find)).rejects.toEqual(refusedWith(403));
  }
});

test("links, pipes, devices and what may not be read are refused with the reason", async () => {
  const secret = write("secret");
  symlinkSync(secret, join(home, "link"));
  symlinkSync("/etc", join(home, "way-out"));
  execFileSync("mkfifo", [join(home, "pipe")]);
  const gone = join(home, "gone");
  const paths = ["link", "way-out", "pipe", "gone"].map((name) => join(home, name));
  const copied = copiedFiles(listOf(...paths));
  const { entries, refused = [] } = await copiedListing(copied);
  expect(entries).toEqual([]);
  expect(refused.map(({ name, why }) => [name, why])).toEqual([
    ["link", expect.stringContaining("link")],
    ["way-out", expect.stringContaining("link")],
    ["pipe", expect.stringContaining("neither a file nor a folder")],
    ["gone", expect.stringContaining("not on the desktop any more")],
  ]);
  expect(gone).not.toBe("");
  for (const name of ["link", "pipe", "gone"]) {
    for (const kind of ["down", "sha256"]) {
      await expect(open(copied, kind, name)).rejects.toMatchObject({ name: "TransferError" });
    }
  }
  await expect(open(copied, "down", "way-out", "passwd")).rejects.toEqual(refusedWith(403));
  await expect(open(copied, "list", "way-out")).rejects.toEqual(refusedWith(403));
});

const isRoot = process.getuid?.() === 0;
const why = isRoot ? " (skipped: root may read every file)" : "";
test.skipIf(isRoot)(`a file that the desktop's user may not read is refused${why}`, async () => {
  const path = write("closed");
  chmodSync(path, 0);
  const { entries, refused = [] } = await copiedListing(copiedFiles(listOf(path)));
  expect(entries).toEqual([]);
  expect(refused[0]?.why).toContain("may not");
});

test.each([
  ["file://otherhost/etc/passwd", "another computer"],
  ["https://example.org/one.txt", "no file"],
  ["smb://server/one.txt", "no file"],
  ["file:relative", "no file"],
  ["/etc/passwd", "no file"],
  ["file:///home/../etc/passwd", "leads out"],
  ["file:///home/%2e%2e/etc/passwd", "leads out"],
  ["file:///home/./one", "leads out"],
  ["file:///home//one", "leads out"],
  ["file:///", "deep"],
  ["file:///home/one%00.txt", "can't be seen"],
  ["file:///home/one%0aline", "can't be seen"],
  ["file:///home/%e2%80%aegpj.exe", "can't be seen"],
  ["file:///home/%ff", "UTF-8"],
  ["file:///home/100%", "UTF-8"],
  ["file:///proc/self/environ", "system's"],
  ["file:///dev/zero", "system's"],
  ["file:///sys", "system's"],
  [`file:///${"x".repeat(300)}`, "longer"],
  [`file://${"/d".repeat(40)}`, "deep"],
])("%s is refused: %s", (address, why) => {
  const { paths, refused } = copiedFiles(`${address}\r\n`);
  expect([...paths]).toEqual([]);
  expect(refused).toEqual([{ name: expect.any(String), why: expect.stringContaining(why) }]);
  // oxlint-disable-next-line no-control-regex
  expect(refused[0]?.name).not.toMatch(/[\u0000-\u001f]/);
});

test("this computer by its name, and comments, are as good as nothing", () => {
  const { paths, refused } = copiedFiles(
    `# copied\r\nfile:///a\nfile://localhost/b\r\nfile://${hostname()}/c\r\nfile:/d\r\n\r\n`,
  );
  expect([...paths]).toEqual([
    ["a", "/a"],
    ["b", "/b"],
    ["c", "/c"],
    ["d", "/d"],
  ]);
  expect(refused).toEqual([]);
});

test("a hundred thousand lines are looked at only so far, at once, all of one name too", () => {
  const startMs = performance.now();
  const { paths, more } = copiedFiles("file:///home/one\r\n".repeat(100_000));
  expect([paths.size, more]).toEqual([LIMITS.filesListed, 100_000 - LIMITS.filesListed]);
  expect(performance.now() - startMs).toBeLessThan(2000);
});

test("the same list has the same name, another one another", () => {
  expect(copiedFiles("file:///a").id).toBe(copiedFiles("file:///a").id);
  expect(copiedFiles("file:///a").id).not.toBe(copiedFiles("file:///b").id);
});
