// Story: I play a Windows game of 32 bits with the gamepad in my hands, on the image that has Wine, without any right. Outside of the usual tests' time:
// EGLANTINE_TEST_FULL=1 builds the target `full` (some ten minutes) and runs this. The game is image/gamepad/test/wine-pads.c.

import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HeadlessBrowser } from "../../test/harness/browser.ts";
import { DesktopPage } from "../../test/harness/desktop-page.ts";
import { ScriptedPads, scriptPads } from "../../test/harness/scripted-pads.ts";
import { until } from "../../test/harness/until.ts";
import type { Container } from "./container.ts";
import { BUILD_WITHIN_MS, Engine } from "./engine.ts";
import { CONFINED } from "./services.ts";

const SOURCE = fileURLToPath(new URL("../gamepad/test/wine-pads.c", import.meta.url));
const COMPILER = "i686-w64-mingw32-gcc";
const PASSWORD = "to the game";
/** Wine makes its folder first, for every program that is new to it. */
const SLOW = { limitMs: 240_000, everyMs: 250 };
const GAME = `sh -c 'until [ -e /tmp/plugged ]; do sleep 0.2; done; wine /games/wine-pads.exe > /tmp/pads 2> /tmp/wine; exec sleep 1000'`;

/** Why this is not run; undefined when it is. */
function whyNot(): string | undefined {
  if (process.env["EGLANTINE_TEST_FULL"] !== "1") return "EGLANTINE_TEST_FULL=1 is not set";
  if (process.arch !== "x64") return "the image has Wine on amd64 alone";
  if (spawnSync(COMPILER, ["--version"]).status !== 0)
    return `${COMPILER} is not installed (Debian package gcc-mingw-w64-i686)`;
  return undefined;
}

const why = whyNot();
if (why !== undefined) console.log(`skipped: gamepads in 32-bit Wine (${why})`);
const engine = why === undefined ? await Engine.open() : undefined;
const games = mkdtempSync(join(tmpdir(), "eglantine-games-"));
let browser: HeadlessBrowser;
let container: Container;

describe.skipIf(engine === undefined)("the image with Wine", () => {
  beforeAll(async () => {
    const built = spawnSync(COMPILER, ["-O2", "-o", join(games, "wine-pads.exe"), SOURCE, "-lwinmm"], {
      encoding: "utf8",
    });
    expect(built.stderr).toBe("");
    chmodSync(games, 0o755);
    const image = (await engine?.image("full")) ?? "";
    // Wine's own folder, from which it loads programs.
    const home = (await engine?.volume(image, { uid: 1000, gid: 1000 })) ?? "";
    container = await (engine as Engine).run({
      image,
      flags: [...CONFINED, "--volume", `${home}:/home/user:nocopy`, "--volume", `${games}:/games:ro`],
      env: { BASIC_AUTH_PASSWORD: PASSWORD, EGLANTINE_DESKTOP: GAME, EGLANTINE_GAMEPAD: "interposer" },
    });
    await container.untilReady();
    browser = await HeadlessBrowser.start();
  }, BUILD_WITHIN_MS);
  afterAll(async () => {
    await browser?.close();
    await engine?.close();
    rmSync(games, { recursive: true, force: true });
  });

  test("runs a program of 32 bits that finds my gamepad and feels its buttons", { timeout: 300_000 }, async () => {
    const viewer = await DesktopPage.connect(browser, container.url, {
      user: "user",
      password: PASSWORD,
      beforeClient: scriptPads,
    });
    const pads = new ScriptedPads(viewer);
    await pads.plug(0);
    await container.exec("touch", "/tmp/plugged");
    const said = async () => (await container.tryExec(["cat", "/tmp/pads"])).stdout;
    await until("the program finds it", async () => /^joystick 0: .* 045e:028e /m.test(await said()), SLOW);
    await pads.set(0, { held: [1] });
    await until("its second button", async () => / buttons 2 /.test(await said()));
    await viewer.close();
  });
});
