// The monitors of an X display, as its programs see them: RandR's list, by `xrandr`.

import { execFileSync } from "node:child_process";

/** Each as "800x600+0+0", in RandR's order. `xauthority`: the server's cookie, where it wants one. */
export function monitorsOf(display: string, xauthority?: string): string[] {
  const env = { ...process.env, ...(xauthority === undefined ? {} : { XAUTHORITY: xauthority }) };
  const said = execFileSync("xrandr", ["--display", display, "--listmonitors"], { encoding: "utf8", env });
  // " 1: +VNC-1 800/212x600/159+1000+0  VNC-1"
  return [...said.matchAll(/ (\d+)\/\d+x(\d+)\/\d+\+(\d+)\+(\d+)/g)].map(
    ([, width, height, x, y]) => `${width}x${height}+${x}+${y}`,
  );
}
