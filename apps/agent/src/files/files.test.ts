// The folder for viewers' files, on the real file system: what comes in, what is refused, and what stays when it breaks off.

import { createHash, randomBytes } from "node:crypto";
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LIMITS } from "@eglantine/protocol/limits";
import type { FolderEntry } from "@eglantine/protocol/transfer";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLog } from "../log.ts";
import type { Download, Upload } from "../session/types.ts";
import { Files } from "./files.ts";
import { partName } from "./names.ts";
import type { FilesWays } from "./policy.ts";

const BYTES = randomBytes(300_000);
const ID = "0123456789abcdef0123456789abcdef";
let home: string;
let root: string;
let files: Files;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "eglantine-folder-"));
  root = join(home, "Downloads");
  files = make("both");
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const make = (ways: FilesWays) => new Files({ ways, folder: root, home, log: createLog("silent") });
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();
const names = () => (existsSync(root) ? readdirSync(root).sort() : []);
const refusedWith = (status: number) => expect.objectContaining({ name: "TransferError", status });

async function up(
  path: string,
  { id = ID, size = BYTES.length, mode = "ask", viewOnly = false } = {},
): Promise<Upload> {
  const address = ["up", id, String(size), mode, ...path.split("/")];
  return uploadOf(await files.open(files.policy(viewOnly), address));
}

function uploadOf(place: Download | Upload): Upload {
  if (place.kind !== "upload") throw new Error("no upload");
  return place;
}

/** One request, as `server/transfer.ts` does it. */
async function send(upload: Upload, bytes: Uint8Array, sha?: Uint8Array): Promise<void> {
  const finish = upload.begin();
  try {
    for (let at = 0; at < bytes.length; at += 65_536) await upload.write(bytes.subarray(at, at + 65_536));
    if (sha !== undefined) await upload.complete(sha);
  } finally {
    finish();
  }
}

const whole = async (path: string, options: Parameters<typeof up>[1] = {}) =>
  send(await up(path, options), BYTES, sha256(BYTES));

test("a file has its name when all of it has come and is what was sent", async () => {
  const upload = await up("sub/deep/one.bin");
  const finish = upload.begin();
  await upload.write(BYTES.subarray(0, 100_000));
  expect(readdirSync(join(root, "sub/deep"))).toEqual([partName(ID)]);
  await upload.write(BYTES.subarray(100_000));
  await upload.complete(sha256(BYTES));
  finish();
  expect(readdirSync(join(root, "sub/deep"))).toEqual(["one.bin"]);
  expect(readFileSync(join(root, "sub/deep/one.bin")).equals(BYTES)).toBe(true);
});

test("an empty file and an empty folder", async () => {
  await send(await up("empty", { size: 0 }), new Uint8Array(), sha256(new Uint8Array()));
  expect(readFileSync(join(root, "empty"))).toHaveLength(0);
  await uploadOf(await files.open(files.policy(false), ["folder", "a", "b"])).complete();
  expect(readdirSync(join(root, "a"))).toEqual(["b"]);
});

test("it goes on where it was, in another session and under another agent", async () => {
  await send(await up("one.bin"), BYTES.subarray(0, 100_000));
  const second = await up("one.bin");
  expect(second.offsetBytes).toBe(100_000);
  await send(second, BYTES.subarray(100_000, 200_000));
  files = make("both");
  const third = await up("one.bin");
  expect(third.offsetBytes).toBe(200_000);
  await send(third, BYTES.subarray(200_000), sha256(BYTES));
  expect(readFileSync(join(root, "one.bin")).equals(BYTES)).toBe(true);
});

test("a request that hangs makes way for the next one, and writes no more", async () => {
  const hanging = await up("one.bin");
  hanging.begin();
  await hanging.write(BYTES.subarray(0, 50_000));
  const next = await up("one.bin");
  expect(next.offsetBytes).toBe(50_000);
  const finish = next.begin();
  await expect(hanging.write(BYTES)).rejects.toEqual(refusedWith(409));
  await next.write(BYTES.subarray(50_000));
  await next.complete(sha256(BYTES));
  finish();
  expect(readFileSync(join(root, "one.bin")).equals(BYTES)).toBe(true);
});

test("two requests at a time are one too many", async () => {
  const [one, two] = [await up("one.bin"), await up("one.bin")];
  const finish = one.begin();
  expect(() => two.begin()).toThrow(refusedWith(409));
  finish();
});

