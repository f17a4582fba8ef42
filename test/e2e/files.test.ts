// Story: I drop files and folders into the desktop, and they are there, whole and checked, whatever happens on the way.

import { existsSync, mkdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FileDrag } from "../harness/drop.ts";
import { until } from "../harness/until.ts";
import { drop, FileStory, row, sha256Of, stateOf, untilState } from "./file-story.ts";

/** Large files on a machine that is busy. */
const LARGE_MS = 180_000;
const MB = 1e6;
const story = new FileStory();

beforeEach(() => story.begin());
afterEach(() => story.close());

const parts = (): string[] => story.names().filter((name) => name.startsWith("."));

test("files that I drop are there, byte by byte, and an empty one too", async () => {
  const viewer = await story.connect();
  const paths = [
    story.write("holiday picture.png", 3 * MB),
    story.write("Grüße, мир.txt", "hello"),
    story.write("empty", ""),
  ];
  const drag = await FileDrag.begin(viewer.page, paths);
  await viewer.byTestId("drop-hint").waitFor();
  await drag.drop();
  for (const name of ["holiday picture.png", "Grüße, мир.txt", "empty"]) await untilState(viewer, name, "done");
  expect(story.names()).toEqual(["Grüße, мир.txt", "empty", "holiday picture.png"]);
  expect(await sha256Of(join(story.there, "holiday picture.png"))).toBe(await sha256Of(paths[0] ?? ""));
  expect(story.text("Grüße, мир.txt")).toBe("hello");
  expect(await viewer.byTestId("drop-hint").count()).toBe(0);
  expect(await viewer.byTestId("files-status").innerText()).toBe("3 complete.");
});

test(
  "a folder comes with all that is in it, its empty folders too",
  async () => {
    const viewer = await story.connect();
    story.write("album/one.txt", "one");
    story.write("album/summer/two.txt", "two");
    for (let at = 0; at < 120; at += 1) story.write(`album/many/${at}.txt`, String(at));
    mkdirSync(join(story.here, "album/empty"));
    await drop(viewer, join(story.here, "album"));
    await until(
      "all of it",
      async () => (await viewer.byTestId("files-status").innerText()).startsWith("123 complete"),
      {
        limitMs: 120_000,
      },
    );
    expect(story.names(join(story.there, "album"))).toEqual(["empty", "many", "one.txt", "summer"]);
    expect(story.text("album/summer/two.txt")).toBe("two");
    expect(story.names(join(story.there, "album/many"))).toHaveLength(120);
    expect(story.text("album/many/77.txt")).toBe("77");
  },
  LARGE_MS,
);

test("files and folders that I choose in the panel go the same way", async () => {
  const viewer = await story.connect();
  await viewer.page.keyboard.press("Control+Alt+Shift+M");
  await viewer.byTestId("open-files").click();
  await viewer.byTestId("choose-files").setInputFiles(story.write("chosen.txt", "chosen"));
  await untilState(viewer, "chosen.txt", "done");
  story.write("box/inside.txt", "inside");
  await viewer.byTestId("choose-folder").setInputFiles(join(story.here, "box"));
  await untilState(viewer, "box/inside.txt", "done");
  expect([story.text("chosen.txt"), story.text("box/inside.txt")]).toEqual(["chosen", "inside"]);
  await viewer.page.keyboard.press("Escape");
  await viewer.byTestId("files-panel").waitFor({ state: "detached" });
});

test(
  "a file that I pause waits as a hidden part, and goes on where it was",
  async () => {
    const viewer = await story.connect();
    const path = story.write("long.bin", 30 * MB);
    const sent: number[] = [];
    let puts = 0;
    let goOn = (): void => undefined;
    const third = new Promise<void>((resolve) => (goOn = resolve));
    await viewer.page.route("**/transfer/files/**", async (route) => {
      if (route.request().method() === "PUT") {
        sent.push(Number(route.request().headers()["upload-offset"]));
        puts += 1;
        if (puts === 3) await third;
      }
      await route.continue().catch(() => undefined);
    });
    await drop(viewer, path);
    await until("the third piece", () => puts === 3);
    await row(viewer, "long.bin").getByRole("button", { name: "Pause" }).click();
    await untilState(viewer, "long.bin", "paused");
    goOn();
    expect(parts()).toHaveLength(1);
    expect(existsSync(join(story.there, "long.bin"))).toBe(false);
    await row(viewer, "long.bin").getByRole("button", { name: "Go on" }).click();
    await untilState(viewer, "long.bin", "done");
    expect(sent[3]).toBe(2 * 4 * 1024 * 1024);
    expect(await sha256Of(join(story.there, "long.bin"))).toBe(await sha256Of(path));
    expect(parts()).toEqual([]);
  },
  LARGE_MS,
);

