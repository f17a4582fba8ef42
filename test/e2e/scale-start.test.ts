// Story: I come with a sharp screen while Plasma is still starting, and when its desktop crashes under me: it is as large as it should be
// each time, with one shell and one window manager.

import { basename } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HeadlessBrowser } from "../harness/browser.ts";
import { DesktopPage } from "../harness/desktop-page.ts";
import { commandLine } from "../harness/processes.ts";
import { type Session, startSession } from "../harness/session.ts";
import { until } from "../harness/until.ts";
import { resourceOf } from "../harness/x-programs.ts";
import { XScreen } from "../harness/x-screen.ts";

const TEST_MS = 150_000;
const PATIENTLY = { limitMs: 120_000, everyMs: 250 };
/** Plasma's usual panel is 44 to 48 pixels high, by the font. */
const LARGE_PX = 86;
let session: Session;
let browser: HeadlessBrowser;
let screen: XScreen;

beforeAll(async () => {
  browser = await HeadlessBrowser.start();
  session = await startSession({ desktop: "plasma", env: { ENABLE_BASIC_AUTH: "false" } });
  process.env["XAUTHORITY"] = session.xauthority;
  screen = await XScreen.open(session.display);
});
afterAll(async () => {
  await screen?.close();
  await browser?.close();
  await session?.close();
  delete process.env["XAUTHORITY"];
});

const running = (name: string) => session.pids().filter((pid) => basename(commandLine(pid)[0] ?? "") === name);

/** The panel is there, large, at the lower edge, and has been for some looks. */
async function largePanel(): Promise<void> {
  let seen: unknown;
  let looks = 0;
  const stands = async () => {
    const panel = (await screen.windows()).find(({ isDock, widthPx }) => isDock && widthPx === 1920);
    seen = panel;
    const right = panel !== undefined && panel.heightPx >= LARGE_PX && panel.yPx + panel.heightPx === 1200;
    looks = right && running("plasmashell").length === 1 && running("kwin_x11").length === 1 ? looks + 1 : 0;
    return looks >= 12;
  };
  await until("a large panel", stands, PATIENTLY).catch((error: unknown) => {
    throw new Error(
      `${JSON.stringify(seen)} ${running("plasmashell").length}\n${session.log("desktop").slice(-1500)}`,
      {
        cause: error,
      },
    );
  });
}

test(
  "who comes before the panel does gets a large one",
  async () => {
    await DesktopPage.connect(browser, session.url, { widthPx: 960, heightPx: 600, devicePixelRatio: 2 });
    expect(running("plasmashell").length).toBeLessThanOrEqual(1);
    await largePanel();
  },
  TEST_MS,
);

test(
  "a desktop that crashed and is started again is as large as before",
  async () => {
    const [before] = running("plasmashell");
    process.kill(session.servicePid("desktop") ?? -1, "SIGKILL");
    await until("the old shell gone", () => !running("plasmashell").includes(before ?? 0), PATIENTLY);
    await largePanel();
    expect(resourceOf(session.display, "Xft.dpi")).toBe("192");
  },
  TEST_MS,
);
