// What the X server's own tools say of the screen and its resources, and how large a real program draws itself there.

import { execFileSync, spawnSync } from "node:child_process";
import { Process } from "./processes.ts";
import { until } from "./until.ts";
import type { XScreen } from "./x-screen.ts";

/** A resource of the database, as `xrdb -query` shows it; undefined where it is not set. */
export function resourceOf(display: string, name: string): string | undefined {
  const lines = execFileSync("xrdb", ["-display", display, "-query"], { encoding: "utf8" }).split("\n");
  const line = lines.find((one) => one.startsWith(`${name}:`));
  return line?.slice(name.length + 1).trim();
}

/** Sets resources beside those that are there, as a desktop's settings do. */
export function mergeResources(display: string, text: string): void {
  execFileSync("xrdb", ["-display", display, "-nocpp", "-merge"], { input: text });
}

/** Dots an inch by the screen's pixels and millimetres, as xdpyinfo reckons. */
export function screenDpi(display: string): number {
  const said = spawnSync("xdpyinfo", ["-display", display], { encoding: "utf8" }).stdout;
  return Number(/resolution: +(\d+)x\d+ dots per inch/.exec(said)?.[1]);
}

/** Of the mode in use, Hz, as xrandr shows it. */
export function screenRate(display: string): number {
  const said = execFileSync("xrandr", ["--display", display], { encoding: "utf8" });
  return Number(/ (\d+\.\d+)\*/.exec(said)?.[1]);
}

/** Starts an xterm of 30 columns of an Xft font, and ends it when it is measured. */
export async function xtermWidthPx(display: string, screen: XScreen): Promise<number> {
  const xterm = new Process(
    ["xterm", "-display", display, "-fa", "DejaVu Sans Mono", "-fs", "16", "-geometry", "30x3+0+0"].concat(
      "-e",
      "sleep",
      "1000",
    ),
  );
  try {
    const find = async () => (await screen.windows()).find(({ name }) => name.startsWith("xterm "));
    await until("a terminal", async () => (await find()) !== undefined);
    return (await find())?.widthPx ?? 0;
  } finally {
    await xterm.close();
    await until("no terminal", async () => !(await screen.windows()).some(({ name }) => name.startsWith("xterm ")));
  }
}
