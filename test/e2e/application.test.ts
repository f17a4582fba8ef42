// Story: the desktop in the application: my screen stays on, its notifications are my system's, sleep is slept off, one chord gives me my keys back, a file is dragged out, and each of my
// screens gets a monitor. A real session, Chromium and the real shell; only what Electron itself would do is written down instead (README, *Verified*).

import { execFileSync } from "node:child_process";
import { EventEmitter } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Session, startSession } from "../harness/session.ts";
import { ShellBench } from "../harness/shell-page.ts";
import { SilentLink } from "../harness/silent-link.ts";
import { until } from "../harness/until.ts";

let session: Session;
let bench: ShellBench;
let page: Page | undefined;
let link: SilentLink | undefined;
/** What Electron would have been asked for. */
const asked: { readonly what: string; readonly value: unknown }[] = [];
const shown: { readonly title: string; readonly body: string; readonly events: EventEmitter }[] = [];
let freeScreens = 0;

const tell = (what: string, value: unknown): void => void asked.push({ what, value });
const lastOf = (what: string): unknown => asked.findLast((one) => one.what === what)?.value;

beforeAll(async () => {
  bench = await ShellBench.start({
    createNotification: (texts) => {
      const events = new EventEmitter();
      shown.push({ ...texts, events });
      return { show: () => undefined, close: () => undefined, on: (name, listener) => events.on(name, listener) };
    },
    powerBlocker: {
      start: (type) => {
        tell("awake", type);
        return 7;
      },
      stop: (id) => tell("awake", `stopped ${id}`),
    },
    windows: {
      focus: (window) => tell("focus", window),
      holdKeys: (_window, held) => tell("keys", held),
      startDrag: (_window, paths) => tell("drag", paths),
      countFreeScreens: () => freeScreens,
    },
  });
  const allowed = new URL(bench.channel.url).origin;
  session = await startSession({
    desktop: "dunst",
    env: { ENABLE_BASIC_AUTH: "false", EGLANTINE_ALLOWED_ORIGINS: allowed },
  });
});
afterAll(async () => {
  await session?.close();
  await bench?.close();
});
afterEach(async () => {
  await page?.context().close();
  page = undefined;
  await link?.close();
  link = undefined;
});

const state = (): Promise<string | undefined> | undefined =>
  page?.evaluate(() => document.documentElement.dataset["state"]);
const isIn = (expected: string): Promise<void> => until(expected, async () => (await state()) === expected);

/** A window with the session's desktop, by way of a link that can die. */
async function open(query = ""): Promise<Page> {
  link = await SilentLink.open(session.port);
  page = await bench.open(`?url=${encodeURIComponent(link.url)}${query}`);
  return page;
}

async function connected(): Promise<Page> {
  const opened = await open();
  await isIn("connected");
  return opened;
}

async function openTool(on: Page, name: string): Promise<void> {
  await on.keyboard.press("Control+Alt+Shift+KeyM");
  await on.getByTestId(name).click();
}

test("the computer's screen stays on while the desktop is shown, and no longer", async () => {
  const desktop = await connected();
  await until("awake", () => lastOf("awake") === "prevent-display-sleep");
  await desktop.close();
  await until("asleep again", () => lastOf("awake") === "stopped 7");
});

test("a notification of the desktop is the system's, and a click on it leads to the window", async () => {
  const desktop = await connected();
  const focus = await desktop.context().newCDPSession(desktop);
  await focus.send("Emulation.setFocusEmulationEnabled", { enabled: false });
  await (await desktop.context().newPage()).bringToFront();
  await until("no focus", () => desktop.evaluate(() => !document.hasFocus()));
  await until("the notification", () => {
    execFileSync("notify-send", ["--app-name=mail", "A letter", "from <i>Ada</i>"], {
      env: session.programEnv,
      timeout: 20_000,
    });
    return shown.some(({ title }) => title === "A letter");
  });
  const [one] = shown;
  expect(one).toMatchObject({ title: "A letter", body: "from Ada" });
  one?.events.emit("click");
  expect(lastOf("focus")).toEqual(expect.any(Number));
});

