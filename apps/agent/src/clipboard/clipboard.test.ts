// The shared clipboard with its seats, on a selection that tests copy into and paste from.

import type { AgentControl } from "@eglantine/protocol/control";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Download, TransferError, type Upload } from "../session/types.ts";
import type { FilesPolicy } from "../files/policy.ts";
import type { StagedFiles } from "../files/stages.ts";
import { fakeClipboard, FakeSelection } from "../testing/fake-selection.ts";
import type { Clipboard } from "./clipboard.ts";
import type { ClipboardOptions } from "./policy.ts";
import type { ClipboardSeat } from "./seat.ts";
import { SelectionError } from "./types.ts";

let port: FakeSelection;
let clipboard: Clipboard;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(async () => {
  await clipboard.close();
  vi.useRealTimers();
});

interface Viewer {
  readonly seat: ClipboardSeat;
  readonly told: AgentControl[];
  readonly applied: number[];
  last(type: AgentControl["type"]): AgentControl | undefined;
}

function start(options: Partial<ClipboardOptions> = {}): void {
  port = new FakeSelection();
  clipboard = fakeClipboard(options, port);
}

/** Stages that hold these files, each, and what became of them. */
class FakeStages {
  readonly paths: Readonly<Record<string, readonly string[]>>;
  readonly given: string[] = [];
  readonly released: string[] = [];

  constructor(paths: Readonly<Record<string, readonly string[]>>) {
    this.paths = paths;
  }

  hold(id: string): Promise<StagedFiles> {
    const paths = this.paths[id];
    if (paths === undefined) return Promise.reject(new TransferError(404, "It is not there."));
    const release = () => void this.released.push(id);
    return Promise.resolve({ paths, given: () => void this.given.push(id), release });
  }
}

const BOTH_WAYS: FilesPolicy = { up: true, down: true, folder: "Downloads" };

function enter(viewOnly = false, stages = new FakeStages({}), policy = BOTH_WAYS): Viewer {
  const told: AgentControl[] = [];
  const applied: number[] = [];
  const seat = clipboard.enter(
    { send: (message) => void told.push(message), onApplied: (serial) => void applied.push(serial) },
    clipboard.policy(viewOnly),
    { policy, stages },
  );
  return { seat, told, applied, last: (type) => told.findLast((message) => message.type === type) };
}

/** What is under way has happened. */
const settle = () => vi.advanceTimersByTimeAsync(200);
const offer = (serial: number, types: { mime: string; sizeBytes?: number }[], text?: string) => ({
  type: "clipboard" as const,
  serial,
  types,
  ...(text === undefined ? {} : { text }),
});

async function send({ seat }: Viewer, serial: number, mime: string, bytes: Buffer): Promise<void> {
  const place = (await seat.open(["in", String(serial), ...mime.split("/")])) as Upload;
  const end = place.begin();
  try {
    await place.write(bytes);
    await place.complete();
  } finally {
    end();
  }
}

