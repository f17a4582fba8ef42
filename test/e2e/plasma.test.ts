// Story: the real KDE Plasma desktop, streamed: its panel is in the picture, a click opens its menu, and a terminal that I
// open runs what I type. Leaves test/output/plasma.png, the picture of the README.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HeadlessBrowser } from "../harness/browser.ts";
import { DesktopPage } from "../harness/desktop-page.ts";
import { whyNoOtherUser } from "../harness/other-user.ts";
import { coloursInRow } from "../harness/picture-rows.ts";
import { type Session, startSession } from "../harness/session.ts";
import { until } from "../harness/until.ts";
import { XScreen, type XWindow } from "../harness/x-screen.ts";

const WIDTH_PX = 1600;
const HEIGHT_PX = 900;
/** Belongs to nobody on the machine, as in a container whose user id the cluster chooses. */
const ORDINARY_UID = 61_844;
const OUTPUT = fileURLToPath(new URL("../output/", import.meta.url));
/** Start-up file of the desktop's shell: says when it reads, and knows a command that shows colours. */
const SHELL = `
PS1='\\[\\e[1;32m\\]user@eglantine\\[\\e[0m\\]:\\[\\e[1;34m\\]\\w\\[\\e[0m\\]\\$ '
palette() { for i in {16..231}; do printf '\\e[48;5;%dm  \\e[0m' "$i"; (( (i - 15) % 36 )) || echo; done; }
: > ~/ready
`;
/** Why the session runs as whoever runs the tests. */
const asOwnUser = whyNoOtherUser(ORDINARY_UID);
let session: Session;
let browser: HeadlessBrowser;
let screen: XScreen;
let viewer: DesktopPage;

beforeAll(async () => {
  const env = { ENABLE_BASIC_AUTH: "false", SIZEW: `${WIDTH_PX}`, SIZEH: `${HEIGHT_PX}` };
  session = await startSession({ desktop: "plasma", env, ...(asOwnUser === undefined ? { uid: ORDINARY_UID } : {}) });
  writeFileSync(join(session.home, ".bashrc"), SHELL);
  browser = await HeadlessBrowser.start();
  process.env["XAUTHORITY"] = session.xauthority;
  screen = await XScreen.open(session.display);
  viewer = await DesktopPage.connect(browser, session.url, {
    widthPx: WIDTH_PX,
    heightPx: HEIGHT_PX,
    query: { stats: "true" },
  });
});
afterAll(async () => {
  await screen?.close();
  await browser?.close();
  await session?.close();
});

const isPanel = ({ isDock, widthPx }: XWindow) => isDock && widthPx > WIDTH_PX / 2;
/** Plasma's menu, not the tooltip above its button. */
const isMenu = ({ name, widthPx, heightPx }: XWindow) =>
  name.startsWith("plasmashell") && heightPx > 300 && widthPx < WIDTH_PX;

async function clickLauncher(): Promise<void> {
  const { xPx, yPx, heightPx } = await screen.windowWhere("Plasma's panel", isPanel);
  const launcher = { xPx: xPx + Math.round(heightPx / 2), yPx: yPx + Math.round(heightPx / 2) };
  await viewer.movePointer(launcher.xPx, launcher.yPx);
  await viewer.button("press", "left", launcher);
  await viewer.button("release", "left", launcher);
}

const coloursIn = (yPx: number): Promise<number> => coloursInRow(viewer, WIDTH_PX, yPx);

test("the panel is a window at the lower edge and is in the received picture, under a wallpaper", async () => {
  const panel = await screen.windowWhere("Plasma's panel", isPanel, 60_000);
  expect(panel.yPx + panel.heightPx).toBe(HEIGHT_PX);
  const middle = Math.round(panel.yPx + panel.heightPx / 2);
  await until("icons on the panel in the picture", async () => (await coloursIn(middle)) > 8, { limitMs: 30_000 });
  await until("a wallpaper in the picture", async () => (await coloursIn(HEIGHT_PX / 2)) > 8, { limitMs: 30_000 });
});

test("Konsole, opened with the keyboard, runs what is typed", async () => {
  const isKRunner = ({ name }: XWindow) => name.startsWith("krunner");
  // Plasma takes its shortcuts some seconds after its panel is there, and a second Alt+F2 would close what the first opened.
  await until(
    "KRunner",
    async () => {
      await viewer.page.keyboard.press("Alt+F2");
      return screen.windowWhere("KRunner", isKRunner, 3000).then(
        () => true,
        () => false,
      );
    },
    { limitMs: 30_000 },
  );
  await viewer.type("konsole");
  await viewer.page.keyboard.press("Enter");
  await screen.windowWhere("Konsole", ({ name }) => name.startsWith("konsole"));
  await until("a shell that reads", () => typed("ready") !== undefined, { limitMs: 30_000 });
  await viewer.type("echo $((6 * 7)), typed in the browser | tee typed; palette");
  await viewer.page.keyboard.press("Enter");
  await until("what was typed", () => typed("typed") === "42, typed in the browser\n");
});

test("a click on the launcher opens the application menu, and Escape closes it", async () => {
  await clickLauncher();
  const menu = await screen.windowWhere("the menu", isMenu);
  await until("the menu in the picture", async () => (await coloursIn(menu.yPx + (menu.heightPx >> 1))) > 8);
  await until("a still picture", async () => {
    const before = await viewer.framesPresented();
    await new Promise((resolve) => setTimeout(resolve, 500));
    return (await viewer.framesPresented()) === before;
  });
  mkdirSync(OUTPUT, { recursive: true });
  await viewer.byTestId("stats-overlay").waitFor();
  await viewer.page.screenshot({ path: join(OUTPUT, "plasma.png") });
  await viewer.page.keyboard.press("Escape");
  await until("no menu", async () => !(await screen.windows()).some(isMenu));
});

/** A file of the desktop's home. */
function typed(name: string): string | undefined {
  try {
    return readFileSync(join(session.home, name), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