test(
  "what a lost connection or an agent that is started anew interrupts goes on by itself, where it was",
  async () => {
    const viewer = await story.connect();
    const path = story.write("through.bin", 50 * MB);
    const sent: number[] = [];
    let restarted = false;
    let restarts = (): void => undefined;
    const restarting = new Promise<void>((resolve) => (restarts = resolve));
    await viewer.page.route("**/transfer/files/**", async (route) => {
      const offset = Number(route.request().headers()["upload-offset"] ?? 0);
      if (route.request().method() === "PUT") sent.push(offset);
      if (offset > 20 * MB && !restarted) {
        restarts();
        return;
      }
      await route.continue().catch(() => undefined);
    });
    await drop(viewer, path);
    await restarting;
    restarted = true;
    await story.desktop.restartAgent();
    await untilState(viewer, "through.bin", "done", LARGE_MS - 30_000);
    expect(await sha256Of(join(story.there, "through.bin"))).toBe(await sha256Of(path));
    // Each piece once but for the one that was cut.
    expect(new Set(sent).size).toBe(sent.length - 1);
    expect(story.names()).toEqual(["through.bin"]);
  },
  LARGE_MS,
);

test(
  "what was on its way when the page was loaded anew goes on where it was, once I drop the file again",
  async () => {
    const viewer = await story.connect();
    const path = story.write("again.bin", 30 * MB);
    const sent: number[] = [];
    let reloaded = false;
    await viewer.page.route("**/transfer/files/**", async (route) => {
      const offset = Number(route.request().headers()["upload-offset"] ?? 0);
      if (route.request().method() === "PUT") sent.push(offset);
      if (reloaded || offset < 10 * MB) await route.continue().catch(() => undefined);
    });
    await drop(viewer, path);
    await until("some of it", () => sent.some((offset) => offset > 10 * MB));
    viewer.page.on("dialog", (dialog) => void dialog.accept());
    reloaded = true;
    sent.length = 0;
    await viewer.page.reload();
    await until("the desktop again", async () => (await viewer.state()) === "connected", { limitMs: 60_000 });
    expect(parts()).toHaveLength(1);
    await drop(viewer, path);
    await untilState(viewer, "again.bin", "done");
    expect(sent[0]).toBeGreaterThan(8 * MB);
    expect(await sha256Of(join(story.there, "again.bin"))).toBe(await sha256Of(path));
    expect(parts()).toEqual([]);
    // It is a new one from then on: its name is taken.
    await drop(viewer, path);
    await viewer.byTestId("file-conflict").waitFor();
  },
  LARGE_MS,
);

test(
  "another file of that name, size and time is found out at the end, and comes from the beginning",
  async () => {
    const viewer = await story.connect();
    const path = story.write("changed.bin", 12 * MB);
    // Whole seconds: a part of a millisecond is rounded on one way and cut off on the other.
    utimesSync(path, 1_700_000_000, 1_700_000_000);
    let reloaded = false;
    await viewer.page.route("**/transfer/files/**", async (route) => {
      const offset = Number(route.request().headers()["upload-offset"] ?? 0);
      if (reloaded || offset === 0) await route.continue().catch(() => undefined);
    });
    await drop(viewer, path);
    await until("some of it", () => parts().some((name) => statSync(join(story.there, name)).size > 4 * MB));
    viewer.page.on("dialog", (dialog) => void dialog.accept());
    reloaded = true;
    await viewer.page.reload();
    await until("the desktop again", async () => (await viewer.state()) === "connected", { limitMs: 60_000 });
    story.write("changed.bin", 12 * MB);
    utimesSync(path, 1_700_000_000, 1_700_000_000);
    await drop(viewer, path);
    await untilState(viewer, "changed.bin", "failed");
    expect(await row(viewer, "changed.bin").innerText()).toContain("SHA-256");
    expect(story.names()).toEqual([]);
    await row(viewer, "changed.bin").getByRole("button", { name: "again" }).click();
    await untilState(viewer, "changed.bin", "done");
    expect(await sha256Of(join(story.there, "changed.bin"))).toBe(await sha256Of(path));
  },
  LARGE_MS,
);