test("a computer that woke up has its desktop again, although nobody told the connection that it is dead", async () => {
  const desktop = await connected();
  await desktop.evaluate(() => {
    const states: (string | undefined)[] = [];
    Object.assign(globalThis, { eglantineTestStates: states });
    const { documentElement } = document;
    new MutationObserver(() => states.push(documentElement.dataset["state"])).observe(documentElement, {
      attributeFilter: ["data-state"],
    });
  });
  link?.goSilent();
  bench.channel.emit("resumed", undefined);
  await until("gone and back", async () => {
    const states = await desktop.evaluate(() => Reflect.get(globalThis, "eglantineTestStates") as string[]);
    return states.join(" ") === "reconnecting connected";
  });
});

test("one chord gives the system's keys back, is shown as long as they are held, and a click takes them again", async () => {
  const desktop = await connected();
  const hint = desktop.getByTestId("chord-hint");
  expect(await hint.count()).toBe(0);
  await openTool(desktop, "toggle-fullscreen");
  await hint.waitFor();
  expect(await hint.innerText()).toContain("Ctrl+Alt+Shift+M");
  expect(await bench.examine(desktop, "chord")).toEqual([]);
  await until("held", () => lastOf("keys") === true);
  await desktop.keyboard.press("Control+Alt+Shift+KeyM");
  await until("given back", () => lastOf("keys") === false);
  await desktop.getByTestId("toolbar").waitFor();
  expect(await hint.count()).toBe(0);
  await desktop.mouse.click(700, 500);
  await until("held again", () => lastOf("keys") === true);
  await hint.waitFor();
  await openTool(desktop, "toggle-fullscreen");
  await until("given back with the full screen", () => lastOf("keys") === false);
  await hint.waitFor({ state: "detached" });
});

test("a file is dragged out as soon as it is here, and with the next drag where it comes too late", async () => {
  const folder = join(session.home, "Downloads");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "letter.txt"), "Dear Ada");
  writeFileSync(join(folder, "late.txt"), "too late");
  const desktop = await connected();
  await openTool(desktop, "open-files");
  const row = (name: string) => desktop.locator(`[data-testid="desktop-entry"][data-name="${name}"]`);
  const drag = async (name: string): Promise<void> => {
    const box = await row(name).boundingBox();
    if (box === null) throw new Error(`${name} is not seen`);
    await desktop.mouse.move(box.x + 20, box.y + box.height / 2);
    await desktop.mouse.down();
    await desktop.mouse.move(box.x - 60, box.y + 120, { steps: 6 });
  };
  const dragged = (): string | undefined => (lastOf("drag") as readonly string[] | undefined)?.[0];
  await row("letter.txt").waitFor();
  await drag("letter.txt");
  await until("the drag", () => basename(dragged() ?? "") === "letter.txt");
  expect(readFileSync(dragged() ?? "", "utf8")).toBe("Dear Ada");
  await desktop.mouse.up();

  let go: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (go = resolve));
  await desktop.route(/\/transfer\/.*late\.txt/, async (route) => {
    await held;
    await route.continue();
  });
  await drag("late.txt");
  await desktop.mouse.up();
  go();
  await desktop.getByTestId("notice").getByText("late.txt is on this computer now").waitFor();
  expect(basename(dragged() ?? "")).toBe("letter.txt");
  await drag("late.txt");
  await until("the second drag", () => basename(dragged() ?? "") === "late.txt");
  await desktop.mouse.up();
});

test("each screen of this computer that is free gets a monitor of the desktop", async () => {
  const desktop = await connected();
  freeScreens = 2;
  const opened: Page[] = [];
  desktop.context().on("page", (further) => opened.push(further));
  await openTool(desktop, "fill-screens");
  await until("two windows", () => opened.length === 2);
  for (const further of opened)
    await until("a picture", () => further.evaluate(() => document.documentElement.dataset["state"] === "connected"));
  expect(new URL(opened[0]?.url() ?? "").searchParams.get("monitor")).toBe("true");
});

test("a page that died too often says so, and connects when I want it", async () => {
  const desktop = await open("&crashed=true");
  await desktop.getByTestId("crashed-page").waitFor();
  expect(await state()).not.toBe("connected");
  expect(await bench.examine(desktop, "crashed")).toEqual([]);
  await desktop.getByTestId("start-after-crash").click();
  await isIn("connected");
  expect(new URL(desktop.url()).searchParams.has("crashed")).toBe(false);
});