test("whose answer was lost hears again that it has come", async () => {
  await whole("one.bin");
  const again = await up("one.bin");
  expect(again.offsetBytes).toBe(BYTES.length);
  await again.complete(sha256(BYTES));
  expect(names()).toEqual(["one.bin"]);
});

test("another SHA-256, none, too few bytes and too many: no name", async () => {
  await expect(whole("one.bin", { size: BYTES.length + 1 })).rejects.toEqual(refusedWith(400));
  await expect(whole("two.bin", { size: BYTES.length - 1, id: "1".repeat(32) })).rejects.toEqual(refusedWith(413));
  const unsure = await up("three.bin", { id: "2".repeat(32) });
  const finish = unsure.begin();
  await unsure.write(BYTES);
  await expect(unsure.complete()).rejects.toEqual(refusedWith(400));
  finish();
  const wrong = await up("four.bin", { id: "3".repeat(32) });
  await expect(send(wrong, BYTES, sha256(BYTES.subarray(1)))).rejects.toEqual(refusedWith(422));
  expect(names().filter((name) => !name.startsWith("."))).toEqual([]);
  // What is known to be wrong is not gone on with.
  expect(names()).not.toContain(partName("3".repeat(32)));
});

test("a part that somebody changed meanwhile is not gone on with", async () => {
  await send(await up("one.bin"), BYTES.subarray(0, 100_000));
  writeFileSync(join(root, partName(ID)), "shorter");
  await expect(send(await up("one.bin"), BYTES.subarray(7), sha256(BYTES))).rejects.toEqual(refusedWith(422));
  expect(names()).toEqual([]);
  await send(await up("one.bin"), BYTES.subarray(0, 100_000));
  // A second name, under which it could be changed when it is whole.
  linkSync(join(root, partName(ID)), join(home, "elsewhere"));
  files = make("both");
  await expect(send(await up("one.bin"), BYTES.subarray(100_000), sha256(BYTES))).rejects.toEqual(refusedWith(409));
  expect(names()).toEqual([partName(ID)]);
});

test("a name that is taken: asked, replaced, kept beside", async () => {
  mkdirSync(root);
  writeFileSync(join(root, "one.bin"), "old");
  await expect(up("one.bin")).rejects.toEqual(refusedWith(412));
  await whole("one.bin", { mode: "keep" });
  expect(readFileSync(join(root, "one.bin"), "utf8")).toBe("old");
  expect(readFileSync(join(root, "one (2).bin")).equals(BYTES)).toBe(true);
  await whole("one.bin", { mode: "replace", id: "4".repeat(32) });
  expect(readFileSync(join(root, "one.bin")).equals(BYTES)).toBe(true);
  mkdirSync(join(root, "folder"));
  await expect(whole("folder", { mode: "replace", id: "5".repeat(32) })).rejects.toEqual(refusedWith(409));
});

test("a name that is taken in the last moment is asked about, and nothing is lost", async () => {
  const late = await up("one.bin");
  const finish = late.begin();
  await late.write(BYTES);
  writeFileSync(join(root, "one.bin"), "mine");
  await expect(late.complete(sha256(BYTES))).rejects.toEqual(refusedWith(412));
  finish();
  const kept = await up("one.bin", { mode: "keep" });
  expect(kept.offsetBytes).toBe(BYTES.length);
  await send(kept, new Uint8Array(), sha256(BYTES));
  expect(readFileSync(join(root, "one.bin"), "utf8")).toBe("mine");
  expect(readFileSync(join(root, "one (2).bin")).equals(BYTES)).toBe(true);
});

test("what is given up is forgotten", async () => {
  await send(await up("one.bin"), BYTES.subarray(0, 100_000));
  await (await up("one.bin")).discard?.();
  expect(names()).toEqual([]);
  expect((await up("one.bin")).offsetBytes).toBe(0);
});

test("links lead nowhere: not of folders, not of files, not of parts", async () => {
  mkdirSync(root);
  const outside = join(home, "outside");
  mkdirSync(outside);
  writeFileSync(join(outside, "victim"), "mine");
  symlinkSync(outside, join(root, "way-out"));
  symlinkSync(join(outside, "victim"), join(root, "link"));
  symlinkSync(join(outside, "victim"), join(root, partName("6".repeat(32))));
  await expect(whole("way-out/new")).rejects.toEqual(refusedWith(403));
  await expect(whole("one.bin", { id: "6".repeat(32) })).rejects.toEqual(refusedWith(409));
  await whole("link", { mode: "replace", id: "7".repeat(32) });
  expect(readFileSync(join(outside, "victim"), "utf8")).toBe("mine");
  expect(readdirSync(outside)).toEqual(["victim"]);
  await expect(
    files.open(files.policy(false), ["folder", "way-out", "new"]).then((place) => uploadOf(place).complete()),
  ).rejects.toEqual(refusedWith(403));
});

