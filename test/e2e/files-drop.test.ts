// Story: I drag files from my computer onto a program of the desktop, and that program gets them; where none takes them they are in my folder there.

import { readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DesktopPage } from "../harness/desktop-page.ts";
import { FileDrag } from "../harness/drop.ts";
import { DropTarget, type DropTargetOptions } from "../harness/drop-target.ts";
import { until } from "../harness/until.ts";
import { FileStory, sha256Of, untilState } from "./file-story.ts";

const PASSWORDS = { ENABLE_BASIC_AUTH: "true", BASIC_AUTH_PASSWORD: "master key", NOVNC_VIEWPASS: "eyes only" };
const MB = 1e6;
const PLACE = { xPx: 100, yPx: 100, widthPx: 500, heightPx: 400 };
const story = new FileStory();
let targets: DropTarget[] = [];

beforeEach(() => story.begin());
afterEach(async () => {
  for (const target of targets) await target.close();
  targets = [];
  await story.close();
});

async function target(options: Partial<DropTargetOptions> = {}): Promise<DropTarget> {
  const opened = await DropTarget.open({ display: story.desktop.display, ...PLACE, ...options });
  targets.push(opened);
  return opened;
}

/** At this pixel of the desktop. */
async function dropAt(viewer: DesktopPage, xPx: number, yPx: number, ...paths: readonly string[]): Promise<void> {
  const { x, y } = await viewer.onPage(xPx, yPx);
  const at = { xPx: x, yPx: y };
  await (await FileDrag.begin(viewer.page, paths, at)).drop(at);
}

const notice = async (viewer: DesktopPage) =>
  (await viewer.byTestId("notice").count()) === 0 ? "" : viewer.byTestId("notice").innerText();
const addressesOf = ({ dropped }: DropTarget) => dropped.map((list) => list.trim().split("\r\n"));

test("the program under the pointer gets what I drop, when all of it is there", async () => {
  const viewer = await story.connect();
  const program = await target();
  const paths = [story.write("Grüße #1.bin", 3 * MB), story.write("two.txt", "two")];
  await dropAt(viewer, 300, 250, ...paths);
  await until("the drop", () => program.dropped.length === 1);
  const [addresses = []] = addressesOf(program);
  const come = addresses.map((address) => fileURLToPath(address));
  expect(new Set(come)).toEqual(new Set(["Grüße #1.bin", "two.txt"].map((name) => join(story.there, name))));
  expect(await sha256Of(join(story.there, "Grüße #1.bin"))).toBe(await sha256Of(paths[0] ?? ""));
  await until("a word about it", async () => (await notice(viewer)).includes("has got them"));
  // Its pointer is there too, for menus that the program opens.
  expect(await story.desktop.screen.pointer()).toMatchObject({ xPx: 300, yPx: 250 });
});

test("of a folder it gets the folder, and of a name that was taken the one that it has now", async () => {
  const viewer = await story.connect();
  const program = await target({ manner: "late" });
  story.write("album/summer/one.txt", "one");
  story.write("album/two.txt", "two");
  await dropAt(viewer, 300, 250, join(story.here, "album"));
  await until("the folder", () => program.dropped.length === 1);
  expect(addressesOf(program)[0]).toEqual([pathToFileURL(join(story.there, "album")).href]);
  story.writeThere("taken.txt", "old");
  await dropAt(viewer, 300, 250, story.write("taken.txt", "new"));
  await viewer.byTestId("file-conflict").getByRole("button", { name: "Keep both" }).click();
  await until("the file", () => program.dropped.length === 2);
  const [address = ""] = addressesOf(program)[1] ?? [];
  expect(readFileSync(fileURLToPath(address), "utf8")).toBe("new");
  expect(address).toMatch(/taken%20\(2\)\.txt$/);
});

test.each(["refuses", "silent"] as const)(
  "a program that %s leaves them in the folder, which I am told",
  async (manner) => {
    const viewer = await story.connect();
    const program = await target({ manner });
    await dropAt(viewer, 300, 250, story.write("one.txt", "one"));
    await until("the sentence", async () => (await notice(viewer)).includes("did not take them"));
    expect(program.dropped).toEqual([]);
    expect(program.heard.at(-1)).toBe("XdndLeave");
    expect(story.text("one.txt")).toBe("one");
  },
);

test("beside every program they come to the folder, and no program hears of them", async () => {
  const viewer = await story.connect();
  const program = await target();
  await dropAt(viewer, 800, 600, story.write("one.txt", "one"));
  await untilState(viewer, "one.txt", "done");
  // One that is dropped on it later is the first that it hears of.
  await dropAt(viewer, 300, 250, story.write("two.txt", "two"));
  await until("the second", () => program.dropped.length === 1);
  expect(program.heard.filter((name) => name === "XdndEnter")).toHaveLength(1);
  expect(addressesOf(program)[0]).toHaveLength(1);
});

test("another program that has come there meanwhile gets nothing", async () => {
  const viewer = await story.connect();
  const program = await target();
  let goOn = (): void => undefined;
  const gate = new Promise<void>((resolve) => (goOn = resolve));
  await viewer.page.route("**/transfer/files/**", async (route) => {
    if (route.request().method() === "PUT") await gate;
    await route.continue();
  });
  await dropAt(viewer, 300, 250, story.write("one.txt", "one"));
  const other = await target();
  goOn();
  await until("the sentence", async () => (await notice(viewer)).includes("did not take them"));
  expect([program.dropped, other.dropped]).toEqual([[], []]);
  expect(story.text("one.txt")).toBe("one");
});

test("what a viewer makes up is dropped nowhere, and one that may only watch drops nothing", async () => {
  await story.open(PASSWORDS);
  const program = await target();
  const raw = await story.raw("master key");
  story.writeThere("one.txt", "one");
  const give = (drop: number, ...names: readonly string[]) =>
    raw.send({ type: "dropFiles", drop, files: [{ names: [...names] }] });
  const aim = (drop: number) => raw.send({ type: "dropAim", drop, xPx: 300, yPx: 250 });
  // Not aimed at, outside of the folder, not there.
  give(1, "one.txt");
  aim(2);
  give(2, "..", "here");
  aim(3);
  give(3, "none.txt");
  aim(4);
  give(4, "one.txt");
  await until("the honest one", () => program.dropped.length === 1);
  expect(addressesOf(program)).toEqual([[pathToFileURL(join(story.there, "one.txt")).href]]);
  // Twice is one time too many.
  give(4, "one.txt");
  const watcher = await story.raw("eyes only");
  watcher.send({ type: "dropAim", drop: 1, xPx: 300, yPx: 250 });
  watcher.send({ type: "dropFiles", drop: 1, files: [{ names: ["one.txt"] }] });
  watcher.send({ type: "clipboard", serial: 1, types: [] });
  await until("an answer to what it said last", () => watcher.find("notice") !== undefined);
  expect(program.dropped).toHaveLength(1);
  expect(story.desktop.agentIsAlive()).toBe(true);
});
