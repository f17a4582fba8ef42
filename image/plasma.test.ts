// KDE Plasma in a session, as a user sees it: panel and wallpaper on the screen, nothing that locks, saves power or indexes, an orderly end.

import { execFileSync, spawnSync } from "node:child_process";
import { basename } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandLine } from "../test/harness/processes.ts";
import { type Session, startSession } from "../test/harness/session.ts";
import { until } from "../test/harness/until.ts";
import { type Colour, XScreen } from "../test/harness/x-screen.ts";

const WIDTH_PX = 1280;
const HEIGHT_PX = 720;

interface Place {
  readonly xPx: number;
  readonly yPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

let session: Session;
let screen: XScreen;

beforeAll(async () => {
  const startedMs = performance.now();
  session = await startSession({ desktop: "plasma", awaitAgent: false });
  process.env["XAUTHORITY"] = session.xauthority;
  screen = await XScreen.open(session.display);
  await until("Plasma's panel", () => findPanel() !== undefined, { limitMs: 60_000 });
  console.log(`Plasma's panel is up ${Math.round(performance.now() - startedMs)} ms after the session was started`);
});
afterAll(async () => {
  await screen?.close();
  await session?.close();
  delete process.env["XAUTHORITY"];
});

/** What a program of x11-utils says; "" when the window or the property is not there (yet). */
const ask = (...argv: string[]): string =>
  spawnSync(argv[0] ?? "", argv.slice(1), { env: session.programEnv, encoding: "utf8" }).stdout;

/** Plasma's dock window by the window manager's list, in coordinates of the screen. */
function findPanel(): Place | undefined {
  for (const id of ask("xprop", "-root", "_NET_CLIENT_LIST").match(/0x[0-9a-f]+/g) ?? []) {
    const properties = ask("xprop", "-id", id, "WM_CLASS", "_NET_WM_WINDOW_TYPE");
    if (!properties.includes('"plasmashell"') || !properties.includes("_NET_WM_WINDOW_TYPE_DOCK")) continue;
    const info = ask("xwininfo", "-id", id);
    const number = (label: string) => Number(new RegExp(`${label}: +(-?\\d+)`).exec(info)?.[1]);
    return {
      xPx: number("Absolute upper-left X"),
      yPx: number("Absolute upper-left Y"),
      widthPx: number("Width"),
      heightPx: number("Height"),
    };
  }
  return undefined;
}

/** Pixels along a horizontal line, every 16 px. */
async function line(yPx: number): Promise<Colour[]> {
  const colours: Colour[] = [];
  for (let xPx = 8; xPx < WIDTH_PX; xPx += 16) colours.push(await screen.pixel(xPx, yPx));
  return colours;
}

const distinct = (colours: readonly Colour[]): number => new Set(colours.map(String)).size;
const brightness = ([red, green, blue]: Colour): number => (red + green + blue) / 3;

test("the panel lies along the bottom edge, over the whole width", () => {
  const panel = findPanel();
  expect(panel).toMatchObject({ xPx: 0, widthPx: WIDTH_PX });
  expect((panel?.yPx ?? 0) + (panel?.heightPx ?? 0)).toBe(HEIGHT_PX);
  expect(panel?.heightPx).toBeGreaterThan(30);
});

test("the wallpaper is painted, with the panel before it and icons on the panel", async () => {
  const panel = findPanel();
  const middlePx = (panel?.yPx ?? 0) + Math.round((panel?.heightPx ?? 0) / 2);
  await until("a wallpaper of many colours", async () => distinct(await line(HEIGHT_PX >> 1)) > 20);
  await until("icons on the panel", async () => distinct(await line(middlePx)) > 5);
  const colours = await line(middlePx);
  const bright = colours.filter((colour) => brightness(colour) > 200).length;
  expect(bright / colours.length).toBeGreaterThan(0.7);
});

test("no locker, power manager, indexer, splash or authorisation prompt runs", async () => {
  const names = session.pids().map((pid) => basename(commandLine(pid)[0] ?? ""));
  expect(names).toEqual(expect.arrayContaining(["plasmashell", "kwin_x11", "ksmserver"]));
  const unwanted = /^(kscreenlocker|org_kde_powerdevil|baloo_file|baloorunner|ksplash|polkit-kde|kaccess|gmenudbus)/;
  expect(names.filter((name) => unwanted.test(name))).toEqual([]);
});

test("windows are not composited", () => {
  const answer = execFileSync(
    "dbus-send",
    "--session --print-reply=literal --dest=org.kde.KWin /Compositor org.freedesktop.DBus.Properties.Get"
      .split(" ")
      .concat("string:org.kde.kwin.Compositing", "string:active"),
    { env: session.programEnv, encoding: "utf8" },
  );
  expect(answer).toMatch(/boolean false/);
});

test("asked to end, Plasma logs out by itself and leaves no process behind", async () => {
  await screen.close();
  await session.stop();
  expect(session.log("desktop")).toMatch(/desktop ended: exit status 0, signal 0/);
  expect(session.pids()).toEqual([]);
});
