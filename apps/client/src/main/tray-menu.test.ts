import { expect, it } from "vitest";
import { afterLastWindow, trayMenu } from "./tray-menu.ts";

const WORDS = { home: "Home", quit: "Quit" };

it("holds the desktops that were used last, home and quit", () => {
  const desktops = Array.from({ length: 10 }, (_, index) => ({
    id: `d${index}`,
    name: `Desk ${index}`,
    lastUsedMs: index,
  }));
  const menu = trayMenu(desktops, WORDS);
  expect(menu.map((entry) => entry?.label)).toEqual([
    ...[9, 8, 7, 6, 5, 4, 3, 2].map((index) => `Desk ${index}`),
    undefined,
    "Home",
    "Quit",
  ]);
  expect(menu[0]?.action).toEqual({ kind: "desktop", id: "d9" });
});

it("begins with home where there is no desktop, and takes any name", () => {
  expect(trayMenu([], WORDS).map((entry) => entry?.action.kind)).toEqual(["home", "quit"]);
  const [first] = trayMenu([{ id: "x", name: `R&D ${"n".repeat(100)}`, lastUsedMs: 0 }], WORDS);
  expect(first?.label).toBe(`R&&D ${"n".repeat(55)}…`);
});

it("stays without a window only where it can be reached", () => {
  const keepInTray = true;
  expect(afterLastWindow({ platform: "linux", keepInTray, trayHost: false })).toBe("quit");
  expect(afterLastWindow({ platform: "linux", keepInTray, trayHost: true })).toBe("stay");
  expect(afterLastWindow({ platform: "win32", keepInTray: false, trayHost: true })).toBe("quit");
  expect(afterLastWindow({ platform: "darwin", keepInTray: false, trayHost: false })).toBe("stay");
});