test.each([
  ["..", 400],
  ["../outside", 400],
  ["a/../../b", 400],
  ["a\0b", 400],
  ["", 400],
  ["x".repeat(256), 400],
])("%j is no place for a file", async (path, status) => {
  await expect(up(path)).rejects.toEqual(refusedWith(status));
  expect(readdirSync(home)).toEqual([]);
});

test.each([
  [["up"]],
  [["up", "short", "1", "ask", "a"]],
  [["up", ID, "-1", "ask", "a"]],
  [["up", ID, "1e3", "ask", "a"]],
  [["up", ID, "99999999999999999", "ask", "a"]],
  [["up", ID, "1", "overwrite", "a"]],
])("%j is no address", async (address) => {
  await expect(files.open(files.policy(false), address)).rejects.toEqual(refusedWith(400));
});

test("more than the disk has room for is refused before it comes", async () => {
  mkdirSync(root);
  await expect(up("endless", { size: 9e15 })).rejects.toEqual(refusedWith(507));
});

const down = async (...address: readonly string[]): Promise<Download> => {
  const place = await files.open(files.policy(false), address);
  if (place.kind !== "download") throw new Error("no download");
  return place;
};

async function read(place: Download, from = 0, to = place.sizeBytes): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of place.read(from, to)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test("a folder is listed: folders first, no parts, no links; nothing before anything has come", async () => {
  const list = async (...names: readonly string[]) => JSON.parse(String(await read(await down("list", ...names))));
  expect(await list("")).toEqual({ entries: [], more: false });
  mkdirSync(join(root, "z folder"), { recursive: true });
  for (const name of ["b10", "b9", partName(ID)]) writeFileSync(join(root, name), "abc");
  symlinkSync("/etc/passwd", join(root, "a link"));
  const { entries } = await list("");
  expect(entries.map(({ name, kind, sizeBytes }: FolderEntry) => [name, kind, sizeBytes])).toEqual([
    ["z folder", "folder", 0],
    ["b9", "file", 3],
    ["b10", "file", 3],
  ]);
  expect(Math.abs(entries[1].modifiedMs - Date.now())).toBeLessThan(60_000);
  await expect(list("a link")).rejects.toEqual(refusedWith(403));
  for (let at = 0; at < LIMITS.filesListed; at += 1) writeFileSync(join(root, "z folder", String(at)), "");
  expect(await list("z folder")).toMatchObject({ more: false });
  writeFileSync(join(root, "z folder", "one more"), "");
  const full = await list("z folder");
  expect([full.entries.length, full.more]).toEqual([LIMITS.filesListed, true]);
});

test("a file comes whole or from the middle, with its SHA-256; another one has another etag", async () => {
  mkdirSync(root);
  writeFileSync(join(root, "one.bin"), BYTES);
  const one = await down("down", "one.bin");
  expect((await read(one)).equals(BYTES)).toBe(true);
  expect((await read(one, 270_000, 280_000)).equals(BYTES.subarray(270_000, 280_000))).toBe(true);
  expect(String(await read(await down("sha256", "one.bin")))).toBe(sha256(BYTES).toString("base64"));
  writeFileSync(join(root, "one.bin"), BYTES.subarray(1));
  expect((await down("down", "one.bin")).etag).not.toBe(one.etag);
  await expect(read(one)).rejects.toEqual(refusedWith(409));
});

test.each([
  ["both", false, [true, true]],
  ["up", false, [true, false]],
  ["down", false, [false, true]],
  ["off", false, [false, false]],
  ["both", true, [false, false]],
] as const)("%s, view only %s", async (ways, viewOnly, expected) => {
  files = make(ways);
  const policy = files.policy(viewOnly);
  expect([policy.up, policy.down, policy.folder]).toEqual([...expected, "Downloads"]);
  if (policy.up) return;
  await expect(up("one.bin", { viewOnly })).rejects.toEqual(refusedWith(403));
  await expect(files.open(policy, ["folder", "a"])).rejects.toEqual(refusedWith(403));
  expect(readdirSync(home)).toEqual([]);
});