async function fetch({ seat }: Viewer, serial: number, mime: string): Promise<Buffer> {
  const place = (await seat.open(["out", String(serial), ...mime.split("/")])) as Download;
  const chunks: Uint8Array[] = [];
  for await (const chunk of place.read(0, place.sizeBytes)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test("short text rides with the offer and is pasted without another word", async () => {
  start();
  const viewer = enter();
  viewer.seat.offer(offer(1, [{ mime: "text/plain", sizeBytes: 4 }], "text"));
  await settle();
  expect(viewer.applied).toEqual([1]);
  expect(String(await port.paste("UTF8_STRING"))).toBe("text");
  expect(viewer.told).toEqual([]);
});

test("what was copied is offered, also where the program lets go of its selection at once", async () => {
  start({ primary: "both" });
  const viewer = enter();
  port.copy({ UTF8_STRING: "copied" });
  port.deselect();
  await settle();
  expect(viewer.last("clipboard")).toMatchObject({ from: "desktop", text: "copied" });
});

test("other content is asked for when it is pasted, once, and kept for the next paste", async () => {
  start();
  const viewer = enter();
  viewer.seat.offer(offer(7, [{ mime: "image/png", sizeBytes: 3 }, { mime: "x/unknown" }]));
  await settle();
  expect(viewer.told).toEqual([]);
  await expect(viewer.seat.open(["in", "7", "image", "png"])).rejects.toMatchObject({ status: 404 });
  const pasted = port.paste("image/png");
  await settle();
  expect(viewer.told).toEqual([{ type: "clipboardWanted", serial: 7, mime: "image/png" }]);
  await send(viewer, 7, "image/png", Buffer.from("png"));
  expect(String(await pasted)).toBe("png");
  expect(String(await port.paste("image/png"))).toBe("png");
  expect(viewer.told).toHaveLength(1);
});

test("what the viewer can't give any more, or never sends, is no paste; the next one asks again", async () => {
  start();
  const viewer = enter();
  viewer.seat.offer(offer(1, [{ mime: "image/png" }]));
  await settle();
  const refused = port.paste("image/png").catch(String);
  await settle();
  viewer.seat.refused({ type: "clipboardRefused", serial: 1, mime: "image/png", why: "Gone." });
  expect(await refused).toContain("Gone.");
  const silent = port.paste("image/png").catch(String);
  await vi.advanceTimersByTimeAsync(16_000);
  expect(await silent).toContain("did not send");
  expect(viewer.told).toHaveLength(2);
});

test("more than the limit is refused: by its word, and by its bytes", async () => {
  start();
  const viewer = enter();
  viewer.seat.offer(offer(1, [{ mime: "image/png", sizeBytes: 1001 }]));
  await settle();
  expect(port.owned).toBeUndefined();
  expect(viewer.applied).toEqual([1]);
  expect(viewer.last("notice")).toMatchObject({ text: expect.stringContaining("EGLANTINE_CLIPBOARD_IN_MAX_MB") });
  viewer.seat.offer(offer(2, [{ mime: "image/png", sizeBytes: 10 }, { mime: "text/html" }]));
  await settle();
  const pasted = [port.paste("image/png"), port.paste("text/html")].map((paste) => paste.catch(String));
  await settle();
  // Each within the limit, both beyond it.
  await send(viewer, 2, "text/html", Buffer.alloc(600));
  await expect(send(viewer, 2, "image/png", Buffer.alloc(600))).rejects.toMatchObject({ status: 413 });
  expect((await Promise.all(pasted)).map((one) => one.length)).toEqual([expect.any(Number), 600]);
  await expect(send(viewer, 2, "image/png", Buffer.alloc(6))).rejects.toMatchObject({ status: 410 });
});

test.each([
  ["both", false, true, true],
  ["in", false, true, false],
  ["out", false, false, true],
  ["off", false, false, false],
  ["both", true, false, false],
] as const)("%s, view-only %s: in %s, out %s", async (ways, viewOnly, into, out) => {
  start({ ways });
  const viewer = enter(viewOnly);
  viewer.seat.offer(offer(1, [{ mime: "text/plain" }], "mine"));
  await settle();
  expect(port.owned !== undefined).toBe(into);
  expect(viewer.last("notice") === undefined).toBe(into);
  expect(viewer.applied).toEqual([1]);
  port.copy({ UTF8_STRING: "theirs" });
  await settle();
  expect(viewer.last("clipboard") !== undefined).toBe(out);
  const serial = into ? 2 : 1;
  if (out) expect(String(await fetch(viewer, serial, "text/plain"))).toBe("theirs");
  else await expect(fetch(viewer, 1, "text/plain")).rejects.toMatchObject({ status: 403 });
});

test("beside a viewer that may have everything, one that only watches is told nothing", async () => {
  start();
  const [viewer, watcher] = [enter(), enter(true)];
  port.copy({ UTF8_STRING: "theirs" });
  await settle();
  viewer.seat.offer(offer(1, [{ mime: "text/plain" }], "mine"));
  await settle();
  expect(viewer.told).toHaveLength(1);
  expect(watcher.told).toEqual([]);
  await expect(fetch(watcher, 2, "text/plain")).rejects.toMatchObject({ status: 403 });
});

test("watchers get what is copied where the operator says so, and still put nothing in", async () => {
  start({ watchers: true });
  const viewer = enter(true);
  port.copy({ UTF8_STRING: "theirs" });
  await settle();
  expect(viewer.last("clipboard")).toMatchObject({ text: "theirs" });
  viewer.seat.offer(offer(1, [{ mime: "text/plain" }], "mine"));
  await settle();
  expect(port.owned).toBeUndefined();
});

test("what is copied on the desktop is told with short text and names, and read when it is fetched, once", async () => {
  start();
  const viewer = enter();
  port.copy({ UTF8_STRING: "short", "image/png": "picture", "text/uri-list": "file:///a%20b" });
  await settle();
  expect(viewer.last("clipboard")).toEqual({
    type: "clipboard",
    serial: 1,
    from: "desktop",
    types: [{ mime: "text/plain", sizeBytes: 5 }, { mime: "image/png" }, { mime: "text/uri-list", sizeBytes: 13 }],
    text: "short",
    names: ["a b"],
    copied: { id: expect.any(String), count: 1, refused: 0 },
  });
  expect(port.reads).not.toContain("image/png");
  expect(String(await fetch(viewer, 1, "image/png"))).toBe("picture");
  expect(String(await fetch(viewer, 1, "image/png"))).toBe("picture");
  expect(port.reads.filter((target) => target === "image/png")).toHaveLength(1);
  port.copy({ UTF8_STRING: "newer" });
  await settle();
  await expect(fetch(viewer, 1, "image/png")).rejects.toMatchObject({ status: 410 });
});

test("what is too large, refused or silent is no content, with the reason", async () => {
  start();
  const viewer = enter();
  port.copy({ "image/png": Buffer.alloc(1001), "text/html": new SelectionError("silent") });
  await settle();
  await expect(fetch(viewer, 1, "image/png")).rejects.toMatchObject({
    status: 413,
    message: expect.stringContaining("EGLANTINE_CLIPBOARD_OUT_MAX_MB"),
  });
  await expect(fetch(viewer, 1, "text/html")).rejects.toMatchObject({ status: 504 });
});

test("a program that copies without answering is told of, and offers nothing", async () => {
  start();
  const viewer = enter();
  port.copy({ UTF8_STRING: new SelectionError("silent") });
  await settle();
  expect(viewer.last("clipboard")).toBeUndefined();
  expect(viewer.last("notice")).toMatchObject({ text: expect.stringContaining("does not answer") });
});

test("the last offer counts, others are told whose it is, and may fetch it", async () => {
  start();
  const [one, other] = [enter(), enter()];
  one.seat.offer(offer(1, [{ mime: "image/png" }]));
  await settle();
  expect(one.told).toEqual([]);
  expect(other.told).toEqual([{ type: "clipboard", serial: 1, from: "viewer", types: [{ mime: "image/png" }] }]);
  const fetched = fetch(other, 1, "image/png");
  await settle();
  expect(one.last("clipboardWanted")).toBeDefined();
  await send(one, 1, "image/png", Buffer.from("png"));
  expect(String(await fetched)).toBe("png");
  other.seat.offer(offer(1, [{ mime: "text/plain" }], "other"));
  await settle();
  expect(String(await port.paste("UTF8_STRING"))).toBe("other");
  expect(one.last("clipboard")).toMatchObject({ serial: 2, text: "other", from: "viewer" });
});

test("a viewer that leaves takes along what it had not given, and leaves what it had", async () => {
  start();
  const viewer = enter();
  viewer.seat.offer(offer(1, [{ mime: "text/plain" }], "stays"));
  await settle();
  viewer.seat.leave();
  expect(String(await port.paste("UTF8_STRING"))).toBe("stays");
  const next = enter();
  next.seat.offer(offer(1, [{ mime: "image/png" }]));
  await settle();
  const pasted = port.paste("image/png").catch(String);
  await settle();
  next.seat.leave();
  await settle();
  expect(await pasted).toContain("has left");
  expect(port.owned).toBeUndefined();
});

test("a program that copies in a loop is looked at ten times a second, and the last copy is told", async () => {
  start();
  const viewer = enter();
  for (let copy = 0; copy < 1000; copy += 1) {
    port.copy({ UTF8_STRING: `copy ${copy}` });
    await vi.advanceTimersByTimeAsync(1);
  }
  await vi.advanceTimersByTimeAsync(1100);
  expect(viewer.told.length).toBeLessThan(25);
  expect(viewer.last("clipboard")).toMatchObject({ text: "copy 999" });
});

test("without a viewer nobody looks at what is copied", async () => {
  start();
  expect(port.watched).toBe(false);
  const viewer = enter();
  expect(port.watched).toBe(true);
  viewer.seat.leave();
  expect(port.watched).toBe(false);
});

const [STAGE, OTHER] = ["a".repeat(32), "b".repeat(32)];
const files = (serial: number, stage: string, here = true) => ({ ...offer(serial, []), files: { stage, here } });

test("pasted files are lists of addresses, and paths for programs that take text", async () => {
  start();
  const stages = new FakeStages({ [STAGE]: ["/stage/Grüße.txt", "/stage/b c"] });
  const [viewer, other] = [enter(false, stages), enter()];
  viewer.seat.offer(files(3, STAGE));
  await settle();
  expect(viewer.applied).toEqual([3]);
  expect(stages.given).toEqual([]);
  const addresses = ["file:///stage/Gr%C3%BC%C3%9Fe.txt", "file:///stage/b%20c"];
  expect(String(await port.paste("text/uri-list"))).toBe(addresses.map((one) => `${one}\r\n`).join(""));
  expect(String(await port.paste("x-special/gnome-copied-files"))).toBe(["copy", ...addresses].join("\n"));
  expect(String(await port.paste("UTF8_STRING"))).toBe("/stage/Grüße.txt\n/stage/b c");
  expect(stages.given).toHaveLength(3);
  // Others hear their names, and not where they lie.
  expect(other.last("clipboard")).toMatchObject({ from: "viewer", names: ["Grüße.txt", "b c"] });
  const list = String(await fetch(other, 1, "text/uri-list"));
  expect(list).not.toContain("stage");
});

test("while they are on their way there is nothing to paste, and nothing old either", async () => {
  start();
  const viewer = enter(false, new FakeStages({ [STAGE]: ["/stage/one"] }));
  viewer.seat.offer(offer(1, [{ mime: "text/plain" }], "old"));
  await settle();
  viewer.seat.offer(files(2, STAGE, false));
  await settle();
  expect(port.owned?.targets).toEqual([]);
  viewer.seat.offer(files(3, STAGE));
  await settle();
  expect(String(await port.paste("UTF8_STRING"))).toBe("/stage/one");
  expect(viewer.applied).toEqual([1, 2, 3]);
});

test("they are let go of when something else is copied, by a program or a viewer, and with their viewer", async () => {
  start();
  const stages = new FakeStages({ [STAGE]: ["/stage/one"], [OTHER]: ["/other/two"] });
  const viewer = enter(false, stages);
  viewer.seat.offer(files(1, STAGE));
  await settle();
  port.copy({ UTF8_STRING: "theirs" });
  await settle();
  expect(stages.released).toContain(STAGE);
  viewer.seat.offer(files(2, OTHER));
  await settle();
  expect(stages.released).not.toContain(OTHER);
  viewer.seat.leave();
  await settle();
  expect(stages.released).toContain(OTHER);
  expect(port.owned).toBeUndefined();
});

test("a stage that is not there, and one that comes too late, are no clipboard", async () => {
  start();
  const stages = new FakeStages({ [STAGE]: ["/stage/one"] });
  const viewer = enter(false, stages);
  viewer.seat.offer(files(1, OTHER));
  await settle();
  expect(viewer.applied).toEqual([1]);
  expect(viewer.last("notice")).toMatchObject({ text: expect.stringContaining("not on the desktop") });
  viewer.seat.offer(files(2, STAGE));
  viewer.seat.offer(offer(3, [{ mime: "text/plain" }], "newer"));
  await settle();
  expect(String(await port.paste("UTF8_STRING"))).toBe("newer");
  expect(stages.released).toEqual([STAGE]);
  expect(viewer.applied).toContain(3);
});

test("who may put no files in pastes none, and who may take none is not told of any", async () => {
  start();
  const stages = new FakeStages({ [STAGE]: ["/stage/one"] });
  const none = enter(false, stages, { up: false, down: false, folder: "" });
  none.seat.offer(files(1, STAGE));
  await settle();
  expect([port.owned, none.applied]).toEqual([undefined, [1]]);
  expect(none.last("notice")).toMatchObject({ text: expect.stringContaining("EGLANTINE_FILES") });
  const may = enter();
  port.copy({ "text/uri-list": "file:///one\r\n" });
  await settle();
  expect(none.last("clipboard")).not.toHaveProperty("copied");
  expect(may.last("clipboard")).toMatchObject({ copied: { count: 1 } });
});

test("a list of addresses of a viewer's own making is nothing that programs can paste", async () => {
  start();
  const viewer = enter();
  viewer.seat.offer(offer(1, [{ mime: "text/uri-list" }, { mime: "text/plain" }], "mine"));
  await settle();
  expect(port.owned?.targets).not.toContain("text/uri-list");
  expect(String(await port.paste("UTF8_STRING"))).toBe("mine");
});

test("a list that was told of can be fetched later too, and one that comes soon is waited for", async () => {
  start();
  const viewer = enter();
  port.copy({ "text/uri-list": "file:///one\r\n" });
  await settle();
  const { id = "" } = (viewer.last("clipboard") as { copied?: { id: string } }).copied ?? {};
  port.copy({ UTF8_STRING: "text" });
  await settle();
  expect([...(await viewer.seat.copied(id)).paths]).toEqual([["one", "/one"]]);
  const next = enter();
  const early = next.seat.copied(id);
  port.copy({ "text/uri-list": "file:///one\r\n" });
  await settle();
  expect((await early).id).toBe(id);
  const never = next.seat.copied("0".repeat(32)).catch(String);
  next.seat.leave();
  expect(await never).toContain("Something else was copied");
});