test("what the agent does not know any more rests with the reason, and goes on with the next session", async () => {
  const viewer = await story.connect();
  const path = story.write("stale.bin", MB);
  let isStale = true;
  await viewer.page.route("**/transfer/files/**", (route) =>
    isStale ? route.fulfill({ status: 401, body: "The session of this transfer is over." }) : route.continue(),
  );
  await drop(viewer, path);
  await untilState(viewer, "stale.bin", "paused");
  expect(await row(viewer, "stale.bin").innerText()).toContain("session of this transfer is over");
  isStale = false;
  await story.desktop.restartAgent();
  await untilState(viewer, "stale.bin", "done");
  expect(await sha256Of(join(story.there, "stale.bin"))).toBe(await sha256Of(path));
});

test("a name that is taken is asked about: replace, keep both, skip", async () => {
  const viewer = await story.connect();
  mkdirSync(story.there);
  for (const name of ["a.txt", "b.txt", "c.txt", "d.txt", "e.txt"]) writeFileSync(join(story.there, name), "old");
  const conflict = viewer.byTestId("file-conflict");
  const answer = async (name: string, button: string) => {
    await drop(viewer, story.write(name, `new ${name}`));
    await conflict.getByText(name).waitFor();
    expect(story.text(name)).toBe("old");
    await conflict.getByRole("button", { name: button }).click();
    await conflict.waitFor({ state: "detached" });
  };
  await answer("a.txt", "Replace it");
  await untilState(viewer, "a.txt", "done");
  await answer("b.txt", "Keep both");
  await untilState(viewer, "b.txt", "done");
  await answer("c.txt", "Skip");
  expect(await stateOf(viewer, "c.txt")).toBeUndefined();
  await drop(viewer, story.write("d.txt", "new d"), story.write("e.txt", "new e"));
  await conflict.getByRole("checkbox").check();
  await conflict.getByRole("button", { name: "Replace it" }).click();
  await untilState(viewer, "d.txt", "done");
  await untilState(viewer, "e.txt", "done");
  expect(["a.txt", "b.txt", "b (2).txt", "c.txt", "d.txt", "e.txt"].map((name) => story.text(name))).toEqual([
    "new a.txt",
    "old",
    "new b.txt",
    "old",
    "new d",
    "new e",
  ]);
  expect(parts()).toEqual([]);
});

test("a file that I give up leaves nothing behind", async () => {
  const viewer = await story.connect();
  let puts = 0;
  await viewer.page.route("**/transfer/files/**", async (route) => {
    if (route.request().method() === "PUT") puts += 1;
    if (puts < 3 || route.request().method() === "DELETE") await route.continue();
  });
  await drop(viewer, story.write("long.bin", 20 * MB));
  await until("some of it", () => puts === 3 && parts().length === 1);
  await row(viewer, "long.bin").getByRole("button", { name: "Give up" }).click();
  await until("nothing", () => story.names().length === 0);
  expect(await row(viewer, "long.bin").count()).toBe(0);
});

/** Runs in the page: of the first bytes that it sends, one becomes another. */
function spoilFirst(): void {
  const native = window.fetch;
  let spoilt = false;
  window.fetch = async (input, init) => {
    const { method, body } = init ?? {};
    if (spoilt || method !== "PUT" || !(body instanceof Blob)) return native(input, init);
    spoilt = true;
    const bytes = new Uint8Array(await body.arrayBuffer());
    bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    return native(input, { ...init, body: bytes });
  };
}

test("bytes that change on the way never get the name", async () => {
  const viewer = await story.connect({ beforeClient: spoilFirst });
  const path = story.write("fragile.bin", MB);
  await drop(viewer, path);
  await untilState(viewer, "fragile.bin", "failed");
  expect(await row(viewer, "fragile.bin").innerText()).toContain("SHA-256");
  expect(story.names()).toEqual([]);
  await row(viewer, "fragile.bin").getByRole("button", { name: "again" }).click();
  await untilState(viewer, "fragile.bin", "done");
  expect(await sha256Of(join(story.there, "fragile.bin"))).toBe(await sha256Of(path));
});
