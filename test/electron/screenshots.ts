// The README's pictures, of the application's real screens: `pnpm screenshots` makes them anew, in apps/client/screenshots. The home with a desktop that runs,
// the launcher, that desktop (KDE Plasma in a session of its own), and the settings; in Chromium, with the real shell behind the page.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { PNG } from "pngjs";
import { SmallEngine } from "../../apps/client/src/main/launcher/testing/small-engine.ts";
import { coloursInRow } from "../harness/picture-rows.ts";
import { DesktopPage } from "../harness/desktop-page.ts";
import { startSession } from "../harness/session.ts";
import { ShellBench } from "../harness/shell-page.ts";
import { until } from "../harness/until.ts";
import { HomePage } from "./home-page.ts";

const FOLDER = fileURLToPath(new URL("../../apps/client/screenshots", import.meta.url));
const SIZE = { width: 1280, height: 800 };
/** Nobody is there: they are seen as what is away. */
const OTHERS = [
  { name: "Render farm", target: { kind: "pod", context: "studio", namespace: "desktops", name: "eglantine-0" } },
  { name: "Lab machine", target: { kind: "ssh", destination: "ada@lab.example", agent: "127.0.0.1:8080" } },
  { name: "Games", target: { kind: "container", engine: "default", container: "eglantine-games" } },
] as const;

async function take(page: Page, name: string): Promise<void> {
  const path = join(FOLDER, `${name}.png`);
  const picture = PNG.sync.read(await page.screenshot({ animations: "disabled" }));
  // Half as large without the two lowest bits of each colour, which nobody sees.
  for (const [at, value] of picture.data.entries()) picture.data[at] = (value & 0xfc) | (value >> 6);
  writeFileSync(path, PNG.sync.write(picture, { deflateLevel: 9, colorType: 2 }));
  process.stdout.write(`${path} (${Math.round(readFileSync(path).length / 1024)} KB)\n`);
}

/** Nothing of the page changes any more. */
async function untilStill(page: Page): Promise<void> {
  let last = "";
  await until(
    "a still page",
    async () => {
      const before = last;
      last = (await page.screenshot()).toString("base64");
      return last === before;
    },
    { everyMs: 400 },
  );
}

const ends: (() => Promise<void>)[] = [];
try {
  // Where no engine is named, one of its own.
  const engine = process.env["DOCKER_HOST"] === undefined ? await SmallEngine.open() : undefined;
  if (engine !== undefined) ends.push(() => engine.close());
  const env = { DOCKER_HOST: process.env["DOCKER_HOST"] ?? `unix://${engine?.socket}` };
  const bench = await ShellBench.start({ env });
  ends.push(() => bench.close());
  const session = await startSession({
    desktop: "plasma",
    env: {
      SIZEW: `${SIZE.width}`,
      SIZEH: `${SIZE.height}`,
      ENABLE_BASIC_AUTH: "false",
      EGLANTINE_ALLOWED_ORIGINS: new URL(bench.channel.url).origin,
    },
  });
  ends.push(() => session.close());
  for (const { name, target } of OTHERS) await bench.parts.desktops.save({ name, user: "ada", target });
  const page = await bench.open();
  await page.setViewportSize(SIZE);
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  const home = new HomePage(page);
  await home.add(session.url, "Workshop");
  const desktop = DesktopPage.around(page);
  await desktop.waitForPicture();
  await until("Plasma", async () => (await coloursInRow(desktop, SIZE.width, SIZE.height - 22)) > 8, {
    limitMs: 60_000,
  });
  await until("a wallpaper", async () => (await coloursInRow(desktop, SIZE.width, SIZE.height / 2)) > 8, {
    limitMs: 60_000,
  });
  await page.getByTestId("toolbar-handle").click();
  await untilStill(page);
  await take(page, "desktop");
  await page.getByTestId("go-home").click();
  await home.shown();
  await page.getByTestId("desktop-picture").waitFor();
  await until(
    "how the desktop is",
    async () => (await home.card("Workshop").getByTestId("desktop-latency").count()) > 0,
  );
  await take(page, "home");
  for (const [place, shown, name] of [
    ["launch", "launch-form", "launcher"],
    ["settings", "all-settings", "settings"],
  ] as const) {
    await page.getByTestId(`place-${place}`).click();
    await page.getByTestId(shown).waitFor();
    await untilStill(page);
    await take(page, name);
  }
} finally {
  for (const end of ends.reverse()) await end();
}
